//! Case files, read into cases of any operation.
//!
//! They are parsed strictly, by the types of their operation, and their inputs and outputs are then kept as plain JSON.

use std::fmt;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    case::{Case, CaseFile, Expect},
    ops::{Op, Operation, Task},
};

/// The version of the shape of case files.
pub const SCHEMA: u32 = 1;

/// A case with the operation that it belongs to.
#[derive(Clone, Debug, PartialEq)]
pub struct SetEntry {
    /// The operation.
    pub op: Op,
    /// The case. Its input and output conform to the operation's types.
    pub case: Case<Value, Value>,
}

/// What is wrong with a set of vectors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetError(pub(super) String);

impl fmt::Display for SetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SetError {}

/// The operation and the cases of one file, whichever operation's it is.
///
/// # Errors
///
/// What is no case file of its operation.
pub fn read_cases(text: &str) -> Result<Vec<SetEntry>, SetError> {
    #[derive(Deserialize)]
    struct Head {
        op: Op,
    }
    let head: Head = serde_json::from_str(text).map_err(|error| SetError(format!("no case file: {error}")))?;
    parse(head.op, text)
}

/// The cases of a file of this operation. Inputs and outputs are read by its types, so that nothing is in them that these do not have.
///
/// # Errors
///
/// What is no case file of the operation.
pub(super) fn parse(op: Op, text: &str) -> Result<Vec<SetEntry>, SetError> {
    struct Parse<'a>(&'a str);

    impl Task for Parse<'_> {
        type Done = Result<Vec<SetEntry>, String>;

        fn on<O: Operation>(self) -> Self::Done {
            parse_as::<O>(self.0)
        }
    }

    let entries = op.with(Parse(text));
    entries.map_err(|error| SetError(format!("the cases of {op}: {error}")))
}

/// The same of a file of which it is known that [`parse`] gives its inputs and outputs as they stand there.
///
/// # Errors
///
/// As [`parse`], as far as it is about other fields than inputs and outputs.
pub(super) fn parse_checked(op: Op, text: &str) -> Result<Vec<SetEntry>, SetError> {
    let cases = cases_of(op, text).map_err(|error| SetError(format!("the cases of {op}: {error}")))?;
    Ok(cases.into_iter().map(|case| SetEntry { op, case }).collect())
}

fn parse_as<O: Operation>(text: &str) -> Result<Vec<SetEntry>, String> {
    let op = O::OP;
    let cases: Vec<Case<O::Input, O::Output>> = cases_of(op, text)?;
    cases
        .into_iter()
        .map(|case| {
            Ok(SetEntry {
                op,
                case: erase(case).map_err(|error| error.to_string())?,
            })
        })
        .collect()
}

/// The cases of a file, with these types of input and output.
fn cases_of<I: DeserializeOwned, O: DeserializeOwned>(op: Op, text: &str) -> Result<Vec<Case<I, O>>, String> {
    let file: CaseFile<I, O> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if file.schema != SCHEMA {
        return Err(format!("schema {}, expected {SCHEMA}", file.schema));
    }
    if file.op != op {
        return Err(format!("operation {}, expected {op}", file.op));
    }
    Ok(file.cases)
}

fn erase<I: Serialize, O: Serialize>(case: Case<I, O>) -> serde_json::Result<Case<Value, Value>> {
    Ok(Case {
        id: case.id,
        title: case.title,
        why: case.why,
        rules: case.rules,
        dialects: case.dialects,
        tags: case.tags,
        twin: case.twin,
        change: case.change,
        input: serde_json::to_value(case.input)?,
        limits: case.limits,
        expect: match case.expect {
            Expect::Valid { output } => Expect::Valid {
                output: serde_json::to_value(output)?,
            },
            Expect::Invalid => Expect::Invalid,
            Expect::Either {
                choice,
                output,
                readings,
            } => Expect::Either {
                choice,
                output: serde_json::to_value(output)?,
                readings: readings
                    .into_iter()
                    .map(|(name, output)| Ok((name, serde_json::to_value(output)?)))
                    .collect::<serde_json::Result<_>>()?,
            },
        },
        provenance: case.provenance,
    })
}

/// An output in the one form in which outputs are compared.
///
/// # Errors
///
/// What does not conform to the output of the operation.
pub fn canonical_output(op: Op, output: &Value) -> Result<Value, String> {
    struct Canonical<'a>(&'a Value);

    impl Task for Canonical<'_> {
        type Done = serde_json::Result<Value>;

        fn on<O: Operation>(self) -> Self::Done {
            serde_json::to_value(O::Output::deserialize(self.0)?)
        }
    }

    op.with(Canonical(output)).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::canonical_output;
    use crate::vectors::Op;

    #[test]
    fn outputs_are_compared_in_one_form() {
        let long = json!({"index": "none", "toc_digest": null, "toc": null, "tar_split": null});
        assert_eq!(
            canonical_output(Op::AnnotationsParse, &json!({"index": "none"})),
            Ok(long)
        );
        assert!(canonical_output(Op::AnnotationsParse, &json!({"index": "none", "x": 1})).is_err());
    }
}
