//! What the TOC of a layer says, where there is no tar-split or only the TOC matters.

use super::{Blobs, Builder, G1, G2, G3, G4, Plan, Rule, samples, sealed::Base};

impl Builder {
    /// Layers before g5 whose TOC is changed in `src/cases/layers`; in g5 both operations have them.
    pub(super) fn documents(&mut self, blobs: &mut Blobs) {
        for dialect in [G1, G2, G3, G4] {
            let mut bases = vec![
                (Base::Owner, Base::Owner.slug(), Base::Owner.title()),
                (Base::Replacement, Base::Replacement.slug(), Base::Replacement.title()),
                (Base::Empty, Base::Empty.slug(), Base::Empty.title()),
            ];
            if dialect == G2 {
                // What changes the TOC of a file in chunks changes a larger layer than that of the case, with the same file.
                self.keep_plan("g2-chunked", &Base::Chunked.plan(G2));
            } else {
                bases.push((
                    Base::Chunked,
                    "files-and-chunks",
                    "two files, and a third one in chunks",
                ));
            }
            for (base, slug, title) in bases {
                let slug = format!("{dialect}-{slug}");
                self.valid(
                    blobs,
                    &slug,
                    &format!("a layer of {dialect}: {title}"),
                    "Layers of an older writer are taken for broken, or their files are not listed.",
                    &base.plan(dialect).layer(),
                )
                .rules(&[Rule::EntryMetadata])
                .dialects(&[dialect]);
                self.keep_plan(&slug, &base.plan(dialect));
            }
            self.keep_plan(dialect.name(), &Plan::new(dialect, samples::small()));
            self.keep_plan(
                &format!("{dialect}-every-type"),
                &Plan::new(dialect, samples::every_type()),
            );
        }
    }
}
