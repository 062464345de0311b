//! For people: what is not as expected, and in the end how it went.

use super::{
    super::{
        aligned::{Cell, aligned},
        failure, matrix,
        style::{BOLD, DIM, ERROR, GOOD, NOTICE, styled},
    },
    Event, Judged, Named, ReportError, Reporter, Tally, groups,
};
use crate::{outside::Outside, runner::Conclusion};

/// Failures that are shown in full; if there are more, each is a line.
const IN_FULL: usize = 20;

/// Failures that are shown unless the user asks for another number.
const LINES: usize = 100;

/// Ids of cases in the line of a group.
const IDS: usize = 3;

/// How much of each failure is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Detail {
    /// Everything about every failure, however many there are.
    pub verbose: bool,
    /// Nothing but the last lines.
    pub quiet: bool,
    /// Most failures that are shown.
    pub most: Option<usize>,
}

/// The report for a terminal.
pub(super) struct Terminal<'a> {
    detail: Detail,
    failures: Vec<Judged<'a>>,
    /// What there is to say about each implementation besides its failures.
    remarks: String,
    ended: Vec<(Named<'a>, Tally)>,
    matrix: String,
    conclusion: Option<Conclusion>,
}

impl Terminal<'_> {
    pub(super) fn new(detail: Detail) -> Self {
        Self {
            detail,
            failures: Vec::new(),
            remarks: String::new(),
            ended: Vec::new(),
            matrix: String::new(),
            conclusion: None,
        }
    }

    /// The failures, as many as are to be shown.
    fn failures(&self) -> Result<String, ReportError> {
        let total = self.failures.len();
        let in_full = self.detail.verbose || total <= IN_FULL;
        let most = self.detail.most.unwrap_or(if in_full { usize::MAX } else { LINES });
        let mut text = String::new();
        if in_full {
            for failure in self.failures.iter().take(most) {
                text += &failure::block(failure)?;
            }
        } else {
            // Those of one group are together.
            let groups = groups(&self.failures);
            let failures = groups.iter().flat_map(|group| &group.failures);
            for failure in failures.take(most) {
                text += &failure::line(failure);
            }
        }
        if total > most {
            let line = format!("... and {} more; --max-failures sets how many are shown", total - most);
            text += &format!("{}\n", styled(NOTICE, line));
        }
        if !in_full {
            text += &styled(
                DIM,
                "one line for each of more than 20 failures; --verbose shows everything about each",
            );
            text.push('\n');
        }
        Ok(text)
    }

    /// How many failures have the same answer and rule.
    fn groups(&self) -> String {
        if self.failures.len() < 2 {
            return String::new();
        }
        let columns = ["failures", "rule", "answer", "cases"];
        let mut rows = vec![columns.map(|column| Cell::new(BOLD, column)).into_iter().collect()];
        let groups = groups(&self.failures);
        for group in &groups {
            rows.push(vec![
                Cell::new(ERROR, group.failures.len().to_string()),
                Cell::new(BOLD, group.rule()),
                Cell::new(NOTICE, group.answer.as_str()),
                Cell::new(DIM, group.ids(IDS)),
            ]);
        }
        let is_one = self.ended.len() == 1;
        if !is_one {
            let names = std::iter::once("implementation").chain(groups.iter().map(|group| group.name));
            for (row, name) in rows.iter_mut().zip(names) {
                row.insert(1, Cell::new(BOLD, name));
            }
        }
        format!("\n{}", aligned(&rows, Some(0)))
    }

    /// The last lines: what each implementation came to, and the conclusion.
    fn summary(&self) -> String {
        let mut text = String::new();
        for (by, tally) in &self.ended {
            let name = styled(BOLD, Outside::word(by.name()));
            text += &match &by.run.error {
                Some(_) => format!("{name}: {}\n", styled(ERROR, "no results")),
                None => {
                    let is_good = tally.off() == 0 && !by.run.has_failures();
                    format!("{name}: {}\n", styled(if is_good { GOOD } else { ERROR }, tally))
                }
            };
        }
        let off: usize = self.ended.iter().map(|(_, tally)| tally.off()).sum();
        let (style, conclusion) = match self.conclusion {
            Some(Conclusion::AsExpected) => (GOOD, Conclusion::AsExpected.text().to_owned()),
            Some(Conclusion::Failures) if off == 1 => (ERROR, "1 result is not as expected".to_owned()),
            Some(Conclusion::Failures) if off > 1 => (ERROR, format!("{off} results are not as expected")),
            Some(conclusion) => (ERROR, conclusion.text().to_owned()),
            None => return text,
        };
        text + &styled(style, conclusion) + "\n"
    }
}

impl<'a> Reporter<'a> for Terminal<'a> {
    fn event(&mut self, event: Event<'a>) {
        match event {
            Event::Started(told) => self.matrix = matrix::matrix(told.set, told.run, &told.names()),
            Event::Ready(by) => self.remarks += &failure::lacks(&by),
            Event::Case(judged) if judged.is_off() => self.failures.push(judged),
            Event::Case(_) => {}
            Event::Ended(by, tally) => {
                for pattern in &by.run.unmatched {
                    self.remarks += &failure::unmatched(by.name(), pattern);
                }
                if by.run.earned_nothing() {
                    self.remarks += &failure::earned_nothing(by.name());
                }
                self.remarks += &failure::remarks(&by);
                self.ended.push((by, tally));
            }
            Event::Finished(conclusion) => self.conclusion = Some(conclusion),
        }
    }

    fn text(self: Box<Self>) -> Result<String, ReportError> {
        if self.detail.quiet {
            return Ok(self.summary());
        }
        let parts = [
            self.failures()?,
            self.remarks.clone(),
            self.groups(),
            self.matrix.clone(),
            self.summary(),
        ];
        let parts = parts.iter().map(|part| part.trim_start_matches('\n'));
        let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        Ok(parts.join("\n"))
    }
}
