//! Extracts one file of a layer to standard output, and reads only the ranges that it needs.
//!
//!     cargo run --example extract -- LAYER ANNOTATIONS PATH
//!
//! LAYER stands for a blob on a server: the program never reads it itself, but fetches ranges of it, as a client with requests
//! of its own does, and names each on standard error.

use std::{
    collections::BTreeMap,
    env,
    error::Error,
    fs,
    io::{self, Write as _},
    path::Path,
    process::ExitCode,
};

use chunkproof::{Authority, Extent, FileRange, Layer, OpenOptions, Prefetched, ReadAt as _};

fn main() -> ExitCode {
    match extract() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn extract() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [server, annotations, path] = arguments.as_slice() else {
        return Err("usage: extract LAYER ANNOTATIONS PATH".into());
    };
    let server = FileRange::open(Path::new(server))?;
    let annotations: BTreeMap<String, String> = serde_json::from_slice(&fs::read(annotations)?)?;
    let authority = Authority::Annotations(&annotations);

    let blob = Prefetched::new(server.size());
    let fetch = |extent: Extent| {
        eprintln!("bytes={}-{}", extent.offset(), extent.end().saturating_sub(1));
        blob.insert(extent.offset(), &server.read_extent(extent)?)
    };
    for extent in OpenOptions::new().index_extents(blob.size(), authority)? {
        fetch(extent)?;
    }
    let layer = loop {
        match Layer::open(&blob, authority) {
            Ok(layer) => break layer,
            // The index is not where most writers place it.
            Err(error) => fetch(error.missing().ok_or(error)?)?,
        }
    };

    for extent in layer.ranges(path)? {
        fetch(extent)?;
    }
    let mut file = layer.file(path)?;
    let mut out = io::stdout().lock();
    // In layers of stargz-snapshotter a file can need more than its ranges. Copying goes on where it stopped.
    while let Err(error) = io::copy(&mut file, &mut out) {
        let error = chunkproof::Error::from(error);
        fetch(error.missing().ok_or(error)?)?;
    }
    out.flush()?;
    Ok(())
}
