//! Cases that were found: by a hunt or a fuzz target, made smaller, judged, and written down with the input itself.
//!
//! They are in files of the same shape as those of the set, which `chunkproof promote` adds to and people edit. The generator
//! puts them beside the cases that it makes.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{family::Blobs, whole::json};
use crate::vectors::{
    Bytes, Case, CaseFile, CaseId, Op,
    case_files::{SCHEMA, read_cases},
    ops::Input,
};

/// The folder of the files, in the repository.
pub const FOLDER: &str = "src/cases/promoted";

/// The files as they are compiled in.
const FILES: &[(Op, &str)] = &[
    (Op::FooterParse, include_str!("promoted/footer-parse.json")),
    (Op::AnnotationsParse, include_str!("promoted/annotations-parse.json")),
    (Op::TocParse, include_str!("promoted/toc-parse.json")),
    (Op::TarSplitParse, include_str!("promoted/tarsplit-parse.json")),
    (Op::TarSplitAssemble, include_str!("promoted/tarsplit-assemble.json")),
    (
        Op::TarSplitDisassemble,
        include_str!("promoted/tarsplit-disassemble.json"),
    ),
    (Op::LayerDecompress, include_str!("promoted/layer-decompress.json")),
    (Op::LayerIndex, include_str!("promoted/layer-index.json")),
    (Op::LayerReconstruct, include_str!("promoted/layer-reconstruct.json")),
    (Op::LayerWrite, include_str!("promoted/layer-write.json")),
    (Op::EStargzFooter, include_str!("promoted/estargz-footer.json")),
    (Op::EStargzToc, include_str!("promoted/estargz-toc.json")),
    (Op::TarList, include_str!("promoted/tar-list.json")),
];

/// The cases of each operation, as text.
#[derive(Clone, Debug, Default)]
pub struct Promoted(BTreeMap<Op, String>);

impl Promoted {
    /// Those of this program.
    pub fn embedded() -> Self {
        Self(FILES.iter().map(|&(op, text)| (op, text.to_owned())).collect())
    }

    /// Those of a folder.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or is not right, in a sentence.
    pub fn read(folder: &Path) -> Result<Self, String> {
        let mut files = BTreeMap::new();
        for &op in Op::ALL {
            let path = path(folder, op);
            match fs::read_to_string(&path) {
                Ok(text) => {
                    read_cases(&text).map_err(|error| format!("{}: {error}", path.display()))?;
                    files.insert(op, text);
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(format!("{}: {error}", path.display())),
            }
        }
        Ok(Self(files))
    }

    /// The ids of all cases.
    pub fn ids(&self) -> Vec<CaseId> {
        let cases = self.0.values().flat_map(|text| read_cases(text).unwrap_or_default());
        cases.map(|entry| entry.case.id).collect()
    }

    /// The cases of an operation. What is not right is left out, which [`Self::read`] and the tests do not let happen.
    pub(super) fn cases<I, O>(&self, op: Op, blobs: &mut Blobs) -> Vec<Case<I, O>>
    where
        I: Input + DeserializeOwned,
        O: DeserializeOwned,
    {
        let Some(file) = self
            .0
            .get(&op)
            .and_then(|text| serde_json::from_str::<CaseFile<I, O>>(text).ok())
        else {
            return Vec::new();
        };
        let cases = file.cases.into_iter().filter_map(|case| {
            let input = case.input.with_bytes(&mut |bytes| place(bytes, blobs)).ok()?;
            Some(Case { input, ..case })
        });
        cases.collect()
    }
}

/// Small inputs stay in the notation that they have.
fn place(bytes: &Bytes, blobs: &mut Blobs) -> Result<Bytes, crate::vectors::bytes::BytesError> {
    let decoded = bytes.decode(&|_| None)?;
    Ok(match blobs.place(&decoded) {
        large @ (Bytes::Blob(_) | Bytes::Parts(_)) => large,
        _ => bytes.clone(),
    })
}

fn path(folder: &Path, op: Op) -> PathBuf {
    folder.join(format!("{}.json", op.file_stem()))
}

/// Adds cases of one operation to its file, and returns the file's path.
///
/// # Errors
///
/// A file that cannot be read or written, or is not right, in a sentence.
pub fn add<I: Serialize>(folder: &Path, op: Op, cases: &[I]) -> Result<PathBuf, String> {
    let path = path(folder, op);
    let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let mut file: CaseFile<Value, Value> = match fs::read_to_string(&path) {
        Ok(text) => {
            read_cases(&text).map_err(|error| failed(&error))?;
            serde_json::from_str(&text).map_err(|error| failed(&error))?
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => CaseFile {
            schema: SCHEMA,
            op,
            cases: Vec::new(),
        },
        Err(error) => return Err(failed(&error)),
    };
    for case in cases {
        let case = serde_json::to_value(case).and_then(serde_json::from_value);
        file.cases.push(case.map_err(|error| failed(&error))?);
    }
    file.cases.sort_by(|a, b| a.id.cmp(&b.id));
    let text = json(&file);
    read_cases(&String::from_utf8_lossy(&text)).map_err(|error| failed(&error))?;
    super::replace(&path, &text).map_err(|error| failed(&error))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::{FILES, Promoted};
    use crate::vectors::{Op, Provenance, Set, case_files::read_cases};

    #[test]
    fn the_files_are_right_and_all_their_cases_join_the_set() {
        assert!(FILES.iter().map(|(op, _)| *op).eq(Op::ALL.iter().copied()));
        let set = Set::embedded().unwrap();
        for (op, text) in FILES {
            for entry in read_cases(text).unwrap() {
                assert_eq!(entry.op, *op);
                assert!(
                    matches!(entry.case.provenance, Provenance::Found { .. }),
                    "{}",
                    entry.case.id
                );
                assert!(set.find(&entry.case.id).is_some(), "{}", entry.case.id);
            }
        }
        assert_eq!(
            Promoted::embedded().ids().len(),
            FILES
                .iter()
                .map(|(_, text)| read_cases(text).unwrap().len())
                .sum::<usize>()
        );
    }
}
