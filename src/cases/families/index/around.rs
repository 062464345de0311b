//! What the descriptor says about a layer: annotations under both prefixes, and its media type.

use super::{super::reconstruct::moved, Blobs, Builder, LayerIndexInput, input, output, samples};
use crate::{
    forge::{
        annotations as keys,
        layer::{Placed, Plan},
    },
    format::Dialect::{self, G1, G2, G3, G4},
    rules::Rule,
    vectors::{Choice, Tag},
};

impl Builder {
    /// The cases that `layer/reconstruct` does not have.
    pub(super) fn around(&mut self, blobs: &mut Blobs) {
        self.split_pairs(blobs);
        self.media_types(blobs);
    }

    /// A pair of annotations of which one is under the other prefix.
    fn split_pairs(&mut self, blobs: &mut Blobs) {
        const WHY: &str = "A checksum is matched with a position that belongs to another index, and what is called \
                           authenticated is not.";
        // The half under the new prefix is found first.
        let checksum_first = &[Rule::ChecksumWithoutPosition, Rule::PositionWithoutChecksum][..];
        let position_first = &[Rule::PositionWithoutChecksum, Rule::ChecksumWithoutPosition][..];
        let alone = &[Rule::ChecksumWithoutPosition][..];
        let old = (keys::PREFIX, keys::OLD_PREFIX, "the old prefix");
        let new = (keys::OLD_PREFIX, keys::PREFIX, "the new prefix");
        for (dialect, slug, what, suffix, (from, to, prefix), rules) in [
            (
                G1,
                "position-under-new-prefix",
                "the manifest position",
                keys::MANIFEST_POSITION,
                new,
                position_first,
            ),
            (
                G1,
                "checksum-under-new-prefix",
                "the manifest checksum",
                keys::MANIFEST_CHECKSUM,
                new,
                checksum_first,
            ),
            (
                G2,
                "position-under-old-prefix",
                "the manifest position",
                keys::MANIFEST_POSITION,
                old,
                checksum_first,
            ),
            (
                G2,
                "checksum-under-old-prefix",
                "the manifest checksum",
                keys::MANIFEST_CHECKSUM,
                old,
                position_first,
            ),
            (
                G3,
                "position-under-old-prefix",
                "the manifest position",
                keys::MANIFEST_POSITION,
                old,
                checksum_first,
            ),
            (
                G3,
                "tarsplit-checksum-under-old-prefix",
                "the checksum of the tar-split",
                keys::TARSPLIT_CHECKSUM,
                old,
                alone,
            ),
            (
                G4,
                "position-under-old-prefix",
                "the manifest position",
                keys::MANIFEST_POSITION,
                old,
                checksum_first,
            ),
            (
                G4,
                "tarsplit-checksum-under-old-prefix",
                "the checksum of the tar-split",
                keys::TARSPLIT_CHECKSUM,
                old,
                alone,
            ),
        ] {
            self.invalid(
                blobs,
                &format!("{dialect}-{slug}"),
                &dialect.to_string(),
                &format!("{what} under {prefix}"),
                WHY,
                rules,
                &moved(placed(dialect), suffix, from, to).layer(),
            );
        }
    }

    /// The media type of the descriptor, where the dialect is not the newest.
    fn media_types(&mut self, blobs: &mut Blobs) {
        for dialect in [G1, G2, G3, G4] {
            let layer = placed(dialect).layer();
            let plain = input(blobs, &layer);
            let with = |media_type: &str| LayerIndexInput {
                media_type: Some(media_type.to_owned()),
                ..plain.clone()
            };
            self.0
                .valid(
                    &format!("{dialect}-media-type"),
                    &format!("a layer of {dialect} with its media type"),
                    "A good layer is refused for what its descriptor rightly says.",
                    with("application/vnd.oci.image.layer.v1.tar+zstd"),
                    output(&layer),
                )
                .rules(&[Rule::MediaType])
                .dialects(&[dialect])
                .tags(&[Tag("interop")]);
            self.0
                .either(
                    &format!("{dialect}-media-type-gzip"),
                    &format!("a layer of {dialect} with the media type for gzip"),
                    "A reader that chooses its decoder by the media type does not see the layer that others see.",
                    Choice("media-type"),
                    with("application/vnd.oci.image.layer.v1.tar+gzip"),
                    output(&layer),
                )
                .rules(&[Rule::MediaType])
                .dialects(&[dialect])
                .tags(&[Tag("interop")]);
        }
    }
}

fn placed(dialect: Dialect) -> Placed {
    Plan::new(dialect, samples::small()).parts().payloads().place()
}
