//! The hunt for inputs to which implementations answer differently.
//!
//! It starts from the inputs of the set, changes them with an eye for what they are made of, asks every
//! implementation, and [groups](Group) the inputs by what was answered. Of each group the smallest input is kept,
//! [made smaller](minimize) and written as a [candidate](candidates) for the set. What a case of the set shows already is
//! told apart: its unchanged inputs are asked first.

pub mod artifact;
pub mod candidates;
mod compare;
mod description;
pub mod minimize;
pub(crate) mod mutate;
pub mod neighbours;
pub mod promote;
mod seek;

use std::{num::NonZero, time::Duration};

use serde_json::Value;

pub(crate) use self::mutate::bytes_of;
pub use self::{
    compare::{Group, Verdict, within},
    seek::{HuntError, Sessions, hunt},
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

/// What came of a hunt.
#[derive(Clone, Debug)]
pub struct Report {
    /// The implementations by name and version.
    pub implementations: Vec<String>,
    /// The operations that were hunted in.
    pub ops: Vec<Op>,
    /// From what the changes followed.
    pub seed: u64,
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
#[derive(Clone, Debug)]
pub struct Disagreement {
    /// What they have in common.
    pub group: Group,
    /// How many inputs showed it.
    pub count: u64,
    /// The case of the set that shows it as it is, if one does.
    pub known: Option<CaseId>,
    /// The rules of the reference's findings in the example before it was made smaller.
    pub rules: Vec<Rule>,
    /// The smallest input, made smaller unless a case shows the same.
    pub example: Example,
}

/// An input and where it comes from.
#[derive(Clone, Debug, PartialEq)]
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
