//! The generator: it writes the whole set of vectors, byte for byte the same on every machine.
//!
//! `forge` makes layers and their parts from plain values; the families say what is made and what an implementation has
//! to answer. Expected outputs come from what was put in, never from a parser of this crate: the generator uses of
//! [`crate::format`] only plain types.
//!
//! Most cases of the parse operations are data ([`data`]): a twin and an edit, in a TOML file beside this one. To add such a case,
//! add it to the file of its operation; what would be longer as data is code under `families`. To change a shape, change the
//! types in [`crate::vectors`]. What a hunt or a fuzz target found is added by `chunkproof promote` ([`promoted`]). Then run the
//! generator, and look at the difference that it makes on disk.

pub mod data;
mod disk;
mod draft;
mod families;
pub mod given;
pub mod promoted;
pub mod tables;

use std::{collections::BTreeMap, path::Path};

use schemars::{JsonSchema, schema_for};
use serde::{Serialize, de::DeserializeOwned};

pub use self::disk::{Difference, Files, check, replace, write};
use self::{
    data::Data,
    draft::{Blobs, Family},
    promoted::Promoted,
};
use crate::{
    forge::layer::Plan,
    results::Results,
    rules::Rule,
    vectors::{Case, CaseFile, CaseId, Expect, Op, Provenance, Registers, ops::Input, registers},
};

/// The version of the shape of case files. 0 is provisional.
const SCHEMA: u32 = 0;

/// What the set is made of besides the code of the generator.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Cases that are a twin and an edit.
    pub data: Data,
    /// Cases that were found.
    pub promoted: Promoted,
}

impl Sources {
    /// Those of a repository: its cases as data, and the cases that were found and are compiled in.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or is not right, in a sentence.
    pub fn of_repository(root: &Path) -> Result<Self, String> {
        Self::read(&root.join(data::FOLDER), Promoted::embedded())
    }

    /// Those of a folder of cases, with these that were found. The registers of the folder take the place of those that are
    /// compiled in.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or is not right, in a sentence.
    pub fn read(cases: &Path, promoted: Promoted) -> Result<Self, String> {
        let registers = cases.join(registers::FOLDER);
        if registers.is_dir() {
            Registers::use_folder(&registers)?;
        }
        Ok(Self {
            data: Data::read(cases)?,
            promoted,
        })
    }
}

/// Every file of the set with its content, by its path below `vectors/`.
///
/// # Errors
///
/// A case that cannot be made, in a sentence.
pub fn files(sources: &Sources) -> Result<Files, String> {
    let mut set = Set {
        sources: sources.clone(),
        ..Set::default()
    };
    set.add(Op::FooterParse, families::footer::cases())?;
    set.add(Op::AnnotationsParse, families::annotations::cases())?;
    let family = families::toc::cases(&mut set.blobs);
    set.add(Op::TocParse, family)?;
    let family = families::tarsplit::cases(&mut set.blobs);
    set.add(Op::TarSplitParse, family)?;
    let family = families::assemble::cases(&mut set.blobs);
    set.add(Op::TarSplitAssemble, family)?;
    let family = families::tars::disassemble(&mut set.blobs);
    set.add(Op::TarSplitDisassemble, family)?;
    let family = families::decompress::cases(&mut set.blobs);
    set.add(Op::LayerDecompress, family)?;
    let (index, reconstruct) = families::reconstruct::cases(&mut set.blobs);
    set.add(Op::LayerIndex, index)?;
    set.add(Op::LayerReconstruct, reconstruct)?;
    let family = families::tars::write(&mut set.blobs);
    set.add(Op::LayerWrite, family)?;
    set.add(Op::EStargzFooter, families::estargz::footer())?;
    let family = families::estargz::toc(&mut set.blobs);
    set.add(Op::EStargzToc, family)?;
    Ok(set.finish())
}

/// The plans of the layers that cases as data can edit, by the ids of their cases.
fn plans() -> BTreeMap<CaseId, Plan> {
    let (index, reconstruct) = families::reconstruct::cases(&mut Blobs::default());
    let mut plans = index.into_plans();
    plans.extend(reconstruct.into_plans());
    plans
}

/// The files as they come together.
#[derive(Default)]
struct Set {
    files: BTreeMap<String, Vec<u8>>,
    blobs: Blobs,
    index: Vec<IndexEntry>,
    sources: Sources,
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
    fn add<I, O>(&mut self, op: Op, mut family: Family<I, O>) -> Result<(), String>
    where
        I: Input + Serialize + DeserializeOwned + JsonSchema,
        O: Serialize + DeserializeOwned + JsonSchema,
    {
        self.sources.data.add_to(op, &mut family, &mut self.blobs)?;
        let mut cases = family.into_cases();
        cases.extend(self.sources.promoted.cases(op, &mut self.blobs));
        cases.sort_by(|a, b| a.id.cmp(&b.id));
        cases.iter().try_for_each(check_names)?;
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
        Ok(())
    }

    fn finish(mut self) -> BTreeMap<String, Vec<u8>> {
        self.index.sort_by(|a, b| a.id.cmp(&b.id));
        self.files.insert("index.json".to_owned(), json(&self.index));
        let registers = Registers::current();
        self.files.insert("bugs.json".to_owned(), json(&registers.bugs));
        self.files
            .insert("tombstones.json".to_owned(), json(&registers.tombstones));
        let schema = schema_for!(Results);
        self.files
            .insert("schemas/results.schema.json".to_owned(), json(&schema));
        self.files.insert("blobs.rs".to_owned(), self.blobs.list());
        self.files.extend(self.blobs.into_files());
        self.files
    }
}

/// Checks that the registers have what a case names. Cases as data are checked where they are read, and code can name anything.
fn check_names<I, O>(case: &Case<I, O>) -> Result<(), String> {
    let unknown = |what, name| Err(format!("{}: the register has no {what} {name}", case.id));
    if let Expect::Either { choice, .. } = &case.expect
        && !choice.is_known()
    {
        return unknown("choice", choice.id());
    }
    if let Some(tag) = case.tags.iter().find(|tag| !tag.is_known()) {
        return unknown("tag", tag.id());
    }
    if let Provenance::Generated { bugs } = &case.provenance
        && let Some(bug) = bugs.iter().find(|bug| !bug.is_known())
    {
        return unknown("bug", bug.id());
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Blobs, Files, Sources, check_names};
    use crate::vectors::{Bug, Case, Choice, Expect, Provenance, Tag};

    /// The files of the set that this repository makes.
    pub(super) fn files() -> Files {
        let sources = Sources::of_repository(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
        super::files(&sources).unwrap()
    }

    #[test]
    fn a_case_names_what_the_registers_have() {
        let made = super::families::toc::cases(&mut Blobs::default());
        let case = made.into_cases().remove(0);
        assert_eq!(check_names(&case), Ok(()));
        let either = |choice| match &case.expect {
            Expect::Valid { output } => Expect::Either {
                choice,
                output: output.clone(),
            },
            other => other.clone(),
        };
        let wrong = [
            Case {
                tags: vec![Tag("a")],
                ..case.clone()
            },
            Case {
                expect: either(Choice("a")),
                ..case.clone()
            },
            Case {
                provenance: Provenance::Generated { bugs: vec![Bug("a")] },
                ..case.clone()
            },
        ];
        for (case, what) in wrong.iter().zip(["tag", "choice", "bug"]) {
            assert_eq!(
                check_names(case),
                Err(format!("{}: the register has no {what} a", case.id))
            );
        }
    }
}
