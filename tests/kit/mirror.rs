#[expect(dead_code)]
mod chunkproof_adapter;

use std::io::Write;

use chunkproof_adapter::{Adapter, Answer, Failure, Tar, bytes};
use serde_json::json;

fn main() -> Result<(), Failure> {
    Adapter::new("mirror", "1")
        .operation("layer/decompress", &["g4", "g5"], |input| {
            let (blob, mut tar) = (input.bytes("blob")?, Tar::default());
            for part in blob.chunks(10) {
                tar.write_all(part)?;
            }
            Ok(Answer::Accept(tar.output()))
        })
        .operation("footer/parse", &["g5"], |input| {
            let (tail, size) = (bytes(&input.bytes("tail")?), input.blob_size()?.to_string());
            Ok(Answer::Accept(json!({"tail": tail, "size": size, "list": [null, true]})))
        })
        .operation("annotations/parse", &["g5"], |input| {
            let mut annotations = input.annotations()?;
            Ok(match annotations.next() {
                Some(("own", value)) => Answer::reject(value),
                Some((_, value)) => Answer::RejectBy(value.to_owned(), "ANN-01"),
                None => return Err("no annotation".into()),
            })
        })
        .operation("toc/parse", &["g5"], |input| {
            Ok(match input.text("dialect") {
                Some("g1") => Answer::Decline("g1".to_owned()),
                other => Answer::Unsupported(other.unwrap_or_default().to_owned()),
            })
        })
        .operation("tarsplit/assemble", &["g5"], |input| {
            let files = input.files()?;
            let parts: Vec<_> = files.iter().flat_map(|(name, content)| [bytes(name), bytes(content)]).collect();
            Ok(Answer::Accept(json!({"files": parts})))
        })
        .operation("layer/index", &["g5"], |_| Err("no rejection".into()))
        .run()
}
