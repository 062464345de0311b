//! How the index is found and authenticated. What is one edit is in `src/cases/layers/index.toml`.

use super::{
    Bug, Builder, Choice, EditInPlace, Footer, Layer, Line, NamedDigest, Parts, Payloads, Placed, Rule, SKIPPABLE,
    Span, Tag, document, frame, keys, len, sealed, skippable, small,
};
use crate::format::Digest;

impl Builder<'_> {
    pub(super) fn index(&mut self) {
        self.toc_checksums();
        self.tar_splits();
        self.footers();
        self.positions();
        self.last_frames();
        self.frames();
        self.lengths();
    }

    /// A change to the layer `g5` after everything has its place.
    fn placed(&mut self, slug: &str, change: &str, why: &str, rules: &[Rule], apply: impl FnOnce(&mut Placed)) {
        let layer = small().parts().payloads().place().edit(apply).layer();
        self.invalid(slug, "g5", change, why, rules, &layer);
    }

    fn toc_checksums(&mut self) {
        const WHY: &str = "The TOC that is used is not the one that the manifest names, and the server of the blob chooses \
                           the files.";
        let rules = &[Rule::TocChecksum][..];
        self.placed(
            "toc-checksum-uncompressed",
            "the checksum of the decompressed TOC",
            WHY,
            rules,
            |placed| {
                let digest = Digest::of(placed.payloads.toc_json.as_bytes());
                placed.annotate(keys::MANIFEST_CHECKSUM, digest.to_string());
            },
        );
        self.placed(
            "toc-checksum-with-header",
            "a checksum that covers the skippable header",
            WHY,
            rules,
            |placed| {
                let digest = Digest::of(&placed.toc_frame);
                placed.annotate(keys::MANIFEST_CHECKSUM, digest.to_string());
            },
        );
        let changed = small().parts().payloads().edit(|payloads| {
            payloads.toc = frame(payloads.toc_json.replace("\"mode\":420", "\"mode\":511").as_bytes());
        });
        let original = small().parts().payloads().place().annotations;
        self.invalid(
            "toc-replaced",
            "g5",
            "another TOC of the same length behind the same annotations",
            WHY,
            &[Rule::TocChecksum, Rule::EntryMetadata],
            &changed.place().edit(|placed| placed.annotations = original).layer(),
        );
        let both = small().parts().payloads().place().edit(|placed| {
            let digest = Digest::of(placed.payloads.toc_json.as_bytes()).to_string();
            placed.annotations.insert(keys::ESTARGZ.to_owned(), digest);
        });
        self.invalid(
            "two-indexes",
            "g5",
            "the digest of an eStargz TOC as well",
            "The layer is named after the one index and read through the other.",
            &[Rule::TwoIndexes],
            &both.layer(),
        )
        .bugs(&[Bug("storage-two-indexes")]);
    }

    /// What authenticates the tar-split.
    fn tar_splits(&mut self) {
        const WHY: &str = "The server of the blob chooses headers and order of the tar that is pushed, under a digest that \
                           says otherwise.";
        let rules = &[Rule::TarSplitDigest][..];
        let claims =
            |named_digest: NamedDigest| sealed(small().parts().edit(|parts| parts.named_digest = named_digest));
        let uncompressed = Digest::of(document(&small().parts().tar_split).as_bytes()).to_string();
        self.invalid(
            "tar-split-digest-uncompressed",
            "g5",
            "the digest of the decompressed tar-split in the TOC",
            WHY,
            rules,
            &claims(NamedDigest::Other(uncompressed)),
        )
        .bugs(&[Bug("storage-tar-split-by-annotation")]);
        // The TOC was sealed before the tar-split changes; positions and the annotation follow it.
        let swapped = || {
            small().parts().payloads().edit(|payloads: &mut Payloads| {
                let lines = small().parts().edit(|parts| swap_mode(parts, b"0000777")).tar_split;
                payloads.tar_split = frame(document(&lines).as_bytes());
            })
        };
        self.invalid(
            "tar-split-swapped",
            "g5",
            "another tar-split, with its own position, behind the same TOC",
            WHY,
            rules,
            &swapped().place().layer(),
        )
        .bugs(&[Bug("storage-tar-split-by-annotation")]);
        let annotated = swapped().place().edit(|placed| {
            let digest = Digest::of(&placed.payloads.tar_split).to_string();
            placed.annotate(keys::TARSPLIT_CHECKSUM, digest);
        });
        self.invalid(
            "tar-split-swapped-and-annotated",
            "g5-with-tarsplit-checksum",
            "another tar-split, with its own position and checksum annotation, behind the same TOC",
            WHY,
            rules,
            &annotated.layer(),
        )
        .bugs(&[Bug("storage-tar-split-by-annotation")]);
        self.invalid(
            "tar-split-digest-empty",
            "g5",
            "an empty digest of the tar-split in the TOC",
            WHY,
            &[Rule::EntryDigest, Rule::TarSplitDigest, Rule::NoTarSplit],
            &claims(NamedDigest::Other(String::new())),
        );
    }

    fn footers(&mut self) {
        const WHY: &str = "The footer is authenticated by nothing: a reader that believes it is led to another index than \
                           the manifest names.";
        let other = small().parts().edit(|parts| parts.toc[1].mode = 0o4755).payloads();
        let prefix = [skippable(SKIPPABLE, &other.toc), skippable(SKIPPABLE, &other.tar_split)].concat();
        let decoy = Span::new(8, len(&other.toc), len(other.toc_json.as_bytes()));
        let decoy_split = Span::new(decoy.end() + 8, len(&other.tar_split), other.tar_split_uncompressed);
        type Change = Box<dyn FnOnce(&mut Placed)>;
        // A footer that differs may break a rule of footers as well.
        let rows: [(&str, &str, &[Rule], Change); 4] = [
            (
                "footer-names-other-toc",
                "a footer that names another TOC in the blob",
                &[Rule::FooterAgrees, Rule::FooterAdjacent],
                Box::new(move |placed| placed.footer_frame = Footer::v64(decoy, decoy_split).frame()),
            ),
            (
                "footer-length-differs",
                "a footer whose uncompressed length of the TOC is 1 larger",
                &[Rule::FooterAgrees],
                Box::new(|placed| {
                    placed.footer.toc.uncompressed += 1;
                    placed.footer_frame = placed.footer.frame();
                }),
            ),
            (
                "footer-without-tar-split",
                "a footer that names no tar-split",
                &[Rule::FooterAgrees, Rule::FooterAdjacent],
                Box::new(|placed| {
                    placed.footer.tar_split = Span::default();
                    placed.footer_frame = placed.footer.frame();
                }),
            ),
            (
                "footer-of-zeros",
                "a footer of zeros",
                &[Rule::FooterAgrees, Rule::FooterMagic],
                Box::new(|placed| placed.footer_frame = skippable(SKIPPABLE, &[0; 64])),
            ),
        ];
        for (slug, title, rules, apply) in rows {
            let plan = small().edit(|plan| plan.prefix.clone_from(&prefix));
            let layer = plan.parts().payloads().place().edit(apply).layer();
            self.either(slug, title, WHY, Choice("footer-compared"), Rule::FooterAgrees, &layer)
                .rules(rules)
                .tags(&[Tag("security")]);
        }
        let bare = small().layer().edit(|layer: &mut Layer| layer.annotations.clear());
        self.either(
            "no-annotations",
            "a layer of g5 without annotations",
            "What is read through the footer alone is as good as its server; a reader that reads it anyway gives the \
             digest of the TOC that it used.",
            Choice("footer-only"),
            Rule::FooterOnly,
            &bare,
        )
        .tags(&[Tag("security")]);
    }

    fn positions(&mut self) {
        const WHY: &str = "A payload is read from the middle of something else: the bytes that are checked are not those of \
                           a frame.";
        let rules = &[Rule::PositionFrame, Rule::FooterAgrees, Rule::IndexFrame][..];
        self.placed(
            "position-8-off",
            "a position 8 bytes early, with a checksum that fits",
            WHY,
            rules,
            |placed| {
                let toc = Span::new(placed.toc.offset - 8, placed.toc.length + 8, placed.toc.uncompressed);
                placed.annotate(keys::MANIFEST_POSITION, keys::toc_position(toc, 1));
                let digest = Digest::of(&placed.toc_frame).to_string();
                placed.annotate(keys::MANIFEST_CHECKSUM, digest);
            },
        );
        self.placed(
            "toc-frame-longer",
            "8 bytes more in the header of the TOC's frame",
            WHY,
            rules,
            |placed| {
                let length = u32::try_from(placed.toc.length + 8).unwrap_or_default();
                placed.toc_frame[4..8].copy_from_slice(&length.to_le_bytes());
            },
        );
        self.placed(
            "toc-behind-blob",
            "a TOC offset behind the end of the blob",
            "A request that cannot be served ends in a partial answer that is taken for the payload.",
            &[
                Rule::PositionFrame,
                Rule::PositionsAdjacent,
                Rule::FooterAgrees,
                Rule::PositionBounds,
            ],
            |placed| {
                let toc = Span {
                    offset: 1 << 40,
                    ..placed.toc
                };
                placed.annotate(keys::MANIFEST_POSITION, keys::toc_position(toc, 1));
                let split = Span {
                    offset: toc.end() + 8,
                    ..placed.tar_split
                };
                placed.annotate(keys::TARSPLIT_POSITION, keys::position(split));
            },
        );
    }

    /// What stands among the last frames.
    /// Only who reads the end of the blob can notice; who has annotations need not.
    fn last_frames(&mut self) {
        type Change = fn(&mut Placed);
        let rows: &[(&str, &str, Rule, Change)] = &[
            (
                "frame-before-footer",
                "a skippable frame before the footer",
                Rule::FooterAdjacent,
                |placed| placed.footer_frame = [skippable(SKIPPABLE, b"skip me"), placed.footer_frame.clone()].concat(),
            ),
            (
                "data-before-footer",
                "an empty data frame before the footer",
                Rule::FooterAdjacent,
                |placed| placed.footer_frame = [frame(b""), placed.footer_frame.clone()].concat(),
            ),
            (
                "frame-behind-footer",
                "a skippable frame behind the footer",
                Rule::FooterFrame,
                |placed| placed.footer_frame.extend(skippable(SKIPPABLE, b"skip me")),
            ),
            (
                "data-behind-footer",
                "an empty data frame behind the footer",
                Rule::FooterFrame,
                |placed| placed.footer_frame.extend(frame(b"")),
            ),
            ("footer-missing", "no footer", Rule::FooterFrame, |placed| {
                placed.footer_frame.clear();
            }),
        ];
        for &(slug, title, rule, apply) in rows {
            let layer = small().parts().payloads().place().edit(apply).layer();
            self.either(
                slug,
                title,
                "Bytes of the blob belong to nothing, and may be another index for another reader; one that accepts the \
                 layer must have read what the annotations name.",
                Choice("footer-compared"),
                rule,
                &layer,
            )
            .rules(&[Rule::FramesLast, rule]);
        }
    }

    fn frames(&mut self) {
        for (slug, title, more) in [
            ("toc-of-two-frames", "a TOC in two zstd frames", None),
            (
                "toc-with-skippable",
                "a skippable frame behind the zstd frame of the TOC",
                Some(skippable(SKIPPABLE, b"skip me")),
            ),
        ] {
            let layer = small().parts().payloads().edit(|payloads| match more {
                Some(more) => payloads.toc.extend(more),
                None => {
                    let (first, second) = payloads.toc_json.split_at(100);
                    payloads.toc = [frame(first.as_bytes()), frame(second.as_bytes())].concat();
                }
            });
            self.either(
                slug,
                title,
                "A decoder that stops at the first frame reads half a TOC, or none of what hides behind it.",
                Choice("index-frames"),
                Rule::IndexFrames,
                &layer.place().layer(),
            );
        }
        let rules = &[Rule::IndexFrame, Rule::FrameChecksum][..];
        type Change = fn(&mut Payloads);
        let rows: &[(&str, &str, Change)] = &[
            ("toc-raw-json", "a TOC that is not compressed", |p| {
                p.toc = p.toc_json.clone().into_bytes();
            }),
            ("toc-frame-checksum", "a TOC frame with a wrong content checksum", |p| {
                if let Some(last) = p.toc.last_mut() {
                    *last ^= 1;
                }
            }),
        ];
        for &(slug, change, apply) in rows {
            self.invalid(
                slug,
                "g5",
                change,
                "A form of the index that only one store ever wrote for itself is read from a registry.",
                rules,
                &small().parts().payloads().edit(apply).place().layer(),
            );
        }
    }

    /// Declared lengths.
    fn lengths(&mut self) {
        const WHY: &str = "The declared length is a promise that bounds memory; a reader that does not compare it \
                           decompresses whatever is there.";
        let rules = &[Rule::IndexLength][..];
        for (slug, change, tar_split, by) in [
            (
                "toc-length-plus-1",
                "an uncompressed length of the TOC 1 too large",
                false,
                1,
            ),
            (
                "toc-length-minus-1",
                "an uncompressed length of the TOC 1 too small",
                false,
                -1,
            ),
            (
                "tar-split-length-plus-1",
                "an uncompressed length of the tar-split 1 too large",
                true,
                1,
            ),
            (
                "tar-split-length-minus-1",
                "an uncompressed length of the tar-split 1 too small",
                true,
                -1,
            ),
        ] {
            self.placed(slug, change, WHY, rules, |placed| {
                let span = if tar_split {
                    &mut placed.footer.tar_split
                } else {
                    &mut placed.footer.toc
                };
                span.uncompressed = span.uncompressed.saturating_add_signed(by);
                placed.footer_frame = placed.footer.frame();
                let Footer { toc, tar_split, .. } = placed.footer;
                placed.annotate(keys::MANIFEST_POSITION, keys::toc_position(toc, 1));
                placed.annotate(keys::TARSPLIT_POSITION, keys::position(tar_split));
            });
        }
        let nothing = "an uncompressed length of the tar-split of 0";
        self.placed("tar-split-declares-nothing", nothing, WHY, rules, |placed| {
            placed.footer.tar_split.uncompressed = 0;
            placed.footer_frame = placed.footer.frame();
            placed.annotate(keys::TARSPLIT_POSITION, keys::position(placed.footer.tar_split));
        });
        let bomb = small().parts().payloads().edit(|payloads| {
            let spaced = payloads.toc_json.clone() + &" ".repeat(4 << 20);
            payloads.toc = frame(spaced.as_bytes());
        });
        self.invalid(
            "toc-bomb",
            "g5",
            "4 MiB of spaces behind the TOC, which the declared length leaves out",
            WHY,
            rules,
            &bomb.place().layer(),
        )
        .tags(&[Tag("robustness")]);
        let nothing = small().parts().payloads().edit(|payloads| payloads.toc.clear());
        self.invalid(
            "toc-no-bytes",
            "g5",
            "no bytes in the frame of the TOC",
            "The decoder is given nothing and returns nothing, and the layer is one without files.",
            &[Rule::FooterTocLength, Rule::PositionLengths, Rule::IndexFrame],
            &nothing.place().layer(),
        )
        .tags(&[Tag("robustness"), Tag("boundary")]);
    }
}

/// Writes another mode into the header of `etc/hostname` in the tar-split.
fn swap_mode(parts: &mut Parts, mode: &[u8; 7]) {
    if let Line::Segment(bytes) = &mut parts.tar_split[2] {
        bytes[100..107].copy_from_slice(mode);
        super::tar::seal(bytes);
    }
}
