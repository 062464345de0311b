//! Cases as data: TOML files under `src/cases`, in which a case is its twin and an edit.
//!
//! They are read from disk when the generator runs, so that trying a case needs no rebuild. A file has the cases of one
//! operation in groups; what a group says counts for each of its cases that does not say otherwise:
//!
//! ```toml
//! op = "toc/parse"
//!
//! [[group]]
//! twin = "toc/g5"
//! why = "A document that is not JSON is read up to the mistake, and the rest of the layer is missing."
//! rules = ["JSN-01"]
//!
//! [[group.invalid]]
//! id = "toc/syntax-nan"
//! change = "NaN for a number"
//! edit.replace = { from = ":493", to = ":NaN" }
//! ```
//!
//! An `invalid` case has the title, the dialects and the rest of the input of its twin. A `valid` or an `either` case is made
//! from a twin as well, but has a title of its own and does not name the twin in the vectors; its output is the twin's, with
//! the edits of `output`. `CONTRIBUTING.md` has the keys, and `src/forge` the edits.

mod make;
mod seal;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeSet,
    fmt, fs, io,
    path::{Path, PathBuf},
};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};
use toml::Spanned;

use crate::{
    bounded,
    forge::Edit,
    rules::Rule,
    vectors::{Bug, CaseId, Choice, LayerFormat, Op, Tag, registers, toml_file},
};

#[cfg(feature = "cli")]
pub(crate) use self::seal::{Shape, put};

/// The folder of the files, in the repository.
pub const FOLDER: &str = "src/cases";

/// The cases of all files.
#[derive(Clone, Debug, Default)]
pub struct Data(Vec<File>);

/// A file with its path.
#[derive(Clone, Debug)]
struct File {
    path: PathBuf,
    text: String,
    content: Content,
}

/// What is in a file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    /// The operation of all its cases.
    op: Op,
    #[serde(default)]
    group: Vec<Group>,
}

/// Cases that have something in common.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    /// Other operations that have the same cases, with the first part of the ids that is theirs.
    #[serde(default)]
    also: Vec<Op>,
    /// The same cases once more, each made from a twin of another dialect.
    #[serde(default)]
    again: Vec<Again>,
    twin: Option<CaseId>,
    why: Option<String>,
    rules: Option<Vec<Rule>>,
    dialects: Option<Vec<LayerFormat>>,
    tags: Option<Vec<Tag>>,
    bugs: Option<Vec<Bug>>,
    choice: Option<Choice>,
    #[serde(default)]
    invalid: Vec<Spanned<Row>>,
    #[serde(default)]
    either: Vec<Spanned<Row>>,
    #[serde(default)]
    valid: Vec<Spanned<Row>>,
}

/// A twin of another dialect. Its dialect is put in front of the slugs, and named at the end of the titles that cases have of their
/// own.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Again {
    op: Op,
    dialect: LayerFormat,
    twin: CaseId,
}

/// A case, without what its group says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: CaseId,
    /// What the edit does, of an invalid case.
    change: Option<String>,
    /// What the case is, of any other.
    title: Option<String>,
    /// What is done to the input of the twin.
    edit: Edits,
    /// What is done to the output of the twin, as JSON.
    #[serde(default)]
    output: Edits,
    twin: Option<CaseId>,
    why: Option<String>,
    rules: Option<Vec<Rule>>,
    dialects: Option<Vec<LayerFormat>>,
    tags: Option<Vec<Tag>>,
    bugs: Option<Vec<Bug>>,
    choice: Option<Choice>,
}

/// One edit, or a list of them.
#[derive(Clone, Debug, Default)]
struct Edits(Vec<Edit>);

impl<'de> Deserialize<'de> for Edits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMore;

        impl<'de> Visitor<'de> for OneOrMore {
            type Value = Edits;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an edit, which is a table with one key, or a list of edits")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Edits, A::Error> {
                Edit::deserialize(MapAccessDeserializer::new(map)).map(|edit| Edits(vec![edit]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Edits, A::Error> {
                let mut edits = Vec::new();
                while let Some(edit) = list.next_element()? {
                    edits.push(edit);
                }
                Ok(Edits(edits))
            }
        }

        deserializer.deserialize_any(OneOrMore)
    }
}

/// What an implementation has to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Valid,
    Either,
    Invalid,
}

impl Data {
    /// The cases of the files below a folder, or of one file.
    ///
    /// # Errors
    ///
    /// A file or folder that cannot be read, or a file that is not right, in a sentence with the line.
    pub fn read(path: &Path) -> Result<Self, String> {
        let mut paths = Vec::new();
        files(path, &mut paths).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        paths.sort();
        Self::of_files(paths)
    }

    /// The cases of these files.
    ///
    /// # Errors
    ///
    /// As [`Self::read`].
    pub fn of_files(paths: Vec<PathBuf>) -> Result<Self, String> {
        let read = |path: PathBuf| {
            let text = bounded::read_text(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
            File::parse(path, text)
        };
        paths.into_iter().map(read).collect::<Result<_, _>>().map(Self)
    }

    /// The cases of a file with this text.
    ///
    /// # Errors
    ///
    /// As [`Self::read`].
    pub fn parse(path: &Path, text: String) -> Result<Self, String> {
        File::parse(path.to_owned(), text).map(|file| Self(vec![file]))
    }

    /// The ids of all cases, as the files have them.
    pub fn ids(&self) -> Vec<&CaseId> {
        let groups = self.0.iter().flat_map(|file| &file.content.group);
        let rows = groups.flat_map(|group| group.invalid.iter().chain(&group.either).chain(&group.valid));
        rows.map(|row| &row.get_ref().id).collect()
    }

    /// The operations that have cases.
    fn ops(&self) -> BTreeSet<Op> {
        let of_file = |file: &File| -> Vec<Op> {
            let groups = file.content.group.iter();
            let others = groups.flat_map(|group| {
                let again = group.again.iter().map(|again| again.op);
                group.also.iter().copied().chain(again)
            });
            others.chain([file.content.op]).collect()
        };
        self.0.iter().flat_map(of_file).collect()
    }
}

impl File {
    fn parse(path: PathBuf, text: String) -> Result<Self, String> {
        let content = toml_file::parse(&path, &text)?;
        Ok(Self { path, text, content })
    }

    /// The sentence about a case, with the place where it is.
    fn error(&self, row: &Spanned<Row>, sentence: &str) -> String {
        let id = row.get_ref().id.as_str();
        toml_file::error(&self.path, &self.text, row.span().start, id, sentence)
    }
}

/// Every TOML file of a folder and of those in it but the registers.
fn files(path: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    if !path.is_dir() {
        found.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        let path = entry?.path();
        if path.is_dir() && path.ends_with(registers::FOLDER) {
            continue;
        }
        if path.is_dir() || path.extension().is_some_and(|extension| extension == "toml") {
            files(&path, found)?;
        }
    }
    Ok(())
}
