//! The DiffID of the image, where it is known.

use super::{Builder, Choice, G5, Layer, ReconstructInput, Rule, Tag, frame, output, samples, sealed, small};
use crate::{forge::EditInPlace as _, format::Digest};

impl Builder<'_> {
    pub(super) fn diff_id(&mut self) {
        const WHY: &str =
            "The DiffID, which the signature of an image covers, is not held against the tar that is rebuilt.";
        let layer = small().layer();
        let right = self.told(&layer, &layer.tar);
        self.cases
            .valid(
                "g5-diff-id",
                "a layer with its DiffID",
                "The DiffID is held against something else than the uncompressed tar, and a good layer is refused.",
                right,
                output(&layer),
            )
            .rules(&[Rule::DiffId])
            .dialects(&[G5])
            .tags(&[Tag("interop")]);
        let wrong = self.told(&layer, b"another tar");
        self.cases
            .invalid(
                "diff-id-wrong",
                "g5-diff-id",
                "the DiffID of another tar",
                WHY,
                &[Rule::DiffId],
                wrong,
            )
            .tags(&[Tag("security")]);

        let before = samples::bytes(512);
        let hidden = sealed(small().edit(|plan| plan.prefix = frame(&before)).parts());
        let of_rebuilt = self.told(&hidden, &hidden.tar);
        self.cases
            .either(
                "diff-id-of-rebuilt",
                "a data frame before the first header, and the DiffID of the tar without it",
                "Plain decoding gives a tar that is not the image's, and a client that pulls in full refuses what others run.",
                Choice("plain-compared"),
                of_rebuilt,
                output(&hidden),
            )
            .rules(&[Rule::DiffId])
            .dialects(&[G5])
            .tags(&[Tag("security")]);
        let of_plain = self.told(&hidden, &[before, hidden.tar.clone()].concat());
        self.cases
            .invalid(
                "diff-id-of-plain",
                "diff-id-of-rebuilt",
                "the DiffID of what plain decoding gives",
                WHY,
                &[Rule::DiffId, Rule::PlainTar],
                of_plain,
            )
            .tags(&[Tag("security")]);
    }

    /// The layer with the DiffID of this tar.
    pub(super) fn told(&mut self, layer: &Layer, tar: &[u8]) -> ReconstructInput {
        let diff_id = Some(Digest::of(tar).to_string());
        ReconstructInput {
            diff_id,
            ..self.input(layer)
        }
    }
}
