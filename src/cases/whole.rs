//! Every file of the set, and of the drafts beside it.

use std::{collections::BTreeMap, path::Path};

use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};

use super::{
    data::{self, Data},
    disk::Files,
    families,
    family::{Blobs, Family},
    promoted::Promoted,
    schemas::Schemas,
};
use crate::{
    results::Results,
    rules::{Rule, Severity},
    vectors::{Case, CaseFile, CaseId, Expect, Op, Provenance, Registers, case_files::SCHEMA, ops::Input, registers},
};

/// The folder of the drafts, below `vectors/`.
pub const DRAFTS: &str = "draft";

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
    let family = families::tars::list(&mut set.blobs);
    set.add(Op::TarList, family)?;
    Ok(set.finish())
}

/// Every file of the drafts with its content, by its path in [`DRAFTS`]. Their ids are no contract, so that there is neither an index
/// of them nor a list of retired ones, and no package has them.
///
/// # Errors
///
/// A case that cannot be made, in a sentence.
pub fn drafts(sources: &Sources) -> Result<Files, String> {
    let mut set = Set {
        sources: sources.clone(),
        ..Set::default()
    };
    set.add(Op::DraftSentinel, families::sentinel::cases())?;
    let rules: Vec<RuleEntry> = Rule::DRAFTS.iter().copied().map(RuleEntry::from).collect();
    let mut files = set.files;
    files.insert("rules.json".to_owned(), json(&rules));
    files.insert("choices.json".to_owned(), json(&Registers::current().draft_choices));
    Ok(files)
}

/// The files as they come together.
#[derive(Default)]
struct Set {
    files: BTreeMap<String, Vec<u8>>,
    blobs: Blobs,
    index: Vec<IndexEntry>,
    schemas: Schemas,
    sources: Sources,
}

/// A line of `index.json`.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct IndexEntry {
    /// The stable name.
    id: CaseId,
    /// The operation.
    op: Op,
    /// What an implementation has to answer.
    #[schemars(extend("enum" = ["valid", "invalid", "either"]))]
    verdict: &'static str,
    /// The rules that the case is about, the primary one first.
    rules: Vec<Rule>,
    /// The harm that a wrong answer does.
    severity: Severity,
}

/// A rule in `rules.json`.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct RuleEntry {
    /// The stable id.
    id: Rule,
    /// How binding the rule is for a reader.
    #[schemars(extend("enum" = ["MUST", "SHOULD", "MAY"]))]
    level: &'static str,
    /// The harm that a reader does which accepts input that breaks the rule.
    severity: Severity,
    /// The rule, in one sentence.
    text: &'static str,
}

impl From<Rule> for RuleEntry {
    fn from(rule: Rule) -> Self {
        Self {
            id: rule,
            level: rule.level().name(),
            severity: rule.severity(),
            text: rule.text(),
        }
    }
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
        let description = format!("`vectors/{stem}.json`: all cases of `{op}`, in the order of their ids.");
        self.schemas.add::<CaseFile<I, O>>(&stem, &description);
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
        let index = std::mem::take(&mut self.index);
        self.list("index", "every case, in the order of their ids", &index);
        let registers = Registers::current();
        let rules: Vec<RuleEntry> = Rule::ALL.iter().copied().map(RuleEntry::from).collect();
        self.list(
            "rules",
            "the rules of the format, in the order of `docs/spec.md`",
            &rules,
        );
        self.list(
            "bugs",
            "bugs that released implementations had, by component",
            &registers.bugs,
        );
        self.list(
            "choices",
            "the choices that the format leaves to a reader, by the piece of the format that they are about",
            &registers.choices,
        );
        self.list(
            "tags",
            "the labels of cases, in the order that they have in a case",
            &registers.tags,
        );
        self.list(
            "tombstones",
            "the cases that were retired, in the order of their ids",
            &registers.tombstones,
        );
        self.schemas.add::<Results>(
            "results",
            "Results that are kept: what one version of an implementation answered.",
        );
        let schemas = std::mem::take(&mut self.schemas).into_schemas().into_iter();
        self.files
            .extend(schemas.map(|(name, schema)| (format!("schemas/{name}"), json(&schema))));
        let blobs = self.blobs.into_inner();
        self.files.insert("blobs.rs".to_owned(), embedding(blobs.keys()));
        let blobs = blobs.into_iter();
        self.files
            .extend(blobs.map(|(name, bytes)| (format!("blobs/{name}"), bytes)));
        self.files
    }

    /// Adds a file with an array, and its schema.
    fn list<T: Serialize + JsonSchema>(&mut self, stem: &str, content: &str, list: &[T]) {
        self.files.insert(format!("{stem}.json"), json(&list));
        self.schemas
            .add::<Vec<T>>(stem, &format!("`vectors/{stem}.json`: {content}."));
    }
}

/// A Rust expression that embeds the blobs, for the crate of the vectors.
fn embedding<'a>(names: impl Iterator<Item = &'a String>) -> Vec<u8> {
    let mut list = String::from("&[\n");
    for name in names {
        list.push_str(&format!("    (\"{name}\", include_bytes!(\"blobs/{name}\")),\n"));
    }
    list.push_str("]\n");
    list.into_bytes()
}

/// Checks that the registers have what a case names. Cases as data are checked where they are read, and code can name anything.
fn check_names<I, O>(case: &Case<I, O>) -> Result<(), String> {
    let unknown = |what, name| Err(format!("{}: the register has no {what} {name}", case.id));
    if let Expect::Either { choice, readings, .. } = &case.expect {
        if !choice.is_known() {
            return unknown("choice", choice.id());
        }
        if let Some(reading) = readings.keys().find(|reading| !choice.has_reading(reading)) {
            return Err(format!("{}: the choice {choice} has no reading {reading}", case.id));
        }
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
        severity: case.severity(),
    }
}

/// Pretty JSON with a final line feed.
pub(super) fn json(value: &impl Serialize) -> Vec<u8> {
    // Plain data always serializes; if it ever did not, the empty file would fail the tests.
    let mut text = serde_json::to_vec_pretty(value).unwrap_or_default();
    text.push(b'\n');
    text
}

#[cfg(test)]
mod tests {
    use super::check_names;
    use crate::vectors::{Bug, Case, Choice, Expect, Provenance, Set, Tag};

    #[test]
    fn a_case_names_what_the_registers_have() {
        let set = Set::embedded().unwrap();
        let case = &set.find(&"toc/g5".parse().unwrap()).unwrap().case;
        assert_eq!(check_names(case), Ok(()));
        let either = |choice| match &case.expect {
            Expect::Valid { output } => Expect::Either {
                choice,
                output: output.clone(),
                readings: Default::default(),
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
