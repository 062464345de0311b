//! Text that acts on a terminal, and layers that have it wherever they can have text.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

use crate::support::{seal_tar_header, tar_entry};

/// The title of the window, a screen that is cleared, a colour, a forged line, C1, bidi and invisible characters.
pub(crate) const ACTS: &str =
    "\u{1b}]0;title\u{7}\u{1b}[2J\u{1b}[35m\r\nforged: valid\u{9b}35m\u{7f}\u{202e}\u{2066}\u{200b}\u{2028}\u{feff}";

/// Longest line that a report may have. A line of a table has some names in it.
const LINE: usize = 10_000;

/// Asserts that nothing in the text acts on a terminal but line feeds and the styles of our own.
pub(crate) fn assert_harmless(what: &str, bytes: &[u8]) {
    let text = std::str::from_utf8(bytes).unwrap_or_else(|_| panic!("{what}: not UTF-8"));
    let mut rest = text;
    while let Some(at) = rest.find('\u{1b}') {
        let style = &rest[at + 1..];
        let end = style.find('m').unwrap_or_else(|| panic!("{what}: {text:?}"));
        let numbers = style[..end]
            .strip_prefix('[')
            .unwrap_or_else(|| panic!("{what}: {text:?}"));
        assert!(
            numbers.chars().all(|c| c.is_ascii_digit() || c == ';') && numbers != "35",
            "{what}: {text:?}"
        );
        rest = &style[end..];
    }
    for c in text.chars() {
        let acts = match c {
            '\n' | '\u{1b}' => false,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' => true,
            '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}' => true,
            c => c.is_control(),
        };
        assert!(!acts, "{what}: {c:?} in {text:?}");
    }
    for line in text.lines() {
        assert!(!line.trim_start().starts_with("forged"), "{what}: {text:?}");
        assert!(line.len() <= LINE, "{what}: a line of {} bytes", line.len());
    }
}

/// A tar with the text in the name, the target of a link, user and group, and in a PAX record of an xattr.
pub(crate) fn tar() -> Vec<u8> {
    let name = format!("d/{ACTS}");
    let mut tar = Vec::new();
    for (kind, link, size) in [
        (b'0', String::new(), 5_usize),
        (b'2', ACTS.to_owned(), 0),
        (b'1', name.clone(), 0),
    ] {
        let path = format!("{name}{}", char::from(kind));
        let mut records = record("path", &path) + &record("uname", ACTS) + &record("gname", ACTS);
        records += &record(&format!("SCHILY.xattr.user.{ACTS}"), ACTS);
        if !link.is_empty() {
            records += &record("linkpath", &if kind == b'1' { format!("{link}0") } else { link });
        }
        tar.extend(tar_entry("PaxHeaders/a", b'x', records.as_bytes()));
        tar.extend(tar_entry("a", kind, &b"hello"[..size]));
    }
    tar.resize(tar.len() + 1024, 0);
    tar
}

/// A tar whose header has the text in a field that should be a number, and in its names.
pub(crate) fn broken_tars() -> Vec<Vec<u8>> {
    let mut tars = Vec::new();
    for records in [
        format!("{ACTS}=1\n"),
        record(ACTS, "\0"),
        record("size", ACTS),
        record("mtime", ACTS),
        record("uid", ACTS),
        record("GNU.sparse.major", ACTS),
        record(&format!("SCHILY.xattr.{ACTS}"), ""),
        record("hdrcharset", ACTS),
    ] {
        let mut tar = Vec::new();
        tar.extend(tar_entry(ACTS, b'x', records.as_bytes()));
        tar.extend(tar_entry(ACTS, b'0', b"hello"));
        tar.resize(tar.len() + 1024, 0);
        tars.push(tar);
    }
    for (at, length) in [
        (100, 8),
        (108, 8),
        (124, 12),
        (136, 12),
        (148, 8),
        (156, 1),
        (257, 8),
        (329, 8),
    ] {
        let mut tar = Vec::new();
        tar.extend(tar_entry(ACTS, b'3', b""));
        for (byte, new) in tar[at..at + length].iter_mut().zip(b"\x1b[35m\x9b\x07\r\n\xff\xc2\x85") {
            *byte = *new;
        }
        if at != 148 {
            seal_tar_header(&mut tar[..512]);
        }
        tar.resize(tar.len() + 1024, 0);
        tars.push(tar);
    }
    tars
}

/// A PAX record.
fn record(key: &str, value: &str) -> String {
    let rest = format!(" {key}={value}\n");
    let mut length = rest.len();
    while length != rest.len() + length.to_string().len() {
        length = rest.len() + length.to_string().len();
    }
    format!("{length}{rest}")
}

/// Entries of TOCs, each with the text in another field.
fn entries() -> Vec<Value> {
    let base = json!({"type": "reg", "name": "a", "mode": 420, "size": 5, "modtime": "2023-11-14T22:13:20Z",
        "digest": "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", "offset": 0, "endOffset": 14});
    let mut all = Vec::new();
    for (key, value) in [
        ("type", json!(ACTS)),
        ("name", json!(ACTS)),
        ("name", json!("a")),
        ("mode", json!(ACTS)),
        ("size", json!(ACTS)),
        ("modtime", json!(ACTS)),
        ("digest", json!(ACTS)),
        ("chunkType", json!(ACTS)),
        ("chunkDigest", json!(ACTS)),
        ("uname", json!(ACTS)),
        ("userName", json!(ACTS)),
        ("xattrs", json!({ACTS: ACTS})),
        ("xattrs", json!({ACTS: "YQ=="})),
        ("xattrs", json!({ACTS: 1})),
        (ACTS, json!(ACTS)),
    ] {
        let mut entry = base.clone();
        entry[key] = value;
        all.push(entry);
    }
    let mut link = base.clone();
    link["type"] = json!("symlink");
    link["linkName"] = json!(ACTS);
    all.push(link);
    all
}

/// TOCs with the text in one place each.
pub(crate) fn tocs() -> Vec<Vec<u8>> {
    let mut tocs: Vec<Vec<u8>> = entries()
        .into_iter()
        .map(|entry| json!({"version": 1, "entries": [entry]}).to_string().into_bytes())
        .collect();
    let name = json!(ACTS).to_string();
    tocs.push(format!(r#"{{"version":1,"entries":[{{"type":"reg","name":{name},{name}:1,{name}:2}}]}}"#).into_bytes());
    tocs.push(format!(r#"{{"version":1,"entries":[],"tarSplitDigest":{name}}}"#).into_bytes());
    tocs.push(format!(r#"{{"version":1,"entries":[],"Version":{name}}}"#).into_bytes());
    tocs.push(format!("{{\"version\":1,\"entries\":[{ACTS}]}}").into_bytes());
    tocs.push(b"{\"version\":1,\"entries\":[{\"type\":\"\xff\x1b[35m\"}]}".to_vec());
    tocs
}

/// A zstd:chunked layer with this TOC, which is found through its footer of 40 bytes.
pub(crate) fn layer(toc: &[u8]) -> Vec<u8> {
    let mut blob = zstd::encode_all(b"hello".as_slice(), 3).unwrap();
    blob.extend(zstd::encode_all([0; 1024].as_slice(), 3).unwrap());
    let packed = zstd::encode_all(toc, 3).unwrap();
    let offset = blob.len() + 8;
    blob.extend(skippable(&packed));
    let mut footer = Vec::new();
    for number in [offset, packed.len(), toc.len(), 1] {
        footer.extend(u64::try_from(number).unwrap().to_le_bytes());
    }
    footer.extend(b"GNUlInUx");
    blob.extend(skippable(&footer));
    blob
}

fn skippable(payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap();
    [&0x184d_2a50_u32.to_le_bytes(), &length.to_le_bytes(), payload].concat()
}

/// An eStargz layer with this TOC.
pub(crate) fn estargz(toc: &[u8]) -> Vec<u8> {
    let mut blob = gzip(&{
        let mut tar = Vec::new();
        tar.extend(tar_entry(ACTS, b'0', b"hello"));
        tar
    });
    let offset = blob.len();
    let mut tar = Vec::new();
    tar.extend(tar_entry("stargz.index.json", b'0', toc));
    tar.resize(tar.len() + 1024, 0);
    blob.extend(gzip(&tar));
    blob.extend(b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x1a\0SG\x16\0");
    blob.extend(format!("{offset:016x}STARGZ").as_bytes());
    blob.extend(b"\x01\0\0\xff\xff\0\0\0\0\0\0\0\0");
    blob
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
