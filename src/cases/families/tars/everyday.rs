//! Tars that tools write every day.

use super::{Accepted, archive};
use crate::{cases::families::samples, rules::Rule, vectors::Tag};

pub(super) fn tars() -> Vec<Accepted> {
    samples::everyday()
        .into_iter()
        .map(|sample| Accepted {
            slug: sample.slug,
            title: sample.title,
            why: sample.why,
            rule: Rule::EntryMetadata,
            tags: &[Tag("interop")],
            bugs: &[],
            tar: archive(&sample.entries),
        })
        .collect()
}
