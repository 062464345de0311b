//! The generator writes the same bytes wherever and however it runs.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    thread,
};

use chunkproof::cases::{self, Sources};

use crate::support::{program, root, tree};

/// What `generate` writes when it runs in a folder with this environment: the set, and the table of coverage.
fn generated(folder: &str, output: &[&str], environment: &[(&str, &str)]) -> BTreeMap<PathBuf, Vec<u8>> {
    let scratch = tempfile::tempdir().expect("a folder");
    let here = scratch.path().join(folder);
    fs::create_dir_all(&here).expect("a folder");
    let root = root();
    let status = program()
        .arg("generate")
        .arg("--adapters")
        .arg(root.join("adapters"))
        .arg("--cases")
        .arg(root.join("src/cases"))
        .args(output)
        .current_dir(&here)
        .env_clear()
        .envs(environment.iter().copied())
        .output()
        .expect("the program starts");
    assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stderr));
    tree(&here)
}

#[test]
fn bytes_do_not_depend_on_folder_locale_time_zone_or_what_else_runs() {
    let explicit = [
        "-o",
        "vectors",
        "--coverage",
        "docs/coverage.md",
        "--history",
        "docs/history.md",
    ];
    // A locale that is not installed is as good as C; these are those whose letters and numbers surprise.
    type Run<'a> = (&'a str, &'a [&'a str], &'a [(&'a str, &'a str)]);
    let runs: [Run<'_>; 2] = [
        (
            "a folder with spaces/ünïcödé",
            &explicit,
            &[
                ("LC_ALL", "tr_TR.UTF-8"),
                ("LANG", "tr_TR.UTF-8"),
                ("TZ", "Asia/Kathmandu"),
                ("COLUMNS", "7"),
            ],
        ),
        (
            "coloured",
            &[],
            &[
                ("LC_ALL", "ja_JP.eucJP"),
                ("TZ", "XXX-14:59:59"),
                ("CLICOLOR_FORCE", "1"),
            ],
        ),
    ];
    // All at once, so that they get in each other's way if they can.
    let trees: Vec<_> = thread::scope(|scope| {
        let started: Vec<_> = runs
            .iter()
            .map(|(folder, output, environment)| scope.spawn(|| generated(folder, output, environment)))
            .collect();
        started
            .into_iter()
            .map(|run| run.join().expect("the run ends"))
            .collect()
    });
    let root = root();
    // The packages that are made of the set are written by people.
    let is_generated = |path: &Path| {
        let is_deep = path.components().count() > 1;
        let is_list = path.extension().is_some_and(|kind| kind == "json" || kind == "rs");
        // Drafts are generated where they are asked for.
        let is_other = path.starts_with("packages") || path.starts_with("draft");
        !is_other && path != Path::new("package.json") && (is_deep || is_list)
    };
    let mut expected: BTreeMap<PathBuf, Vec<u8>> = tree(&root.join("vectors"))
        .into_iter()
        .filter(|(path, _)| is_generated(path))
        .map(|(path, bytes)| (Path::new("vectors").join(path), bytes))
        .collect();
    for document in ["docs/coverage.md", "docs/history.md"] {
        let content = fs::read(root.join(document)).expect("the document");
        expected.insert(PathBuf::from(document), content);
    }
    for (tree, (folder, ..)) in trees.iter().zip(&runs) {
        assert!(tree.keys().eq(expected.keys()), "{folder}: other files");
        for (path, bytes) in tree {
            assert!(bytes == &expected[path], "{folder}: {} differs", path.display());
        }
    }
}

/// The same in threads of one process.
#[test]
fn bytes_do_not_depend_on_threads() {
    let root = root();
    let sources = Sources::of_repository(root).expect("the files are right");
    thread::scope(|scope| {
        let threads: Vec<_> = (0..2).map(|_| scope.spawn(|| cases::files(&sources))).collect();
        let mut made = threads
            .into_iter()
            .map(|thread| thread.join().expect("the thread ends").expect("every case is made"));
        assert!(made.next() == made.next());
    });
}

#[test]
fn a_table_that_differs_is_a_difference() {
    let scratch = tempfile::tempdir().expect("a folder");
    let table = scratch.path().join("coverage.md");
    let vectors = root().join("vectors");
    let check = || {
        let output = program()
            .args(["generate", "--check", "-o"])
            .arg(&vectors)
            .arg("--coverage")
            .arg(&table)
            .output()
            .expect("the program starts");
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stdout).into_owned(),
        )
    };
    let (code, text) = check();
    assert!(
        code == Some(1) && text.contains("coverage.md is missing or has other content"),
        "{text}"
    );
    let current = root().join("docs/coverage.md");
    fs::copy(current, &table).expect("a copy");
    assert_eq!(check().0, Some(0));
}
