//! From an answer to a result. Nothing here starts a process or prints.
//!
//! An answer is judged by the case alone (`judge`): its verdict, its output, and what a writer made, which the
//! [reference](mod@reference) reads back ([`read_back()`]). Then by the other answers: a rejection earns credit only beside an accepted
//! twin, and all cases of one choice have to be decided alike. The list of expected deviations comes last.
//!
//! The same reference, with checks switched off, shows which cases notice the absence of each check ([`coverage`]).

#[cfg(feature = "set")]
pub mod alone;
#[cfg(feature = "cli")]
mod breakdown;
#[cfg(feature = "set")]
pub mod cells;
#[cfg(feature = "cli")]
mod choices;
#[cfg(feature = "set")]
pub mod coverage;
mod drafts;
#[cfg(any(feature = "cli", feature = "fuzzing"))]
mod expectations;
#[cfg(all(test, feature = "cli"))]
mod fixtures;
#[cfg(feature = "cli")]
mod kept;
mod outcome;
#[cfg(any(feature = "cli", feature = "fuzzing"))]
mod pattern;
mod read_back;
pub mod reference;
#[cfg(any(feature = "cli", feature = "fuzzing"))]
mod result;
#[cfg(feature = "set")]
pub mod scope;
#[cfg(feature = "cli")]
mod twins;
#[cfg(feature = "cli")]
mod verdict;

#[cfg(feature = "cli")]
pub use self::expectations::{Revised, Revision, revise};
#[cfg(feature = "cli")]
pub(crate) use self::{
    breakdown::{Breakdown, Ending, Limit, Spent, Taken},
    choices::check_choices,
    twins::withdraw_vacuous,
    verdict::{Checked, check, decisions, judge, unrelated, without},
};
#[cfg(any(feature = "cli", feature = "fuzzing"))]
pub use self::{
    expectations::{Expectations, ExpectationsError},
    pattern::Pattern,
    result::{CaseResult, Deviation, Kept},
};
pub use self::{
    outcome::Outcome,
    read_back::{ReadBack, read_back},
};
