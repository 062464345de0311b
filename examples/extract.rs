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
    io::{self, BufRead as _, Write as _},
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
            // The size of the blob was not known to the index, or it has something unusual.
            Err(error) => fetch(error.missing().ok_or(error)?)?,
        }
    };

    // A large file could be fetched a range at a time; the reader asks for what it needs.
    let mut file = layer.file(path)?;
    let mut out = io::stdout().lock();
    loop {
        let length = match file.fill_buf() {
            Ok([]) => break,
            Ok(bytes) => {
                out.write_all(bytes)?;
                bytes.len()
            }
            Err(error) => {
                let error = chunkproof::Error::from(error);
                let Some(missing) = error.missing() else {
                    return Err(error.into());
                };
                // All ranges of the file at once, and then what is still missing, if anything.
                for extent in layer.ranges(path)? {
                    if extent.offset() == missing.offset() {
                        fetch(extent)?;
                    }
                }
                fetch(missing)?;
                0
            }
        };
        file.consume(length);
    }
    out.flush()?;
    Ok(())
}
