//! The hunt for inputs to which implementations answer differently.
//!
//! It starts from the inputs of the set, changes them with an eye for what they are made of, asks every
//! implementation, and [groups](Group) the inputs by what was answered. Of each group the smallest input is kept,
//! [made smaller](minimize) and written as a [candidate](candidates) for the set. What a case of the set shows already is
//! told apart: its unchanged inputs are asked first. So is what an earlier hunt has seen, whose report is [kept](Report); a hunt that
//! was ended goes on from there.

pub mod artifact;
pub mod candidates;
mod compare;
mod composed;
mod crash;
mod description;
mod kept;
pub mod linked;
pub mod minimize;
pub(crate) mod mutate;
pub mod neighbours;
pub mod promote;
mod seek;
mod sessions;
mod smaller;

use std::{collections::BTreeSet, num::NonZero, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use self::mutate::bytes_of;
pub use self::{
    compare::{Group, Verdict, within},
    kept::{Part, Progress, merge},
    seek::{HuntError, Keeping, hunt},
    sessions::Sessions,
};
use crate::{
    rules::Rule,
    runner::{Allowance, Terms},
    vectors::{CaseId, LayerFormat, Op},
};

/// How to hunt.
#[derive(Clone, Debug)]
pub struct Options {
    /// What an implementation may take to start, and for each input.
    pub allowance: Allowance,
    /// How many inputs are worked on at once.
    pub jobs: NonZero<usize>,
    /// From what the changes follow.
    pub seed: u64,
    /// How long to go on, beside the time for making examples smaller, which is at most a minute for each.
    pub time: Option<Duration>,
    /// How many changed inputs to ask for.
    pub runs: Option<u64>,
    /// Whether disagreements over one rule are told apart by what the reference says of it.
    pub fine: bool,
    /// Whether processes start in an empty folder and are not told the ids of cases.
    pub blind: bool,
    /// The operations; all that every implementation has if there are none.
    pub ops: Vec<Op>,
    /// The part of the changed inputs that is asked for.
    pub part: Part,
}

impl Options {
    /// What every process is started with.
    const fn terms(&self) -> Terms {
        Terms {
            allowance: self.allowance,
            blind: self.blind,
        }
    }
}

/// How far a hunt is.
#[derive(Clone, Copy, Debug)]
pub enum Event {
    /// So many inputs were asked for, and showed so many distinct disagreements.
    Asked {
        /// Inputs.
        inputs: u64,
        /// Distinct disagreements.
        disagreements: usize,
    },
    /// So many of so many examples were made smaller.
    Minimized {
        /// Examples that are done.
        done: usize,
        /// All.
        all: usize,
    },
}

/// What came of a hunt. It is also what is kept of one, so that another one can go on from there.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The implementations by name and version.
    pub implementations: Vec<String>,
    /// The operations that were hunted in.
    pub ops: Vec<Op>,
    /// The digest of the cases that were asked for.
    pub set: String,
    /// From what the changes followed.
    pub seed: u64,
    /// Whether disagreements over one rule are told apart by what the reference says of it.
    pub fine: bool,
    /// The parts of the changed inputs that are in it.
    pub parts: Vec<Part>,
    /// The inputs that were asked for; none of a hunt whose parts ran apart.
    pub progress: Option<Progress>,
    /// How many inputs of the set were asked for as they are.
    pub cases: u64,
    /// How many changed inputs were asked for.
    pub runs: u64,
    /// Whether the hunt was interrupted before its end.
    pub is_incomplete: bool,
    /// The disagreements, in the order of their groups.
    pub disagreements: Vec<Disagreement>,
}

/// Inputs that show the same.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disagreement {
    /// What they have in common.
    pub group: Group,
    /// How many inputs showed it.
    pub count: u64,
    /// How many of these are cases as they are.
    pub of_cases: u64,
    /// The case of the set that shows it as it is, if one does.
    pub known: Option<CaseId>,
    /// The rules of the reference's findings in the example before it was made smaller.
    pub rules: Vec<Rule>,
    /// Findings, weight and number of the example as it was found: the plainest and smallest one, and of these the first, whatever
    /// order they come in.
    pub order: (usize, usize, u64),
    /// The smallest input, made smaller unless a case or an earlier hunt shows the same.
    pub example: Example,
    /// Whether the example was made smaller.
    pub is_smaller: bool,
    /// The file of an earlier hunt that shows it; it is not kept, since each hunt is told of others.
    #[serde(skip)]
    pub seen: Option<String>,
    /// The cases that show it together, where none shows it as a whole; it is not kept, since it follows from the others.
    #[serde(skip)]
    pub composed: BTreeSet<CaseId>,
}

impl Disagreement {
    /// Whether a case shows it, or several cases that each show what some of the implementations do in it.
    pub fn is_shown(&self) -> bool {
        self.known.is_some() || !self.composed.is_empty()
    }

    /// Whether neither cases nor an earlier hunt show it.
    pub fn is_new(&self) -> bool {
        !self.is_shown() && self.seen.is_none()
    }
}

/// An input and where it comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// The input, with its bytes in base64.
    pub input: Value,
    /// The case that it began as.
    pub from: CaseId,
    /// The dialects of that case.
    pub dialects: Vec<LayerFormat>,
    /// Its number in the hunt; none for the case itself.
    pub run: Option<u64>,
}
