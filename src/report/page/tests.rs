//! How large a page gets, and how soon it shows something.

use std::{path::PathBuf, process::Command};

use super::{Column, Page, column::Found};
use crate::{judge::Outcome, vectors::Set};

/// Most bytes of a page of 3,000 cases and 150 columns.
const MOST: usize = 15 << 20;

/// Most milliseconds to its first result.
const SOON: u32 = 1000;

/// A page of 3,000 cases and 150 columns: a failure in eight, each with a reason, and every third column with its answers.
fn large() -> String {
    let set = Set::embedded().unwrap();
    let mut columns: Vec<Column> = (0..150)
        .map(|number| Column::new(&format!("implementation-{number}"), "v1.2.3", "rust"))
        .collect();
    for (number, column) in columns.iter_mut().enumerate() {
        for case in 0..3000 {
            let outcome = match case {
                _ if (case + number) % 8 == 0 => Outcome::WrongOutput,
                _ if case % 5 == 0 => Outcome::Strict,
                _ => Outcome::Pass,
            };
            let failed = outcome.is_failure();
            column.push(outcome, failed.then(|| format!("reason {} of {number}", case % 40)));
            if failed && number % 3 == 0 {
                let difference = format!("/entries/{case}/name: \"a{number}\", expected \"b\"");
                column.tell(Found {
                    actual: vec!["accept, with a wrong output:".to_owned(), difference],
                    stderr: "Traceback (most recent call last):\n".repeat(5),
                    repeat: format!("chunkproof run --adapter implementation-{number}@v1.2.3 --only case-{case}"),
                });
            }
        }
    }
    let page = Page {
        set: &set,
        cases: (0..3000).collect(),
        title: "Kept results",
        columns,
    };
    page.html().unwrap()
}

/// Chromium, where it is installed.
fn chromium() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .flat_map(|folder| ["chromium", "chromium-browser", "google-chrome"].map(|name| folder.join(name)))
        .find(|program| program.is_file())
}

#[test]
fn a_large_page_is_small_and_fast_enough() {
    let page = large();
    assert!(page.len() <= MOST, "{} bytes", page.len());
    let Some(chromium) = chromium() else {
        eprintln!("the time was not measured: Chromium is not installed");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.html");
    std::fs::write(&file, &page).unwrap();
    // Other programs may keep the machine busy, so that the best of a few counts.
    let best = (0..8).filter_map(|number| {
        let output = Command::new(&chromium)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--dump-dom",
            ])
            .arg(format!(
                "--user-data-dir={}",
                folder.path().join(number.to_string()).display()
            ))
            .arg(format!("file://{}", file.display()))
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let ready = text.split("data-ready=\"").nth(1)?.split('"').next()?;
        ready.parse::<u32>().ok()
    });
    let times: Vec<u32> = best.collect();
    eprintln!("{} bytes, first result after {times:?} ms", page.len());
    assert!(times.iter().any(|time| *time <= SOON), "{times:?}");
}
