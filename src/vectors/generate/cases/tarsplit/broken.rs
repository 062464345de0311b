//! What is no tar-split.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{Bench, EditInPlace, Rule, base, crc64, document, swap};

impl Bench<'_> {
    pub(super) fn broken(&mut self) {
        let json = document(&base());
        let crc = format!("\"payload\":\"{}\"", payload(b"content"));
        const TYPE: &str = "An entry of an unknown type is passed over, and the tar is shorter.";
        const SIZE: &str = "A negative size becomes a huge one, or moves back in the tar.";
        const PAYLOAD: &str = "The bytes that reach the tar are cut off, or a file is not checked.";
        const NUMBER: &str = "A number that is rounded or wrapped is another size.";
        for (slug, change, why, rule, from, to) in [
            (
                "type-0",
                "type 0",
                TYPE,
                Rule::TarSplitType,
                r#""type":1,"name":"a""#,
                r#""type":0,"name":"a""#,
            ),
            (
                "type-3",
                "type 3",
                TYPE,
                Rule::TarSplitType,
                r#""type":1,"name":"a""#,
                r#""type":3,"name":"a""#,
            ),
            (
                "type-missing",
                "no type",
                TYPE,
                Rule::TarSplitType,
                r#""type":1,"name":"a""#,
                r#""name":"a""#,
            ),
            (
                "type-wraps",
                "type 2^32 + 1",
                TYPE,
                Rule::TarSplitType,
                r#""type":1,"name":"a""#,
                r#""type":4294967297,"name":"a""#,
            ),
            (
                "size-negative",
                "size -1",
                SIZE,
                Rule::TarSplitSize,
                r#""size":7"#,
                r#""size":-1"#,
            ),
            (
                "size-least",
                "size -2^63",
                SIZE,
                Rule::TarSplitSize,
                r#""size":7"#,
                r#""size":-9223372036854775808"#,
            ),
            (
                "segment-unpadded",
                "a segment without padding",
                PAYLOAD,
                Rule::TarSplitPayload,
                "aGVhZGVyIG9mIGE=",
                "aGVhZGVyIG9mIGE",
            ),
            (
                "segment-url-safe",
                "a segment in the alphabet for URLs",
                PAYLOAD,
                Rule::TarSplitPayload,
                "aGVhZGVyIG9mIGE=",
                "-_VhZGVyIG9mIGE=",
            ),
            (
                "segment-line-feed",
                "an escaped line feed in a segment",
                PAYLOAD,
                Rule::TarSplitPayload,
                "aGVhZGVyIG9mIGE=",
                "aGVhZGVy\\nIG9mIGE=",
            ),
            (
                "segment-text",
                "a segment that is no base64",
                PAYLOAD,
                Rule::TarSplitPayload,
                "aGVhZGVyIG9mIGE=",
                "header!",
            ),
            (
                "crc-missing",
                "null for the checksum of a file with content",
                PAYLOAD,
                Rule::TarSplitPayload,
                crc.as_str(),
                r#""payload":null"#,
            ),
            (
                "crc-empty",
                "an empty checksum of a file with content",
                PAYLOAD,
                Rule::TarSplitPayload,
                crc.as_str(),
                r#""payload":"""#,
            ),
            (
                "crc-short",
                "a checksum of 7 bytes",
                PAYLOAD,
                Rule::TarSplitPayload,
                crc.as_str(),
                r#""payload":"AAAAAAAAAA==""#,
            ),
            (
                "crc-long",
                "a checksum of 9 bytes",
                PAYLOAD,
                Rule::TarSplitPayload,
                crc.as_str(),
                r#""payload":"AAAAAAAAAAAA""#,
            ),
            (
                "size-2-63",
                "size 2^63",
                NUMBER,
                Rule::JsonInteger,
                r#""size":7"#,
                r#""size":9223372036854775808"#,
            ),
            (
                "size-wraps",
                "size 2^64 + 7",
                NUMBER,
                Rule::JsonInteger,
                r#""size":7"#,
                r#""size":18446744073709551623"#,
            ),
            (
                "size-fraction",
                "size 7.0",
                NUMBER,
                Rule::JsonInteger,
                r#""size":7"#,
                r#""size":7.0"#,
            ),
            (
                "size-exponent",
                "size 7e0",
                NUMBER,
                Rule::JsonInteger,
                r#""size":7"#,
                r#""size":7e0"#,
            ),
        ] {
            self.invalid(slug, change, why, &[rule], &swap(&json, from, to));
        }
    }

    pub(super) fn broken_json(&mut self) {
        const WHY: &str = "What is no tar-split is read up to the mistake, and the rest of the tar is missing.";
        let json = document(&base());
        let syntax = &[Rule::JsonSyntax][..];
        for (slug, change, rules, json) in [
            (
                "type-string",
                "the type as a string",
                &[Rule::JsonType][..],
                json.replacen(r#""type":2"#, r#""type":"2""#, 1),
            ),
            (
                "size-string",
                "the size as a string",
                &[Rule::JsonType],
                swap(&json, r#""size":7"#, r#""size":"7""#),
            ),
            (
                "name-number",
                "a number for the name",
                &[Rule::JsonType],
                swap(&json, r#""name":"a""#, r#""name":7"#),
            ),
            (
                "payload-array",
                "an array for the payload",
                &[Rule::JsonType],
                swap(&json, "null", "[]"),
            ),
            (
                "line-array",
                "an array as a line",
                &[Rule::JsonType, Rule::TarSplitLines],
                format!("[]\n{json}"),
            ),
            (
                "trailing-text",
                "text behind an object",
                &[Rule::JsonTrailing, Rule::JsonSyntax, Rule::TarSplitLines],
                json.replacen('\n', " x\n", 1),
            ),
            (
                "truncated",
                "the last line is cut off",
                syntax,
                json[..json.len() - 20].to_owned(),
            ),
            (
                "byte-order-mark",
                "a byte order mark",
                syntax,
                format!("\u{feff}{json}"),
            ),
            ("garbage", "text instead of JSON", syntax, "garbage\n".to_owned()),
            (
                "array-around",
                "an array around the objects",
                &[Rule::JsonType, Rule::JsonSyntax, Rule::TarSplitLines],
                format!("[{}]", json.trim_end().replace('\n', ",")),
            ),
        ] {
            self.invalid(slug, change, WHY, rules, &json);
        }
        let at = json.find(r#""a""#).unwrap_or_default() + 1;
        let bytes = json.into_bytes().edit(|bytes| bytes[at] = 0xe4);
        let input = self.input(&bytes);
        self.cases.invalid(
            "invalid-utf-8",
            "simple",
            "a name that is not UTF-8",
            WHY,
            syntax,
            input,
        );
    }

    pub(super) fn repeated_names(&mut self) {
        let json = document(&base());
        for (slug, change, name) in [
            ("equal", "the name of the first file for the second", "a"),
            ("dot", "the name of the first file behind a dot for the second", "./a"),
            ("slash", "the name of the first file with a slash for the second", "a/"),
            (
                "detour",
                "the name of the first file by a detour for the second",
                "b/../a",
            ),
        ] {
            self.invalid(
                &format!("repeated-{slug}"),
                change,
                "A file of the tar gets the content of another one of the same path.",
                &[Rule::TarSplitUnique],
                &swap(&json, "\"b/\"", &format!("\"{name}\"")),
            );
        }
    }
}

/// The payload of a file with this content.
fn payload(content: &[u8]) -> String {
    STANDARD.encode(crc64(content).to_be_bytes())
}
