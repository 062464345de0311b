//! Answers of adapters: any bytes as a line that an implementation under test sends to the runner.
//!
//! Nothing panics, what is read is printed and read again, a line answers either the first request or another, and the
//! tree that it is as JSON has the shape of what was read. An accepted output is weighed as that of each operation.

use serde_json::{Value, json};

use super::tree::{Opinion, Tree, read};
use crate::{
    judge::read_back,
    protocol::{Answer, Reply, parse_answer, parse_hello},
    vectors::{Bytes, Op},
};

/// Runs the fuzz target.
///
/// # Panics
///
/// On a disagreement, which is a finding for the fuzzer.
#[expect(clippy::panic, reason = "a panic is how a fuzz target reports a finding")]
pub fn run(bytes: &[u8]) {
    let tree = match read(bytes) {
        Opinion::Tree(tree) => Some(tree),
        Opinion::NotJson | Opinion::Unknown => None,
    };
    let seq = tree.as_ref().and_then(seq).unwrap_or(0);
    let (hello, answer) = (parse_hello(bytes), parse_answer(bytes, seq));
    if parse_answer(bytes, seq.wrapping_add(1)).is_ok() {
        panic!("{}: answers another request", bytes.escape_ascii());
    }
    match (&hello, &answer) {
        (Err(_), Err(_)) => return,
        (Ok(_), Ok(_)) => panic!("{}: is a hello and an answer", bytes.escape_ascii()),
        (Ok(hello), Err(_)) => {
            let line = print(&Reply {
                seq: 0,
                hello: Some(hello.clone()),
                ..Reply::default()
            });
            let again = parse_hello(&line);
            if again.as_ref() != Ok(hello) {
                panic!("{hello:?} is read as {again:?}");
            }
        }
        (Err(_), Ok(answer)) => {
            let again = parse_answer(&print(&answer.clone().into_reply(seq)), seq);
            // serde_json does not read every fraction back as it printed it.
            let is_exact = !matches!(answer, Answer::Accept(value) if has_fraction(value));
            if is_exact && again.as_ref() != Ok(answer) {
                panic!("{answer:?} is read as {again:?}");
            }
        }
    }
    if !tree.is_some_and(|tree| has_shape(&tree, hello.is_ok(), answer.as_ref().ok())) {
        panic!("{}: read as {hello:?} and {answer:?}", bytes.escape_ascii());
    }
    if let Ok(Answer::Accept(output)) = &answer {
        weigh_each(output);
    }
}

fn print(reply: &Reply) -> Vec<u8> {
    serde_json::to_vec(reply).unwrap_or_default()
}

fn seq(tree: &Tree) -> Option<u64> {
    let Tree::Object(items) = tree else {
        return None;
    };
    items.iter().find_map(|(key, value)| match value {
        Tree::Integer(seq) if key == "seq" => u64::try_from(*seq).ok(),
        _ => None,
    })
}

/// Whether the line is an object with a number, and with one of the five other keys, which is not null.
fn has_shape(tree: &Tree, is_hello: bool, answer: Option<&Answer>) -> bool {
    let Tree::Object(items) = tree else {
        return false;
    };
    let key = match answer {
        _ if is_hello => "hello",
        Some(Answer::Accept(_)) => "accept",
        Some(Answer::Reject(_)) => "reject",
        Some(Answer::Decline(_)) => "decline",
        Some(Answer::Unsupported(_)) => "unsupported",
        None => return false,
    };
    let others = || items.iter().filter(|(key, value)| key != "seq" && *value != Tree::Null);
    // An output may be anything; the others are objects.
    let is_object = |value: &Tree| key == "accept" || matches!(value, Tree::Object(_));
    let mut keys: Vec<&String> = items.iter().map(|(key, _)| key).collect();
    keys.sort();
    keys.dedup();
    others().count() == 1 && others().all(|(name, value)| name == key && is_object(value)) && keys.len() == items.len()
}

fn has_fraction(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(items) => items.iter().any(has_fraction),
        Value::Object(items) => items.values().any(has_fraction),
        _ => false,
    }
}

/// Weighs an output as that of each operation.
#[expect(clippy::panic, reason = "a panic is how a fuzz target reports a finding")]
fn weigh_each(output: &Value) {
    let input = json!({"tar": Bytes::base64(&[0; 1024])});
    for &op in Op::ALL {
        let is_read_back = op.is_read_back();
        match read_back(op, &input, output) {
            Ok(Some(product)) if is_read_back && (product.tar.is_some() || !product.complaints.is_empty()) => {}
            Ok(None) if !is_read_back => {}
            Err(_) if is_read_back => {}
            other => panic!("{output} as the output of {op:?} is weighed as {other:?}"),
        }
    }
}
