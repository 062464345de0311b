//! The report of a run for programs.
//!
//! Of what differs from one run to the next of the same program, it has the milliseconds of each case and the stderr of each failure.
//! What implementations say of themselves and of cases is cut and has escapes, as in every report.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::run::{Event, Judged, ReportError, Reporter, Tally};
use crate::{
    judge::{CaseResult, Deviation, Kept, Outcome, unrelated},
    outside::Outside,
    protocol::{Decision, Lacks},
    rules::{Rule, Severity},
    runner::ImplementationRun,
    vectors::{CaseId, Choice, Declared, Op, Set},
};

/// The version of the report. 0 is provisional.
const SCHEMA: u32 = 0;

/// A report.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The version of this shape.
    pub schema: u32,
    /// The version of the program that wrote it.
    pub chunkproof: String,
    /// `as-expected`, `failures`, `stopped` at the first of them, `broken`, `nothing` or `interrupted`, as the exit codes. Of a run
    /// that was stopped or interrupted, results are missing.
    pub conclusion: String,
    /// How many cases were selected.
    pub cases: usize,
    /// The implementations, as they were given.
    pub implementations: Vec<ImplementationReport>,
}

/// One implementation.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImplementationReport {
    /// What named it on the command line.
    pub spec: String,
    /// Its name; null if it did not say.
    pub name: Option<String>,
    /// Its version, likewise.
    pub version: Option<String>,
    /// Its language, likewise.
    pub language: Option<String>,
    /// Its operations, each with the dialects that it reads or writes there.
    pub ops: Declared,
    /// Its declared choices.
    pub choices: BTreeMap<Choice, Decision>,
    /// Whether it declares that the rules which its rejections name are judged.
    pub rules: bool,
    /// What it declares that it cannot show of outputs, which are not compared.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lacks: Lacks,
    /// Why there are no results: it did not start, or broke the protocol throughout.
    pub error: Option<String>,
    /// How many cases have each result; results that do not occur are left out.
    pub counts: BTreeMap<Outcome, usize>,
    /// How many results are failures, expected or not, by the harm that they do.
    pub failures: BTreeMap<Severity, usize>,
    /// How many results are failures that no list expects.
    pub unexpected: usize,
    /// Whether cases were asked and none was accepted, so that no rejection counts.
    pub accepted_nothing: bool,
    /// Patterns of expected deviations that are about no case.
    pub unmatched_expectations: Vec<String>,
    /// The results, in the order of the set.
    pub results: Vec<CaseReport>,
}

/// One case.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseReport {
    /// The case.
    pub case: CaseId,
    /// Its operation.
    pub op: Op,
    /// What is right: valid, invalid or either.
    pub verdict: String,
    /// What the case is, in a few words.
    #[serde(default)]
    pub title: String,
    /// The rules that it is about.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// The harm that a wrong answer does.
    pub severity: Severity,
    /// What came out.
    pub result: Outcome,
    /// `ok`, `unexpected-failure`, `expected-failure` or `missing-failure`: the result beside the list of expected failures.
    pub status: String,
    /// Why the failure was expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The failure that was expected and did not happen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<String>,
    /// `accept`, `reject`, `decline` or `unsupported`; absent if nothing was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// What the implementation said when it did not accept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The rule that it named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The rule that it named, if it was not judged by it and the case is not about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unrelated_rule: Option<String>,
    /// What the runner has to say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The time from the question to the answer; absent if the case was not asked. It differs from run to run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub milliseconds: Option<u64>,
    /// Everything about a failure, expected or not, or about an expected failure that did not happen; otherwise absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<FailureReport>,
}

/// A failure.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FailureReport {
    /// The harm of a wrong answer.
    pub why: String,
    /// The accepted case from which this one differs by a single change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twin: Option<CaseId>,
    /// That change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
    /// What is right, in words.
    pub expected: String,
    /// What was answered, or how that failed, in lines for people.
    pub actual: Vec<String>,
    /// The output of those who accept; absent if there is none, or if it has more than 64 KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_output: Option<Value>,
    /// The output of the implementation; absent if it did not accept, if the output is right, or if it has more than 64 KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual_output: Option<Value>,
    /// The first and the last lines that the implementation wrote to stderr meanwhile.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub stderr: String,
    /// The command that asks for the case again, in the same way.
    pub repeat: String,
}

/// The schema of a [`Report`], as a JSON document.
///
/// # Errors
///
/// None that can happen: the values can all be written as JSON.
pub fn schema() -> serde_json::Result<String> {
    let mut schema = schemars::schema_for!(Report);
    schema.insert("$id".to_owned(), "report.schema.json".into());
    schema.insert("title".to_owned(), "report".into());
    schema.insert(
        "description".to_owned(),
        "What `chunkproof run --format json` prints.".into(),
    );
    Ok(serde_json::to_string_pretty(&schema)? + "\n")
}

/// The report for programs.
#[derive(Default)]
pub(super) struct Json {
    cases: usize,
    implementations: Vec<ImplementationReport>,
    conclusion: String,
}

impl<'a> Reporter<'a> for Json {
    fn event(&mut self, event: Event<'a>) {
        match event {
            Event::Started(told) => self.cases = told.run.selected,
            Event::Ready(by) => self.implementations.push(implementation(by.told.set, by.run)),
            Event::Case(judged) => {
                if let Some(implementation) = self.implementations.last_mut() {
                    implementation.results.push(case(&judged));
                }
            }
            Event::Ended(..) => {}
            Event::Finished(conclusion) => conclusion.name().clone_into(&mut self.conclusion),
        }
    }

    fn text(self: Box<Self>) -> Result<String, ReportError> {
        let report = Report {
            schema: SCHEMA,
            chunkproof: env!("CARGO_PKG_VERSION").to_owned(),
            conclusion: self.conclusion,
            cases: self.cases,
            implementations: self.implementations,
        };
        Ok(serde_json::to_string_pretty(&report)? + "\n")
    }
}

fn implementation(set: &Set, run: &ImplementationRun) -> ImplementationReport {
    let hello = run.hello.as_ref();
    let counts = Outcome::ALL.iter().map(|&outcome| (outcome, run.count(outcome)));
    ImplementationReport {
        spec: run.spec.clone(),
        name: hello.map(|hello| word(&hello.name)),
        version: hello.map(|hello| word(&hello.version)),
        language: hello.map(|hello| word(&hello.language)),
        ops: hello.map(|hello| hello.ops.clone()).unwrap_or_default(),
        choices: hello.map(|hello| hello.choices.clone()).unwrap_or_default(),
        rules: hello.is_some_and(|hello| hello.rules),
        lacks: hello.map(|hello| hello.lacks.clone()).unwrap_or_default(),
        error: run.error.as_ref().map(|error| Outside::sentence(error).to_string()),
        counts: counts.filter(|&(_, count)| count > 0).collect(),
        failures: by_harm(set, &run.results),
        unexpected: Tally::of(&run.results).unexpected,
        accepted_nothing: run.earned_nothing(),
        unmatched_expectations: run.unmatched.clone(),
        results: Vec::new(),
    }
}

/// How many results are failures, by the harm that they do.
pub(super) fn by_harm(set: &Set, results: &[CaseResult]) -> BTreeMap<Severity, usize> {
    let mut counts = BTreeMap::new();
    for result in results {
        let entry = set.entries().get(result.index);
        if let Some(harm) = entry.and_then(|entry| result.outcome.harm(entry.case.severity())) {
            *counts.entry(harm).or_default() += 1;
        }
    }
    counts
}

fn word(text: &str) -> String {
    Outside::word(text).to_string()
}

fn case(judged: &Judged<'_>) -> CaseReport {
    let Judged { entry, result, .. } = judged;
    let (status, reason, missing) = match &result.deviation {
        Deviation::None => ("ok", None, None),
        Deviation::Unexpected => ("unexpected-failure", None, None),
        Deviation::Expected(reason) => ("expected-failure", Some(reason.clone()), None),
        Deviation::Missing(failure) => ("missing-failure", None, Some(failure.clone())),
    };
    let (answer, message, rule) = match &result.answer {
        None => (None, None, None),
        Some(Kept::Accept(_)) => (Some("accept"), None, None),
        Some(Kept::Reject(rejection)) => (Some("reject"), Some(&rejection.message), rejection.rule.clone()),
        Some(Kept::Decline(message)) => (Some("decline"), Some(message), None),
        Some(Kept::Unsupported(message)) => (Some("unsupported"), Some(message), None),
    };
    let is_asked = result.outcome.is_applicable();
    let has_details = result.outcome.is_failure() || judged.is_off();
    CaseReport {
        case: entry.case.id.clone(),
        op: entry.op,
        verdict: entry.case.expect.verdict().to_owned(),
        title: entry.case.title.clone(),
        rules: entry.case.rules.clone(),
        severity: entry.case.severity(),
        result: result.outcome,
        status: status.to_owned(),
        reason,
        missing,
        answer: answer.map(str::to_owned),
        message: message.map(|message| Outside::sentence(message).to_string()),
        rule: rule.map(|rule| word(&rule)),
        unrelated_rule: unrelated(entry, result.answer.as_ref().and_then(Kept::rejection))
            .filter(|_| !result.outcome.is_failure())
            .map(word),
        notes: result
            .notes
            .iter()
            .map(|note| Outside::sentence(note).to_string())
            .collect(),
        milliseconds: is_asked.then(|| u64::try_from(result.elapsed.as_millis()).unwrap_or(u64::MAX)),
        failure: has_details.then(|| failure(judged)),
    }
}

fn failure(judged: &Judged<'_>) -> FailureReport {
    let Judged { entry, result, .. } = judged;
    let accepted = match &result.answer {
        Some(Kept::Accept(output)) => output.clone(),
        _ => None,
    };
    FailureReport {
        why: entry.case.why.clone(),
        twin: entry.case.twin.clone(),
        change: entry.case.change.clone(),
        expected: judged.expected(),
        actual: judged.actual(),
        expected_output: judged.right_output().cloned(),
        actual_output: accepted,
        stderr: judged.stderr(),
        repeat: judged.repeat(),
    }
}
