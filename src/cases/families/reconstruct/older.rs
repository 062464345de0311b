//! Layers of g3 and g4, whose tar-split an annotation authenticates. What is one edit is in `src/cases/layers/older.toml`.
//!
//! What is wrong with the tar-split is asked of those who rebuild the tar. A reader that only lists files may leave alone a
//! tar-split that the TOC does not name (choice `tarsplit-checksum`).

use super::{
    Builder, Dialect, EditInPlace, Footer, G3, G4, Line, Parts, Placed, Plan, Rule, Span, Tag, TarEntry, keys, output,
    samples, sealed, tar,
};

/// Slug, slug of the twin and its plan, change, rules, and how it is made.
type Row<'a> = (&'a str, &'a str, Plan, &'a str, &'a [Rule], fn(&mut Parts));

/// A change to an entry.
type Apply<'a> = &'a dyn Fn(&mut TarEntry);

impl Builder<'_> {
    /// After the layers of `layer/index` alone, which are twins of these.
    pub(super) fn older(&mut self) {
        for dialect in [G3, G4] {
            self.older_twins(dialect);
            self.older_segments(dialect);
            self.older_headers(dialect);
            self.older_authority(dialect);
            self.older_diff_id(dialect);
        }
    }

    /// A layer that is listed, and read by choice.
    fn older_twin(&mut self, slug: &str, title: &str, why: &str, rule: Rule, plan: &Plan) {
        let (dialect, layer) = (plan.dialect, plan.layer());
        let slug = format!("{dialect}-{slug}");
        self.alone(|builder| {
            builder.accepted(dialect, &slug, title, why, rule, &layer);
        });
        self.index
            .valid(self.blobs, &slug, &format!("{title}, in {dialect}"), why, &layer)
            .rules(&[rule])
            .dialects(&[dialect]);
    }

    fn older_twins(&mut self, dialect: Dialect) {
        let every = Plan::new(dialect, samples::every_type());
        // layer/index has this one already.
        self.alone(|builder| {
            builder
                .accepted(
                    dialect,
                    &format!("{dialect}-every-type"),
                    "a layer with every type of entry",
                    "The tar that is pushed is not the one that was pulled.",
                    Rule::PlainTar,
                    &every.layer(),
                )
                .tags(&[Tag("interop")]);
        });
        self.keep_plan(&format!("{dialect}-every-type"), &every);
        self.older_twin(
            "dir-and-link",
            "a directory and a symbolic link",
            "Two headers in a row are taken for one.",
            Rule::SegmentHeader,
            &pair(dialect),
        );
        self.older_twin(
            "first-and-second",
            "two files of the same length",
            "The content of one file is that of the other.",
            Rule::SegmentFile,
            &two(dialect),
        );
    }

    /// What the comparison of segments, file entries and TOC finds.
    fn older_segments(&mut self, dialect: Dialect) {
        const WHY: &str = "A reader that looks for one header in each segment sees less than the tar holds, and no digest in the \
                           TOC covers the rest.";
        let every = Plan::new(dialect, samples::every_type());
        let rows: [Row<'_>; 5] = [
            (
                "entry-in-segment",
                "dir-and-link",
                pair(dialect),
                "both headers in one segment, and only the first in the TOC",
                &[Rule::SegmentHeader, Rule::EntrySets, Rule::SegmentFile],
                |parts| {
                    parts.toc.pop();
                    let second = parts.tar_split.remove(2);
                    parts.tar_split.remove(2);
                    if let (Line::Segment(first), Line::Segment(second)) = (&mut parts.tar_split[0], second) {
                        first.extend(second);
                    }
                },
            ),
            (
                "header-in-two-segments",
                "first-and-second",
                two(dialect),
                "the second header in two segments",
                &[Rule::SegmentHeader],
                |parts| {
                    if let Line::Segment(bytes) = &mut parts.tar_split[2] {
                        let rest = bytes.split_off(800);
                        parts.tar_split.insert(3, Line::Segment(rest));
                    }
                },
            ),
            (
                "file-entries-swapped",
                "first-and-second",
                two(dialect),
                "the two files' entries in each other's place",
                &[Rule::SegmentFile],
                |parts| parts.tar_split.swap(1, 3),
            ),
            (
                "file-entry-missing",
                "first-and-second",
                two(dialect),
                "no file entry after the second header",
                &[Rule::SegmentFile, Rule::EntrySets],
                |parts| drop(parts.tar_split.remove(3)),
            ),
            (
                "tar-split-entry-missing",
                "every-type",
                every,
                "an entry less in the tar-split",
                &[Rule::EntrySets],
                |parts| drop(parts.tar_split.drain(14..16)),
            ),
        ];
        for (slug, twin, plan, change, rules, apply) in rows {
            let layer = sealed(plan.parts().edit(apply));
            let (slug, twin) = (format!("{dialect}-{slug}"), format!("{dialect}-{twin}"));
            self.alone(|builder| {
                builder.invalid(&slug, &twin, change, WHY, rules, &layer);
            });
        }
    }

    /// Headers that cannot be read. Each is that of the second file.
    fn older_headers(&mut self, dialect: Dialect) {
        const WHY: &str = "A reader that does not parse the headers of an older layer rebuilds a tar that another one reads in another \
                           way, or not at all.";
        let sparse = |entry: &mut TarEntry| {
            for (key, value) in [("major", "1"), ("minor", "0"), ("name", "second"), ("realsize", "8")] {
                entry.pax.push((format!("GNU.sparse.{key}"), value.into()));
            }
        };
        let long = tar::record("comment", &vec![0; 1 << 20]);
        let rows: [(&str, &str, Rule, Apply<'_>); 4] = [
            (
                "pax-record-too-long",
                "a PAX record before the second file that claims more bytes than there are",
                Rule::TarExtension,
                &|entry| entry.before = tar::extension_of(b'x', b"50 tooshort=\n"),
            ),
            (
                "pax-header-above-1-mib",
                "a PAX header of more than 1 MiB before the second file",
                Rule::TarExtensionLimit,
                &|entry| entry.before = tar::extension_of(b'x', &long),
            ),
            (
                "sparse-pax",
                "a sparse file as PAX has it for the second file",
                Rule::TarSparse,
                &sparse,
            ),
            (
                "header-number-unreadable",
                "a second header whose owner is no number",
                Rule::TarHeader,
                &|entry| entry.patches.push((108, b"nobody\0\0".to_vec())),
            ),
        ];
        for (slug, change, rule, apply) in rows {
            let plan = two(dialect).edit(|plan| apply(&mut plan.entries[1]));
            let (slug, twin) = (format!("{dialect}-{slug}"), format!("{dialect}-first-and-second"));
            self.alone(|builder| {
                builder.invalid(&slug, &twin, change, WHY, &[rule], &plan.layer());
            });
        }
    }

    /// A tar-split that nothing authenticates, or that is gone. The files are listed all the same.
    fn older_authority(&mut self, dialect: Dialect) {
        const WHY: &str = "The server of the blob chooses headers and order of the tar that is pushed.";
        let placed = || Plan::new(dialect, samples::small()).parts().payloads().place();
        let stripped = |placed: &mut Placed| {
            placed.strip(keys::TARSPLIT_CHECKSUM);
            placed.strip(keys::TARSPLIT_POSITION);
            placed.tar_split_frame.clear();
            if dialect == G4 {
                placed.footer_frame = Footer::v64(placed.toc, Span::default()).frame();
            }
        };
        self.alone(|builder| {
            builder.invalid(
                &format!("{dialect}-tar-split-not-authenticated"),
                dialect.name(),
                "no digest of the tar-split in the annotations",
                WHY,
                &[Rule::NoTarSplit],
                &placed().edit(|placed| placed.strip(keys::TARSPLIT_CHECKSUM)).layer(),
            );
            builder.invalid(
                &format!("{dialect}-tar-split-stripped-everywhere"),
                dialect.name(),
                "no tar-split, in the blob, the annotations and the footer",
                "Nothing tells that there was a tar-split, and a reader that makes headers up from the TOC makes another tar.",
                &[Rule::NoTarSplit],
                &placed().edit(stripped).layer(),
            );
        });
    }

    fn older_diff_id(&mut self, dialect: Dialect) {
        let layer = Plan::new(dialect, samples::small()).layer();
        let slug = format!("{dialect}-diff-id");
        let right = self.told(&layer, &layer.tar);
        self.cases
            .either(
                &slug,
                &format!("a layer with its DiffID, in {dialect}"),
                "The DiffID is the only digest that covers the tar of such a layer, and is compared with something else.",
                super::Choice("tarsplit-checksum"),
                right,
                output(&layer),
            )
            .rules(&[Rule::DiffId])
            .dialects(&[dialect]);
        let wrong = self.told(&layer, b"another tar");
        self.cases
            .invalid(
                &format!("{dialect}-diff-id-wrong"),
                &slug,
                "the DiffID of another tar",
                "Nothing in the TOC authenticates the headers of the tar, and the DiffID, which would show that they were exchanged, is \
                 not compared.",
                &[Rule::DiffId],
                wrong,
            )
            .tags(&[Tag("security")]);
        // The name of an owner is in no field of the TOC.
        let swapped = sealed(Plan::new(dialect, samples::small()).parts().edit(|parts| {
            if let Line::Segment(header) = &mut parts.tar_split[0] {
                header[265..270].copy_from_slice(b"nosey");
                tar::seal(header);
            }
        }));
        let swapped = self.told(&swapped, &layer.tar);
        self.cases
            .invalid(
                &format!("{dialect}-tar-split-swapped-unseen"),
                &slug,
                "a tar-split with another owner's name in a header, and its checksum in the annotation",
                "TOC, headers and checksums agree, and the tar is not the image's: only the DiffID tells.",
                &[Rule::DiffId, Rule::PlainTar],
                swapped,
            )
            .tags(&[Tag("security")]);
    }
}

fn pair(dialect: Dialect) -> Plan {
    Plan::new(dialect, vec![TarEntry::dir("d/"), TarEntry::symlink("evil", "/")])
}

fn two(dialect: Dialect) -> Plan {
    Plan::new(
        dialect,
        vec![
            TarEntry::file("first", "harmless\n"),
            TarEntry::file("second", "evil now\n"),
        ],
    )
}
