//! What is wrong with frame and length of a TOC, in the dialects before g5. `layer/reconstruct` has the same of g5, and of
//! tar-splits.

use super::{Blobs, Builder, Choice, Digest, EditInPlace, G1, G2, G3, G4, Plan, Rule, Tag, keys, prefix, samples};
use crate::{
    forge::{
        SKIPPABLE,
        footer::Span,
        layer::Placed,
        skippable,
        zstd::{Frame, frame, legacy_frame},
    },
    format::Dialect,
};

const LENGTH: &str =
    "The declared length bounds memory; a reader that does not compare it decompresses whatever is there.";
const MIDDLE: &str =
    "A payload is read from the middle of something else: the bytes that are checked are not those of a frame.";

impl Builder {
    pub(super) fn older(&mut self, blobs: &mut Blobs) {
        for dialect in [G1, G2, G3, G4] {
            self.declared_lengths(blobs, dialect);
            self.places(blobs, dialect);
            self.payloads(blobs, dialect);
        }
    }

    fn declared_lengths(&mut self, blobs: &mut Blobs, dialect: Dialect) {
        let length = &[Rule::IndexLength][..];
        let limit = &[Rule::IndexLimit, Rule::IndexLength][..];
        type Change = fn(u64) -> u64;
        let rows: &[(&str, &str, &[Rule], Change)] = &[
            (
                "toc-length-plus-1",
                "an uncompressed length of the TOC 1 too large",
                length,
                |n| n + 1,
            ),
            (
                "toc-length-minus-1",
                "an uncompressed length of the TOC 1 too small",
                length,
                |n| n - 1,
            ),
            (
                "toc-claims-2-36",
                "a TOC that claims 2^36 bytes decompressed",
                limit,
                |_| 1 << 36,
            ),
        ];
        for &(slug, change, rules, apply) in rows {
            let layer = placed(dialect).edit(|placed| {
                let mut toc = placed.toc;
                toc.uncompressed = apply(toc.uncompressed);
                placed.footer.toc = toc;
                annotate(placed, keys::MANIFEST_POSITION, keys::toc_position(toc, 1));
                placed.footer_frame = placed.footer.frame();
            });
            let slug = format!("{dialect}-{slug}");
            let case = self.invalid(blobs, &slug, dialect.name(), change, LENGTH, rules, &layer.layer());
            if rules == limit {
                case.tags(&[Tag("robustness")]).limits(10, 512);
            }
        }
    }

    /// Positions that are not those of a frame's payload.
    fn places(&mut self, blobs: &mut Blobs, dialect: Dialect) {
        let rules = &[Rule::PositionFrame, Rule::FooterAgrees, Rule::IndexFrame][..];
        let early = placed(dialect).edit(|placed| {
            let toc = Span::new(placed.toc.offset - 8, placed.toc.length + 8, placed.toc.uncompressed);
            let digest = Digest::of(&placed.toc_frame).to_string();
            annotate(placed, keys::MANIFEST_POSITION, keys::toc_position(toc, 1));
            annotate(placed, keys::MANIFEST_CHECKSUM, digest);
        });
        let longer = placed(dialect).edit(|placed| {
            let length = u32::try_from(placed.toc.length + 8).unwrap_or_default();
            placed.toc_frame[4..8].copy_from_slice(&length.to_le_bytes());
        });
        let behind = placed(dialect).edit(|placed| {
            let toc = Span {
                offset: 1 << 40,
                ..placed.toc
            };
            let tar_split = Span {
                offset: toc.end() + 8,
                ..placed.tar_split
            };
            annotate(placed, keys::MANIFEST_POSITION, keys::toc_position(toc, 1));
            if dialect.has_tar_split() {
                annotate(placed, keys::TARSPLIT_POSITION, keys::position(tar_split));
            }
        });
        for (slug, change, why, layer) in [
            (
                "position-8-off",
                "a position 8 bytes early, with a checksum that fits",
                MIDDLE,
                early,
            ),
            (
                "toc-frame-longer",
                "8 bytes more in the header of the TOC's frame",
                MIDDLE,
                longer,
            ),
            (
                "toc-behind-blob",
                "a TOC offset after the end of the blob",
                "A request that cannot be served ends in a partial answer that is taken for the payload.",
                behind,
            ),
        ] {
            let slug = format!("{dialect}-{slug}");
            self.invalid(blobs, &slug, dialect.name(), change, why, rules, &layer.layer());
        }
    }

    /// Payloads that are not one frame of today, or one that needs much memory.
    fn payloads(&mut self, blobs: &mut Blobs, dialect: Dialect) {
        type Make = fn(&[u8]) -> Vec<u8>;
        let frame_rules = &[Rule::IndexFrame][..];
        let invalid: &[(&str, &str, &[Rule], Make)] = &[
            ("raw-json", "not compressed", frame_rules, <[u8]>::to_vec),
            ("cut", "in a frame without its last 4 bytes", frame_rules, |json| {
                let mut payload = frame(json);
                payload.truncate(payload.len() - 4);
                payload
            }),
            (
                "frame-checksum",
                "in a frame with a wrong content checksum",
                &[Rule::IndexFrame, Rule::FrameChecksum],
                |json| {
                    Frame::of(json)
                        .edit(|frame| frame.checksum = frame.checksum.map(|checksum| checksum ^ 1))
                        .encode()
                },
            ),
            (
                "frame-dictionary",
                "in a frame that needs a dictionary",
                &[Rule::IndexFrame, Rule::FrameDictionary],
                |json| Frame::of(json).edit(|frame| frame.dictionary = Some(1)).encode(),
            ),
            ("legacy-frame", "in a frame of zstd v0.7", frame_rules, legacy_frame),
            ("skippable-frame", "in a skippable frame", frame_rules, |json| {
                skippable(SKIPPABLE, json)
            }),
        ];
        let either: &[(&str, &str, Rule, Choice, Make)] = &[
            (
                "of-two-frames",
                "in two zstd frames",
                Rule::IndexFrames,
                Choice("index-frames"),
                |json| {
                    let (first, second) = json.split_at(100);
                    [frame(first), frame(second)].concat()
                },
            ),
            (
                "with-skippable",
                "in a zstd frame with a skippable frame after it",
                Rule::IndexFrames,
                Choice("index-frames"),
                |json| [frame(json), skippable(SKIPPABLE, b"skip me")].concat(),
            ),
            (
                "window-144-mib",
                "in a frame with a window of 144 MiB",
                Rule::FrameWindow,
                Choice("large-window"),
                |json| Frame::of(json).edit(|frame| frame.window = Some(17 << 3 | 1)).encode(),
            ),
        ];
        let with = |make: Make| {
            let payloads = Plan::new(dialect, samples::small()).parts().payloads();
            let payloads = payloads.edit(|payloads| payloads.toc = make(payloads.toc_json.as_bytes()));
            payloads.place().layer()
        };
        for &(slug, change, rules, make) in invalid {
            self.invalid(
                blobs,
                &format!("{dialect}-toc-{slug}"),
                dialect.name(),
                &format!("the TOC {change}"),
                "A form of the index that few readers know is read by these, and two readers see two layers.",
                rules,
                &with(make),
            );
        }
        for &(slug, title, rule, choice, make) in either {
            self.either(
                    blobs,
                    &format!("{dialect}-toc-{slug}"),
                    &format!("the TOC {title}, in {dialect}"),
                    "A decoder stops at the first frame and reads half an index, or allocates a window for a frame of some bytes.",
                    choice,
                    &with(make),
                )
                .rules(&[rule])
                .dialects(&[dialect]);
        }
    }
}

/// Sets an annotation with the prefix of the dialect.
fn annotate(placed: &mut Placed, suffix: &str, value: String) {
    let key = format!("{}{suffix}", prefix(placed.payloads.plan.dialect));
    placed.annotations.insert(key, value);
}

fn placed(dialect: Dialect) -> Placed {
    Plan::new(dialect, samples::small()).parts().payloads().place()
}
