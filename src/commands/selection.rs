//! Which cases a command is about.

use std::collections::BTreeSet;

use clap::Args;

use super::{Exit, Failure};
use crate::{
    judge::Pattern,
    rules::{Rule, Severity},
    vectors::{CaseId, LayerFormat, Op, Registers, Set, SetEntry, Tag, Tombstone},
};

/// Filters of cases. A case passes each kind of filter that is given; of several filters of a kind that ask for something, one is
/// enough.
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
    // Help is made from the table of tags.
    #[arg(long, value_name = "TAG", help = tag_help())]
    tag: Vec<Tag>,
    /// Cases without this tag; of several tags, all have to be missing.
    #[arg(long, value_name = "TAG")]
    not_tag: Vec<Tag>,
    // Help is made from the table of classes.
    #[arg(long, value_name = "CLASS", value_parser = severity, help = severity_help())]
    severity: Vec<Severity>,
    /// Cases for one purpose: security, interop or all.
    ///
    /// security: what a wrong answer lets an attacker do: view-split, integrity, crash and resources.
    /// interop: what a wrong answer keeps from working: refused-layer.
    #[arg(long, value_enum, value_name = "NAME", default_value_t = Profile::All, hide_possible_values = true)]
    profile: Profile,
    /// Cases that apply to this dialect: g1, g2, g3, g4 or g5.
    #[arg(long, value_name = "DIALECT", value_parser = dialect)]
    dialect: Vec<LayerFormat>,
    /// Cases with this verdict: valid, invalid or either.
    #[arg(long, value_name = "VERDICT", value_parser = ["valid", "invalid", "either"], hide_possible_values = true)]
    verdict: Vec<String>,
}

/// What cases are selected for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Profile {
    Security,
    Interop,
    #[default]
    All,
}

impl Profile {
    const fn has(self, severity: Severity) -> bool {
        match self {
            Self::Security => matches!(
                severity,
                Severity::ViewSplit | Severity::Integrity | Severity::Crash | Severity::Resources
            ),
            Self::Interop => matches!(severity, Severity::RefusedLayer),
            Self::All => true,
        }
    }
}

fn severity(name: &str) -> Result<Severity, String> {
    let known = Severity::ALL.iter().find(|severity| severity.name() == name);
    known.copied().ok_or_else(|| format!("no class is called {name:?}"))
}

/// The help for `--severity`.
fn severity_help() -> String {
    let mut text = String::from("Cases of this class of harm:");
    for severity in Severity::ALL {
        text += &format!("\n{severity}: {}", severity.text());
    }
    text
}

fn dialect(name: &str) -> Result<LayerFormat, String> {
    LayerFormat::ALL
        .iter()
        .copied()
        .find(|dialect| dialect.name() == name)
        .ok_or_else(|| format!("no dialect is called {name:?}"))
}

/// The help for `--tag`, from the one table of tags.
fn tag_help() -> String {
    let mut text = String::from("Cases with this tag:");
    for tag in &Registers::current().tags {
        text += &format!("\n{}: {}", tag.id, tag.text);
    }
    text
}

impl Selection {
    /// The indices of the cases in the set.
    pub(super) fn indices(&self, set: &Set) -> Result<Vec<usize>, Failure> {
        self.indices_among(set, None)
    }

    /// The indices of the cases in the set, if it is only about some of them.
    pub(super) fn indices_among(&self, set: &Set, among: Option<&BTreeSet<CaseId>>) -> Result<Vec<usize>, Failure> {
        let selected = |entry: &SetEntry| among.is_none_or(|ids| ids.contains(&entry.case.id)) && self.selects(entry);
        let indices: Vec<usize> = (0..)
            .zip(set.entries())
            .filter(|(_, entry)| selected(entry))
            .map(|(i, _)| i)
            .collect();
        if indices.is_empty() {
            let is_named = |retired: &&Tombstone| self.only.iter().any(|pattern| pattern.names(&retired.id));
            let why = match Tombstone::all().iter().find(is_named) {
                Some(retired) => format!(": {retired}"),
                None => self.hint(set),
            };
            return Err(Failure::Message(Exit::Nothing, format!("no case is selected{why}")));
        }
        Ok(indices)
    }

    /// The way to select the cases of an operation, where a pattern begins with the name of one: ids have other names. And the way to
    /// those of drafts.
    fn hint(&self, set: &Set) -> String {
        let is_of_draft = |pattern: &Pattern| pattern.to_string().starts_with("draft/");
        if self.op.iter().any(|op| op.is_draft())
            || self.rule.iter().any(|rule| rule.is_draft())
            || self.only.iter().any(is_of_draft)
        {
            return "; --draft adds the cases of drafts".to_owned();
        }
        let named = |pattern: &Pattern| {
            let pattern = pattern.to_string();
            Op::ALL.iter().find(|op| {
                pattern
                    .strip_prefix(op.name())
                    .is_some_and(|rest| rest.starts_with('/'))
            })
        };
        let Some(op) = self.only.iter().find_map(named) else {
            return String::new();
        };
        let id = set.entries().iter().find(|entry| entry.op == *op);
        let id = id.map_or_else(String::new, |entry| {
            format!(", whose ids are such as {}", entry.case.id.as_str())
        });
        format!("; --op {op} selects the cases of the operation{id}")
    }

    fn selects(&self, entry: &SetEntry) -> bool {
        let case = &entry.case;
        passes(&self.only, |pattern| pattern.matches(&case.id))
            && passes(&self.op, |op| *op == entry.op)
            && passes(&self.rule, |rule| case.rules.contains(rule))
            && passes(&self.tag, |tag| case.tags.contains(tag))
            && !self.not_tag.iter().any(|tag| case.tags.contains(tag))
            && passes(&self.severity, |severity| *severity == case.severity())
            && self.profile.has(case.severity())
            && passes(&self.dialect, |dialect| case.dialects.contains(dialect))
            && passes(&self.verdict, |verdict| verdict == case.expect.verdict())
    }
}

/// The set that is compiled in, with the cases of drafts if they are wanted.
pub(super) fn set(drafts: bool) -> Result<Set, Failure> {
    let set = if drafts { Set::with_drafts() } else { Set::embedded() };
    set.map_err(Failure::unusable)
}

fn passes<T>(filters: &[T], filter: impl Fn(&T) -> bool) -> bool {
    filters.is_empty() || filters.iter().any(filter)
}
