//! The corpora and the register hold together, and no input of a corpus is a finding, on stable and in seconds.

use std::{
    collections::BTreeSet,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

use super::{TARGETS, target};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The names of what is in a folder, sorted.
fn names(folder: &Path) -> BTreeSet<String> {
    fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

fn inputs(name: &str) -> Vec<PathBuf> {
    let folder = root().join("corpus").join(name);
    names(&folder).iter().map(|name| folder.join(name)).collect()
}

#[test]
fn every_target_is_sorted_and_has_its_files() {
    let known: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
    assert!(known.is_sorted());
    assert_eq!(target("footer").map(|target| target.name), Some("footer"));
    let expected: BTreeSet<String> = known.iter().map(|&name| name.to_owned()).collect();
    assert_eq!(expected.len(), known.len());
    let corpora: BTreeSet<String> = names(&root().join("corpus"))
        .into_iter()
        .filter(|name| !name.starts_with("known-good"))
        .collect();
    assert_eq!(corpora, expected, "folders of corpus/");
    let programs: BTreeSet<String> = names(&root().join("fuzz/fuzz_targets"))
        .iter()
        .map(|name| name.trim_end_matches(".rs").to_owned())
        .collect();
    assert_eq!(programs, expected, "files of fuzz/fuzz_targets/");
    let manifest = fs::read_to_string(root().join("fuzz/Cargo.toml")).unwrap();
    for name in known {
        let bin = format!("[[bin]]\nname = \"{name}\"\npath = \"fuzz_targets/{name}.rs\"\n");
        assert!(manifest.contains(&bin), "{name} is not in fuzz/Cargo.toml");
        let options = fs::read_to_string(root().join(format!("fuzz/{name}.options"))).unwrap();
        for option in ["max_len", "timeout", "rss_limit_mb"] {
            assert!(options.contains(&format!("\n{option} = ")), "{name} has no {option}");
        }
        if let Some(dictionary) = options.lines().find_map(|line| line.strip_prefix("dict = ")) {
            assert!(
                root().join("fuzz").join(dictionary).is_file(),
                "{dictionary} is not there"
            );
        }
    }
}

/// Every input goes through its own target and through all others: what one target finds interesting is a good input for
/// the next.
#[test]
fn every_corpus_holds_in_every_target() {
    let mut broken = Vec::new();
    for owner in TARGETS {
        let inputs = inputs(owner.name);
        assert!(!inputs.is_empty(), "{} has no corpus", owner.name);
        for path in inputs {
            let bytes = fs::read(&path).unwrap();
            for target in TARGETS {
                if catch_unwind(AssertUnwindSafe(|| (target.run)(&bytes))).is_err() {
                    broken.push(format!("{} in {}", path.display(), target.name));
                }
            }
        }
    }
    assert_eq!(broken, Vec::<String>::new());
}
