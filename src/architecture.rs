//! The test behind `ARCHITECTURE.md`: which module imports which.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use crate::forge::independence::{absolute, files_below, imports};

/// What each module of the crate may import of the others, which are above it in the table.
const ALLOWED: &[(&str, &[&str])] = &[
    ("rules", &[]),
    ("bounded", &[]),
    ("outside", &[]),
    ("format", &["rules", "outside"]),
    ("strict", &["rules", "outside", "format"]),
    ("forge", &["rules", "format"]),
    ("image", &["rules", "bounded", "outside", "format"]),
    ("drafts", &["rules", "format", "image"]),
    ("vectors", &["rules", "format"]),
    ("protocol", &["outside", "vectors"]),
    ("judge", &["rules", "format", "drafts", "vectors", "protocol"]),
    (
        "results",
        &["rules", "bounded", "outside", "format", "vectors", "judge"],
    ),
    (
        "cases",
        &[
            "rules", "bounded", "format", "forge", "vectors", "protocol", "judge", "results",
        ],
    ),
    (
        "fuzzing",
        &[
            "rules", "outside", "format", "forge", "image", "vectors", "protocol", "judge", "results", "cases",
        ],
    ),
    (
        "runner",
        &["outside", "format", "vectors", "results", "protocol", "judge"],
    ),
    (
        "adapters",
        &["bounded", "outside", "format", "image", "vectors", "judge", "runner"],
    ),
    (
        "hunt",
        &[
            "rules", "format", "forge", "vectors", "protocol", "judge", "results", "cases", "fuzzing", "runner",
        ],
    ),
    (
        "report",
        &[
            "rules", "outside", "format", "forge", "image", "vectors", "protocol", "judge", "results", "runner",
            "adapters", "hunt",
        ],
    ),
    (
        "commands",
        &[
            "rules", "bounded", "outside", "format", "image", "vectors", "judge", "results", "cases", "fuzzing",
            "runner", "adapters", "hunt", "report",
        ],
    ),
];

/// The text without modules of tests that are files of their own; [`imports`] leaves out everything after the others.
fn without_tests(text: &str) -> String {
    let mut lines = text.lines().peekable();
    let mut kept = String::new();
    while let Some(line) = lines.next() {
        if line == "#[cfg(test)]" && lines.peek().is_some_and(|next| next.ends_with(';')) {
            lines.next();
            continue;
        }
        kept += line;
        kept.push('\n');
    }
    kept
}

/// The paths, without extension, of the modules in other files that this file has for tests only.
fn tests_of(file: &Path, text: &str) -> Vec<PathBuf> {
    let is_root = ["lib.rs", "main.rs", "mod.rs"].iter().any(|root| file.ends_with(root));
    let folder = if is_root {
        file.parent().unwrap().to_owned()
    } else {
        file.with_extension("")
    };
    let lines: Vec<&str> = text.lines().collect();
    let pairs = lines.windows(2).filter(|pair| pair[0].trim() == "#[cfg(test)]");
    pairs
        .filter_map(|pair| pair[1].strip_suffix(';')?.split_once("mod "))
        .map(|(_, name)| folder.join(name))
        .collect()
}

/// The module of the crate in which the file is.
fn module_of(file: &Path) -> String {
    let first = file.components().next().unwrap();
    first.as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned()
}

#[test]
fn dependencies_between_modules_go_one_way() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let modules: Vec<&str> = ALLOWED.iter().map(|(module, _)| *module).collect();
    for (at, (module, allowed)) in ALLOWED.iter().enumerate() {
        for used in *allowed {
            assert!(
                modules[..at].contains(used),
                "{module} may import {used}, which is not above it in the table"
            );
        }
    }
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut wrong = Vec::new();
    let is_code = |file: &PathBuf| file.extension().is_some_and(|extension| extension == "rs");
    let texts: BTreeMap<PathBuf, String> = files_below(&src)
        .into_iter()
        .filter(is_code)
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            (path.strip_prefix(&src).unwrap().to_owned(), text)
        })
        .collect();
    let tests: Vec<PathBuf> = texts.iter().flat_map(|(file, text)| tests_of(file, text)).collect();
    for (file, text) in &texts {
        let module = module_of(file);
        let is_of_tests = tests.iter().any(|tests| file.with_extension("").starts_with(tests));
        // The roots of the library and of the program have no place in the table: they name every module.
        if is_of_tests || ["lib", "main"].contains(&module.as_str()) {
            continue;
        }
        let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| *name == module) else {
            wrong.push(format!("{} belongs to no module of the table", file.display()));
            continue;
        };
        for import in imports(&without_tests(text)) {
            let import = absolute(file, &import);
            let used = import.split("::").nth(1).unwrap_or_default();
            if used == module || !modules.contains(&used) {
                continue;
            }
            if !allowed.contains(&used) {
                wrong.push(format!("{} imports {import}", file.display()));
            }
            found.entry(module.clone()).or_default().insert(used.to_owned());
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let allowed = ALLOWED
        .iter()
        .flat_map(|(module, allowed)| allowed.iter().map(move |used| (*module, *used)));
    let unused: Vec<_> = allowed
        .filter(|(module, used)| !found.get(*module).is_some_and(|found| found.contains(*used)))
        .collect();
    assert!(unused.is_empty(), "no file needs what the table allows: {unused:?}");
}

#[test]
fn only_modules_of_tests_are_left_out() {
    assert_eq!(
        without_tests("#[cfg(test)]\nmod tests;\nuse crate::a;\n#[cfg(test)]\nfn b() {}\n"),
        "use crate::a;\n#[cfg(test)]\nfn b() {}\n"
    );
    let text = "#[cfg(test)]\npub(crate) mod a;\n#[cfg(test)]\nmod b { }\nmod c;\n";
    assert_eq!(tests_of(Path::new("d/mod.rs"), text), [Path::new("d/a")]);
    assert_eq!(tests_of(Path::new("d/e.rs"), text), [Path::new("d/e/a")]);
    assert_eq!(tests_of(Path::new("lib.rs"), text), [Path::new("a")]);
}
