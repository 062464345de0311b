//! The steps of a check of an adapter.

use super::style::{DIM, ERROR, GOOD, styled};
use crate::runner::check::{Step, Trouble};

/// A step that went well.
pub fn step(step: &Step) -> String {
    format!("{}     {:<20} {}\n", styled(GOOD, "ok"), step.about, step.did)
}

/// The step that did not, and what can be done about it.
pub fn trouble(trouble: &Trouble) -> String {
    let mut text = format!("{}  {:<20} {}\n", styled(ERROR, "error"), trouble.about, trouble.did);
    let mut add = |what: &str, said: &str| text += &format!("       {} {said}\n", styled(DIM, format!("{what:<9}")));
    for (what, line) in &trouble.lines {
        add(what, line);
    }
    for line in trouble.stderr.lines() {
        add("stderr", line);
    }
    if !trouble.advice.is_empty() {
        add("to do", &trouble.advice);
    }
    text
}
