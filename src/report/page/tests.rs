//! How large a page gets.

use super::{Column, Page, column::Found};
use crate::{judge::Outcome, vectors::Set};

/// Most bytes of a page of 3,000 cases and 150 columns.
const MOST: usize = 15 << 20;

#[test]
fn a_page_of_3000_cases_and_150_columns_is_small_enough() {
    let set = Set::embedded().unwrap();
    let cases: Vec<usize> = (0..3000).collect();
    let mut columns: Vec<Column> = (0..150)
        .map(|number| Column::new(&format!("implementation-{number}"), "v1.2.3", "rust"))
        .collect();
    for (number, column) in columns.iter_mut().enumerate() {
        for case in 0..3000 {
            // A failure in eight, each with a reason, and every third column with its answers.
            let outcome = [Outcome::Pass, Outcome::Strict, Outcome::WrongOutput]
                [usize::from(case % 5 == 0) + usize::from((case + number) % 8 == 0)];
            let failed = outcome.is_failure();
            column.push(outcome, failed.then(|| format!("reason {} of {number}", case % 40)));
            if failed && number % 3 == 0 {
                column.tell(Found {
                    actual: vec![format!(
                        "accept, with a wrong output: /entries/{case}/name: \"a{number}\", expected \"b\""
                    )],
                    stderr: "Traceback (most recent call last):\n".repeat(5),
                    repeat: format!("chunkproof run --adapter implementation-{number}@v1.2.3 --only case-{case}"),
                });
            }
        }
    }
    let page = Page {
        set: &set,
        cases,
        title: "Kept results",
        columns,
    };
    let page = page.html().unwrap();
    if let Some(file) = std::env::var_os("CHUNKPROOF_LARGE_PAGE") {
        std::fs::write(file, &page).unwrap();
    }
    assert!(page.len() <= MOST, "{} bytes", page.len());
}
