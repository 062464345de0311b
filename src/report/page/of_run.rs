//! The page of a run, which has the answers too.

use std::collections::BTreeSet;

use super::{
    super::run::{Event, ReportError, Reporter, Told},
    Column, Page,
    column::Found,
};
use crate::{judge::Deviation, outside};

/// Collects a run for its page.
#[derive(Default)]
pub(in crate::report) struct OfRun<'a> {
    told: Option<Told<'a>>,
    /// The cases that ran, by their indices in the set.
    cases: Vec<usize>,
    columns: Vec<Column>,
}

impl<'a> Reporter<'a> for OfRun<'a> {
    fn event(&mut self, event: Event<'a>) {
        match event {
            Event::Started(told) => {
                // An interrupted run has other cases of each implementation.
                let results = told.run.implementations.iter().flat_map(|run| &run.results);
                self.cases = results
                    .map(|result| result.index)
                    .collect::<BTreeSet<_>>()
                    .into_iter()
                    .collect();
                self.told = Some(told);
            }
            Event::Ready(by) => {
                let column = match &by.run.hello {
                    Some(hello) => {
                        let shown = |text: &str| outside::Outside::word(text).to_string();
                        Column::new(&shown(&hello.name), &shown(&hello.version), &shown(&hello.language))
                    }
                    None => Column::new(by.name(), "", ""),
                };
                self.columns.push(column.labelled(by.name()));
            }
            Event::Case(judged) => {
                let (Some(column), Ok(place)) =
                    (self.columns.last_mut(), self.cases.binary_search(&judged.result.index))
                else {
                    return;
                };
                column.skip_to(place);
                let reason = match &judged.result.deviation {
                    Deviation::Expected(reason) => Some(reason.clone()),
                    Deviation::Missing(failure) => Some(format!("{failure}, which did not happen")),
                    Deviation::None | Deviation::Unexpected => None,
                };
                column.push(judged.result.outcome, reason);
                if judged.result.outcome.is_failure() {
                    column.tell(Found {
                        actual: judged.actual(),
                        stderr: judged.stderr(),
                        repeat: judged.repeat(),
                    });
                }
            }
            Event::Ended(..) => {
                if let Some(column) = self.columns.last_mut() {
                    column.skip_to(self.cases.len());
                }
            }
            Event::Finished(_) => {}
        }
    }

    fn text(self: Box<Self>) -> Result<String, ReportError> {
        let Some(told) = self.told else {
            return Ok(String::new());
        };
        let page = Page {
            set: told.set,
            cases: self.cases,
            title: "Results of a run",
            columns: self.columns,
        };
        page.html()
    }
}
