//! The set of vectors, as it is compiled into the program.
//!
//! Cases are kept as plain JSON, so that the runner and the reports treat all operations alike.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    io,
};

use serde_json::Value;

use super::{
    bytes::Bytes,
    case::{CaseId, Expect},
    case_files::{SetEntry, SetError, parse, parse_checked},
    embedded,
    ops::{Input as _, Op, Operation, Subject, Task},
};

/// A set of cases, in the order of their operations and then of their ids.
#[derive(Clone, Debug, Default)]
pub struct Set {
    entries: Vec<SetEntry>,
    by_id: BTreeMap<CaseId, usize>,
    blobs: BTreeMap<String, Cow<'static, [u8]>>,
}

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
            let text = embedded::text(packed).map_err(|error| broken(&error))?;
            // The types of its operation read the same of it, as a test shows, and take twice as long.
            set.add_all(parse_checked(op, &text)?)?;
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
            self.add_all(parse(op, text)?)?;
        }
        self.check_twins()?;
        Ok(self)
    }

    fn add_all(&mut self, entries: Vec<SetEntry>) -> Result<(), SetError> {
        entries.into_iter().try_for_each(|entry| self.add(entry))
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
        set.add_all(all)?;
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

    use super::{Set, distance, parse, parse_checked};
    use crate::vectors::{case_files::SCHEMA, embedded, ops::Op};

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
        for &(op, packed) in embedded::FILES.iter().chain(embedded::DRAFTS) {
            let text = embedded::text(packed).unwrap();
            let raw: Value = serde_json::from_str(&text).unwrap();
            let raw = raw["cases"].as_array().unwrap();
            let (by_types, checked) = (parse(op, &text).unwrap(), parse_checked(op, &text).unwrap());
            assert_eq!((by_types.len(), checked.len()), (raw.len(), raw.len()));
            for ((entry, checked), raw) in by_types.iter().zip(&checked).zip(raw) {
                let id = &entry.case.id;
                assert_eq!(entry, checked, "{id}");
                assert_eq!(&serde_json::to_value(&entry.case).unwrap(), raw, "{id}");
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
    fn nearest_ids_come_first() {
        let set = Set::load(&[(Op::AnnotationsParse, &file_with(case()))], &[]).unwrap();
        assert_eq!(set.nearest("annotations/x")[0].as_str(), "annotations/a");
        assert!(set.nearest("q").is_empty());
        for (a, b, expected) in [("", "", 0), ("", "ab", 2), ("abc", "abd", 1), ("abc", "bc", 1)] {
            assert_eq!(distance(a, b), expected, "{a} {b}");
        }
    }
}
