//! What happens in a run, as reports are told it.

use std::{collections::BTreeMap, num::NonZero};

use serde_json::Value;

use super::{super::failure, ReportError, Tally};
use crate::{
    judge::{CaseResult, Deviation},
    outside::{Outside, PATH},
    runner::{Conclusion, ImplementationRun, Run},
    vectors::{CaseId, Expect, Set, SetEntry},
};

/// Longest output that a report has whole, in bytes of JSON.
const OUTPUT: usize = 64 << 10;

/// How the run was started, as far as the results depend on it.
#[derive(Clone, Debug, Default)]
pub struct Repeat {
    /// Options with their values, beside those that name the implementation and the cases.
    pub options: Vec<String>,
    /// How many processes of an implementation worked at once, if that was said.
    pub jobs: Option<NonZero<usize>>,
}

/// A run to report.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// The cases.
    pub set: &'a Set,
    /// What was found.
    pub run: &'a Run,
    /// How to repeat it.
    pub repeat: &'a Repeat,
}

/// Something that happened in a run, in this order.
#[derive(Clone, Copy)]
pub(in crate::report) enum Event<'a> {
    /// The run has begun.
    Started(Told<'a>),
    /// An implementation stated what it is, or could not be started.
    Ready(Named<'a>),
    /// A case was judged.
    Case(Judged<'a>),
    /// All cases of the implementation are judged.
    Ended(Named<'a>, Tally),
    /// The run has ended.
    Finished(Conclusion),
}

/// Makes one report of the events.
pub(in crate::report) trait Reporter<'a> {
    /// Something happened.
    fn event(&mut self, event: Event<'a>);

    /// The report, after the last event.
    fn text(self: Box<Self>) -> Result<String, ReportError>;
}

/// An implementation by the name that tells it from the others of the run.
#[derive(Clone, Copy)]
pub(in crate::report) struct Named<'a> {
    pub(in crate::report) told: Told<'a>,
    pub(in crate::report) run: &'a ImplementationRun,
    name: &'a str,
}

impl<'a> Named<'a> {
    /// The name, as it can be printed.
    pub(in crate::report) const fn name(&self) -> &'a str {
        self.name
    }
}

/// A case with everything that is known of it.
#[derive(Clone, Copy)]
pub(in crate::report) struct Judged<'a> {
    pub(in crate::report) by: Named<'a>,
    pub(in crate::report) entry: &'a SetEntry,
    pub(in crate::report) result: &'a CaseResult,
}

impl<'a> Judged<'a> {
    /// Whether it is not as expected: a failure that no list expects, or an expected one that did not happen.
    pub(in crate::report) const fn is_off(&self) -> bool {
        matches!(self.result.deviation, Deviation::Unexpected | Deviation::Missing(_))
    }

    /// The case.
    pub(in crate::report) const fn id(&self) -> &'a CaseId {
        &self.entry.case.id
    }

    /// What there was instead of what is right, in a few words.
    pub(in crate::report) fn what(&self) -> &'static str {
        match self.result.deviation {
            Deviation::Missing(_) => "expectation not met",
            _ => self.result.outcome.name(),
        }
    }

    /// What is right, in a line.
    pub(in crate::report) fn expected(&self) -> String {
        match &self.result.deviation {
            Deviation::Missing(failure) => format!("{failure}, by the list of expected deviations"),
            _ => failure::expected(self.entry).to_owned(),
        }
    }

    /// What there was, in lines of plain text.
    pub(in crate::report) fn actual(&self) -> Vec<String> {
        match self.result.deviation {
            Deviation::Missing(_) => vec![self.result.outcome.name().to_owned()],
            _ => failure::actual(self),
        }
    }

    /// The beginning and the end of what the implementation wrote to stderr meanwhile.
    pub(in crate::report) fn stderr(&self) -> String {
        failure::stderr(&self.result.stderr).join("\n")
    }

    /// The output of an implementation that is right, unless it is too long.
    pub(in crate::report) fn right_output(&self) -> Option<&'a Value> {
        let output = match &self.entry.case.expect {
            Expect::Valid { output } | Expect::Either { output, .. } => output,
            Expect::Invalid => return None,
        };
        (output.to_string().len() <= OUTPUT).then_some(output)
    }

    /// The command that asks for the case again, in the same way.
    pub(in crate::report) fn repeat(&self) -> String {
        let (run, result) = (self.by.run, self.result);
        let mut words = ["chunkproof", "run", run.option, &run.spec].map(str::to_owned).to_vec();
        let others = result.conflicts_with.iter().chain(&result.after);
        for id in [self.id()].into_iter().chain(others) {
            words.extend(["--only".to_owned(), id.to_string()]);
        }
        words.extend(self.by.told.repeat.options.iter().cloned());
        // What a process did before shows only in one process.
        let jobs = if result.after.is_some() {
            Some(NonZero::<usize>::MIN)
        } else {
            self.by.told.repeat.jobs
        };
        words.extend(
            jobs.into_iter()
                .flat_map(|jobs| ["--jobs".to_owned(), jobs.to_string()]),
        );
        let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
        words.join(" ")
    }
}

impl<'a> Told<'a> {
    /// Tells the run, event by event.
    pub(in crate::report) fn tell(&self, names: &'a [String], hear: &mut dyn FnMut(Event<'a>)) {
        hear(Event::Started(*self));
        for (run, name) in self.run.implementations.iter().zip(names) {
            let by = Named { told: *self, run, name };
            hear(Event::Ready(by));
            for result in &run.results {
                if let Some(entry) = self.set.entries().get(result.index) {
                    hear(Event::Case(Judged { by, entry, result }));
                }
            }
            hear(Event::Ended(by, Tally::of(&run.results)));
        }
        hear(Event::Finished(self.run.conclusion()));
    }

    /// What implementations are called in reports: by name and version where that tells them apart.
    pub(in crate::report) fn names(&self) -> Vec<String> {
        let own = |run: &ImplementationRun| match &run.hello {
            Some(hello) => format!("{} {}", Outside::word(&hello.name), Outside::word(&hello.version)),
            None => Outside::new(run.spec.as_bytes(), PATH).to_string(),
        };
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for implementation in &self.run.implementations {
            *counts.entry(own(implementation)).or_default() += 1;
        }
        self.run
            .implementations
            .iter()
            .map(|run| match own(run) {
                name if counts.get(&name) == Some(&1) => name,
                _ => Outside::new(run.spec.as_bytes(), PATH).to_string(),
            })
            .collect()
    }
}

/// A word for a shell.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn words_are_quoted_where_a_shell_needs_it() {
        for (word, expected) in [("a", "a"), ("a b", "'a b'"), ("", "''"), ("a'b", r"'a'\''b'")] {
            assert_eq!(quoted(word), expected);
        }
    }
}
