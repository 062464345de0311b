//! The paragraphs "Known deviations:" agree with the results that are kept of each implementation.
//!
//! A paragraph is `none is known`, or statements that are separated by semicolons. Each statement begins with the names of
//! implementations, each with the versions that it is about: `v1.2`, `v1.2 and v1.4`, `v1.2 to v1.4`, `up to v1.4`, `before v1.4`,
//! `from v1.2 on`, or all of them. What was not seen in results says `by its source`, or has a link to a report.

use std::collections::BTreeMap;

use chunkproof::{
    judge::Outcome,
    results::{KeptResults, Results, results_folders},
    rules::{Level, Rule},
    vectors::{Expect, Set},
};

use super::{Section, sections, spec};

use crate::support::root;

/// The adapters that put an implementation under test, by the name that the specification gives it.
const ADAPTERS: &[(&str, &[&str])] = &[
    (
        "containers/storage",
        &["containers-storage", "skopeo", "skopeo-installed", "buildah"],
    ),
    ("stargz-snapshotter", &["estargz", "estargz-zstdchunked"]),
    ("zstd-chunked", &["zstd-chunked"]),
    ("tar-split", &["tar-split", "tar-split-command"]),
    ("klauspost/compress", &["klauspost-zstd"]),
    ("async-compression", &["async-compression"]),
    ("composefs-rs", &["composefs-oci"]),
    ("DataDog/zstd", &["datadog-zstd"]),
    ("python-zstandard", &["python-zstandard"]),
    ("pyzstd", &["pyzstd"]),
    ("backports.zstd", &["backports-zstd"]),
    ("ruzstd", &["ruzstd"]),
    ("structured-zstd", &["structured-zstd"]),
    ("libzstd-rs-sys", &["libzstd-rs-sys"]),
    ("fzstd", &["fzstd"]),
    ("zstddec", &["zstddec"]),
    ("zstd-wasm", &["zstd-wasm"]),
    ("aircompressor", &["aircompressor"]),
    ("zstd-jni", &["zstd-jni"]),
    ("libarchive", &["bsdcat", "bsdtar"]),
    ("Python tarfile", &["python-tarfile"]),
    ("GNU tar", &["gnu-tar"]),
    ("Go archive/tar", &["go-archive-tar"]),
    ("node-tar", &["node-tar"]),
    ("tar-stream", &["tar-stream"]),
    ("modern-tar", &["modern-tar"]),
    ("Commons Compress", &["commons-compress"]),
    ("busybox", &["busybox"]),
    ("MirBSD pax", &["pax"]),
    ("7-Zip", &["7zip"]),
    ("tar-rs", &["tar-rs"]),
    ("astral-tokio-tar", &["astral-tokio-tar"]),
    ("tokio-tar", &["tokio-tar"]),
    ("async-tar", &["async-tar"]),
    ("tar-core", &["tar-core"]),
    ("zstd", &["zstd"]),
    // Not under test.
    ("containers/image", &[]),
    ("Docker", &[]),
    ("containerd", &[]),
];

/// The version of the library in a program whose own version is another.
const VERSIONS: &[(&str, &str, &str)] = &[
    ("skopeo", "v1.12.0", "v1.46.1"),
    ("skopeo", "v1.19.0", "v1.58.0"),
    ("skopeo", "v1.23.0", "v1.63.0"),
    ("skopeo-installed", "1.9.3", "v1.42.0"),
    ("buildah", "v1.45.0", "v1.64.0"),
    ("buildah", "v1.45.0+overlay", "v1.64.0"),
];

type Version = Vec<u64>;

/// The numbers of a version. What follows a plus sign is the use that is made of it, and a word such as `prerelease` counts for nothing.
fn version(text: &str) -> Option<Version> {
    let text = text.strip_prefix('v').unwrap_or(text);
    let (numbers, _) = text.split_once('+').unwrap_or((text, ""));
    let (first, rest) = numbers.split_at(numbers.find(['.', '-']).unwrap_or(numbers.len()));
    let rest = rest.split(['.', '-']).filter_map(|number| number.parse().ok());
    Some(std::iter::once(first.parse().ok()?).chain(rest).collect())
}

/// The versions that a statement is about.
#[derive(Debug, PartialEq)]
enum Versions {
    All,
    These(Vec<Version>),
    UpTo(Version),
    Before(Version),
    From(Version),
    Range(Version, Version),
}

impl Versions {
    fn contains(&self, version: &Version) -> bool {
        // `up to v1.4` includes v1.4.3.
        let cut = |bound: &Version| version.iter().copied().take(bound.len()).collect::<Version>();
        match self {
            Self::All => true,
            Self::These(these) => these.iter().any(|one| cut(one) == *one),
            Self::UpTo(last) => cut(last) <= *last,
            Self::Before(first) => version < first,
            Self::From(first) => version >= first,
            Self::Range(first, last) => version >= first && cut(last) <= *last,
        }
    }

    /// Reads what follows a name, and returns the rest.
    fn read(text: &str) -> (Self, &str) {
        let word = |text: &'_ str| {
            let text = text.strip_prefix(' ')?;
            let end = text.find([' ', ',', ';', ':']).unwrap_or(text.len());
            let (word, rest) = text.split_at(end);
            // A sentence ends after its version.
            version(word).map(|version| (version, rest.to_owned()))
        };
        let after = |prefix: &str, text: &str| text.strip_prefix(prefix).and_then(word);
        let tail = |rest: String| &text[text.len() - rest.len()..];
        if let Some((last, rest)) = after(" up to", text) {
            return (Self::UpTo(last), tail(rest));
        }
        if let Some((first, rest)) = after(" before", text) {
            return (Self::Before(first), tail(rest));
        }
        if let Some((first, rest)) = after(" from", text)
            && let Some(rest) = rest.strip_prefix(" on")
        {
            return (Self::From(first), tail(rest.to_owned()));
        }
        let Some((first, rest)) = word(text) else {
            return (Self::All, text);
        };
        if let Some((last, rest)) = after(" to", &rest) {
            return (Self::Range(first, last), tail(rest));
        }
        if let Some((second, rest)) = after(" and", &rest) {
            return (Self::These(vec![first, second]), tail(rest));
        }
        (Self::These(vec![first]), tail(rest))
    }
}

struct Statement<'a> {
    text: &'a str,
    about: Vec<(&'static str, Versions)>,
}

impl<'a> Statement<'a> {
    fn read(text: &'a str) -> Self {
        let mut about = Vec::new();
        let mut rest = text;
        loop {
            let named = ADAPTERS.iter().find_map(|(name, _)| {
                let rest = rest.strip_prefix(name)?;
                rest.starts_with([' ', ',', ':']).then_some((*name, rest))
            });
            let Some((name, after)) = named else { break };
            let (versions, after) = Versions::read(after);
            about.push((name, versions));
            let next = [", and ", ", ", " and "]
                .iter()
                .find_map(|joint| after.strip_prefix(joint));
            let Some(next) = next else { break };
            rest = next;
        }
        Self { text, about }
    }

    /// Whether it says itself where it is from, and no results are needed.
    fn has_source(&self) -> bool {
        ["by its source", "by their sources"]
            .iter()
            .any(|words| self.text.contains(words))
            || self.text.contains("](https://")
    }
}

/// The results of each release of each implementation.
struct Kept {
    releases: BTreeMap<&'static str, BTreeMap<Version, Vec<Results>>>,
}

impl Kept {
    fn read() -> Self {
        let folder = root().join("adapters");
        let mut releases: BTreeMap<_, BTreeMap<Version, Vec<Results>>> = BTreeMap::new();
        for (adapter, results) in results_folders(&folder).unwrap() {
            let named = ADAPTERS.iter().find(|(_, adapters)| adapters.contains(&&*adapter));
            let (name, _) = named.unwrap_or_else(|| panic!("the specification has no name for {adapter}"));
            for KeptResults { results, .. } in KeptResults::read_all(&[results]).unwrap() {
                let of_library = VERSIONS
                    .iter()
                    .find(|(of, version, _)| *of == adapter && *version == results.version);
                assert!(
                    of_library.is_some() || VERSIONS.iter().all(|(of, ..)| *of != adapter),
                    "which version of containers/storage has {}?",
                    results.label()
                );
                let version = version(of_library.map_or(&*results.version, |(_, _, library)| library)).unwrap();
                releases
                    .entry(*name)
                    .or_default()
                    .entry(version)
                    .or_default()
                    .push(results);
            }
        }
        Self { releases }
    }

    fn of(&self, name: &str) -> impl Iterator<Item = (&Version, &[Results])> {
        let releases = self.releases.get(name).into_iter().flatten();
        releases.map(|(version, results)| (version, &**results))
    }
}

/// What the results of a release say of a rule.
#[derive(Default)]
struct Evidence {
    /// An input that breaks the rule was accepted, or ended the process; with the case.
    fails: Option<String>,
    /// What the rule leaves open was decided in another way than the rule says, or says first.
    chose: bool,
    /// This, or a failure of any kind.
    deviates: bool,
    /// There is an answer that counts.
    answered: bool,
}

fn evidence(set: &Set, rule: Rule, results: &[Results]) -> Evidence {
    let mut evidence = Evidence::default();
    for entry in set
        .entries()
        .iter()
        .filter(|entry| entry.case.rules.first() == Some(&rule))
    {
        for results in results {
            let Some(&outcome) = results.results.get(&entry.case.id) else {
                continue;
            };
            if outcome.is_failure() && entry.case.expect == Expect::Invalid {
                evidence.fails.get_or_insert_with(|| entry.case.id.to_string());
            }
            let chosen = match rule.level() {
                Level::May => Outcome::Strict,
                Level::Must | Level::Should => Outcome::Lenient,
            };
            evidence.chose |= outcome == chosen;
            evidence.deviates |= outcome.is_failure() || outcome == chosen;
            evidence.answered |= outcome != Outcome::Vacuous;
        }
    }
    evidence
}

/// What is wrong with the paragraph of a rule.
fn complaints(set: &Set, kept: &Kept, rule: Rule, paragraph: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    let paragraph = paragraph.strip_suffix('.').unwrap_or(paragraph);
    let is_none = paragraph == "none is known";
    let statements: Vec<Statement<'_>> = if is_none {
        Vec::new()
    } else {
        paragraph.split("; ").map(Statement::read).collect()
    };
    for statement in &statements {
        if statement.about.is_empty() {
            complaints.push(format!(
                "{rule}: no implementation is named first in: {}",
                statement.text
            ));
        }
    }
    let about = |of: &str, version: &Version| {
        statements
            .iter()
            .flat_map(|statement| &statement.about)
            .any(|(name, versions)| *name == of && versions.contains(version))
    };
    for (name, _) in ADAPTERS {
        for (version, results) in kept.of(name) {
            let Evidence { fails, chose, .. } = evidence(set, rule, results);
            if let Some(case) = fails.filter(|_| !about(name, version)) {
                complaints.push(format!("{rule}: {name} {version:?} fails {case} and is not named"));
            } else if is_none && chose && rule.level() != Level::Must {
                complaints.push(format!("{rule}: {name} {version:?} deviates and is not named"));
            }
        }
    }
    for statement in statements.iter().filter(|statement| !statement.has_source()) {
        for (name, versions) in &statement.about {
            let seen: Vec<(&Version, bool)> = kept
                .of(name)
                .filter(|(version, _)| versions.contains(version))
                .map(|(version, results)| (version, evidence(set, rule, results)))
                .filter(|(_, evidence)| evidence.answered)
                .map(|(version, evidence)| (version, evidence.deviates))
                .collect();
            let Some(last) = seen.last() else {
                complaints.push(format!(
                    "{rule}: no kept result shows the deviation stated for {name} {versions:?}"
                ));
                continue;
            };
            // The bounds of what is said.
            let first = seen
                .first()
                .filter(|_| matches!(versions, Versions::From(_) | Versions::Range(..)));
            for (version, _) in first.into_iter().chain([last]).filter(|(_, deviates)| !deviates) {
                complaints.push(format!(
                    "{rule}: {name} {version:?} does not deviate as stated for {versions:?}"
                ));
            }
        }
    }
    complaints
}

fn paragraph(section: &Section) -> (Rule, &str) {
    let (_, paragraph) = section.explanation.rsplit_once("Known deviations: ").unwrap();
    (section.id.parse().unwrap(), paragraph)
}

#[test]
fn known_deviations_agree_with_kept_results() {
    let (set, kept) = (Set::embedded().unwrap(), Kept::read());
    let complaints: Vec<String> = sections(&spec())
        .iter()
        .map(paragraph)
        .flat_map(|(rule, paragraph)| complaints(&set, &kept, rule, paragraph))
        .collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn wrong_statements_are_noticed() {
    let (set, kept) = (Set::embedded().unwrap(), Kept::read());
    for (rule, paragraph, complaint) in [
        (Rule::EntryXattr, "none is known.", "and is not named"),
        (Rule::JsonDuplicateKey, "none is known.", "deviates and is not named"),
        (Rule::FooterOnly, "none is known.", "deviates and is not named"),
        (
            Rule::EntryXattr,
            "Readers in Go are lenient.",
            "no implementation is named first",
        ),
        (
            Rule::EntryXattr,
            "containers/storage lists the text; fzstd does too.",
            "no kept result shows the deviation stated for fzstd",
        ),
        (
            Rule::EntryXattr,
            "containers/storage up to v1.54 lists the text.",
            "[1, 65, 0] fails toc/",
        ),
        (
            Rule::TarSplitDigest,
            "containers/storage and zstd-chunked compare nothing.",
            "does not deviate as stated for All",
        ),
        (
            Rule::EntryMetadata,
            "containers/storage up to v1.56 and zstd-chunked compare nothing.",
            "[1, 56, 1] does not deviate as stated",
        ),
    ] {
        let found = complaints(&set, &kept, rule, paragraph);
        assert!(
            found.iter().any(|found| found.contains(complaint)),
            "{rule}: {paragraph}: {found:?}"
        );
    }
}

#[test]
fn names_and_versions_are_read() {
    let read = |text| Statement::read(text).about;
    let version = |text| version(text).unwrap();
    assert_eq!(
        read("klauspost/compress before v1.17.8, and containers/storage up to v1.53 through it, accept them"),
        [
            ("klauspost/compress", Versions::Before(version("v1.17.8"))),
            ("containers/storage", Versions::UpTo(version("1.53")))
        ]
    );
    assert_eq!(
        read("zstd v1.2 and 1.4 and zstd-chunked 0.1 to 0.2: no"),
        [
            ("zstd", Versions::These(vec![version("v1.2"), version("v1.4")])),
            ("zstd-chunked", Versions::Range(version("0.1"), version("0.2")))
        ]
    );
    assert_eq!(
        read("pyzstd, ruzstd from v0.9 on and fzstd do"),
        [
            ("pyzstd", Versions::All),
            ("ruzstd", Versions::From(version("0.9"))),
            ("fzstd", Versions::All)
        ]
    );
    assert!(read("readers such as fzstd").is_empty());
    let up_to = Versions::UpTo(version("1.53"));
    assert!(up_to.contains(&version("v1.53.2+a")) && !up_to.contains(&version("1.54.0")));
    assert!(!Versions::Before(version("1.53")).contains(&version("1.53.0")));
}
