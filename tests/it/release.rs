//! What a release consists of: `scripts/release`, the package, man pages.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use crate::{
    clients::succeed,
    scripts::{commit, repository, run, text},
    support::root,
};

fn chunkproof(arguments: &[&str]) -> String {
    text(&succeed(Command::new(env!("CARGO_BIN_EXE_chunkproof")).args(arguments)).stdout)
}

/// Replaces text in a file, which has to have it.
fn replace(path: &Path, from: &str, to: &str) {
    let content = fs::read_to_string(path).unwrap();
    assert!(content.contains(from), "{}: {from}", path.display());
    fs::write(path, content.replace(from, to)).unwrap();
}

#[test]
fn a_release_is_kept_back_until_all_is_ready() {
    let folder = repository(&[
        "scripts/release",
        "scripts/address",
        "Cargo.toml",
        "Cargo.lock",
        "build.rs",
        "src/lib.rs",
        "src/main.rs",
        "docs/findings.md",
        "docs/spec.md",
    ]);
    let here = folder.path();
    fs::write(
        here.join("CHANGELOG.md"),
        "# Changelog\n\n## Unreleased\n\nThe first.\n",
    )
    .unwrap();
    let findings = here.join("docs/findings.md");
    fs::write(&findings, "| a reader | `a/b` | crashes | here | to be reported |\n").unwrap();
    let address = text(&run(here, "scripts/address", &[]).stdout);
    commit(here, "start");
    let check = || {
        let output = run(here, "scripts/release", &["check"]);
        (output.status.success(), text(&output.stderr))
    };

    let reasons = [
        "is a placeholder",
        "docs/findings.md has findings to be reported",
        "CHANGELOG.md has no section \"## 0.1.0\"",
    ];
    let (passes, said) = check();
    assert!(!passes);
    for reason in reasons {
        assert!(said.contains(reason), "{reason}: {said}");
    }

    assert!(
        run(here, "scripts/address", &["example.org/chunkproof"])
            .status
            .success()
    );
    replace(&findings, "to be reported", "reported");
    replace(&here.join("CHANGELOG.md"), "## Unreleased", "## 0.1.0");
    let (passes, said) = check();
    assert!(!passes && said.contains("not committed"), "{said}");
    commit(here, "ready");
    assert_eq!(check(), (true, String::new()));
    assert_eq!(text(&run(here, "scripts/release", &["notes"]).stdout), "\nThe first.\n");

    replace(&here.join("Cargo.toml"), "\"!/docs/findings.md\", ", "");
    commit(here, "with-the-findings");
    let (passes, said) = check();
    assert!(
        !passes && said.contains("the package would have the findings"),
        "{said}"
    );

    // One reason alone is enough.
    run(here, "scripts/address", &[address.trim()]);
    replace(
        &here.join("Cargo.toml"),
        "\"/docs\", ",
        "\"/docs\", \"!/docs/findings.md\", ",
    );
    commit(here, "without-an-address");
    let (passes, said) = check();
    assert!(!passes && said.contains("is a placeholder"), "{said}");
}

#[test]
fn a_usage_error_shows_the_commands() {
    let output = run(root(), "scripts/release", &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("scripts/release check "));
}

#[test]
fn there_is_a_man_page_for_each_command() {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("man1");
    let said = chunkproof(&["man", "-o", pages.to_str().unwrap()]);
    let page = |name: &str| fs::read_to_string(pages.join(format!("{name}.1"))).unwrap_or_default();
    assert_eq!(page("chunkproof"), chunkproof(&["man"]));
    let help = chunkproof(&["--help"]);
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names: Vec<&str> = commands
        .take_while(|line| !line.is_empty())
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert!(names.contains(&"man") && names.contains(&"verify"), "{names:?}");
    for name in names {
        let page = page(&format!("chunkproof-{name}"));
        assert!(page.contains(&format!("chunkproof\\-{name} \\- ")), "{name}: {page}");
    }
    // Commands below commands too.
    assert!(page("chunkproof-adapter-build").contains("chunkproof\\-adapter\\-build \\- "));
    let written = fs::read_dir(&pages).unwrap().count();
    assert_eq!(said, format!("{written} pages in {}\n", pages.display()));
}

/// `cargo binstall` asks for an archive by the name that the script gives it.
#[test]
fn the_archive_has_the_name_that_binstall_asks_for() {
    let manifest: toml::Table = fs::read_to_string(root().join("Cargo.toml")).unwrap().parse().unwrap();
    let binstall = &manifest["package"]["metadata"]["binstall"];
    let place = |key: &str| binstall[key].as_str().unwrap().replace(' ', "");
    let script = fs::read_to_string(root().join("scripts/release")).unwrap();
    assert!(script.contains("name=chunkproof-$version-$target\n") && script.contains("\"$name.tar.gz\""));
    assert!(place("pkg-url").ends_with("/v{version}/{name}-{version}-{target}.tar.gz"));
    assert_eq!(place("bin-dir"), "{name}-{version}-{target}/{bin}{binary-ext}");
}

/// The words of findings that are not reported yet stay in the repository.
#[test]
fn the_package_has_the_documents_but_not_the_findings() {
    let mut list = Command::new(env!("CARGO"));
    list.args(["package", "--list", "--allow-dirty"]).current_dir(root());
    let files = text(&succeed(&mut list).stdout);
    let has = |file: &str| files.lines().any(|line| line == file);
    assert!(has("docs/spec.md") && has("README.md") && has("vectors/index.json"));
    assert!(!has("docs/findings.md") && !files.contains("docs/reports/"));
}

/// A library with other features in tests would be built twice, with all that uses it.
#[test]
fn tests_and_program_share_what_they_build() {
    let tree = |edges: &str| {
        let mut tree = Command::new(env!("CARGO"));
        tree.args([
            "tree",
            "--edges",
            edges,
            "--format",
            "{p} {f}",
            "--prefix",
            "none",
            "--no-dedupe",
        ]);
        let lines = text(&succeed(tree.current_dir(root())).stdout);
        lines.lines().map(str::to_owned).collect::<BTreeSet<String>>()
    };
    let (program, tests) = (tree("normal,build"), tree("normal,build,dev"));
    assert!(program.len() > 50, "{program:?}");
    let other: Vec<_> = program.difference(&tests).collect();
    assert!(other.is_empty(), "with other features in tests: {other:?}");
}
