//! The catalogue: for each rule the edits that break it, in any layer that breaks none.
//!
//! A [`Row`] looks at what a layer is made of and gives the [`Edit`]s. The fuzz targets choose a row at random and check that its
//! rule is among the findings. A new rule is fuzzed once it has a row.

mod documents;
mod estargz;
mod index;
mod leads;
mod parts;
mod tars;
#[cfg(test)]
mod tests;

use super::{
    Edit, EditError,
    edit::of_parts,
    layer::{Layer, Parts, Placed, Plan},
};
use crate::rules::Rule;

pub(crate) use self::{estargz::Gzipped, index::Listed};

/// A change that breaks a rule.
pub(crate) struct Row {
    /// What is changed, in a few words with dashes.
    pub(crate) name: &'static str,
    pub(crate) rule: Rule,
    pub(crate) change: Change,
}

/// A change, by what has to be known for it. The number chooses among the places and the variants that there are; a change gives
/// nothing where there is nothing to change.
#[derive(Clone, Copy)]
pub(crate) enum Change {
    /// Of the tar, in data and index alike.
    Tar(fn(&mut Plan, usize) -> Option<()>),
    /// Of a TOC, which a reader rejects that knows nothing else.
    Toc(fn(&Listed<'_>, usize) -> Edits),
    /// Of a TOC, which a reader rejects that compares it with tar and data.
    Index(fn(&Listed<'_>, usize) -> Edits),
    /// Of a layer of zstd:chunked.
    Layer(fn(&Built<'_>, usize) -> Edits),
    /// Of a layer of eStargz.
    Gzipped(fn(&Gzipped, usize) -> Option<Edit>),
}

/// The edits of a change; none where there is nothing to change.
type Edits = Option<Vec<Edit>>;

/// A layer as it is before a change.
pub(crate) struct Built<'a> {
    pub(crate) parts: &'a Parts,
    pub(crate) placed: &'a Placed,
}

const fn row(name: &'static str, rule: Rule, change: Change) -> Row {
    Row { name, rule, change }
}

const fn of_tar(name: &'static str, rule: Rule, change: fn(&mut Plan, usize) -> Option<()>) -> Row {
    row(name, rule, Change::Tar(change))
}

const fn of_toc(name: &'static str, rule: Rule, change: fn(&Listed<'_>, usize) -> Edits) -> Row {
    row(name, rule, Change::Toc(change))
}

const fn of_index(name: &'static str, rule: Rule, change: fn(&Listed<'_>, usize) -> Edits) -> Row {
    row(name, rule, Change::Index(change))
}

const fn of_layer(name: &'static str, rule: Rule, change: fn(&Built<'_>, usize) -> Edits) -> Row {
    row(name, rule, Change::Layer(change))
}

const fn of_gzip(name: &'static str, rule: Rule, change: fn(&Gzipped, usize) -> Option<Edit>) -> Row {
    row(name, rule, Change::Gzipped(change))
}

/// All rows.
pub(crate) fn rows() -> impl Iterator<Item = &'static Row> + Clone {
    [
        tars::ROWS,
        index::ROWS,
        documents::ROWS,
        parts::ROWS,
        leads::ROWS,
        estargz::ROWS,
    ]
    .into_iter()
    .flatten()
}

/// One of several, and what is left of the number for another choice.
fn pick<T>(list: &[T], which: usize) -> Option<(&T, usize)> {
    let at = which.checked_rem(list.len())?;
    Some((list.get(at)?, which / list.len()))
}

impl Row {
    /// The layer of zstd:chunked with the change; none where there is nothing to change.
    ///
    /// `parts` makes data and index of a plan.
    pub(crate) fn layer(
        &self,
        plan: &Plan,
        parts: &dyn Fn(&Plan) -> Parts,
        which: usize,
    ) -> Option<Result<Layer, EditError>> {
        if let Change::Tar(change) = self.change {
            let mut plan = plan.clone();
            change(&mut plan, which)?;
            return Some(of_parts(parts(&plan), &[]));
        }
        let parts = parts(plan);
        let placed = parts.clone().payloads().place();
        let edits = match self.change {
            Change::Toc(change) | Change::Index(change) => {
                let edits = change(&Listed::of(&parts, &placed.payloads.toc_json), which)?;
                edits.into_iter().map(|edit| Edit::Toc(Box::new(edit))).collect()
            }
            Change::Layer(change) => change(
                &Built {
                    parts: &parts,
                    placed: &placed,
                },
                which,
            )?,
            Change::Tar(_) | Change::Gzipped(_) => return None,
        };
        Some(of_parts(parts, &edits))
    }
}
