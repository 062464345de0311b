//! Cases that are not compiled in: a folder of case files with their blobs, as the generator writes it, or a file of cases,
//! in JSON or as data.
//!
//! They are judged as all others are. Their twins may be among them or in the set that is compiled in.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use super::data::Data;
use crate::{
    bounded::{self, DOCUMENT},
    format::Digest,
    judge::reference::{self, Answer},
    rules::Rule,
    vectors::{
        CaseId, Expect, Op, Registers, Set, SetEntry,
        case_files::{SetError, canonical_output, read_cases},
        registers,
    },
};

/// Files beside those that are generated, and of packages that are made of them, that have no cases.
const OTHERS: [&str; 8] = [
    "bugs.json",
    "choices.json",
    "index.json",
    "package.json",
    "pyproject.toml",
    "rules.json",
    "tags.json",
    "tombstones.json",
];

/// A set with cases that are not compiled in.
pub struct Given {
    /// The set of the program with these cases, which take the place of those that have the same ids.
    pub set: Set,
    /// The ids of these cases.
    pub ids: BTreeSet<CaseId>,
}

impl Given {
    /// Reads a folder or a file, and adds its cases to the set.
    ///
    /// # Errors
    ///
    /// What cannot be read or is not right, in a sentence with the file and the line or the case.
    pub fn read(path: &Path, set: &Set) -> Result<Self, String> {
        use_registers_of(path)?;
        let mut files = Files::default();
        files.add(path, true)?;
        let mut entries = Vec::new();
        for file in &files.json {
            entries.extend(read_json(file)?);
        }
        let failed = |error: SetError| format!("{}: {error}", path.display());
        let (mut set, mut ids) = set.with(entries, files.blobs).map_err(failed)?;
        if !files.toml.is_empty() {
            let (entries, blobs) = Data::of_files(files.toml)?.entries(&set)?;
            let (with, new) = set.with(entries, blobs).map_err(failed)?;
            set = with;
            ids.extend(new);
        }
        set.check_twins().map_err(failed)?;
        if ids.is_empty() {
            return Err(format!("{}: there is no case", path.display()));
        }
        Ok(Self { set, ids })
    }

    /// The cases of a file of data with this text.
    ///
    /// # Errors
    ///
    /// As [`Self::read`].
    pub fn parse(path: &Path, text: String, set: &Set) -> Result<Self, String> {
        use_registers_of(path)?;
        let (entries, blobs) = Data::parse(path, text)?.entries(set)?;
        let (set, ids) = set.with(entries, blobs).map_err(|error| error.to_string())?;
        set.check_twins().map_err(|error| error.to_string())?;
        Ok(Self { set, ids })
    }

    /// The rules that the reference finds broken in a case, in its order.
    ///
    /// # Errors
    ///
    /// A case that cannot be asked.
    pub fn broken(&self, id: &CaseId) -> Result<Vec<Rule>, String> {
        let mut rules = Vec::new();
        if let Answer::Reject(findings) = self.answer(id)? {
            for finding in findings {
                if !rules.contains(&finding.rule) {
                    rules.push(finding.rule);
                }
            }
        }
        Ok(rules)
    }

    fn answer(&self, id: &CaseId) -> Result<Answer, String> {
        let entry = self.set.find(id).ok_or_else(|| format!("no case has the id {id}"))?;
        let input = self.set.wire_input(entry).map_err(|error| error.to_string())?;
        reference::answer(entry.op, input, &[])
    }

    /// Compares what cases say with the answers of the reference.
    ///
    /// # Errors
    ///
    /// A case that cannot be asked.
    pub fn check<'a>(&self, ids: impl IntoIterator<Item = &'a CaseId>) -> Result<Vec<Checked>, String> {
        let mut with_input: BTreeMap<(Op, String), Vec<&CaseId>> = BTreeMap::new();
        for entry in self.set.entries() {
            let input = entry.case.input.to_string();
            with_input.entry((entry.op, input)).or_default().push(&entry.case.id);
        }
        ids.into_iter().map(|id| self.check_one(id, &with_input)).collect()
    }

    fn check_one(&self, id: &CaseId, with_input: &BTreeMap<(Op, String), Vec<&CaseId>>) -> Result<Checked, String> {
        let entry = self.set.find(id).ok_or_else(|| format!("no case has the id {id}"))?;
        let case = &entry.case;
        let answer = self.answer(id)?;
        let mut problems = Vec::new();
        match (&answer, &case.expect) {
            (Answer::Accept(_), Expect::Invalid) => {
                problems.push("the case is invalid, and the reference accepts it".to_owned());
            }
            // Of several readings the reference has the first.
            (Answer::Accept(found), Expect::Valid { output } | Expect::Either { output, .. }) => {
                // A layer that is written, or a tar-split that is made, is judged by other means than equality.
                let is_judged_alike = !entry.op.is_read_back();
                if is_judged_alike && canonical_output(entry.op, found)? != canonical_output(entry.op, output)? {
                    problems.push(format!("the output is {output}, and that of the reference is {found}"));
                }
            }
            (Answer::Reject(_) | Answer::Decline(_), Expect::Valid { .. }) => {
                problems.push("the case is valid, and the reference rejects it".to_owned());
            }
            (Answer::Reject(_), Expect::Either { choice, .. }) if choice.is_accepted_by_the_reference() => {
                problems.push(format!(
                    "the reference accepts what {} is about, and rejects this",
                    choice.id()
                ));
            }
            (Answer::Reject(findings), Expect::Invalid | Expect::Either { .. }) => {
                let first = findings.first().map(|finding| finding.rule);
                if let (Some(found), Some(listed)) = (first, case.rules.first())
                    && found != *listed
                {
                    problems.push(format!(
                        "the reference reports {} first, and the first of the rules is {}",
                        found.id(),
                        listed.id()
                    ));
                }
            }
            (Answer::Decline(_), _) => {}
        }
        if let (Some(twin), Expect::Invalid) = (&case.twin, &case.expect)
            && !matches!(self.answer(twin)?, Answer::Accept(_))
        {
            problems.push(format!(
                "the reference rejects the twin {twin}, so that a rejection of the case shows nothing"
            ));
        }
        let with_this_input = with_input.get(&(entry.op, case.input.to_string()));
        for other in with_this_input.into_iter().flatten().filter(|other| **other != id) {
            problems.push(format!(
                "{other} has the same input, so that the case shows nothing new"
            ));
        }
        let said = match &answer {
            Answer::Accept(_) => "accepted".to_owned(),
            Answer::Decline(finding) => format!("declined: {finding}"),
            Answer::Reject(findings) => findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
        };
        Ok(Checked {
            id: id.clone(),
            said: format!("{}; the reference: {said}", case.expect.verdict()),
            problems,
        })
    }
}

/// Reads the registers from disk if the file or folder is among the cases of a repository, so that cases can name new rows.
///
/// # Errors
///
/// A register that is not right, in a sentence.
pub fn use_registers_of(path: &Path) -> Result<(), String> {
    // A file is in the folder of its operation, which is in the folder of the cases.
    let mut folders = path.ancestors().take(3).map(|folder| folder.join(registers::FOLDER));
    match folders.find(|folder| folder.join("choices.toml").is_file()) {
        Some(folder) => Registers::use_folder(&folder),
        None => Ok(()),
    }
}

/// A case beside the answer of the reference.
pub struct Checked {
    /// The case.
    pub id: CaseId,
    /// Its verdict, and what the reference says.
    pub said: String,
    /// What is wrong with the case, or with the reference.
    pub problems: Vec<String>,
}

/// What is below a folder.
#[derive(Default)]
struct Files {
    json: Vec<PathBuf>,
    toml: Vec<PathBuf>,
    blobs: BTreeMap<String, Cow<'static, [u8]>>,
}

impl Files {
    fn add(&mut self, path: &Path, named: bool) -> Result<(), String> {
        let failed = |error: std::io::Error| format!("cannot read {}: {error}", path.display());
        if !path.exists() {
            return Err(format!(
                "cannot read {}: there is no such file or folder",
                path.display()
            ));
        }
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() {
            let is_of_packages = path.join("judging.json").is_file();
            if named || !(is_of_packages || ["schemas", registers::FOLDER].contains(&name)) {
                let mut inside: Vec<PathBuf> = fs::read_dir(path)
                    .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
                    .map_err(failed)?;
                inside.sort();
                for path in inside {
                    self.add(&path, false)?;
                }
            }
            return Ok(());
        }
        let in_blobs = path
            .parent()
            .and_then(Path::file_name)
            .is_some_and(|folder| folder == "blobs");
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("json") if named || !OTHERS.contains(&name) => self.json.push(path.to_owned()),
            Some("toml") if named || !OTHERS.contains(&name) => self.toml.push(path.to_owned()),
            None if in_blobs && !named => {
                let content = bounded::read(path, DOCUMENT).map_err(failed)?;
                let digest = Digest::of(&content).hex();
                if digest != name {
                    return Err(format!("{}: its content has the sha256 {digest}", path.display()));
                }
                self.blobs.insert(digest, Cow::Owned(content));
            }
            _ if named => {
                return Err(format!(
                    "{}: neither a folder nor a file .json or .toml",
                    path.display()
                ));
            }
            _ => {}
        }
        if let (true, Some(folder)) = (named, path.parent().map(|parent| parent.join("blobs")))
            && folder.is_dir()
        {
            self.add(&folder, false)?;
        }
        Ok(())
    }
}

fn read_json(path: &Path) -> Result<Vec<SetEntry>, String> {
    let text = bounded::read_text(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    read_cases(&text).map_err(|error| format!("{}{}: {error}", path.display(), place(&text, &error)))
}

/// The case in which the parser was when it found the error, as far as the id is before the place.
fn place(text: &str, error: &SetError) -> String {
    let message = error.to_string();
    let line = message
        .rsplit_once(" at line ")
        .and_then(|(_, rest)| rest.split(' ').next()?.parse::<usize>().ok());
    let Some(line) = line else { return String::new() };
    let before: Vec<&str> = text.lines().take(line).collect();
    let id = before.iter().rev().find_map(|line| {
        let (_, value) = line.split_once("\"id\":")?;
        value.split('"').nth(1)?.parse::<CaseId>().ok()
    });
    id.map_or_else(String::new, |id| format!(", {id}"))
}
