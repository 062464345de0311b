//! The fuzz targets, their evidence, and what builds them elsewhere hold together.
//!
//! No input of a corpus is a finding, on stable and in seconds.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    process::Command,
};

use chunkproof::{
    fuzzing::{TARGETS, target},
    vectors::bugs::Bug,
};

use crate::support::{root, yaml};

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn manifest(path: &str) -> toml::Table {
    read(path).parse().unwrap()
}

/// The names of the targets.
fn targets() -> BTreeSet<String> {
    let manifest = manifest("fuzz/Cargo.toml");
    let bins = manifest["bin"].as_array().unwrap();
    bins.iter()
        .map(|bin| bin["name"].as_str().unwrap().to_owned())
        .collect()
}

/// The targets with a package of their own, which need more than Rust: a folder of `fuzz/` with a manifest.
fn packages() -> BTreeSet<String> {
    let folders = fs::read_dir(root().join("fuzz")).unwrap();
    folders
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("Cargo.toml").is_file())
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect()
}

/// The rows of a stored table.
fn rows(name: &str) -> Vec<BTreeMap<String, String>> {
    let text = read(&format!("docs/fuzzing/{name}.tsv"));
    let mut lines = text.lines().map(|line| line.split('\t').map(str::to_owned));
    let head: Vec<String> = lines.next().unwrap().collect();
    lines.map(|line| head.iter().cloned().zip(line).collect()).collect()
}

fn column(rows: &[BTreeMap<String, String>], name: &str) -> BTreeSet<String> {
    rows.iter().map(|row| row[name].clone()).collect()
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

#[test]
fn the_tables_are_those_of_the_stored_files() {
    let output = Command::new(root().join("scripts/fuzzing"))
        .args(["report", "--check"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn every_target_is_described_measured_and_was_run() {
    let targets = targets();
    let document = read("docs/fuzzing.md");
    for name in &targets {
        assert!(
            document.contains(&format!("| `{name}` | ")),
            "docs/fuzzing.md does not describe {name}"
        );
    }
    // Speed is that of the machine on which it was measured, and a target without a row was not measured.
    for row in rows("speed") {
        assert!(
            targets.contains(&row["target"]),
            "scripts/fuzzing speed: {}",
            row["target"]
        );
    }
    let log = rows("log");
    assert_eq!(column(&log, "target"), targets, "scripts/fuzzing log");
    for name in &targets {
        let clean = log
            .iter()
            .filter(|row| row["target"] == *name)
            .rev()
            .take_while(|row| row["findings"] == "0");
        let seconds: u64 = clean.map(|row| row["seconds"].parse::<u64>().unwrap()).sum();
        assert!(seconds >= 60, "{name} has run {seconds} s since its last finding");
    }
}

#[test]
fn every_planted_defect_is_found() {
    let (defects, targets, results) = (rows("defects"), targets(), rows("sensitivity"));
    let mut measured = 0;
    for defect in &defects {
        assert!(
            targets.contains(&defect["target"]),
            "{} is for {}",
            defect["id"],
            defect["target"]
        );
        let own: Vec<_> = results.iter().filter(|row| row["defect"] == defect["id"]).collect();
        let seeds: Vec<&str> = own.iter().map(|row| row["seed"].as_str()).collect();
        // The table says of these that they were not run.
        if seeds.len() < 3 {
            continue;
        }
        measured += 1;
        assert_eq!(seeds, ["1", "2", "3"], "scripts/sensitivity run {}", defect["id"]);
        let mut times: Vec<f64> = own
            .iter()
            .map(|row| {
                if row["found"] == "yes" {
                    row["seconds"].parse().unwrap()
                } else {
                    f64::INFINITY
                }
            })
            .collect();
        times.sort_by(f64::total_cmp);
        assert!(times[1] <= 60.0, "{} is found after {} s", defect["id"], times[1]);
    }
    assert!(measured >= 20, "{measured} defects are measured");
}

/// The reference is read as a specification, so it has no defects, not even ones that are switched off.
#[test]
fn the_reference_has_no_planted_defects() {
    for path in ["Cargo.toml", "fuzz/Cargo.toml"] {
        let features = manifest(path)
            .get("features")
            .cloned()
            .unwrap_or_else(|| toml::Table::new().into());
        assert!(!features.to_string().contains("planted"), "{path}");
    }
    let mut folders = vec![root().join("src/format")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = fs::read_to_string(&path).unwrap();
                assert!(!text.contains("planted"), "{}", path.display());
            }
        }
    }
}

/// The defects are patches, named by their ids.
fn patches() -> BTreeMap<String, String> {
    fs::read_dir(root().join("fuzz/defects"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".patch").map(str::to_owned))
        .map(|id| (id.clone(), read(&format!("fuzz/defects/{id}.patch"))))
        .collect()
}

#[test]
fn every_defect_is_listed_once_and_is_a_patch_and_of_a_known_kind() {
    let (defects, patches) = (rows("defects"), patches());
    let ids = column(&defects, "id");
    assert_eq!(ids.len(), defects.len(), "an id is listed twice");
    assert_eq!(ids, patches.keys().cloned().collect());
    for defect in &defects {
        for id in defect["bugs"].split_whitespace() {
            assert!(Bug::all().any(|known| known.id() == id), "{id}");
        }
    }
    for (id, patch) in &patches {
        // What a patch adds is switched by its own id and by no other.
        let added = patch.lines().filter(|line| line.starts_with('+'));
        let switches: BTreeSet<&str> = added
            .filter_map(|line| line.split_once("planted::is(\"")?.1.split('"').next())
            .collect();
        assert_eq!(switches, BTreeSet::from([id.as_str()]), "fuzz/defects/{id}.patch");
    }
}

/// Applies a patch to the files that it names, which are read where they are not yet there. Context and removed lines have to
/// be in one place of the file, so that an edit elsewhere moves no defect.
fn apply(patch: &str, files: &mut BTreeMap<String, String>) -> Result<(), String> {
    let mut path = String::new();
    let mut hunks: Vec<(String, String, String)> = Vec::new();
    for line in patch.lines() {
        if let Some(name) = line.strip_prefix("+++ b/") {
            name.clone_into(&mut path);
        } else if line.starts_with("@@ ") {
            hunks.push((path.clone(), String::new(), String::new()));
        } else if !line.starts_with("--- ") {
            let (_, old, new) = hunks.last_mut().ok_or("a line before the first hunk")?;
            let (sign, text) = line.split_at_checked(1).ok_or("an empty line")?;
            if sign != "+" {
                *old += &format!("{text}\n");
            }
            if sign != "-" {
                *new += &format!("{text}\n");
            }
        }
    }
    for (path, old, new) in hunks {
        let text = files.entry(path.clone()).or_insert_with(|| read(&path));
        match text.matches(&old).count() {
            1 => *text = text.replacen(&old, &new, 1),
            found => return Err(format!("{path} has these lines {found} times, expected once:\n{old}")),
        }
    }
    Ok(())
}

/// `scripts/sensitivity` applies all of them to one tree.
#[test]
fn the_patches_apply() {
    let mut files = BTreeMap::new();
    for (id, patch) in patches() {
        apply(&patch, &mut files).unwrap_or_else(|error| panic!("fuzz/defects/{id}.patch does not apply: {error}"));
    }
    let paths = patches().into_keys().map(|id| format!("fuzz/defects/{id}.patch"));
    let output = Command::new("git")
        .args(["apply", "--check"])
        .args(paths)
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_nightly_workflow_fuzzes_every_target() {
    let nightly = yaml(&root().join(".github/workflows/fuzz-nightly.yml"));
    let matrix = nightly["jobs"]["fuzz"]["strategy"]["matrix"]["target"]
        .as_sequence()
        .unwrap();
    let named: BTreeSet<String> = matrix.iter().map(|name| name.as_str().unwrap().to_owned()).collect();
    let expected: BTreeSet<String> = targets().union(&packages()).cloned().collect();
    assert_eq!(named, expected, ".github/workflows/fuzz-nightly.yml");
}

#[test]
fn every_target_with_a_package_of_its_own_is_described_and_packed() {
    assert_eq!(packages(), BTreeSet::from(["go-peers".to_owned()]));
    for name in packages() {
        let bins = manifest(&format!("fuzz/{name}/Cargo.toml"))["bin"].clone();
        assert_eq!(bins[0]["name"].as_str(), Some(&*name));
        let options = read(&format!("fuzz/{name}.options"));
        for option in ["max_len", "timeout", "rss_limit_mb"] {
            assert!(options.contains(&format!("\n{option} = ")), "{name} has no {option}");
        }
        assert!(read("docs/fuzzing.md").contains(&format!("`{name}`")), "{name}");
        let build = read("fuzz/oss-fuzz/build.sh");
        assert!(build.contains(&format!("--fuzz-dir fuzz/{name} ")), "{name}");
        assert!(build.contains(&format!("fuzz/{name}.options")), "{name}");
    }
}

/// The gate builds and runs what they build.
#[test]
fn the_engines_build_what_the_gate_builds() {
    for folder in [".clusterfuzzlite", "fuzz/oss-fuzz"] {
        let project = yaml(&root().join(folder).join("project.yaml"));
        assert_eq!(project["language"].as_str(), Some("rust"), "{folder}");
        assert_eq!(project["sanitizers"][0].as_str(), Some("address"), "{folder}");
        let image = read(&format!("{folder}/Dockerfile"));
        assert!(
            image.contains("FROM gcr.io/oss-fuzz-base/base-builder-rust\n"),
            "{folder}"
        );
    }
    assert!(read(".clusterfuzzlite/build.sh").contains("/fuzz/oss-fuzz/build.sh\""));
    assert!(read(".ci/run").contains("/.clusterfuzzlite/build.sh\""));
}
