//! The examples of requests and answers in `docs/protocol.md`, each a case of the set.

use serde_json::{Value, json};

use super::tables::replace;
use crate::{
    judge::reference::{self, Answer},
    protocol::shortened,
    vectors::{Expect, Op, Set},
};

/// Longest line of an example, in characters.
const WIDTH: usize = 118;

/// The case that shows an operation.
const fn example(op: Op) -> &'static str {
    match op {
        Op::FooterParse => "footer/v64",
        Op::AnnotationsParse => "annotations/g5",
        Op::TocParse => "toc/g5",
        Op::TarSplitParse => "tarsplit/simple",
        Op::TarSplitAssemble => "assemble/two-files",
        Op::TarSplitDisassemble => "disassemble/one-file",
        Op::LayerDecompress => "decompress/one-frame",
        Op::LayerIndex => "index/g5",
        Op::LayerReconstruct => "reconstruct/g5",
        Op::LayerWrite => "write/one-file",
        Op::EStargzFooter => "estargz-footer/v51",
        Op::EStargzToc => "estargz-toc/indented",
        Op::TarList => "tarlist/one-file",
        Op::DraftSentinel => "draft/sentinel-one-file",
    }
}

/// `docs/protocol.md` with its examples made anew.
///
/// # Errors
///
/// A case that is missing or of which the reference has no output, in a sentence.
pub fn fill(document: &str, set: &Set) -> Result<String, String> {
    let mut text = String::new();
    for &op in Op::ALL {
        text += &exchange(op, set)?;
    }
    replace("docs/protocol.md", document, "examples", text.trim_end())
}

/// A request and the answer to it.
fn exchange(op: Op, set: &Set) -> Result<String, String> {
    let id = example(op);
    let missing = || format!("the example {id} of {op} is missing");
    let entry = id.parse().ok().and_then(|id| set.find(&id)).ok_or_else(missing)?;
    let input = set.wire_input(entry).map_err(|error| error.to_string())?;
    // What writers answer is not what the case has: that is read back from it.
    let Ok(Answer::Accept(output)) = reference::answer(op, input.clone(), &[]) else {
        return Err(missing());
    };
    if !matches!(entry.case.expect, Expect::Valid { .. }) {
        return Err(missing());
    }
    let line = |head: &str, value: &Value| format!("{head}{}}}", laid_out(&shortened(value), 1, head.len()));
    let request = line(
        &format!("{{\"seq\":1,\"op\":\"{op}\",\"case\":\"{id}\",\"input\":"),
        &input,
    );
    let answer = line("{\"seq\":1,\"accept\":", &output);
    Ok(format!(
        "### `{op}`\n\n```json\n{request}\n```\n\n```json\n{answer}\n```\n\n"
    ))
}

/// JSON over as few lines as fit, of which the first has so many characters in front of it.
fn laid_out(value: &Value, depth: usize, before: usize) -> String {
    let compact = value.to_string();
    if before.saturating_add(compact.chars().count()) <= WIDTH {
        return compact;
    }
    let margin = "  ".repeat(depth);
    let inner = depth.saturating_add(1);
    let (open, parts, close): (_, Vec<String>, _) = match value {
        Value::Array(items) => {
            let item = |item| laid_out(item, inner, margin.len());
            ('[', items.iter().map(item).collect(), ']')
        }
        Value::Object(members) => {
            let member = |(key, item): (&String, &Value)| {
                let key = json!(key).to_string() + ":";
                let before = margin.len().saturating_add(key.len());
                key + &laid_out(item, inner, before)
            };
            ('{', members.iter().map(member).collect(), '}')
        }
        _ => return compact,
    };
    format!("{open}\n{margin}{}{close}", parts.join(&format!(",\n{margin}")))
}
