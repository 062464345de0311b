//! The protocol of chunkproof for adapters in Rust, in one file that needs `base64` 0.22, `serde_json` 1 and `sha2` 0.10.
//!
//! ```no_run
//! # use chunkproof_adapter::{Adapter, Answer, CHUNKED, Failure, Tar};
//! # fn decompress(blob: &[u8], to: &mut impl std::io::Write) -> std::io::Result<()> { std::io::Write::write_all(to, blob) }
//! fn main() -> Result<(), Failure> {
//!     Adapter::new("example", "1.2.3")
//!         .operation("layer/decompress", CHUNKED, |input| {
//!             let blob = input.bytes("blob")?;
//!             let mut tar = Tar::default();
//!             Ok(match decompress(&blob, &mut tar) {
//!                 Ok(()) => Answer::Accept(tar.output()),
//!                 Err(error) => Answer::reject(error),
//!             })
//!         })
//!         .run()
//! }
//! ```
//!
//! What a function returns as an error, as a panic does, ends the process: a crash is a crash, and never a rejection. Nothing but
//! answers may go to stdout, so print to stderr.
//!
//! docs/protocol.md describes operations, inputs and outputs.

use std::{
    error::Error,
    fmt::Display,
    io::{self, BufRead, Write},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// The version of the protocol.
pub const PROTOCOL: u32 = 0;

/// The dialects of zstd:chunked. A program that decompresses zstd reads all of them.
pub const CHUNKED: &[&str] = &["g1", "g2", "g3", "g4", "g5"];

/// What ends the process.
pub type Failure = Box<dyn Error>;

/// The answer to a case.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// The input is good; the output. Numbers in it are strings of decimal digits; see [`bytes`] for bytes.
    Accept(Value),
    /// The input is refused, and why.
    Reject(String),
    /// The input is refused, and why, and the id of the rule that is broken.
    RejectBy(String, &'static str),
    /// The implementation would download the layer in full, and why.
    Decline(String),
    /// The implementation cannot do this, although it declares the operation.
    Unsupported(String),
}

impl Answer {
    /// A rejection with the message of an error.
    pub fn reject(error: impl Display) -> Self {
        Self::Reject(error.to_string())
    }

    fn into_value(self) -> Value {
        match self {
            Self::Accept(output) => json!({"accept": output}),
            Self::Reject(message) => json!({"reject": {"message": message}}),
            Self::RejectBy(message, rule) => json!({"reject": {"message": message, "rule": rule}}),
            Self::Decline(message) => json!({"decline": {"message": message}}),
            Self::Unsupported(message) => json!({"unsupported": {"message": message}}),
        }
    }
}

/// The input of a case.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a>(&'a Value);

impl<'a> Input<'a> {
    /// A field of bytes.
    pub fn bytes(&self, field: &str) -> Result<Vec<u8>, Failure> {
        decode(&self.0[field]).map_err(|error| format!("{field}: {error}").into())
    }

    /// A field of text, if it is there.
    pub fn text(&self, field: &str) -> Option<&'a str> {
        self.0[field].as_str()
    }

    /// The size of the blob of which there is the end.
    pub fn blob_size(&self) -> Result<u64, Failure> {
        Ok(self.text("blob_size").ok_or("the input has no blob_size")?.parse()?)
    }

    /// The annotations by their keys.
    pub fn annotations(&self) -> Result<impl Iterator<Item = (&'a str, &'a str)> + use<'a>, Failure> {
        let annotations: &Map<_, _> = self.0["annotations"]
            .as_object()
            .ok_or("the input has no annotations")?;
        Ok(annotations
            .iter()
            .filter_map(|(key, value)| Some((key.as_str(), value.as_str()?))))
    }

    /// The files for `tarsplit/assemble`: names and contents.
    pub fn files(&self) -> Result<Vec<(Vec<u8>, Vec<u8>)>, Failure> {
        let files = self.0["files"].as_array().ok_or("the input has no files")?;
        files
            .iter()
            .map(|file| Ok((decode(&file["name"])?, decode(&file["content"])?)))
            .collect()
    }
}

fn decode(value: &Value) -> Result<Vec<u8>, Failure> {
    Ok(STANDARD.decode(value["base64"].as_str().ok_or("expected bytes")?)?)
}

/// Bytes as an output has them.
pub fn bytes(content: &[u8]) -> Value {
    json!({"base64": STANDARD.encode(content)})
}

type Operation<'a> = Box<dyn FnMut(Input<'_>) -> Result<Answer, Failure> + 'a>;

/// An implementation under test: what it is, and a function for each operation.
pub struct Adapter<'a> {
    hello: Value,
    operations: Vec<(&'static str, Operation<'a>)>,
}

impl<'a> Adapter<'a> {
    /// An adapter without operations.
    pub fn new(name: &str, version: &str) -> Self {
        let hello = json!({
            "chunkproof": PROTOCOL, "name": name, "version": version, "language": "rust", "ops": {},
        });
        Self {
            hello,
            operations: Vec::new(),
        }
    }

    /// Declares an operation in these dialects.
    #[must_use]
    pub fn operation(
        mut self,
        op: &'static str,
        dialects: &[&str],
        answer: impl FnMut(Input<'_>) -> Result<Answer, Failure> + 'a,
    ) -> Self {
        self.hello["ops"][op] = json!(dialects);
        self.operations.push((op, Box::new(answer)));
        self
    }

    /// Sets another field of the handshake: `choices`, `rules`, `lacks` or `language`.
    #[must_use]
    pub fn declare(mut self, field: &str, value: Value) -> Self {
        self.hello[field] = value;
        self
    }

    /// Answers requests until the end of the input.
    pub fn run(mut self) -> Result<(), Failure> {
        let mut answers = io::stdout();
        // The lock would be one on what the operations print, and theirs on this.
        for line in io::stdin().lines() {
            let request: Value = serde_json::from_str(&line?)?;
            let mut answer = self.answer(&request)?;
            answer["seq"] = request["seq"].clone();
            writeln!(answers, "{answer}")?;
            answers.flush()?;
        }
        Ok(())
    }

    fn answer(&mut self, request: &Value) -> Result<Value, Failure> {
        let op = request["op"].as_str().ok_or("a request has no op")?;
        if op == "hello" {
            return Ok(json!({"hello": self.hello}));
        }
        let Some((_, operation)) = self.operations.iter_mut().find(|(name, _)| *name == op) else {
            return Ok(Answer::Unsupported(op.to_owned()).into_value());
        };
        Ok(operation(Input(&request["input"]))?.into_value())
    }
}

/// What is asked of a tar that nobody keeps: write it here.
#[derive(Clone, Debug, Default)]
pub struct Tar {
    sha256: Sha256,
    size: u64,
}

impl Tar {
    /// Digest and size of what was written.
    pub fn output(self) -> Value {
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

/// The version of a package in the text of a `Cargo.lock`.
pub fn locked<'a>(lock: &'a str, package: &str) -> Result<&'a str, Failure> {
    let (_, rest) = lock
        .split_once(&format!("name = \"{package}\"\nversion = \""))
        .ok_or("not in Cargo.lock")?;
    Ok(rest.split_once('"').ok_or("Cargo.lock is cut")?.0)
}
