//! Layers that the crate `zstd-chunked` reads too. Where the reference rebuilds a tar, the crate gives the same one or fails
//! in a known way; where the crate gives one that the reference refuses, it is by a rule that it is known not to look at.

use std::io::Read as _;

use serde_json::Value;
use zstd_chunked::{MetadataReferences, Stream};

use super::layer::split;
use crate::{
    forge::sealed::Annotations,
    forge::{annotations as keys, number, zstd::LEGACY_MAGIC},
    format::{
        Findings,
        layer::{Source, reconstruct},
    },
    rules::Rule,
};

/// The crate decodes without a limit, so it only gets what decodes to less than this.
const LIMIT: u64 = 4 << 20;

/// Rebuilds the tar with both.
///
/// # Panics
///
/// On a disagreement that is not known, which is a finding for the fuzzer.
#[expect(clippy::panic, reason = "a panic is how a fuzz target reports a finding")]
pub fn run(bytes: &[u8]) {
    let (blob, Some(annotations)) = split(bytes) else {
        return;
    };
    // The crate adds offset and length without a check.
    if !sums_fit(&annotations) {
        return;
    }
    let mut findings = Findings::new();
    let mut ours = Vec::new();
    let source = Source::new(&blob, Some(&annotations));
    let Ok(rebuilt) = reconstruct(&source, &mut findings, &mut ours) else {
        return;
    };
    let theirs = peer(blob, &annotations);
    match (rebuilt.filter(|_| findings.is_empty()), theirs) {
        (_, Err(Failure::Long)) => {}
        (Some(_), Ok(theirs)) if theirs == ours => {}
        (Some(_), Ok(theirs)) => panic!(
            "the crate gives {} bytes, the reference {} others",
            theirs.len(),
            ours.len()
        ),
        (Some(_), Err(Failure::Refused(why))) => {
            assert!(
                KNOWN_FAILURES.iter().any(|(text, _)| why.contains(text)),
                "the reference accepts, the crate says {why}"
            );
        }
        (None, Ok(theirs)) => {
            let list = findings.list();
            let checked = list.iter().find(|finding| CHECKED.contains(&finding.rule));
            // The reference reads `Version` too, as Go does, and the crate does not.
            let is_folded = list.iter().any(|finding| finding.rule == Rule::JsonFoldedKey);
            if let Some(finding) = checked.filter(|finding| !(is_folded && finding.rule == Rule::TocVersion)) {
                panic!(
                    "the crate gives {} bytes, the reference finds {finding:?}",
                    theirs.len()
                );
            }
        }
        (None, Err(Failure::Refused(_))) => {}
    }
}

/// What the crate says to layers that are good, and why.
const KNOWN_FAILURES: &[(&str, &str)] = &[
    (
        "from_oci",
        "layers of g1 and g2 have no annotations that the crate looks for",
    ),
    (
        "missing from manifest",
        "a tar-split entry with a size is taken for a file with content, also for types that have none",
    ),
    (
        "invalid type: null, expected a sequence",
        "null for the entries of an empty TOC, as Go writes it, is refused",
    ),
    (
        SEGMENT_OF_A_FILE,
        "entries of the tar-split are told apart by their keys, so the content of the file is in the place of the segment",
    ),
    (
        "incomplete frame",
        "a tar-split of no bytes, which the annotation may name, is decompressed all the same",
    ),
];

/// The crate is not asked for these.
const SEGMENT_OF_A_FILE: &str = "a segment with the name and the size of a file";

/// Rules that the crate looks at.
const CHECKED: &[Rule] = &[Rule::IndexFrame, Rule::TocVersion];

enum Failure {
    Refused(String),
    /// Decoding gives more than the crate should be asked for.
    Long,
}

/// As the documentation of the crate and its example tell.
fn peer(blob: &[u8], annotations: &Annotations) -> Result<Vec<u8>, Failure> {
    let refused = |why: String| Failure::Refused(why);
    let references = MetadataReferences::from_oci(|key| annotations.get(key))
        .ok_or_else(|| refused("from_oci returned None".to_owned()))?;
    let manifest = slice(blob, references.manifest.range)?;
    let tar_split = slice(blob, references.tarsplit.range)?;
    for document in [manifest, tar_split] {
        // libzstd decodes it as the crate builds it; that the reference refuses it has cases of its own.
        if document.starts_with(&LEGACY_MAGIC) {
            return Err(refused("a frame of zstd v0.7".to_owned()));
        }
        if decode(document)?.split(|&byte| byte == b'\n').any(is_segment_of_a_file) {
            return Err(refused(SEGMENT_OF_A_FILE.to_owned()));
        }
    }
    let stream = Stream::new_from_frames(manifest, tar_split).map_err(|error| refused(format!("{error:#}")))?;
    let mut tar = Vec::new();
    let mut left = LIMIT;
    for chunk in stream.chunks {
        match chunk {
            zstd_chunked::Chunk::Inline(bytes) => tar.extend(bytes),
            zstd_chunked::Chunk::External(reference) => {
                let content = decode(slice(blob, reference.range)?)?;
                left = left.checked_sub(number(content.len())).ok_or(Failure::Long)?;
                tar.extend(content);
            }
        }
    }
    Ok(tar)
}

/// As `zstd::decode_all`, with a limit.
fn decode(bytes: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut out = Vec::new();
    let refused = |error: std::io::Error| Failure::Refused(error.to_string());
    let decoder = zstd::stream::read::Decoder::new(bytes).map_err(refused)?;
    decoder.take(LIMIT + 1).read_to_end(&mut out).map_err(refused)?;
    if number(out.len()) > LIMIT {
        Err(Failure::Long)
    } else {
        Ok(out)
    }
}

fn slice(blob: &[u8], range: std::ops::Range<u64>) -> Result<&[u8], Failure> {
    let bytes = usize::try_from(range.start)
        .ok()
        .zip(usize::try_from(range.end).ok())
        .and_then(|(start, end)| blob.get(start..end));
    bytes.ok_or_else(|| Failure::Refused("out of range".to_owned()))
}

/// Whether the TOC has a digest of the tar-split; none if the annotations do not name both, or the TOC cannot be decoded.
#[cfg(feature = "cli")]
pub(crate) fn is_tar_split_digest_in_toc(blob: &[u8], annotations: &Annotations) -> Option<bool> {
    let toc = sums_fit(annotations)
        .then(|| MetadataReferences::from_oci(|key| annotations.get(key)))
        .flatten()
        .and_then(|references| decode(slice(blob, references.manifest.range).ok()?).ok())?;
    let key = b"\"tarsplitdigest\"";
    Some(toc.windows(key.len()).any(|bytes| bytes.eq_ignore_ascii_case(key)))
}

/// Whether a line of the tar-split is a segment, and has what the crate knows a file by.
fn is_segment_of_a_file(line: &[u8]) -> bool {
    let Ok(entry) = serde_json::from_slice::<Value>(line) else {
        return false;
    };
    entry["type"] == 2 && entry["name"].is_string() && entry["size"].is_u64()
}

/// Whether offset and length of both positions have a sum, as the crate reads numbers.
pub(crate) fn sums_fit(annotations: &Annotations) -> bool {
    [keys::MANIFEST_POSITION, keys::TARSPLIT_POSITION].iter().all(|suffix| {
        let value = annotations
            .get(&format!("{}{suffix}", keys::PREFIX))
            .map_or("", String::as_str);
        let mut numbers = value.split(':').map(|number| number.parse::<u64>().unwrap_or(0));
        let (offset, length) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
        offset.checked_add(length).is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::{Failure, is_segment_of_a_file, peer, run, sums_fit};
    use crate::{
        forge::{dialect::facts, layer::Plan, tar::TarEntry},
        format::Dialect,
        fuzzing::layer::join,
    };

    /// The crate is really asked, and knows the dialects that it should.
    #[test]
    fn the_crate_rebuilds_tars() {
        let entries = vec![
            TarEntry::dir("d/"),
            TarEntry::file("f", b"content"),
            TarEntry::file("empty", b""),
        ];
        for &dialect in Dialect::ALL {
            let layer = Plan::new(dialect, entries.clone()).layer();
            match peer(&layer.blob, &layer.annotations) {
                Ok(tar) => assert_eq!(tar, layer.tar),
                Err(Failure::Refused(why)) => {
                    assert_eq!((facts(dialect).tar_split, &*why), (false, "from_oci returned None"));
                }
                Err(Failure::Long) => panic!("a small layer"),
            }
            run(&join(&layer.blob, &layer.annotations));
        }
    }

    #[test]
    fn segments_of_files_are_seen() {
        for (line, is_one) in [
            (r#"{"type":2,"payload":"AA==","name":"f","size":7}"#, true),
            (r#"{"type":2,"payload":"AA==","name":"f"}"#, false),
            (r#"{"type":2,"payload":"AA==","size":7}"#, false),
            (r#"{"type":1,"payload":"AA==","name":"f","size":7}"#, false),
            ("{", false),
        ] {
            assert_eq!(is_segment_of_a_file(line.as_bytes()), is_one, "{line}");
        }
    }

    #[test]
    fn sums_that_do_not_fit_are_seen() {
        let key = "io.github.containers.zstd-chunked.manifest-position".to_owned();
        for (value, fits) in [
            ("1:2:3:1", true),
            ("1:18446744073709551615:3:1", false),
            ("18446744073709551615:0:3:1", true),
        ] {
            assert_eq!(sums_fit(&[(key.clone(), value.to_owned())].into()), fits, "{value}");
        }
    }
}
