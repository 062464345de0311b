//! `tarsplit/disassemble` and `layer/write`: what becomes of a tar.
//!
//! Both begin with a tar and are judged by the tar that comes back, so both take theirs from the same tables: one entry
//! for each feature of tar that a writer has to hold.

mod accepted;
mod borders;
mod endless;
mod everyday;
mod list;
mod numbers;
mod opaque;
mod records;
mod refused;
mod resources;
mod sizes;
mod sparse;
mod texts;
mod tools;

use super::{Blobs, Family, samples, tar_output};
use crate::{
    forge::{
        EditInPlace,
        tar::{self, TarEntry, base256, end, padding, seal},
    },
    format::Dialect::{self, G3, G4, G5},
    rules::Rule,
    vectors::{
        Bug, Choice, Decimal, Tag,
        ops::{TarInput, TarOutput},
    },
};

type Cases = Family<TarInput, TarOutput>;

/// The two operations.
#[derive(Clone, Copy, PartialEq)]
enum Use {
    Disassemble,
    Write,
}

/// A tar that comes back as it was.
struct Accepted {
    slug: &'static str,
    title: &'static str,
    why: &'static str,
    rule: Rule,
    tags: &'static [Tag],
    bugs: &'static [Bug],
    tar: Vec<u8>,
}

impl Accepted {
    /// One that is made after no bug.
    const fn new(
        slug: &'static str,
        title: &'static str,
        why: &'static str,
        rule: Rule,
        tags: &'static [Tag],
        tar: Vec<u8>,
    ) -> Self {
        Self {
            slug,
            title,
            why,
            rule,
            tags,
            bugs: &[],
            tar,
        }
    }
}

/// A tar that is refused. The twin is an accepted one.
struct Refused {
    slug: &'static str,
    twin: &'static str,
    change: &'static str,
    why: &'static str,
    /// The rules that taking it apart breaks; none if it can be taken apart.
    disassemble: &'static [Rule],
    /// The rules that writing it as a layer breaks.
    write: &'static [Rule],
    tags: &'static [Tag],
    bugs: &'static [Bug],
    tar: Vec<u8>,
}

impl Refused {
    /// One that breaks the same rules for both operations, and is made after no bug.
    const fn new(
        slug: &'static str,
        twin: &'static str,
        change: &'static str,
        why: &'static str,
        rules: &'static [Rule],
        tags: &'static [Tag],
        tar: Vec<u8>,
    ) -> Self {
        Self {
            slug,
            twin,
            change,
            why,
            disassemble: rules,
            write: rules,
            tags,
            bugs: &[],
            tar,
        }
    }
}

pub(in super::super) fn disassemble(blobs: &mut Blobs) -> Cases {
    cases(Use::Disassemble, Cases::new("disassemble"), &[G3, G4, G5], blobs)
}

pub(in super::super) fn write(blobs: &mut Blobs) -> Cases {
    cases(Use::Write, Cases::new("write"), Dialect::ALL, blobs)
}

pub(in super::super) use self::list::cases as list;

/// Tars that come back.
fn accepted() -> impl Iterator<Item = Accepted> {
    let tables = [
        accepted::tars(),
        sizes::accepted(),
        everyday::tars(),
        numbers::accepted(),
        records::accepted(),
        texts::accepted(),
        borders::accepted(),
        opaque::accepted(),
        endless::accepted(),
        tools::accepted(),
    ];
    tables.into_iter().flatten()
}

/// Tars that may be refused.
fn open_rows() -> impl Iterator<Item = Open> {
    open_points()
        .into_iter()
        .chain(records::open_points())
        .chain(opaque::open_points())
}

/// Tars that are refused.
fn refused() -> impl Iterator<Item = Refused> {
    let tables = [
        refused::tars(),
        sizes::refused(),
        sparse::tars(),
        numbers::refused(),
        records::refused(),
        texts::refused(),
        endless::refused(),
    ];
    tables.into_iter().flatten()
}

/// Tars that are refused before they cost too much.
fn costly_tars() -> impl Iterator<Item = resources::Costly> {
    resources::tars().into_iter().chain(endless::costly())
}

/// The harm of a reader that they cost too much.
const COSTLY: &str = "What stands before one header is held in memory, and its size is an attacker's to choose.";

fn cases(used: Use, mut cases: Cases, dialects: &[Dialect], blobs: &mut Blobs) -> Cases {
    let mut input = |tar: &[u8]| TarInput { tar: blobs.place(tar) };
    for row in accepted() {
        let added = cases
            .valid(row.slug, row.title, row.why, input(&row.tar), tar_output(&row.tar))
            .rules(&[row.rule])
            .dialects(dialects)
            .tags(row.tags);
        if !row.bugs.is_empty() {
            added.bugs(row.bugs);
        }
    }
    for row in open_rows() {
        let added = cases
            .either(
                row.slug,
                row.title,
                row.why,
                row.choice,
                input(&row.tar),
                tar_output(&row.tar),
            )
            .rules(&[row.rule])
            .dialects(dialects)
            .tags(&[Tag("interop")]);
        if !row.bugs.is_empty() {
            added.bugs(row.bugs);
        }
    }
    for row in refused() {
        let rules = match used {
            Use::Disassemble => row.disassemble,
            Use::Write => row.write,
        };
        if rules.is_empty() {
            let title = format!("a tar that a TOC cannot hold: {}", row.change);
            cases
                .valid(
                    row.slug,
                    &title,
                    "A tar that tar-split can hold is refused, or its bytes are changed.",
                    input(&row.tar),
                    tar_output(&row.tar),
                )
                .rules(&[Rule::SegmentHeader])
                .dialects(dialects);
            continue;
        }
        let mut added = cases
            .invalid(row.slug, row.twin, row.change, row.why, rules, input(&row.tar))
            .tags(row.tags);
        // Tars that the older dialects can hold, since these have no tar-split and let a name be repeated.
        let is_repeated = rules.contains(&Rule::EntryUnique) || rules.contains(&Rule::TarSplitUnique);
        if used == Use::Write && is_repeated {
            added = added.dialects(&[G3, G4, G5]);
        }
        if !row.bugs.is_empty() {
            added.bugs(row.bugs);
        }
    }
    costly(&mut cases, dialects, blobs);
    cases
}

fn costly(cases: &mut Cases, dialects: &[Dialect], blobs: &mut Blobs) {
    for row in costly_tars() {
        let input = TarInput { tar: row.tar };
        let (seconds, mebibytes) = row.limits;
        let added = cases
            .invalid(row.slug, row.twin, row.change, COSTLY, row.rules, input)
            .tags(row.tags)
            .tags(&[Tag("robustness")])
            .limits(seconds, mebibytes);
        if !row.bugs.is_empty() {
            added.bugs(row.bugs);
        }
    }
    for row in resources::chains() {
        let input = TarInput {
            tar: blobs.place(&row.tar),
        };
        let output = tar_output(&row.tar);
        let added = match row.choice {
            Some(choice) => cases.either(row.slug, row.title, COSTLY, choice, input, output),
            None => cases.valid(row.slug, row.title, "The limit is one too low.", input, output),
        };
        added
            .rules(&[Rule::TarExtensionChain])
            .dialects(dialects)
            .tags(&[Tag("boundary")]);
    }
}

/// A tar that may be refused; who takes it gives it back.
struct Open {
    slug: &'static str,
    title: &'static str,
    why: &'static str,
    choice: Choice,
    rule: Rule,
    bugs: &'static [Bug],
    tar: Vec<u8>,
}

fn open_points() -> Vec<Open> {
    let global = || tar::extension_of(b'g', &tar::record("comment", b"0123456789abcdef"));
    let global_row = |slug, title, why, tar| Open {
        slug,
        title,
        why,
        choice: Choice("global-header"),
        rule: Rule::TarTruncated,
        bugs: &[],
        tar,
    };
    vec![
        global_row(
            "global-header-alone",
            "a global PAX header and the end of the archive, as `git archive` writes an empty tree",
            "A global header extends no entry in particular, so the archive is whole; a reader that waits for an entry refuses it.",
            [global(), end()].concat(),
        ),
        global_row(
            "global-header-last",
            "a file and a global PAX header, and no end of the archive",
            "The global header is taken for one whose entry is missing, or is lost.",
            [open(&[file()]), global()].concat(),
        ),
        Open {
            bugs: &[Bug("tar-split-short-padding")],
            ..global_row(
                "global-header-padding-short",
                "a tar that ends within the padding of a global PAX header",
                "The padding is lost, and the DiffID is another. Go's tar reader decides: a global header is an entry, whose \
                 padding is read with the next header and may be short like that of a file.",
                global()[..600].to_vec(),
            )
        },
        global_row(
            "global-header-padding-missing",
            "a tar that ends with the records of a global PAX header",
            "The archive counts as truncated. Go's tar reader decides: a global header is an entry, whose padding is read with \
             the next header and may be missing like that of a file.",
            global()[..512 + tar::record("comment", b"0123456789abcdef").len()].to_vec(),
        ),
        Open {
            slug: "tail-not-zero",
            title: "bytes that are not zero after the end of the archive",
            why: "What follows the end of the archive is part of the DiffID and is dropped.",
            choice: Choice("tail-bytes"),
            rule: Rule::SegmentTail,
            bugs: &[],
            tar: [&one_file()[..], b"not a tar, and not read as one\n"].concat(),
        },
        Open {
            slug: "global-header",
            title: "a global PAX header before the file, as `git archive` writes it",
            why: "The header is dropped, or made a file. Go's tar reader and tar-split decide how it is recorded: the records are \
                  in the segment of the header, its file entry has size 0, and its padding is in the next segment.",
            choice: Choice("global-header"),
            rule: Rule::EntrySets,
            bugs: &[Bug("tar-split-old-headers")],
            tar: [
                tar::extension_of(b'g', &tar::record("comment", b"0123456789abcdef")),
                one_file(),
            ]
            .concat(),
        },
        Open {
            slug: "name-empty",
            title: "a file without a name",
            why: "The file takes the place of the root.",
            choice: Choice("empty-names"),
            rule: Rule::EntryEmptyName,
            bugs: &[],
            tar: archive(&[TarEntry::file("", "content\n")]),
        },
    ]
}

/// Headers and contents with their padding, and the end of the archive.
fn archive(entries: &[TarEntry]) -> Vec<u8> {
    [&open(entries)[..], &end()].concat()
}

/// The same without the end.
fn open(entries: &[TarEntry]) -> Vec<u8> {
    entries
        .iter()
        .flat_map(|entry| [entry.header(), entry.content.clone(), padding(entry.content.len())].concat())
        .collect()
}

/// The tar that most of the others are changed from.
fn one_file() -> Vec<u8> {
    archive(&[file()])
}

fn file() -> TarEntry {
    TarEntry::file("file-x", "content\n")
}

/// A tar of one entry with these bytes at these places of its header, whose checksum is right.
fn patched(entry: &TarEntry, patches: &[(usize, &[u8])]) -> Vec<u8> {
    let mut header = entry.header();
    let start = header.len() - 512;
    let block = &mut header[start..];
    for &(at, bytes) in patches {
        block[at..at + bytes.len()].copy_from_slice(bytes);
    }
    seal(block);
    [header, entry.content.clone(), padding(entry.content.len()), end()].concat()
}

/// A tar of one file behind an extension header with this body.
fn behind_pax(body: &[u8]) -> Vec<u8> {
    [tar::extension_of(b'x', body), one_file()].concat()
}

/// A tar of one file with this PAX record.
fn with_record(key: &str, value: &[u8]) -> Vec<u8> {
    behind_pax(&tar::record(key, value))
}
