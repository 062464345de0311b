//! The test behind `docs/independence.md`: what writes or reads the format a second time imports no parser or writer of
//! [`crate::format`].

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// What the second writer and the second readings may import of this crate: plain data types, the names of rules, and
/// each other.
const ALLOWED: &[&str] = &[
    "crate::forge",
    "crate::format::Dialect",
    "crate::format::Digest",
    "crate::format::Extent",
    "crate::format::Position",
    "crate::format::Unread",
    "crate::format::annotations::NamedIndex",
    "crate::format::annotations::Prefix",
    "crate::format::annotations::ZstdChunked",
    "crate::format::estargz::Footer",
    "crate::format::estargz::Layout",
    "crate::format::footer::Footer",
    "crate::format::footer::Layout",
    "crate::format::frames::Frame",
    "crate::format::frames::FrameHeader",
    "crate::format::frames::FrameKind",
    "crate::format::tarsplit::Entry",
    "crate::format::tarsplit::File",
    "crate::format::tarsplit::Segment",
    "crate::format::time::Timestamp",
    "crate::format::toc::Chunk",
    "crate::format::toc::Entry",
    "crate::format::toc::EntryKind",
    "crate::format::toc::LeftOut",
    "crate::format::toc::Replaced",
    "crate::format::toc::Style",
    "crate::format::toc::Toc",
    "crate::format::toc::Values",
    "crate::fuzzing::annotations::reading",
    "crate::fuzzing::object",
    "crate::fuzzing::tree",
    "crate::rules",
];

/// The second readings, below `src/fuzzing`.
const READINGS: &[&str] = &[
    "annotations/reading.rs",
    "estargz/reading.rs",
    "footer/reading.rs",
    "frames/reading.rs",
    "object.rs",
    "tarsplit/reading.rs",
    "toc/reading.rs",
    "tree.rs",
];

/// Every path in the `use` items of the text and every path in its code that begins with `crate` or `super`, without what is
/// only compiled for tests.
pub(crate) fn imports(text: &str) -> Vec<String> {
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [line, "\n"])
        .collect();
    // Who may see an item is no import.
    let code = code.replace("pub(in crate::", "pub(");
    let mut paths = Vec::new();
    let mut rest = code.as_str();
    while let Some(at) = ["crate::", "super::"].iter().filter_map(|root| rest.find(root)).min() {
        rest = &rest[at..];
        rest = &rest[tree("", rest, &mut paths)..];
    }
    paths
}

/// Adds the paths of a tree of a `use` item, and returns how many bytes it has.
fn tree(before: &str, text: &str, paths: &mut Vec<String>) -> usize {
    let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let length = text.find(|c| !is_path(c)).unwrap_or(text.len());
    let path = format!("{before}{}", &text[..length]);
    if !(path.ends_with("::") && text[length..].starts_with('{')) {
        paths.push(path.trim_end_matches("::self").to_owned());
        return length;
    }
    let mut at = length + 1;
    loop {
        at += text[at..].len() - text[at..].trim_start().len();
        if text[at..].starts_with('}') {
            return at + 1;
        }
        at += tree(&path, &text[at..], paths);
        at += text[at..].find([',', '}']).unwrap();
        if text[at..].starts_with(',') {
            at += 1;
        }
    }
}

/// The path from the root of the crate, of a file below `src`.
pub(crate) fn absolute(file: &Path, path: &str) -> String {
    let mut module: Vec<String> = file
        .with_extension("")
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .filter(|part| part != "mod")
        .collect();
    let mut rest = path;
    if !rest.starts_with("super::") {
        return rest.to_owned();
    }
    while let Some(after) = rest.strip_prefix("super::") {
        module.pop();
        rest = after;
    }
    module.insert(0, "crate".to_owned());
    module.push(rest.to_owned());
    module.join("::")
}

/// Every file of a folder and of those in it.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files
}

#[test]
fn the_second_writer_and_the_second_readings_import_no_parser_or_writer_of_format() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = files_below(&src.join("forge"));
    // Tests compare what the second writer writes with what the reference reads.
    files.retain(|file| !file.ends_with("independence.rs") && !file.ends_with("tests.rs"));
    files.extend(READINGS.iter().map(|file| src.join("fuzzing").join(file)));
    let mut used = BTreeSet::new();
    let mut wrong = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let file = file.strip_prefix(&src).unwrap();
        for path in imports(&text) {
            let path = absolute(file, &path);
            let allowed = ALLOWED.iter().find(|allowed| {
                path.strip_prefix(**allowed)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
            });
            match allowed {
                Some(allowed) => drop(used.insert(*allowed)),
                None => wrong.push(format!("{} imports {path}", file.display())),
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let unused: Vec<_> = ALLOWED.iter().filter(|allowed| !used.contains(*allowed)).collect();
    assert!(
        unused.is_empty(),
        "no file imports {unused:?}, so the list need not allow it"
    );
}

#[test]
fn imports_are_found_wherever_they_are() {
    let text = "
        //! use crate::format::toc;
        use std::fs;
        use crate::{
            format::{Dialect, footer::{self, Footer as F}, toc::*},
            rules::Rule,
        };
        use super::{tar::Entry, zstd};
        pub(in crate::fuzzing) fn f() { crate::format::tar::scan(1); super::super::x(); }
        #[cfg(test)]
        mod tests { use crate::format::writer; }
    ";
    let file = Path::new("fuzzing/toc/reading.rs");
    let found: Vec<String> = imports(text).iter().map(|path| absolute(file, path)).collect();
    assert_eq!(
        found,
        [
            "crate::format::Dialect",
            "crate::format::footer",
            "crate::format::footer::Footer",
            "crate::format::toc::",
            "crate::rules::Rule",
            "crate::fuzzing::toc::tar::Entry",
            "crate::fuzzing::toc::zstd",
            "crate::format::tar::scan",
            "crate::fuzzing::x",
        ]
    );
    assert_eq!(
        absolute(Path::new("forge/mod.rs"), "super::zstd"),
        "crate::zstd",
        "mod.rs is its folder"
    );
}
