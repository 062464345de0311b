//! `tar/list`: the tree that a reader of tars creates.
//!
//! The tars are those of `tarsplit/disassemble`, and such as readers of tars read differently. Trees are made of the entries that the
//! tars are built of ([`trees`]); where bytes are put over a header, the tree is written down.

mod attributes;
mod bodies;
mod extensions;
mod fresh;
mod globals;
mod headers;
mod inherited;
mod open;
mod paths;
mod trees;
mod whiteouts;

use self::{
    fresh::{Answer, Fresh},
    open::{OpenTree, of_inherited},
};
use super::{Accepted, Blobs, Family, Refused, Rule, TarInput, accepted, costly_tars, open_rows, refused, resources};
use crate::vectors::{Tag, ops::TreeOutput};

type Trees = Family<TarInput, TreeOutput>;

/// The harm of a wrong answer, where a row says only what becomes of a tar-split.
const WHY: &str = "The tree is another one than that which other readers of tars create, or a good tar is refused.";

pub(in super::super::super) fn cases(blobs: &mut Blobs) -> Trees {
    let mut cases = Trees::new("tarlist");
    for row in accepted() {
        add_accepted(&mut cases, row, blobs);
    }
    for row in open_rows() {
        let input = input(blobs, &row.tar);
        let added = match of_inherited(row.slug) {
            Some(open) => either(&mut cases, row.slug, row.title, row.why, open, input),
            None => cases
                .valid(row.slug, row.title, WHY, input, inherited::tree(row.slug))
                .rules(&[of_tars(row.rule)]),
        };
        let added = added.tags(&[Tag("interop")]);
        if !row.bugs.is_empty() {
            added.bugs(row.bugs);
        }
    }
    for row in refused().filter(|row| !TOO_LARGE.contains(&row.slug)) {
        add_refused(&mut cases, row, blobs);
    }
    add_costly(&mut cases, blobs);
    for table in [
        globals::table(),
        bodies::table(),
        extensions::table(),
        headers::table(),
        paths::table(),
        attributes::table(),
        whiteouts::table(),
    ] {
        for row in table.rows {
            add_fresh(&mut cases, row, blobs);
        }
    }
    cases
}

fn input(blobs: &mut Blobs, tar: &[u8]) -> TarInput {
    TarInput { tar: blobs.place(tar) }
}

/// The rule that a tree is about: one for tars that comes first, or that they have one reading.
fn of_tars(rule: Rule) -> Rule {
    if rule.id().starts_with("TAR-") {
        rule
    } else {
        Rule::TarReading
    }
}

/// Sparse files of 2^60 bytes, which a reader of tars makes, but of which nobody computes the digest.
const TOO_LARGE: &[&str] = &["sparse-gnu-hole-2-60", "sparse-pax-hole-2-60"];

type Added<'a> = super::super::super::family::Added<'a, TarInput, TreeOutput>;

fn either<'a>(cases: &'a mut Trees, slug: &str, title: &str, why: &str, open: OpenTree, input: TarInput) -> Added<'a> {
    let mut added = cases
        .either(slug, title, why, open.choice, input, open.accepted.output())
        .rules(&[open.rule]);
    for (name, tree) in open.readings {
        added = added.reading(name, tree.output());
    }
    added
}

fn add_accepted(cases: &mut Trees, row: Accepted, blobs: &mut Blobs) {
    let input = input(blobs, &row.tar);
    let added = match of_inherited(row.slug) {
        Some(open) => either(cases, row.slug, row.title, WHY, open, input),
        None => cases
            .valid(row.slug, row.title, WHY, input, inherited::tree(row.slug))
            .rules(&[of_tars(row.rule)]),
    };
    let added = added.tags(row.tags);
    if !row.bugs.is_empty() {
        added.bugs(row.bugs);
    }
}

/// A tar that is refused by those who take it apart. What is wrong with it may be a matter of tar-split alone.
fn add_refused(cases: &mut Trees, row: Refused, blobs: &mut Blobs) {
    let is_of_tar = row.disassemble.iter().all(|rule| rule.id().starts_with("TAR-"));
    let input = input(blobs, &row.tar);
    let added = if let Some(open) = of_inherited(row.slug) {
        either(cases, row.slug, row.change, WHY, open, input)
    } else if row.disassemble.is_empty() || !is_of_tar {
        cases
            .valid(row.slug, row.change, WHY, input, inherited::tree(row.slug))
            .rules(&[Rule::TarReading])
    } else {
        cases.invalid(row.slug, row.twin, row.change, row.why, row.disassemble, input)
    };
    let added = added.tags(row.tags);
    if !row.bugs.is_empty() {
        added.bugs(row.bugs);
    }
}

fn add_fresh(cases: &mut Trees, row: Fresh, blobs: &mut Blobs) {
    let input = input(blobs, &row.tar);
    let Fresh {
        slug,
        title,
        why,
        answer,
        ..
    } = row;
    let added = match answer {
        Answer::Tree(rule, nodes) => cases
            .valid(&slug, &title, why, input, nodes.output())
            .rules(&[of_tars(rule)]),
        Answer::Open(open) => either(cases, &slug, &title, why, open, input),
        Answer::Refused(twin, rules) => cases.invalid(&slug, twin, &title, why, rules, input),
    };
    added.tags(&[Tag("security"), Tag("interop")]);
}

fn add_costly(cases: &mut Trees, blobs: &mut Blobs) {
    for row in costly_tars() {
        let input = TarInput { tar: row.tar };
        let (seconds, mebibytes) = row.limits;
        let added = match of_inherited(row.slug) {
            Some(open) => either(cases, row.slug, row.change, super::COSTLY, open, input),
            None => cases.invalid(row.slug, row.twin, row.change, super::COSTLY, row.rules, input),
        };
        let added = added
            .tags(row.tags)
            .tags(&[Tag("robustness")])
            .limits(seconds, mebibytes);
        if !row.bugs.is_empty() {
            added.bugs(row.bugs);
        }
    }
    for row in resources::chains() {
        let input = input(blobs, &row.tar);
        let output = inherited::tree(row.slug);
        let added = match row.choice {
            Some(choice) => cases.either(row.slug, row.title, super::COSTLY, choice, input, output),
            None => cases.valid(row.slug, row.title, "The limit is one too low.", input, output),
        };
        added.rules(&[Rule::TarExtensionChain]).tags(&[Tag("boundary")]);
    }
}
