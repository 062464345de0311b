//! An adapter between chunkproof and async-compression.
//!
//! `async-compression WAY` speaks docs/protocol.md; the ways of reading are in README.md.

use std::{
    error::Error,
    io::{self, BufRead, Write},
};

use async_compression::tokio::bufread::ZstdDecoder;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, BufReader};

/// What was built, so what is under test.
const LOCK: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock"));

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let way = std::env::args().nth(1);
    let multiple_members = match way.as_deref() {
        Some("multiple-members") => true,
        Some("default") => false,
        _ => return Err(format!("no way of reading: {way:?}").into()),
    };
    let mut answers = io::stdout();
    for line in io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line?)?;
        let mut answer = match request["op"].as_str() {
            Some("hello") => json!({"hello": {
                "name": "async-compression", "version": locked("async-compression")?, "language": "rust",
                "ops": {"layer/decompress": ["g1", "g2", "g3", "g4", "g5"]},
            }}),
            Some("layer/decompress") => {
                let blob = STANDARD.decode(request["input"]["blob"]["base64"].as_str().ok_or("no blob")?)?;
                match decompress(&blob, multiple_members).await {
                    Ok(output) => json!({"accept": output}),
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

async fn decompress(blob: &[u8], multiple_members: bool) -> io::Result<Value> {
    // A slice would hand out all its bytes at once, as no layer that is fetched or read from a file does.
    let mut decoder = ZstdDecoder::new(BufReader::new(blob));
    if multiple_members {
        decoder.multiple_members(true);
    }
    let (mut sha256, mut size, mut part) = (Sha256::new(), 0, vec![0; 64 << 10]);
    loop {
        let read = decoder.read(&mut part).await?;
        if read == 0 {
            break;
        }
        sha256.update(&part[..read]);
        size += read;
    }
    let sha256: String = sha256.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(json!({"sha256": sha256, "size": size.to_string()}))
}

fn locked(name: &str) -> Result<&'static str> {
    let (_, package) = LOCK
        .split_once(&format!("name = \"{name}\"\nversion = \""))
        .ok_or("not in Cargo.lock")?;
    Ok(package.split_once('"').ok_or("Cargo.lock is cut")?.0)
}
