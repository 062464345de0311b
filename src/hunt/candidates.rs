//! Candidates for the set: what was found, in the shape of a case.

use std::{collections::BTreeMap, convert::Infallible};

use serde_json::{Value, json};

use super::{Disagreement, Report, compare::Said, minimize::minimize};
use crate::judge::{
    read_back,
    reference::{self, Answer},
};
use crate::vectors::{Bytes, Case, CaseFile, CaseId, Content, Expect, LayerFormat, Op, Provenance, case_files::SCHEMA};

/// A case that stands for an input, by the answer of the reference.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The operation.
    pub op: Op,
    /// The case. Its bytes are in the notation that is easiest to read.
    pub case: Case<Value, Value>,
}

impl Candidate {
    /// The case of an input, as the protocol sends it: what the reference says is expected.
    ///
    /// # Errors
    ///
    /// An input that is not one of the operation's, in a sentence.
    pub fn of(
        op: Op,
        id: CaseId,
        input: &Value,
        dialects: Vec<LayerFormat>,
        provenance: Provenance,
    ) -> Result<Self, String> {
        let mut rules = Vec::new();
        let expect = match reference::answer(op, input.clone(), &[])? {
            Answer::Accept(output) => Expect::Valid {
                output: output_of(op, input, output)?,
            },
            Answer::Reject(findings) => {
                for finding in findings {
                    if !rules.contains(&finding.rule) {
                        rules.push(finding.rule);
                    }
                }
                Expect::Invalid
            }
            Answer::Decline(finding) => {
                rules.push(finding.rule);
                Expect::Invalid
            }
        };
        Ok(Self {
            op,
            case: Case {
                id,
                title: String::new(),
                why: String::new(),
                rules,
                dialects,
                tags: Vec::new(),
                twin: None,
                change: None,
                input: readable(op, input),
                limits: None,
                expect,
                provenance,
            },
        })
    }

    /// The case as a file of its operation, which holds nothing else.
    pub fn file(self) -> CaseFile<Value, Value> {
        CaseFile {
            schema: SCHEMA,
            op: self.op,
            cases: vec![self.case],
        }
    }
}

/// What a case expects of those who accept, where this is what the reference gave.
fn output_of(op: Op, input: &Value, output: Value) -> Result<Value, String> {
    match read_back(op, input, &output)? {
        None => Ok(output),
        Some(product) => match product.complaints.first() {
            None => Ok(json!(product.tar)),
            Some(complaint) => Err(format!("the output of the reference is invalid: {complaint}")),
        },
    }
}

/// The input with its bytes in the notation that is easiest to read.
pub fn readable(op: Op, input: &Value) -> Value {
    match input {
        Value::Object(members) if members.len() == 1 && members.contains_key("base64") => {
            let bytes = super::mutate::bytes_of(&json!({"bytes": input}), "bytes");
            let bytes = match op.subject().map(|subject| subject.content) {
                Some(Content::Footer | Content::EStargzFooter) => Bytes::hex(&bytes),
                _ => Bytes::readable(&bytes),
            };
            json!(bytes)
        }
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| (key.clone(), readable(op, value)))
            .collect(),
        Value::Array(elements) => elements.iter().map(|element| readable(op, element)).collect(),
        other => other.clone(),
    }
}

/// The candidate of a disagreement that no case shows, with the name of its file.
///
/// # Errors
///
/// What the reference makes of its input does not hold.
pub fn candidate(report: &Report, number: usize, disagreement: &Disagreement) -> Result<(String, Candidate), String> {
    let group = &disagreement.group;
    let slug = format!("{}-{number}", group.rule.to_lowercase());
    let name = format!("{}-{slug}.json", group.op.file_stem());
    let id: CaseId = format!("found/{}-{slug}", group.op.file_stem()).parse()?;
    let answers: BTreeMap<String, String> = report
        .implementations
        .iter()
        .cloned()
        .zip(group.answers.iter().map(ToString::to_string))
        .collect();
    let said: Vec<String> = answers
        .iter()
        .map(|(name, answer)| format!("{name}: {answer}"))
        .collect();
    let provenance = Provenance::Found {
        tool: "hunt".to_owned(),
        seed: Some(report.seed.into()),
        run: disagreement.example.run.map(Into::into),
        from: Some(disagreement.example.from.clone()),
        artifact: None,
        answers,
    };
    let example = &disagreement.example;
    let mut candidate = Candidate::of(group.op, id, &example.input, example.dialects.clone(), provenance)?;
    candidate.case.title = format!("{} changed until implementations disagree", example.from);
    candidate.case.why = format!("Implementations disagree ({}).", said.join(", "));
    Ok((name, candidate))
}

/// The rule that the reference finds broken first in an input, or `accepted`.
pub fn first_rule(op: Op, input: &Value) -> String {
    Said::of(op, input).rule
}

/// A smaller input in which the same rule is broken first, and no other that was not broken before.
pub fn smaller(op: Op, input: &Value, attempts: usize) -> Value {
    let said = Said::of(op, input);
    let mut stays = |input: &Value| Ok::<bool, Infallible>(Said::of(op, input).shows(&said));
    match minimize(op, input, attempts, &mut stays) {
        Ok(smaller) => smaller,
        Err(never) => match never {},
    }
}
