//! Verifies the zstd:chunked layers of an image in an OCI image layout.
//!
//!     cargo run --example verify_image -- LAYOUT
//!
//! It follows what names what: `index.json` the manifest, the manifest the configuration and the layers with their annotations,
//! the configuration the DiffIDs. Each document and blob is compared with the digest that names it.

use std::{
    collections::BTreeMap,
    env,
    error::Error,
    fs,
    io::{self, BufReader, Read as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use chunkproof::{Authority, Digest, DigestError, ErrorKind, FileRange, OpenOptions, ReadAt as _};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

fn main() -> ExitCode {
    let Some(layout) = env::args_os().nth(1) else {
        eprintln!("usage: verify_image LAYOUT");
        return ExitCode::from(2);
    };
    match verify_image(Path::new(&layout)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// Whether all layers are valid.
fn verify_image(layout: &Path) -> Result<bool, Box<dyn Error>> {
    let index: Value = serde_json::from_slice(&fs::read(layout.join("index.json"))?)?;
    let mut valid = true;
    for descriptor in index["manifests"].as_array().ok_or("index.json has no manifests")? {
        let manifest = document(layout, descriptor)?;
        let config = document(layout, &manifest["config"])?;
        let layers = manifest["layers"].as_array().ok_or("the manifest has no layers")?;
        let diff_ids = config["rootfs"]["diff_ids"]
            .as_array()
            .ok_or("the configuration has no DiffIDs")?;
        if layers.len() != diff_ids.len() {
            return Err("the manifest and the configuration differ in the number of layers".into());
        }
        for (layer, diff_id) in layers.iter().zip(diff_ids) {
            valid &= verify_layer(layout, layer, digest(diff_id)?)?;
        }
    }
    Ok(valid)
}

fn verify_layer(layout: &Path, descriptor: &Value, diff_id: Digest) -> Result<bool, Box<dyn Error>> {
    let named = digest(&descriptor["digest"])?;
    let path = blob(layout, named);
    let mut hasher = Sha256::new();
    let mut file = BufReader::new(fs::File::open(&path)?);
    let mut buffer = [0; 8192];
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            length => hasher.update(buffer.get(..length).unwrap_or_default()),
        }
    }
    let found = Digest::from_hasher(hasher);
    if found != named {
        println!("{named}: the digest of the blob is {found}");
        return Ok(false);
    }

    let annotations: BTreeMap<String, String> = match &descriptor["annotations"] {
        Value::Null => BTreeMap::new(),
        annotations => serde_json::from_value(annotations.clone())?,
    };
    let mut options = OpenOptions::new().diff_id(diff_id);
    if let Some(media_type) = descriptor["mediaType"].as_str() {
        options = options.media_type(media_type);
    }
    let authority = Authority::Annotations(&annotations);
    let blob = FileRange::open(&path)?;
    if let Err(error) = options.index_extents(blob.size(), authority)
        && error.kind() == ErrorKind::Unauthenticated
    {
        println!("{named}: {error}");
        return Ok(true);
    }
    let diagnosis = options.verify(blob, authority)?;
    for finding in diagnosis.findings().list() {
        println!("{named}: {finding}");
    }
    match diagnosis.into_result() {
        Ok(verified) => {
            println!("{named}: valid, {}", verified.dialects);
            Ok(true)
        }
        Err(_) => Ok(false),
    }
}

/// A document of the image.
fn document(layout: &Path, descriptor: &Value) -> Result<Value, Box<dyn Error>> {
    let named = digest(&descriptor["digest"])?;
    let bytes = fs::read(blob(layout, named))?;
    if Digest::of(&bytes) != named {
        return Err(io::Error::other(format!("{named} has the digest {}", Digest::of(&bytes))).into());
    }
    Ok(serde_json::from_slice(&bytes)?)
}

fn blob(layout: &Path, digest: Digest) -> PathBuf {
    layout.join("blobs/sha256").join(digest.hex())
}

fn digest(value: &Value) -> Result<Digest, Box<dyn Error>> {
    let text = value.as_str().ok_or("a digest is missing")?;
    text.parse()
        .map_err(|_: DigestError| format!("{text:?} is not a sha256 digest").into())
}
