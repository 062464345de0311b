//! Converts a tar to a zstd:chunked layer.
//!
//!     cargo run --example convert -- TAR LAYER
//!
//! Prints, as JSON, what belongs into the image: the descriptor of the layer with its annotations, and the DiffID.

use std::{
    env,
    error::Error,
    fs::{self, File},
    io::BufWriter,
    process::ExitCode,
};

use chunkproof::{WriteOptions, write_layer};
use serde_json::json;

fn main() -> ExitCode {
    match convert() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn convert() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = env::args_os().skip(1).collect();
    let [tar, layer] = arguments.as_slice() else {
        return Err("usage: convert TAR LAYER".into());
    };
    let mut options = WriteOptions::default();
    options.threads = std::thread::available_parallelism()?;

    let out = BufWriter::new(File::create_new(layer)?);
    let written = match write_layer(File::open(tar)?, out, options) {
        Ok(written) => written,
        Err(error) => {
            // What was written is not a layer.
            fs::remove_file(layer)?;
            return Err(error.into());
        }
    };
    let descriptor = json!({
        "mediaType": "application/vnd.oci.image.layer.v1.tar+zstd",
        "digest": written.digest.to_string(),
        "size": written.size,
        "annotations": written.annotations,
    });
    println!(
        "{:#}",
        json!({ "descriptor": descriptor, "diff_id": written.diff_id.to_string() })
    );
    Ok(())
}
