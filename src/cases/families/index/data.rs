//! What the index says of the data, in dialects whose tar a reader cannot rebuild or may leave to a full download.

use super::{Blobs, Builder, Choice, Digest, EditInPlace, G1, G2, G3, G4, Plan, samples};
use crate::{
    forge::{SKIPPABLE, len, skippable, tar::TarEntry},
    format::Dialect,
    rules::Rule,
    vectors::Tag,
};

impl Builder {
    pub(super) fn data(&mut self, blobs: &mut Blobs) {
        for dialect in [G1, G2, G3, G4] {
            let plan = Plan::new(dialect, samples::every_type());
            let empty = |digest: Digest| {
                let parts = plan.parts().edit(|parts| parts.toc[7].digest = digest.to_string());
                parts.payloads().place().layer()
            };
            let twin = format!("{dialect}-empty-file-with-digest");
            self.valid(
                blobs,
                &twin,
                &format!("an empty file with the digest of nothing, in {dialect}"),
                "A digest without a range is refused.",
                &empty(Digest::of(b"")),
            )
            .rules(&[Rule::FileDigest])
            .dialects(&[dialect]);
            self.invalid(
                blobs,
                &format!("{dialect}-empty-file-digest-wrong"),
                &twin,
                "another digest for the empty file",
                "The file is taken from elsewhere by its digest, and is not empty.",
                &[Rule::FileDigest],
                &empty(Digest::of(b"content\n")),
            );
            self.skippable_frames(blobs, dialect);
        }
        for &dialect in Dialect::ALL {
            self.shared_ranges(blobs, dialect);
        }
    }

    /// Two files of equal content that the TOC finds in one place.
    fn shared_ranges(&mut self, blobs: &mut Blobs, dialect: Dialect) {
        let entries = vec![TarEntry::file("a", "content\n"), TarEntry::file("b", "content\n")];
        let parts = Plan::new(dialect, entries).parts().edit(|parts| {
            let (offset, end) = (parts.toc[0].offset, parts.toc[0].end_offset);
            parts.toc[1].offset = offset;
            parts.toc[1].end_offset = end;
        });
        self.either(
            blobs,
            &format!("{dialect}-shared-range"),
            &format!("two files that share a range, in {dialect}"),
            "A reader that sorts files by their range lists one of the two.",
            Choice("shared-ranges"),
            &parts.payloads().place().layer(),
        )
        .rules(&[Rule::SharedRange])
        .dialects(&[dialect]);
    }

    /// Skippable frames where a reader of data comes upon them, and a reader of the index does not.
    fn skippable_frames(&mut self, blobs: &mut Blobs, dialect: Dialect) {
        const WHY: &str = "To list files is to read the index alone: what is in a range does not decide whether the file is \
                           listed.";
        let nothing = skippable(SKIPPABLE, b"");
        for (slug, title, at_end) in [
            (
                "range-begins-with-skippable-frame",
                "a file whose range begins with a skippable frame",
                false,
            ),
            (
                "range-ends-with-skippable-frame",
                "a file whose range ends with a skippable frame",
                true,
            ),
        ] {
            let parts = Plan::new(dialect, samples::small()).parts().edit(|parts| {
                // The last file: no other range moves.
                let file = &mut parts.toc[2];
                let at = if at_end { file.end_offset } else { file.offset };
                let at = usize::try_from(at).unwrap_or_default();
                parts.data.splice(at..at, nothing.iter().copied());
                file.end_offset += len(&nothing);
            });
            self.valid(
                blobs,
                &format!("{dialect}-{slug}"),
                &format!("{title}, in {dialect}"),
                WHY,
                &parts.payloads().place().layer(),
            )
            .rules(&[Rule::RangeSkippable])
            .dialects(&[dialect])
            .tags(&[Tag("interop")]);
        }
        let prefix = [skippable(SKIPPABLE, b"skip me"), skippable(SKIPPABLE + 15, b"")].concat();
        self.valid(
            blobs,
            &format!("{dialect}-skippable-first"),
            &format!("skippable frames before the data, in {dialect}"),
            "Frames that belong to no file stop the reader, or shift its offsets.",
            &Plan::new(dialect, samples::small())
                .edit(|plan| plan.prefix = prefix)
                .layer(),
        )
        .rules(&[Rule::FrameMagic])
        .dialects(&[dialect])
        .tags(&[Tag("interop")]);
    }
}
