//! A run in one line for each implementation.

use super::{
    names,
    style::{BOLD, ERROR, GOOD, styled},
};
use crate::{
    judge::{Deviation, Outcome},
    runner::{ImplementationRun, Run},
};

/// What each implementation came to.
pub fn summary(run: &Run) -> String {
    let lines = run.implementations.iter().zip(names(run)).map(|(run, name)| {
        let style = if run.error.is_some() || run.has_failures() {
            ERROR
        } else {
            GOOD
        };
        format!("{}: {}\n", styled(BOLD, name), styled(style, tally(run)))
    });
    lines.collect()
}

fn tally(run: &ImplementationRun) -> String {
    if run.error.is_some() {
        return "no results".to_owned();
    }
    let count = |is: fn(Outcome) -> bool| run.results.iter().filter(|result| is(result.outcome)).count();
    let off = |is: fn(&Deviation) -> bool| run.results.iter().filter(|result| is(&result.deviation)).count();
    let mut text = format!(
        "{} passed, {} by choice, {} failed",
        run.count(Outcome::Pass),
        count(Outcome::is_choice),
        count(Outcome::is_failure),
    );
    for (count, what) in [
        (
            off(|deviation| *deviation == Deviation::Unexpected),
            "of them unexpected",
        ),
        (count(Outcome::is_uncredited), "without credit"),
        (
            off(|deviation| matches!(deviation, Deviation::Missing(_))),
            "did not fail as expected",
        ),
        (run.unmatched.len(), "entries of the list about no case"),
        (run.count(Outcome::Unsupported), "not applicable"),
    ] {
        if count > 0 {
            text += &format!(", {count} {what}");
        }
    }
    text
}
