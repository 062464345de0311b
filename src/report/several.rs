//! The end of what a command reports about several layers and images.

use serde_json::{Value, json};

use super::{
    layer::SCHEMA,
    style::{BOLD, ERROR, GOOD, styled},
};
use crate::outside::{Outside, PATH};

/// How many there are of each word, in the order of their first appearance.
fn counts<'w>(seen: &[(String, &'w str)]) -> Vec<(&'w str, usize)> {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for &(_, word) in seen {
        match counts.iter_mut().find(|(known, _)| *known == word) {
            Some((_, count)) => *count += 1,
            None => counts.push((word, 1)),
        }
    }
    counts
}

/// The summary, for people: each argument with the word for what came of it.
pub(crate) fn text(seen: &[(String, &str)], good: &str) -> String {
    let style = |word: &str| if word == good { GOOD } else { ERROR };
    let counts: Vec<String> = counts(seen)
        .into_iter()
        .map(|(word, count)| format!("{count} {}", styled(style(word), word)))
        .collect();
    let inputs = styled(BOLD, format!("{} inputs", seen.len()));
    let mut out = format!("{inputs}: {}\n", counts.join(", "));
    for (name, word) in seen.iter().filter(|(_, word)| *word != good) {
        let name = Outside::new(name.as_bytes(), PATH);
        out += &format!("  {word:16}  {name}\n");
    }
    out
}

/// One that cannot be read, as JSON two levels deep.
pub(crate) fn json_error(name: &str, problem: &str) -> String {
    let value = json!({"layer": name, "error": problem});
    format!("    {}", format!("{value:#}").replace('\n', "\n    "))
}

/// The end of the list of reports, with the summary.
pub(crate) fn json_end(seen: &[(String, &str)]) -> String {
    let summary: serde_json::Map<String, Value> = counts(seen)
        .into_iter()
        .map(|(word, count)| (word.replace(' ', "_"), count.into()))
        .collect();
    let summary = format!("{:#}", Value::from(summary)).replace('\n', "\n  ");
    format!("\n  ],\n  \"schema\": {SCHEMA},\n  \"summary\": {summary}\n}}\n")
}
