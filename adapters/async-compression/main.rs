//! An adapter between chunkproof and async-compression.
//!
//! `async-compression WAY` speaks docs/protocol.md; the ways of reading are in README.md.

use std::io::{self, Write};

use async_compression::tokio::bufread::ZstdDecoder;
use chunkproof_adapter::{Adapter, Answer, CHUNKED, Failure, Tar, locked};
use tokio::{
    io::{AsyncReadExt, BufReader},
    runtime::Builder,
};

/// What was built, so what is under test.
const LOCK: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock"));

fn main() -> Result<(), Failure> {
    let way = std::env::args().nth(1);
    let multiple_members = match way.as_deref() {
        Some("multiple-members") => true,
        Some("default") => false,
        _ => return Err(format!("no way of reading: {way:?}").into()),
    };
    let runtime = Builder::new_current_thread().enable_all().build()?;
    Adapter::new("async-compression", locked(LOCK, "async-compression")?)
        .operation("layer/decompress", CHUNKED, |input| {
            let blob = input.bytes("blob")?;
            let mut tar = Tar::default();
            Ok(match runtime.block_on(decompress(&blob, multiple_members, &mut tar)) {
                Ok(()) => Answer::Accept(tar.output()),
                Err(error) => Answer::reject(error),
            })
        })
        .run()
}

async fn decompress(blob: &[u8], multiple_members: bool, tar: &mut Tar) -> io::Result<()> {
    // A slice would hand out all its bytes at once, as no layer that is fetched or read from a file does.
    let mut decoder = ZstdDecoder::new(BufReader::new(blob));
    if multiple_members {
        decoder.multiple_members(true);
    }
    let mut part = vec![0; 64 << 10];
    loop {
        let read = decoder.read(&mut part).await?;
        if read == 0 {
            return Ok(());
        }
        tar.write_all(&part[..read])?;
    }
}
