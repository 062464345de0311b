//! What a hunt found.

use serde_json::{Value, json};

use super::{
    aligned::{Cell, aligned},
    style::{BOLD, DIM, ERROR, GOOD, NOTICE},
};
use crate::{
    hunt::{Disagreement, Report, Verdict},
    outside::Outside,
    vectors::CaseId,
};

/// The table of distinct disagreements: those that no case shows first, then by how many inputs showed them.
pub fn hunted(report: &Report, files: &[Option<String>]) -> String {
    let ops: Vec<&str> = report.ops.iter().map(|op| op.name()).collect();
    let mut text = format!(
        "{} cases and {} mutated inputs of {}, seed {}\n",
        report.cases,
        report.runs,
        ops.join(", "),
        report.seed
    );
    if report.disagreements.is_empty() {
        return text + "no disagreement\n";
    }
    let mut head = vec![
        Cell::new(BOLD, "inputs"),
        Cell::new(BOLD, "operation"),
        Cell::new(BOLD, "rule"),
    ];
    head.extend(report.implementations.iter().map(|name| Cell::new(BOLD, name)));
    head.extend([Cell::new(BOLD, "differs at"), Cell::new(BOLD, "shown by")]);
    let mut rows = vec![head];
    for (disagreement, file) in ordered(report, files) {
        let group = &disagreement.group;
        let mut row = vec![
            Cell::new(DIM, disagreement.count.to_string()),
            Cell::new(DIM, group.op.name()),
            Cell::new(BOLD, &group.rule),
        ];
        row.extend(
            group
                .answers
                .iter()
                .map(|verdict| Cell::new(style(verdict), verdict.to_string())),
        );
        let failure = Outside::sentence(&group.failure).to_string();
        let told = [group.place.as_str(), &group.detail, &failure];
        row.push(Cell::new(DIM, told.join(" ").trim()));
        row.push(match (&disagreement.known, file) {
            (Some(case), _) => Cell::new(DIM, case.as_str()),
            (None, _) if !disagreement.composed.is_empty() => Cell::new(DIM, together(disagreement)),
            (None, _) if disagreement.seen.is_some() => {
                let file = disagreement.seen.as_deref().unwrap_or_default();
                Cell::new(DIM, format!("seen in {}", Outside::word(file)))
            }
            (None, Some(file)) => Cell::new(ERROR, format!("no case; {file}")),
            (None, None) => Cell::new(ERROR, format!("no case; from {}", disagreement.example.from)),
        });
        rows.push(row);
    }
    text += &aligned(&rows, Some(0));
    let count = |is: &dyn Fn(&Disagreement) -> bool| report.disagreements.iter().filter(|found| is(found)).count();
    let new = count(&|found| !found.is_shown());
    let seen = count(&|found| !found.is_shown() && found.seen.is_some());
    let seen = match seen {
        0 => String::new(),
        seen => format!(", {seen} of these seen in an earlier hunt"),
    };
    let all = report.disagreements.len();
    let plural = if all == 1 { "" } else { "s" };
    text + &format!("{all} distinct disagreement{plural}, {new} of which no case shows{seen}\n")
}

fn ordered<'a>(report: &'a Report, files: &'a [Option<String>]) -> Vec<(&'a Disagreement, Option<&'a String>)> {
    let files = files.iter().map(Option::as_ref).chain(std::iter::repeat(None));
    let mut all: Vec<_> = report.disagreements.iter().zip(files).collect();
    all.sort_by_key(|(disagreement, _)| {
        let known = (disagreement.is_shown(), disagreement.seen.is_some());
        (known, std::cmp::Reverse(disagreement.count))
    });
    all
}

/// The cases that show a disagreement together.
fn together(disagreement: &Disagreement) -> String {
    let cases: Vec<&str> = disagreement.composed.iter().map(CaseId::as_str).collect();
    cases.join(" + ")
}

fn style(verdict: &Verdict) -> anstyle::Style {
    match verdict {
        Verdict::Accept(_) => GOOD,
        Verdict::Refuse => NOTICE,
        Verdict::NotCompared => DIM,
        Verdict::Unsound
        | Verdict::DeclaredUnsupported
        | Verdict::Flaky
        | Verdict::Crash
        | Verdict::Timeout
        | Verdict::OutOfMemory
        | Verdict::ProtocolError => ERROR,
    }
}

/// The same for machines, with the inputs.
pub fn hunted_json(report: &Report, files: &[Option<String>]) -> Value {
    let disagreements: Vec<Value> = ordered(report, files)
        .into_iter()
        .map(|(disagreement, file)| {
            let group = &disagreement.group;
            let answers: Vec<String> = group.answers.iter().map(Verdict::to_string).collect();
            json!({
                "op": group.op,
                "rule": group.rule,
                "answers": answers,
                "differs_at": group.place,
                "detail": group.detail,
                "failure": group.failure,
                "inputs": disagreement.count,
                "case": disagreement.known,
                "composed": disagreement.composed,
                "seen": disagreement.seen,
                "candidate": file,
                "from": disagreement.example.from,
                "run": disagreement.example.run.map(|run| run.to_string()),
                "input": crate::hunt::candidates::readable(group.op, &disagreement.example.input),
            })
        })
        .collect();
    json!({
        "implementations": report.implementations,
        "ops": report.ops,
        "seed": report.seed.to_string(),
        "cases": report.cases,
        "runs": report.runs,
        "disagreements": disagreements,
    })
}
