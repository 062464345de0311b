//! The reports of a run. All are made of one stream of events, so that they cannot tell different things.

mod badge;
mod event;
mod github;
mod groups;
mod junit;
mod markdown;
mod tally;
mod terminal;

use std::fmt;

pub(super) use self::{
    event::{Event, Judged, Named, Reporter},
    groups::groups,
    tally::Tally,
};
pub use self::{
    event::{Repeat, Told},
    terminal::Detail,
};
use super::{json, page};
use crate::vectors::case_files::SetError;

/// What a report is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Text for people at a terminal or before a log.
    Terminal(Detail),
    /// JSON for programs.
    Json,
    /// `JUnit` XML for the reports of tests that continuous integration shows.
    Junit,
    /// Annotations of a job of GitHub Actions.
    Github,
    /// Markdown for a summary or a comment.
    Markdown,
    /// A page for browsers, in one file.
    Html,
    /// A badge, as the endpoint of shields.io reads it.
    Badge,
}

/// Why a report cannot be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportError(String);

impl ReportError {
    pub(super) fn new(error: impl fmt::Display) -> Self {
        Self(error.to_string())
    }
}

impl fmt::Display for ReportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ReportError {}

impl From<SetError> for ReportError {
    fn from(error: SetError) -> Self {
        Self::new(error)
    }
}

impl From<serde_json::Error> for ReportError {
    fn from(error: serde_json::Error) -> Self {
        Self::new(error)
    }
}

/// The reports in these formats, in this order.
///
/// # Errors
///
/// A blob of the set that is missing.
pub fn reports(told: &Told<'_>, formats: &[Format]) -> Result<Vec<String>, ReportError> {
    let names = told.names();
    let mut reporters: Vec<Box<dyn Reporter<'_> + '_>> = formats.iter().map(|&format| reporter(format)).collect();
    told.tell(&names, &mut |event| {
        for reporter in &mut reporters {
            reporter.event(event);
        }
    });
    reporters.into_iter().map(Reporter::text).collect()
}

fn reporter<'a>(format: Format) -> Box<dyn Reporter<'a> + 'a> {
    match format {
        Format::Terminal(detail) => Box::new(terminal::Terminal::new(detail)),
        Format::Json => Box::new(json::Json::default()),
        Format::Junit => Box::new(junit::Junit::default()),
        Format::Github => Box::new(github::Github::default()),
        Format::Markdown => Box::new(markdown::Markdown::default()),
        Format::Html => Box::new(page::OfRun::default()),
        Format::Badge => Box::new(badge::Badge::default()),
    }
}

/// Lines of a log in which nothing is a command to the runner of GitHub, which acts on lines that begin with `::` or `##[`.
pub fn without_commands(text: &str) -> String {
    github::without_commands(text)
}
