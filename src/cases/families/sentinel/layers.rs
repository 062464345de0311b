//! Layers after a sentinel: those that cannot be used through a TOC, and those whose TOC and tar-split show different files.

use super::{Builder, base, marked, samples, upper};
use crate::{
    forge::{
        EditInPlace as _, SKIPPABLE, annotations as keys, estargz,
        image::{GZIP, Part, ZSTD},
        layer::{Layer, Parts, Plan},
        len, skippable,
        tar::TarEntry,
        tarsplit::Line,
        toc::TocEntry,
        zstd::frame,
    },
    format::{
        Dialect::{G2, G5},
        Digest,
    },
    rules::Rule,
    vectors::Choice,
};

impl Builder {
    /// Layers after a sentinel that cannot be used through a TOC.
    pub(super) fn layers(&mut self) {
        const WHY: &str = "The reader downloads the layer in full and unpacks the tar, although the sentinel says that nobody \
                           does: what it uses is what a scanner of tars would have seen, and not what the TOC says.";
        let (base, upper) = (base(), upper());
        let replaced = |part: Part| marked(&[&base, &upper]).edit(|image| image.parts[2] = part);
        let member = estargz::member(&Plan::new(G5, samples::small()).tar());
        let gzip = Part {
            media_type: GZIP,
            blob: member,
            ..unindexed()
        };
        let bare = Part::chunked(&upper).edit(|part| part.annotations.clear());
        let of_estargz = Part::chunked(&upper).edit(|part| {
            let digest = Digest::of(b"a TOC of eStargz").to_string();
            part.annotations = [(keys::ESTARGZ.to_owned(), digest)].into();
        });
        for (slug, change, part) in [
            (
                "layer-plain",
                "a second layer that is plain zstd, without an index",
                unindexed(),
            ),
            ("layer-gzip", "a second layer in gzip", gzip),
            (
                "layer-without-annotations",
                "a second layer whose descriptor has no annotations",
                bare,
            ),
            (
                "layer-of-estargz",
                "a second layer with the annotation of eStargz alone",
                of_estargz,
            ),
        ] {
            self.invalid(
                slug,
                "sentinel-two-layers",
                change,
                WHY,
                &[Rule::DraftSentinelToc],
                &replaced(part),
            );
        }
        let other = Part::chunked(&upper).edit(|part| {
            let key = format!("{}{}", keys::PREFIX, keys::MANIFEST_CHECKSUM);
            part.annotations.insert(key, Digest::of(b"other").to_string());
        });
        self.invalid(
            "layer-toc-checksum-other",
            "sentinel-two-layers",
            "the checksum of something else in the annotations of the second layer",
            "A TOC that the manifest does not name is used, or the reader downloads the layer in full: the digest of the TOC is the \
             only one that is left.",
            &[Rule::TocChecksum, Rule::DraftSentinelToc],
            &replaced(other),
        );
        let empty = Plan::new(G5, Vec::new()).layer();
        self.valid(
            "layer-empty",
            "a sentinel and a layer without entries, whose tar-split has the end of the archive alone",
            "A tar-split without a file is taken for none.",
            Rule::DraftSentinelTarSplit,
            &marked(&[&empty]),
            &[&empty],
        );
        let old = Plan::new(G2, samples::small()).layer();
        self.either(
            "layer-without-tar-split",
            "a sentinel and a layer of g2, which has no tar-split",
            "A reader that keeps the tar-split for a later push has nothing to push, and finds out then.",
            (Choice("draft-sentinel-tar-split"), Rule::DraftSentinelTarSplit),
            &marked(&[&old]),
            &[&old],
        )
        .dialects(&[G2]);
    }

    /// TOC and tar-split that show different files. Only comparing the two shows it.
    pub(super) fn views(&mut self) {
        const WHY: &str = "Nothing computes the digest of the tar after a sentinel. The reader runs what the TOC says, and pushes what \
                           the tar-split says.";
        let pair = || vec![TarEntry::dir("d/"), TarEntry::symlink("evil", "/")];
        let both = Plan::new(G5, pair());
        let layer = both.layer();
        self.valid(
            "views-same",
            "a sentinel and a layer with a directory and a symbolic link",
            "Two headers in a row are taken for one.",
            Rule::DraftSentinelViews,
            &marked(&[&layer]),
            &[&layer],
        );
        // Both headers in one segment, and only the first one in the TOC.
        let hide = |parts: &mut Parts| {
            parts.toc.pop();
            let second = parts.tar_split.remove(2);
            parts.tar_split.remove(2);
            if let (Line::Segment(first), Line::Segment(second)) = (&mut parts.tar_split[0], second) {
                first.extend(second);
            }
        };
        let hidden = sealed_parts(both.parts().edit(hide));
        self.invalid(
            "views-entry-in-segment",
            "views-same",
            "both headers in one segment of the tar-split, and only the first in the TOC",
            "Readers of the whole tar create the link and this one does not, and the DiffID is right: not even the digest of the tar differs.",
            &[Rule::DraftSentinelViews, Rule::SegmentHeader, Rule::EntrySets, Rule::SegmentFile],
            &marked(&[&hidden]),
        );
        let (single, pushed) = (single().layer(), pushed());
        self.valid(
            "views-one-entry",
            "a sentinel and a layer with a directory",
            "An index with a single entry is taken for an empty one.",
            Rule::DraftSentinelViews,
            &marked(&[&single]),
            &[&single],
        );
        self.invalid(
            "views-entry-in-tar-split-alone",
            "views-one-entry",
            "a second header in the segment of the tar-split, which neither the TOC nor the data of the blob has",
            "Without a sentinel the digest of the rebuilt tar is not the DiffID. With one the image is used, and a push of it makes a \
             layer with an entry that no reader of the image has seen.",
            &[Rule::DraftSentinelViews, Rule::SegmentHeader, Rule::EntrySets, Rule::SegmentFile],
            &marked(&[&pushed]),
        );
        self.contents();
        let small = || Plan::new(G5, samples::small()).parts();
        type Change = fn(&mut Parts);
        let rows: &[(&str, &str, Rule, Change)] = &[
            (
                "views-mode-differs",
                "setuid in the TOC for a file that is not so in the tar",
                Rule::EntryMetadata,
                |p| {
                    p.toc[1].mode = 0o4755;
                },
            ),
            (
                "views-owner-differs",
                "another owner in the TOC than in the tar",
                Rule::EntryMetadata,
                |p| {
                    p.toc[2].uid = 1000;
                },
            ),
            (
                "views-name-differs",
                "another name in the TOC than in the tar",
                Rule::EntrySets,
                |p| {
                    p.toc[2].name = "etc/shadow".to_owned();
                },
            ),
            (
                "views-entry-missing",
                "an entry of the tar that the TOC does not have",
                Rule::EntrySets,
                |p| {
                    p.toc.pop();
                },
            ),
            (
                "views-entry-more",
                "an entry in the TOC that the tar does not have",
                Rule::EntrySets,
                |p| p.toc.push(TocEntry::of(&TarEntry::dir("evil/"))),
            ),
            (
                "views-order-differs",
                "the entries of the TOC from last to first",
                Rule::EntryOrder,
                |p| {
                    p.toc.reverse();
                },
            ),
        ];
        for &(slug, change, rule, apply) in rows {
            let layer = sealed_parts(small().edit(apply));
            self.invalid(
                slug,
                "sentinel-one-layer",
                change,
                WHY,
                &[Rule::DraftSentinelViews, rule],
                &marked(&[&layer]),
            );
        }
    }

    /// The content of a file in the segment of its header.
    fn contents(&mut self) {
        let block = |byte: u8| vec![byte; 512];
        let one = |byte| Plan::new(G5, vec![TarEntry::file("a", block(byte))]);
        let layer = one(b'h').layer();
        self.valid(
            "views-one-block",
            "a sentinel and a layer with a file of one block",
            "A file without padding is read wrongly.",
            Rule::DraftSentinelViews,
            &marked(&[&layer]),
            &[&layer],
        );
        let harmless = frame(&block(b'h'));
        let plan = one(b'e').edit(|plan| plan.prefix = skippable(SKIPPABLE, &harmless));
        let hidden = plan.parts().edit(|parts| {
            parts.toc[0].offset = 8;
            parts.toc[0].end_offset = 8 + len(&harmless);
            parts.toc[0].digest = Digest::of(&block(b'h')).to_string();
            if let Line::Segment(bytes) = &mut parts.tar_split[0] {
                bytes.extend(block(b'e'));
            }
            parts.tar_split[1] = Line::file("a", b"");
        });
        let hidden = sealed_parts(hidden);
        self.invalid(
            "views-content-in-segment",
            "views-one-block",
            "the file's content in the segment of its header, and a harmless one in a skippable frame that the TOC names",
            "The image runs with the harmless file, a reader that unpacks or pushes the tar has the other, and the DiffID is right.",
            &[
                Rule::DraftSentinelViews,
                Rule::SegmentHeader,
                Rule::SegmentFile,
                Rule::RangeFrames,
                Rule::EntrySets,
            ],
            &marked(&[&hidden]),
        );
    }
}

/// A layer of zstd that has no index, with its tar.
fn unindexed() -> Part {
    let tar = Plan::new(G5, samples::small()).tar();
    Part {
        media_type: ZSTD,
        blob: frame(&tar),
        annotations: Default::default(),
        diff_id: Digest::of(&tar).to_string(),
    }
}

/// A layer with a directory.
pub(super) fn single() -> Plan {
    Plan::new(G5, vec![TarEntry::dir("d/")])
}

/// The same layer with a second header in its tar-split. The data of the blob and the DiffID are those of the directory alone: the
/// link is nowhere else.
pub(super) fn pushed() -> Layer {
    let parts = single().parts().edit(|parts| {
        if let Line::Segment(first) = &mut parts.tar_split[0] {
            first.extend(TarEntry::symlink("evil", "/").header());
        }
    });
    sealed_parts(parts)
}

fn sealed_parts(parts: Parts) -> Layer {
    parts.payloads().place().layer()
}
