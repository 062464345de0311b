//! The tables of chapter 18 agree with the cases and with the reference.

use std::collections::BTreeSet;

use chunkproof::{
    judge::{
        reference::{Answer, answer},
        scope::{Class, Tested, tested},
    },
    rules::Rule,
    vectors::{
        Choice, Op, Set,
        tables::{bind_writers, fill, rules_of},
    },
};

use super::{sections, spec};

#[test]
fn the_tables_are_those_of_the_cases() {
    let (spec, set) = (spec(), Set::embedded().unwrap());
    assert!(
        fill(&spec, &set).unwrap() == spec,
        "`chunkproof generate` makes other tables"
    );
}

#[test]
fn an_operation_checks_the_rules_that_its_cases_break() {
    for entry in Set::embedded().unwrap().entries() {
        let rule = *entry.case.rules.first().unwrap();
        assert!(
            entry.case.expect.verdict() == "valid" || entry.op.rules().contains(&rule),
            "{} is about {rule}, which {} does not check by src/vectors/scope.rs",
            entry.case.id,
            entry.op
        );
    }
}

#[test]
fn an_operation_checks_the_rules_that_the_reference_reports_in_it() {
    let set = Set::embedded().unwrap();
    let mut reported = BTreeSet::new();
    // Those with limits of their own cost much and report nothing new.
    for entry in set.entries().iter().filter(|entry| entry.case.limits.is_none()) {
        let findings = match answer(entry.op, set.wire_input(entry).unwrap(), &[]).unwrap() {
            Answer::Accept(_) => continue,
            Answer::Reject(findings) => findings,
            Answer::Decline(finding) => vec![finding],
        };
        for finding in findings {
            assert!(
                entry.op.rules().contains(&finding.rule),
                "{}: {} reports {}, which it does not check by src/vectors/scope.rs",
                entry.case.id,
                entry.op,
                finding.rule
            );
            reported.insert(finding.rule);
        }
    }
    assert!(reported.len() > 80, "only {} rules are ever reported", reported.len());
}

#[test]
fn what_an_operation_checks_is_tested() {
    let set = Set::embedded().unwrap();
    for &op in Op::ALL {
        for rule in op.rules() {
            assert_ne!(
                tested(&set, op, rule),
                Tested::Nowhere,
                "no case tests {rule} in {op} or a part of it"
            );
        }
    }
}

#[test]
fn every_rule_is_in_the_classes_that_it_binds() {
    let spec = spec();
    let writers = bind_writers(&spec);
    let readers: BTreeSet<Rule> = sections(&spec)
        .iter()
        .filter(|section| section.statement.contains("(reader"))
        .map(|section| section.id.parse().unwrap())
        .collect();
    assert!(!writers.is_empty() && !readers.is_empty());
    let classes = |class: &Class| class.rules(&writers);
    let of_readers: BTreeSet<Rule> = Class::ALL
        .iter()
        .filter(|&&class| class != Class::Writer)
        .flat_map(classes)
        .collect();
    let missing: Vec<&Rule> = readers.difference(&of_readers).collect();
    assert!(missing.is_empty(), "no class of readers has {missing:?}");
    let stray: Vec<&Rule> = of_readers.difference(&readers).collect();
    assert!(stray.is_empty(), "{stray:?} do not bind readers");
    for &rule in Rule::ALL {
        assert!(
            readers.contains(&rule) || writers.contains(&rule),
            "{rule} binds nobody"
        );
    }
    for &op in Op::ALL {
        assert!(
            Class::ALL.iter().any(|class| class.operations().contains(&op)),
            "{op} tests no class"
        );
    }
}

#[test]
fn every_choice_has_a_rule_that_mentions_it() {
    let set = Set::embedded().unwrap();
    let sections = sections(&spec());
    let mut missing = Vec::new();
    for &choice in Choice::ALL {
        let rules = rules_of(&set, choice);
        assert!(!rules.is_empty(), "no case is about {}", choice.id());
        let name = format!("`{}`", choice.id());
        let mentions = |rule: &Rule| {
            let of_rule = sections.iter().filter(|section| section.id == rule.id());
            of_rule.into_iter().any(|section| section.explanation.contains(&name))
        };
        if !rules.iter().any(mentions) {
            missing.push(format!("no section of {rules:?} mentions {name}"));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
