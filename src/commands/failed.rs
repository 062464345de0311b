//! The cases that `chunkproof run --failed` repeats.

use std::{collections::BTreeSet, path::PathBuf};

use super::{Exit, Failure, ci::note};
use crate::{
    judge::{Deviation, Expectations},
    results::KeptResults,
    vectors::{CaseId, Choice, Expect, Set, SetEntry, Tombstone},
};

/// Of the selected cases those that are not as expected in these files, with the other cases of their choices, without which
/// nothing could conflict. Twins are asked in any case.
pub(super) fn among(
    files: &[PathBuf],
    expectations: &Expectations,
    set: &Set,
    selected: &[usize],
) -> Result<Vec<usize>, Failure> {
    let mut known: BTreeSet<CaseId> = BTreeSet::new();
    let mut failed: BTreeSet<CaseId> = BTreeSet::new();
    for path in files {
        let KeptResults { file, results } = KeptResults::read(path).map_err(Failure::unusable)?;
        let file = file.display();
        if results.incomplete {
            note(&format!("{file}: results are missing, since the run ended early"));
        }
        for (case, outcome) in results.results {
            let deviation = expectations.deviation(&case, outcome);
            let is_off = matches!(deviation, Deviation::Unexpected | Deviation::Missing(_));
            let is_there = set.find(&case).is_some();
            let retired = Tombstone::of(&case).filter(|_| !is_there);
            match retired {
                Some(retired) => {
                    note(&format!("{file}: {retired}"));
                    failed.extend(retired.replaced_by.clone().filter(|_| is_off));
                }
                None if !is_there && is_off => {
                    note(&format!("{file}: {case} is not a case of this set and is not repeated"));
                }
                None if is_off => {
                    failed.insert(case.clone());
                }
                None => {}
            }
            known.insert(case);
        }
    }
    if failed.is_empty() {
        let message = "every result in the files of --failed is as expected: there is nothing to repeat";
        return Err(Failure::Message(Exit::Nothing, message.to_owned()));
    }
    let choices: BTreeSet<Choice> = failed.iter().filter_map(|case| choice(set.find(case)?)).collect();
    let is_repeated = |index: &&usize| {
        set.entries().get(**index).is_some_and(|entry| {
            let is_of_choice = choice(entry).is_some_and(|choice| choices.contains(&choice));
            failed.contains(&entry.case.id) || (is_of_choice && known.contains(&entry.case.id))
        })
    };
    let repeated: Vec<usize> = selected.iter().filter(is_repeated).copied().collect();
    if repeated.is_empty() {
        let message = "no selected case is one that is to be repeated";
        return Err(Failure::Message(Exit::Nothing, message.to_owned()));
    }
    Ok(repeated)
}

const fn choice(entry: &SetEntry) -> Option<Choice> {
    match entry.case.expect {
        Expect::Either { choice, .. } => Some(choice),
        Expect::Valid { .. } | Expect::Invalid => None,
    }
}
