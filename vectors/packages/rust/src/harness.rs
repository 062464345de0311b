//! Each case is a test by its id, with the options that `cargo test` has.
//!
//! A test target with `harness = false` in its section of `Cargo.toml` has [`main`] as its `main`.

use std::{process::ExitCode, sync::Arc};

use libtest_mimic::{Arguments, Completion, Failed, Trial};

use crate::{
    cases::{Case, count},
    judge::{Implementation, Judge, Judged, Outcome},
    operations::OPS,
};

/// Runs the tests that the command line selects. Nothing passes that was not judged: a case that does not apply or earns no credit,
/// a known failure and an operation that is not implemented are ignored, each with the reason.
pub fn main(implementation: Implementation) -> ExitCode {
    let arguments = Arguments::from_args();
    match trials(implementation) {
        Ok(trials) => libtest_mimic::run(&arguments, trials).exit_code(),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The tests of an implementation, to run them beside others.
///
/// # Errors
///
/// Those of [`Judge::new`].
pub fn trials(implementation: Implementation) -> Result<Vec<Trial>, String> {
    let judge = Arc::new(Judge::new(implementation)?);
    let mut trials = Vec::new();
    for case in judge.cases() {
        let judge = Arc::clone(&judge);
        trials.push(Trial::ignorable_test(&case.id, move || {
            report(case, judge.judge(case), judge.expected_failure(case))
        }));
    }
    for &op in OPS.iter().filter(|op| !judge.has(op)) {
        let reason = format!("{} cases are not asked: not implemented", count(op));
        trials.push(Trial::ignorable_test(op, move || Ok(Completion::ignored_with(&reason))));
    }
    Ok(trials)
}

fn report(case: &Case, judged: Judged, expected: Option<&str>) -> Result<Completion, Failed> {
    let Judged { outcome, note } = judged;
    let name = outcome.name();
    match expected {
        Some(reason) if outcome.is_failure() => {
            Ok(Completion::ignored_with(format!("expected failure, {name}: {reason}")))
        }
        Some(reason) if !matches!(outcome, Outcome::Unsupported | Outcome::NotJudged) => {
            Err(format!("{name}: failure is expected and did not happen, {reason}").into())
        }
        _ if outcome.is_failure() => Err(format!(
            "{name}: {note}\ntitle: {}\nwhy: {}\nrules: {}\ntwin: {}\nchange: {}",
            case.title,
            case.why,
            case.rules.join(" "),
            case.twin_id.as_deref().unwrap_or("none"),
            case.change
        )
        .into()),
        _ if outcome.is_credited() => Ok(Completion::Completed),
        _ => Ok(Completion::ignored_with(format!("{name}: {note}"))),
    }
}
