//! Each edit, and what it says where it cannot be made.

use std::collections::BTreeMap;

use serde_json::json;

use super::{Edit, Kind, edited};
use crate::{
    forge::{
        annotations as keys,
        layer::{Layer, Plan},
        tar::TarEntry,
    },
    format::Dialect,
};

/// The edit of this JSON, which has the shape of the TOML.
fn edit(value: serde_json::Value) -> Edit {
    serde_json::from_value(value).unwrap()
}

fn apply(text: &str, value: serde_json::Value) -> Result<String, String> {
    of_kind(text.as_bytes(), Kind::Json, value)
}

fn of_kind(bytes: &[u8], kind: Kind, value: serde_json::Value) -> Result<String, String> {
    match edit(value).apply(bytes, kind) {
        Ok(bytes) => Ok(String::from_utf8(bytes).unwrap()),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn bytes_are_edited() {
    for (value, expected) in [
        (json!({"replace": {"from": "b", "to": "x"}}), "axcabc-"),
        (json!({"replace": {"from": "c", "to": "", "times": 2}}), "abab-"),
        (
            json!({"replace": {"from": "c", "to": {"hex": "21 22"}, "nth": 2}}),
            "abcab!\"-",
        ),
        (json!({"splice": {"at": 1, "remove": 2}}), "aabc-"),
        (json!({"splice": {"at": -1, "insert": {"base64": "eHk="}}}), "abcabcxy-"),
        (json!({"append": "z"}), "abcabc-z"),
        (json!({"truncate": 2}), "ab"),
        (json!({"truncate": -2}), "abcab"),
        (json!({"repeat": {"text": "-", "times": 3}}), "abcabc---"),
        (json!({"become": ""}), ""),
    ] {
        // The first edit needs a text that is there once.
        let text = if value.pointer("/replace/from") == Some(&json!("b")) {
            "abcaxc-"
        } else {
            "abcabc-"
        };
        let expected = expected.replace("axcabc", "axcaxc");
        assert_eq!(
            of_kind(text.as_bytes(), Kind::Bytes, value.clone()),
            Ok(expected),
            "{value}"
        );
    }
}

#[test]
fn json_is_edited_where_a_pointer_points_and_nowhere_else() {
    let text = r#"{ "a" : 1.0, "b":[{"c/d":"}","c/d":null}, [] ,"x\"" ],"e":{}}"#;
    for (value, expected) in [
        (
            json!({"set": {"at": "/a", "to": {"z": [true]}}}),
            r#"{ "a" : {"z":[true]}, "b":[{"c/d":"}","c/d":null}, [] ,"x\"" ],"e":{}}"#,
        ),
        (
            json!({"raw": {"at": "/b/2", "to": "01"}}),
            r#"{ "a" : 1.0, "b":[{"c/d":"}","c/d":null}, [] ,01 ],"e":{}}"#,
        ),
        (
            json!({"set": {"at": "/b/0/c~1d", "to": 7}}),
            r#"{ "a" : 1.0, "b":[{"c/d":7,"c/d":null}, [] ,"x\"" ],"e":{}}"#,
        ),
        (json!({"remove": "/b/0"}), r#"{ "a" : 1.0, "b":[[] ,"x\"" ],"e":{}}"#),
        (
            json!({"remove": "/e"}),
            r#"{ "a" : 1.0, "b":[{"c/d":"}","c/d":null}, [] ,"x\"" ]}"#,
        ),
        (
            json!({"insert": {"at": "/e/k\"", "value": "v"}}),
            r#"{ "a" : 1.0, "b":[{"c/d":"}","c/d":null}, [] ,"x\"" ],"e":{"k\"":"v"}}"#,
        ),
        (
            json!({"insert": {"at": "/b/1", "value": 5}}),
            r#"{ "a" : 1.0, "b":[{"c/d":"}","c/d":null}, 5,[] ,"x\"" ],"e":{}}"#,
        ),
        (
            json!({"insert": {"at": "/b/-", "value": 5}}),
            r#"{ "a" : 1.0, "b":[{"c/d":"}","c/d":null}, [] ,"x\"",5 ],"e":{}}"#,
        ),
        (
            json!({"insert": {"at": "/b/0/f", "value": 5}}),
            r#"{ "a" : 1.0, "b":[{"c/d":"}","c/d":null,"f":5}, [] ,"x\"" ],"e":{}}"#,
        ),
        (json!({"set": {"at": "", "to": []}}), "[]"),
    ] {
        assert_eq!(apply(text, value.clone()).as_deref(), Ok(expected), "{value}");
    }
    let lines = "{\"a\":1}\n{\"a\":2}\n";
    assert_eq!(
        of_kind(lines.as_bytes(), Kind::Lines, json!({"set": {"at": "/1/a", "to": 3}})).as_deref(),
        Ok("{\"a\":1}\n{\"a\":3}\n")
    );
}

#[test]
fn numbers_of_footers_are_set() {
    let frame = crate::forge::footer::Footer::v64(
        crate::forge::footer::Span::new(1, 2, 3),
        crate::forge::footer::Span::new(4, 5, 6),
    );
    let expected = crate::forge::footer::Footer {
        kind: u64::MAX,
        ..frame.clone()
    };
    let change = edit(json!({"field": {"name": "type", "to": "18446744073709551615"}}));
    let tail = [b"..".as_slice(), &frame.frame()].concat();
    assert_eq!(
        change.apply(&tail, Kind::Footer).unwrap(),
        [b"..".as_slice(), &expected.frame()].concat()
    );
    assert_eq!(
        change.apply(b"none", Kind::Footer).unwrap_err().0,
        "field: the twin has no footer of 40, 56 or 64 bytes at its end"
    );
    let small = crate::forge::footer::Footer::v40(crate::forge::footer::Span::new(1, 2, 3)).frame();
    let change = edit(json!({"field": {"name": "tar-split-offset", "to": 1}}));
    assert_eq!(
        change.apply(&small, Kind::Footer).unwrap_err().0,
        "field: the footer of 40 bytes in the twin has no tar-split"
    );
}

#[test]
fn annotations_are_edited() {
    let twin = BTreeMap::from([("a".to_owned(), "1".to_owned()), ("b".to_owned(), "2".to_owned())]);
    let edited = |value: serde_json::Value| {
        let mut annotations = twin.clone();
        match edit(value).annotate(&mut annotations) {
            Ok(()) => Ok(annotations
                .into_iter()
                .map(|(key, value)| key + "=" + &value)
                .collect::<Vec<_>>()
                .join(" ")),
            Err(error) => Err(error.0),
        }
    };
    for (value, expected) in [
        (json!({"annotate": {"key": "c", "value": "3"}}), Ok("a=1 b=2 c=3")),
        (json!({"annotate": {"key": "a", "value": "3"}}), Ok("a=3 b=2")),
        (
            json!({"annotate": {"key": "a", "value": "1"}}),
            Err("annotate: changes nothing"),
        ),
        (json!({"strip": "a"}), Ok("b=2")),
        (json!({"strip": "c"}), Err(r#"strip: the twin has no annotation "c""#)),
        (json!({"rename": {"from": "a", "to": "c"}}), Ok("b=2 c=1")),
        (
            json!({"rename": {"from": "a", "to": "b"}}),
            Err(r#"rename: the twin has an annotation "b" already"#),
        ),
        (json!({"append": "x"}), Err("append: is not for annotations")),
    ] {
        let expected = expected.map(str::to_owned).map_err(str::to_owned);
        assert_eq!(edited(value.clone()), expected, "{value}");
    }
}

#[test]
fn an_edit_that_cannot_be_made_is_an_error() {
    let text = r#"{"a":[1,1]}"#;
    for (value, message) in [
        (
            json!({"replace": {"from": "1", "to": "2"}}),
            r#"replace: "1" is there 2 times, expected 1"#,
        ),
        (
            json!({"replace": {"from": "1", "to": "2", "times": 3}}),
            r#"replace: "1" is there 2 times, expected 3"#,
        ),
        (
            json!({"replace": {"from": "1", "to": "2", "nth": 3}}),
            r#"replace: "1" is there 2 times, expected at least 3"#,
        ),
        (
            json!({"replace": {"from": "1", "to": "2", "nth": 1, "times": 2}}),
            r#"replace: "1" is there 2 times, expected `times` or `nth`, not both"#,
        ),
        (
            json!({"replace": {"from": {"hex": "00ff"}, "to": ""}}),
            "replace: 0x00ff is there 0 times, expected 1",
        ),
        (
            json!({"replace": {"from": "\"a\"", "to": "\"a\""}}),
            "replace: changes nothing",
        ),
        (json!({"append": ""}), "append: changes nothing"),
        (
            json!({"splice": {"at": 10, "remove": 2}}),
            "splice: removes 2 bytes at 10, and there are 11 bytes",
        ),
        (
            json!({"splice": {"at": -12}}),
            "splice: byte -12 is not among the 11 bytes",
        ),
        (json!({"truncate": 12}), "truncate: byte 12 is not among the 11 bytes"),
        (
            json!({"remove": "a"}),
            r#"remove: "a" is no JSON pointer, which begins with a slash"#,
        ),
        (
            json!({"remove": ""}),
            "remove: the pointer of the whole document has no parent",
        ),
        (
            json!({"remove": "/a/2"}),
            r#"remove: the twin has nothing at "/a/2": no "2""#,
        ),
        (
            json!({"set": {"at": "/b/0", "to": 1}}),
            r#"set: the twin has nothing at "/b/0": no "b""#,
        ),
        (
            json!({"insert": {"at": "/a/0/x", "value": 1}}),
            r#"insert: the twin has nothing at "/a/0/x": no "x""#,
        ),
        (
            json!({"insert": {"at": "/a/9", "value": 1}}),
            r#"insert: the twin has nothing at "/a/9": no "9""#,
        ),
        (
            json!({"field": {"name": "type", "to": 1}}),
            "field: is for zstd:chunked footers only",
        ),
        (json!({"blob-size": 1}), "blob-size: is for the ends of blobs only"),
        (json!({"strip": "a"}), "strip: is for annotations only"),
    ] {
        assert_eq!(apply(text, value.clone()), Err(message.to_owned()), "{value}");
    }
    assert_eq!(
        of_kind(b"abc", Kind::Bytes, json!({"remove": "/0"})),
        Err("remove: is for JSON only".to_owned())
    );
    assert_eq!(
        of_kind(b"{\"a\":1}\n", Kind::Lines, json!({"remove": "/7/a"})),
        Err(r#"remove: the twin has nothing at "/7/a": no "7""#.to_owned())
    );
}

#[test]
fn no_document_and_no_pointer_makes_an_edit_panic() {
    let pointers = ["", "/", "/a", "/0", "/0/a", "/-", "/~", "/~1/~0", "/a/0/b", "x"];
    let text = "{\"a\":[1,{\"b\":\"\\\"}]\"},\u{e9}],\n\"a\" : {} }}],\"";
    for from in 0..text.len() {
        for to in from..=text.len() {
            let Some(document) = text.get(from..to) else { continue };
            for at in pointers {
                for value in [
                    json!({"set": {"at": at, "to": 1}}),
                    json!({"remove": at}),
                    json!({"insert": {"at": at, "value": 1}}),
                ] {
                    for kind in [Kind::Json, Kind::Lines] {
                        let _ = edit(value.clone()).apply(document.as_bytes(), kind);
                    }
                }
            }
        }
    }
}

/// What comes after the stage of an edit follows from it, and what comes before stays.
#[test]
fn edits_of_layers_are_sealed() {
    let plan = Plan::new(Dialect::G5, vec![TarEntry::file("a", "content\n"), TarEntry::dir("d/")]);
    let twin = plan.layer();
    let layer = |value: serde_json::Value| edited(&plan, &[edit(value)]).unwrap();
    let annotation = |layer: &Layer, key: &str| layer.annotations[&format!("{}{key}", keys::PREFIX)].clone();
    let digest = |layer: &Layer| annotation(layer, keys::MANIFEST_CHECKSUM);
    let position = |layer: &Layer| annotation(layer, keys::MANIFEST_POSITION);

    let toc = layer(json!({"toc": {"set": {"at": "/entries/0/mode", "to": 1}}}));
    assert_eq!(toc.toc_digest, digest(&toc));
    assert_ne!(digest(&toc), digest(&twin));
    assert_ne!(position(&toc), position(&twin), "the TOC is two bytes shorter");

    let split = layer(json!({"tar-split": {"set": {"at": "/1/size", "to": 9}}}));
    assert_ne!(digest(&split), digest(&twin), "the TOC has the digest of the tar-split");
    assert_eq!(position(&split), position(&twin));
    let payload = layer(json!({"tar-split-payload": {"append": "x"}}));
    assert_ne!(
        annotation(&payload, keys::TARSPLIT_POSITION),
        annotation(&twin, keys::TARSPLIT_POSITION)
    );
    assert_ne!(digest(&payload), digest(&twin));

    let data = layer(json!({"data": {"append": {"hex": "502a4d1800000000"}}}));
    assert_eq!(digest(&data), digest(&twin));
    assert_ne!(position(&data), position(&twin));
    assert_eq!(data.blob.len(), twin.blob.len() + 8);

    for (value, offset_from_end) in [
        (json!({"footer": {"field": {"name": "type", "to": 2}}}), 40),
        (
            json!({"blob": {"splice": {"at": -40, "remove": 1, "insert": {"hex": "02"}}}}),
            40,
        ),
    ] {
        let changed = layer(value);
        assert_eq!(changed.annotations, twin.annotations);
        let mut expected = twin.blob.clone();
        let at = expected.len() - offset_from_end;
        expected[at] = 2;
        assert_eq!(changed.blob, expected);
    }
    let stripped = layer(json!({"annotations": {"strip": format!("{}{}", keys::PREFIX, keys::TARSPLIT_POSITION)}}));
    assert_eq!(stripped.blob, twin.blob);
    assert_eq!(stripped.annotations.len() + 1, twin.annotations.len());
    for value in [
        json!({"toc-payload": {"append": "x"}}),
        json!({"toc-frame": {"truncate": -1}}),
        json!({"tar-split-frame": {"truncate": -1}}),
    ] {
        let changed = layer(value.clone());
        assert_ne!(changed.blob, twin.blob, "{value}");
        assert_eq!(
            digest(&changed) == digest(&twin),
            value.get("toc-payload").is_none(),
            "{value}"
        );
    }

    let error = |value: serde_json::Value| edited(&plan, &[edit(value)]).map(drop).unwrap_err().0;
    assert_eq!(
        error(json!({"append": "x"})),
        "append: is for one part of a layer, such as `toc`; name the part before it"
    );
    assert_eq!(
        error(json!({"toc": {"remove": "/entries/7"}})),
        r#"toc: remove: the twin has nothing at "/entries/7": no "7""#
    );
    assert_eq!(
        error(json!({"annotations": {"strip": "x"}})),
        r#"annotations: strip: the twin has no annotation "x""#
    );
    assert_eq!(
        error(json!({"toc": {"toc": {"append": "x"}}})),
        "toc: toc: is for whole layers only"
    );
    assert_eq!(
        error(json!({"toc": {"become": {"hex": "ff"}}})),
        "toc: makes a TOC that is not UTF-8"
    );
}

/// An edit that is written down and read again is the same.
#[test]
fn edits_are_data() {
    for value in [
        json!({"replace": {"from": "a", "to": {"hex": "ff00"}, "times": 2}}),
        json!({"replace": {"from": "a", "to": "b", "nth": 2}}),
        json!({"splice": {"at": -3, "remove": 1, "insert": "x"}}),
        json!({"splice": {"at": 3, "insert": "x"}}),
        json!({"append": "x"}),
        json!({"truncate": -1}),
        json!({"repeat": {"text": "[", "times": 100}}),
        json!({"become": "x"}),
        json!({"set": {"at": "/a", "to": [1, null]}}),
        json!({"raw": {"at": "/a", "to": "nul"}}),
        json!({"add": {"at": "/a", "by": 1}}),
        json!({"remove": "/a"}),
        json!({"insert": {"at": "/a", "value": 1}}),
        json!({"field": {"name": "toc-uncompressed", "to": 1}}),
        json!({"blob-size": "18446744073709551615"}),
        json!({"annotate": {"key": "a", "value": "b"}}),
        json!({"strip": "a"}),
        json!({"rename": {"from": "a", "to": "b"}}),
        json!({"toc": {"set": {"at": "/a", "to": 1}}}),
        json!({"tar-split-payload": {"append": "x"}}),
        json!({"annotations": {"strip": "x"}}),
    ] {
        let edit = edit(value.clone());
        assert_eq!(serde_json::to_value(&edit).unwrap(), value);
        assert_eq!(
            Some(edit.name()),
            value.as_object().unwrap().keys().next().map(String::as_str)
        );
    }
}

#[test]
fn what_is_no_edit_is_refused() {
    for (text, message) in [
        (r#"e.swap = 1"#, "unknown variant `swap`, expected one of `replace`, "),
        (r#"e.replace = { from = "a" }"#, "missing field `to`"),
        (
            r#"e.replace = { from = "a", to = "b", all = true }"#,
            "unexpected keys in table: all",
        ),
        (r#"e.append = 1"#, "expected a text, { hex = \"...\" }"),
        (r#"e.append = { hex = "abc" }"#, "not hexadecimal"),
        (r#"e.append = { text = "abc" }"#, "unknown field `text`"),
        (r#"e.append = { base64 = "a" }"#, "not base64"),
        (r#"e.field = { name = "magic", to = 1 }"#, "unknown variant `magic`"),
        (r#"e.blob-size = -1"#, "expected a number, or its decimal digits"),
    ] {
        #[derive(Debug, serde::Deserialize)]
        struct File {
            #[expect(dead_code, reason = "it is never read")]
            e: Edit,
        }
        let error = toml::from_str::<File>(text).unwrap_err();
        assert!(error.message().contains(message), "{text}: {}", error.message());
    }
}

#[test]
fn numbers_are_added_to() {
    for (by, expected) in [
        (1, Ok("{\"a\": [6]}")),
        (-6, Ok("{\"a\": [-1]}")),
        (
            i64::MAX,
            Err("add: 9223372036854775807 cannot be added to 5 at \"/a/0\""),
        ),
    ] {
        let made = apply("{\"a\": [5]}", json!({"add": {"at": "/a/0", "by": by}}));
        assert_eq!(made.as_deref().map_err(String::as_str), expected);
    }
    let text = apply("{\"a\": \"5\"}", json!({"add": {"at": "/a", "by": 1}}));
    assert_eq!(text, Err("add: 1 cannot be added to \"5\" at \"/a\"".to_owned()));
}
