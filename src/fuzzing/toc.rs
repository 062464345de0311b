//! TOCs: any bytes as the JSON of a TOC, in each dialect.
//!
//! A second reading, in `reading`, goes through a tree that another parser of JSON made, and says what has to come out:
//! these entries, or a rejection. What is accepted is printed and read again. Dialects differ in two points only, so that
//! the readings are held against each other as well.

mod reading;

use std::{borrow::Cow, collections::BTreeSet, fmt::Write as _};

use serde_json::{Map, Value, json};

use self::reading::{Said, say};
use super::mutator::Mutation;
use crate::{
    forge::{
        Kind,
        mutate::{applied, json as mutations},
        words,
    },
    format::{
        Dialect, Finding, Findings,
        toc::{self, Chunk, Entry, EntryKind, Style, Toc},
    },
    rules::Rule,
};

/// One dialect for each way in which TOCs are read.
const DIALECTS: [Dialect; 3] = [Dialect::G1, Dialect::G2, Dialect::G5];

/// Runs the fuzz target.
///
/// # Panics
///
/// On a disagreement, which is a finding for the fuzzer.
pub fn run(bytes: &[u8]) {
    // One dialect is enough for what is broken; which one it is depends on the input.
    let said = say(bytes);
    let first = DIALECTS.get(bytes.len() % 3).copied().unwrap_or(Dialect::G5);
    let parsed = read(bytes, first);
    check(bytes, first, &parsed, &said);
    let (toc, findings) = &parsed;
    let Some(toc) = toc else { return };
    if findings.is_empty() {
        check_print(toc, first);
    }
    if findings.is_empty() || findings.breaks(Rule::EntryUnique) {
        check_dialects(bytes, &said, first, &parsed);
    }
}

/// Holds the dialects against each other; one of them has been read.
#[expect(clippy::panic, reason = "a panic is how a fuzz target reports a finding")]
fn check_dialects(bytes: &[u8], said: &Said, known: Dialect, parsed: &Parsed) {
    let [g1, g2, g5] = DIALECTS.map(|dialect| {
        if dialect == known {
            return Cow::Borrowed(parsed);
        }
        let parsed = read(bytes, dialect);
        check(bytes, dialect, &parsed, said);
        Cow::Owned(parsed)
    });
    // From g3 on a repeated name is a finding, and that is all.
    let without = |findings: &Findings| -> Vec<Finding> {
        let list = findings.list().iter();
        list.filter(|finding| finding.rule != Rule::EntryUnique)
            .cloned()
            .collect()
    };
    let is_whole = g5.1.omitted() == 0;
    if g2.0 != g5.0 || (is_whole && without(&g2.1) != without(&g5.1)) || g2.1.breaks(Rule::EntryUnique) {
        panic!("{}: g2 gives {g2:?}, g5 {g5:?}", bytes.escape_ascii());
    }
    // In g1 a TOC may have no end offset at all. One that has is read as in g2.
    let is_stargz = g1.0.as_ref().is_some_and(|toc| toc.style == Style::Stargz);
    if !is_stargz && (g1.0 != g2.0 || g1.1.list() != g2.1.list()) {
        panic!("{}: g1 gives {g1:?}, g2 {g2:?}", bytes.escape_ascii());
    }
}

type Parsed = (Option<Toc>, Findings);

fn read(bytes: &[u8], dialect: Dialect) -> Parsed {
    let mut findings = Findings::new();
    let toc = toc::parse(bytes, dialect, &mut findings);
    (toc, findings)
}

/// Checks what the parser made of a TOC.
///
/// # Panics
///
/// On a disagreement, which is a finding for the fuzzer.
#[expect(clippy::panic, reason = "a panic is how a fuzz target reports a finding")]
fn check(bytes: &[u8], dialect: Dialect, (toc, findings): &Parsed, said: &Said) {
    let text = bytes.escape_ascii();
    let accepted = toc.as_ref().filter(|_| findings.is_empty());
    if toc.is_none() && findings.is_empty() {
        panic!("{dialect:?} {text}: no TOC, and no finding that says why");
    }
    let entries = toc.as_ref().map(|toc| toc.entries.as_slice()).unwrap_or_default();
    let paths: BTreeSet<&str> = entries.iter().map(Entry::path).collect();
    let chunks: usize = entries.iter().map(|entry| entry.chunks.len()).sum();
    // The shortest element is `{}`, and each gives an entry or a chunk, a file both.
    if paths.len() < entries.len() || entries.len().max(chunks) > bytes.len() / 2 {
        panic!(
            "{dialect:?} {text}: {} entries, {chunks} chunks, {} paths",
            entries.len(),
            paths.len()
        );
    }
    match said {
        Said::Unknown => {}
        Said::Broken if accepted.is_none() => {}
        Said::Document(document) if accepted == document.toc(dialect).as_ref() => {}
        Said::Broken => panic!("{dialect:?} {text}: parsed {toc:?}, naively it is broken"),
        Said::Document(document) => panic!(
            "{dialect:?} {text}: parsed {toc:?} with {findings:?}, read naively {:?}",
            document.toc(dialect)
        ),
    }
}

/// Prints what was accepted and reads it again.
#[expect(clippy::panic, reason = "a panic is how a fuzz target reports a finding")]
fn check_print(toc: &Toc, dialect: Dialect) {
    let printed = print(toc);
    let (again, findings) = read(printed.as_bytes(), dialect);
    if !findings.is_empty() || again != Some(renumbered(toc)) {
        panic!("{dialect:?} {toc:?} printed as {printed} is read as {again:?} with {findings:?}");
    }
}

/// The TOC as it is read from what [`print`] gives.
fn renumbered(toc: &Toc) -> Toc {
    let mut toc = toc.clone();
    // What does not count is not printed.
    toc.replaced.clear();
    let mut index = 0;
    for entry in &mut toc.entries {
        entry.index = index;
        index += entry.chunks.len().max(1);
    }
    toc
}

/// The JSON of a TOC.
pub(super) fn print(toc: &Toc) -> String {
    let mut entries = Vec::new();
    for entry in &toc.entries {
        entries.push(print_entry(entry, toc.style));
        for chunk in entry.chunks.iter().skip(1) {
            let mut fields = Map::new();
            fields.insert("type".to_owned(), json!("chunk"));
            fields.insert("name".to_owned(), json!(entry.name));
            put_chunk(&mut fields, chunk);
            entries.push(Value::Object(fields));
        }
    }
    let mut text = format!("{{\"entries\":{},\"version\":1", Value::Array(entries));
    if let Some(digest) = toc.tar_split_digest {
        // Writing to a string does not fail.
        let _ = write!(text, ",\"tarSplitDigest\":\"{digest}\"");
    }
    text + "}"
}

fn print_entry(entry: &Entry, style: Style) -> Value {
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    put("type", json!(entry.kind.name()));
    put("name", json!(entry.name));
    put("linkName", json!(entry.link_name()));
    put("userName", json!(entry.user_name()));
    put("groupName", json!(entry.group_name()));
    put("mode", json!(entry.mode()));
    put("size", json!(entry.size));
    put("uid", json!(entry.uid()));
    put("gid", json!(entry.gid()));
    put("devMajor", json!(entry.dev_major()));
    put("devMinor", json!(entry.dev_minor()));
    let times = [
        ("modtime", entry.modtime),
        ("accesstime", entry.accesstime()),
        ("changetime", entry.changetime()),
    ];
    for (name, time) in times {
        if let Some(time) = time {
            put(name, json!(time.to_string()));
        }
    }
    let xattrs = entry.xattrs().iter();
    let xattrs: Map<String, Value> = xattrs
        .map(|(key, value)| (key.clone(), json!(reading::base64(value))))
        .collect();
    put("xattrs", Value::Object(xattrs));
    if let Some(digest) = entry.digest {
        put("digest", json!(digest.to_string()));
    }
    if let (EntryKind::Regular, Some(first), Some(last)) = (entry.kind, entry.chunks.first(), entry.chunks.last()) {
        if let Some(end) = last.end {
            put("endOffset", json!(end));
        }
        put_chunk(&mut fields, first);
    } else if style == Style::Containers {
        // Empty files and others can have one, which then says what style it is.
        put("endOffset", json!(0));
    }
    Value::Object(fields)
}

fn put_chunk(fields: &mut Map<String, Value>, chunk: &Chunk) {
    let mut put = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    put("offset", json!(chunk.offset));
    put("chunkOffset", json!(chunk.file_offset));
    put("chunkSize", json!(chunk.size));
    put("innerOffset", json!(chunk.inner_offset));
    put("chunkType", json!(if chunk.zeros { "zeros" } else { "" }));
    if let Some(digest) = chunk.digest {
        put("chunkDigest", json!(digest.to_string()));
    }
}

/// Changes the JSON, or the bytes where it is none.
pub const MUTATION: Mutation = Mutation(|bytes, random, _| {
    Some(applied(
        &mutations::document(bytes, &words::TOC, random),
        bytes,
        Kind::Json,
    ))
});
