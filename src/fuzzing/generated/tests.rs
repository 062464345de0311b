use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

use arbitrary::{Arbitrary as _, Unstructured};

use super::{Generated, check};
use crate::forge::{
    catalogue::{Change, rows},
    random::Random,
};

/// A little of what the fuzzer does. Every change has its turn, and every finding is listed.
#[test]
fn random_layers_hold() {
    let mut random = Random::new(0);
    let mut bytes = [0; 600];
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut problems = BTreeMap::new();
    for _ in 0..4000 {
        random.fill(&mut bytes);
        let generated = Generated::arbitrary(&mut Unstructured::new(&bytes)).unwrap();
        let result = catch_unwind(AssertUnwindSafe(|| check(&generated)));
        let form = if generated.estargz.is_some() {
            "estargz"
        } else {
            "chunked"
        };
        let name = match (&result, generated.refused()) {
            (Ok(()), Some(Ok(rule))) => format!("{form} {:?} {rule}", generated.change.map(|row| row.name)),
            (Ok(()), _) => format!("{form} valid"),
            (Err(_), _) => format!("{form} {:?} failed", generated.change.map(|row| row.name)),
        };
        if let Err(panic) = result {
            let text = panic.downcast_ref::<String>().cloned().unwrap_or_default();
            problems.entry(name.clone()).or_insert(text);
        }
        *seen.entry(name).or_default() += 1;
    }
    let text: Vec<String> = problems.values().cloned().collect();
    assert!(problems.is_empty(), "{}", text.join("\n"));
    assert!(seen["chunked valid"] > 1000 && seen["estargz valid"] > 300, "{seen:?}");
    assert!(seen.len() > 100, "{seen:?}");
}

/// The rule of each row of the catalogue is broken wherever the row changes something.
#[test]
fn every_row_breaks_its_rule() {
    let mut random = Random::new(1);
    let mut bytes = [0; 600];
    let (mut seen, mut problems) = (BTreeMap::new(), BTreeMap::new());
    for _ in 0..60 {
        for (number, row) in rows().enumerate() {
            if seen.get(row.name).is_some_and(|times| *times >= 8) {
                continue;
            }
            random.fill(&mut bytes);
            let is_gzipped = matches!(row.change, Change::Gzipped(_)) || random.ratio(1, 8);
            bytes[0] = if is_gzipped {
                bytes[0] | 0xc1
            } else {
                (bytes[0] & 0x3f) | 1
            };
            bytes[1..5].copy_from_slice(&u32::try_from(number).unwrap().to_le_bytes());
            let generated = Generated::arbitrary(&mut Unstructured::new(&bytes)).unwrap();
            match catch_unwind(AssertUnwindSafe(|| generated.refused())) {
                Ok(None) => {}
                Ok(Some(Ok(rule))) => {
                    assert_eq!(rule, row.rule);
                    *seen.entry(row.name).or_insert(0) += 1;
                }
                Ok(Some(Err(problem))) => drop(problems.insert(row.name, problem)),
                Err(_) => drop(problems.insert(row.name, "a panic".to_owned())),
            }
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
    let unseen: Vec<&str> = rows()
        .map(|row| row.name)
        .filter(|name| !seen.contains_key(name))
        .collect();
    assert!(unseen.is_empty(), "{unseen:?} change nothing");
}
