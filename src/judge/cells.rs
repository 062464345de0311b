//! The tables of `docs/coverage.md` of rules by operations and rules by dialects.
//!
//! A case in one dialect says nothing about another, which a reader may read with other code; and who answers one operation is
//! never asked what the cases of another ask. So each cell of the two tables has a case that breaks the rule there, or the
//! register of cells states why it cannot have one.

use crate::{
    rules::Rule,
    vectors::{LayerFormat, Op, Registers, Set, SetEntry, cells::Record},
};

/// Where a rule is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In inputs of an operation.
    Op(Op),
    /// In inputs of a dialect.
    Dialect(LayerFormat),
}

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// So many cases break the rule there, or leave it to a choice.
    Cases(usize),
    /// What breaks the rule there breaks another one first.
    Masked(Rule),
    /// The rule does not apply there.
    Absent,
    /// Nothing, which is a gap.
    Empty,
}

impl Place {
    /// Every operation.
    pub fn operations() -> impl Iterator<Item = Self> {
        Op::ALL.iter().copied().map(Self::Op)
    }

    /// Every dialect.
    pub fn dialects() -> impl Iterator<Item = Self> {
        LayerFormat::ALL.iter().copied().map(Self::Dialect)
    }

    /// The name, as cases have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Op(op) => op.name(),
            Self::Dialect(dialect) => dialect.name(),
        }
    }

    fn has(self, entry: &SetEntry) -> bool {
        match self {
            Self::Op(op) => entry.op == op,
            Self::Dialect(dialect) => entry.case.dialects.contains(&dialect),
        }
    }

    fn is_in(self, row: &Record) -> bool {
        match self {
            Self::Op(op) => row.operations.contains(&op),
            Self::Dialect(dialect) => row.dialects.contains(&dialect),
        }
    }

    /// Whether the rule can apply there at all, as far as the tables of operations tell.
    fn checks(self, rule: Rule) -> bool {
        match self {
            Self::Op(op) => op.rules().contains(&rule),
            Self::Dialect(_) => true,
        }
    }
}

impl Cell {
    /// The cell of a rule in a place.
    pub fn of(set: &Set, rule: Rule, place: Place) -> Self {
        let breaks = |entry: &&SetEntry| {
            place.has(entry) && entry.case.expect.verdict() != "valid" && entry.case.rules.first() == Some(&rule)
        };
        match set.entries().iter().filter(breaks).count() {
            0 if !place.checks(rule) => Self::Absent,
            0 => match row(rule, place) {
                Some(row) => row.masked.map_or(Self::Absent, Self::Masked),
                None => Self::Empty,
            },
            cases => Self::Cases(cases),
        }
    }

    /// What the table has.
    pub fn text(&self) -> String {
        match self {
            Self::Cases(cases) => cases.to_string(),
            Self::Masked(rule) => rule.to_string(),
            Self::Absent => "–".to_owned(),
            Self::Empty => "**none**".to_owned(),
        }
    }
}

fn row(rule: Rule, place: Place) -> Option<&'static Record> {
    let rows = Registers::current().cells.iter();
    rows.into_iter()
        .find(|row| row.rules.contains(&rule) && place.is_in(row))
}

/// What is wrong with the tables: cells that are empty, and rows of the register that are no longer true. Nothing if they are
/// right.
pub fn gaps(set: &Set) -> Vec<String> {
    let mut gaps = Vec::new();
    for place in Place::operations().chain(Place::dialects()) {
        for &rule in Rule::ALL {
            let (cell, row) = (Cell::of(set, rule, place), row(rule, place));
            let name = place.name();
            match (&cell, row) {
                (Cell::Empty, _) => gaps.push(format!("no case breaks {rule} in {name}, and no row states why")),
                (Cell::Cases(cases), Some(_)) => {
                    gaps.push(format!(
                        "{cases} cases break {rule} in {name}, and a row states why there are none"
                    ));
                }
                (Cell::Absent, Some(_)) if !place.checks(rule) => {
                    gaps.push(format!(
                        "{name} does not check {rule}, so that no row needs to state it"
                    ));
                }
                (Cell::Masked(by), _) if !matches!(Cell::of(set, *by, place), Cell::Cases(_)) => {
                    gaps.push(format!(
                        "a row has {by} mask {rule} in {name}, and no case breaks {by} there"
                    ));
                }
                _ => {}
            }
        }
    }
    gaps
}

#[cfg(test)]
mod tests {
    use super::gaps;
    use crate::vectors::Set;

    #[test]
    fn no_cell_is_empty() {
        assert_eq!(gaps(&Set::embedded().unwrap()), Vec::<String>::new());
    }
}
