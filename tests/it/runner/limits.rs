//! Limits of time and memory, and processes that are left behind.

use std::{
    fs,
    process::Stdio,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::miniatures::{CASES, chunkproof, command, text};

/// A case has limits of its own, which hold however short the time is that memory is taken for.
#[test]
fn limits_of_cases_hold() {
    for (arguments, expected) in [
        (&[][..], ["pass", "out-of-memory", "pass"]),
        (&["--ignore-limits"][..], ["pass", "pass", "pass"]),
        (&["--memory", "256MiB"][..], ["pass", "out-of-memory", "pass"]),
    ] {
        let only = "decompress/content-size-{2-31,2-32,and-window}";
        let fixed = [
            "run",
            "--impl",
            "python3 gulps.py",
            "--only",
            only,
            "--format",
            "json",
            "--timeout",
            "60",
        ];
        let output = chunkproof(&[&fixed, arguments].concat());
        let stderr = text(output.stderr);
        let report: Value = serde_json::from_slice(&output.stdout).expect(&stderr);
        let results = report["implementations"][0]["results"].as_array().expect("results");
        let mut results: Vec<(&str, &str)> = results
            .iter()
            .map(|result| {
                (
                    result["case"].as_str().expect("an id"),
                    result["result"].as_str().expect("text"),
                )
            })
            .collect();
        results.sort_by_key(|(case, _)| !case.ends_with("window"));
        let results: Vec<&str> = results.into_iter().map(|(_, result)| result).collect();
        assert_eq!(results, expected, "{arguments:?}");
    }
}

#[test]
fn what_is_left_behind_is_killed() {
    let folder = tempfile::tempdir().expect("a folder");
    for (miniature, exit) in [("exits.py", 1), ("interrupts.py", 130)] {
        let file = folder.path().join(miniature);
        let adapter = format!("python3 {miniature} '{}'", file.display());
        let output = chunkproof(&[
            "run",
            "--impl",
            &adapter,
            "--only",
            CASES,
            "--jobs",
            "1",
            "--timeout",
            "60",
        ]);
        assert_eq!(output.status.code(), Some(exit), "{miniature}");
        let pid = fs::read_to_string(&file).expect("the miniature wrote a number");
        assert!(ends(&pid), "{miniature} left {pid}");
    }
}

/// What is known is printed and recorded, and marked as incomplete.
#[test]
fn an_interrupted_run_reports_what_it_knows() {
    let folder = tempfile::tempdir().expect("a folder");
    let recorded = folder.path().join("results.json");
    let adapter = format!("python3 interrupts.py '{}'", folder.path().join("pid").display());
    let output = chunkproof(&[
        "run",
        "--impl",
        &adapter,
        "--only",
        CASES,
        "--jobs",
        "1",
        "--timeout",
        "60",
        "--format",
        "json",
        "--record",
        recorded.to_str().expect("UTF-8"),
    ]);
    assert_eq!(output.status.code(), Some(130));
    let stderr = text(output.stderr);
    assert!(stderr.contains("interrupted: the report is incomplete"), "{stderr}");
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    assert_eq!(report["conclusion"], "interrupted");
    let results = report["implementations"][0]["results"].as_array().expect("results");
    let known: Vec<&str> = results.iter().filter_map(|result| result["case"].as_str()).collect();
    let (first, last) = ("footer/v64", "footer/v64-toc-minus-8");
    assert_eq!(
        (known.len(), known.first(), known.last()),
        (5, Some(&first), Some(&last)),
        "{known:?}"
    );
    let recorded: Value = serde_json::from_slice(&fs::read(&recorded).expect("a file")).expect("JSON");
    assert_eq!(recorded["incomplete"], true);
    assert_eq!(recorded["results"]["pass"][0], first);
}

/// A case that only got too little of a processor is asked again, alone. So many processes at once are late on most machines.
#[cfg(target_os = "linux")]
#[test]
fn a_busy_machine_fails_no_case() {
    let fixed = ["run", "--impl", "python3 burns.py", "--only", CASES, "--jobs", "6"];
    let output = chunkproof(&[&fixed[..], &["--timeout", "2"]].concat());
    let report = text(output.stdout);
    assert_eq!(output.status.code(), Some(0), "{report}");
    // What takes longer by itself is late anyway, and says so.
    let output = chunkproof(&[&fixed[..], &["--timeout", "0.5"]].concat());
    let report = text(output.stdout) + &text(output.stderr);
    assert_ne!(output.status.code(), Some(0), "{report}");
    assert!(report.contains("no answer within 0.5 s (--timeout)"), "{report}");
}

/// What a list expects to be late takes all of its time: it is begun first, and a busy machine is no reason to ask for it again.
#[test]
fn what_is_expected_to_be_late_is_asked_first_and_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let list = folder.path().join("list.toml");
    let late = |cases: &str| {
        let entry = format!("[[expect]]\ncases = \"{cases}\"\nresult = \"timeout\"\nreason = \"it loops\"\n");
        fs::write(&list, entry).expect("a file");
    };
    let asked = |name: &str, seconds: &str, options: &[&str]| {
        let file = folder.path().join(name);
        let adapter = format!("python3 tells.py '{}' {seconds}", file.display());
        let fixed = ["run", "--impl", &adapter, "--expect", list.to_str().expect("UTF-8")];
        let output = chunkproof(&[&fixed[..], options].concat());
        let told = fs::read_to_string(&file).expect("the miniature wrote ids");
        let asked: Vec<String> = told.lines().map(str::to_owned).collect();
        (output.status.code(), asked, text(output.stdout))
    };

    let (first, last) = ("footer/v64", "footer/v64-tar-split-above-limit");
    late(last);
    let (_, order, _) = asked("first", "0", &["--jobs", "1", "--only", CASES]);
    assert_eq!(
        order.iter().map(String::as_str).take(2).collect::<Vec<_>>(),
        [last, first]
    );
    // The first thing that is not as expected is found soonest in the order of the set.
    let (_, order, _) = asked("fail-fast", "0", &["--jobs", "1", "--fail-fast", "--only", CASES]);
    assert_eq!(order.first().map(String::as_str), Some(first));

    // So many that never answer are no reason to give up one of which that is expected.
    late("footer/*");
    // Time enough for Python to start beside five others that burn.
    let many = ["--only", "footer/v64-toc-*", "--jobs", "6", "--timeout", "2"];
    let (code, mut order, report) = asked("once", "60", &many);
    let all = order.len();
    order.sort_unstable();
    order.dedup();
    assert!(all > 10 && order.len() == all, "{order:?}: {report}");
    assert_eq!(code, Some(0), "{report}");
}

/// Memory counts wherever it is taken, and a process that left its group and its session is not left behind.
#[cfg(target_os = "linux")]
#[test]
fn a_process_that_leaves_its_group_still_counts() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("pid");
    let fixed = [
        "run",
        "--only",
        CASES,
        "--jobs",
        "1",
        "--timeout",
        "60",
        "--memory",
        "400MiB",
        "--impl",
    ];
    let eats = chunkproof(&[&fixed[..], &["python3 escapes.py eat"]].concat());
    let report = text(eats.stdout);
    assert!(report.contains("out-of-memory footer/v64-toc-minus-8"), "{report}");
    assert_eq!(eats.status.code(), Some(1));
    let stays = format!("python3 escapes.py stay '{}'", file.display());
    let stays = chunkproof(&[&fixed[..], &[&stays]].concat());
    assert_eq!(stays.status.code(), Some(0), "{}", text(stays.stdout));
    let pid = fs::read_to_string(&file).expect("the miniature wrote a number");
    assert!(ends(&pid), "{pid} is left");
}

/// A runner that is killed takes with it what it started, also what left its group, and its folders.
#[cfg(target_os = "linux")]
#[test]
fn nothing_is_left_of_a_runner_that_is_killed() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("pids");
    let adapter = format!("python3 lasts.py '{}'", file.display());
    let mut runner = command(&["run", "--impl", &adapter, "--only", "footer/v64", "--timeout", "600"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let start = Instant::now();
    let told = loop {
        match fs::read_to_string(&file) {
            Ok(told) => break told,
            Err(_) => assert!(start.elapsed().as_secs() < 60, "the miniature wrote nothing"),
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    runner.kill().expect("it runs");
    runner.wait().expect("it ends");
    let [own, other, scratch] = told.split(' ').collect::<Vec<_>>()[..] else {
        panic!("{told}")
    };
    assert!(ends(own) && ends(other), "{told}");
    let start = Instant::now();
    while fs::exists(scratch).expect("a folder") {
        assert!(start.elapsed().as_secs() < 10, "{scratch} is left");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Whether a process that was killed is gone soon, or a zombie that nobody has collected yet.
fn ends(pid: &str) -> bool {
    let start = Instant::now();
    while start.elapsed().as_secs() < 10 {
        let status = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        if status.is_empty() || status.contains(") Z ") {
            return true;
        }
        std::thread::yield_now();
    }
    false
}
