//! Cells of the tables in `docs/coverage.md` that have no case, each with the reason.

use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use super::{
    layer_format::LayerFormat,
    ops::Op,
    registers::{check_sentence, leak},
    toml_file,
};
use crate::rules::Rule;

/// The file in the folder of the registers.
pub(super) const FILE: &str = "cells.toml";

/// Where rules have no case that breaks them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The rules as the file names them: ids, and groups such as `ESG`.
    pub names: Vec<String>,
    /// The rules.
    pub rules: Vec<Rule>,
    /// The operations in which they have none.
    pub operations: Vec<Op>,
    /// The dialects in which they have none.
    pub dialects: Vec<LayerFormat>,
    /// The rule that is reported first for whatever breaks these there; none if they do not apply there.
    pub masked: Option<Rule>,
    /// The reason, in one sentence.
    pub why: &'static str,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    cell: Vec<Spanned<Row>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    rules: Vec<String>,
    #[serde(default)]
    operations: Vec<Op>,
    #[serde(default)]
    dialects: Vec<LayerFormat>,
    masked: Option<Rule>,
    why: String,
}

/// The rows of the file with this text.
///
/// # Errors
///
/// What is wrong with the file or a row, in a sentence.
pub(super) fn read(folder: &Path, text: &str) -> Result<Vec<Record>, String> {
    let path = folder.join(FILE);
    let file: File = toml_file::parse(&path, text)?;
    let rows = file.cell.into_iter().map(|row| {
        let at = row.span().start;
        let row = row.into_inner();
        let checked = check(&row);
        let rules = checked.map_err(|sentence| toml_file::error(&path, text, at, &row.rules.join(" "), &sentence))?;
        Ok(Record {
            names: row.rules,
            rules,
            operations: row.operations,
            dialects: row.dialects,
            masked: row.masked,
            why: leak(row.why),
        })
    });
    rows.collect()
}

/// The rules of a row that is right.
fn check(row: &Row) -> Result<Vec<Rule>, String> {
    check_sentence(&row.why)?;
    if row.operations.is_empty() && row.dialects.is_empty() {
        return Err("the row names neither operations nor dialects".to_owned());
    }
    let mut rules = Vec::new();
    for name in &row.rules {
        let before = rules.len();
        let named = |rule: &&Rule| rule.id() == name || rule.id().split('-').next() == Some(name);
        rules.extend(Rule::ALL.iter().filter(named));
        if rules.len() == before {
            return Err(format!("no rule and no group of rules is called {name:?}"));
        }
    }
    Ok(rules)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::read;
    use crate::rules::Rule;

    #[test]
    fn a_row_names_a_place_and_has_a_reason() {
        let row = "[[cell]]\nrules = [\"FTR-01\"]\noperations = [\"layer/index\"]\nwhy = \"It is so.\"\n";
        assert_eq!(read(Path::new("r"), row).unwrap().len(), 1);
        let group = read(Path::new("r"), &row.replace("FTR-01", "SEG")).unwrap();
        assert_eq!(
            group[0].rules,
            [Rule::SegmentHeader, Rule::SegmentFile, Rule::SegmentTail]
        );
        for (from, to, expected) in [
            (
                "operations = [\"layer/index\"]",
                "operations = []",
                "r/cells.toml, line 1, FTR-01: the row names neither operations nor dialects",
            ),
            (
                "It is so.",
                "It is so",
                "r/cells.toml, line 1, FTR-01: not one sentence with a full stop: It is so",
            ),
            (
                "FTR-01",
                "FTR-1",
                "r/cells.toml, line 1, FTR-1: no rule and no group of rules is called \"FTR-1\"",
            ),
            (
                "why",
                "because",
                "r/cells.toml, line 4: unknown field `because`, expected one of `rules`, `operations`, `dialects`, `masked`, `why`",
            ),
        ] {
            assert_eq!(read(Path::new("r"), &row.replace(from, to)), Err(expected.to_owned()));
        }
    }
}
