//! Frames that no range names, and that are damaged: a reader of ranges does not come upon them, and a plain reader fails.

use super::{Builder, Choice, EditInPlace, Parts, Rule, Tag, frame, sealed, small};
use crate::forge::zstd::Frame;

impl Builder<'_> {
    pub(super) fn unread_frames(&mut self) {
        // layer/index reads none of them.
        self.alone(|builder| {
            type Damage = fn(&mut Frame);
            let rows: &[(&str, &str, Rule, Damage)] = &[
                (
                    "plain-frame-reserved-bit",
                    "a frame of tar headers with the reserved bit in its header",
                    Rule::FrameContent,
                    |frame| frame.flags = 1 << 3,
                ),
                (
                    "plain-frame-checksum-wrong",
                    "a frame of tar headers with a wrong content checksum",
                    Rule::FrameChecksum,
                    |frame| frame.checksum = frame.checksum.map(|checksum| checksum ^ 1),
                ),
                (
                    "plain-frame-dictionary",
                    "a frame of tar headers that needs a dictionary",
                    Rule::FrameDictionary,
                    |frame| frame.dictionary = Some(7),
                ),
            ];
            for &(slug, title, rule, apply) in rows {
                let parts = small().parts().edit(|parts| damage_last(parts, apply));
                builder.only_plain(slug, title, rule, parts);
            }
            let junk = small().parts().edit(|parts| parts.data.extend(b"junk"));
            builder.only_plain(
                "plain-bytes-between-frames",
                "a layer with four bytes between the data and the TOC that belong to no frame",
                Rule::FrameMagic,
                junk,
            );
        });
    }

    fn only_plain(&mut self, slug: &str, title: &str, rule: Rule, parts: Parts) {
        self.either(
            slug,
            title,
            "A partial pull succeeds and a full download of the same layer fails, so that what one host runs another cannot install.",
            Choice("plain-compared"),
            rule,
            &sealed(parts),
        )
        .tags(&[Tag("robustness")]);
    }
}

/// Damages the frame after the content of the last file, which has the end of the archive. No range moves.
fn damage_last(parts: &mut Parts, apply: fn(&mut Frame)) {
    let plan = small();
    let last = plan.entries.len() - 1;
    let rest = [plan.padding(last), plan.tail.clone()].concat();
    let start = parts.data.len() - frame(&rest).len();
    parts.data.truncate(start);
    parts.data.extend(Frame::of(&rest).edit(apply).encode());
}
