use std::borrow::Cow;

use super::{Broken, Reader};
use crate::{
    format::{Findings, Place, Region},
    rules::Rule,
};

#[derive(Clone, Copy)]
enum Field {
    Size,
    Link,
    List,
}

const KNOWN: &[(&str, Field)] = &[("size", Field::Size), ("link", Field::Link), ("list", Field::List)];

#[derive(Debug, Default, PartialEq)]
struct Seen {
    size: Option<i64>,
    link: Option<String>,
    list: Vec<i64>,
}

fn read(json: &[u8], findings: &mut Findings) -> Result<Seen, Broken> {
    let mut seen = Seen::default();
    let mut reader = Reader::new(json, Region::Toc, findings);
    if reader.begin_object()? {
        while let Some(field) = reader.next_field(KNOWN)? {
            match field {
                Field::Size => seen.size = reader.integer()?,
                Field::Link => seen.link = reader.string()?.map(Cow::into_owned),
                Field::List if reader.begin_array()? => {
                    while reader.next_element()? {
                        seen.list.extend(reader.integer()?);
                    }
                }
                Field::List => {}
            }
        }
    }
    reader.finish();
    Ok(seen)
}

fn broken_rules(json: &[u8]) -> Vec<Rule> {
    let mut findings = Findings::new();
    let result = read(json, &mut findings);
    let rules: Vec<Rule> = findings.list().iter().map(|finding| finding.rule).collect();
    let fatal = rules
        .iter()
        .any(|rule| matches!(rule, Rule::JsonSyntax | Rule::JsonDepth));
    assert_eq!(result.is_err(), fatal, "{}", json.escape_ascii());
    rules
}

#[test]
fn accepts() {
    let nothing = Seen::default();
    for (json, expected) in [
        ("{}", nothing),
        (" \t\r\n{ \n } \n", Seen::default()),
        (
            r#"{"size":-0}"#,
            Seen {
                size: Some(0),
                ..Seen::default()
            },
        ),
        (
            r#"{"size" : -9223372036854775808}"#,
            Seen {
                size: Some(i64::MIN),
                ..Seen::default()
            },
        ),
        (
            r#"{"list":[1,2 , 3],"size":4}"#,
            Seen {
                size: Some(4),
                list: vec![1, 2, 3],
                ..Seen::default()
            },
        ),
        (
            r#"{"link":"a\"\\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00\u2028é"}"#,
            Seen {
                link: Some("a\"\\/\u{8}\u{c}\n\r\tAé😀\u{2028}é".to_owned()),
                ..Seen::default()
            },
        ),
        (
            r#"{"x":[{"size":"a"},1.5e-3,true,false,null,[[]]],"":{"":{}},"y":-1E+9}"#,
            Seen::default(),
        ),
    ] {
        let mut findings = Findings::new();
        assert_eq!(read(json.as_bytes(), &mut findings), Ok(expected), "{json}");
        assert_eq!(findings.list(), [], "{json}");
    }
}

#[test]
fn syntax() {
    for json in [
        "",
        " ",
        "{",
        "}",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,",
        "{\"a\":1,}",
        "{,}",
        "{a:1}",
        "{\"a\" 1}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":[1,]}",
        "{\"a\":[,1]}",
        "{\"a\":[1 2]}",
        "{\"a\":[1}",
        "{\"a\":{]}",
        "{\"a\":tru}",
        "{\"a\":truex}",
        "{\"a\":NaN}",
        "{\"a\":nul",
        "{\"a\":01}",
        "{\"a\":-}",
        "{\"a\":+1}",
        "{\"a\":1.}",
        "{\"a\":.5}",
        "{\"a\":1e}",
        "{\"a\":1e+}",
        "{\"a\":\"\n\"}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12g4\"}",
        "{\"a\":\"\\u12",
        "{\"a\":\"\\",
        "{\"a\":\"b",
        "{\"a\":'b'}",
        "/**/{}",
        "{\"a\":\"\\ud800\\u00g0\"}",
        "\u{feff}{}",
        "{}\u{0}",
    ] {
        let expected = if json.starts_with("{}") {
            Rule::JsonTrailing
        } else {
            Rule::JsonSyntax
        };
        assert_eq!(broken_rules(json.as_bytes()), [expected], "{json:?}");
    }
    for json in [
        b"{\"a\":\"\xff\"}".as_slice(),
        b"{\"\xc0\x80\":1}",
        b"{\"a\":\"\xed\xa0\x80\"}",
        b"{\xff",
        b"\xff",
    ] {
        assert_eq!(broken_rules(json), [Rule::JsonSyntax], "{}", json.escape_ascii());
    }
}

#[test]
fn strictness() {
    for (json, rule) in [
        ("{} {}", Rule::JsonTrailing),
        ("{},", Rule::JsonTrailing),
        (r#"{"size":1,"size":1}"#, Rule::JsonDuplicateKey),
        (r#"{"size":1,"s\u0069ze":1}"#, Rule::JsonDuplicateKey),
        (r#"{"a":1,"b":2,"a":3}"#, Rule::JsonDuplicateKey),
        (r#"{"a":[{"b":{"c":1,"c":2}}]}"#, Rule::JsonDuplicateKey),
        (r#"{"Size":1}"#, Rule::JsonFoldedKey),
        (r#"{"ſize":1}"#, Rule::JsonFoldedKey),
        (r#"{"lin\u212a":"a"}"#, Rule::JsonFoldedKey),
        (r#"{"size":1,"SIZE":2}"#, Rule::JsonFoldedKey),
        (r#"{"link":"\ud800"}"#, Rule::JsonUnicode),
        (r#"{"link":"\udc00\ud800"}"#, Rule::JsonUnicode),
        (r#"{"\ud800A":"a"}"#, Rule::JsonUnicode),
        (r#"{"size":9223372036854775808}"#, Rule::JsonInteger),
        (r#"{"size":1.0}"#, Rule::JsonInteger),
        (r#"{"size":1e2}"#, Rule::JsonInteger),
        (r#"{"size":"1"}"#, Rule::JsonType),
        (r#"{"size":[1,{"a":2}]}"#, Rule::JsonType),
        (r#"{"link":true}"#, Rule::JsonType),
        (r#"{"list":{}}"#, Rule::JsonType),
        (r#"{"list":[null]}"#, Rule::JsonType),
        ("[]", Rule::JsonType),
        (r#"{"size":null}"#, Rule::JsonNull),
        (r#"{"list":null}"#, Rule::JsonNull),
    ] {
        assert_eq!(broken_rules(json.as_bytes()), [rule], "{json}");
    }
}

#[test]
fn the_last_of_equal_keys_counts() {
    let mut findings = Findings::new();
    let seen = read(br#"{"size":1,"size":2,"Size":3}"#, &mut findings);
    assert_eq!(seen.map(|seen| seen.size), Ok(Some(3)));
}

#[test]
fn the_second_escape_of_no_pair_stands_for_itself() {
    let mut findings = Findings::new();
    let seen = read(br#"{"link":"\ud800\u0041"}"#, &mut findings);
    assert_eq!(seen.map(|seen| seen.link), Ok(Some("\u{fffd}A".to_owned())));
}

#[test]
fn depth() {
    for (arrays, expected) in [
        (63, [].as_slice()),
        (64, &[Rule::JsonDepth]),
        (100_000, &[Rule::JsonDepth]),
    ] {
        let json = format!("{{\"a\":{}{}}}", "[".repeat(arrays), "]".repeat(arrays));
        assert_eq!(broken_rules(json.as_bytes()), expected, "{arrays}");
    }
}

#[test]
fn places_count_from_the_start_of_the_region() {
    let mut findings = Findings::new();
    let mut reader = Reader::at(br#"{"a":1,"a":2}"#, Region::TarSplit, 100, &mut findings);
    reader.skip().unwrap();
    assert_eq!(reader.place(), Place::Byte(Region::TarSplit, 113));
    assert_eq!(findings.list()[0].place, Place::Byte(Region::TarSplit, 107));
}

#[test]
fn several_values_in_one_slice() {
    let mut findings = Findings::new();
    let mut reader = Reader::new(b"{\"a\":1}\n{} 3", Region::TarSplit, &mut findings);
    let mut ends = Vec::new();
    for _ in 0..3 {
        reader.skip().unwrap();
        ends.push(reader.offset());
    }
    assert_eq!(ends, [7, 10, 12]);
    reader.finish();
    assert!(findings.is_empty());
}

#[test]
fn strings_without_escapes_are_borrowed() {
    let mut findings = Findings::new();
    let mut reader = Reader::new(br#""plain" "esc\n""#, Region::Toc, &mut findings);
    assert!(matches!(reader.string(), Ok(Some(Cow::Borrowed("plain")))));
    assert!(matches!(reader.string(), Ok(Some(Cow::Owned(text))) if text == "esc\n"));
}

#[test]
fn every_truncation_is_reported() {
    let json = r#"{"size":12,"link":"a\ud83d\ude00é","list":[1,-2],"x":{"y":[true,null,1.5e3]}}"#.as_bytes();
    assert_eq!(broken_rules(json), []);
    for length in 0..json.len() {
        assert_eq!(broken_rules(&json[..length]), [Rule::JsonSyntax], "{length}");
    }
}

#[test]
fn many_keys_take_linear_time() {
    let members: Vec<String> = (0..200_000).map(|n| format!("\"k{n}\":0")).collect();
    let json = format!("{{{}}}", members.join(","));
    assert_eq!(broken_rules(json.as_bytes()), []);
}
