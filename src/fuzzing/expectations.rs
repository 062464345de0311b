//! Lists of expected deviations: any bytes as the TOML of one, applied to results of all kinds.
//!
//! A second reading goes through a table that has no types, with a matcher of patterns that knows one star only. What it
//! cannot tell it does not compare.

use std::sync::LazyLock;

use crate::{
    judge::{CaseResult, Deviation, Expectations, Outcome},
    vectors::{Set, SetEntry},
};

/// The first cases of the set, one for each outcome.
static SET: LazyLock<Option<Set>> = LazyLock::new(|| {
    let mut left = Outcome::ALL.len();
    let keep = |_: &&SetEntry| left.checked_sub(1).map(|less| left = less).is_some();
    Set::embedded().ok()?.keeping(keep).ok()
});

/// Runs the fuzz target.
///
/// # Panics
///
/// On a disagreement, which is a finding for the fuzzer.
#[expect(clippy::panic, reason = "a panic is how a fuzz target reports a finding")]
pub fn run(bytes: &[u8]) {
    let (Ok(text), Some(set)) = (std::str::from_utf8(bytes), SET.as_ref()) else {
        return;
    };
    let list: Expectations = match text.parse() {
        Ok(list) => list,
        Err(error) => {
            let sentence = error.to_string();
            if sentence.is_empty() || sentence.contains('\n') {
                panic!("{text:?} is refused with {sentence:?}");
            }
            return;
        }
    };
    let Some(naive) = naively(text) else {
        panic!("{text:?} is a list, and naively none");
    };
    let mut results: Vec<CaseResult> = (0..)
        .zip(Outcome::ALL)
        .map(|(index, &outcome)| CaseResult::bare(index, outcome))
        .collect();
    let unmatched = list.apply(set, &mut results);
    for (result, entry) in results.iter().zip(set.entries()) {
        let id = entry.case.id.as_str();
        let Some(first) = first(&naive, id) else { continue };
        let right = match (first, &result.deviation) {
            _ if result.outcome == Outcome::Unsupported => result.deviation == Deviation::None,
            (None, Deviation::Unexpected) => result.outcome.is_failure(),
            (None, deviation) => !result.outcome.is_failure() && *deviation == Deviation::None,
            (Some(expected), Deviation::Expected(reason)) => {
                expected.names(result.outcome) && reason.starts_with(&expected.reason)
            }
            (Some(expected), Deviation::Unexpected) => result.outcome.is_failure() && !expected.names(result.outcome),
            (Some(expected), Deviation::Missing(_)) => !result.outcome.is_failure() && !expected.sometimes,
            (Some(expected), Deviation::None) => !result.outcome.is_failure() && expected.sometimes,
        };
        if !right {
            panic!("{text:?}: {id} with {:?} is {:?}", result.outcome, result.deviation);
        }
    }
    if unmatched
        .iter()
        .any(|pattern| naive.iter().all(|entry| entry.cases != *pattern))
    {
        panic!("{text:?}: {unmatched:?} match nothing, and are not in the list");
    }
}

/// An entry, read naively.
struct Listed {
    cases: String,
    result: String,
    reason: String,
    sometimes: bool,
}

impl Listed {
    fn names(&self, outcome: Outcome) -> bool {
        let is = |names: &[&str]| names.contains(&outcome.name());
        match self.result.as_str() {
            "any" => outcome.is_failure(),
            "fail" => is(&["wrong-verdict", "wrong-output", "choice-conflict", "wrong-rule"]),
            "no-answer" => is(&["flaky", "crash", "timeout", "out-of-memory", "protocol-error"]),
            one => is(&[one]),
        }
    }
}

/// The entries, if the text is a list.
fn naively(text: &str) -> Option<Vec<Listed>> {
    let table: toml::Table = text.parse().ok()?;
    if table.keys().any(|key| key != "expect") {
        return None;
    }
    let Some(list) = table.get("expect") else {
        return Some(Vec::new());
    };
    let entry = |value: &toml::Value| {
        let entry = value.as_table()?;
        let known = ["cases", "result", "reason", "link", "sometimes"];
        if entry.keys().any(|key| !known.contains(&key.as_str())) {
            return None;
        }
        let text = |key: &str| entry.get(key)?.as_str().map(str::to_owned);
        Some(Listed {
            cases: text("cases")?,
            result: text("result")?,
            reason: text("reason").filter(|reason| !reason.trim().is_empty())?,
            sometimes: match entry.get("sometimes") {
                Some(value) => value.as_bool()?,
                None => false,
            },
        })
    };
    list.as_array()?.iter().map(entry).collect()
}

/// The first entry about the case, if the patterns up to it can be told.
fn first<'a>(list: &'a [Listed], id: &str) -> Option<Option<&'a Listed>> {
    for entry in list {
        if is_match(&entry.cases, id)? {
            return Some(Some(entry));
        }
    }
    Some(None)
}

/// Whether a pattern with stars that stop at slashes matches; none for patterns that have anything else.
fn is_match(pattern: &str, id: &str) -> Option<bool> {
    if pattern.contains("**") || pattern.contains(|c: char| !c.is_ascii_alphanumeric() && !"-/*".contains(c)) {
        return None;
    }
    let (patterns, parts): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), id.split('/').collect());
    let each = patterns.iter().zip(&parts).all(|(pattern, part)| {
        let (first, rest) = pattern
            .split_once('*')
            .map_or((*pattern, None), |(first, rest)| (first, Some(rest)));
        let Some(mut left) = part.strip_prefix(first) else {
            return false;
        };
        let Some(rest) = rest else {
            return left.is_empty();
        };
        // Each piece as early as can be, and the last one at the end.
        let mut pieces: Vec<&str> = rest.split('*').collect();
        let last = pieces.pop().unwrap_or_default();
        for piece in pieces {
            let Some((_, behind)) = left.split_once(piece) else {
                return false;
            };
            left = behind;
        }
        left.ends_with(last)
    });
    Some(patterns.len() == parts.len() && each)
}
