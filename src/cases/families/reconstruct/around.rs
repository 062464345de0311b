//! What the descriptor says about a layer: annotations under both prefixes, and its media type.

use super::{Builder, Choice, G5, LayerIndexInput, Placed, ReconstructInput, Rule, Tag, keys, output, small};

/// The layer with an annotation under another prefix.
pub(in super::super) fn moved(mut placed: Placed, suffix: &str, from: &str, to: &str) -> Placed {
    if let Some(value) = placed.annotations.remove(&format!("{from}{suffix}")) {
        placed.annotations.insert(format!("{to}{suffix}"), value);
    }
    placed
}

impl Builder<'_> {
    pub(super) fn around(&mut self) {
        self.prefixes();
        self.media_types();
    }

    fn prefixes(&mut self) {
        const WHY: &str = "A checksum is matched with a position that belongs to another index, and what is called \
                           authenticated is not.";
        let placed = || small().parts().payloads().place();
        // The annotations of the TOC under the old prefix as well, as a writer for readers of g1 would put them there.
        let both = |placed: &mut Placed| {
            for suffix in [keys::MANIFEST_CHECKSUM, keys::MANIFEST_POSITION] {
                if let Some(value) = placed.annotations.get(&format!("{}{suffix}", keys::PREFIX)).cloned() {
                    placed
                        .annotations
                        .insert(format!("{}{suffix}", keys::OLD_PREFIX), value);
                }
            }
        };
        let mut in_both = placed();
        both(&mut in_both);
        self.valid(
            "g5-both-prefixes",
            "a layer of g5 with the annotations of its TOC under the old prefix as well",
            "A layer that is annotated for readers of g1, which know no tar-split, is refused by new readers.",
            Rule::PrefixesAgree,
            &in_both.clone().layer(),
        )
        .tags(&[Tag("interop")]);
        // The half under the new prefix is found first.
        let checksum_first = &[Rule::ChecksumWithoutPosition, Rule::PositionWithoutChecksum][..];
        let position_first = &[Rule::PositionWithoutChecksum, Rule::ChecksumWithoutPosition][..];
        for (slug, change, suffix, rules) in [
            (
                "toc-position-under-old-prefix",
                "the manifest position under the old prefix",
                keys::MANIFEST_POSITION,
                checksum_first,
            ),
            (
                "toc-checksum-under-old-prefix",
                "the manifest checksum under the old prefix",
                keys::MANIFEST_CHECKSUM,
                position_first,
            ),
            (
                "tar-split-position-under-old-prefix",
                "the position of the tar-split under the old prefix",
                keys::TARSPLIT_POSITION,
                &[
                    Rule::PositionWithoutChecksum,
                    Rule::TarSplitStripped,
                    Rule::FooterAgrees,
                ],
            ),
        ] {
            let layer = moved(placed(), suffix, keys::PREFIX, keys::OLD_PREFIX).layer();
            self.invalid(slug, "g5", change, WHY, rules, &layer);
        }
        for (slug, change, suffix, rule) in [
            (
                "both-prefixes-no-toc-position",
                "no manifest position under the new prefix",
                keys::MANIFEST_POSITION,
                Rule::ChecksumWithoutPosition,
            ),
            (
                "both-prefixes-no-toc-checksum",
                "no manifest checksum under the new prefix",
                keys::MANIFEST_CHECKSUM,
                Rule::PositionWithoutChecksum,
            ),
        ] {
            let mut placed = in_both.clone();
            placed.strip(suffix);
            self.invalid(slug, "g5-both-prefixes", change, WHY, &[rule], &placed.layer());
        }
    }

    fn media_types(&mut self) {
        for (slug, title, media_type) in [
            (
                "g5-media-type",
                "a layer with its media type",
                "application/vnd.oci.image.layer.v1.tar+zstd",
            ),
            (
                "g5-media-type-nondistributable",
                "a layer with the media type of one that may not be distributed",
                "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd",
            ),
            (
                "g5-media-type-docker",
                "a layer with the media type that BuildKit gives zstd in a manifest of Docker",
                "application/vnd.docker.image.rootfs.diff.tar.zstd",
            ),
        ] {
            const WHY: &str = "A good layer is refused for what its descriptor rightly says.";
            let (reconstruct, index) = self.with_media_type(media_type);
            let layer = small().layer();
            self.cases
                .valid(slug, title, WHY, reconstruct, output(&layer))
                .rules(&[Rule::MediaType])
                .dialects(&[G5])
                .tags(&[Tag("interop")]);
            self.index
                .valid_input(slug, title, WHY, index, &layer)
                .rules(&[Rule::MediaType])
                .dialects(&[G5])
                .tags(&[Tag("interop")]);
        }
        for (slug, title, media_type) in [
            (
                "g5-media-type-gzip",
                "a layer with the media type for gzip",
                "application/vnd.oci.image.layer.v1.tar+gzip",
            ),
            (
                "g5-media-type-docker-gzip",
                "a layer with the media type of Docker for gzip",
                "application/vnd.docker.image.rootfs.diff.tar.gzip",
            ),
            (
                "g5-media-type-tar",
                "a layer with the media type for a tar that is not compressed",
                "application/vnd.oci.image.layer.v1.tar",
            ),
            (
                "g5-media-type-other",
                "a layer with a media type that is not one of layers",
                "application/octet-stream",
            ),
            ("g5-media-type-empty", "a layer with an empty media type", ""),
        ] {
            const WHY: &str =
                "A reader that chooses its decoder by the media type does not see the layer that others see.";
            let (reconstruct, index) = self.with_media_type(media_type);
            let layer = small().layer();
            self.cases
                .either(slug, title, WHY, Choice("media-type"), reconstruct, output(&layer))
                .rules(&[Rule::MediaType])
                .dialects(&[G5])
                .tags(&[Tag("interop")]);
            self.index
                .either_input(slug, title, WHY, Choice("media-type"), index, &layer)
                .rules(&[Rule::MediaType])
                .dialects(&[G5])
                .tags(&[Tag("interop")]);
        }
    }

    /// The small layer with this media type, for both operations.
    fn with_media_type(&mut self, media_type: &str) -> (ReconstructInput, LayerIndexInput) {
        let mut input = self.input(&small().layer());
        input.media_type = Some(media_type.to_owned());
        let index = LayerIndexInput {
            blob: input.blob.clone(),
            annotations: input.annotations.clone(),
            media_type: input.media_type.clone(),
        };
        (input, index)
    }
}
