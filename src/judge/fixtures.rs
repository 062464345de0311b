//! Cases and results for the tests of this module.

use serde_json::{Value, json};

use super::{CaseResult, Kept, Outcome};
use crate::{
    protocol::Hello,
    vectors::{Op, Set, case_files::SCHEMA},
};

/// An implementation of nothing.
pub(super) fn hello() -> Hello {
    Hello {
        name: "x".into(),
        version: "0".into(),
        language: "x".into(),
        ops: Default::default(),
        choices: Default::default(),
        rules: false,
        lacks: Default::default(),
    }
}

pub(super) fn output(index: &str) -> Value {
    json!({"index": index, "toc_digest": null, "toc": null, "tar_split": null})
}

#[expect(clippy::unwrap_used, reason = "the cases are those above")]
pub(super) fn set() -> Set {
    let case = |id: &str, twin: Option<&str>, expect: Value| {
        let mut case = json!({
            "id": id, "title": "t", "why": "w", "rules": ["ANN-01"], "dialects": ["g5"],
            "input": {"annotations": {}}, "expect": expect, "provenance": {"kind": "generated"},
        });
        if let Some(twin) = twin {
            case["twin"] = json!(twin);
        }
        case
    };
    let either = json!({"verdict": "either", "choice": "digest-algorithm", "output": output("none")});
    let cases = json!({"schema": SCHEMA, "op": "annotations/parse", "cases": [
        case("a/valid", None, json!({"verdict": "valid", "output": output("none")})),
        case("a/invalid", Some("a/valid"), json!({"verdict": "invalid"})),
        case("a/either", None, either.clone()),
        case("a/either-2", None, either),
    ]});
    Set::load(&[(Op::AnnotationsParse, &cases.to_string())], &[]).unwrap()
}

pub(super) fn result(index: usize, outcome: Outcome, answer: Option<Kept>) -> CaseResult {
    CaseResult {
        answer,
        ..CaseResult::bare(index, outcome)
    }
}
