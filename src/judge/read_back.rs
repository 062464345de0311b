//! Outputs that are read back, not compared: what an implementation makes of a tar.
//!
//! Two correct writers need not write the same bytes. The reference therefore reads the tar-split of `tarsplit/disassemble`
//! and the layer of `layer/write`, and the tar that they describe is compared: a case expects its sha256 and size.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{
    format::{
        Digest, Finding, Findings,
        layer::{self, Authority, Source},
        length,
        tar::{Event, Scanner},
        tarsplit::{self, SEGMENT_LIMIT},
    },
    rules::Rule,
    vectors::{
        Bytes, Decimal, Op,
        ops::{DisassembleAnswer, TarInput, TarOutput, WriteAnswer},
    },
};

/// What the reference reads in an output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadBack {
    /// The tar; none where none could be made.
    pub tar: Option<TarOutput>,
    /// What is wrong with what was made, in sentences.
    pub complaints: Vec<String>,
}

/// Reads back an accepted output; none for operations whose outputs are compared as they are.
///
/// `input` is the case's, as it was sent.
///
/// # Errors
///
/// The answer is not one of the operation's, in a sentence.
pub fn read_back(op: Op, input: &Value, answer: &Value) -> Result<Option<ReadBack>, String> {
    match op {
        Op::TarSplitDisassemble => disassembled(&read(input)?, &read(answer)?).map(Some),
        Op::LayerWrite => written(&read(answer)?).map(Some),
        _ => Ok(None),
    }
}

fn read<T: DeserializeOwned>(value: &Value) -> Result<T, String> {
    T::deserialize(value).map_err(|error| error.to_string())
}

fn inline(bytes: &Bytes) -> Result<Vec<u8>, String> {
    bytes.decode(&|_| None).map_err(|error| error.to_string())
}

/// Puts the tar together again, from the tar-split and the files of the tar that was taken apart.
fn disassembled(input: &TarInput, answer: &DisassembleAnswer) -> Result<ReadBack, String> {
    let (mut files, end) = contents(&inline(&input.tar)?);
    let mut findings = Findings::new();
    let entries = tarsplit::parse(&inline(&answer.tar_split)?, &mut findings).unwrap_or_default();
    if findings.is_empty() {
        tarsplit::check_segments(&entries, &mut findings);
    }
    let mut hasher = Sha256::new();
    let mut size = 0_u64;
    if complaints(&findings).is_empty() {
        tarsplit::assemble(&entries, &mut files, &mut findings, &mut |bytes: &[u8]| {
            hasher.update(bytes);
            size = size.saturating_add(length(bytes));
        });
    }
    let mut complaints = complaints(&findings);
    let tar = complaints.is_empty().then(|| TarOutput {
        sha256: Digest::from_hasher(hasher).hex(),
        size: Decimal(size),
    });
    complaints.extend(long_tail(&entries, end));
    Ok(ReadBack { tar, complaints })
}

/// What is wrong with the segments after the end of the archive, before which segments have this many bytes.
///
/// Each implementation decides where it cuts these segments. One that does not cut them has read all that follows the archive
/// into memory.
fn long_tail(entries: &[tarsplit::Entry], end: u64) -> Option<String> {
    let mut before = 0_u64;
    for entry in entries {
        let tarsplit::Entry::Segment(segment) = entry else {
            continue;
        };
        let size = segment.bytes.len();
        if before >= end && size > SEGMENT_LIMIT {
            return Some(format!(
                "line {}: found a segment of {size} bytes after the end of the archive, expected at most {SEGMENT_LIMIT}",
                segment.line
            ));
        }
        before = before.saturating_add(length(&segment.bytes));
    }
    None
}

/// The content of each file of a tar, by its name, and how many other bytes there are up to the end of the archive.
fn contents(tar: &[u8]) -> (BTreeMap<Vec<u8>, Vec<u8>>, u64) {
    let mut files: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
    let mut end = u64::MAX;
    let mut raw = 0_u64;
    let mut name = Vec::new();
    let mut scanner = Scanner::new();
    // A tar that is not one has no files, and a case about it expects no tar-split.
    let mut findings = Findings::new();
    scanner.push(tar, &mut findings, &mut |event| match event {
        Event::Entry(entry) => name = entry.name,
        Event::Content(bytes) => files.entry(name.clone()).or_default().extend_from_slice(bytes),
        Event::Raw(bytes) => raw = raw.saturating_add(length(bytes)),
        Event::ArchiveEnd => end = raw,
        Event::ContentEnd => {}
    });
    (files, end)
}

/// Checks a layer by all rules, as `chunkproof verify` does.
fn written(answer: &WriteAnswer) -> Result<ReadBack, String> {
    let blob = inline(&answer.blob)?;
    let blob = blob.as_slice();
    let mut findings = Findings::new();
    let verified = layer::verify(&Source::new(&blob, Some(&answer.annotations)), &mut findings)
        .map_err(|error| error.to_string())?;
    let tar = verified
        .tar_digest
        .zip(verified.tar_size)
        .map(|(digest, size)| TarOutput {
            sha256: digest.hex(),
            size: Decimal(size),
        });
    let mut complaints = complaints(&findings);
    if tar.is_none() {
        complaints.push("the layer decodes to no tar".to_owned());
    }
    if !verified.toc_is_authenticated() {
        complaints.push("the annotations name no TOC of a zstd:chunked layer".to_owned());
    }
    // A reader puts no tar together from it, which none of the findings says.
    if verified.has_tar_split && matches!(verified.tar_split, None | Some(Authority::Nothing)) {
        complaints.push("neither the TOC nor an annotation has the digest of the tar-split".to_owned());
    }
    Ok(ReadBack { tar, complaints })
}

/// What counts against an answer: all but what one may decide to accept, which is in the tar that was asked about.
fn complaints(findings: &Findings) -> Vec<String> {
    let counts = |finding: &&Finding| finding.rule != Rule::TarExtensionChain;
    findings.list().iter().filter(counts).map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use super::{Op, read_back};
    use crate::{
        format::{
            Dialect, Digest, Findings,
            writer::{Options, Writer},
        },
        vectors::Bytes,
    };

    fn read(op: Op, tar: &[u8], answer: &Value) -> (Option<String>, Vec<String>) {
        let made = read_back(op, &json!({"tar": Bytes::base64(tar)}), answer)
            .unwrap()
            .unwrap();
        (made.tar.map(|tar| tar.sha256), made.complaints)
    }

    #[test]
    fn a_layer_is_worth_the_tar_that_it_holds() {
        let tar = [0; 1024];
        let mut blob = Vec::new();
        let mut findings = Findings::new();
        let mut writer = Writer::new(&mut blob, Options::default()).unwrap();
        writer.push(&tar, &mut findings).unwrap();
        let written = writer.finish(&mut findings).unwrap().unwrap();
        let answer = |blob: &[u8], annotations: &BTreeMap<String, String>| json!({"blob": Bytes::base64(blob), "annotations": annotations});
        let holds = Some(Digest::of(&tar).hex());
        assert_eq!(
            read(Op::LayerWrite, &tar, &answer(&blob, &written.annotations)),
            (holds.clone(), Vec::new())
        );
        let (tar_of_plain, complaints) = read(Op::LayerWrite, &tar, &answer(&blob, &BTreeMap::new()));
        assert_eq!((tar_of_plain, complaints.len()), (holds, 1));
        blob.pop();
        assert!(
            !read(Op::LayerWrite, &tar, &answer(&blob, &written.annotations))
                .1
                .is_empty()
        );
    }

    /// In g4 only an annotation has the digest of the tar-split.
    #[test]
    fn a_tar_split_without_a_digest_is_worth_nothing() {
        let tar = [0; 1024];
        let mut blob = Vec::new();
        let mut findings = Findings::new();
        let options = Options {
            dialect: Dialect::G4,
            ..Options::default()
        };
        let mut writer = Writer::new(&mut blob, options).unwrap();
        writer.push(&tar, &mut findings).unwrap();
        let mut annotations = writer.finish(&mut findings).unwrap().unwrap().annotations;
        let complaints = |annotations: &BTreeMap<String, String>| {
            let answer = json!({"blob": Bytes::base64(&blob), "annotations": annotations});
            read(Op::LayerWrite, &tar, &answer).1
        };
        assert_eq!(complaints(&annotations), Vec::<String>::new());
        annotations
            .remove("io.github.containers.zstd-chunked.tarsplit-checksum")
            .unwrap();
        let missing = "neither the TOC nor an annotation has the digest of the tar-split";
        assert_eq!(complaints(&annotations), [missing]);
    }

    #[test]
    fn a_tar_split_is_worth_the_tar_that_it_gives_back() {
        let tar = [0; 1024];
        for (line, holds) in [
            (
                format!("{{\"type\":2,\"payload\":{},\"position\":0}}\n", json!(base64(&tar))),
                true,
            ),
            ("{\"type\":3}\n".to_owned(), false),
        ] {
            let answer = json!({"tar_split": Bytes::base64(line.as_bytes())});
            let (sha256, complaints) = read(Op::TarSplitDisassemble, &tar, &answer);
            assert_eq!((sha256.is_some(), complaints.is_empty()), (holds, holds), "{line}");
        }
        let unknown = read_back(
            Op::TarSplitDisassemble,
            &json!({"tar": Bytes::base64(&tar)}),
            &json!({"x": 1}),
        );
        assert!(unknown.is_err());
    }

    #[test]
    fn what_follows_the_archive_is_in_segments_of_a_mebibyte() {
        let line = |size: usize, position: u32| {
            let payload = base64(&vec![0; size]);
            format!("{{\"type\":2,\"payload\":\"{payload}\",\"position\":{position}}}\n")
        };
        const MIB: usize = 1 << 20;
        for (lines, complaints) in [([1024, MIB, 1], 0), ([1024, MIB + 1, 0], 1), ([1024 + MIB, 1, 0], 0)] {
            let tar = vec![0; lines.iter().sum()];
            let lines: String = lines.iter().zip(0..).map(|(&size, at)| line(size, at)).collect();
            let answer = json!({"tar_split": Bytes::base64(lines.as_bytes())});
            let (sha256, found) = read(Op::TarSplitDisassemble, &tar, &answer);
            assert_eq!((sha256.is_some(), found.len()), (true, complaints), "{found:?}");
        }
    }

    fn base64(bytes: &[u8]) -> String {
        match Bytes::base64(bytes) {
            Bytes::Base64(text) => text,
            other => panic!("{other:?}"),
        }
    }
}
