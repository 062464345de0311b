//! Each value alone, and which values appear together.

use std::collections::BTreeMap;

use super::{ESTARGZ_TOC_DIGEST, Findings, GITHUB, NamedIndex, Prefix, Rule, parse};
use crate::format::Digest;

const OLD: &str = Prefix::Containers.as_str();
const NEW: &str = Prefix::Github.as_str();

type Entries = Vec<(String, String)>;

fn read(entries: &[(String, String)]) -> (Option<NamedIndex>, Vec<Rule>) {
    let annotations: BTreeMap<String, String> = entries.iter().cloned().collect();
    let mut findings = Findings::new();
    let index = parse(&annotations, &mut findings);
    (index, findings.list().iter().map(|finding| finding.rule).collect())
}

fn good(prefix: &str) -> Entries {
    let sha = Digest::of(b"toc").to_string();
    [
        "manifest-checksum",
        "manifest-position",
        "tarsplit-position",
        "tarsplit-checksum",
    ]
    .iter()
    .zip([sha.as_str(), "100:20:30:1", "128:5:6", sha.as_str()])
    .map(|(name, value)| (format!("{prefix}{name}"), value.to_owned()))
    .collect()
}

#[test]
fn each_value_is_checked() {
    let sha512 = format!("sha512:{}", "0".repeat(128));
    let cases: &[(usize, &str, &[Rule])] = &[
        (1, "100:20:30", &[Rule::PositionGrammar]),
        (1, "100:20:30:1:1", &[Rule::PositionGrammar]),
        (1, "+100:20:30:1", &[Rule::PositionGrammar]),
        (1, "0100:20:30:1", &[Rule::PositionGrammar]),
        (1, " 100:20:30:1", &[Rule::PositionGrammar]),
        (1, "100:20:30:1 ", &[Rule::PositionGrammar]),
        (1, "100:20::1", &[Rule::PositionGrammar]),
        (1, "", &[Rule::PositionGrammar]),
        (1, "\u{661}00:20:30:1", &[Rule::PositionGrammar]),
        (1, "9223372036854775808:20:30:1", &[Rule::PositionRange]),
        (1, "99999999999999999999:20:30:1", &[Rule::PositionRange]),
        (1, "7:20:30:1", &[Rule::PositionBounds]),
        (1, "9223372036854775807:20:30:1", &[Rule::PositionBounds]),
        (1, "100:20:30:2", &[Rule::PositionType]),
        (1, "100:20:0:1", &[Rule::PositionLengths]),
        (2, "128:0:6", &[Rule::PositionLengths]),
        (2, "0:0:0", &[Rule::PositionBounds]),
        (2, "128:0:0", &[]),
        (2, "128:13:0", &[]),
        (2, "120:5:6", &[Rule::PositionsAdjacent]),
        (0, "sha256:00", &[Rule::AnnotationDigest]),
        (0, &sha512, &[Rule::DigestAlgorithm]),
    ];
    for &(at, value, expected) in cases {
        let mut entries = good(NEW);
        entries[at].1 = value.to_owned();
        assert_eq!(read(&entries).1, expected, "{} = {value:?}", GITHUB[at]);
    }
}

#[test]
fn which_annotations_stand_together() {
    let estargz = (ESTARGZ_TOC_DIGEST.to_owned(), Digest::of(b"json").to_string());
    let drop = |at: usize| {
        let mut entries = good(NEW);
        entries.remove(at);
        entries
    };
    let mut unequal = [good(OLD), good(NEW)].concat();
    unequal[1].1 = "100:20:31:1".to_owned();
    let cases: &[(Entries, &[Rule])] = &[
        (Vec::new(), &[]),
        (good(OLD), &[]),
        (good(NEW)[..3].to_vec(), &[]),
        (good(NEW)[..2].to_vec(), &[]),
        ([good(OLD), good(NEW)].concat(), &[]),
        (unequal, &[Rule::PrefixesAgree]),
        (vec![estargz.clone()], &[]),
        ([good(OLD), vec![estargz.clone()]].concat(), &[]),
        ([good(NEW), vec![estargz.clone()]].concat(), &[Rule::TwoIndexes]),
        (
            [good(OLD), good(NEW), vec![estargz.clone()]].concat(),
            &[Rule::TwoIndexes],
        ),
        // Without its checksum the newer prefix names no index that a reader could choose.
        ([drop(0), vec![estargz]].concat(), &[Rule::PositionWithoutChecksum]),
        (drop(0), &[Rule::PositionWithoutChecksum]),
        (drop(1), &[Rule::ChecksumWithoutPosition]),
        (drop(2), &[Rule::ChecksumWithoutPosition]),
        (good(NEW)[2..3].to_vec(), &[Rule::PositionWithoutChecksum]),
    ];
    for (entries, expected) in cases {
        assert_eq!(read(entries).1, *expected, "{entries:?}");
    }
}

#[test]
fn the_newer_prefix_counts() {
    let (Some(NamedIndex::ZstdChunked(index)), _) = read(&[good(OLD), good(NEW)].concat()) else {
        panic!("no index");
    };
    assert_eq!(index.prefix, Prefix::Github);
    assert_eq!(index.toc.extent.offset(), 100);
    assert_eq!(index.tar_split.unwrap().uncompressed, 6);
}

#[test]
fn each_prefix_is_complete_by_itself() {
    let (no_position, no_checksum) = (Rule::ChecksumWithoutPosition, Rule::PositionWithoutChecksum);
    for (here, there) in [(OLD, NEW), (NEW, OLD)] {
        let without = |at: usize| {
            let mut entries = good(here);
            entries.remove(at);
            [entries, good(there)].concat()
        };
        for (at, rule) in [(0, no_checksum), (1, no_position), (2, no_position)] {
            assert_eq!(read(&without(at)), (read(&without(at)).0, vec![rule]), "{here} {at}");
        }
        let mut mixed = good(here)[..1].to_vec();
        mixed.push(good(there)[1].clone());
        let (index, mut rules) = read(&mixed);
        rules.sort();
        assert_eq!((index, rules), (None, vec![no_position, no_checksum]), "{here}");
    }
}

#[test]
fn the_tar_split_is_that_of_the_prefix_that_counts() {
    let tar_split = |entries: Entries| match read(&entries) {
        (Some(NamedIndex::ZstdChunked(index)), rules) if rules.is_empty() => index.tar_split.is_some(),
        other => panic!("{other:?}"),
    };
    assert!(tar_split([good(OLD)[..2].to_vec(), good(NEW)].concat()));
    assert!(!tar_split([good(OLD), good(NEW)[..2].to_vec()].concat()));
}

#[test]
fn what_both_prefixes_break_in_the_same_way_is_reported_once() {
    let broken = |prefix, value: &str| {
        let mut entries = good(prefix);
        entries[1].1 = value.to_owned();
        entries
    };
    let grammar = Rule::PositionGrammar;
    for (old, new, expected) in [
        ("x", "x", vec![grammar]),
        ("x", "100:20:30:1", vec![Rule::PrefixesAgree]),
        ("100:20:30:1", "x", vec![grammar, Rule::PrefixesAgree]),
    ] {
        assert_eq!(
            read(&[broken(OLD, old), broken(NEW, new)].concat()).1,
            expected,
            "{old} {new}"
        );
    }
}
