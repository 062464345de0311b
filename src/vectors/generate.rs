//! The generator: it writes the whole set of vectors, byte for byte the same on every machine.
//!
//! `forge` makes layers and their parts from plain values; `cases` says what is made and what an implementation has
//! to answer. Expected outputs come from what was put in, never from a parser of this crate: the generator uses of
//! [`crate::format`] only plain types.
//!
//! To add a case, find its operation under `cases` and add a row; to change a shape, change the types in
//! [`super::ops`] and [`super::case`]. What a hunt or a fuzz target found is added by `chunkproof promote` ([`promoted`]). Then run the generator, and look at the difference that it makes on disk.

mod cases;
mod disk;
mod draft;
pub mod promoted;

use std::collections::BTreeMap;

use schemars::{JsonSchema, schema_for};
use serde::{Serialize, de::DeserializeOwned};

pub use self::disk::{Difference, Files, check, replace, write};
use self::{
    draft::{Blobs, Family},
    promoted::Promoted,
};
use super::{
    bugs::{Bug, Record},
    case::{Case, CaseFile, CaseId},
    ops::{Input, Op},
    tombstones::Tombstone,
};
use crate::{results::Results, rules::Rule};

/// The version of the shape of case files. 0 is provisional.
const SCHEMA: u32 = 0;

/// Every file of the set with its content, by its path below `vectors/`.
pub fn files() -> BTreeMap<String, Vec<u8>> {
    files_with(&Promoted::embedded())
}

/// The files of the set with these cases that were found.
pub fn files_with(promoted: &Promoted) -> BTreeMap<String, Vec<u8>> {
    let mut set = Set {
        promoted: promoted.clone(),
        ..Set::default()
    };
    set.add(Op::FooterParse, cases::footer::cases());
    set.add(Op::AnnotationsParse, cases::annotations::cases());
    let family = cases::toc::cases(&mut set.blobs);
    set.add(Op::TocParse, family);
    let family = cases::tarsplit::cases(&mut set.blobs);
    set.add(Op::TarSplitParse, family);
    let family = cases::assemble::cases(&mut set.blobs);
    set.add(Op::TarSplitAssemble, family);
    let family = cases::tars::disassemble(&mut set.blobs);
    set.add(Op::TarSplitDisassemble, family);
    let family = cases::decompress::cases(&mut set.blobs);
    set.add(Op::LayerDecompress, family);
    let (index, reconstruct) = cases::reconstruct::cases(&mut set.blobs);
    set.add(Op::LayerIndex, index);
    set.add(Op::LayerReconstruct, reconstruct);
    let family = cases::tars::write(&mut set.blobs);
    set.add(Op::LayerWrite, family);
    set.add(Op::EStargzFooter, cases::estargz::footer());
    let family = cases::estargz::toc(&mut set.blobs);
    set.add(Op::EStargzToc, family);
    set.finish()
}

/// The files as they come together.
#[derive(Default)]
struct Set {
    files: BTreeMap<String, Vec<u8>>,
    blobs: Blobs,
    index: Vec<IndexEntry>,
    promoted: Promoted,
}

/// A line of `index.json`.
#[derive(Serialize)]
struct IndexEntry {
    id: CaseId,
    op: Op,
    verdict: &'static str,
    rules: Vec<Rule>,
}

impl Set {
    fn add<I, O>(&mut self, op: Op, family: Family<I, O>)
    where
        I: Input + Serialize + DeserializeOwned + JsonSchema,
        O: Serialize + DeserializeOwned + JsonSchema,
    {
        let mut cases = family.into_cases();
        cases.extend(self.promoted.cases(op, &mut self.blobs));
        cases.sort_by(|a, b| a.id.cmp(&b.id));
        self.index.extend(cases.iter().map(|case| index_entry(op, case)));
        let stem = op.file_stem();
        let schema = schema_for!(CaseFile<I, O>);
        self.files.insert(format!("schemas/{stem}.schema.json"), json(&schema));
        self.files.insert(
            format!("{stem}.json"),
            json(&CaseFile {
                schema: SCHEMA,
                op,
                cases,
            }),
        );
    }

    fn finish(mut self) -> BTreeMap<String, Vec<u8>> {
        self.index.sort_by(|a, b| a.id.cmp(&b.id));
        self.files.insert("index.json".to_owned(), json(&self.index));
        let bugs: Vec<Record> = Bug::ALL.iter().map(|bug| bug.record()).collect();
        self.files.insert("bugs.json".to_owned(), json(&bugs));
        self.files.insert("tombstones.json".to_owned(), json(&Tombstone::ALL));
        let schema = schema_for!(Results);
        self.files
            .insert("schemas/results.schema.json".to_owned(), json(&schema));
        self.files.insert("blobs.rs".to_owned(), self.blobs.list());
        self.files.extend(self.blobs.into_files());
        self.files
    }
}

fn index_entry<I, O>(op: Op, case: &Case<I, O>) -> IndexEntry {
    IndexEntry {
        id: case.id.clone(),
        op,
        verdict: case.expect.verdict(),
        rules: case.rules.clone(),
    }
}

/// Pretty JSON with a final line feed.
fn json(value: &impl Serialize) -> Vec<u8> {
    // Plain data always serializes; if it ever did not, the empty file would fail the tests.
    let mut text = serde_json::to_vec_pretty(value).unwrap_or_default();
    text.push(b'\n');
    text
}
