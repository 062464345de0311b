//! Documents that cost a careless parser all memory, all time or its stack.

use super::{BASE, Builder, Cases, Choice, G5, Rule, Tag, TocInput, base, entry, output, toc};
use crate::vectors::{Bytes, bytes::Part, ops::EntryTypeOutput};

const MILLION: usize = 1_000_000;

impl Builder<'_> {
    pub(super) fn resources(&mut self) {
        let cases = &mut self.cases;
        deep(cases);
        long(cases);
        many(cases);
    }
}

/// The base TOC with something under an unknown key before all else.
fn unknown(value: Vec<Part>) -> TocInput {
    let (before, behind) = BASE.split_at(1);
    let mut parts = vec![Part::of(format!(r#"{before}"x":"#).as_bytes(), 1)];
    parts.extend(value);
    parts.push(Part::of(format!(",{behind}").as_bytes(), 1));
    TocInput {
        json: Bytes::Parts(parts),
        dialect: G5,
    }
}

fn deep(cases: &mut Cases) {
    const WHY: &str = "A reader that calls itself for every level overflows its stack and dies.";
    let arrays = vec![Part::of(b"[", MILLION), Part::of(b"]", MILLION)];
    let objects = vec![
        Part::of(br#"{"a":"#, MILLION),
        Part::of(b"0", 1),
        Part::of(b"}", MILLION),
    ];
    for (slug, title, value) in [
        (
            "million-arrays-deep",
            "a million nested arrays under an unknown key",
            arrays,
        ),
        (
            "million-objects-deep",
            "a million nested objects under an unknown key",
            objects,
        ),
    ] {
        cases
            .either(slug, title, WHY, Choice("very-deep-json"), unknown(value), base())
            .rules(&[Rule::JsonDepth])
            .dialects(&[G5])
            .tags(&[Tag("robustness")])
            .limits(30, 1024);
    }
    cases
        .invalid(
            "million-arrays-unclosed",
            "nested-unknown-key",
            "a million arrays that are never closed",
            WHY,
            &[Rule::JsonDepth, Rule::JsonSyntax],
            unknown(vec![Part::of(b"[", MILLION)]),
        )
        .tags(&[Tag("robustness")])
        .limits(10, 512);
}

fn long(cases: &mut Cases) {
    const SIZE: usize = 16 << 20;
    const WHY: &str = "Time grows with the square of what a value or a gap is long.";
    for (slug, title, rule, value) in [
        (
            "string-of-16-mib",
            "a string of 16 MiB under an unknown key",
            Rule::JsonSyntax,
            vec![Part::of(b"\"", 1), Part::of(b"a", SIZE), Part::of(b"\"", 1)],
        ),
        (
            "million-escapes",
            "a string of a million escaped line feeds under an unknown key",
            Rule::JsonSyntax,
            vec![Part::of(b"\"", 1), Part::of(br"\n", MILLION), Part::of(b"\"", 1)],
        ),
        (
            "spaces-of-16-mib",
            "16 MiB of spaces before a value",
            Rule::JsonSyntax,
            vec![Part::of(b" ", SIZE), Part::of(b"0", 1)],
        ),
    ] {
        cases
            .valid(slug, title, WHY, unknown(value), base())
            .rules(&[rule])
            .dialects(&[G5])
            .tags(&[Tag("robustness")])
            .limits(10, 512);
    }
    let digits = vec![Part::of(b"9", MILLION)];
    let (before, behind) = BASE.split_once("1000").unwrap_or_default();
    let mut parts = vec![Part::of(before.as_bytes(), 1)];
    parts.extend(digits);
    parts.push(Part::of(behind.as_bytes(), 1));
    let input = TocInput {
        json: Bytes::Parts(parts),
        dialect: G5,
    };
    cases
        .invalid(
            "number-of-million-digits",
            "g5",
            "a uid of a million digits",
            WHY,
            &[Rule::JsonInteger],
            input,
        )
        .tags(&[Tag("robustness")])
        .limits(10, 512);
}

fn many(cases: &mut Cases) {
    let keys = vec![
        Part::of(b"{", 1),
        Part::numbered(b"\"", b"\":0,", MILLION),
        Part::of(br#""last":0}"#, 1),
    ];
    let values = vec![Part::of(b"[", 1), Part::of(b"[],", MILLION), Part::of(b"0]", 1)];
    for (slug, title, value) in [
        ("million-keys", "an object of a million keys under an unknown key", keys),
        (
            "million-values",
            "an array of a million empty arrays under an unknown key",
            values,
        ),
    ] {
        cases
            .valid(
                slug,
                title,
                "What has no meaning is kept in memory, or each key is compared with all keys before it.",
                unknown(value),
                base(),
            )
            .rules(&[Rule::JsonSyntax])
            .dialects(&[G5])
            .tags(&[Tag("robustness")])
            .limits(30, 1024);
    }
    let two = [r#"{"type":"dir","name":"0"}"#, r#"{"type":"dir","name":"1"}"#];
    let dirs = ["0", "1"].map(|name| {
        let mut dir = entry(EntryTypeOutput::Dir, name);
        dir.modtime = None;
        dir
    });
    cases
        .valid(
            "two-bare-entries",
            "two directories with nothing but their names",
            "Fields that a writer may leave out are asked for.",
            TocInput {
                json: Bytes::Text(toc(&two)),
                dialect: G5,
            },
            output(dirs.to_vec()),
        )
        .rules(&[Rule::TocEntries])
        .dialects(&[G5]);
    let parts = vec![
        Part::of(br#"{"version":1,"entries":["#, 1),
        Part::numbered(br#"{"type":"dir","name":""#, br#""},"#, MILLION),
        Part::of(br#"{"type":"dir","name":"0"}]}"#, 1),
    ];
    cases
        .invalid(
            "million-entries",
            "two-bare-entries",
            "a million directories, and the first one once more",
            "Each name is compared with all names before it, or an entry takes kilobytes of memory.",
            &[Rule::EntryUnique],
            TocInput {
                json: Bytes::Parts(parts),
                dialect: G5,
            },
        )
        .tags(&[Tag("robustness")])
        .limits(30, 2048);
}
