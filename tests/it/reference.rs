//! The reference answers every case as the case expects.

use std::{collections::BTreeMap, fs, path::Path};

use chunkproof::{
    format::{
        Digest, Finding, Findings,
        layer::{self, Source},
    },
    judge::{
        ReadBack, read_back,
        reference::{Answer, answer, verify},
    },
    rules::{Level, Rule},
    vectors::{
        Case, CaseFile, Choice, Expect, Op,
        ops::{Input as _, Operation, ReconstructInput, Task},
    },
};
use serde_json::Value;

fn vectors() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors")
}

fn cases(op: Op) -> Vec<Case<Value, Value>> {
    let bytes = fs::read(vectors().join(format!("{}.json", op.file_stem()))).unwrap();
    serde_json::from_slice::<CaseFile<Value, Value>>(&bytes).unwrap().cases
}

fn wire(op: Op, input: Value) -> Value {
    struct Wire(Value);

    impl Task for Wire {
        type Done = Value;

        fn on<O: Operation>(self) -> Value {
            let blob = |name: &str| fs::read(vectors().join("blobs").join(name)).ok();
            let input: O::Input = serde_json::from_value(self.0).unwrap();
            serde_json::to_value(input.for_wire(&blob).unwrap()).unwrap()
        }
    }

    op.with(Wire(input))
}

/// What is wrong with the reference's answer to a case, if anything.
fn complaint(op: Op, case: &Case<Value, Value>) -> Option<String> {
    let input = wire(op, case.input.clone());
    let mut given = answer(op, input.clone(), &[]).unwrap();
    if let Answer::Accept(output) = &mut given
        && let Some(ReadBack { tar, complaints }) = read_back(op, &input, output).unwrap()
    {
        if !complaints.is_empty() {
            return Some(format!("makes what does not hold: {complaints:?}"));
        }
        *output = serde_json::to_value(tar).unwrap();
    }
    match (&case.expect, &given) {
        (Expect::Valid { output }, Answer::Accept(ours)) if ours == output => None,
        (Expect::Invalid, Answer::Decline(finding)) if finding.rule == case.rules[0] => None,
        (Expect::Invalid, Answer::Reject(findings)) => {
            let first = findings.first().map(|finding| finding.rule);
            if first != Some(case.rules[0]) {
                return Some(format!("names {findings:?} first, expected {}", case.rules[0]));
            }
            let stray = findings.iter().find(|finding| !case.rules.contains(&finding.rule))?;
            Some(format!("names {stray}, which the case does not"))
        }
        (Expect::Either { choice, output, .. }, given) => match given {
            Answer::Accept(ours) if ours == output && choice.is_accepted_by_the_reference() => None,
            // A footer that differs can break rules of its own, which the case names beside the first.
            Answer::Reject(findings) if *choice == Choice("footer-compared") => {
                let first = findings.first().map(|finding| finding.rule);
                let named = first.is_some_and(|first| case.rules.contains(&first));
                (!named).then(|| format!("names {findings:?} first, expected one of {:?}", case.rules))
            }
            Answer::Reject(findings) if !choice.is_accepted_by_the_reference() => {
                let first = findings.first().map(|finding| finding.rule);
                (first != Some(case.rules[0])).then(|| format!("names {findings:?} first, expected {}", case.rules[0]))
            }
            _ => Some(format!("answers {given:?} for the choice {}", choice.id())),
        },
        _ => Some(format!("answers {given:?}, expected {:?}", case.expect)),
    }
}

#[test]
fn every_case_is_answered_as_it_expects() {
    let mut complaints = Vec::new();
    let mut count = 0;
    for &op in Op::ALL {
        for case in cases(op) {
            count += 1;
            if let Some(complaint) = complaint(op, &case) {
                complaints.push(format!("{}: {complaint}", case.id));
            }
        }
    }
    assert!(complaints.is_empty(), "of {count} cases:\n{}", complaints.join("\n"));
    assert!(count >= 150);
}

/// `verify` sees the whole blob, so it may refuse more than a reader of ranges, but never less.
#[test]
fn verify_agrees_with_reconstruct() {
    let cases = cases(Op::LayerReconstruct);
    let is_compared = |case: &Case<Value, Value>| {
        matches!(
            case.expect,
            Expect::Either {
                choice: Choice("plain-compared"),
                ..
            }
        )
    };
    assert!(cases.iter().any(is_compared));
    cases.iter().for_each(check_verify);
}

/// Checks what `verify` finds in the layer of a case.
fn check_verify(case: &Case<Value, Value>) {
    let input = wire(Op::LayerReconstruct, case.input.clone());
    let findings = verified(Op::LayerReconstruct, &input, &[]);
    let rules: Vec<Rule> = findings.iter().map(|finding| finding.rule).collect();
    match &case.expect {
        Expect::Valid { output } => {
            assert_eq!(rules, [], "{}", case.id);
            check_diff_id(case, &input, output);
        }
        Expect::Either {
            choice: Choice("plain-compared"),
            ..
        } => {
            assert!(rules.contains(&case.rules[0]), "{}: {rules:?}", case.id);
        }
        Expect::Either {
            choice: Choice("footer-compared"),
            ..
        } => {
            let named = case.rules.iter().any(|rule| rules.contains(rule));
            assert!(named || rules.contains(&Rule::FooterMagic), "{}: {rules:?}", case.id);
            // A blob that does not end with a footer is the cause of what else its last frames are not.
            let last = [Rule::FramesLast, Rule::FooterFrame];
            assert!(
                case.rules[0] != Rule::FramesLast || last.iter().any(|rule| rules.contains(rule)),
                "{}: {rules:?}",
                case.id
            );
        }
        Expect::Either { .. } => {}
        // What only a rebuilt tar needs, `verify` does not ask for.
        Expect::Invalid if case.rules == [Rule::NoTarSplit] => assert_eq!(rules, [], "{}", case.id),
        Expect::Invalid if case.rules[0] == Rule::NoTarSplit => {}
        // A footer with other positions shows why no frame is where the annotations say.
        Expect::Invalid if case.rules.contains(&Rule::PositionFrame) && rules.contains(&Rule::FooterAgrees) => {}
        Expect::Invalid => assert!(
            case.rules.iter().any(|rule| rules.contains(rule)),
            "{}: {rules:?}, expected one of {:?}",
            case.id,
            case.rules
        ),
    }
}

/// Switching off the verdict of a rule is noticed by a case that names it first: the reference answers something else, or
/// `verify` finds something else.
#[test]
fn every_check_is_noticed() {
    let inputs = inputs_by_rule();
    let unnoticed: Vec<Rule> = checks().filter(|&rule| !is_noticed(rule, &inputs)).collect();
    assert_eq!(unnoticed, []);
}

/// Inputs of cases by the rule that they are about, without those that cost much.
fn inputs_by_rule() -> BTreeMap<Rule, Vec<(Op, Value)>> {
    let mut inputs: BTreeMap<Rule, Vec<(Op, Value)>> = BTreeMap::new();
    for &op in Op::ALL {
        for case in cases(op).into_iter().filter(|case| case.limits.is_none()) {
            inputs
                .entry(case.rules[0])
                .or_default()
                .push((op, wire(op, case.input)));
        }
    }
    inputs
}

/// The rules whose verdict can be switched off. What a reader may accept, the reference accepts: there is no check.
fn checks() -> impl Iterator<Item = Rule> {
    let checks = Rule::ALL
        .iter()
        .filter(|rule| !rule.is_guard() && rule.level() != Level::May);
    checks.copied()
}

fn is_noticed(rule: Rule, inputs: &BTreeMap<Rule, Vec<(Op, Value)>>) -> bool {
    inputs.get(&rule).into_iter().flatten().any(|(op, input)| {
        let says = |skipped: &[Rule]| {
            (
                answer(*op, input.clone(), skipped).unwrap(),
                verified(*op, input, skipped),
            )
        };
        says(&[]) != says(&[rule])
    })
}

/// The tar of a valid case is what its DiffID names, and no other DiffID names it.
fn check_diff_id(case: &Case<Value, Value>, input: &Value, output: &Value) {
    let input: ReconstructInput = serde_json::from_value(input.clone()).unwrap();
    let blob = input.blob.decode(&|_| None).unwrap();
    let blob = blob.as_slice();
    let right = format!("sha256:{}", output["sha256"].as_str().unwrap());
    for (diff_id, expected) in [
        (right.parse().unwrap(), &[][..]),
        (Digest::of(b"another tar"), &[Rule::DiffId]),
    ] {
        let mut source = Source::new(&blob, Some(&input.annotations));
        source.diff_id = Some(diff_id);
        let mut findings = Findings::new();
        drop(layer::verify(&source, &mut findings).unwrap());
        let rules: Vec<Rule> = findings.list().iter().map(|finding| finding.rule).collect();
        assert_eq!(rules, expected, "verify: {}", case.id);
        let mut findings = Findings::new();
        layer::reconstruct(&source, &mut findings, &mut std::io::sink()).unwrap();
        let rules: Vec<Rule> = findings.list().iter().map(|finding| finding.rule).collect();
        assert_eq!(rules, expected, "reconstruct: {}", case.id);
    }
}

/// What `verify` finds in a whole layer.
fn verified(op: Op, input: &Value, skipped: &[Rule]) -> Vec<Finding> {
    verify(op, input, skipped).unwrap()
}

/// The reference rejects where the level of the rule says so.
#[test]
fn an_invalid_case_breaks_a_rule_that_binds() {
    for &op in Op::ALL {
        for case in cases(op) {
            if case.expect == Expect::Invalid {
                assert!(case.rules.iter().any(|rule| rule.level() == Level::Must), "{}", case.id);
            }
        }
    }
}
