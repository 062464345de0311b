//! `JUnit` XML, as continuous integration reads it: a suite for each implementation.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{Event, Judged, Named, ReportError, Reporter};
use crate::{
    judge::{Deviation, Outcome},
    outside::Outside,
};

/// The class of what is about no case.
const RUN: &str = "run";

/// The report.
#[derive(Default)]
pub(super) struct Junit {
    suites: Vec<TestSuite>,
}

impl<'a> Reporter<'a> for Junit {
    fn event(&mut self, event: Event<'a>) {
        match event {
            Event::Started(_) | Event::Finished(_) => {}
            Event::Ready(by) => self.suites.push(TestSuite::new(by.name())),
            Event::Case(judged) => {
                if let Some(suite) = self.suites.last_mut() {
                    suite.add_test_case(case(&judged));
                }
            }
            Event::Ended(by, tally) => {
                if let Some(suite) = self.suites.last_mut() {
                    suite.add_test_cases(besides(&by));
                    suite.set_time(by.run.results.iter().map(|result| result.elapsed).sum());
                    suite.set_system_out(tally.to_string());
                }
            }
        }
    }

    fn text(self: Box<Self>) -> Result<String, ReportError> {
        let mut report = Report::new("chunkproof");
        report.set_time(self.suites.iter().filter_map(|suite| suite.time).sum::<Duration>());
        report.add_test_suites(self.suites);
        report.to_string().map_err(ReportError::new)
    }
}

/// A case. Choices are right either way, and what is expected to fail is skipped, so that a failure is what the exit code is about.
fn case(judged: &Judged<'_>) -> TestCase {
    let result = judged.result;
    let skipped = |message: String| {
        let mut status = TestCaseStatus::skipped();
        status.set_message(message);
        status
    };
    let status = match &result.deviation {
        Deviation::Unexpected | Deviation::Missing(_) => {
            let kind = match result.outcome {
                Outcome::Flaky | Outcome::Crash | Outcome::Timeout | Outcome::OutOfMemory | Outcome::ProtocolError => {
                    NonSuccessKind::Error
                }
                _ => NonSuccessKind::Failure,
            };
            let mut status = TestCaseStatus::non_success(kind);
            status.set_type(judged.what());
            status.set_message(judged.actual().into_iter().next().unwrap_or_default());
            status.set_description(description(judged));
            status
        }
        Deviation::Expected(reason) => skipped(format!("{} as expected: {reason}", result.outcome.name())),
        Deviation::None => match result.outcome {
            Outcome::Unsupported => skipped("the implementation has no such operation or dialect".to_owned()),
            Outcome::Declined => skipped("declined: no credit".to_owned()),
            Outcome::Vacuous => skipped("rejected like the valid twin: no credit".to_owned()),
            _ => TestCaseStatus::success(),
        },
    };
    let mut case = TestCase::new(judged.id().as_str(), status);
    case.set_classname(judged.entry.op.name());
    case.set_time(result.elapsed);
    if result.outcome.is_choice() {
        case.set_system_out(format!("{}: right by choice", result.outcome.name()));
    }
    if judged.is_off() && !result.stderr.is_empty() {
        // The bar tells what an implementation writes from what a log says.
        let lines: Vec<String> = judged.stderr().lines().map(|line| format!("| {line}")).collect();
        case.set_system_err(lines.join("\n"));
    }
    case
}

/// Everything about a failure, in lines.
fn description(judged: &Judged<'_>) -> String {
    let case = &judged.entry.case;
    let mut lines = vec![format!("title: {}", case.title), format!("why: {}", case.why)];
    lines.extend(
        case.rules
            .iter()
            .map(|rule| format!("rule: {rule} ({}) {}", rule.level(), rule.text())),
    );
    lines.push(format!("severity: {}", case.severity()));
    if let (Some(twin), Some(change)) = (&case.twin, &case.change) {
        lines.push(format!("twin: {twin}; the change: {change}"));
    }
    lines.push(format!("expected: {}", judged.expected()));
    lines.extend(judged.actual().iter().map(|line| format!("actual: {line}")));
    lines.push(format!("repeat: {}", judged.repeat()));
    let lines: Vec<String> = lines.iter().map(|line| Outside::sentence(line).to_string()).collect();
    lines.join("\n")
}

/// What is wrong besides cases.
fn besides(by: &Named<'_>) -> Vec<TestCase> {
    let mut cases = Vec::new();
    let mut add = |name: &str, kind, message: &str| {
        let mut status = TestCaseStatus::non_success(kind);
        status.set_message(Outside::sentence(message).to_string());
        let mut case = TestCase::new(name, status);
        case.set_classname(RUN);
        cases.push(case);
    };
    if let Some(error) = &by.run.error {
        add("start", NonSuccessKind::Error, error);
    }
    for pattern in &by.run.unmatched {
        let message = format!("no case that ran matches the entry {pattern:?} of the list of expected deviations");
        add("expected deviations", NonSuccessKind::Failure, &message);
    }
    if by.run.earned_nothing() {
        let message = "no case was accepted, so no rejection counts";
        add("credit", NonSuccessKind::Failure, message);
    }
    cases
}
