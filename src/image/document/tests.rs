//! Documents that are read, and those that are refused.

use serde_json::{Value, json};

use super::{CONFIG, DOCKER_MANIFEST, INDEX, LAYER_ZSTD, MANIFEST, diff_ids, index, manifest};
use crate::format::Digest;

fn descriptor() -> Value {
    json!({"mediaType": LAYER_ZSTD, "digest": Digest::of(b"a").to_string(), "size": 1, "annotations": {"a": "b"}})
}

fn document() -> Value {
    let config = json!({"mediaType": CONFIG, "digest": Digest::of(b"{}").to_string(), "size": 2});
    json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [descriptor()]})
}

#[test]
fn manifests() {
    let read = |value: &Value| manifest("m", value.to_string().as_bytes(), &[MANIFEST]);
    let good = read(&document()).unwrap();
    assert_eq!(good.layers[0].digest, Digest::of(b"a"));
    assert_eq!(good.layers[0].annotations.as_ref().unwrap()["a"], "b");
    assert_eq!(good.config.annotations, None);
    for (pointer, value, problem) in [
        ("/schemaVersion", json!(1), "`schemaVersion` is 1, expected 2"),
        ("/mediaType", json!(DOCKER_MANIFEST), "`mediaType` is"),
        ("/mediaType", json!(INDEX), "`mediaType` is"),
        ("/config", Value::Null, "`config` is null"),
        ("/layers/0/size", json!(-1), "`layers[0]`: `size` is -1"),
        ("/layers/0/size", json!(1.5), "expected an integer"),
        ("/layers/0/digest", json!("sha256:../../etc"), "malformed digest"),
        ("/layers/0/digest", Value::Null, "`digest` is null"),
        ("/layers/0/mediaType", Value::Null, "`mediaType` is null"),
        (
            "/layers/0/digest",
            json!(format!("sha512:{}", "0".repeat(128))),
            "`layers[0]`: unsupported algorithm",
        ),
        (
            "/layers/0/annotations",
            json!({"a": 1}),
            "annotation \"a\" is not a string",
        ),
        ("/layers/0/annotations", json!([]), "expected an object"),
    ] {
        let mut changed = document();
        *changed.pointer_mut(pointer).unwrap() = value;
        let error = read(&changed).unwrap_err().to_string();
        assert!(
            error.starts_with("m: ") && error.contains(problem),
            "{pointer}: {error}"
        );
    }
}

#[test]
fn what_readers_would_read_in_two_ways_is_refused() {
    let mut both = document();
    both["manifests"] = json!([]);
    for read in [
        manifest("m", both.to_string().as_bytes(), &[MANIFEST]).map(drop),
        index("m", both.to_string().as_bytes(), &[MANIFEST]).map(drop),
    ] {
        assert!(read.unwrap_err().to_string().contains("at once"));
    }
    let text = document().to_string();
    assert!(manifest("m", text.as_bytes(), &[MANIFEST]).is_ok());
    for (once, twice, problem) in [
        ("\"annotations\":{", "\"annotations\":{\"a\":\"c\",", "\"a\""),
        ("\"layers\":[", "\"layers\":[],\"layers\":[", "\"layers\""),
        // Go joins the two, and the later value counts.
        (
            "\"size\":1",
            "\"size\":1,\"Annotations\":{\"a\":\"c\"}",
            "\"Annotations\"",
        ),
        ("\"size\":1", "\"\\u017fize\":1", "\"\u{17f}ize\""),
        ("\"layers\":[", "\"LAYERS\":[],\"layers\":[", "\"LAYERS\""),
        ("\"size\":1", "\"size\":1,\"x\":{\"y\":1,\"y\":2}", "\"y\""),
        ("{\"config\"", "{\"x\":\"\\ud800\",\"config\"", "surrogate"),
    ] {
        let changed = text.replacen(once, twice, 1);
        assert_ne!(changed, text, "{once}");
        let error = manifest("m", changed.as_bytes(), &[MANIFEST]).unwrap_err().to_string();
        assert!(
            error.starts_with("m: ") && error.contains(problem),
            "{changed}: {error}"
        );
        assert!(error.contains(" at byte "), "{error}");
    }
    let deep = format!("{{\"x\":{}{},", "[".repeat(64), "]".repeat(64));
    for text in [
        format!("{text}{text}"),
        text.replacen('{', &deep, 1),
        format!("{text}]"),
    ] {
        assert!(manifest("m", text.as_bytes(), &[MANIFEST]).is_err(), "{text}");
    }
    assert!(manifest("m", format!(" {text}\n").as_bytes(), &[MANIFEST]).is_ok());
}

#[test]
fn go_writes_an_array_that_is_empty_as_null() {
    let mut empty = document();
    empty["layers"] = Value::Null;
    assert_eq!(
        manifest("m", empty.to_string().as_bytes(), &[MANIFEST]).unwrap().layers,
        []
    );
    assert_eq!(
        index("i", br#"{"schemaVersion":2,"manifests":null}"#, &[INDEX]).unwrap(),
        []
    );
    assert_eq!(diff_ids("c", br#"{"rootfs":{"diff_ids":null}}"#).unwrap(), []);
}

#[test]
fn configurations() {
    let digest = Digest::of(b"tar");
    let config = json!({"architecture": "amd64", "rootfs": {"type": "layers", "diff_ids": [digest.to_string()]}});
    assert_eq!(diff_ids("c", config.to_string().as_bytes()).unwrap(), [digest]);
    assert!(diff_ids("c", b"{\"rootfs\":{\"diff_ids\":[\"sha256:1\"]}}").is_err());
    assert!(diff_ids("c", b"{}").is_err());
    let twice = br#"{"rootfs":{"diff_ids":[]},"rootfs":{"diff_ids":[]}}"#;
    assert!(diff_ids("c", twice).is_err());
    let folded = br#"{"rootfs":{"diff_ids":[],"Diff_IDs":[]}}"#;
    assert!(diff_ids("c", folded).is_err());
}
