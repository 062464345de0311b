use std::collections::{BTreeMap, BTreeSet};

use super::rows;
use crate::rules::{Level, Rule};

/// Rules that no edit of the catalogue breaks, and why.
const WITHOUT: &[(Rule, &str)] = &[
    (Rule::IndexLimit, "takes a TOC of 50 MiB"),
    (Rule::TarExtensionLimit, "takes an extension header of 1 MiB"),
    (Rule::TarExtensionChain, "takes extension headers of 4 MiB"),
    (
        Rule::FileMissing,
        "a layer breaks the rules of ranges and digests before",
    ),
    (Rule::FileSize, "a layer breaks the rules of ranges and digests before"),
    (Rule::MediaType, "the descriptor is no part of a layer"),
    (Rule::DiffId, "the configuration of the image is no part of a layer"),
    (Rule::RangeSkippable, "each range after the frame would have to follow"),
    (Rule::EStargzToc, "the TOC of eStargz is built after all edits"),
    (
        Rule::EStargzOrder,
        "a range that begins before another decodes to something else, which is found before",
    ),
];

#[test]
fn every_row_has_a_name_and_every_rule_a_row_or_a_reason() {
    let names: BTreeSet<&str> = rows().map(|row| row.name).collect();
    assert_eq!(names.len(), rows().count());
    let known: BTreeSet<Rule> = rows().map(|row| row.rule).collect();
    let without: BTreeMap<Rule, &str> = WITHOUT.iter().copied().collect();
    let both: Vec<_> = without.keys().filter(|rule| known.contains(rule)).collect();
    assert!(both.is_empty(), "{both:?} have a row");
    // What is permitted is broken by no edit.
    let missing: Vec<_> = Rule::ALL
        .iter()
        .filter(|rule| rule.level() != Level::May && !known.contains(rule) && !without.contains_key(rule))
        .map(|rule| format!("{rule:?} {} {}", rule.id(), rule.text()))
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}
