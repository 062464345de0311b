//! Cases as data: any bytes as a TOML file of cases, whose twins are those of the set.
//!
//! What is read makes cases that can be asked, each invalid one with an accepted twin of which it differs, twice the same ones; the
//! reference answers them. What is not read is refused in one line.

use std::{path::Path, sync::LazyLock};

use crate::{
    cases::given::Given,
    vectors::{Expect, Set, SetEntry},
};

/// Twins of each kind, and no more: the set is put together anew for each file.
static SET: LazyLock<Option<Set>> = LazyLock::new(|| {
    let keep = |entry: &&SetEntry| TWINS.contains(&entry.case.id.as_str());
    Set::embedded().ok()?.keeping(keep).ok()
});

/// Their ids.
const TWINS: &[&str] = &[
    "annotations/g2",
    "annotations/g5",
    "assemble/two-files",
    "estargz-footer/v51",
    "estargz-toc/indented",
    "footer/v40",
    "footer/v64",
    "index/g2-owner",
    "reconstruct/g5",
    "tarsplit/simple",
    "toc/chunked",
    "toc/g5",
];

/// The name of the file, in a folder that has no registers.
const PATH: &str = "cases.toml";

/// Runs the fuzz target.
///
/// # Panics
///
/// On a disagreement, which is a finding for the fuzzer.
#[expect(clippy::panic, reason = "a panic is how a fuzz target reports a finding")]
pub fn run(bytes: &[u8]) {
    let (Ok(text), Some(set)) = (std::str::from_utf8(bytes), SET.as_ref()) else {
        return;
    };
    let given = match Given::parse(Path::new(PATH), text.to_owned(), set) {
        Ok(given) => given,
        Err(sentence) => {
            if sentence.is_empty() || sentence.contains('\n') {
                panic!("{text:?} is refused with {sentence:?}");
            }
            return;
        }
    };
    let asked = |id| {
        let entry = given.set.find(id)?;
        Some((entry, given.set.wire_input(entry).ok()?))
    };
    for id in &given.ids {
        let Some((entry, input)) = asked(id) else {
            panic!("{text:?}: {id} cannot be asked");
        };
        if entry.case.expect != Expect::Invalid {
            continue;
        }
        match entry.case.twin.as_ref().and_then(asked) {
            Some((twin, of_twin)) if twin.case.expect != Expect::Invalid && of_twin != input => {}
            _ => panic!("{text:?}: {id} has no twin of which it differs"),
        }
    }
    match Given::parse(Path::new(PATH), text.to_owned(), set) {
        Ok(again) if again.ids == given.ids => {}
        _ => panic!("{text:?} gives other cases the second time"),
    }
    if let Err(sentence) = given.check(&given.ids) {
        panic!("{text:?}: the reference cannot answer: {sentence}");
    }
}

#[cfg(test)]
mod tests {
    use super::{SET, TWINS};

    #[test]
    fn every_twin_is_in_the_set() {
        assert_eq!(SET.as_ref().unwrap().entries().len(), TWINS.len());
    }
}
