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

use super::{
    CaseId, Entry, Set,
    generate::data::Data,
    set::{SetError, read_cases},
};
use crate::format::Digest;

/// Files of a generated folder that have no cases.
const OTHERS: [&str; 3] = ["bugs.json", "index.json", "tombstones.json"];

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
            if named || name != "schemas" {
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
            Some("toml") => self.toml.push(path.to_owned()),
            None if in_blobs && !named => {
                let content = fs::read(path).map_err(failed)?;
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

fn read_json(path: &Path) -> Result<Vec<Entry>, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
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
