//! Segments of the tar-split, and the tar headers in them.

use super::{
    Builder, EditInPlace, G5, Line, Parts, Plan, Rule, SKIPPABLE, Tag, TarEntry, frame, len, sealed, skippable, tar,
};
use crate::format::Digest;

impl Builder<'_> {
    pub(super) fn segments(&mut self) {
        self.smuggled();
        self.file_entries();
        self.borders();
        self.headers();
    }

    /// Content and entries that only the full tar shows.
    fn smuggled(&mut self) {
        const WHY: &str = "A reader that compares headers only sees nothing wrong: who fetches in part gets a harmless file, \
                           who downloads the whole gets another.";
        let rules = &[
            Rule::SegmentHeader,
            Rule::SegmentFile,
            Rule::RangeFrames,
            Rule::EntrySets,
        ][..];
        let block = |byte: u8| vec![byte; 512];
        let one = |byte| Plan::new(G5, vec![TarEntry::file("a", block(byte))]);
        self.valid(
            "g5-one-block",
            "a file of one block",
            "A file without padding is read wrongly.",
            Rule::SegmentHeader,
            &one(b'h').layer(),
        )
        .tags(&[Tag("boundary")]);

        // The blob's data is the evil file, its TOC names a harmless one that hides in a skippable frame.
        let harmless = frame(&block(b'h'));
        let plan = one(b'e').edit(|plan| plan.prefix = skippable(SKIPPABLE, &harmless));
        let inline = plan.parts().edit(|parts: &mut Parts| {
            parts.toc[0].offset = 8;
            parts.toc[0].end_offset = 8 + len(&harmless);
            parts.toc[0].digest = Digest::of(&block(b'h')).to_string();
            if let Line::Segment(bytes) = &mut parts.tar_split[0] {
                bytes.extend(block(b'e'));
            }
            parts.tar_split[1] = Line::file("a", b"");
        });
        self.invalid(
            "content-in-segment",
            "g5-one-block",
            "the file's content in the segment of its header, and no size in its entry",
            WHY,
            rules,
            &sealed(inline.clone()),
        );
        self.invalid(
            "content-in-segment-without-entry",
            "g5-one-block",
            "the file's content in the segment of its header, and no entry for it",
            WHY,
            &[
                Rule::SegmentHeader,
                Rule::SegmentFile,
                Rule::EntrySets,
                Rule::RangeFrames,
            ],
            &sealed(inline.edit(|parts| {
                parts.tar_split.remove(1);
            })),
        );
        let pair = Plan::new(G5, vec![TarEntry::dir("d/"), TarEntry::symlink("evil", "/")]);
        self.valid(
            "g5-dir-and-link",
            "a directory and a symbolic link",
            "Two headers in a row are taken for one.",
            Rule::SegmentHeader,
            &pair.layer(),
        );
        let hidden = pair.parts().edit(|parts| {
            parts.toc.pop();
            let second = parts.tar_split.remove(2);
            parts.tar_split.remove(2);
            if let (Line::Segment(first), Line::Segment(second)) = (&mut parts.tar_split[0], second) {
                first.extend(second);
            }
        });
        self.invalid(
            "entry-in-segment",
            "g5-dir-and-link",
            "both headers in one segment, and only the first in the TOC",
            WHY,
            &[Rule::SegmentHeader, Rule::EntrySets, Rule::SegmentFile],
            &sealed(hidden),
        );
    }

    /// The file entries behind the headers.
    fn file_entries(&mut self) {
        const WHY: &str = "A header gets the content of another file.";
        let rules = &[Rule::SegmentFile, Rule::EntrySets, Rule::PlainTar][..];
        type Change = fn(&mut Parts);
        let rows: &[(&str, &str, Change)] = &[
            (
                "file-entries-swapped",
                "the two files' entries in each other's place",
                |p| p.tar_split.swap(1, 3),
            ),
            ("file-entry-size-differs", "the size of a file entry 1 too small", |p| {
                if let Line::File { size, .. } = &mut p.tar_split[1] {
                    *size -= 1;
                }
            }),
            ("file-entry-missing", "no file entry behind the second header", |p| {
                p.tar_split.remove(3);
            }),
            ("file-entry-more", "a third file entry without a header", |p| {
                p.tar_split.insert(4, Line::file("c", b""));
            }),
            ("file-entry-other-name", "another name in the second file entry", |p| {
                p.tar_split[3] = Line::file("c", b"evil now\n");
            }),
        ];
        let two = Plan::new(
            G5,
            vec![TarEntry::file("a", "harmless\n"), TarEntry::file("b", "evil now\n")],
        );
        for &(slug, change, apply) in rows {
            self.invalid(
                slug,
                "g5-two-files",
                change,
                WHY,
                rules,
                &sealed(two.parts().edit(apply)),
            );
        }
    }

    /// Where one segment ends and the next begins.
    fn borders(&mut self) {
        const WHY: &str = "A reader that looks for one header at the start of each segment misses this one, and compares the \
                           TOC with less than the tar holds.";
        /// Ends the segment of this line after so many bytes; a further segment has the rest.
        fn split(parts: &mut Parts, line: usize, at: usize) {
            if let Line::Segment(bytes) = &mut parts.tar_split[line] {
                let rest = bytes.split_off(at);
                parts.tar_split.insert(line + 1, Line::Segment(rest));
            }
        }
        let two = Plan::new(
            G5,
            vec![TarEntry::file("a", "harmless\n"), TarEntry::file("b", "evil now\n")],
        );
        let pair = Plan::new(G5, vec![TarEntry::dir("d/"), TarEntry::symlink("evil", "/")]);
        let fraction = Plan::new(
            G5,
            vec![TarEntry::file("a", "content\n").edit(|entry| {
                entry.pax.push(("mtime".into(), b"1700000000.25".to_vec()));
            })],
        );
        type Change = fn(&mut Parts);
        let rows: &[(&str, &str, &Plan, &str, Change)] = &[
            (
                "header-in-two-segments",
                "g5-two-files",
                &two,
                "the second header in two segments",
                |p| split(p, 2, 800),
            ),
            (
                "padding-in-own-segment",
                "g5-two-files",
                &two,
                "the padding of the first file in a segment of its own, before that of the second header",
                |p| split(p, 2, 512 - 9),
            ),
            (
                "file-entry-within-header",
                "g5-two-files",
                &two,
                "a file entry in the middle of the second header",
                |p| {
                    split(p, 2, 800);
                    p.tar_split.insert(3, Line::file("c", b""));
                },
            ),
            (
                "file-entry-before-own-header",
                "g5-time-with-fraction",
                &fraction,
                "a file entry between the PAX header and the header that it is for",
                |p| {
                    p.toc[0].modtime = "2023-11-14T22:13:20.25Z".into();
                    split(p, 0, 1024);
                    p.tar_split.insert(1, Line::file("c", b""));
                },
            ),
            (
                "segment-reaches-into-header",
                "g5-dir-and-link",
                &pair,
                "the first bytes of the second header in the segment of the first",
                |p| {
                    split(p, 2, 100);
                    if let Line::Segment(begun) = p.tar_split.remove(2)
                        && let Line::Segment(first) = &mut p.tar_split[0]
                    {
                        first.extend(begun);
                    }
                },
            ),
        ];
        for &(slug, twin, plan, change, apply) in rows {
            self.invalid(
                slug,
                twin,
                change,
                WHY,
                &[Rule::SegmentHeader, Rule::SegmentFile, Rule::EntrySets],
                &sealed(plan.parts().edit(apply)),
            );
        }
    }

    /// Headers that cannot be read.
    fn headers(&mut self) {
        const WHY: &str =
            "Two readers of tar make two things of the header, and the TOC can agree with only one of them.";
        let file = || TarEntry::file("file-x", "content\n");
        let oversized = tar::record("comment", &vec![0; 1 << 20]);
        let sparse = |entry: &mut TarEntry| {
            for (key, value) in [("major", "1"), ("minor", "0"), ("name", "file-x"), ("realsize", "8")] {
                entry.pax.push((format!("GNU.sparse.{key}"), value.into()));
            }
            entry.content = [b"1\n0\n8\n".to_vec(), vec![0; 506], b"content\n".to_vec()].concat();
        };
        for (slug, change, rules, entry) in [
            (
                "pax-record-too-long",
                "a PAX record that claims more bytes than there are",
                &[Rule::TarExtension][..],
                file().edit(|entry| entry.before = tar::extension_of(b'x', b"50 tooshort=\n")),
            ),
            (
                "pax-record-too-short",
                "a PAX record that ends within its key",
                &[Rule::TarExtension],
                file().edit(|entry| entry.before = tar::extension_of(b'x', b"3 somelongkey=\n")),
            ),
            (
                "pax-record-without-equals",
                "a PAX record without a value",
                &[Rule::TarExtension],
                file().edit(|entry| entry.before = tar::extension_of(b'x', b"11 comment\n")),
            ),
            (
                "pax-header-above-1-mib",
                "a PAX header of more than 1 MiB",
                &[Rule::TarExtensionLimit],
                file().edit(|entry| entry.before = tar::extension_of(b'x', &oversized)),
            ),
            (
                "sparse-pax",
                "a sparse file as PAX has it",
                &[Rule::TarSparse],
                file().edit(sparse),
            ),
            (
                "sparse-gnu",
                "a sparse file as GNU had it",
                &[Rule::TarSparse],
                file().edit(|entry| {
                    entry.gnu = true;
                    entry.flag = b'S';
                }),
            ),
        ] {
            self.invalid(
                slug,
                "g5-one-file",
                change,
                WHY,
                rules,
                &Plan::new(G5, vec![entry]).layer(),
            );
        }
        let broken = Plan::new(G5, vec![file()]).parts().edit(|parts| {
            if let Line::Segment(bytes) = &mut parts.tar_split[0] {
                bytes[148] ^= 1;
            }
        });
        self.invalid(
            "header-checksum-wrong",
            "g5-one-file",
            "a header with a wrong checksum in the tar-split",
            WHY,
            &[Rule::TarHeader, Rule::SegmentHeader, Rule::PlainTar],
            &sealed(broken),
        );
        let cut =
            Plan::new(G5, vec![file()]).edit(|plan| plan.tail = TarEntry::file("cut", "").header()[..300].to_vec());
        self.invalid(
            "header-cut",
            "g5-one-file",
            "the first 300 bytes of another header instead of the end",
            "A truncated tar passes for a whole one.",
            &[
                Rule::TarTruncated,
                Rule::TarHeader,
                Rule::SegmentHeader,
                Rule::SegmentTail,
            ],
            &cut.layer(),
        );
    }
}
