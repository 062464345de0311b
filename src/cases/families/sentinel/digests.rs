//! The digest of the tar, and indexes, which cannot permit to omit it.

use super::{
    Builder, base, input,
    layers::{pushed, single},
    listed, marked, output, plain, samples, upper,
};
use crate::{
    forge::{
        EditInPlace as _,
        image::Image,
        layer::{Layer, Plan},
        tar::TarEntry,
        zstd::frame,
    },
    format::{Dialect::G5, Digest},
    rules::Rule,
    vectors::{Choice, Tag},
};

impl Builder {
    /// What only the digest of the tar shows.
    pub(super) fn digests(&mut self) {
        const WHY: &str = "Files that readers of the whole tar create are not in the TOC. A reader without this digest uses the image, \
                           a scanner of the sibling without a sentinel sees another one.";
        let (base, upper) = (base(), upper());
        self.valid(
            "digest-right",
            "a sentinel and three layers, each with the DiffID of its tar",
            "A reader that compares DiffIDs after a sentinel compares them with something else than the tar.",
            Rule::DraftSentinelDigest,
            &marked(&[&base, &upper, &base]),
            &[&base, &upper, &base],
        );
        let choice = (Choice("draft-sentinel-digest"), Rule::DraftSentinelDigest);
        let ids = |image: &Image, last: &[u8]| {
            image.right_diff_ids().edit(|ids| {
                ids.pop();
                ids.push(Digest::of(last).to_string());
            })
        };
        let wrong = marked(&[&base]).edit(|image| image.diff_ids = Some(ids(image, b"another tar")));
        self.either(
            "digest-other",
            "a sentinel and a layer with the DiffID of another tar",
            WHY,
            choice,
            &wrong,
            &[&base],
        )
        .tags(&[Tag("security")]);
        let (layer, tar) = smuggling();
        let smuggled = marked(&[&layer]).edit(|image| image.diff_ids = Some(ids(image, &tar)));
        self.either(
            "digest-of-file-in-data",
            "a sentinel and a layer whose first data frame has a file that neither TOC nor tar-split names",
            WHY,
            choice,
            &smuggled,
            &[&layer],
        )
        .tags(&[Tag("security")]);

        // The same layers without a sentinel, where the digest is compared.
        let input = input(&plain(&[&base]));
        let right = output(&plain(&[&base]), false, &[&base]);
        self.0
            .valid(
                "plain-one-layer",
                "a manifest without a sentinel",
                "A reader that knows the sentinel takes every manifest for one that has it.",
                input,
                right,
            )
            .rules(&[Rule::DraftSentinelSource])
            .dialects(&[G5])
            .tags(&[Tag("interop")]);
        let wrong = plain(&[&base]).edit(|image| image.diff_ids = Some(ids(image, b"another tar")));
        let smuggled = plain(&[&layer]).edit(|image| image.diff_ids = Some(ids(image, &tar)));
        for (slug, change, image) in [
            ("plain-digest-other", "the DiffID of another tar", wrong),
            (
                "plain-digest-of-file-in-data",
                "a data frame with a file that neither TOC nor tar-split names, and the DiffID of the tar with it",
                smuggled,
            ),
        ] {
            self.invalid(
                slug,
                "plain-one-layer",
                change,
                "What the digest of the tar protects against goes unnoticed where no sentinel permits to omit it.",
                &[Rule::DraftSentinelSource, Rule::DiffId],
                &image,
            );
        }
    }

    /// An attack after a sentinel that the digest of the tar shows without one.
    pub(super) fn pushed(&mut self) {
        let (single, pushed) = (single().layer(), pushed());
        let image = plain(&[&single]);
        self.0
            .valid(
                "plain-one-entry",
                "a manifest without a sentinel and a layer with a directory",
                "An index with a single entry is taken for an empty one.",
                input(&image),
                output(&image, false, &[&single]),
            )
            .rules(&[Rule::DraftSentinelSource])
            .dialects(&[G5]);
        self.invalid(
            "plain-entry-in-tar-split-alone",
            "plain-one-entry",
            "a second header in the segment of the tar-split, which neither the TOC nor the data of the blob has",
            "A reader that looks at the first header of a segment needs the digest of the tar, and a push makes a layer with an entry that \
             no reader of the image has seen.",
            &[
                Rule::SegmentHeader,
                Rule::EntrySets,
                Rule::SegmentFile,
                Rule::DraftSentinelSource,
                Rule::DiffId,
            ],
            &plain(&[&pushed]),
        );
    }

    /// Indexes, which mark manifests that have a sentinel.
    pub(super) fn indexes(&mut self) {
        let (base, upper) = (base(), upper());
        let layers: &[&Layer] = &[&base];
        let alone = listed(&[(&marked(layers), true)]);
        self.0
            .valid(
                "index-alone",
                "an index of one manifest, which has a sentinel and is marked",
                "A reader that looks for a manifest without a mark finds none.",
                alone,
                output(&marked(layers), true, layers),
            )
            .rules(&[Rule::DraftSentinelSelection])
            .dialects(&[G5])
            .tags(&[Tag("interop")]);
        let unmarked = listed(&[(&marked(layers), false)]);
        self.0
            .valid(
                "index-unmarked",
                "an index that does not mark its manifest, which has a sentinel",
                "Whether there is a sentinel is read from the index, and the sentinel is unpacked.",
                unmarked,
                output(&marked(layers), true, layers),
            )
            .rules(&[Rule::DraftSentinelSource])
            .dialects(&[G5]);
        for (slug, title, layers) in [
            (
                "index-both",
                "an index of the same image without and with a sentinel",
                &[&base][..],
            ),
            (
                "index-both-two-layers",
                "an index of the same image of two layers without and with a sentinel",
                &[&base, &upper],
            ),
        ] {
            let (without, with) = (plain(layers), marked(layers));
            let input = listed(&[(&without, false), (&with, true)]);
            self.0
                .either(
                    slug,
                    title,
                    "The reader cannot use an index that has both, or uses one manifest and reports the digest of the other.",
                    Choice("draft-sentinel-selection"),
                    input,
                    output(&with, true, layers),
                )
                .reading("unmarked", output(&without, false, layers))
                .rules(&[Rule::DraftSentinelSelection])
                .dialects(&[G5]);
        }
        let input = listed(&[(&plain(layers), true)]);
        self.0
            .valid(
                "index-marks-plain",
                "an index that marks a manifest which has no sentinel",
                "The first layer is left out as if it were a sentinel.",
                input,
                output(&plain(layers), false, layers),
            )
            .rules(&[Rule::DraftSentinelSource])
            .dialects(&[G5]);
        let wrong = plain(layers).edit(|image| image.diff_ids = Some(vec![Digest::of(b"another tar").to_string()]));
        let input = listed(&[(&wrong, true)]);
        self.0
            .invalid(
                "index-marks-plain-digest-other",
                "index-marks-plain",
                "the DiffID of another tar",
                "Anyone who can write an index turns off the comparison for an image that is signed without a sentinel.",
                &[Rule::DraftSentinelSource, Rule::DiffId],
                input,
            )
            .tags(&[Tag("security")]);
    }
}

/// A layer whose first data frame has a file that its index does not, and the tar that plain decoding gives.
fn smuggling() -> (Layer, Vec<u8>) {
    let evil = TarEntry::file("evil", vec![b'e'; 512]);
    let entry = [evil.header(), evil.content].concat();
    let layer = Plan::new(G5, samples::small())
        .edit(|plan| plan.prefix = frame(&entry))
        .layer();
    let tar = [entry, layer.tar.clone()].concat();
    (layer, tar)
}
