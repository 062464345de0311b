//! `tarsplit/parse`.

mod lines;
mod resources;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{Blobs, Family, samples};
use crate::{
    forge::{
        EditInPlace,
        checksum::crc64,
        layer::Plan,
        swap,
        tarsplit::{Line, document},
    },
    format::Dialect::{G3, G4, G5},
    rules::Rule,
    vectors::{
        Bug, Choice, Decimal, Tag,
        ops::{TarSplitEntryOutput, TarSplitFileOutput, TarSplitInput, TarSplitOutput},
    },
};

type Cases = Family<TarSplitInput, TarSplitOutput>;

/// Adds cases, keeping their large inputs.
struct Builder<'a> {
    cases: Cases,
    blobs: &'a mut Blobs,
}

pub(in super::super) fn cases(blobs: &mut Blobs) -> Cases {
    let mut builder = Builder {
        cases: Cases::new("tarsplit"),
        blobs,
    };
    builder.accepted();
    builder.names();
    builder.raw_names();
    builder.lines();
    builder.keys();
    builder.borders();
    builder.resources();
    builder.cases
}

/// The tar-split that most cases change. Its segments are no tar, which is not looked at here.
fn base() -> Vec<Line> {
    vec![
        Line::Segment(b"header of a".to_vec()),
        Line::file("a", b"content"),
        Line::Segment(b"header of b/".to_vec()),
        Line::file("b/", b""),
        Line::Segment(vec![0; 32]),
    ]
}

fn output(lines: &[Line]) -> TarSplitOutput {
    TarSplitOutput {
        entries: lines.iter().filter_map(entry).collect(),
    }
}

/// What a reader makes of the line; nothing of an empty segment.
fn entry(line: &Line) -> Option<TarSplitEntryOutput> {
    Some(match line {
        Line::Segment(bytes) if bytes.is_empty() => return None,
        Line::Segment(bytes) => TarSplitEntryOutput::Segment(STANDARD.encode(bytes)),
        Line::File { name, size, payload } => TarSplitEntryOutput::File(TarSplitFileOutput {
            name: STANDARD.encode(name),
            size: Decimal(*size),
            crc64: payload
                .as_ref()
                .filter(|payload| !payload.is_empty())
                .map(|payload| payload.iter().map(|byte| format!("{byte:02x}")).collect()),
        }),
    })
}

impl Builder<'_> {
    fn input(&mut self, json: &[u8]) -> TarSplitInput {
        TarSplitInput {
            json: self.blobs.place(json),
        }
    }

    fn valid(&mut self, slug: &str, title: &str, why: &str, rule: Rule, json: &str, lines: &[Line]) {
        let input = self.input(json.as_bytes());
        self.cases
            .valid(slug, title, why, input, output(lines))
            .rules(&[rule])
            .dialects(&[G3, G4, G5])
            .tags(&[Tag("interop")]);
    }

    fn either(&mut self, slug: &str, title: &str, why: &str, choice: Choice, rule: Rule, json: &str) {
        self.either_as(slug, title, why, (choice, rule), json, &base());
    }

    fn either_as(
        &mut self,
        slug: &str,
        title: &str,
        why: &str,
        (choice, rule): (Choice, Rule),
        json: &str,
        lines: &[Line],
    ) {
        let input = self.input(json.as_bytes());
        self.cases
            .either(slug, title, why, choice, input, output(lines))
            .rules(&[rule])
            .dialects(&[G3, G4, G5]);
    }

    fn accepted(&mut self) {
        self.valid(
            "simple",
            "a file and a directory",
            "A tar-split as every writer makes it cannot be read.",
            Rule::TarSplitLines,
            &document(&base()),
            &base(),
        );
        self.valid(
            "empty",
            "no entry at all",
            "The tar-split of an empty tar is taken for an error.",
            Rule::TarSplitLines,
            "",
            &[],
        );
        let input = self.input(document(&base().edit(|lines| lines.push(Line::Segment(vec![])))).as_bytes());
        self.cases
            .valid(
                "empty-segment-last",
                "an empty segment as the last entry",
                "tar-split up to v0.11.3 ends every archive with one, and the layers of that time cannot be read.",
                input,
                output(&base()),
            )
            .rules(&[Rule::TarSplitPayload])
            .dialects(&[G3, G4, G5])
            .tags(&[Tag("interop")])
            .bugs(&[Bug("tar-split-empty-segment")]);
        self.valid(
            "empty-segments-between",
            "empty segments before and between the other entries",
            "An empty segment is an error, or ends the tar-split.",
            Rule::TarSplitPayload,
            &document(&base().edit(|lines| {
                for at in [4, 2, 1, 0] {
                    lines.insert(at, Line::Segment(vec![]));
                }
            })),
            &base(),
        );
        self.valid(
            "empty-payload",
            "an empty payload instead of none",
            "A file without content must have no checksum, or must have one.",
            Rule::TarSplitPayload,
            &swap(&document(&base()), "null", r#""""#),
            &base(),
        );
        let link = Line::File {
            name: b"link".to_vec(),
            size: 5,
            payload: Some(vec![0; 8]),
        };
        let lines = [Line::Segment(b"header".to_vec()), link];
        self.valid(
            "link-with-size",
            "a hard link whose header has a size",
            "The checksum of nothing is taken for the checksum of five bytes. tar-split decides: it records the size of the header \
             for every type, and the checksum of the content that it read.",
            Rule::TarSplitSize,
            &document(&lines),
            &lines,
        );
        let huge = Line::File {
            name: b"huge".to_vec(),
            size: i64::MAX.unsigned_abs(),
            payload: Some(crc64(b"x").to_be_bytes().to_vec()),
        };
        let lines = [Line::Segment(b"header".to_vec()), huge];
        self.valid(
            "size-2-63-minus-1",
            "a file of 2^63 - 1 bytes",
            "A size of more than 32 or 53 bits is cut off or rounded.",
            Rule::TarSplitSize,
            &document(&lines),
            &lines,
        );
        let plan = Plan::new(G5, samples::every_type());
        let lines = plan.parts().tar_split;
        self.valid(
            "every-type",
            "the tar-split of a tar with every type of entry",
            "A real tar-split, with names that Go escapes, cannot be read.",
            Rule::TarSplitLines,
            &document(&lines),
            &lines,
        );
        self.valid(
            "key-order",
            "keys in another order, with spaces between",
            "Keys are read by their place instead of their name.",
            Rule::TarSplitLines,
            "{ \"position\" : 0 , \"payload\" : \"aGVhZGVy\" , \"type\" : 2 }\n",
            &[Line::Segment(b"header".to_vec())],
        );
    }

    fn names(&mut self) {
        let lines = [Line::file("a<b>&\u{2028}\u{2029}\u{e9}\"\\\n", b"")];
        self.valid(
            "name-escapes",
            "a name with everything that Go escapes",
            "An escape stays as it is written, and the file is not found.",
            Rule::TarSplitPayload,
            &document(&lines),
            &lines,
        );
        let raw = Line::File {
            name: b"file-\xe4".to_vec(),
            size: 26,
            payload: Some(0x7e48_59ef_e6fc_a0bb_u64.to_be_bytes().to_vec()),
        };
        let input = self.input(document(std::slice::from_ref(&raw)).as_bytes());
        self.cases
            .valid(
                "name-raw",
                "a name that is not UTF-8",
                "The name is mangled, or the entry is taken for one without a name whose checksum is content.",
                input,
                output(&[raw]),
            )
            .rules(&[Rule::TarSplitTwoNames])
            .dialects(&[G3, G4, G5])
            .tags(&[Tag("interop")])
            .bugs(&[Bug("tar-split-raw-names")]);
        let lines = [Line::file("", b"")];
        self.valid(
            "name-absent",
            "a file with an empty name",
            "Go leaves an empty name out; the entry is an error instead of one with an empty name.",
            Rule::TarSplitTwoNames,
            &document(&lines),
            &lines,
        );
        let lines = ["a", "/a", "../a", "../../a"].map(|name| Line::file(name, b""));
        self.valid(
            "names-that-differ",
            "a, /a, ../a and ../../a",
            "Names that Go's filepath.Clean tells apart are taken for one.",
            Rule::TarSplitUnique,
            &document(&lines),
            &lines,
        );
        self.either(
            "two-names",
            "name and name_raw in one entry",
            "Two readers look for two files.",
            Choice("two-names"),
            Rule::TarSplitTwoNames,
            &swap(
                &document(&base()),
                r#""name":"a""#,
                r#""name":"evil","name_raw":"YQ==""#,
            ),
        );
    }

    /// Names that are UTF-8 and yet raw.
    fn raw_names(&mut self) {
        self.either(
            "name-raw-of-utf-8",
            "a name that is UTF-8 in name_raw",
            "tar-split writes `name_raw` only for names that are not UTF-8; a reader that does not know the key takes the checksum of the \
             file for a piece of the tar.",
            Choice("raw-names"),
            Rule::TarSplitRawName,
            &swap(&document(&base()), r#""name":"a""#, r#""name_raw":"YQ==""#),
        );
        self.either_as(
            "name-raw-empty",
            "an empty name_raw and no name",
            "tar-split leaves an empty name out; to one reader this is a file with an empty name, to another an entry without one.",
            (Choice("raw-names"), Rule::TarSplitRawName),
            "{\"type\":1,\"name_raw\":\"\",\"payload\":null,\"position\":0}\n",
            &[Line::file("", b"")],
        );
    }

    fn lines(&mut self) {
        let json = document(&base());
        let rule = Rule::TarSplitLines;
        const WHY: &str = "Readers that go line by line and readers that go value by value see two tar-splits.";
        for (slug, title, choice, json) in [
            (
                "blank-line",
                "a blank line",
                Choice("blank-lines"),
                json.replacen('\n', "\n\n", 1),
            ),
            (
                "blank-line-last",
                "a blank line at the end",
                Choice("blank-lines"),
                format!("{json}\n"),
            ),
            (
                "carriage-returns",
                "a carriage return before each line feed",
                Choice("carriage-returns"),
                swap(&json, "\n", "\r\n"),
            ),
            (
                "two-on-a-line",
                "two objects on one line",
                Choice("objects-on-a-line"),
                json.replacen('\n', "", 1),
            ),
            (
                "object-over-lines",
                "an object over two lines",
                Choice("object-over-lines"),
                json.replacen(',', ",\n", 1),
            ),
            (
                "spaces-around-objects",
                "a space before the first object and one after the second",
                Choice("spaces-around-objects"),
                format!(" {}", json.replacen("1}\n", "1} \n", 1)),
            ),
            (
                "no-last-line-feed",
                "no line feed behind the last object",
                Choice("missing-line-feed"),
                json.trim_end().to_owned(),
            ),
        ] {
            self.either(slug, title, WHY, choice, rule, &json);
        }
    }

    fn keys(&mut self) {
        let json = document(&base());
        for (slug, title, choice, rule, from, to) in [
            (
                "unknown-key",
                "a key that no reader knows",
                Choice("unknown-tarsplit-keys"),
                Rule::TarSplitKeys,
                r#""name":"a""#,
                r#""name":"a","mtime":7"#,
            ),
            (
                "segment-with-names",
                "a segment with a name, a raw name and a size, which mean nothing there",
                Choice("unknown-tarsplit-keys"),
                Rule::TarSplitKeys,
                r#"{"type":2,"payload":"aGVhZGVyIG9mIGE=""#,
                r#"{"type":2,"name":"a","name_raw":"Yg==","size":7,"payload":"aGVhZGVyIG9mIGE=""#,
            ),
            (
                "segment-trailing-bits",
                "a segment whose last character in base64 has bits that are not used and not zero",
                Choice("trailing-bits"),
                Rule::TarSplitPayload,
                "aGVhZGVyIG9mIGE=",
                "aGVhZGVyIG9mIGF=",
            ),
            (
                "duplicate-key",
                "an entry with two sizes",
                Choice("duplicate-keys"),
                Rule::JsonDuplicateKey,
                r#""size":7"#,
                r#""size":8,"size":7"#,
            ),
            (
                "folded-key",
                "Name instead of name",
                Choice("folded-keys"),
                Rule::JsonFoldedKey,
                r#""name":"a""#,
                r#""Name":"a""#,
            ),
            (
                "folded-key-long-s",
                "a long s (U+017F) in the key size",
                Choice("folded-keys"),
                Rule::JsonFoldedKey,
                r#""size":7"#,
                "\"\u{17f}ize\":7",
            ),
            (
                "null-size",
                "null for the size",
                Choice("null-fields"),
                Rule::JsonNull,
                r#""name":"b/""#,
                r#""name":"b/","size":null"#,
            ),
            (
                "position-wrong",
                "positions that count from 10",
                Choice("wrong-position"),
                Rule::TarSplitPosition,
                r#""position":"#,
                r#""position":1"#,
            ),
        ] {
            self.either(
                slug,
                title,
                "What one reader passes over is an error to another, or another value.",
                choice,
                rule,
                &swap(&json, from, to),
            );
        }
        self.either_as(
            "lone-surrogate",
            "the escape of half a surrogate pair in a name",
            "It has no form in UTF-8, so that two readers look for two files.",
            (Choice("lone-surrogates"), Rule::JsonUnicode),
            &swap(&json, r#""name":"a""#, r#""name":"a\udc00""#),
            &base().edit(|lines| lines[1] = Line::file("a\u{fffd}", b"content")),
        );
    }
}
