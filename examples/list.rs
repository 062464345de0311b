//! Lists what is in a layer.
//!
//!     cargo run --example list -- LAYER [ANNOTATIONS]
//!
//! ANNOTATIONS is a JSON object: the annotations of the layer's descriptor. Without it the footer leads to the index, which then
//! nothing authenticates.

use std::{collections::BTreeMap, env, error::Error, fs, path::Path, process::ExitCode};

use chunkproof::{Authority, FileRange, Layer};

fn main() -> ExitCode {
    match list() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn list() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args_os().skip(1);
    let path = arguments.next().ok_or("usage: list LAYER [ANNOTATIONS]")?;
    let annotations: Option<BTreeMap<String, String>> = match arguments.next() {
        Some(path) => Some(serde_json::from_slice(&fs::read(path)?)?),
        None => None,
    };
    let authority = annotations
        .as_ref()
        .map_or(Authority::UnauthenticatedFooter, Authority::Annotations);

    let layer = Layer::open(FileRange::open(Path::new(&path))?, authority)?;
    for entry in layer.entries() {
        println!("{:8} {:10} {}", entry.kind.name(), entry.size, entry.path());
    }
    Ok(())
}
