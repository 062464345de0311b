//! `docs/history.md`: whether the cases see the bugs that released implementations had.
//!
//! A case that was made after a bug proves something if a release with the bug fails it and the release that repaired it
//! passes. Both are read from the results that are kept beside the adapters.

use std::{collections::BTreeMap, path::Path};

use super::{KeptError, KeptResults, Results, results_folders, set_digest::is_current, table::is_after};
use crate::vectors::{
    CaseId, Registers, Set, SetEntry,
    bugs::{Record, Tested},
};
use crate::{judge::Outcome, outside::markdown};

/// Results by adapter and version.
type Releases = BTreeMap<(String, String), KeptResults>;

/// The document for this set and for the results below this folder of adapters.
///
/// # Errors
///
/// Results that cannot be read.
pub fn history(set: &Set, adapters: &Path) -> Result<String, KeptError> {
    let mut releases = Releases::new();
    for (adapter, folder) in results_folders(adapters)? {
        for kept in KeptResults::read_all(&[folder])? {
            let release = (adapter.clone(), kept.results.version.clone());
            if let Some(other) = releases.insert(release, kept.clone()) {
                let message = format!("the version is that of {} too", other.file.display());
                return Err(KeptError::new(&kept.file, message));
            }
        }
    }
    Ok(document(set, &releases))
}

const HEAD: &str = "\
# History

Made by `chunkproof generate` from `src/cases/registers/bugs.toml` and from the results in `adapters/*/results`; do not edit.

Each bug that a released implementation had, with the cases that were made after it, by their results on the last release that
has the bug and on the first one without it, or on the nearest that an adapter has. A bug is *shown* if some case fails on the one
and is passed, or decided as a choice, on the other. *Not run* means that there are no results of a release; *not asked*, that the
case is newer than its results; *no result*, that the release cannot be asked the case. Cases that neither release can be asked are
left out where both were run.
";

fn document(set: &Set, releases: &Releases) -> String {
    let reachable: Vec<Sight> = Registers::current()
        .bugs
        .iter()
        .filter(|record| record.unreachable.is_none())
        .map(|&record| Sight::new(set, releases, record))
        .collect();
    let (repaired, open): (Vec<&Sight>, Vec<&Sight>) = reachable.iter().partition(|sight| sight.record.fixed.is_some());
    let shown = repaired.iter().filter(|sight| sight.verdict() == SHOWN).count();
    let untested = repaired.iter().filter(|sight| sight.record.tested.is_none()).count();
    let under_test = repaired.len().saturating_sub(untested);
    let not_run = repaired
        .iter()
        .filter(|sight| !sight.was_run())
        .count()
        .saturating_sub(untested);
    let mut text = String::from(HEAD);
    text += &format!(
        "\nOf {under_test} repaired bugs with releases under test, {shown} are shown failing on the last affected and passing on the \
         first fixed\nrelease; of {not_run} there are no results on one release or both. Of {untested} more, which have cases as well, no \
         adapter has the\nreleases, for the reason that stands in their row.\n",
    );
    text += &other_set(set, releases);
    text += "\n## Repaired\n\n";
    text += &line(&[
        "bug",
        "component",
        "last affected",
        "first fixed",
        "cases by their results on both",
        "shown",
    ]);
    text += &line(&["---"; 6]);
    for sight in repaired {
        text += &sight.repaired();
    }
    text += "\n## Not repaired in a release\n\n";
    text += &line(&["bug", "component", "last affected", "cases by their results"]);
    text += &line(&["---"; 4]);
    for sight in open {
        text += &sight.open();
    }
    text += "\n## Out of reach\n\nNo operation can show these.\n\n";
    text += &line(&["bug", "component", "last affected", "first fixed", "reason"]);
    text += &line(&["---"; 5]);
    for record in &Registers::current().bugs {
        if let Some(reason) = record.unreachable {
            let fixed = record.fixed.unwrap_or("none");
            text += &line(&[&name(record), record.implementation, record.last, fixed, reason]);
        }
    }
    text
}

/// Results that may not be those of today's cases, and results without some of them.
fn other_set(set: &Set, releases: &Releases) -> String {
    let (current, changed): (Vec<&Results>, Vec<&Results>) = releases
        .values()
        .map(|kept| &kept.results)
        .partition(|results| is_current(set, results));
    let lacks = |results: &&&Results| {
        set.entries()
            .iter()
            .any(|entry| !is_asked(results, entry) && can_ask(results, entry))
    };
    let older: Vec<&Results> = current.iter().filter(lacks).copied().collect();
    let line = |text: &str, results: &[&Results]| {
        let labels: Vec<String> = results.iter().map(|results| markdown(&results.label())).collect();
        if labels.is_empty() {
            return String::new();
        }
        format!("\n{text}: {}.\n", labels.join(", "))
    };
    line("These results are of cases that have changed since", &changed)
        + &line("These results lack cases that are newer", &older)
}

fn is_asked(results: &Results, entry: &SetEntry) -> bool {
    results.results.contains_key(&entry.case.id)
}

fn can_ask(results: &Results, entry: &SetEntry) -> bool {
    results.ops.has(entry.op, &entry.case.dialects)
}

/// The word for a bug that is seen.
const SHOWN: &str = "yes";

/// What the results say of a bug.
struct Sight<'a> {
    record: Record,
    cases: Vec<&'a SetEntry>,
    last: Option<&'a Results>,
    fixed: Option<&'a Results>,
}

impl<'a> Sight<'a> {
    fn new(set: &'a Set, releases: &'a Releases, record: Record) -> Self {
        let find = |version: fn(Tested) -> Option<&'static str>| {
            let tested = record.tested?;
            let release = (tested.adapter.to_owned(), version(tested)?.to_owned());
            releases.get(&release).map(|kept| &kept.results)
        };
        let cases = set.entries().iter().filter(|entry| is_after(entry, record.id));
        Self {
            cases: cases.collect(),
            last: find(|tested| Some(tested.last)),
            fixed: find(|tested| tested.fixed),
            record,
        }
    }

    fn was_run(&self) -> bool {
        self.last.is_some() && self.fixed.is_some()
    }

    /// Whether the bug is seen: there, and gone.
    fn verdict(&self) -> String {
        let shows = |entry: &&SetEntry| {
            let case = &entry.case.id;
            // What a release cannot do shows nothing of the bug.
            result(self.last, case).is_some_and(|was| was.is_failure() && was != Outcome::DeclaredUnsupported)
                && result(self.fixed, case).is_some_and(|is| is == Outcome::Pass || is.is_choice())
        };
        if self.record.tested.is_none() {
            self.record.untested.unwrap_or("not under test").to_owned()
        } else if !self.was_run() {
            "not run".to_owned()
        } else if self.cases.iter().any(shows) {
            SHOWN.to_owned()
        } else {
            let reason = self.record.hidden.map(|reason| format!(": {reason}"));
            format!("no{}", reason.unwrap_or_default())
        }
    }

    /// The cases that have the same results, together.
    fn groups(&self, results: impl Fn(&SetEntry) -> String) -> String {
        let mut groups: Vec<(String, Vec<String>)> = Vec::new();
        for entry in &self.cases {
            let key = results(entry);
            let id = format!("`{}`", entry.case.id);
            match groups.iter_mut().find(|(known, _)| *known == key) {
                Some((_, ids)) => ids.push(id),
                None => groups.push((key, vec![id])),
            }
        }
        // What neither can be asked says nothing where others do.
        if self.was_run() && groups.len() > 1 {
            groups.retain(|(key, _)| *key != NEITHER);
        }
        let lines: Vec<String> = groups
            .iter()
            .map(|(key, ids)| format!("{key}: {}", ids.join(" ")))
            .collect();
        lines.join("<br>")
    }

    fn repaired(&self) -> String {
        let record = &self.record;
        let both = |entry: &SetEntry| format!("{} → {}", word(self.last, entry), word(self.fixed, entry));
        line(&[
            &name(record),
            record.implementation,
            &release(record.last, record.tested.map(|tested| tested.last)),
            &release(
                record.fixed.unwrap_or("none"),
                record.tested.and_then(|tested| tested.fixed),
            ),
            &self.groups(both),
            &self.verdict(),
        ])
    }

    fn open(&self) -> String {
        let record = &self.record;
        let there = |entry: &SetEntry| word(self.last, entry).to_owned();
        let last = release(record.last, record.tested.map(|tested| tested.last));
        line(&[&name(record), record.implementation, &last, &self.groups(there)])
    }
}

/// A release, and the one that is under test if it is another. Names of releases may begin with a folder.
fn release(named: &str, tested: Option<&str>) -> String {
    let plain = named.rsplit('/').next().unwrap_or(named);
    match tested {
        Some(tested) if tested != plain => format!("{named} (tested: {tested})"),
        _ => named.to_owned(),
    }
}

/// What stands for two releases that cannot be asked.
const NEITHER: &str = "no result → no result";

fn result(results: Option<&Results>, case: &CaseId) -> Option<Outcome> {
    results?.results.get(case).copied()
}

/// The result of a case in one word.
fn word(results: Option<&Results>, entry: &SetEntry) -> &'static str {
    match results {
        None => "not run",
        Some(results) => match results.results.get(&entry.case.id) {
            Some(outcome) => outcome.name(),
            None if can_ask(results, entry) => "not asked",
            None => "no result",
        },
    }
}

/// The id, with what happened behind it.
fn name(record: &Record) -> String {
    format!("`{}`: {}", record.id.id(), record.text)
}

fn line(cells: &[&str]) -> String {
    format!("| {} |\n", cells.join(" | "))
}
