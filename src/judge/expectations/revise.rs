//! Brings a list of expected deviations up to date with the results of a run.
//!
//! The text is edited, not written anew: comments, and the entries that still hold, stay as they are.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, iter,
};

use super::{CaseResult, Expectation, Expectations, ExpectationsError, Outcome};
use crate::vectors::{CaseId, Set, Tombstone};

/// The reason of an entry that a run added. The maintainer of the list replaces it.
const REASON: &str = "to be explained";

/// Where an entry begins.
const HEADER: &str = "[[expect]]";

/// A list that a run is compared with, brought up to date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revised {
    /// The text of the list.
    pub text: String,
    /// What changed, in the order of the list. Without a change the text is what it was.
    pub changes: Vec<Revision>,
}

/// One change of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revision {
    /// An entry is gone: none of its cases has the result.
    Dropped(String),
    /// An entry remains, without these cases.
    Narrowed(String, Vec<CaseId>),
    /// An entry is new: these cases have this result.
    Added(Vec<CaseId>, Outcome),
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dropped(cases) => write!(f, "dropped  {cases}"),
            Self::Narrowed(cases, lost) => write!(f, "narrowed {cases}: without {}", spelled(lost)),
            Self::Added(cases, outcome) => write!(f, "added    {}: {}", spelled(cases), outcome.name()),
        }
    }
}

/// What becomes of an entry.
enum Fate {
    Stays,
    Goes,
    /// These cases remain, and those are lost.
    Narrows(Vec<CaseId>, Vec<CaseId>),
}

/// The list with which exactly these results are as expected. Cases without a result keep their entries.
///
/// # Errors
///
/// A text that is no list.
pub fn revise(text: &str, set: &Set, results: &[CaseResult]) -> Result<Revised, ExpectationsError> {
    let list: Expectations = text.parse()?;
    let mut lost = vec![BTreeSet::new(); list.expect.len()];
    let mut held_before = lost.clone();
    let mut new: BTreeMap<(&str, Outcome, Option<usize>), Vec<CaseId>> = BTreeMap::new();
    let mut not_asked = BTreeSet::new();
    for result in results {
        let Some(id) = set.entries().get(result.index).map(|entry| &entry.case.id) else {
            continue;
        };
        if !result.outcome.is_applicable() {
            not_asked.insert(id);
            continue;
        }
        let mut is_held = false;
        for ((entry, lost), held_before) in list.expect.iter().zip(&mut lost).zip(&mut held_before) {
            if !entry.cases.matches(id) {
                continue;
            }
            if is_held {
                held_before.insert(id);
            } else if entry.result.is(result.outcome) || (entry.sometimes && !result.outcome.is_failure()) {
                is_held = true;
            } else {
                lost.insert(id);
            }
        }
        if !is_held && result.outcome.is_failure() {
            let key = (parts(id).0, result.outcome, predecessor(&list, id));
            new.entry(key).or_default().push(id.clone());
        }
    }
    let mut fates = Vec::new();
    for ((entry, lost), held_before) in list.expect.iter().zip(&lost).zip(&held_before) {
        let matched = set.entries().iter().map(|entry| &entry.case.id);
        let matched: Vec<&CaseId> = matched.filter(|id| entry.cases.matches(id)).collect();
        let is_about = |id: &&&CaseId| !lost.contains(**id) && !not_asked.contains(**id);
        let own = matched.iter().filter(is_about).filter(|id| !held_before.contains(**id));
        let own: Vec<CaseId> = own.map(|&id| id.clone()).collect();
        fates.push(if lost.is_empty() && matched.iter().any(|id| is_about(&id)) {
            Fate::Stays
        } else if own.is_empty() {
            Fate::Goes
        } else {
            Fate::Narrows(own, lost.iter().map(|&id| id.clone()).collect())
        });
    }
    let new = new.into_iter().map(|((_, outcome, predecessor), ids)| {
        let predecessor = predecessor.and_then(|at| list.expect.get(at));
        (ids, outcome, predecessor)
    });
    Ok(revised(text, &list, &fates, new))
}

/// The entry that names the case of which this one took the place.
fn predecessor(list: &Expectations, id: &CaseId) -> Option<usize> {
    let mut replaced = Tombstone::all()
        .iter()
        .filter(|row| row.replaced_by.as_ref() == Some(id));
    replaced.find_map(|row| list.expect.iter().position(|entry| entry.cases.names(&row.id)))
}

fn revised<'a>(
    text: &str,
    list: &Expectations,
    fates: &[Fate],
    new: impl Iterator<Item = (Vec<CaseId>, Outcome, Option<&'a Expectation>)>,
) -> Revised {
    let mut changes = Vec::new();
    let mut wanted = Vec::new();
    for (entry, fate) in list.expect.iter().zip(fates) {
        let cases = entry.cases.to_string();
        match fate {
            Fate::Stays => wanted.push(Row::of(entry, cases)),
            Fate::Goes => changes.push(Revision::Dropped(cases)),
            Fate::Narrows(own, lost) => {
                wanted.push(Row::of(entry, spelled(own)));
                changes.push(Revision::Narrowed(cases, lost.clone()));
            }
        }
    }
    for (ids, outcome, predecessor) in new {
        wanted.push(Row {
            cases: spelled(&ids),
            result: outcome.name(),
            reason: predecessor.map_or(REASON, |entry| &entry.reason).to_owned(),
            link: predecessor.and_then(|entry| entry.link.clone()),
            sometimes: false,
        });
        changes.push(Revision::Added(ids, outcome));
    }
    if changes.is_empty() {
        return Revised {
            text: text.to_owned(),
            changes,
        };
    }
    let edited = edited(text, fates, &wanted);
    // A list in another notation, such as one line for all entries, is written anew.
    let text = match edited.filter(|edited| rows(edited).is_some_and(|rows| rows == wanted)) {
        Some(edited) => edited,
        None => wanted.iter().map(Row::text).collect::<Vec<_>>().join("\n"),
    };
    Revised { text, changes }
}

/// An entry as it is written.
#[derive(PartialEq, Eq)]
struct Row {
    cases: String,
    result: &'static str,
    reason: String,
    link: Option<String>,
    sometimes: bool,
}

impl Row {
    fn of(entry: &Expectation, cases: String) -> Self {
        Self {
            cases,
            result: entry.result.name(),
            reason: entry.reason.clone(),
            link: entry.link.clone(),
            sometimes: entry.sometimes,
        }
    }

    fn text(&self) -> String {
        let Self {
            cases,
            result,
            reason,
            link,
            sometimes,
        } = self;
        let mut text = format!(
            "{HEADER}\ncases = {}\nresult = {}\nreason = {}\n",
            quoted(cases),
            quoted(result),
            quoted(reason)
        );
        if let Some(link) = link {
            text += &format!("link = {}\n", quoted(link));
        }
        if *sometimes {
            text += "sometimes = true\n";
        }
        text
    }
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn rows(text: &str) -> Option<Vec<Row>> {
    let list: Expectations = text.parse().ok()?;
    let row = |entry: &Expectation| Row::of(entry, entry.cases.to_string());
    Some(list.expect.iter().map(row).collect())
}

/// The text with the changes in it; none where entries are not written as tables of their own.
fn edited(text: &str, fates: &[Fate], wanted: &[Row]) -> Option<String> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let headers = lines.iter().enumerate().filter(|(_, line)| line.trim() == HEADER);
    let headers: Vec<usize> = headers.map(|(at, _)| at).collect();
    if headers.len() != fates.len() {
        return None;
    }
    let starts: Vec<usize> = headers.iter().map(|&at| start(&lines, at)).collect();
    let mut out: String = lines.get(..starts.first().copied().unwrap_or(lines.len()))?.concat();
    let mut rows = wanted.iter();
    let ends = starts.iter().skip(1).copied().chain(iter::once(lines.len()));
    for ((fate, &start), end) in fates.iter().zip(&starts).zip(ends) {
        let block = lines.get(start..end)?;
        match fate {
            Fate::Stays => {
                rows.next()?;
                out += &block.concat();
            }
            Fate::Narrows(..) => {
                let row = rows.next()?;
                for line in block {
                    match cases_key(line) {
                        Some(indent) => out += &format!("{indent}cases = {}\n", quoted(&row.cases)),
                        None => out += line,
                    }
                }
            }
            Fate::Goes => out += &after(block),
        }
    }
    for row in rows {
        if !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
        if !out.is_empty() && !out.ends_with("\n\n") {
            out.push('\n');
        }
        out += &row.text();
    }
    Some(out)
}

/// Where the block of an entry starts: with the comment right above its header. A comment at the top is about the file.
fn start(lines: &[&str], header: usize) -> usize {
    let above = lines.iter().take(header).rev();
    let count = above.take_while(|line| line.trim().starts_with('#')).count();
    match header.saturating_sub(count) {
        0 => header,
        start => start,
    }
}

/// What of a block stays when its entry goes: what follows the blank line after it, such as the heading of the next entries.
fn after(block: &[&str]) -> String {
    let is_of_entry = |line: &&str| !line.trim().is_empty() && !line.trim().starts_with('#');
    let last = block.iter().rposition(is_of_entry).unwrap_or_default();
    let rest = block.iter().skip(last).skip(1);
    rest.skip_while(|line| line.trim().is_empty()).copied().collect()
}

/// What is before the key `cases`, if the line begins with it.
fn cases_key(line: &str) -> Option<&str> {
    let rest = line.trim_start();
    let indent = line.get(..line.len().checked_sub(rest.len())?)?;
    let is_key = rest.strip_prefix("cases")?.trim_start().starts_with('=');
    is_key.then_some(indent)
}

/// A pattern of exactly these cases.
fn spelled(ids: &[CaseId]) -> String {
    if let [one] = ids {
        return one.to_string();
    }
    let families: BTreeSet<&str> = ids.iter().map(|id| parts(id).0).collect();
    match families.first() {
        Some(family) if families.len() == 1 => {
            let slugs: Vec<&str> = ids.iter().map(|id| parts(id).1).collect();
            format!("{family}/{{{}}}", slugs.join(","))
        }
        _ => {
            let ids: Vec<&str> = ids.iter().map(CaseId::as_str).collect();
            format!("{{{}}}", ids.join(","))
        }
    }
}

/// The family and the slug of an id.
fn parts(id: &CaseId) -> (&str, &str) {
    id.as_str().split_once('/').unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::revise;
    use crate::{
        judge::{CaseResult, Deviation, Expectations, Outcome},
        vectors::Set,
    };

    const LIST: &str = r#"# What it is known to do.

[[expect]]
cases = "footer/v64"
result = "crash" # always
reason = "one"

# Two of them.
[[expect]]
  cases = "footer/{v40,v56}"
result = "fail"
reason = "two"
link = "https://example.org/2"

# Annotations.

[[expect]]
cases = "annotations/g5"
result = "fail"
reason = "three"
sometimes = true
"#;

    fn results(set: &Set, given: &[(&str, Outcome)]) -> Vec<CaseResult> {
        let result = |&(id, outcome): &(&str, Outcome)| {
            let index = set.position(&id.parse().unwrap()).unwrap();
            CaseResult::bare(index, outcome)
        };
        given.iter().map(result).collect()
    }

    fn block(heading: &str) -> String {
        let start = LIST.find(heading).unwrap();
        LIST[start..].split("\n\n").next().unwrap().to_owned() + "\n"
    }

    fn added(cases: &str, result: &str) -> String {
        format!("\n[[expect]]\ncases = \"{cases}\"\nresult = \"{result}\"\nreason = \"to be explained\"\n")
    }

    #[test]
    fn entries_that_hold_stay_as_they_are_written() {
        use Outcome::{Crash, Pass, Timeout, Unsupported, WrongOutput, WrongVerdict};
        let set = Set::embedded().unwrap();
        let (first, second) = (
            block("[[expect]]\ncases = \"footer/v64\"") + "\n",
            block("# Two of them"),
        );
        let head = "# What it is known to do.\n\n";
        for (given, expected, changes) in [
            // As it was, in a run of all and of a few cases.
            (
                &[
                    ("footer/v64", Crash),
                    ("footer/v40", WrongOutput),
                    ("annotations/g5", Pass),
                ][..],
                LIST.to_owned(),
                &[][..],
            ),
            (
                &[("footer/v56", WrongVerdict), ("annotations/g5", WrongVerdict)],
                LIST.to_owned(),
                &[],
            ),
            // Gone, with the comment that is about it alone.
            (
                &[("footer/v64", Pass)],
                LIST.replace(&first, ""),
                &["dropped  footer/v64"],
            ),
            (
                &[("footer/v40", Pass), ("footer/v56", Unsupported)],
                LIST.replace(&(second.clone() + "\n"), ""),
                &["dropped  footer/{v40,v56}"],
            ),
            (
                &[("footer/v56", Pass)],
                LIST.replace("{v40,v56}", "v40"),
                &["narrowed footer/{v40,v56}: without footer/v56"],
            ),
            // Another failure is another entry, and so is one that no entry is about.
            (
                &[
                    ("footer/v64", Timeout),
                    ("footer/v64-type-2", Timeout),
                    ("toc/g5", Crash),
                ],
                LIST.replace(&first, "") + &added("footer/{v64,v64-type-2}", "timeout") + &added("toc/g5", "crash"),
                &[
                    "dropped  footer/v64",
                    "added    footer/{v64,v64-type-2}: timeout",
                    "added    toc/g5: crash",
                ],
            ),
        ] {
            let mut results = results(&set, given);
            let revised = revise(LIST, &set, &results).unwrap();
            assert_eq!(revised.text, expected, "{given:?}");
            assert!(revised.text.starts_with(head));
            let told: Vec<String> = revised.changes.iter().map(ToString::to_string).collect();
            assert_eq!(told, changes, "{given:?}");
            let list: Expectations = revised.text.parse().unwrap();
            assert!(list.apply(&set, &mut results).is_empty());
            let is_right = |result: &CaseResult| matches!(result.deviation, Deviation::None | Deviation::Expected(_));
            assert!(results.iter().all(is_right), "{results:?}");
            assert!(revise(&revised.text, &set, &results).unwrap().changes.is_empty());
        }
    }

    /// The first entry that matches decides, so that one which loses a case may leave it to another.
    #[test]
    fn a_case_goes_to_the_entry_that_has_its_result() {
        let set = Set::embedded().unwrap();
        let list = "[[expect]]\ncases = \"footer/{v40,v64}\"\nresult = \"crash\"\nreason = \"a\"\n\n\
                    [[expect]]\ncases = \"footer/v*\"\nresult = \"fail\"\nreason = \"b\"\n";
        let given = [("footer/v40", Outcome::Crash), ("footer/v64", Outcome::WrongVerdict)];
        let revised = revise(list, &set, &results(&set, &given)).unwrap();
        assert_eq!(revised.text, list.replace("{v40,v64}", "v40"));
    }

    #[test]
    fn other_notations_are_written_anew() {
        let set = Set::embedded().unwrap();
        let list =
            "expect = [{cases = \"footer/v40\", result = \"crash\", reason = \"a \\\"b\\\"\", sometimes = true}]";
        let revised = revise(list, &set, &results(&set, &[("footer/v64", Outcome::Crash)])).unwrap();
        let kept = "[[expect]]\ncases = \"footer/v40\"\nresult = \"crash\"\nreason = 'a \"b\"'\nsometimes = true\n";
        assert_eq!(revised.text, kept.to_owned() + &added("footer/v64", "crash"));
        let revised = revise("", &set, &results(&set, &[("footer/v64", Outcome::Crash)])).unwrap();
        assert_eq!(revised.text, added("footer/v64", "crash").trim_start());
    }

    /// What a retired case failed, its successor fails for the same reason.
    #[test]
    fn a_successor_inherits_the_reason() {
        let set = Set::embedded().unwrap();
        let entry =
            |cases: &str| format!("[[expect]]\ncases = \"{cases}\"\nresult = \"fail\"\nreason = \"r\"\nlink = \"l\"\n");
        let successor = "assemble/empty-file-crc-of-content";
        let given = results(&set, &[(successor, Outcome::WrongVerdict)]);
        let revised = revise(&entry("assemble/empty-file-crc-wrong"), &set, &given).unwrap();
        assert_eq!(revised.text, entry(successor).replace("\"fail\"", "\"wrong-verdict\""));
    }
}
