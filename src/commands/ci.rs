//! The options of `chunkproof run` for continuous integration.

use std::path::PathBuf;

use clap::ValueHint;

use super::{COMPLAINT, Failure, failed, output::print_to_stderr};
use crate::{
    judge::Expectations,
    outside::Outside,
    results::Shard,
    runner::{Implementation, Run, protocol::Hello},
    vectors::Set,
};

/// Which results count, and what becomes of them.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Continuous integration")]
pub(super) struct Options {
    /// Stop at the first result that is not as expected.
    ///
    /// Processes that are at work finish their case. The report and the results of --record are incomplete. A conflict between
    /// cases of a choice is found once all cases were asked.
    #[arg(long, conflicts_with = "keep")]
    pub(super) fail_fast: bool,
    /// Rewrite the list of expected deviations so that this run is as expected.
    ///
    /// The list is that of --expect, which is created if need be, or that of the adapter. Entries that hold stay as they are
    /// written. Cases that do not have their result are removed, and those of other failures are added with the reason "to be
    /// explained". Only cases that ran change the list.
    #[arg(long, conflicts_with = "fail_fast")]
    pub(super) bless: bool,
    /// Run one part of the cases, such as 1/3; `merge` makes one file of the results of all parts.
    ///
    /// The part of a case follows from the digest of its id, and that of an `either` case from its choice. A case is in the same
    /// part whatever else is selected, and a choice is judged in one part.
    #[arg(
        long,
        value_name = "PART/PARTS",
        conflicts_with = "keep",
        help_heading = "Selection of cases"
    )]
    pub(super) shard: Option<Shard>,
    /// Cases that are not as expected in these results of --record, for a run of one implementation.
    ///
    /// They are compared with the list of this run. The other cases of their choices run with them. Can be given more than once.
    #[arg(long, value_name = "RESULTS", value_hint = ValueHint::FilePath, help_heading = "Selection of cases")]
    failed: Vec<PathBuf>,
}

/// Which cases run.
pub(super) struct Selected {
    /// The cases of all parts of the run.
    pub(super) whole: Vec<usize>,
    /// The cases of this part.
    pub(super) own: Vec<usize>,
}

impl Options {
    /// The option that needs one implementation, if one is given.
    pub(super) const fn of_one(&self) -> Option<&'static str> {
        if self.bless {
            Some("--bless")
        } else if !self.failed.is_empty() {
            Some("--failed")
        } else {
            None
        }
    }

    /// The cases that run, of those that are selected.
    pub(super) fn select(
        &self,
        set: &Set,
        selected: Vec<usize>,
        implementations: &[(Implementation, Expectations)],
    ) -> Result<Selected, Failure> {
        let whole = match implementations {
            _ if self.failed.is_empty() => selected,
            [(_, expectations)] => failed::among(&self.failed, expectations, set, &selected)?,
            _ => {
                return Err(Failure::unusable(
                    "--failed requires exactly one implementation; name a version with --adapter",
                ));
            }
        };
        let is_own = |index: &&usize| {
            let entry = set.entries().get(**index);
            self.shard
                .is_none_or(|shard| entry.is_some_and(|entry| shard.has(entry)))
        };
        let own = whole.iter().filter(is_own).copied().collect();
        Ok(Selected { whole, own })
    }

    /// Whether this part of the run has nothing to do while another one has.
    pub(super) fn is_idle(&self, set: &Set, whole: &[usize], run: &Run) -> bool {
        let applies = |hello: &Hello| {
            let mut entries = whole.iter().filter_map(|&index| set.entries().get(index));
            entries.any(|entry| hello.ops.has(entry.op, &entry.case.dialects))
        };
        let mut hellos = run.implementations.iter().filter_map(|run| run.hello.as_ref());
        self.shard.is_some() && hellos.any(applies)
    }

    /// What --record keeps of which part of a run this is.
    pub(super) fn part<'a>(&self, whole: &'a [usize]) -> Option<(Shard, &'a [usize])> {
        self.shard.map(|shard| (shard, whole))
    }
}

/// Names the successors of retired cases that lists still name.
pub(super) fn note_retired(implementations: &[(Implementation, Expectations)]) {
    for (implementation, expectations) in implementations {
        for retired in expectations.retired() {
            note(&format!(
                "{}, in its list of expected deviations: {retired}",
                implementation.spec()
            ));
        }
    }
}

/// Something on stderr that changes no result, in one line.
pub(super) fn note(message: &str) {
    print_to_stderr(&format!("note: {}\n", Outside::new(message.as_bytes(), COMPLAINT)));
}
