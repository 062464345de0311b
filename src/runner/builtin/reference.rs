//! The reference implementation of this crate.

use serde_json::Value;

use super::{Builtin, Death};
use crate::{
    judge::reference::{self, Answer as Answered},
    runner::protocol::{Answer, Decision, Hello, Rejection},
    vectors::{Choice, Op},
};

pub(super) struct Reference;

impl Builtin for Reference {
    fn hello(&self) -> Hello {
        let decide = |choice: Choice| {
            let decision = if choice.is_accepted_by_the_reference() {
                Decision::Accept
            } else {
                Decision::Reject
            };
            (choice, decision)
        };
        Hello {
            name: "reference".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            language: "rust".to_owned(),
            ops: Op::ALL
                .iter()
                .chain(Op::DRAFTS)
                .map(|&op| (op, op.forms().iter().copied().collect()))
                .collect(),
            choices: Choice::all().map(decide).collect(),
            rules: true,
            lacks: Default::default(),
        }
    }

    fn answer(&self, op: Op, input: Value) -> Result<Answer, Death> {
        Ok(match reference::answer(op, input, &[]) {
            Err(problem) => Answer::Unsupported(problem),
            Ok(Answered::Accept(output)) => Answer::Accept(output),
            Ok(Answered::Decline(finding)) => Answer::Decline(finding.to_string()),
            Ok(Answered::Reject(findings)) => match findings.first() {
                None => Answer::reject("nothing could be made out"),
                Some(first) => Answer::Reject(Rejection {
                    message: format!("{}: {}", first.place, first.detail),
                    rule: Some(first.rule.id().to_owned()),
                }),
            },
        })
    }
}
