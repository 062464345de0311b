//! An adapter between chunkproof and composefs-oci.
//!
//! `composefs-oci WAY` speaks docs/protocol.md; the ways of reading are in README.md.

use std::{
    error::Error,
    io::{self, Write},
    sync::Arc,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use composefs_oci::{
    LAYER_CONTENT_TYPE,
    composefs::{
        fsverity::Sha256HashValue,
        repository::{Repository, RepositoryConfig},
    },
    layer::{decompress_async, import_tar_async},
};
use containers_image_proxy::oci_spec::image::MediaType;
use rustix::fs::CWD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::io::AsyncReadExt;

/// What was built, so what is under test.
const LOCK: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock"));

type Result<T> = std::result::Result<T, Box<dyn Error>>;

// `import_tar_async` hands files to threads of their own.
#[tokio::main]
async fn main() -> Result<()> {
    let way = std::env::args().nth(1);
    let import = match way.as_deref() {
        Some("import") => true,
        Some("decompress") => false,
        _ => return Err(format!("no way of reading: {way:?}").into()),
    };
    let mut answers = io::stdout();
    for line in io::stdin().lines() {
        let request: Value = serde_json::from_str(&line?)?;
        let mut answer = match request["op"].as_str() {
            Some("hello") => json!({"hello": {
                "name": "composefs-oci", "version": locked("composefs-oci")?, "language": "rust",
                "ops": {"layer/decompress": ["g1", "g2", "g3", "g4", "g5"]},
            }}),
            Some("layer/decompress") => {
                let blob = STANDARD.decode(request["input"]["blob"]["base64"].as_str().ok_or("no blob")?)?;
                let mut tar = Tar::default();
                let read = if import {
                    let scratch = tempfile::tempdir()?;
                    // Verity would need a file system that has it, and is about the store rather than the layer.
                    let config = RepositoryConfig::default().set_insecure();
                    let (repository, _) = Repository::init_path(CWD, scratch.path().join("repository"), config)?;
                    imported(&blob, Arc::new(repository), &mut tar).await
                } else {
                    decompressed(&blob, &mut tar).await
                };
                match read {
                    Ok(()) => json!({"accept": tar.output()}),
                    Err(error) => json!({"reject": {"message": error.to_string()}}),
                }
            }
            op => json!({"unsupported": {"message": format!("{op:?}")}}),
        };
        answer["seq"] = request["seq"].clone();
        writeln!(answers, "{answer}")?;
        answers.flush()?;
    }
    Ok(())
}

async fn decompressed(blob: &[u8], tar: &mut Tar) -> Result<()> {
    let mut reader = decompress_async(blob, &MediaType::ImageLayerZstd)?;
    let mut part = vec![0; 64 << 10];
    loop {
        let read = reader.read(&mut part).await?;
        if read == 0 {
            return Ok(());
        }
        tar.write_all(&part[..read])?;
    }
}

/// As when an image is pulled, and then the tar as the store gives it back.
async fn imported(blob: &[u8], repository: Arc<Repository<Sha256HashValue>>, tar: &mut Tar) -> Result<()> {
    let reader = decompress_async(blob, &MediaType::ImageLayerZstd)?;
    let (id, _) = import_tar_async(repository.clone(), reader)
        .await
        .map_err(|error| format!("{error:#}"))?;
    repository.merge_splitstream("", Some(&id), Some(LAYER_CONTENT_TYPE), tar)?;
    Ok(())
}

#[derive(Default)]
struct Tar {
    sha256: Sha256,
    size: u64,
}

impl Tar {
    fn output(self) -> Value {
        let sha256: String = self
            .sha256
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        json!({"sha256": sha256, "size": self.size.to_string()})
    }
}

impl Write for Tar {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.sha256.update(bytes);
        self.size += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn locked(name: &str) -> Result<&'static str> {
    let (_, package) = LOCK
        .split_once(&format!("name = \"{name}\"\nversion = \""))
        .ok_or("not in Cargo.lock")?;
    Ok(package.split_once('"').ok_or("Cargo.lock is cut")?.0)
}
