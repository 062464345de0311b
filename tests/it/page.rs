//! The page of kept results and of a run: what is in it, and what a browser makes of it where Chromium is installed.

use std::{
    collections::BTreeSet,
    fs,
    io::Read as _,
    path::{Path, PathBuf},
    process::Command,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::miniatures::{CASES, chunkproof, command, text};
use crate::support::root;

/// Some cases of an operation that the kept results of the fixtures have, and one with a twin and bugs.
const TOLD: &str = "{footer/{v64,v64-magic-at-48},disassemble/{end-missing,pax-comment}}";

/// The page of the kept results in the fixtures.
fn page_of_kept() -> String {
    let output = command(&["matrix", "--only", TOLD, "--format", "html"])
        .current_dir(root().join("tests/results"))
        .output()
        .expect("it ends");
    text(output.stdout)
}

/// The page of a run with failures.
fn page_of_run() -> String {
    let run = [
        "run",
        "--impl",
        "python3 aborts.py",
        "--impl",
        "python3 undecided.py",
        "--only",
        CASES,
        "--format",
        "html",
    ];
    text(chunkproof(&run).stdout)
}

/// The content of a script of the page.
fn script<'p>(page: &'p str, id: &str) -> &'p str {
    let start = format!("id=\"{id}\">");
    let (_, rest) = page.split_once(&start).unwrap_or_else(|| panic!("no {id}"));
    rest.split("</script>").next().expect("an end")
}

fn data(page: &str) -> Value {
    serde_json::from_str(script(page, "data")).expect("JSON")
}

fn unpacked(page: &str, id: &str) -> Value {
    let packed = STANDARD.decode(script(page, id)).expect("base64");
    let mut text = String::new();
    GzDecoder::new(packed.as_slice())
        .read_to_string(&mut text)
        .expect("gzip");
    serde_json::from_str(&text).expect("JSON")
}

/// What the page has of cases and implementations. Rules and classes of harm are those of the register.
fn told(page: &str) -> String {
    let mut data = data(page);
    for register in ["rules", "severities", "ops", "outcomes"] {
        assert!(!data[register].as_array().expect(register).is_empty());
        data[register] = json!("...");
    }
    let mut told = json!({"data": data, "cases-0": unpacked(page, "cases-0")});
    for column in 0..2 {
        let id = format!("found-{column}");
        if page.contains(&format!("id=\"{id}\"")) {
            told[&id] = unpacked(page, &id);
        }
    }
    format!("{told:#}").replace(env!("CARGO_PKG_VERSION"), "x.y.z")
}

#[test]
fn the_page_has_what_is_kept() {
    insta::assert_snapshot!("kept", told(&page_of_kept()));
}

#[test]
fn the_page_of_a_run_has_the_answers() {
    insta::assert_snapshot!("run", told(&page_of_run()));
}

/// A page is one file: it loads nothing, its policy forbids it to, and its elements have ids of their own.
#[test]
fn the_page_needs_nothing_else() {
    for page in [page_of_kept(), page_of_run()] {
        assert!(page.contains("content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\""));
        for part in [
            " src=", "<link", "<img", "@import", "url(", "http:", "https:", "fetch(", "import(",
        ] {
            let found = page
                .find(part)
                .map(|at| &page[at.saturating_sub(40)..(at + 40).min(page.len())]);
            assert_eq!(found, None, "{part}");
        }
        let ids: Vec<&str> = page
            .split(" id=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        let unique: BTreeSet<&&str> = ids.iter().collect();
        assert_eq!(ids.len(), unique.len(), "{ids:?}");
    }
}

/// Chromium, where it is installed.
fn chromium() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .flat_map(|folder| ["chromium", "chromium-browser", "google-chrome"].map(|name| folder.join(name)))
        .find(|program| program.is_file())
}

/// The page as a browser has it once its scripts have run. The state is the address after the hash.
fn shown(chromium: &Path, page: &Path, state: &str) -> String {
    let profile = tempfile::tempdir().expect("a folder");
    let output = Command::new(chromium)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--virtual-time-budget=10000",
        ])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg("--dump-dom")
        .arg(format!("file://{}#{state}", page.display()))
        .output()
        .expect("Chromium starts");
    let page = text(output.stdout);
    assert!(page.contains("data-ready=\""), "the script of the page failed: {page}");
    // Scripts and data are in it as well.
    let (_, body) = page.split_once("<main>").expect("the views");
    body.split("</main>").next().expect("their end").to_owned()
}

/// What a user sees in each view.
#[test]
fn a_browser_shows_the_page() {
    let Some(chromium) = chromium() else {
        eprintln!("not tested: Chromium is not installed");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, page: String| {
        let file = folder.path().join(name);
        fs::write(&file, page).expect("a file");
        file
    };
    let kept = file("kept.html", page_of_kept());
    let run = file("run.html", page_of_run());
    for (page, state, has, lacks) in [
        // Podman's library leads, and only the newest version is there.
        (&kept, "", &["containers-storage", "4 cases"][..], &["v1.49.0 · go"][..]),
        (&kept, "old=1", &["v1.49.0"], &[]),
        (
            &kept,
            "q=magic",
            &["1 case</h2>", "footer/v64-magic-at-48"],
            &["disassemble/end-missing"],
        ),
        (
            &kept,
            "op=footer/parse",
            &["2 cases</h2>"],
            &["disassemble/end-missing"],
        ),
        (
            &kept,
            "rule=FTR-02",
            &["footer/v64-magic-at-48"],
            &["disassemble/pax-comment"],
        ),
        (
            &kept,
            "case=footer/v64-magic-at-48",
            &[
                "<dt>why</dt>",
                "<dt>twin</dt>",
                "<dt>input</dt>",
                "<dt>rule</dt>",
                "reject, or decline",
            ],
            &[],
        ),
        (
            &kept,
            "case=footer/no-such",
            &["There is no case footer/no-such on this page."],
            &[],
        ),
        (
            &run,
            "",
            &["3 passed, 2 by choice, 1 failed", "4 passed, 1 by choice, 1 failed"],
            &[],
        ),
        (
            &run,
            "case=footer/v64-toc-minus-8",
            &[
                "an invariant does not hold",
                "was ended by signal 6",
                "--only footer/v64-toc-minus-8",
            ],
            &["not kept"],
        ),
    ] {
        let shown = shown(&chromium, page, state);
        for text in has {
            assert!(shown.contains(text), "{state}: no {text:?} in {shown}");
        }
        for text in lacks {
            assert!(!shown.contains(text), "{state}: {text:?} in {shown}");
        }
    }
}
