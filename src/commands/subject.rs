//! The input of `minimize` and `promote`: a candidate, a case of the set, or a file that an operation reads.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::{Failure, descriptor};
use crate::{
    bounded::{self, DOCUMENT},
    format::Digest,
    hunt::artifact,
    vectors::{CaseId, LayerFormat, Op, Provenance, Set, case_files::read_cases},
};

/// An input, and what is known of it.
pub(super) struct Subject {
    pub(super) op: Op,
    /// The input, with its bytes in base64.
    pub(super) input: Value,
    pub(super) dialects: Vec<LayerFormat>,
    pub(super) provenance: Provenance,
    pub(super) kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A case file with one case, as `hunt` writes it.
    Candidate,
    /// A case of the set.
    Case,
    /// The bytes themselves.
    Raw,
}

/// How a file of bytes is to be read.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) op: Option<Op>,
    pub(super) target: Option<&'a str>,
    pub(super) annotations: Option<&'a Path>,
}

/// The input that a path or the id of a case names.
pub(super) fn read(set: &Set, what: &str, reading: Reading<'_>) -> Result<Subject, Failure> {
    let path = PathBuf::from(what);
    if !path.exists() {
        let id: CaseId = what
            .parse()
            .map_err(|_| Failure::unusable(format!("{what}: neither a file nor the id of a case")))?;
        let entry = set
            .find(&id)
            .ok_or_else(|| Failure::unusable(format!("{what}: no file and no case has this name")))?;
        return Ok(Subject {
            op: entry.op,
            input: set.wire_input(entry).map_err(Failure::unusable)?,
            dialects: entry.case.dialects.clone(),
            provenance: entry.case.provenance.clone(),
            kind: Kind::Case,
        });
    }
    let bytes = bounded::read(&path, DOCUMENT).map_err(|error| Failure::io(what, &error))?;
    if let Some(candidate) = candidate(&bytes)? {
        return Ok(candidate);
    }
    raw(what, &bytes, reading)
}

fn candidate(bytes: &[u8]) -> Result<Option<Subject>, Failure> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Ok(None);
    };
    let Ok(mut entries) = read_cases(text) else {
        return Ok(None);
    };
    let Some(entry) = entries.pop().filter(|_| entries.is_empty()) else {
        return Err(Failure::unusable("a candidate is a file with exactly one case"));
    };
    // Candidates hold their bytes themselves.
    let input = Set::default().wire_input(&entry).map_err(Failure::unusable)?;
    Ok(Some(Subject {
        op: entry.op,
        input,
        dialects: entry.case.dialects,
        provenance: entry.case.provenance,
        kind: Kind::Candidate,
    }))
}

fn raw(what: &str, bytes: &[u8], reading: Reading<'_>) -> Result<Subject, Failure> {
    let annotations: BTreeMap<String, String> = match reading.annotations {
        None => BTreeMap::new(),
        Some(path) => descriptor::map(path).map_err(Failure::unusable)?,
    };
    let (op, input) = match (reading.op, reading.target) {
        (op, Some(target)) => match (artifact::of_target(target, op, bytes, &annotations), op) {
            (Some((op, input)), _) => (op, Some(input)),
            (None, Some(op)) => (op, None),
            (None, None) => {
                return Err(Failure::unusable(format!(
                    "the bytes of {target} are not the input of one operation; name the operation with --op"
                )));
            }
        },
        (Some(op), None) => (op, artifact::input(op, bytes, &annotations)),
        (None, None) => {
            let op = Op::LayerReconstruct;
            (op, artifact::input(op, bytes, &annotations))
        }
    };
    let input = input.ok_or_else(|| Failure::unusable(format!("{what}: not a complete input of {op}")))?;
    Ok(Subject {
        op,
        input,
        dialects: artifact::dialects(op),
        provenance: Provenance::Found {
            tool: reading.target.unwrap_or("file").to_owned(),
            seed: None,
            run: None,
            from: None,
            artifact: Some(Digest::of(bytes).hex()),
            answers: BTreeMap::new(),
        },
        kind: Kind::Raw,
    })
}
