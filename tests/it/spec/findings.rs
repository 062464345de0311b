//! `docs/findings.md` names cases that exist, and that the newest release of some implementation fails.

use std::{collections::BTreeMap, fs};

use chunkproof::{
    results::{Outcome, Stored, results_folders},
    vectors::{CaseId, Set},
};

use crate::support::root;

/// The ids in the second column of the tables. Those that are cut short, as in `-only` or `write/sparse-*`, are left out.
fn cases(findings: &str) -> Vec<CaseId> {
    let cells = findings
        .lines()
        .filter(|line| line.starts_with('|'))
        .filter_map(|line| line.split(" | ").nth(1));
    cells
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .filter_map(|id| id.parse().ok())
        .collect()
}

#[test]
fn every_case_in_the_findings_is_failed_by_a_newest_release() {
    let root = root();
    let set = Set::embedded().unwrap();
    let mut newest: BTreeMap<CaseId, Vec<Outcome>> = BTreeMap::new();
    for (_, folder) in results_folders(&root.join("adapters")).unwrap() {
        // Sorted from the newest on; variants of one release follow each other.
        let all = Stored::read_all(&[folder]).unwrap();
        let release = |stored: &Stored| stored.results.version.split('+').next().unwrap().to_owned();
        let first = all.first().map(release);
        for stored in all.iter().filter(|stored| Some(release(stored)) == first) {
            for (case, &outcome) in &stored.results.results {
                newest.entry(case.clone()).or_default().push(outcome);
            }
        }
    }
    let cases = cases(&fs::read_to_string(root.join("docs/findings.md")).unwrap());
    assert!(cases.len() > 30);
    let mut complaints = Vec::new();
    for case in cases {
        if set.find(&case).is_none() {
            complaints.push(format!("{case} is no case"));
        } else if let Some(outcomes) = newest.get(&case)
            && !outcomes.iter().any(|outcome| outcome.is_failure())
        {
            complaints.push(format!("no newest release fails {case}"));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
