//! `tarsplit/assemble`.

use super::{Blobs, Family, samples, tar_output};
use crate::{
    forge::{
        EditInPlace,
        layer::Plan,
        swap,
        tar::TarEntry,
        tarsplit::{Line, document},
    },
    format::Dialect::{G3, G4, G5},
    rules::Rule,
    vectors::{
        Bug, Bytes, Choice, Tag,
        bytes::Part,
        ops::{AssembleInput, FileInput, TarOutput},
    },
};

type Cases = Family<AssembleInput, TarOutput>;

/// A tar, cut into its tar-split and the content of its files.
#[derive(Clone)]
struct Kit {
    lines: Vec<Line>,
    files: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Kit {
    fn of(plan: &Plan) -> Self {
        Self {
            lines: plan.parts().tar_split,
            files: plan
                .entries
                .iter()
                .filter(|entry| !entry.content.is_empty())
                .map(|entry| (entry.name.clone(), entry.content.clone()))
                .collect(),
        }
    }
}

/// Adds cases, keeping their large inputs.
struct Builder<'a> {
    cases: Cases,
    blobs: &'a mut Blobs,
}

pub(in super::super) fn cases(blobs: &mut Blobs) -> Cases {
    let mut builder = Builder {
        cases: Cases::new("assemble"),
        blobs,
    };
    builder.accepted();
    builder.ends();
    builder.empty();
    builder.broken();
    builder.resources();
    builder.cases
}

fn plan(entries: Vec<TarEntry>) -> Plan {
    Plan::new(G5, entries)
}

/// Two files of equal length.
fn two() -> Plan {
    plan(vec![TarEntry::file("a", "first\n"), TarEntry::file("b", "other\n")])
}

impl Builder<'_> {
    fn input(&mut self, kit: &Kit) -> AssembleInput {
        AssembleInput {
            tar_split: self.blobs.place(document(&kit.lines).as_bytes()),
            files: kit
                .files
                .iter()
                .map(|(name, content)| FileInput {
                    name: self.blobs.place(name),
                    content: self.blobs.place(content),
                })
                .collect(),
        }
    }

    fn valid(&mut self, slug: &str, title: &str, why: &str, rule: Rule, plan: &Plan) {
        let input = self.input(&Kit::of(plan));
        self.cases
            .valid(slug, title, why, input, tar_output(&plan.tar()))
            .rules(&[rule])
            .dialects(&[G3, G4, G5]);
    }

    fn accepted(&mut self) {
        const WRONG: &str = "The tar that is pushed is not the one that was pulled.";
        self.valid(
            "one-file",
            "a tar of one file",
            WRONG,
            Rule::FileCrc,
            &plan(vec![TarEntry::file("a", "content\n")]),
        );
        self.valid("two-files", "a tar of two files", WRONG, Rule::FileCrc, &two());
        self.valid(
            "replacement-character",
            "a tar of a file with U+FFFD in its name",
            "A character that stands for a mistake is taken for one, and the file is not found.",
            Rule::FileMissing,
            &plan(vec![TarEntry::file("a\u{fffd}", "content\n")]),
        );
        self.valid(
            "block-sizes",
            "files of 511, 512 and 513 bytes",
            "Padding is added to what the segments hold already, or a block is lost.",
            Rule::FileSize,
            &plan(
                [511, 512, 513]
                    .map(|size| TarEntry::file(&format!("f{size}"), samples::bytes(size)))
                    .to_vec(),
            ),
        );
        self.valid(
            "every-type",
            "a tar with every type of entry",
            WRONG,
            Rule::FileMissing,
            &plan(samples::every_type()),
        );
        self.valid(
            "empty-archive",
            "a tar of nothing but its end",
            WRONG,
            Rule::FileMissing,
            &plan(vec![]),
        );
        self.valid(
            "nothing",
            "a tar of no bytes",
            "The tar-split of an empty tar is an error instead of an empty tar.",
            Rule::FileMissing,
            &plan(vec![]).edit(|plan| plan.tail.clear()),
        );
        self.valid(
            "gnu-long-name",
            "a long name and a long link target in GNU's way",
            "The header before the header is lost, or its name keeps a NUL.",
            Rule::FileMissing,
            &plan(vec![
                TarEntry::file(&"long/".repeat(30), "content\n").edit(|entry| {
                    entry.name.push(b'x');
                    entry.gnu = true;
                }),
                TarEntry::symlink("link", &"../".repeat(50)).edit(|entry| entry.gnu = true),
            ]),
        );
        let raw = plan(vec![
            TarEntry::file("", "not UTF-8\n").edit(|entry| entry.name = b"file-\xe4".to_vec()),
        ]);
        let input = self.input(&Kit::of(&raw));
        self.cases
            .valid(
                "name-not-utf-8",
                "a name that is not UTF-8",
                "The file is not found under the mangled name, or its checksum is written as its content.",
                input,
                tar_output(&raw.tar()),
            )
            .rules(&[Rule::FileMissing])
            .dialects(&[G3, G4, G5])
            .bugs(&[Bug("tar-split-raw-names")]);
        self.raw_name();
        self.equal_files();
        let link = plan(vec![
            TarEntry::file("a", "hello"),
            TarEntry::hard_link("b", "a").edit(|entry| entry.claimed = Some(5)),
            TarEntry::dir("d/").edit(|entry| entry.claimed = Some(5)),
        ]);
        let input = self.input(&Kit::of(&link));
        self.cases
            .valid(
                "link-with-size",
                "a hard link and a directory whose headers have a size",
                "The size of a header without content counts, and the linked file is looked for or zeros are written. tar-split \
                 decides: it records the size of the header, and the checksum of no bytes.",
                input,
                tar_output(&link.tar()),
            )
            .rules(&[Rule::FileSize])
            .dialects(&[G3, G4, G5])
            .bugs(&[Bug("link-with-size")]);
    }

    /// Sizes and checksums do not tell files of equal content apart.
    fn equal_files(&mut self) {
        let equal = plan(vec![TarEntry::file("a", "content\n"), TarEntry::file("b", "content\n")]);
        self.valid(
            "equal-files",
            "a tar of two files of equal content",
            "The second file counts as delivered with the first, and is left out.",
            Rule::FileMissing,
            &equal,
        );
        let kit = Kit::of(&equal).edit(|kit| {
            if let Line::File { name, .. } = &mut kit.lines[3] {
                *name = b"./a".to_vec();
            }
        });
        let input = self.input(&kit);
        self.cases
            .invalid(
                "equal-files-of-one-name",
                "equal-files",
                "the name of the first file after `./` for the second in the tar-split",
                "Content, size and checksum are right for both, so that the repeated name alone shows that the document is not one that \
                 tar-split wrote.",
                &[Rule::TarSplitUnique, Rule::FileMissing],
                input,
            )
            .tags(&[Tag("robustness")]);
    }

    /// Two readers make two tars of it: one that does not know `name_raw` writes the checksum into the tar.
    fn raw_name(&mut self) {
        let kit = Kit::of(&two());
        let files = self.input(&kit).files;
        let json = swap(&document(&kit.lines), r#""name":"b""#, r#""name_raw":"Yg==""#);
        let tar_split = self.blobs.place(json.as_bytes());
        self.cases
            .either(
                "name-raw-of-utf-8",
                "a tar of two files, one with its name in name_raw",
                "tar-split writes `name_raw` only for names that are not UTF-8; a reader that does not know the key takes the checksum of \
                 the file for a piece of the tar.",
                Choice("raw-names"),
                AssembleInput { tar_split, files },
                tar_output(&two().tar()),
            )
            .rules(&[Rule::TarSplitRawName])
            .dialects(&[G3, G4, G5]);
        let changed = [
            (
                "size-missing",
                "a checksum and no size of the second file",
                &[Rule::FileCrc, Rule::FileSize][..],
                swap(&document(&kit.lines), r#""name":"b","size":6"#, r#""name":"b""#),
            ),
            (
                "segment-as-file",
                "type 1 for the last segment",
                &[Rule::TarSplitPayload, Rule::TarSplitUnique],
                swap(
                    &document(&kit.lines),
                    "\"type\":2,\"payload\":\"AAAA",
                    "\"type\":1,\"payload\":\"AAAA",
                ),
            ),
        ];
        for (slug, change, rules, json) in changed {
            let tar_split = self.blobs.place(json.as_bytes());
            let files = self.input(&kit).files;
            self.cases.invalid(
                slug,
                "two-files",
                change,
                "A reader that goes by the keys of an entry and not by its type writes the payload of a file into the tar, or looks for the \
                 content of a segment.",
                rules,
                AssembleInput { tar_split, files },
            );
        }
    }

    /// A tar-split that costs a careless assembler all time.
    fn resources(&mut self) {
        const MILLION: usize = 1_000_000;
        let parts = vec![Part::numbered(
            br#"{"type":2,"payload":"AA==","position":"#,
            b"}\n",
            MILLION,
        )];
        let input = AssembleInput {
            tar_split: Bytes::Parts(parts),
            files: Vec::new(),
        };
        self.cases
            .valid(
                "million-segments",
                "a tar of a million zero bytes, each in a segment of its own",
                "What was written so far is copied for each segment.",
                input,
                tar_output(&vec![0; MILLION]),
            )
            .rules(&[Rule::TarSplitPayload])
            .dialects(&[G3, G4, G5])
            .limits(30, 2048);
        let kit = Kit::of(&plan(vec![TarEntry::file("a", "content\n")]));
        let files = self.input(&kit).files;
        let json = [
            Part::of(document(&kit.lines).as_bytes(), 1),
            Part::of(br#"{"type":2,"payload":"","position":3,"x":"#, 1),
            Part::of(b"[", MILLION),
        ];
        self.cases
            .invalid(
                "million-arrays-unclosed",
                "one-file",
                "one more line, with a million arrays that are never closed",
                "An assembler whose parser calls itself for every level overflows its stack in the middle of the tar.",
                &[Rule::JsonDepth, Rule::JsonSyntax, Rule::TarSplitKeys],
                AssembleInput {
                    tar_split: Bytes::Parts(json.to_vec()),
                    files,
                },
            )
            .tags(&[Tag("robustness")])
            .limits(10, 512);
    }

    /// What stands behind the last file.
    fn ends(&mut self) {
        const WHY: &str = "Bytes behind the last file are dropped or made up, and the DiffID is another.";
        for (slug, title, tail) in [
            ("end-missing", "a tar without its end", vec![]),
            ("end-half", "a tar that ends with one zero block", vec![0; 512]),
            (
                "end-record",
                "a tar that is filled up to 10240 bytes",
                vec![0; 10_240 - 1024],
            ),
            (
                "tail-odd",
                "a tar with 408 zero bytes behind its end",
                vec![0; 1024 + 408],
            ),
        ] {
            let plan = plan(vec![TarEntry::file("a", "content\n")]).edit(|plan| plan.tail = tail);
            let input = self.input(&Kit::of(&plan));
            self.cases
                .valid(slug, title, WHY, input, tar_output(&plan.tar()))
                .rules(&[Rule::SegmentTail])
                .dialects(&[G3, G4, G5])
                .tags(&[Tag("interop"), Tag("boundary")]);
        }
        let tail = two().edit(|plan| plan.tail = vec![0; 3000]);
        let split = Kit::of(&tail).edit(|kit| {
            if let Some(Line::Segment(last)) = kit.lines.pop() {
                kit.lines
                    .extend(last.chunks(1001).map(|part| Line::Segment(part.to_vec())));
            }
            kit.lines.push(Line::Segment(vec![]));
        });
        let input = self.input(&split);
        self.cases
            .valid(
                "tail-in-segments",
                "the end of the archive in several segments, the last one empty",
                "Only the first segment behind the last file is written.",
                input,
                tar_output(&tail.tar()),
            )
            .rules(&[Rule::SegmentTail])
            .dialects(&[G3, G4, G5])
            .tags(&[Tag("interop")])
            .bugs(&[Bug("tar-split-empty-segment")]);
    }

    /// Segments without bytes, which are harmless wherever they are, and checksums of nothing.
    fn empty(&mut self) {
        let input = self.input(&Kit::of(&two()).edit(|kit| {
            for at in [4, 2, 1, 0] {
                kit.lines.insert(at, Line::Segment(vec![]));
            }
        }));
        self.cases
            .valid(
                "empty-segments-between",
                "empty segments before, between and after headers and files",
                "An empty segment is an error, or is taken for the header of the file entry after it.",
                input,
                tar_output(&two().tar()),
            )
            .rules(&[Rule::TarSplitPayload])
            .dialects(&[G3, G4, G5])
            .tags(&[Tag("interop")]);
        let empty = plan(vec![TarEntry::file("a", "")]);
        let with_crc = |crc: u64| {
            Kit::of(&empty).edit(|kit| {
                if let Line::File { payload, .. } = &mut kit.lines[1] {
                    *payload = Some(crc.to_be_bytes().to_vec());
                }
            })
        };
        let input = self.input(&with_crc(0));
        self.cases
            .valid(
                "empty-file-crc",
                "an empty file with the checksum of no bytes",
                "Some writers record the checksum of no bytes, which is zero, and some record none; a reader that takes any payload \
                 for content asks for a file.",
                input,
                tar_output(&empty.tar()),
            )
            .rules(&[Rule::FileCrc])
            .dialects(&[G3, G4, G5]);
        let input = self.input(&with_crc(0x0d58_6d82_c86d_8c37));
        self.cases
            .invalid(
                "empty-file-crc-of-content",
                "empty-file-crc",
                "the checksum of other content",
                "The specification decides: the checksum of an empty file is that of no bytes, and another one is the trace of \
                 content that was looked up under the wrong name. tar-split compares it only where the size is not 0.",
                &[Rule::FileCrc],
                input,
            )
            .tags(&[Tag("security")]);
    }

    fn broken(&mut self) {
        const WRONG: &str = "A tar with wrong content is passed on without an error.";
        let crc = &[Rule::FileCrc][..];
        let size = &[Rule::FileSize, Rule::FileCrc][..];
        let other_size = &[Rule::FileSize, Rule::FileCrc, Rule::SegmentFile][..];
        let missing = &[Rule::FileMissing][..];
        type Change = fn(&mut Kit);
        let rows: &[(&str, &str, &[Rule], Change)] = &[
            ("file-missing", "the second file is missing", missing, |kit| {
                kit.files.pop();
            }),
            ("files-missing", "no file at all", missing, |kit| kit.files.clear()),
            (
                "file-under-other-name",
                "the second file under another name",
                missing,
                |kit| kit.files[1].0 = b"c".to_vec(),
            ),
            ("file-short", "the second file lacks its last byte", size, |kit| {
                kit.files[1].1.pop();
            }),
            ("file-long", "the second file has a byte more", size, |kit| {
                kit.files[1].1.push(0);
            }),
            ("file-empty", "the second file is empty", size, |kit| {
                kit.files[1].1.clear();
            }),
            ("file-changed", "a changed byte in the second file", crc, |kit| {
                kit.files[1].1[0] ^= 1;
            }),
            ("files-swapped", "the two files under each other's names", crc, |kit| {
                let name = kit.files[0].0.clone();
                kit.files[0].0 = std::mem::replace(&mut kit.files[1].0, name);
            }),
            ("crc-wrong", "a wrong checksum for the second file", crc, |kit| {
                change_payload(kit, |payload| payload[7] ^= 1);
            }),
            (
                "crc-reversed",
                "the checksum of the second file in the other byte order",
                crc,
                |kit| {
                    change_payload(kit, |payload| payload.reverse());
                },
            ),
            (
                "crc-short",
                "a checksum of 7 bytes for the second file",
                &[Rule::TarSplitPayload],
                |kit| {
                    change_payload(kit, |payload| payload.truncate(7));
                },
            ),
            (
                "size-small",
                "a size 1 too small in the tar-split of the second file",
                other_size,
                |kit| change_size(kit, -1),
            ),
            (
                "size-large",
                "a size 1 too large in the tar-split of the second file",
                other_size,
                |kit| change_size(kit, 1),
            ),
            (
                "name-repeated",
                "the name of the first file for the second",
                &[Rule::TarSplitUnique, Rule::FileCrc, Rule::SegmentFile],
                |kit| {
                    if let Line::File { name, .. } = &mut kit.lines[3] {
                        *name = b"a".to_vec();
                    }
                },
            ),
        ];
        for &(slug, change, rules, apply) in rows {
            let input = self.input(&Kit::of(&two()).edit(apply));
            self.cases
                .invalid(slug, "two-files", change, WRONG, rules, input)
                .tags(&[Tag("robustness")]);
        }
    }
}

fn change_payload(kit: &mut Kit, change: impl FnOnce(&mut Vec<u8>)) {
    if let Line::File {
        payload: Some(payload), ..
    } = &mut kit.lines[3]
    {
        change(payload);
    }
}

fn change_size(kit: &mut Kit, by: i64) {
    if let Line::File { size, .. } = &mut kit.lines[3] {
        *size = size.saturating_add_signed(by);
    }
}
