//! An adapter between chunkproof and composefs-oci.
//!
//! `composefs-oci WAY` speaks docs/protocol.md; the ways of reading are in README.md.

use std::{error::Error, io::Write, sync::Arc};

use chunkproof_adapter::{Adapter, Answer, CHUNKED, Tar, locked};
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
use tokio::{io::AsyncReadExt, runtime::Runtime};

/// What was built, so what is under test.
const LOCK: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock"));

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let way = std::env::args().nth(1);
    let import = match way.as_deref() {
        Some("import") => true,
        Some("decompress") => false,
        _ => return Err(format!("no way of reading: {way:?}").into()),
    };
    // `import_tar_async` hands files to threads of their own.
    let runtime = Runtime::new()?;
    Adapter::new("composefs-oci", locked(LOCK, "composefs-oci")?)
        .operation("layer/decompress", CHUNKED, |input| {
            let blob = input.bytes("blob")?;
            let mut tar = Tar::default();
            let read = if import {
                let scratch = tempfile::tempdir()?;
                // Verity would need a file system that has it, and is about the store rather than the layer.
                let config = RepositoryConfig::default().set_insecure();
                let (repository, _) = Repository::init_path(CWD, scratch.path().join("repository"), config)?;
                runtime.block_on(imported(&blob, Arc::new(repository), &mut tar))
            } else {
                runtime.block_on(decompressed(&blob, &mut tar))
            };
            Ok(match read {
                Ok(()) => Answer::Accept(tar.output()),
                Err(error) => Answer::reject(error),
            })
        })
        .run()
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
