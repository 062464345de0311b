//! Which cases a command is about.

use clap::Args;

use super::{Exit, Failure};
use crate::{
    rules::Rule,
    runner::Pattern,
    vectors::{Entry, Op, Set, Tag},
};

/// Filters of cases. A case passes each kind of filter that is given; of several filters of a kind, one is enough.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Selection of cases")]
pub(super) struct Selection {
    /// Cases with this id; in a glob, `*` stops at a slash and `**` does not.
    #[arg(long, value_name = "GLOB")]
    only: Vec<Pattern>,
    /// Cases of this operation, such as footer/parse.
    #[arg(long, value_name = "OP")]
    op: Vec<Op>,
    /// Cases about this rule, such as FTR-02.
    #[arg(long, value_name = "RULE")]
    rule: Vec<Rule>,
    /// Cases with this label: security, interop, robustness, history or boundary.
    #[arg(long, value_name = "TAG", value_parser = tag)]
    tag: Vec<Tag>,
    /// Cases with this verdict: valid, invalid or either.
    #[arg(long, value_name = "VERDICT", value_parser = ["valid", "invalid", "either"], hide_possible_values = true)]
    verdict: Vec<String>,
}

fn tag(text: &str) -> Result<Tag, String> {
    let name = |tag: &&Tag| format!("{tag:?}").to_lowercase() == text;
    Tag::ALL
        .iter()
        .find(name)
        .copied()
        .ok_or_else(|| format!("no label is called {text:?}"))
}

impl Selection {
    /// The indices of the cases in the set.
    pub(super) fn indices(&self, set: &Set) -> Result<Vec<usize>, Failure> {
        let selected = |entry: &Entry| self.selects(entry);
        let indices: Vec<usize> = (0..)
            .zip(set.entries())
            .filter(|(_, entry)| selected(entry))
            .map(|(i, _)| i)
            .collect();
        if indices.is_empty() {
            return Err(Failure::Message(Exit::Nothing, "no case is selected".to_owned()));
        }
        Ok(indices)
    }

    fn selects(&self, entry: &Entry) -> bool {
        let case = &entry.case;
        passes(&self.only, |pattern| pattern.matches(&case.id))
            && passes(&self.op, |op| *op == entry.op)
            && passes(&self.rule, |rule| case.rules.contains(rule))
            && passes(&self.tag, |tag| case.tags.contains(tag))
            && passes(&self.verdict, |verdict| verdict == case.expect.verdict())
    }
}

fn passes<T>(filters: &[T], filter: impl Fn(&T) -> bool) -> bool {
    filters.is_empty() || filters.iter().any(filter)
}
