//! A badge, in the shape that the endpoint of shields.io reads.

use serde::Serialize;

use super::{Event, ReportError, Reporter, Tally};
use crate::runner::Conclusion;

/// The report.
#[derive(Default)]
pub(super) struct Badge {
    tallies: Vec<Tally>,
    conclusion: Option<Conclusion>,
}

/// What shields.io reads.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Endpoint {
    schema_version: u32,
    label: &'static str,
    message: String,
    color: &'static str,
}

impl<'a> Reporter<'a> for Badge {
    fn event(&mut self, event: Event<'a>) {
        match event {
            Event::Ended(by, tally) if by.run.error.is_none() => self.tallies.push(tally),
            Event::Finished(conclusion) => self.conclusion = Some(conclusion),
            _ => {}
        }
    }

    fn text(self: Box<Self>) -> Result<String, ReportError> {
        let sum = |part: fn(&Tally) -> usize| self.tallies.iter().map(part).sum::<usize>();
        let failed = sum(|tally| tally.failed);
        let (message, color) = match self.conclusion {
            Some(Conclusion::AsExpected | Conclusion::Failures) => {
                let color = match self.conclusion {
                    Some(Conclusion::Failures) => "red",
                    _ if failed > 0 => "yellow",
                    _ => "brightgreen",
                };
                let (passed, chosen) = (sum(|tally| tally.passed), sum(|tally| tally.chosen));
                (format!("{passed} passed, {chosen} by choice, {failed} failed"), color)
            }
            Some(Conclusion::Nothing) => ("nothing applies".to_owned(), "lightgrey"),
            Some(Conclusion::Stopped | Conclusion::Interrupted) => ("incomplete".to_owned(), "lightgrey"),
            Some(Conclusion::Broken) | None => ("did not run".to_owned(), "lightgrey"),
        };
        let endpoint = Endpoint {
            schema_version: 1,
            label: "chunkproof",
            message,
            color,
        };
        Ok(serde_json::to_string_pretty(&endpoint)? + "\n")
    }
}
