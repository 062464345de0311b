//! Parts of a run that run apart, and the results of all of them as those of one run.

use std::{collections::BTreeMap, fmt, path::PathBuf, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{KeptResults, Results, set_digest};
use crate::vectors::{Declared, Expect, Set, SetEntry};

/// Most parts of a run. There are more cases than this.
const MOST: u32 = 1000;

/// One of the parts into which a run is cut.
///
/// A case is in the part that the digest of its id names, whatever else is selected or in the set. All cases of a choice are in one
/// part, by the choice, so that each part notices by itself that a choice is decided in two ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// From 1.
    number: u32,
    of: u32,
}

impl Shard {
    /// Whether the case is in this part.
    pub fn has(self, entry: &SetEntry) -> bool {
        let name = match entry.case.expect {
            Expect::Either { choice, .. } => choice.id(),
            Expect::Valid { .. } | Expect::Invalid => entry.case.id.as_str(),
        };
        let digest = Sha256::digest(name);
        let number = digest
            .iter()
            .take(8)
            .fold(0, |number, &byte| (number << 8) | u64::from(byte));
        number % u64::from(self.of) + 1 == u64::from(self.number)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text.split_once('/').map(|(number, of)| (number.parse(), of.parse()));
        match numbers {
            Some((Ok(number), Ok(of))) if is_part(number, of) => Ok(Self { number, of }),
            _ => Err(format!(
                "expected a part and the number of parts, such as 1/3, of at most {MOST}"
            )),
        }
    }
}

const fn is_part(number: u32, of: u32) -> bool {
    1 <= number && number <= of && of <= MOST
}

/// Which part of a run results are, and what the whole run is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunShard {
    /// The number of the part, from 1.
    pub number: u32,
    /// How many parts there are.
    pub of: u32,
    /// What `set` is of the whole run.
    #[schemars(regex(pattern = r"^sha256:[0-9a-f]{64}$"))]
    pub set: String,
    /// What `asked` is of the whole run.
    #[schemars(regex(pattern = r"^sha256:[0-9a-f]{64}$"))]
    pub asked: String,
}

impl RunShard {
    /// Whether there is such a part.
    pub(super) const fn is_one(&self) -> bool {
        is_part(self.number, self.of)
    }

    /// The part of a run in which these cases of the set are selected, with an implementation of these operations.
    pub fn of_run(shard: Shard, set: &Set, selected: &[usize], ops: &Declared) -> Self {
        let is_asked = |index: &usize| {
            let entry = set.entries().get(*index);
            entry.is_some_and(|SetEntry { op, case }| ops.has(*op, &case.dialects))
        };
        Self {
            number: shard.number,
            of: shard.of,
            set: set_digest(set, selected.iter().copied()).to_string(),
            asked: set_digest(set, selected.iter().copied().filter(is_asked)).to_string(),
        }
    }
}

/// The results of one run, made of those of all its parts.
///
/// # Errors
///
/// What keeps these files from being the parts of one run, in a sentence that names a file.
pub fn merge(parts: Vec<KeptResults>) -> Result<Results, String> {
    let mut seen: BTreeMap<u32, PathBuf> = BTreeMap::new();
    let mut first: Option<(PathBuf, RunShard)> = None;
    let mut merged: Option<Results> = None;
    for KeptResults { file, mut results } in parts {
        let name = file.display();
        let Some(part) = results.shard.take() else {
            return Err(format!(
                "{name}: these results are of a whole run, expected a part of one (run --shard)"
            ));
        };
        if results.incomplete {
            return Err(format!(
                "{name}: results are missing, since the run ended early; run this part again"
            ));
        }
        if let Some(other) = seen.insert(part.number, file.clone()) {
            let (number, of, other) = (part.number, part.of, other.display());
            return Err(format!("{name}: this is part {number} of {of}, as {other} is"));
        }
        let Some(whole) = &mut merged else {
            first = Some((file, part));
            merged = Some(results);
            continue;
        };
        if let Some((first, same)) = &first {
            differs(whole, same, &results, &part).map_or(Ok(()), |what| {
                Err(format!("{name}: {what} differs from that in {}", first.display()))
            })?;
        }
        for (case, outcome) in results.results {
            if whole.results.insert(case.clone(), outcome).is_some() {
                return Err(format!("{name}: the result of {case} is in another part as well"));
            }
        }
        whole.choices.extend(results.choices);
    }
    let (Some((file, part)), Some(mut whole)) = (first, merged) else {
        return Err("no results are given".to_owned());
    };
    let missing: Vec<String> = (1..=part.of)
        .filter(|number| !seen.contains_key(number))
        .map(|number| format!("{number}/{}", part.of))
        .collect();
    if !missing.is_empty() {
        return Err(format!(
            "{}: the run has {} parts, and these are missing: {}",
            file.display(),
            part.of,
            missing.join(", ")
        ));
    }
    (whole.set, whole.asked) = (part.set, part.asked);
    Ok(whole)
}

/// What differs between two parts, of what is the same in all parts of a run.
fn differs(a: &Results, part_a: &RunShard, b: &Results, part_b: &RunShard) -> Option<&'static str> {
    let compared = [
        ("the name of the implementation", a.name == b.name),
        ("the version of the implementation", a.version == b.version),
        ("the language of the implementation", a.language == b.language),
        ("what the implementation declares", a.ops == b.ops && a.lacks == b.lacks),
        ("the number of parts", part_a.of == part_b.of),
        (
            "the set of cases of the whole run",
            part_a.set == part_b.set && part_a.asked == part_b.asked,
        ),
    ];
    compared.iter().find(|(_, is_same)| !is_same).map(|(what, _)| *what)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::Shard;
    use crate::vectors::{Expect, Set};

    #[test]
    fn each_case_is_in_one_part_and_a_choice_is_not_torn() {
        let set = Set::embedded().unwrap();
        for of in [1, 2, 3, 5] {
            let shards: Vec<Shard> = (1..=of).map(|number| Shard { number, of }).collect();
            let mut sizes = BTreeMap::new();
            let mut of_choice = BTreeMap::new();
            for entry in set.entries() {
                let mut own = shards.iter().filter(|shard| shard.has(entry));
                let number = own.next().unwrap().number;
                assert!(own.next().is_none());
                *sizes.entry(number).or_insert(0_usize) += 1;
                if let Expect::Either { choice, .. } = entry.case.expect {
                    assert_eq!(*of_choice.entry(choice).or_insert(number), number, "{choice}");
                }
            }
            let mean = set.entries().len() / usize::try_from(of).unwrap();
            assert!(
                sizes.len() == usize::try_from(of).unwrap()
                    && sizes.values().all(|size| size.abs_diff(mean) * 4 < mean),
                "{sizes:?}"
            );
        }
        // Files of results of other releases are merged with ours: a case stays in its part.
        let part = |id: &str, of| {
            let entry = set.find(&id.parse().unwrap()).unwrap();
            (1..=of).find(|&number| Shard { number, of }.has(entry)).unwrap()
        };
        assert_eq!((part("footer/v64", 3), part("footer/v64-toc-above-limit", 3)), (2, 3));
    }

    #[test]
    fn parts_are_read_strictly() {
        for (text, is_right) in [
            ("1/1", true),
            ("3/3", true),
            ("1/1000", true),
            ("0/3", false),
            ("4/3", false),
            ("1/1001", false),
            ("1", false),
            ("/3", false),
            ("-1/3", false),
            ("1/3/5", false),
        ] {
            assert_eq!(text.parse::<Shard>().is_ok(), is_right, "{text}");
        }
    }
}
