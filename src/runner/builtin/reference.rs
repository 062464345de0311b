//! The reference implementation of this crate.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Builtin, Death};
use crate::{
    format::Dialect,
    judge::reference::{self, ACCEPTED, Answer as Answered},
    runner::protocol::{Answer, Decision, Hello, Rejection},
    vectors::{Choice, Form, Op},
};

pub(super) struct Reference;

/// The dialects that have what the operation is about.
fn dialects(op: Op) -> BTreeSet<Form> {
    let chunked = Dialect::ALL.iter().copied();
    match op {
        Op::EStargzFooter | Op::EStargzToc => [Form::EStargz].into(),
        Op::TarSplitParse | Op::TarSplitAssemble | Op::TarSplitDisassemble => chunked
            .filter(|dialect| dialect.has_tar_split())
            .map(Form::from)
            .collect(),
        Op::AnnotationsParse | Op::LayerIndex => Form::ALL.iter().copied().collect(),
        Op::FooterParse | Op::TocParse | Op::LayerDecompress | Op::LayerReconstruct | Op::LayerWrite => {
            chunked.map(Form::from).collect()
        }
    }
}

impl Builtin for Reference {
    fn hello(&self) -> Hello {
        let decide = |&choice: &Choice| {
            let decision = if ACCEPTED.contains(&choice) {
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
            ops: Op::ALL.iter().map(|&op| (op, dialects(op))).collect(),
            choices: Choice::ALL.iter().map(decide).collect(),
            rules: true,
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
