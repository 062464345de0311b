//! Blobs with their annotations, as bytes.
//!
//! The mutator takes a layer apart, changes something and seals it again, so that the fuzzer gets behind the digests; now
//! and then it leaves the change to libFuzzer. What is expected of any input: what is strictly accepted is what a plain
//! decoder makes of it, and those that look at a layer agree.

use std::io::Read as _;

use super::{mutator::Mutation, sentence};
use crate::{
    forge::sealed::{Annotations, Unsealed},
    format::{
        Digest, Finding, Findings,
        layer::{Authority, Source, Verified, map, read, reconstruct, verify},
    },
    rules::Rule,
};

/// An input: the annotations as JSON in the first line, and then the blob. Where there is no such line, all is a blob
/// without annotations.
pub fn split(bytes: &[u8]) -> (&[u8], Option<Annotations>) {
    let mut parts = bytes.splitn(2, |&byte| byte == b'\n');
    if let (Some(line), Some(blob)) = (parts.next(), parts.next())
        && let Ok(annotations) = serde_json::from_slice(line)
    {
        return (blob, Some(annotations));
    }
    (bytes, None)
}

/// The input of a layer.
pub fn join(blob: &[u8], annotations: &Annotations) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(annotations).unwrap_or_default();
    bytes.push(b'\n');
    bytes.extend(blob);
    bytes
}

/// Changes a layer behind its seals.
pub const MUTATION: Mutation = Mutation(|bytes, random, _| {
    let (blob, annotations) = split(bytes);
    let mut layer = Unsealed::of(blob, &annotations.unwrap_or_default())?;
    for _ in 0..random.between(1..=3_u8) {
        layer.mutate(random);
    }
    let (blob, annotations) = layer.seal();
    Some(join(&blob, &annotations))
});

/// Looks at a layer in all ways.
///
/// # Panics
///
/// On a disagreement, which is a finding for the fuzzer.
#[expect(clippy::panic, reason = "a panic is how a fuzz target reports a finding")]
pub fn run(bytes: &[u8]) {
    let (blob, annotations) = split(bytes);
    if let Err(problem) = check(blob, annotations.as_ref()) {
        panic!("{problem}");
    }
}

fn check(blob: &[u8], annotations: Option<&Annotations>) -> Result<(), String> {
    let source = Source::new(&blob, annotations);
    let failed = |error: std::io::Error| format!("the blob is in memory and could not be read: {error}");
    let mut findings = Findings::new();
    let verified = verify(&source, &mut findings).map_err(failed)?;
    sentence::check(&findings);
    let mut of_index = Findings::new();
    let index = read(&source, &mut of_index).map_err(failed)?;
    // What follows from a cause is left out by verify, so its findings are other ones; there has to be one.
    let is_untouched = |finding: &&Finding| matches!(finding.rule.id().get(..3), Some("JSN" | "TSP" | "SEG"));
    let left_out = of_index
        .list()
        .iter()
        .filter(is_untouched)
        .any(|finding| !findings.list().contains(finding));
    if left_out || (findings.is_empty() && !of_index.is_empty()) {
        return Err(format!(
            "verify found {:?}, and read {:?}, expected a cause of each",
            findings.list(),
            of_index.list()
        ));
    }
    let mut of_tar = Findings::new();
    let mut tar = Vec::new();
    // It reads the index in the same way, and what is refused there goes no further.
    let rebuilt = match &index {
        Some(_) => {
            let source = Source {
                diff_id: verified.tar_digest,
                ..source
            };
            reconstruct(&source, &mut of_tar, &mut Bounded(&mut tar)).ok().flatten()
        }
        None => None,
    };
    if rebuilt.is_some() && of_tar.is_empty() && !refuses_another_diff_id(&source) {
        return Err("reconstruct accepts any DiffID".to_owned());
    }
    if rebuilt.is_some_and(|rebuilt| of_tar.is_empty() && rebuilt.digest != Digest::of(&tar)) {
        return Err(format!(
            "reconstruct gave {rebuilt:?}, and wrote {} bytes of another digest",
            tar.len()
        ));
    }
    if rebuilt.is_some()
        && of_tar.is_empty()
        && let Some(finding) = findings.list().iter().find(|finding| is_of_index(finding.rule))
    {
        return Err(format!("reconstruct accepted what verify found {finding:?} in"));
    }
    if findings.is_empty() {
        let Some(index) = &index else {
            return Err(format!(
                "verify found nothing, and read has no index: {:?}",
                of_index.list()
            ));
        };
        if verified.toc_digest != Some(index.index.toc_digest) {
            return Err(format!("verify gave {verified:?}, read {}", index.index.toc_digest));
        }
        let wanted = matches!(verified.tar_split, Some(Authority::Toc(_) | Authority::Annotation(_)));
        if wanted
            && rebuilt.map(|rebuilt| Some(rebuilt.digest)) != Some(verified.tar_digest)
            && tar.len() < Bounded::LIMIT
        {
            return Err(format!(
                "verify gave {verified:?}, reconstruct {rebuilt:?} with {:?}",
                of_tar.list()
            ));
        }
        plainly_decoded(blob, &verified)?;
    }
    // The map of the blob ends, whatever the blob is.
    let (located, index) = index.as_ref().map(|read| (&read.located, &read.index)).unzip();
    map(&source, located, index, &mut Findings::new(), &mut |_| Ok(())).map_err(failed)
}

/// Whether the DiffID of another tar is a finding, of a layer whose tar can be rebuilt.
fn refuses_another_diff_id(source: &Source<'_>) -> bool {
    let mut findings = Findings::new();
    let source = Source {
        diff_id: Some(Digest::of(b"another tar")),
        ..*source
    };
    let rebuilt = reconstruct(&source, &mut findings, &mut std::io::sink());
    rebuilt.is_err() || findings.breaks(Rule::DiffId)
}

/// Whether the rule is one of those that are looked at before any data is.
fn is_of_index(rule: Rule) -> bool {
    let before_data = ["FTR", "ANN", "IDX", "JSN", "TOC", "TSP", "SEG"];
    before_data.iter().any(|area| rule.id().starts_with(area))
        || matches!(
            rule,
            Rule::EntrySets
                | Rule::EntryOrder
                | Rule::EntryMetadata
                | Rule::FooterAgrees
                | Rule::PositionFrame
                | Rule::TarSplitDigest
                | Rule::TarSplitStripped
                | Rule::TarSplitChecksum
                | Rule::EStargzDigest
        )
}

/// What a program makes of the blob that knows zstd and nothing else.
fn plainly_decoded(blob: &[u8], verified: &Verified) -> Result<(), String> {
    let mut tar = Vec::new();
    if !blob.is_empty() {
        zstd::stream::read::Decoder::with_buffer(blob)
            .and_then(|mut decoder| decoder.read_to_end(&mut tar))
            .map_err(|error| format!("a blob without findings does not decode: {error}"))?;
    }
    if verified.tar_digest == Some(Digest::of(&tar)) {
        Ok(())
    } else {
        Err(format!("libzstd decodes {} bytes, verify gave {verified:?}", tar.len()))
    }
}

/// Keeps the start of what is written to it, and refuses what is too much for a test.
struct Bounded<'a>(&'a mut Vec<u8>);

impl Bounded<'_> {
    const LIMIT: usize = 16 << 20;
}

impl std::io::Write for Bounded<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0.len() >= Self::LIMIT {
            return Err(std::io::ErrorKind::OutOfMemory.into());
        }
        self.0.extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{MUTATION, join, run, split};
    use crate::{
        forge::{layer::Plan, tar::TarEntry},
        format::Dialect,
    };

    #[test]
    fn inputs_come_apart() {
        let annotations = [("a".to_owned(), "b".to_owned())].into();
        let bytes = join(b"blob\nblob", &annotations);
        assert_eq!(split(&bytes), (&b"blob\nblob"[..], Some(annotations)));
        assert_eq!(split(b"no line"), (&b"no line"[..], None));
        assert_eq!(split(b"no json\nblob"), (&b"no json\nblob"[..], None));
    }

    /// The mutator stays within its space, and what it makes holds.
    #[test]
    fn mutated_layers_hold() {
        let entries = vec![
            TarEntry::dir("d/"),
            TarEntry::file("f", b"content"),
            TarEntry::symlink("l", "f"),
        ];
        for &dialect in Dialect::ALL {
            let layer = Plan::new(dialect, entries.clone()).layer();
            let seed = join(&layer.blob, &layer.annotations);
            let mut others = 0;
            for number in 0..300 {
                let mut data = seed.clone();
                data.resize(4096, 0);
                let size = MUTATION.apply(&mut data, seed.len(), 4096, number, &mut |_, size, _| {
                    others += 1;
                    size
                });
                run(&data[..size]);
            }
            assert!((75..200).contains(&others), "{others}");
        }
    }
}
