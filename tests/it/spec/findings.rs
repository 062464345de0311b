//! `docs/findings.md` agrees with the kept results of the newest releases.
//!
//! The first cell of a row names implementations, each with its newest version; the second has patterns of case ids, or `none`
//! where no adapter shows the finding. The last two are a link to the report and the status.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

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
    ("zstddec", &["zstddec"]),
    ("klauspost/compress", &["klauspost-zstd"]),
    ("DataDog/zstd", &["datadog-zstd"]),
    ("python-zstandard", &["python-zstandard"]),
    ("ruzstd", &["ruzstd"]),
    ("node-tar", &["node-tar"]),
    ("tar-stream", &["tar-stream"]),
    ("modern-tar", &["modern-tar"]),
    ("commons-compress", &["commons-compress"]),
    ("busybox", &["busybox"]),
    ("pax", &["pax"]),
    ("7zip", &["7zip"]),
    ("tar-rs", &["tar-rs"]),
    ("astral-tokio-tar", &["astral-tokio-tar"]),
    ("tokio-tar", &["tokio-tar"]),
    ("async-tar", &["async-tar"]),
    ("tar-core", &["tar-core"]),
    ("composefs-oci", &["composefs-oci"]),
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

/// What a row needs that has this status.
const OPEN: &[&str] = &["to be reported", "open"];

fn cells(row: &str) -> Vec<&str> {
    row.trim_matches('|').split(" | ").map(str::trim).collect()
}

/// The name of the report that a row links to.
fn linked(row: &str) -> Option<&str> {
    let cells = cells(row);
    let [.., link, _status] = *cells else {
        return None;
    };
    let (name, target) = link
        .strip_prefix('[')?
        .strip_suffix("/README.md)")?
        .split_once("](reports/")?;
    (name == target).then_some(name)
}

/// What is wrong with the report of a row, as `read` finds it by its name.
fn report_complaints(row: &str, read: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let cells = cells(row);
    let [named, cases, .., status] = *cells else {
        return vec![format!("too few cells in {row}")];
    };
    if !OPEN.contains(&status) {
        return Vec::new();
    }
    let Some(name) = linked(row) else {
        return vec![format!("no report of {cases}")];
    };
    let Some(report) = read(name) else {
        return vec![format!("there is no report {name}")];
    };
    let about = |key: &str| {
        let line = report.lines().find(|line| line.starts_with(&format!("| {key} |")));
        line.unwrap_or_default().to_owned()
    };
    let mut complaints = Vec::new();
    let words: Vec<&str> = named.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    for pair in words.windows(2) {
        let [implementation, version] = *pair else { continue };
        let pair = format!("{implementation} {version}");
        if ADAPTERS.iter().any(|(known, _)| *known == implementation) && !about("implementation").contains(&pair) {
            complaints.push(format!("{name} does not name {pair}"));
        }
    }
    for pattern in cases.split('`').skip(1).step_by(2) {
        if !about("cases").contains(&format!("`{pattern}`")) {
            complaints.push(format!("{name} does not name {pattern}"));
        }
    }
    complaints
}

/// What is wrong with a row.
fn complaints(set: &Set, newest: &BTreeMap<String, Newest>, row: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    let cells = cells(row);
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

/// Each report is that of a row, too.
#[test]
fn each_open_finding_has_its_report() {
    let docs = root().join("docs");
    let findings = fs::read_to_string(docs.join("findings.md")).unwrap();
    let read = |name: &str| fs::read_to_string(docs.join("reports").join(name).join("README.md")).ok();
    let complaints: Vec<String> = rows(&findings).flat_map(|row| report_complaints(row, read)).collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    let linked: BTreeSet<String> = rows(&findings).filter_map(linked).map(str::to_owned).collect();
    assert_eq!(linked, crate::reproducers::names());
}

#[test]
fn rows_with_a_wrong_report_are_noticed() {
    let report = "| implementation | fzstd 0.1.1 |\n| cases | `a/b` |\n";
    let read = |name: &str| (name == "it").then(|| report.to_owned());
    for (row, complaint) in [
        (
            "| fzstd 0.1.1 | `a/b` | w | h | [it](reports/it/README.md) | open |",
            "",
        ),
        ("| fzstd 0.1.1 | `a/b` | w | h | - | known |", ""),
        ("| fzstd 0.1.1 | `a/b` | w | h | - | open |", "no report of `a/b`"),
        (
            "| fzstd 0.1.1 | `a/b` | w | h | [it](reports/other/README.md) | open |",
            "no report of `a/b`",
        ),
        (
            "| fzstd 0.1.1 | `a/b` | w | h | [no](reports/no/README.md) | to be reported |",
            "there is no report no",
        ),
        (
            "| fzstd 0.1.2 | `a/b` | w | h | [it](reports/it/README.md) | open |",
            "it does not name fzstd 0.1.2",
        ),
        (
            "| fzstd 0.1.1 | `a/b`, `a/c` | w | h | [it](reports/it/README.md) | open |",
            "it does not name a/c",
        ),
    ] {
        assert_eq!(report_complaints(row, read).join("\n"), complaint, "{row}");
    }
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
