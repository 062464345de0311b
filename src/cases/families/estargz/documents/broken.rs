//! TOCs that break a rule.

use super::{Blobs, CONTENT, Cases, Digest, Rule, TarEntry, input, input_of, invalid, layer};

/// What is broken: the slug, the change, the rules, and a text with what takes its place.
type Broken = (&'static str, &'static str, &'static [Rule], &'static str, &'static str);

pub(super) fn add(cases: &mut Cases, blobs: &mut Blobs, json: &str) {
    const PARSED: &str =
        "What a parser made out before it gave up is taken for the layer, and two readers see two of them.";
    const FILES: &str = "A file is made from what no digest vouches for, from nowhere, or under another name.";
    let digest = Digest::of(CONTENT);
    let rows: &[Broken] = &[
        (
            "json-trailing-comma",
            "a comma after the last entry",
            &[Rule::JsonSyntax],
            "}]",
            "},]",
        ),
        (
            "json-no-comma",
            "no comma between two entries",
            &[Rule::JsonSyntax],
            r#"},{"name":"etc/link""#,
            r#"}{"name":"etc/link""#,
        ),
        ("json-cut", "no brace at the end", &[Rule::JsonSyntax], "}]}", "}]"),
        (
            "json-cut-after-empty-key",
            "an empty key and its colon in the place of the last brace",
            &[Rule::JsonSyntax],
            "}]}",
            r#"}],"":"#,
        ),
        (
            "json-trailing-object",
            "an object after the TOC",
            &[Rule::JsonTrailing],
            "}]}",
            "}]}{}",
        ),
        (
            "json-number-fraction",
            "a size of 8.0",
            &[Rule::JsonInteger],
            r#""size":8"#,
            r#""size":8.0"#,
        ),
        (
            "json-number-wraps",
            "a mode that wraps to the right one",
            &[Rule::JsonInteger],
            r#""mode":420"#,
            r#""mode":18446744073709552036"#,
        ),
        (
            "json-size-string",
            "a size in quotes",
            &[Rule::JsonType],
            r#""size":8"#,
            r#""size":"8""#,
        ),
        (
            "json-null-entry",
            "null for an entry",
            &[Rule::JsonType],
            r#","entries":["#,
            r#","entries":[null,"#,
        ),
        (
            "version-2",
            "version 2",
            &[Rule::TocVersion],
            r#""version":1"#,
            r#""version":2"#,
        ),
        (
            "version-missing",
            "no version",
            &[Rule::TocVersion],
            r#""version":1,"#,
            "",
        ),
        (
            "entries-missing",
            "another key for the entries",
            &[Rule::TocEntries],
            r#""entries""#,
            r#""items""#,
        ),
        (
            "type-unknown",
            "a type that does not exist",
            &[Rule::EntryType],
            "symlink",
            "socket",
        ),
        (
            "size-negative",
            "size -8",
            &[Rule::EntryCount],
            r#""size":8"#,
            r#""size":-8"#,
        ),
        (
            "chunk-offset-negative",
            "chunk offset -4",
            &[Rule::EntryCount],
            r#""chunkOffset":4"#,
            r#""chunkOffset":-4"#,
        ),
        (
            "name-nul",
            "a NUL byte at the end of a name",
            &[Rule::EntryName],
            r#""etc/link""#,
            r#""etc/link\u0000""#,
        ),
        (
            "name-missing",
            "no name of a symbolic link",
            &[Rule::EntryName],
            r#""name":"etc/link","#,
            "",
        ),
        (
            "file-without-digest",
            "no digest of a file",
            &[Rule::FileIndexed],
            "{digest}",
            "",
        ),
        (
            "chunk-other-name",
            "another name of the second chunk",
            &[Rule::ChunkFollows],
            r#""etc/motd","type":"chunk""#,
            r#""etc/issue","type":"chunk""#,
        ),
        (
            "chunk-gap",
            "a second chunk that begins a byte late in its file",
            &[Rule::ChunkSequence],
            r#""chunkOffset":4"#,
            r#""chunkOffset":5"#,
        ),
        (
            "chunk-overlap",
            "a second chunk that begins a byte early in its file",
            &[Rule::ChunkSequence],
            r#""chunkOffset":4"#,
            r#""chunkOffset":3"#,
        ),
        (
            "chunk-type-unknown",
            "a chunk type that does not exist",
            &[Rule::ChunkType],
            r#""chunkOffset":4"#,
            r#""chunkOffset":4,"chunkType":"ones""#,
        ),
        (
            "xattr-unpadded",
            "base64 without its padding",
            &[Rule::EntryXattr],
            "MQ==",
            "MQ",
        ),
        (
            "time-space",
            "a space between date and time",
            &[Rule::EntryTime],
            r#"20Z","linkName""#,
            r#"20 Z","linkName""#,
        ),
    ];
    for &(slug, change, rules, from, to) in rows {
        let is_of_file = !matches!(
            rules,
            [Rule::JsonSyntax
                | Rule::JsonTrailing
                | Rule::JsonInteger
                | Rule::JsonType
                | Rule::TocVersion
                | Rule::TocEntries]
        );
        let why = if is_of_file { FILES } else { PARSED };
        let key = format!(r#""digest":"{digest}","#);
        let from = if from == "{digest}" { key.as_str() } else { from };
        invalid(
            cases,
            slug,
            change,
            why,
            rules,
            input(blobs, &json.replacen(from, to, 1)),
        );
    }
    let upper = digest.to_string().to_uppercase().replacen("SHA", "sha", 1);
    invalid(
        cases,
        "digest-upper-case",
        "upper-case digits in the digest of a file",
        FILES,
        &[Rule::EntryDigest],
        input(blobs, &json.replacen(&digest.to_string(), &upper, 1)),
    );
    let offset = |members: usize| layer().members[..members].iter().map(Vec::len).sum::<usize>();
    let key = |members| format!(r#""offset":{}"#, offset(members));
    invalid(
        cases,
        "file-without-offset",
        "no offset of a file",
        FILES,
        &[Rule::FileIndexed],
        input(blobs, &json.replacen(&format!("{},", key(1)), "", 1)),
    );
    invalid(
        cases,
        "chunk-offsets-equal",
        "a second chunk at the offset of the first",
        "The length of a range is zero or less, and becomes a request for nearly 2^64 bytes.",
        &[Rule::ChunkRange],
        input(blobs, &json.replacen(&key(2), &key(1), 1)),
    );
    let long = TarEntry {
        claimed: Some(1 << 32),
        ..TarEntry::file("stargz.index.json", json)
    };
    invalid(
        cases,
        "toc-claims-4-gib",
        "a TOC of 4 GiB by its tar header",
        "Memory is allocated for what a tar header declares, and not for what is there.",
        &[Rule::IndexLimit, Rule::EStargzToc],
        input_of(blobs, json, &long),
    );
}
