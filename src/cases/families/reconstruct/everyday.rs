//! Layers that tools write every day.

use super::{Builder, Dialect, G3, G4, G5, Plan, Rule, Tag, samples};

impl Builder<'_> {
    /// In g5 for both operations. In g3 and g4 a reader may leave the rebuilding to a full download.
    pub(super) fn everyday(&mut self) {
        for sample in samples::everyday() {
            let layer = |dialect: Dialect| Plan::new(dialect, sample.entries.clone()).layer();
            let slug = |dialect: Dialect| format!("{dialect}-{}", sample.slug);
            self.valid(&slug(G5), sample.title, sample.why, Rule::EntryMetadata, &layer(G5))
                .tags(&[Tag("interop")]);
            for dialect in [G3, G4] {
                self.alone(|builder| {
                    builder
                        .accepted(
                            dialect,
                            &slug(dialect),
                            sample.title,
                            sample.why,
                            Rule::EntryMetadata,
                            &layer(dialect),
                        )
                        .tags(&[Tag("interop")]);
                });
            }
        }
    }
}
