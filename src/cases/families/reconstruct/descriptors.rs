//! Annotations that break a rule, for a reader that rebuilds the tar: it reads them itself, whatever a parser of annotations does.

use sha2::{Digest as _, Sha512};

use super::{Builder, Choice, EditInPlace, G5, NamedDigest, Placed, Plan, Rule, keys, sealed, small};
use crate::format::Digest;

/// A change to the layer after everything has its place.
type Apply<'a> = &'a dyn Fn(&mut Placed);

/// The digest of these bytes in another algorithm than every writer uses.
fn sha512(bytes: &[u8]) -> String {
    let hex: String = Sha512::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha512:{hex}")
}

impl Builder<'_> {
    pub(super) fn descriptors(&mut self) {
        self.alone(|builder| {
            builder.written_positions();
            builder.written_checksums();
            builder.prefix_differs();
            builder.other_algorithms();
        });
    }

    fn written_positions(&mut self) {
        const WHY: &str = "The bytes that are fetched, or the memory that is allocated, are not those that another reader gets from the \
                           same text.";
        type Change = fn(&mut Placed);
        let toc = |placed: &mut Placed, text: &str| placed.annotate(keys::MANIFEST_POSITION, text);
        let rows: [(&str, &str, &[Rule], Apply<'_>); 6] = [
            (
                "toc-position-leading-zero",
                "a leading zero in the position of the TOC",
                &[Rule::PositionGrammar],
                &|placed| {
                    let text = format!("0{}", keys::toc_position(placed.toc, 1));
                    toc(placed, &text);
                },
            ),
            (
                "tar-split-position-trailing-text",
                "text after the position of the tar-split",
                &[Rule::PositionGrammar],
                &|placed| {
                    let text = format!("{} and more", keys::position(placed.tar_split));
                    placed.annotate(keys::TARSPLIT_POSITION, text);
                },
            ),
            (
                "tar-split-declares-2-63",
                "an uncompressed length of the tar-split of 2^63",
                &[Rule::PositionRange],
                &|placed| {
                    let mut span = placed.tar_split;
                    span.uncompressed = 1 << 63;
                    placed.annotate(keys::TARSPLIT_POSITION, keys::position(span));
                },
            ),
            (
                "toc-position-type-2",
                "another manifest type in the position of the TOC",
                &[Rule::PositionType],
                &|placed| {
                    let text = keys::toc_position(placed.toc, 2);
                    toc(placed, &text);
                },
            ),
            (
                "toc-position-declares-nothing",
                "0 for the uncompressed length of the TOC in its position",
                &[Rule::PositionLengths, Rule::IndexLength, Rule::FooterAgrees],
                &|placed| {
                    let mut span = placed.toc;
                    span.uncompressed = 0;
                    let text = keys::toc_position(span, 1);
                    toc(placed, &text);
                },
            ),
            (
                "tar-split-position-of-frame",
                "the position of the tar-split's frame, and not of its payload",
                &[Rule::PositionsAdjacent, Rule::PositionFrame, Rule::FooterAgrees],
                &|placed| {
                    let mut span = placed.tar_split;
                    span.offset -= 8;
                    placed.annotate(keys::TARSPLIT_POSITION, keys::position(span));
                },
            ),
        ];
        for (slug, change, rules, apply) in rows {
            let layer = small().parts().payloads().place().edit(|placed| apply(placed)).layer();
            self.invalid(slug, "g5", change, WHY, rules, &layer);
        }
        let nothing = Plan::new(G5, vec![]).edit(|plan| plan.tail.clear());
        let apply: Change = |placed| {
            let mut span = placed.tar_split;
            span.uncompressed = 1;
            placed.annotate(keys::TARSPLIT_POSITION, keys::position(span));
        };
        self.invalid(
            "nothing-declares-1",
            "g5-nothing",
            "1 for the uncompressed length of a tar-split of no bytes in its position",
            "A reader waits for a byte that nothing decodes to, or does not compare lengths at all.",
            &[
                Rule::PositionLengths,
                Rule::FooterAgrees,
                Rule::IndexLength,
                Rule::IndexFrame,
            ],
            &nothing.parts().payloads().place().edit(apply).layer(),
        );
    }

    fn written_checksums(&mut self) {
        const WHY: &str =
            "Two spellings of one digest are two names of one layer, and a reader that compares texts finds neither.";
        let upper = |placed: &mut Placed| {
            let digest = Digest::of(&placed.payloads.toc).hex().to_uppercase();
            placed.annotate(keys::MANIFEST_CHECKSUM, format!("sha256:{digest}"));
        };
        self.invalid(
            "toc-checksum-upper-case",
            "g5",
            "the checksum of the TOC in upper case",
            WHY,
            &[Rule::AnnotationDigest],
            &small().parts().payloads().place().edit(upper).layer(),
        );
        let bare = |placed: &mut Placed| {
            let digest = Digest::of(&placed.payloads.tar_split).hex();
            placed.annotate(keys::TARSPLIT_CHECKSUM, digest);
        };
        self.invalid(
            "tarsplit-checksum-without-algorithm",
            "g5-with-tarsplit-checksum",
            "the checksum of the tar-split without its algorithm",
            WHY,
            &[Rule::AnnotationDigest],
            &small().parts().payloads().place().edit(bare).layer(),
        );
    }

    /// What `g5-both-prefixes` has under the old prefix, with another value.
    fn prefix_differs(&mut self) {
        let placed = small().parts().payloads().place().edit(|placed| {
            let position = keys::toc_position(placed.toc, 1);
            let digest = Digest::of(b"other").to_string();
            for (suffix, value) in [(keys::MANIFEST_CHECKSUM, digest), (keys::MANIFEST_POSITION, position)] {
                placed
                    .annotations
                    .insert(format!("{}{suffix}", keys::OLD_PREFIX), value);
            }
        });
        self.invalid(
            "prefixes-differ",
            "g5-both-prefixes",
            "the checksum of another TOC under the old prefix",
            "Readers of the one prefix and of the other use two TOCs of one layer, and rebuild two tars.",
            &[Rule::PrefixesAgree],
            &placed.layer(),
        );
    }

    /// Digests of the index in an algorithm that OCI registers and no writer uses.
    fn other_algorithms(&mut self) {
        const WHY: &str = "A reader that assumes sha256 compares nothing, or rejects a layer that others read.";
        let choice = Choice("digest-algorithm");
        let tar_split = small().parts().payloads().tar_split;
        let named = small()
            .parts()
            .edit(|parts| parts.named_digest = NamedDigest::Other(sha512(&tar_split)));
        let file = small().parts().edit(|parts| {
            parts.toc[1].digest = sha512(b"chunked\n");
        });
        for (slug, title, parts) in [
            (
                "tar-split-digest-sha512",
                "a layer whose TOC has the digest of the tar-split in sha512",
                named,
            ),
            (
                "file-digest-sha512",
                "a layer whose TOC has the digest of a file in sha512",
                file,
            ),
        ] {
            self.either(slug, title, WHY, choice, Rule::DigestAlgorithm, &sealed(parts));
        }
    }
}
