//! Layers of eStargz: any bytes as a blob, with its footer, its TOC and its members.
//!
//! A second reading says what the footer is. What is verified without a finding decodes with a plain decoder to the same
//! tar, in members that tile the blob, and an annotation with the digest of the TOC vouches for it, but no other. Where the
//! footer says that the TOC is elsewhere, what stands before the footer is taken for that blob.

mod mutate;
mod reading;

use std::{collections::BTreeMap, io::Read as _};

use flate2::bufread::MultiGzDecoder;

pub use self::mutate::MUTATION;
use super::sentence;
use crate::{
    forge::annotations::ESTARGZ,
    format::{
        Digest, Findings,
        estargz::{self, Member, TAIL, Verified},
        layer::Source,
        range::ReadAt,
    },
    rules::Rule,
};

/// Runs the fuzz target.
///
/// # Panics
///
/// On a disagreement, which is a finding for the fuzzer.
pub fn run(bytes: &[u8]) {
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    check_footer(bytes, size);
    // The end of a larger blob, in which more offsets are possible.
    check_footer(bytes, size.saturating_add(1 << 20));
    check_footer(bytes, u64::MAX);
    check_layer(bytes);
}

#[expect(clippy::panic, reason = "a panic is how a fuzz target reports a finding")]
fn check_footer(bytes: &[u8], size: u64) {
    let longest = usize::try_from(TAIL).unwrap_or(usize::MAX);
    let tail = bytes.get(bytes.len().saturating_sub(longest)..).unwrap_or(bytes);
    let mut findings = Findings::new();
    let parsed = estargz::parse_footer(tail, size, &mut findings);
    let naive = reading::read(tail, size);
    let (footer, is_right) = naive.unzip();
    if parsed != footer || findings.is_empty() != is_right.unwrap_or(false) {
        panic!(
            "of {} in {size} bytes: parsed {parsed:?} with {findings:?}, read naively {naive:?}",
            tail.escape_ascii()
        );
    }
}

#[expect(clippy::panic, reason = "a panic is how a fuzz target reports a finding")]
fn check_layer(bytes: &[u8]) {
    let (verified, findings) = verify(bytes, None);
    sentence::check(&findings);
    let shown = || bytes.escape_ascii();
    let Some(index) = &verified.index else {
        if findings.is_empty() {
            panic!("{}: no index, and no finding that says why", shown());
        }
        return;
    };
    let authentic = BTreeMap::from([(ESTARGZ.to_owned(), index.toc_digest.to_string())]);
    let (again, with) = verify(bytes, Some(&authentic));
    let vouched = again
        .index
        .is_some_and(|again| again.is_authenticated() && again.toc == index.toc);
    if !vouched || with.list() != findings.list() || index.is_authenticated() {
        panic!("{}: found {findings:?}, with its annotation {with:?}", shown());
    }
    let other = BTreeMap::from([(ESTARGZ.to_owned(), Digest::of(b"another TOC").to_string())]);
    if !verify(bytes, Some(&other)).1.breaks(Rule::EStargzDigest) {
        panic!("{}: any annotation vouches for it", shown());
    }
    if findings.is_empty() {
        check_plain(bytes, &verified);
    }
}

/// What a layer without findings has to be for those who know nothing of its index.
#[expect(clippy::panic, reason = "a panic is how a fuzz target reports a finding")]
fn check_plain(bytes: &[u8], verified: &Verified) {
    let mut tar = Vec::new();
    let plain = MultiGzDecoder::new(bytes).read_to_end(&mut tar).is_ok();
    let size = u64::try_from(tar.len()).ok();
    let mut members: Vec<Member> = Vec::new();
    let mapped = estargz::map(&bytes, &mut Findings::new(), &mut |member| members.push(member)).is_ok();
    let ends = std::iter::once(0).chain(members.iter().map(|member| member.extent.end()));
    let starts = members.iter().map(|member| member.extent.offset());
    let tiled = starts.chain([u64::try_from(bytes.len()).unwrap_or(0)]).eq(ends);
    let count = u64::try_from(members.len()).ok();
    let decoded: u64 = members.iter().map(|member| member.size).sum();
    let same = verified.tar_digest == Some(Digest::of(&tar)) && verified.tar_size == size && Some(decoded) == size;
    if !plain || !mapped || !tiled || !same || Some(verified.members) != count {
        panic!(
            "{}: verified with {:?} and {:?} bytes, decoded to {size:?} in {members:?}",
            bytes.escape_ascii(),
            verified.tar_digest,
            verified.tar_size
        );
    }
}

#[expect(clippy::panic, reason = "a panic is how a fuzz target reports a finding")]
fn verify(bytes: &[u8], annotations: Option<&BTreeMap<String, String>>) -> (Verified, Findings) {
    let mut findings = Findings::new();
    let before = bytes.len().saturating_sub(46);
    let elsewhere = bytes.get(..before).unwrap_or_default();
    let external: &dyn ReadAt = &elsewhere;
    match estargz::verify(&Source::new(&bytes, annotations), Some(external), &mut findings) {
        Ok(verified) => (verified, findings),
        Err(error) => panic!("{}: bytes in memory cannot be read: {error}", bytes.escape_ascii()),
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::{MUTATION, verify};

    /// Without seeds behind all checks, none of the oracles would be asked.
    #[test]
    fn a_seed_is_accepted_and_changes_hold() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/estargz/small");
        let seed = fs::read(path).unwrap();
        let (_, findings) = verify(&seed, None);
        assert!(findings.is_empty(), "{findings:?}");
        let mut parsed = 0;
        for number in 0..200 {
            let mut data = seed.clone();
            data.resize(4096, 0);
            let size = MUTATION.apply(&mut data, seed.len(), 4096, number, &mut |_, size, _| size);
            super::run(&data[..size]);
            parsed += u32::from(verify(&data[..size], None).0.index.is_some());
        }
        assert!(parsed > 100, "of 200 changed layers, {parsed} have an index");
    }
}
