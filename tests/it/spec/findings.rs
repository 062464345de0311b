//! `docs/findings.md` agrees with the kept results of the newest releases.
//!
//! The first cell of a row names implementations, each with its newest version; the second has patterns of case ids, or `none`
//! where no adapter shows the finding.

use std::{collections::BTreeMap, fs, path::Path};

use chunkproof::{
    judge::{Outcome, Pattern},
    results::{KeptResults, Results, results_folders},
    vectors::{CaseId, Set},
};

use crate::support::root;

/// The adapters that put an implementation under test, by the name that the findings give it.
const ADAPTERS: &[(&str, &[&str])] = &[
    ("tar-split", &["tar-split", "tar-split-command"]),
    ("go.podman.io/storage", &["containers-storage"]),
    ("skopeo", &["skopeo"]),
    ("estargz", &["estargz"]),
    ("estargz/zstdchunked", &["estargz-zstdchunked"]),
    ("zstd-chunked", &["zstd-chunked"]),
    ("fzstd", &["fzstd"]),
    ("klauspost/compress", &["klauspost-zstd"]),
    ("DataDog/zstd", &["datadog-zstd"]),
    ("python-zstandard", &["python-zstandard"]),
    ("ruzstd", &["ruzstd"]),
];

/// The newest release of an adapter: its version, and the results of its variants.
struct Newest {
    version: String,
    results: Vec<Results>,
}

impl Newest {
    fn fails(&self, case: &CaseId) -> bool {
        let outcomes = self.results.iter().filter_map(|results| results.results.get(case));
        outcomes.copied().any(Outcome::is_failure)
    }
}

fn newest(root: &Path) -> BTreeMap<String, Newest> {
    let mut newest = BTreeMap::new();
    for (adapter, folder) in results_folders(&root.join("adapters")).unwrap() {
        // Sorted from the newest on; variants of one release follow each other.
        let all = KeptResults::read_all(&[folder]).unwrap();
        let release = |kept: &KeptResults| kept.results.version.split('+').next().unwrap().to_owned();
        let Some(version) = all.first().map(release) else {
            continue;
        };
        let these = all.into_iter().filter(|kept| release(kept) == version);
        let results = these.map(|kept| kept.results).collect();
        newest.insert(adapter, Newest { version, results });
    }
    newest
}

/// What is wrong with a row.
fn complaints(set: &Set, newest: &BTreeMap<String, Newest>, row: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
    let [named, cases, ..] = *cells else {
        return vec![format!("too few cells in {row}")];
    };
    let words: Vec<&str> = named.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    let mut releases: Vec<(&str, Vec<&Newest>)> = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let Some((name, adapters)) = ADAPTERS.iter().find(|(name, _)| name == word) else {
            continue;
        };
        let of: Vec<&Newest> = adapters.iter().filter_map(|adapter| newest.get(*adapter)).collect();
        let version = words.get(at + 1).copied().unwrap_or_default();
        for release in of.iter().filter(|release| release.version != version) {
            complaints.push(format!(
                "{name} {version}: the newest results are of {}",
                release.version
            ));
        }
        releases.push((name, of));
    }
    if cases.starts_with("none") {
        return complaints;
    }
    if releases.is_empty() {
        complaints.push(format!("no implementation is named in {named}"));
    }
    let mut matched = Vec::new();
    for pattern in cases.split('`').skip(1).step_by(2) {
        let pattern: Pattern = pattern.parse().unwrap();
        let before = matched.len();
        let ids = set.entries().iter().map(|entry| &entry.case.id);
        matched.extend(ids.filter(|id| pattern.matches(id)));
        if matched.len() == before {
            complaints.push(format!("{pattern} is no case"));
        }
    }
    for case in &matched {
        if !releases
            .iter()
            .flat_map(|(_, of)| of)
            .any(|release| release.fails(case))
        {
            complaints.push(format!("{case} is not failed by {named}"));
        }
    }
    for (name, of) in &releases {
        if !of.iter().any(|release| matched.iter().any(|case| release.fails(case))) {
            complaints.push(format!("{name} fails none of {cases}"));
        }
    }
    complaints
}

/// The rows of the tables, without their heads.
fn rows(findings: &str) -> impl Iterator<Item = &str> {
    let lines = findings.lines().filter(|line| line.starts_with("| "));
    lines.filter(|line| !line.starts_with("| implementation |"))
}

#[test]
fn the_findings_agree_with_the_newest_results() {
    let root = root();
    let (set, newest) = (Set::embedded().unwrap(), newest(root));
    let findings = fs::read_to_string(root.join("docs/findings.md")).unwrap();
    assert!(rows(&findings).count() > 30);
    let complaints: Vec<String> = rows(&findings).flat_map(|row| complaints(&set, &newest, row)).collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn wrong_rows_are_noticed() {
    let set = Set::embedded().unwrap();
    let newest = newest(root());
    let version = |adapter: &str| &newest.get(adapter).unwrap().version;
    let (fzstd, ruzstd) = (version("fzstd"), version("ruzstd"));
    for (row, complaint) in [
        (
            "| fzstd 0.0.1 | `decompress/checksum-wrong` | w |",
            "fzstd 0.0.1: the newest results are of",
        ),
        (
            "| zstd | `decompress/checksum-wrong` | w |",
            "no implementation is named",
        ),
        (
            &*format!("| fzstd {fzstd} | `decompress/checksum-wrong`, `-right` | w |"),
            "-right is no case",
        ),
        (
            &*format!("| fzstd {fzstd} | `decompress/{{checksum-wrong,one-frame}}` | w |"),
            "decompress/one-frame is not failed by fzstd",
        ),
        (
            &*format!("| fzstd {fzstd} and ruzstd {ruzstd} | `decompress/dictionary-id` | w |"),
            "ruzstd fails none of",
        ),
    ] {
        let found = complaints(&set, &newest, row);
        assert!(found.iter().any(|found| found.contains(complaint)), "{row}: {found:?}");
    }
}
