use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

use arbitrary::{Arbitrary as _, Unstructured};

use super::{Generated, check};
use crate::forge::random::Random;

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
            (Ok(()), Some(Ok(rule))) => format!("{form} {:?} {rule}", generated.change),
            (Ok(()), _) => format!("{form} valid"),
            (Err(_), _) => format!("{form} {:?} failed", generated.change),
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
