//! Layers of some kilobytes that cost a careless reader all memory or all time.

use super::{Builder, EditInPlace, NamedDigest, Rule, Tag, document, keys, len, sealed, small};
use crate::{
    forge::zstd::{Block, Frame},
    format::Digest,
};

/// Runs of 128 KiB that make 4 GiB.
const RUNS: usize = 32_768;

/// The bytes, and 4 GiB of another one behind them, in one frame without a content size.
fn bomb(bytes: &[u8], filling: u8) -> Vec<u8> {
    Frame::of(bytes)
        .edit(|frame| {
            frame.window = Some(7 << 3);
            frame.content_size = None;
            frame.checksum = None;
            frame.blocks.extend(vec![Block::run(filling, 128 << 10); RUNS]);
        })
        .encode()
}

impl Builder<'_> {
    pub(super) fn resources(&mut self) {
        self.bombs();
        self.claims();
    }

    fn bombs(&mut self) {
        const WHY: &str = "The whole payload is decompressed into memory before its length is compared.";
        let toc = small().parts().payloads().edit(|payloads| {
            payloads.toc = bomb(payloads.toc_json.as_bytes(), b' ');
        });
        self.invalid(
            "toc-bomb-of-4-gib",
            "g5",
            "4 GiB of spaces behind the TOC, which the declared length leaves out",
            WHY,
            &[Rule::IndexLength],
            &toc.place().layer(),
        )
        .tags(&[Tag("robustness")])
        .limits(10, 512);
        let parts = small().parts();
        let tar_split = bomb(document(&parts.tar_split).as_bytes(), b'\n');
        let digest = Digest::of(&tar_split).to_string();
        let payloads = parts
            .edit(|parts| parts.named_digest = NamedDigest::Other(digest))
            .payloads();
        let payloads = payloads.edit(|payloads| payloads.tar_split = tar_split);
        self.invalid(
            "tar-split-bomb-of-4-gib",
            "g5",
            "4 GiB of line feeds behind the tar-split, which the declared length leaves out",
            WHY,
            &[Rule::IndexLength],
            &payloads.place().layer(),
        )
        .tags(&[Tag("robustness")])
        .limits(10, 512);
        self.alone(|builder| {
            // The last file, so that no other range moves.
            let parts = small().parts().edit(|parts| {
                let at = parts.toc.len() - 1;
                let offset = usize::try_from(parts.toc[at].offset).unwrap_or_default();
                let end = usize::try_from(parts.toc[at].end_offset).unwrap_or_default();
                let content = small().entries.pop().map(|entry| entry.content).unwrap_or_default();
                let bomb = bomb(&content, 0);
                parts.toc[at].end_offset = parts.toc[at].offset + len(&bomb);
                parts.data.splice(offset..end, bomb);
            });
            builder
                .invalid(
                    "file-bomb-of-4-gib",
                    "g5",
                    "4 GiB of zeros behind the content of the last file, in its frame",
                    "A file is decompressed to the end of its frame and not to its size, and fills memory or disk.",
                    &[Rule::RangeSize, Rule::FileDigest, Rule::PlainTar],
                    &sealed(parts),
                )
                .tags(&[Tag("robustness")])
                .limits(10, 512);
        });
    }

    /// Positions that claim more than there is.
    fn claims(&mut self) {
        for (slug, change, power) in [
            ("2-31", "2^31", 31),
            ("2-32", "2^32", 32),
            ("2-36", "2^36", 36),
            ("2-62", "2^62", 62),
        ] {
            for (what, tar_split) in [("toc", false), ("tar-split", true)] {
                let claimed = small().parts().payloads().place().edit(|placed| {
                    let span = if tar_split {
                        &mut placed.tar_split
                    } else {
                        &mut placed.toc
                    };
                    span.uncompressed = 1 << power;
                    if tar_split {
                        placed.footer.tar_split.uncompressed = 1 << power;
                        placed.annotate(keys::TARSPLIT_POSITION, keys::position(placed.tar_split));
                    } else {
                        placed.footer.toc.uncompressed = 1 << power;
                        placed.annotate(keys::MANIFEST_POSITION, keys::toc_position(placed.toc, 1));
                    }
                    placed.footer_frame = placed.footer.frame();
                });
                let name = if tar_split { "tar-split" } else { "TOC" };
                self.invalid(
                    &format!("{what}-claims-{slug}"),
                    "g5",
                    &format!("a {name} that claims {change} bytes decompressed"),
                    "Memory is allocated for what a position declares, and not for what is there.",
                    &[Rule::IndexLimit, Rule::IndexLength],
                    &claimed.layer(),
                )
                .tags(&[Tag("robustness"), Tag("boundary")])
                .limits(10, 512);
                let longer = small().parts().payloads().place().edit(|placed| {
                    if tar_split {
                        placed.tar_split.length = 1 << power;
                        placed.annotate(keys::TARSPLIT_POSITION, keys::position(placed.tar_split));
                    } else {
                        placed.toc.length = 1 << power;
                        placed.annotate(keys::MANIFEST_POSITION, keys::toc_position(placed.toc, 1));
                    }
                });
                self.invalid(
                    &format!("{what}-length-{slug}"),
                    "g5",
                    &format!("a {name} whose position has a length of {change} bytes"),
                    "Memory is allocated for what a position declares, and not for what is there.",
                    if tar_split {
                        &[Rule::PositionFrame, Rule::IndexLimit]
                    } else {
                        &[Rule::PositionsAdjacent, Rule::PositionFrame, Rule::IndexLimit]
                    },
                    &longer.layer(),
                )
                .tags(&[Tag("robustness"), Tag("boundary")])
                .limits(10, 512);
            }
        }
    }
}
