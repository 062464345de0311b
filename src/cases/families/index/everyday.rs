//! Layers of the older dialects that tools wrote every day.

use super::{Blobs, Builder, Plan, samples};
use crate::{
    format::Dialect::{G1, G2, G3, G4},
    rules::Rule,
    vectors::Tag,
};

impl Builder {
    pub(super) fn everyday(&mut self, blobs: &mut Blobs) {
        for sample in samples::everyday() {
            for dialect in [G1, G2, G3, G4] {
                let title = format!("{}, in {dialect}", sample.title);
                let layer = Plan::new(dialect, sample.entries.clone()).layer();
                self.valid(blobs, &format!("{dialect}-{}", sample.slug), &title, sample.why, &layer)
                    .rules(&[Rule::EntryMetadata])
                    .dialects(&[dialect])
                    .tags(&[Tag("interop")]);
            }
        }
    }
}
