//! Layers as writers write them.

use super::{
    Bug, Builder, Choice, EditInPlace, G3, G4, Layer, Line, NamedDigest, Plan, Rule, SKIPPABLE, Tag, TarEntry, chunked,
    keys, samples, sealed, skippable, small, tar,
};
use crate::{
    forge::zstd::Frame,
    format::{
        Dialect::{G1, G2, G5},
        Digest,
    },
};

impl Builder<'_> {
    pub(super) fn layers(&mut self) {
        self.plain();
        // Without a tar-split there is nothing to rebuild, but much to list; and what a reader may leave to a full download
        // it may still list.
        self.alone(Self::dialects);
        self.contents();
        self.ends();
    }

    fn plain(&mut self) {
        const WHY: &str = "The tar that is pushed is not the one that was pulled.";
        for (slug, title, plan) in [
            ("g5", "a layer of g5", small()),
            ("g5-chunked", "a file in chunks, one of them of zeros", chunked()),
            (
                "g5-every-type",
                "a layer with every type of entry",
                Plan::new(G5, samples::every_type()),
            ),
            (
                "g5-chunks-1100",
                "a file in 1100 chunks of one byte",
                Plan::new(
                    G5,
                    vec![TarEntry::file("data", [b'a'; 1100]).edit(|entry| entry.chunks = vec![(1, false); 1100])],
                ),
            ),
            ("g5-empty-archive", "a layer without entries", Plan::new(G5, vec![])),
            (
                "g5-nothing",
                "the layer of a tar of no bytes",
                Plan::new(G5, vec![]).edit(|plan| plan.tail.clear()),
            ),
        ] {
            self.valid(slug, title, WHY, Rule::PlainTar, &plan.layer())
                .tags(&[Tag("interop")]);
            self.keep_plan(slug, &plan);
        }
        self.valid(
            "g5-nothing-empty-frame",
            "the layer of a tar of no bytes, with an empty frame for its data and one for its tar-split",
            "What the encoder of a newer writer makes of nothing is taken for a contradiction, or waited for.",
            Rule::IndexFrame,
            &nothing_in_frames(),
        )
        .tags(&[Tag("interop"), Tag("boundary")]);
        let both = small().parts().payloads().place().edit(|placed| {
            let digest = Digest::of(&placed.payloads.tar_split).to_string();
            placed.annotate(keys::TARSPLIT_CHECKSUM, digest);
        });
        self.valid(
            "g5-with-tarsplit-checksum",
            "the deprecated annotation beside the digest in the TOC",
            "The annotation is no longer known, and a layer of a careful writer is refused.",
            Rule::TarSplitChecksum,
            &both.layer(),
        )
        .tags(&[Tag("interop")]);
        let prefix = [skippable(SKIPPABLE, b"skip me"), skippable(SKIPPABLE + 15, b"")].concat();
        self.valid(
            "g5-skippable-first",
            "skippable frames before the data",
            "Frames that belong to no file stop the reader, or shift its offsets.",
            Rule::FrameMagic,
            &small().edit(|plan| plan.prefix = prefix).layer(),
        )
        .tags(&[Tag("interop")]);
    }

    /// The older generations.
    fn dialects(&mut self) {
        for dialect in [G3, G4] {
            for (slug, title, entries) in [
                ("", "", samples::small()),
                ("-chunked", " with a file in chunks", vec![samples::chunked()]),
            ] {
                let plan = Plan::new(dialect, entries);
                self.keep_plan(&format!("{dialect}{slug}"), &plan);
                self.either(
                    &format!("{dialect}{slug}"),
                    &format!("a layer of {dialect}{title}"),
                    "A reader of today either uses what the annotation authenticates or falls back; it does not fail in \
                     the middle, as one version did.",
                    Choice("tarsplit-checksum"),
                    Rule::TarSplitChecksum,
                    &plan.layer(),
                )
                .dialects(&[dialect])
                .bugs(&[Bug("storage-old-tar-split")]);
            }
            let wrong = Plan::new(dialect, samples::small())
                .parts()
                .payloads()
                .place()
                .edit(|placed| placed.annotate(keys::TARSPLIT_CHECKSUM, Digest::of(b"other").to_string()));
            self.invalid(
                &format!("{dialect}-tarsplit-checksum-wrong"),
                &dialect.to_string(),
                "another digest in the annotation of the tar-split",
                "The tar is rebuilt from a tar-split that is not the one that was written.",
                &[Rule::TarSplitChecksum],
                &wrong.layer(),
            );
        }
        let rounded = || {
            vec![TarEntry::file("./a", "content\n").edit(|entry| {
                entry.pax.push(("mtime".into(), b"1700000000.5".to_vec()));
                entry.mode = 0o4755;
            })]
        };
        // stargz cleans names and rounds times to the second.
        let stargz_rounded = Plan::stargz(rounded()).parts().edit(|parts| {
            parts.toc[0].name = "a".into();
            parts.toc[0].modtime = "2023-11-14T22:13:21Z".into();
        });
        let cleaned = Plan::new(G2, vec![TarEntry::file("./a", "content\n")])
            .parts()
            .edit(|parts| parts.toc[0].name = "a".into());
        let emptied = Plan::new(G2, vec![TarEntry::file("a", "content\n"), TarEntry::file("a", "")])
            .parts()
            .edit(|parts| parts.toc[1].digest = Digest::of(b"").to_string());
        for (slug, dialect, what, layer) in [
            (
                "g1",
                G1,
                "the same files in a layer of g1",
                Plan::new(G1, samples::small()).layer(),
            ),
            (
                "g2",
                G2,
                "the same files in a layer of g2",
                Plan::new(G2, samples::small()).layer(),
            ),
            (
                "g1-every-type",
                G1,
                "every type of entry in a layer of g1",
                Plan::new(G1, samples::every_type()).layer(),
            ),
            (
                "g1-stargz",
                G1,
                "every type of entry in a layer of stargz",
                Plan::stargz(samples::every_type()).layer(),
            ),
            (
                "g1-stargz-cleaned",
                G1,
                "a layer of stargz whose TOC has a cleaned name and a rounded time",
                sealed(stargz_rounded),
            ),
            (
                "g2-name-cleaned",
                G2,
                "a file whose name has no `./` in the TOC, in a layer of g2",
                sealed(cleaned),
            ),
            (
                "g2-repeated-empty",
                G2,
                "a file that an empty one replaces, in a layer of g2",
                sealed(emptied),
            ),
        ] {
            self.invalid(
                slug,
                "g5",
                &format!("{what}, which has no tar-split"),
                "Headers and padding are made up from the TOC, and the tar is another.",
                &[Rule::NoTarSplit],
                &layer,
            )
            .dialects(&[dialect, G5]);
        }
        let other = Plan::stargz(samples::small())
            .parts()
            .payloads()
            .place()
            .edit(|placed| {
                let digest = Digest::of(b"other").to_string();
                placed.annotations.insert(keys::ESTARGZ.to_owned(), digest);
            });
        self.invalid(
            "g1-stargz-digest-other",
            "g5",
            "the same files in a layer of stargz, whose eStargz annotation has the digest of another TOC",
            "Two clients of one layer, one that takes it for zstd:chunked and one that takes it for eStargz, trust two TOCs.",
            &[Rule::EStargzDigest, Rule::NoTarSplit],
            &other.layer(),
        )
        .dialects(&[G1, G5]);
        let mut marked = samples::small();
        marked.insert(0, TarEntry::file(".no.prefetch.landmark", [0x0e]));
        self.invalid(
            "g1-stargz-landmark-other-byte",
            "g5",
            "the same files in a layer of stargz, and a landmark with another byte than a landmark has",
            "Any file of that name is taken for the mark up to which data is fetched first.",
            &[Rule::Landmark, Rule::NoTarSplit],
            &Plan::stargz(marked).layer(),
        )
        .dialects(&[G1, G5]);
    }

    /// Files and headers that need care.
    fn contents(&mut self) {
        let zeros = TarEntry::file("zeros", vec![0; 1 << 20]);
        self.valid(
            "g5-zeros-file",
            "a file of 1 MiB of zeros in one chunk",
            "A frame that is much smaller than what it holds is cut off by a bound on its ratio.",
            Rule::RangeSize,
            &Plan::new(G5, vec![zeros]).layer(),
        );
        let gnu = TarEntry::file(&"long/".repeat(30), "content\n").edit(|entry| {
            entry.name.push(b'x');
            entry.gnu = true;
        });
        self.valid(
            "g5-gnu-long-name",
            "a long name in GNU's way",
            "The name keeps its trailing NUL, or the header before the header is taken for an entry.",
            Rule::TarExtension,
            &Plan::new(G5, vec![gnu]).layer(),
        )
        .bugs(&[Bug("tar-split-long-link")]);
        let fraction = Plan::new(
            G5,
            vec![TarEntry::file("a", "content\n").edit(|entry| {
                entry.pax.push(("mtime".into(), b"1700000000.25".to_vec()));
            })],
        );
        self.valid(
            "g5-time-with-fraction",
            "a time with a fraction in a PAX record",
            "Times are compared to the second, or the record is not read.",
            Rule::EntryMetadata,
            &sealed(
                fraction
                    .parts()
                    .edit(|parts| parts.toc[0].modtime = "2023-11-14T22:13:20.25Z".into()),
            ),
        );
        let zoned = sealed(
            small()
                .parts()
                .edit(|parts| parts.toc[1].modtime = "2023-11-14T23:13:20+01:00".into()),
        )
        .edit(|layer| layer.toc[1].modtime = "2023-11-14T22:13:20Z".into());
        self.valid(
            "g5-time-in-other-zone",
            "the times of the TOC in another zone",
            "Times are compared as text.",
            Rule::EntryMetadata,
            &zoned,
        );
        let link = TarEntry::hard_link("b", "a").edit(|entry| entry.claimed = Some(8));
        self.valid(
            "g5-link-with-size",
            "a hard link whose header has a size",
            "The size of a header without content counts, and the linked file's bytes or zeros are written. containers/storage \
             decides: it writes the size of the header into the TOC for every type, and compares it.",
            Rule::SegmentFile,
            &Plan::new(G5, vec![TarEntry::file("a", "content\n"), link]).layer(),
        )
        .bugs(&[Bug("link-with-size")]);
        self.valid(
            "g5-hard-link-first",
            "a hard link before its target",
            "The target is looked for among the entries so far.",
            Rule::EntrySets,
            &Plan::new(
                G5,
                vec![TarEntry::hard_link("b", "a"), TarEntry::file("a", "content\n")],
            )
            .layer(),
        );
        self.valid(
            "g5-parents-missing",
            "a file whose directories are not in the layer",
            "The parents are made up and end up in the tar, or their absence is an error.",
            Rule::EntrySets,
            &Plan::new(G5, vec![TarEntry::file("a/b/c", "content\n")]).layer(),
        )
        .bugs(&[Bug("storage-parents")]);
        self.valid(
            "g5-root-slash",
            "a directory `/`, the root itself, before a file",
            "The root is made inside itself, or its making fails since it is there.",
            Rule::EntrySets,
            &Plan::new(G5, vec![TarEntry::dir("/"), TarEntry::file("a", "content\n")]).layer(),
        )
        .tags(&[Tag("interop")])
        .bugs(&[Bug("storage-root")]);
        let raw = Plan::new(
            G5,
            vec![TarEntry::file("file-?", "content\n").edit(|entry| entry.name[5] = 0xe4)],
        );
        let twin = Plan::new(G5, vec![TarEntry::file("file-x", "content\n")]);
        self.valid(
            "g5-one-file",
            "a layer of one file",
            "The tar that is pushed is not the one that was pulled.",
            Rule::EntrySets,
            &twin.layer(),
        );
        self.invalid(
            "g5-name-not-utf-8",
            "g5-one-file",
            "a name that is not UTF-8, U+FFFD in its place in the TOC",
            "JSON cannot hold the name, so that the file is created under another than the tar gives it.",
            &[Rule::EntrySets],
            &raw.layer(),
        );
    }

    /// What stands behind the last file.
    fn ends(&mut self) {
        const WHY: &str = "Bytes behind the last file are dropped or made up, and the DiffID is another.";
        for (slug, title, tail) in [
            ("g5-end-missing", "a tar without its end", vec![]),
            ("g5-end-half", "a tar that ends with one zero block", vec![0; 512]),
            (
                "g5-end-record",
                "a tar that is filled up to a whole record",
                vec![0; 10_240],
            ),
            (
                "g5-tail-odd",
                "a tar with 100 zero bytes behind its end",
                vec![0; 1024 + 100],
            ),
        ] {
            self.valid(
                slug,
                title,
                WHY,
                Rule::PlainTar,
                &small().edit(|plan| plan.tail = tail).layer(),
            )
            .tags(&[Tag("interop"), Tag("boundary")])
            .bugs(&[Bug("storage-tail-lost"), Bug("storage-writer-hangs")]);
        }
        let alone = small()
            .edit(|plan| plan.tail = vec![0; 1024 + 100])
            .parts()
            .edit(|parts| {
                if let Some(Line::Segment(last)) = parts.tar_split.pop() {
                    let (end, tail) = last.split_at(last.len() - 100);
                    parts.tar_split.push(Line::Segment(end.to_vec()));
                    parts.tar_split.push(Line::Segment(tail.to_vec()));
                }
            });
        self.valid(
            "g5-tail-odd-alone",
            "a tar with 100 zero bytes behind its end, in a segment of their own",
            WHY,
            Rule::SegmentTail,
            &sealed(alone),
        )
        .tags(&[Tag("interop"), Tag("boundary")]);
        let bare = small().edit(|plan| {
            plan.padded = false;
            plan.tail.clear();
        });
        self.valid(
            "g5-padding-missing",
            "a tar that ends with the last byte of its last file",
            WHY,
            Rule::PlainTar,
            &bare.layer(),
        )
        .tags(&[Tag("boundary")]);
        for (slug, title, more) in [
            ("g5-tail-text", "text behind the end of the archive", b"more".to_vec()),
            (
                "g5-tail-header",
                "a header behind the end of the archive",
                TarEntry::symlink("evil", "/").header(),
            ),
        ] {
            self.either(
                slug,
                title,
                "What follows the end is no entry: a reader that takes it for one creates a file that others do not see.",
                Choice("tail-bytes"),
                Rule::SegmentTail,
                &small().edit(|plan| plan.tail.extend(more)).layer(),
            )
            .tags(&[Tag("security")]);
        }
        // Its records are in the segment, its padding in the next one, and its file entry has no size.
        let records = tar::record("comment", b"0123456789abcdef");
        let mut global = tar::extension_of(b'g', &records);
        let mut entries = samples::small();
        entries[0].before.clone_from(&global);
        global.truncate(512 + records.len());
        let layer = sealed(Plan::new(G5, entries).parts().edit(|parts| {
            if let Line::Segment(first) = &mut parts.tar_split[0] {
                first.drain(..global.len());
            }
            let lines = [Line::Segment(global), Line::file("./PaxHeaders.0/entry", b"")];
            parts.tar_split.splice(0..0, lines);
        }));
        self.either(
            "g5-global-header",
            "a global PAX header in the tar-split",
            "A header that makes no file is looked for in the TOC. Go's tar reader and tar-split decide how it is recorded: the \
             records are in the segment of the header, its file entry has size 0, and its padding is in the next segment.",
            Choice("global-header"),
            Rule::EntrySets,
            &layer,
        )
        .tags(&[Tag("interop")]);
    }
}

/// The layer of no bytes as containers/storage writes it with an encoder that makes a frame of nothing.
fn nothing_in_frames() -> Layer {
    let empty = Frame::of(b"")
        .edit(|frame| {
            frame.window = Some(13 << 3);
            frame.content_size = None;
        })
        .encode();
    let parts = Plan::new(G5, vec![]).edit(|plan| plan.tail.clear()).parts();
    let digest = Digest::of(&empty).to_string();
    let payloads = parts
        .edit(|parts| {
            parts.data.clone_from(&empty);
            parts.named_digest = NamedDigest::Other(digest);
        })
        .payloads();
    payloads.edit(|payloads| payloads.tar_split = empty).place().layer()
}
