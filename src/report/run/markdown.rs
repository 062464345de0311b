//! Markdown, for the summary of a job or a comment.

use std::collections::BTreeMap;

use super::{Event, Judged, Named, ReportError, Reporter, Tally, groups};
use crate::{
    outside::{Outside, SENTENCE, markdown as escaped},
    runner::Conclusion,
    vectors::Op,
};

/// Failures that are listed. GitHub shows no summary of more than 1 MiB.
const FAILURES: usize = 200;

/// Ids of cases in the row of a group.
const IDS: usize = 5;

/// The report.
#[derive(Default)]
pub(super) struct Markdown<'a> {
    failures: Vec<Judged<'a>>,
    ended: Vec<(Named<'a>, Tally)>,
    /// The cases of each operation, and their results by implementation.
    operations: BTreeMap<Op, Vec<Tally>>,
    conclusion: Option<Conclusion>,
}

impl<'a> Reporter<'a> for Markdown<'a> {
    fn event(&mut self, event: Event<'a>) {
        match event {
            Event::Started(_) | Event::Ready(_) => {}
            Event::Case(judged) => {
                let tallies = self.operations.entry(judged.entry.op).or_default();
                tallies.resize(self.ended.len() + 1, Tally::default());
                if let Some(tally) = tallies.last_mut() {
                    tally.add(judged.result);
                }
                if judged.is_off() {
                    self.failures.push(judged);
                }
            }
            Event::Ended(by, tally) => self.ended.push((by, tally)),
            Event::Finished(conclusion) => self.conclusion = Some(conclusion),
        }
    }

    fn text(self: Box<Self>) -> Result<String, ReportError> {
        let conclusion = self.conclusion.map(Conclusion::text).unwrap_or_default();
        let mut text = format!("## chunkproof: {conclusion}\n\n");
        text += &self.implementations();
        text += &self.groups();
        text += &self.list();
        text += &self.operations();
        Ok(text)
    }
}

impl Markdown<'_> {
    fn implementations(&self) -> String {
        let mut text = String::new();
        for (by, tally) in &self.ended {
            let result = match &by.run.error {
                Some(error) => format!("no results: {}", escaped(&Outside::sentence(error).to_string())),
                None => tally.to_string(),
            };
            text += &format!("- **{}**: {result}\n", escaped(by.name()));
            for pattern in &by.run.unmatched {
                text += &format!(
                    "  - no case that ran matches the entry `{}` of the list of expected deviations\n",
                    pattern.replace('`', "")
                );
            }
            if by.run.earned_nothing() {
                text += "  - no case was accepted, so no rejection counts\n";
            }
        }
        text
    }

    fn groups(&self) -> String {
        if self.failures.is_empty() {
            return String::new();
        }
        let mut text = "\n| failures | implementation | rule | answer | cases |\n|---:|---|---|---|---|\n".to_owned();
        for group in groups(&self.failures) {
            text += &format!(
                "| {} | {} | {} | {} | {} |\n",
                group.failures.len(),
                escaped(group.name),
                escaped(group.rule()),
                escaped(&group.answer),
                group.ids(IDS)
            );
        }
        text
    }

    /// Each failure, folded.
    fn list(&self) -> String {
        let mut text = String::new();
        for failure in self.failures.iter().take(FAILURES) {
            let case = &failure.entry.case;
            text += &format!(
                "\n<details><summary><code>{}</code> {}: {}</summary>\n\n",
                failure.id(),
                failure.what(),
                html(&case.title)
            );
            text += &format!(
                "- implementation: {}\n- why: {}\n",
                escaped(failure.by.name()),
                escaped(&case.why)
            );
            for rule in &case.rules {
                text += &format!("- rule: {rule} ({}) {}\n", rule.level(), escaped(rule.text()));
            }
            if let (Some(twin), Some(change)) = (&case.twin, &case.change) {
                text += &format!("- twin: `{twin}`; the change: {}\n", escaped(change));
            }
            text += &format!("- expected: {}\n", escaped(&failure.expected()));
            for line in failure.actual() {
                let line = Outside::new(line.as_bytes(), SENTENCE).to_string();
                text += &format!("- actual: {}\n", escaped(&line));
            }
            text += &format!("\n```sh\n{}\n```\n\n</details>\n", one_line(&failure.repeat()));
        }
        if let Some(more @ 1..) = self.failures.len().checked_sub(FAILURES) {
            text += &format!("\nand {more} more failures, which the log and the other reports have.\n");
        }
        text
    }

    fn operations(&self) -> String {
        if self.operations.is_empty() {
            return String::new();
        }
        let names: Vec<String> = self.ended.iter().map(|(by, _)| escaped(by.name())).collect();
        let mut text = format!(
            "\n| operation | {} |\n|---|{}\n",
            names.join(" | "),
            "---|".repeat(names.len())
        );
        for (op, tallies) in &self.operations {
            let cell = |place: usize| match tallies.get(place) {
                Some(tally) if tally.asked() > 0 => Tally { unasked: 0, ..*tally }.to_string(),
                _ => "-".to_owned(),
            };
            let cells: Vec<String> = (0..names.len()).map(cell).collect();
            text += &format!("| {op} | {} |\n", cells.join(" | "));
        }
        text
    }
}

/// Text in an element.
fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// A line inside of a fence, which it cannot end.
fn one_line(text: &str) -> String {
    Outside::new(text.as_bytes(), SENTENCE)
        .to_string()
        .replace("```", "`` `")
}
