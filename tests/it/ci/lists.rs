//! Lists of expected deviations that a run writes.

use std::{fs, path::Path};

use super::{entry, path, run};
use crate::{
    miniatures::{CASES, chunkproof, text},
    support::root,
};
use chunkproof::{judge::Expectations, vectors::Tombstone};

#[test]
fn a_blessed_run_is_as_expected() {
    let scratch = tempfile::tempdir().expect("a folder");
    let list = path(scratch.path(), "expected.toml");
    let blessed = |miniature: &str, only: &str| {
        let output = run(
            miniature,
            &["--only", only, "--expect", &list, "--bless", "--jobs", "1"],
        );
        let told = text(output.stderr).replace(&list, "LIST");
        (
            output.status.code(),
            told,
            fs::read_to_string(&list).unwrap_or_default(),
        )
    };
    // A list that is not there yet.
    let (code, told, written) = blessed("undecided", CASES);
    let conflict = entry("footer/v64-toc-above-limit", "choice-conflict").replace("known", "to be explained");
    assert_eq!((code, &written), (Some(0), &conflict), "{told}");
    assert_eq!(
        told,
        "note: LIST: added    footer/v64-toc-above-limit: choice-conflict\n"
    );
    assert_eq!(
        run("undecided", &["--only", CASES, "--expect", &list]).status.code(),
        Some(0)
    );
    let (code, told, again) = blessed("undecided", CASES);
    assert_eq!((code, again), (Some(0), written));
    assert_eq!(told, "note: LIST: not changed, since every result is as expected\n");

    // What holds stays, with its comment. What does not is replaced, or removed.
    let held = "# Known.\n\n# It really crashes.\n".to_owned() + &entry("footer/v64-toc-minus-8", "crash");
    let narrowed = entry("footer/{v64,v64-without-tar-split}", "fail");
    let elsewhere = entry("toc/g5", "fail");
    let before = [&*held, &*narrowed, &*entry("footer/v64-type-2", "crash"), &*elsewhere].join("\n");
    fs::write(&list, &before).expect("a file");
    let (code, told, after) = blessed("aborts", "footer/{v64,v64-toc-minus-8}");
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(
        after,
        before.replace("{v64,v64-without-tar-split}", "v64-without-tar-split")
    );
    assert_eq!(
        told,
        "note: LIST: narrowed footer/{v64,v64-without-tar-split}: without footer/v64\n"
    );
    let (code, told, after) = blessed("aborts", "footer/v64{,-toc-minus-8,-type-2,-without-tar-split}");
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(after, [held, elsewhere].join("\n"));
    assert!(told.contains("dropped  footer/v64-without-tar-split\n") && told.contains("dropped  footer/v64-type-2\n"));
}

#[test]
fn a_list_is_not_changed_by_half_a_run() {
    let scratch = tempfile::tempdir().expect("a folder");
    let list = path(scratch.path(), "expected.toml");
    let pid = path(scratch.path(), "pid");
    let interrupted = format!("python3 interrupts.py '{pid}'");
    for (implementation, arguments, code, message) in [
        (
            &*interrupted,
            &["--expect", &list][..],
            130,
            "not changed, since the results are incomplete",
        ),
        (
            "/bin/true",
            &["--expect", &list],
            3,
            "not changed, since the results are incomplete",
        ),
        // Rejections beside a twin that is not accepted cannot be listed.
        (
            "python3 always_decline.py",
            &["--expect", &list],
            1,
            "not changed, since every result is as expected",
        ),
        ("reference", &[], 2, "--bless requires --expect FILE or --adapter NAME"),
        (
            "reference",
            &["--impl", "zstd-chunked"],
            2,
            "--bless requires exactly one implementation",
        ),
        (
            "reference",
            &["--expect", &list, "--fail-fast"],
            2,
            "cannot be used with",
        ),
    ] {
        let fixed = [
            "run",
            "--impl",
            implementation,
            "--only",
            CASES,
            "--jobs",
            "1",
            "--timeout",
            "60",
            "--bless",
        ];
        let output = chunkproof(&[&fixed[..], arguments].concat());
        let stderr = text(output.stderr);
        assert_eq!(output.status.code(), Some(code), "{implementation}: {stderr}");
        assert!(stderr.contains(message), "{implementation}: {stderr}");
        assert!(!Path::new(&list).exists(), "{implementation}");
    }
}

/// The list of an adapter lies in its folder.
#[test]
fn the_list_of_an_adapter_is_blessed() {
    let scratch = tempfile::tempdir().expect("a folder");
    let adapter = scratch.path().join("adapters/small");
    fs::create_dir_all(&adapter).expect("a folder");
    let miniatures = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/miniatures");
    let manifest = format!(
        "about = \"small\"\nlanguage = \"python\"\nhomepage = \"https://example.org\"\nneeds = [\"python3\"]\nbuild = []\n\
         run = [\"python3\", \"{miniatures}/aborts.py\"]\n\n[[versions]]\nversion = \"2\"\n\n[[versions]]\nversion = \"1\"\n"
    );
    fs::write(adapter.join("adapter.toml"), manifest).expect("a file");
    let adapters = path(scratch.path(), "adapters");
    let blessed = |name: &str| {
        let arguments = [
            "run",
            "--adapter",
            name,
            "--adapters",
            &adapters,
            "--only",
            CASES,
            "--bless",
            "--quiet",
        ];
        chunkproof(&[&arguments[..], &["--timeout", "60"]].concat())
    };
    let output = blessed("small");
    assert_eq!(output.status.code(), Some(0), "{}", text(output.stderr));
    let written = fs::read_to_string(adapter.join("expected.toml")).expect("a list");
    assert_eq!(
        written,
        entry("footer/v64-toc-minus-8", "crash").replace("known", "to be explained")
    );
    let output = blessed("small@1");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(output.stderr).contains("an older version, which has no list"));
}

#[test]
fn no_list_of_ours_names_a_retired_case() {
    let mut seen = 0;
    for adapter in fs::read_dir(root().join("adapters")).expect("the adapters") {
        let list = adapter.expect("an entry").path().join("expected.toml");
        let Ok(text) = fs::read_to_string(&list) else {
            continue;
        };
        let expectations: Expectations = text.parse().expect("a list");
        let retired: Vec<String> = expectations.retired().map(Tombstone::to_string).collect();
        assert!(retired.is_empty(), "{}: {retired:?}", list.display());
        seen += 1;
    }
    assert!(seen > 10);
}
