//! What stands first in the member of a TOC decides, and what follows is not read.

use super::{TOC_NAME, unpack};
use crate::{
    format::{
        Extent, Findings, length,
        tar::build::{END, file},
    },
    rules::Rule,
};

/// A gzip member whose checksum is wrong.
fn damaged(tar: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut encoder, tar).unwrap();
    let mut member = encoder.finish().unwrap();
    let checksum = member.len() - 8;
    member[checksum] ^= 1;
    member
}

#[test]
fn a_toc_that_is_refused_is_not_read_to_its_end() {
    let toc = file(b'0', TOC_NAME, b"{}");
    let limit = 100;
    for (tar, rule) in [
        (toc.clone(), Rule::EStargzMembers),
        (file(b'0', "other", b"{}"), Rule::EStargzToc),
        (file(b'5', TOC_NAME, b""), Rule::EStargzToc),
        ([toc.clone(), file(b'0', "other", b"{}")].concat(), Rule::EStargzToc),
        (file(b'0', TOC_NAME, &[b' '; 101]), Rule::IndexLimit),
    ] {
        let blob = damaged(&[&tar[..], &END].concat());
        let extent = Extent::between(0, length(&blob)).unwrap();
        let mut findings = Findings::new();
        let json = unpack(&blob.as_slice(), extent, limit, &mut findings).unwrap();
        let rules: Vec<Rule> = findings.list().iter().map(|finding| finding.rule).collect();
        assert_eq!((json, rules), (None, vec![rule]), "{findings:?}");
    }
}
