//! Puts the mutants that `cargo mutants` lists into one build: each behind a switch, so that a program is built once and runs one
//! mutant after the other.
//!
//! ```text
//! schemata TREE MUTANTS EDITS [FUNCTION...]
//! ```
//!
//! `TREE` is a copy of the package, whose sources are rewritten. `MUTANTS` is a JSON array of mutants in the form of
//! `cargo mutants --list --json`, each with a `number` besides. `EDITS` is written: for each rewritten file, which bytes belong to
//! which mutants, so that an error of the compiler can be told to be of one. A mutant that `EDITS` does not name has no switch:
//! it is in a constant, or in a place where a mutant cannot be chosen when the program runs. A `FUNCTION` is one that constants call.

mod rewrite;
mod sites;

use std::{collections::BTreeMap, error::Error, fs, path::Path};

use serde::{Deserialize, Serialize};

/// A change, as `cargo mutants` lists it.
#[derive(Deserialize)]
pub(crate) struct Mutant {
    pub(crate) number: u32,
    file: String,
    pub(crate) genre: String,
    pub(crate) replacement: String,
    span: Span,
}

#[derive(Deserialize)]
struct Span {
    start: Place,
}

/// A line and a character of it, both from 1.
#[derive(Deserialize)]
struct Place {
    line: usize,
    column: usize,
}

impl Mutant {
    /// Where the changed code begins, in bytes of the file.
    fn start(&self, text: &str) -> Option<usize> {
        let before = text.split_inclusive('\n').take(self.span.start.line.checked_sub(1)?);
        let line = text.lines().nth(self.span.start.line - 1)?;
        let column = line.char_indices().nth(self.span.start.column.checked_sub(1)?)?.0;
        Some(before.map(str::len).sum::<usize>() + column)
    }
}

/// Bytes of a rewritten file that are there for some mutants.
#[derive(Serialize)]
pub(crate) struct Edit {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) mutants: Vec<u32>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [tree, mutants, edits, constant @ ..] = &arguments[..] else {
        return Err("usage: schemata TREE MUTANTS EDITS [FUNCTION...]".into());
    };
    let mutants: Vec<Mutant> = serde_json::from_slice(&fs::read(mutants)?)?;
    let mut files: BTreeMap<&str, Vec<&Mutant>> = BTreeMap::new();
    for mutant in &mutants {
        files.entry(&mutant.file).or_default().push(mutant);
    }
    let mut done: BTreeMap<&str, Vec<Edit>> = BTreeMap::new();
    for (file, mutants) in files {
        let path = Path::new(tree).join(file);
        let text = fs::read_to_string(&path)?;
        let mut places: BTreeMap<(usize, &str), Vec<&Mutant>> = BTreeMap::new();
        for mutant in mutants {
            let start = mutant
                .start(&text)
                .ok_or_else(|| format!("{file} has no place for mutant {}", mutant.number))?;
            places.entry((start, &mutant.genre)).or_default().push(mutant);
        }
        let sites = sites::find(&syn::parse_file(&text)?, &text, &places, constant);
        let (rewritten, edits) = rewrite::rewrite(&text, sites);
        fs::write(&path, rewritten)?;
        done.insert(file, edits);
    }
    fs::write(edits, serde_json::to_vec(&done)?)?;
    Ok(())
}
