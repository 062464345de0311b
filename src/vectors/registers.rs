//! The registers: bugs, choices, tags, retired cases, and cells of the tables of coverage without a case, in TOML files beside the
//! cases.
//!
//! They are compiled in. The generator reads them from disk, so that a new row needs no rebuild, and puts them in the place of
//! those that are compiled in: an id of a case is checked where the case is read.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::{LazyLock, PoisonError, RwLock},
};

use serde::de::DeserializeOwned;
use toml::Spanned;

use super::{bugs, case::is_slug, cells, choices, tags, tombstones, toml_file};

/// The folder of the files, in the folder of the cases.
pub const FOLDER: &str = "registers";

/// The registers with all their rows, in the order of the files.
#[derive(Clone, Debug, Default)]
pub struct Registers {
    /// Bugs that released implementations had.
    pub bugs: Vec<bugs::Record>,
    /// Choices that the format leaves to a reader.
    pub choices: Vec<choices::Record>,
    /// Choices that drafts leave to a reader. Their ids begin with `draft-`, so that a choice of the format never has the id of one.
    pub draft_choices: Vec<choices::Record>,
    /// Labels of cases.
    pub tags: Vec<tags::Record>,
    /// Retired cases.
    pub tombstones: Vec<tombstones::Tombstone>,
    /// Cells of the tables of coverage that have no case.
    pub cells: Vec<cells::Record>,
}

/// A row of a file, in the file's own keys.
pub(super) trait Row: DeserializeOwned {
    /// What a register has of it.
    type Record;

    /// The name of its table.
    const TABLE: &'static str;

    /// The id, as it is written.
    fn id(&self) -> &str;

    /// What is wrong with the form of the id.
    fn check_id(&self) -> Result<(), String> {
        if is_slug(self.id()) {
            return Ok(());
        }
        Err("an id has lower-case letters, digits and hyphens only".to_owned())
    }

    /// What a register has of it.
    ///
    /// # Errors
    ///
    /// What is wrong with the row, in a sentence.
    fn record(self, id: &'static str) -> Result<Self::Record, String>;
}

/// The registers that are used.
static CURRENT: LazyLock<RwLock<&'static Registers>> = LazyLock::new(|| {
    // The tests of this module rule out that they are wrong.
    RwLock::new(Box::leak(Box::new(Registers::embedded().unwrap_or_default())))
});

impl Registers {
    /// Those that are used: compiled in, or put in their place.
    pub fn current() -> &'static Self {
        *CURRENT.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts the registers of a folder in the place of those that are compiled in, for the whole process.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or is not right, in a sentence with the line and the row.
    pub fn use_folder(folder: &Path) -> Result<(), String> {
        let read = Self::read(folder, &|name| {
            let path = folder.join(name);
            fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))
        })?;
        // A process does this once or twice, and ids that are in use point into the registers.
        *CURRENT.write().unwrap_or_else(PoisonError::into_inner) = Box::leak(Box::new(read));
        Ok(())
    }

    fn embedded() -> Result<Self, String> {
        Self::read(Path::new("src/cases/registers"), &|name| {
            let text = match name {
                "bugs.toml" => include_str!("../cases/registers/bugs.toml"),
                "choices.toml" => include_str!("../cases/registers/choices.toml"),
                "tags.toml" => include_str!("../cases/registers/tags.toml"),
                cells::FILE => include_str!("../cases/registers/cells.toml"),
                _ => include_str!("../cases/registers/tombstones.toml"),
            };
            Ok(text.to_owned())
        })
    }

    fn read(folder: &Path, text: &dyn Fn(&str) -> Result<String, String>) -> Result<Self, String> {
        let all = rows::<choices::Row>(folder, text)?.into_iter();
        let (draft_choices, choices) = all.partition(|row| row.id.is_draft());
        Ok(Self {
            bugs: rows::<bugs::Row>(folder, text)?,
            choices,
            draft_choices,
            tags: rows::<tags::Row>(folder, text)?,
            tombstones: rows::<tombstones::Row>(folder, text)?,
            cells: cells::read(folder, &text(cells::FILE)?)?,
        })
    }
}

/// The rows of a file.
fn rows<R: Row>(folder: &Path, text: &dyn Fn(&str) -> Result<String, String>) -> Result<Vec<R::Record>, String> {
    let name = format!("{}s.toml", R::TABLE);
    let (path, text) = (folder.join(&name), text(&name)?);
    let tables: BTreeMap<String, Vec<Spanned<R>>> = toml_file::parse(&path, &text)?;
    if let Some(other) = tables.keys().find(|table| *table != R::TABLE) {
        return Err(format!(
            "{}: `{other}` where `{}` is expected",
            path.display(),
            R::TABLE
        ));
    }
    let mut ids = BTreeSet::new();
    let mut records = Vec::new();
    for row in tables.into_values().flatten() {
        let at = row.span().start;
        let row = row.into_inner();
        let id = row.id().to_owned();
        let checked = row.check_id().and_then(|()| match ids.insert(id.clone()) {
            true => row.record(leak(id.clone())),
            false => Err("two rows have this id".to_owned()),
        });
        records.push(checked.map_err(|sentence| toml_file::error(&path, &text, at, &id, &sentence))?);
    }
    Ok(records)
}

/// A text that lives as long as the process, as the registers do.
pub(super) fn leak(text: String) -> &'static str {
    text.leak()
}

/// A sentence that ends with a full stop and is one.
pub(super) fn check_sentence(text: &str) -> Result<(), String> {
    if text.ends_with('.') && !text.contains(". ") {
        return Ok(());
    }
    Err(format!("not one sentence with a full stop: {text}"))
}

/// A type of the ids of a register, in the order of the register. An id is read only if the register has it. Code can name any;
/// the generator rejects one that the register does not have.
macro_rules! id_of_register {
    ($(#[$doc:meta])* $name:ident, a $what:literal in $rows:ident $(and $drafts:ident)?) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(pub &'static str);

        impl $name {
            /// Every id, in the order of the register.
            pub fn all() -> impl Iterator<Item = Self> {
                $crate::vectors::Registers::current().$rows.iter().map(|row| row.id)
            }

            /// Every id, and then those of drafts.
            fn all_known() -> impl Iterator<Item = Self> {
                let registers = $crate::vectors::Registers::current();
                let rows = registers.$rows.iter()$(.chain(&registers.$drafts))?;
                rows.map(|row| row.id)
            }

            /// The id as text.
            pub const fn id(self) -> &'static str {
                self.0
            }

            /// Whether the register has it.
            pub fn is_known(self) -> bool {
                Self::all_known().any(|known| known == self)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(id: &str) -> Result<Self, String> {
                Self::all_known()
                    .find(|known| known.0 == id)
                    .ok_or_else(|| format!(concat!("no ", $what, " is called {:?}"), id))
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let id: std::borrow::Cow<'_, str> = serde::Deserialize::deserialize(deserializer)?;
                id.parse().map_err(serde::de::Error::custom)
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> std::cmp::Ordering {
                let place = |id: &Self| (Self::all_known().position(|known| known == *id), id.0);
                place(self).cmp(&place(other))
            }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let rows = &$crate::vectors::Registers::current().$rows;
                let known: Vec<_> = rows
                    .iter()
                    .map(|row| serde_json::json!({"const": row.id, "type": "string", "description": row.description()}))
                    .collect();
                schemars::json_schema!({"description": concat!("The id of a ", $what, "."), "oneOf": known})
            }
        }
    };
}

pub(super) use id_of_register;

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, fs, path::Path};

    use super::{FOLDER, Registers};
    use crate::vectors::{Bug, Choice, Tag};

    #[test]
    fn the_registers_that_are_compiled_in_are_right() {
        let registers = Registers::embedded().unwrap();
        assert!(registers.bugs.len() > 80 && registers.choices.len() > 40);
        assert!(!registers.draft_choices.is_empty() && Choice::all().all(|choice| !choice.is_draft()));
        assert!(
            registers
                .draft_choices
                .iter()
                .all(|row| row.id.is_draft() && row.id.is_known())
        );
        assert!(registers.tags.len() > 5 && registers.tombstones.len() > 4);
        assert!(Bug::all().is_sorted() && Choice::all().is_sorted() && Tag::all().is_sorted());
        assert!(Bug::all().all(|bug| bug.id().parse() == Ok(bug)));
        assert_eq!("x".parse::<Choice>(), Err("no choice is called \"x\"".to_owned()));
        assert!(!Tag("x").is_known());
    }

    /// Registers of which one file has other rows at its end.
    fn with(file: &str, rows: &str) -> Result<Registers, String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cases").join(FOLDER);
        Registers::read(Path::new("r"), &|name| {
            let text = fs::read_to_string(folder.join(name)).unwrap();
            Ok(if name == file {
                format!("# A comment\n{rows}")
            } else {
                text
            })
        })
    }

    #[test]
    fn errors_name_the_file_the_line_and_the_row() {
        let bug = "\n[[bug]]\nid = \"a\"\nimplementation = \"i\"\nlast = \"1\"\ntext = \"T.\"\nlinks = [\"https://github.com/a/b/issues/1\"]\n";
        let choice = "[[choice]]\nid = \"a\"\naccept = \"A.\"\nreject = \"R.\"\nreference = \"accept\"\n";
        let read = with("bugs.toml", bug).unwrap();
        assert_eq!(read.bugs.len(), 1);
        assert_eq!((read.bugs[0].last, read.bugs[0].fixed), ("1", None));
        let cases: BTreeMap<&str, (&str, String)> = BTreeMap::from([
            (
                "r/bugs.toml, line 10, a: two rows have this id",
                ("bugs.toml", format!("{bug}{bug}")),
            ),
            (
                "r/bugs.toml, line 3, a: not one sentence with a full stop: T",
                ("bugs.toml", bug.replace("T.", "T")),
            ),
            (
                "r/bugs.toml, line 3, a: a link begins with https://github.com/, and there is one at least",
                ("bugs.toml", bug.replace("https:", "http:")),
            ),
            (
                "r/bugs.toml, line 3, a: the release 1 cannot both have the bug and be without it",
                ("bugs.toml", format!("{bug}fixed = \"1\"\n")),
            ),
            (
                "r/bugs.toml, line 3, a: `at` has `fixed` and no `last`",
                ("bugs.toml", format!("{bug}at = {{ adapter = \"x\", fixed = \"2\" }}\n")),
            ),
            (
                "r/bugs.toml, line 3, A: an id has lower-case letters, digits and hyphens only",
                ("bugs.toml", bug.replace("\"a\"", "\"A\"")),
            ),
            (
                "r/choices.toml, line 6: unknown variant `maybe`, expected `accept` or `reject`",
                ("choices.toml", choice.replace("\"accept\"", "\"maybe\"")),
            ),
            (
                "r/choices.toml, line 2: missing field `reject`",
                ("choices.toml", choice.replace("reject = \"R.\"\n", "")),
            ),
            (
                "r/tags.toml: `label` where `tag` is expected",
                ("tags.toml", "[[label]]\nid = \"a\"\ntext = \"T.\"\n".to_owned()),
            ),
            (
                "r/tombstones.toml, line 2, a: \"a\" is not the id of a case, which looks like footer/v64-minimal",
                (
                    "tombstones.toml",
                    "[[tombstone]]\nid = \"a\"\nreason = \"wrong\"\n".to_owned(),
                ),
            ),
        ]);
        for (error, (file, rows)) in cases {
            assert_eq!(with(file, &rows).unwrap_err(), error);
        }
    }
}
