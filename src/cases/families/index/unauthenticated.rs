//! Layers whose tar-split nothing authenticates. Who lists files does not need it.

use super::{Blobs, Builder, EditInPlace, Plan, keys, samples};
use crate::{
    forge::{
        SKIPPABLE, skippable, tar,
        tarsplit::{Line, document},
        zstd::frame,
    },
    format::Dialect::{G3, G4},
    rules::Rule,
    vectors::Tag,
};

impl Builder {
    pub(super) fn unauthenticated(&mut self, blobs: &mut Blobs) {
        const WHY: &str = "A tar-split that nobody vouches for is as good as none: what a server puts there must not decide \
                           whether files are listed.";
        for dialect in [G3, G4] {
            let plan = Plan::new(dialect, samples::small());
            let mut lines = plan.parts().tar_split;
            if let Line::Segment(header) = &mut lines[2] {
                // The second header comes after no padding, since the directory before it has no content.
                header[100..107].copy_from_slice(b"0004755");
                tar::seal(header);
            }
            let other = frame(document(&lines).as_bytes());
            for (slug, title, tar_split) in [
                ("", "a tar-split that nothing authenticates", None),
                (
                    "-other",
                    "a tar-split that nothing authenticates, with another mode in a header than the TOC",
                    Some(other),
                ),
                (
                    "-rubbish",
                    "a tar-split that nothing authenticates, and that is no frame",
                    Some(b"rubbish".to_vec()),
                ),
            ] {
                let payloads = plan.parts().payloads().edit(|payloads| {
                    if let Some(tar_split) = tar_split {
                        payloads.tar_split = tar_split;
                    }
                });
                let layer = payloads.place().edit(|placed| {
                    placed.strip(keys::TARSPLIT_CHECKSUM);
                    placed.tar_split_frame = skippable(SKIPPABLE, &placed.payloads.tar_split);
                });
                let slug = format!("{dialect}-tar-split-not-authenticated{slug}");
                self.valid(blobs, &slug, &format!("{title}, in {dialect}"), WHY, &layer.layer())
                    .rules(&[Rule::NoTarSplit])
                    .dialects(&[dialect])
                    .tags(&[Tag("interop")]);
            }
        }
    }
}
