//! The set of vectors, as it is compiled into the program.
//!
//! The files are parsed strictly, by the types of their operation, and then kept as plain JSON, so that the runner and
//! the reports treat all operations alike.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    fmt, io,
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    bytes::Bytes,
    case::{Case, CaseFile, CaseId, Expect},
    embedded,
    ops::{Input as _, Op, Operation, Subject, Task},
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

/// A set of cases, in the order of their operations and then of their ids.
#[derive(Clone, Debug, Default)]
pub struct Set {
    entries: Vec<SetEntry>,
    by_id: BTreeMap<CaseId, usize>,
    blobs: BTreeMap<String, Cow<'static, [u8]>>,
}

/// What is wrong with a set of vectors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetError(String);

impl fmt::Display for SetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SetError {}

impl Set {
    /// The set that this program was built with.
    ///
    /// # Errors
    ///
    /// A file that does not conform, which the tests of this crate rule out.
    pub fn embedded() -> Result<Self, SetError> {
        Self::unpacked(&[embedded::FILES])
    }

    /// The same set with the cases of drafts after it.
    ///
    /// # Errors
    ///
    /// As [`Self::embedded`].
    pub fn with_drafts() -> Result<Self, SetError> {
        Self::unpacked(&[embedded::FILES, embedded::DRAFTS])
    }

    fn unpacked(files: &[&[(Op, &[u8])]]) -> Result<Self, SetError> {
        let broken = |error: &io::Error| SetError(format!("the set that is compiled in cannot be unpacked: {error}"));
        let blobs = embedded::blobs().map_err(broken)?;
        let mut set = Self::of_blobs(&blobs);
        for &(op, packed) in files.iter().copied().flatten() {
            set.add_file(op, &embedded::text(packed).map_err(|error| broken(&error))?)?;
        }
        set.check_twins()?;
        Ok(set)
    }

    /// The set of these case files and these blobs by their names.
    ///
    /// # Errors
    ///
    /// A file that is not JSON of its operation's types, an id that is there twice, a twin that is missing or not valid.
    pub fn load(files: &[(Op, &str)], blobs: &[(&str, &'static [u8])]) -> Result<Self, SetError> {
        Self::of_blobs(blobs).with_files(files)
    }

    /// The set of these files by their paths below `vectors/`, as the generator makes them.
    ///
    /// # Errors
    ///
    /// As [`Self::load`], and a case file that is missing or not UTF-8.
    pub fn from_files(files: &BTreeMap<String, Vec<u8>>) -> Result<Self, SetError> {
        let case_file = |&op: &Op| {
            let path = format!("{}.json", op.file_stem());
            let text = files.get(&path).and_then(|bytes| std::str::from_utf8(bytes).ok());
            text.map(|text| (op, text))
                .ok_or_else(|| SetError(format!("{path} is missing or no text")))
        };
        let case_files: Vec<(Op, &str)> = Op::ALL.iter().map(case_file).collect::<Result<_, _>>()?;
        let blobs = files.iter().filter_map(|(path, bytes)| {
            let name = path.strip_prefix("blobs/")?;
            Some((name.to_owned(), Cow::Owned(bytes.clone())))
        });
        let set = Self {
            blobs: blobs.collect(),
            ..Self::default()
        };
        set.with_files(&case_files)
    }

    fn of_blobs(blobs: &[(&str, &'static [u8])]) -> Self {
        let blobs = blobs
            .iter()
            .map(|&(name, bytes)| (name.to_owned(), Cow::Borrowed(bytes)));
        Self {
            blobs: blobs.collect(),
            ..Self::default()
        }
    }

    fn with_files(mut self, files: &[(Op, &str)]) -> Result<Self, SetError> {
        for &(op, text) in files {
            self.add_file(op, text)?;
        }
        self.check_twins()?;
        Ok(self)
    }

    fn add_file(&mut self, op: Op, text: &str) -> Result<(), SetError> {
        for entry in parse_file(op, text)? {
            self.add(entry)?;
        }
        Ok(())
    }

    /// This set with other cases, which take the place of those that have the same ids, and their ids. Twins are not looked at.
    ///
    /// # Errors
    ///
    /// An id that is there twice among the other cases.
    pub(crate) fn with(
        &self,
        entries: Vec<SetEntry>,
        blobs: BTreeMap<String, Cow<'static, [u8]>>,
    ) -> Result<(Self, BTreeSet<CaseId>), SetError> {
        let mut ids = BTreeSet::new();
        for entry in &entries {
            if !ids.insert(entry.case.id.clone()) {
                return Err(SetError(format!("two cases have the id {}", entry.case.id)));
            }
        }
        let kept = self.entries.iter().filter(|entry| !ids.contains(&entry.case.id));
        let mut all: Vec<SetEntry> = kept.cloned().chain(entries).collect();
        all.sort_by(|a, b| (a.op, &a.case.id).cmp(&(b.op, &b.case.id)));
        let mut set = Self {
            blobs: self.blobs.clone(),
            ..Self::default()
        };
        set.blobs.extend(blobs);
        for entry in all {
            set.add(entry)?;
        }
        Ok((set, ids))
    }

    /// The cases of this set for which this holds. Twins are not looked at.
    #[cfg(feature = "fuzzing")]
    pub(crate) fn keeping(&self, keep: impl FnMut(&&SetEntry) -> bool) -> Result<Self, SetError> {
        let mut set = Self {
            blobs: self.blobs.clone(),
            ..Self::default()
        };
        for entry in self.entries.iter().filter(keep) {
            set.add(entry.clone())?;
        }
        Ok(set)
    }

    /// The content of a blob.
    pub(crate) fn blob(&self, name: &str) -> Option<&[u8]> {
        self.blobs.get(name).map(AsRef::as_ref)
    }

    fn add(&mut self, entry: SetEntry) -> Result<(), SetError> {
        let id = entry.case.id.clone();
        if self.by_id.insert(id.clone(), self.entries.len()).is_some() {
            return Err(SetError(format!("two cases have the id {id}")));
        }
        self.entries.push(entry);
        Ok(())
    }

    /// Checks that every invalid case has a twin of its operation that is accepted, and that no twin is missing.
    ///
    /// # Errors
    ///
    /// The first case of which that is not so.
    pub(crate) fn check_twins(&self) -> Result<(), SetError> {
        for SetEntry { case, op } in &self.entries {
            let twin = case.twin.as_ref().map(|id| self.find(id));
            match (&case.expect, twin) {
                (Expect::Invalid, Some(Some(twin))) if twin.op == *op && twin.case.expect != Expect::Invalid => {}
                (Expect::Invalid, _) => {
                    let id = &case.id;
                    return Err(SetError(format!("the invalid case {id} has no twin that is accepted")));
                }
                (_, Some(None)) => return Err(SetError(format!("the twin of {} is missing", case.id))),
                _ => {}
            }
        }
        Ok(())
    }

    /// Every case.
    pub fn entries(&self) -> &[SetEntry] {
        &self.entries
    }

    /// The case of this id.
    pub fn find(&self, id: &CaseId) -> Option<&SetEntry> {
        self.entries.get(self.position(id)?)
    }

    /// The index in [`Self::entries`] of the case of this id.
    pub fn position(&self, id: &CaseId) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// The ids that look most like this text, the nearest first.
    pub fn nearest(&self, text: &str) -> Vec<&CaseId> {
        let mut ids: Vec<(usize, &CaseId)> = self
            .by_id
            .keys()
            .map(|id| (distance(text, id.as_str()), id))
            .filter(|&(distance, _)| distance <= text.len().div_ceil(2))
            .collect();
        ids.sort();
        ids.truncate(3);
        ids.into_iter().map(|(_, id)| id).collect()
    }

    /// The input of a case as the protocol sends it: all bytes as base64.
    ///
    /// # Errors
    ///
    /// A blob that is missing.
    pub fn wire_input(&self, entry: &SetEntry) -> Result<Value, SetError> {
        /// The set, and the input of a case.
        struct Wire<'a>(&'a Set, &'a Value);

        impl Task for Wire<'_> {
            type Done = Result<Value, String>;

            fn on<O: Operation>(self) -> Self::Done {
                let Self(set, input) = self;
                let input: O::Input = serde_json::from_value(input.clone()).map_err(|error| error.to_string())?;
                let blob = |name: &str| set.blobs.get(name).map(|bytes| bytes.to_vec());
                let wire = input.for_wire(&blob).map_err(|error| error.to_string())?;
                serde_json::to_value(wire).map_err(|error| error.to_string())
            }
        }

        let wire = entry.op.with(Wire(self, &entry.case.input));
        wire.map_err(|error| SetError(format!("{}: {error}", entry.case.id)))
    }

    /// The bytes that a case is about, with the name of the field that holds them; none where the input has no bytes.
    ///
    /// # Errors
    ///
    /// A blob that is missing.
    pub fn bytes(&self, entry: &SetEntry) -> Result<Option<(&'static str, Vec<u8>)>, SetError> {
        let Some(Subject { field, .. }) = entry.op.subject() else {
            return Ok(None);
        };
        let Some(value) = entry.case.input.get(field) else {
            return Ok(None);
        };
        let blob = |name: &str| self.blobs.get(name).map(|bytes| bytes.to_vec());
        serde_json::from_value::<Bytes>(value.clone())
            .map_err(|error| error.to_string())
            .and_then(|bytes| bytes.decode(&blob).map_err(|error| error.to_string()))
            .map(|bytes| Some((field, bytes)))
            .map_err(|error| SetError(format!("{}: {error}", entry.case.id)))
    }
}

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
    parse_file(head.op, text)
}

fn parse_file(op: Op, text: &str) -> Result<Vec<SetEntry>, SetError> {
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

fn parse_as<O: Operation>(text: &str) -> Result<Vec<SetEntry>, String> {
    let op = O::OP;
    let file: CaseFile<O::Input, O::Output> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if file.schema != SCHEMA {
        return Err(format!("schema {}, expected {SCHEMA}", file.schema));
    }
    if file.op != op {
        return Err(format!("operation {}, expected {op}", file.op));
    }
    file.cases
        .into_iter()
        .map(|case| {
            Ok(SetEntry {
                op,
                case: erase(case).map_err(|error| error.to_string())?,
            })
        })
        .collect()
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

/// How many letters have to be added, dropped or replaced to make one text of the other (Levenshtein).
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut next = vec![i + 1];
        for (window, to) in row.windows(2).zip(b.chars()) {
            let [diagonal, above] = window else { continue };
            let left = next.last().copied().unwrap_or_default();
            let replaced = diagonal + usize::from(from != to);
            next.push(replaced.min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use serde_json::{Value, json};

    use super::{SCHEMA, Set, canonical_output, distance};
    use crate::vectors::{embedded, ops::Op};

    fn file_with(case: Value) -> String {
        json!({"schema": SCHEMA, "op": "annotations/parse", "cases": [case]}).to_string()
    }

    fn case() -> Value {
        json!({
            "id": "annotations/a", "title": "t", "why": "w", "rules": [], "dialects": ["g5"],
            "input": {"annotations": {}},
            "expect": {"verdict": "valid", "output": {"index": "none", "toc_digest": null, "toc": null, "tar_split": null}},
            "provenance": {"kind": "generated"},
        })
    }

    #[test]
    fn the_embedded_set_conforms_and_its_inputs_can_be_sent() {
        let set = Set::embedded().unwrap();
        assert!(!set.entries().is_empty());
        for entry in set.entries() {
            set.wire_input(entry).unwrap();
            set.bytes(entry).unwrap();
        }
    }

    /// `serde` overlooks unknown fields in some shapes of enum; what was overlooked does not come back.
    #[test]
    fn embedded_files_have_no_fields_that_were_overlooked() {
        for &(op, packed) in embedded::FILES {
            let text = embedded::text(packed).unwrap();
            let raw: Value = serde_json::from_str(&text).unwrap();
            for (entry, raw) in super::parse_file(op, &text)
                .unwrap()
                .iter()
                .zip(raw["cases"].as_array().unwrap())
            {
                assert_eq!(&serde_json::to_value(&entry.case).unwrap(), raw, "{}", entry.case.id);
            }
        }
    }

    #[test]
    fn what_is_unpacked_is_the_folder() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
        for &(op, packed) in embedded::FILES {
            let file = fs::read_to_string(folder.join(format!("{}.json", op.file_stem()))).unwrap();
            assert!(embedded::text(packed).unwrap() == file, "{op}");
        }
        let blobs = embedded::blobs().unwrap();
        for (name, blob) in &blobs {
            assert!(fs::read(folder.join("blobs").join(name)).unwrap() == *blob, "{name}");
        }
        assert_eq!(blobs.len(), fs::read_dir(folder.join("blobs")).unwrap().count());
    }

    #[test]
    fn every_operation_has_a_file() {
        let ops: Vec<Op> = embedded::FILES.iter().map(|&(op, _)| op).collect();
        assert_eq!(ops, Op::ALL);
    }

    #[test]
    fn files_are_parsed_strictly() {
        let load = |case: Value| Set::load(&[(Op::AnnotationsParse, &file_with(case))], &[]).map(drop);
        assert_eq!(load(case()), Ok(()));
        let with = |key: &str, value: Value| {
            let mut case = case();
            case[key] = value;
            load(case).unwrap_err().to_string()
        };
        for (key, value, message) in [
            ("colour", json!("red"), "unknown field `colour`"),
            ("input", json!({"annotations": {}, "more": 1}), "unknown field `more`"),
            ("rules", json!(["FTR-99"]), "no rule has the id"),
            ("expect", json!({"verdict": "invalid"}), "has no twin"),
            ("twin", json!("annotations/b"), "is missing"),
        ] {
            let error = with(key, value);
            assert!(error.contains(message), "{key}: {error}");
        }
    }

    #[test]
    fn outputs_are_compared_in_one_form() {
        let long = json!({"index": "none", "toc_digest": null, "toc": null, "tar_split": null});
        assert_eq!(
            canonical_output(Op::AnnotationsParse, &json!({"index": "none"})),
            Ok(long)
        );
        assert!(canonical_output(Op::AnnotationsParse, &json!({"index": "none", "x": 1})).is_err());
    }

    #[test]
    fn nearest_ids_come_first() {
        let set = Set::load(&[(Op::AnnotationsParse, &file_with(case()))], &[]).unwrap();
        assert_eq!(set.nearest("annotations/x")[0].as_str(), "annotations/a");
        assert!(set.nearest("q").is_empty());
        for (a, b, expected) in [("", "", 0), ("", "ab", 2), ("abc", "abd", 1), ("abc", "bc", 1)] {
            assert_eq!(distance(a, b), expected, "{a} {b}");
        }
    }
}
