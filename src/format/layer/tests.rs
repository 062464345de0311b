//! A value that cannot be read is reported once: nothing else follows from the zero that is in its place.

use super::{Source, verify};
use crate::{
    forge::{
        EditInPlace as _,
        layer::{Layer, Plan},
        tar::TarEntry,
        tarsplit, zstd,
    },
    format::{Dialect, Digest, Findings},
    rules::Rule,
};

/// A directory, a file with everything, a file in two chunks, an empty file, a device and a link.
fn plan(dialect: Dialect) -> Plan {
    Plan::new(
        dialect,
        vec![
            TarEntry::dir("d/"),
            TarEntry::file("d/motd", "twenty bytes of text").edit(|entry| {
                entry.uid = 1000;
                entry.gid = 100;
                entry.xattrs = vec![("user.a".into(), b"1".to_vec())];
            }),
            TarEntry::file("d/data", "0123456789".repeat(20))
                .edit(|entry| entry.chunks = vec![(150, false), (50, false)]),
            TarEntry::file("d/empty", ""),
            TarEntry::symlink("d/link", "motd"),
        ],
    )
}

fn verified(layer: &Layer) -> Vec<(Rule, String)> {
    let blob = layer.blob.as_slice();
    let mut findings = Findings::new();
    drop(verify(&Source::new(&blob, Some(&layer.annotations)), &mut findings).unwrap());
    let list = findings.list().iter();
    list.map(|finding| (finding.rule, finding.to_string())).collect()
}

/// Replaces the one place of a text.
fn swapped(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "{from} in {text}");
    text.replacen(from, to, 1)
}

/// The layer with a change of its TOC.
fn with_toc(dialect: Dialect, from: &str, to: &str) -> Layer {
    let mut payloads = plan(dialect).parts().payloads();
    payloads.toc_json = swapped(&payloads.toc_json, from, to);
    payloads.toc = zstd::frame(payloads.toc_json.as_bytes());
    payloads.place().layer()
}

/// The layer with a change of its tar-split, whose digest the TOC has.
fn with_tar_split(dialect: Dialect, from: &str, to: &str) -> Layer {
    let parts = plan(dialect).parts();
    let json = swapped(&tarsplit::document(&parts.tar_split), from, to);
    let mut payloads = parts.payloads();
    let digest = Digest::of(&payloads.tar_split).to_string();
    payloads.tar_split = zstd::frame(json.as_bytes());
    payloads.tar_split_uncompressed = u64::try_from(json.len()).unwrap();
    payloads.toc_json = payloads
        .toc_json
        .replace(&digest, &Digest::of(&payloads.tar_split).to_string());
    payloads.toc = zstd::frame(payloads.toc_json.as_bytes());
    payloads.place().layer()
}

#[test]
fn an_unreadable_value_of_the_toc_is_reported_once() {
    for dialect in [Dialect::G2, Dialect::G5] {
        assert_eq!(verified(&plan(dialect).layer()), [], "{dialect}");
        for (from, to, expected) in [
            ("\"size\":20,", "\"size\":20.0,", Rule::JsonInteger),
            ("\"size\":20,", "\"size\":-20,", Rule::EntryCount),
            ("\"size\":20,", "\"size\":\"20\",", Rule::JsonType),
            ("\"size\":20,", "\"size\":null,", Rule::JsonNull),
            ("\"uid\":1000", "\"uid\":1e3", Rule::JsonInteger),
            ("\"gid\":100", "\"gid\":true", Rule::JsonType),
            ("\"MQ==\"", "\"MQ\"", Rule::EntryXattr),
            ("\"MQ==\"", "1", Rule::JsonType),
            ("\"linkName\":\"motd\"", "\"linkName\":\"motd\\u0000\"", Rule::EntryName),
            ("\"linkName\":\"motd\"", "\"linkName\":[]", Rule::JsonType),
            ("\"name\":\"d/empty\"", "\"name\":5", Rule::JsonType),
            ("\"name\":\"d/empty\"", "\"name\":\"d/empty\\u0000\"", Rule::EntryName),
            ("\"name\":\"d/empty\"", "\"Name_\":\"d/empty\"", Rule::EntryName),
            ("\"type\":\"symlink\"", "\"type\":\"link\"", Rule::EntryType),
            ("\"type\":\"symlink\"", "\"type\":7", Rule::JsonType),
            ("\"type\":\"chunk\"", "\"type\":\"part\"", Rule::EntryType),
            ("\"chunkSize\":50", "\"chunkSize\":-50", Rule::EntryCount),
            ("\"chunkSize\":50", "\"chunkSize\":\"50\"", Rule::JsonType),
            ("\"chunkSize\":50", "\"chunkSize\":49", Rule::ChunkSequence),
            ("\"chunkOffset\":150", "\"chunkOffset\":150.5", Rule::JsonInteger),
            ("\"chunkOffset\":150", "\"chunkOffset\":149", Rule::ChunkSequence),
        ] {
            let found = verified(&with_toc(dialect, from, to));
            let rules: Vec<Rule> = found.iter().map(|(rule, _)| *rule).collect();
            assert_eq!(rules, [expected], "{dialect} {to}: {found:?}");
        }
    }
}

/// Offsets differ from layer to layer.
#[test]
fn an_unreadable_range_is_reported_once() {
    for dialect in [Dialect::G2, Dialect::G5] {
        let payloads = plan(dialect).parts().payloads();
        let [_, motd, data, chunk, ..] = payloads.entries.as_slice() else {
            panic!("{:?}", payloads.entries.len());
        };
        let (offset, end) = (
            format!("\"offset\":{}", motd.offset),
            format!("\"endOffset\":{}", motd.end_offset),
        );
        let (chunk, last) = (
            format!("\"offset\":{}", chunk.offset),
            format!("\"endOffset\":{}", data.end_offset),
        );
        for (from, to, expected) in [
            (offset.as_str(), "\"offset\":-1", Rule::EntryCount),
            (offset.as_str(), "\"offset\":\"8\"", Rule::JsonType),
            (offset.as_str(), "\"x\":0", Rule::FileIndexed),
            (end.as_str(), "\"endOffset\":1.0", Rule::JsonInteger),
            (end.as_str(), "\"x\":0", Rule::FileIndexed),
            (end.as_str(), "\"endOffset\":1", Rule::FileIndexed),
            (chunk.as_str(), "\"offset\":-1", Rule::EntryCount),
            (chunk.as_str(), "\"offset\":1", Rule::ChunkRange),
            (chunk.as_str(), "\"x\":0", Rule::ChunkRange),
            (last.as_str(), "\"endOffset\":false", Rule::JsonType),
        ] {
            let found = verified(&with_toc(dialect, from, to));
            let rules: Vec<Rule> = found.iter().map(|(rule, _)| *rule).collect();
            assert_eq!(rules, [expected], "{dialect} {to}: {found:?}");
        }
    }
}

/// As many entries are not missed as have no name; one more is.
#[test]
fn an_entry_without_a_name_stands_for_one() {
    let json = |change: &dyn Fn(&mut Vec<String>)| {
        let mut payloads = plan(Dialect::G5).parts().payloads();
        let at = payloads.toc_json.find('[').unwrap() + 1;
        let end = payloads.toc_json.rfind(']').unwrap();
        let mut entries: Vec<String> = payloads.toc_json[at..end].split("},{").map(str::to_owned).collect();
        change(&mut entries);
        payloads.toc_json.replace_range(at..end, &entries.join("},{"));
        payloads.toc = zstd::frame(payloads.toc_json.as_bytes());
        let found = verified(&payloads.place().layer());
        found.into_iter().map(|(rule, _)| rule).collect::<Vec<_>>()
    };
    assert_eq!(json(&|_| ()), []);
    let unnamed = |entries: &mut Vec<String>| {
        let last = entries.last_mut().unwrap();
        *last = last.replace("\"name\"", "\"x\"");
    };
    assert_eq!(json(&unnamed), [Rule::EntryName]);
    let and_missing = |entries: &mut Vec<String>| {
        unnamed(entries);
        let at = entries.iter().position(|entry| entry.contains("d/empty")).unwrap();
        entries.remove(at);
    };
    assert_eq!(json(&and_missing), [Rule::EntryName, Rule::EntrySets, Rule::EntrySets]);
}

#[test]
fn an_unreadable_value_of_the_tar_split_is_reported_once() {
    let crc = |text: &str| format!("\"name\":\"d/motd\",\"size\":20,\"payload\":\"{text}");
    assert_eq!(crc("").matches("size").count(), 1);
    for (from, to, expected) in [
        ("\"size\":20,", "\"size\":20.0,", Rule::JsonInteger),
        ("\"size\":20,", "\"size\":-20,", Rule::TarSplitSize),
        ("\"size\":20,", "\"size\":\"20\",", Rule::JsonType),
        ("\"name\":\"d/motd\"", "\"name\":7", Rule::JsonType),
        ("\"name\":\"d/motd\"", "\"name_raw\":\"%\"", Rule::TarSplitPayload),
        (
            "\"name\":\"d/motd\"",
            "\"name\":\"a\",\"name_raw\":\"/w==\"",
            Rule::TarSplitTwoNames,
        ),
        (
            "{\"type\":1,\"name\":\"d/motd\"",
            "{\"type\":3,\"name\":\"d/motd\"",
            Rule::TarSplitType,
        ),
        (
            "{\"type\":1,\"name\":\"d/motd\"",
            "{\"type\":[],\"name\":\"d/motd\"",
            Rule::JsonType,
        ),
        (
            "{\"type\":1,\"name\":\"d/motd\"",
            "{\"name\":\"d/motd\"",
            Rule::TarSplitType,
        ),
    ] {
        for dialect in [Dialect::G4, Dialect::G5] {
            let found = verified(&with_tar_split(dialect, from, to));
            let rules: Vec<Rule> = found.iter().map(|(rule, _)| *rule).collect();
            assert_eq!(rules, [expected], "{dialect} {to}: {found:?}");
        }
    }
    // A segment that cannot be read is no segment of another tar.
    let document = tarsplit::document(&plan(Dialect::G5).parts().tar_split);
    let first = document.lines().next().unwrap();
    for (from, to) in [("\"payload\":\"", "\"payload\":\"%"), ("\"type\":2", "\"type\":9")] {
        let found = verified(&with_tar_split(Dialect::G5, first, &first.replacen(from, to, 1)));
        assert_eq!(found.len(), 1, "{to}: {found:?}");
    }
}

/// A header whose numbers or records cannot be read is not compared with the TOC by them.
#[test]
fn an_unreadable_value_of_the_tar_is_reported_once() {
    let file = |change: fn(&mut TarEntry)| {
        let entries = vec![TarEntry::dir("d/"), TarEntry::file("d/a", "text").edit(change)];
        Plan::new(Dialect::G2, entries)
    };
    type Row = (&'static str, fn(&mut Vec<u8>), Rule);
    let rows: [Row; 3] = [
        (
            "mode",
            |header| header[100..108].copy_from_slice(b"00x0644\0"),
            Rule::TarHeader,
        ),
        (
            "uid",
            |header| header[108..116].copy_from_slice(b"0000009\0"),
            Rule::TarHeader,
        ),
        (
            "mtime",
            |header| header[136..148].copy_from_slice(b"yesterday\0\0\0"),
            Rule::TarHeader,
        ),
    ];
    for (name, change, expected) in rows {
        let plan = file(|_| ());
        assert_eq!(verified(&plan.layer()), [], "{name}");
        let mut parts = plan.parts();
        let mut tar = plan.tar();
        let mut header = tar[512..1024].to_vec();
        change(&mut header);
        header[148..156].fill(b' ');
        let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        tar.splice(512..1024, header);
        // The frames of the data in the places that the TOC gives.
        let motd = &parts.toc[1];
        let (offset, end) = (
            usize::try_from(motd.offset).unwrap(),
            usize::try_from(motd.end_offset).unwrap(),
        );
        let content = parts.data[offset..end].to_vec();
        let head = zstd::frame(&tar[..1024]);
        let tail = zstd::frame(&tar[1028..]);
        let shift = head.len();
        parts.data = [head, content.clone(), tail].concat();
        parts.toc[1].offset = u64::try_from(shift).unwrap();
        parts.toc[1].end_offset = u64::try_from(shift + content.len()).unwrap();
        let found = verified(&parts.payloads().place().layer());
        let rules: Vec<Rule> = found.iter().map(|(rule, _)| *rule).collect();
        assert_eq!(rules, [expected], "{name}: {found:?}");
    }
}
