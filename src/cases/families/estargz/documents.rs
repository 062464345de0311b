//! `layer/index` of layers of eStargz whose TOC is changed, and sealed around the change: its digest is that of the changed
//! document.

mod annotated;
mod broken;

use super::{
    super::{Blobs, toc as shared},
    index::{CONTENT, Cases},
};
use crate::{
    forge::{
        EditInPlace,
        estargz::{Layer, member},
        tar::{self, TarEntry},
    },
    format::Digest,
    rules::Rule,
    vectors::{
        Choice, Decimal, Tag,
        ops::{ChunkOutput, EntryOutput, EntryTypeOutput, LayerIndexInput, LayerIndexOutput},
    },
};

/// The slug of the layer without a change.
const TWIN: &str = "estargz-in-chunks";
/// How much of the content is in the first chunk.
const FIRST: usize = 4;

/// A directory, a file of two chunks with an owner and an attribute, and a symbolic link.
fn layer() -> Layer {
    let dir = TarEntry::dir("etc/");
    let file = TarEntry::file("etc/motd", CONTENT).edit(|entry| {
        entry.uid = 1000;
        entry.xattrs = vec![("user.a".into(), b"1".to_vec())];
    });
    let link = TarEntry::symlink("etc/link", "../motd");
    let (first, second) = CONTENT.split_at(FIRST);
    let [whole, one, two] = [CONTENT, first, second].map(Digest::of);
    let entries = [
        r#"{"name":"etc/","type":"dir","modtime":"2023-11-14T22:13:20Z","mode":493}"#.to_owned(),
        format!(
            r#"{{"name":"etc/motd","type":"reg","size":8,"modtime":"2023-11-14T22:13:20Z","mode":420,"uid":1000,"offset":{{1}},"xattrs":{{"user.a":"MQ=="}},"digest":"{whole}","chunkSize":4,"chunkDigest":"{one}"}}"#
        ),
        format!(r#"{{"name":"etc/motd","type":"chunk","offset":{{2}},"chunkOffset":4,"chunkDigest":"{two}"}}"#),
        r#"{"name":"etc/link","type":"symlink","modtime":"2023-11-14T22:13:20Z","linkName":"../motd","mode":511}"#
            .to_owned(),
    ];
    let members = vec![
        member(&[dir.header(), file.header()].concat()),
        member(first),
        member(&[second, &tar::padding(CONTENT.len()), &link.header()].concat()),
    ];
    Layer::new(members, &entries.join(","))
}

/// What a reader lists of it.
fn entries() -> Vec<EntryOutput> {
    let layer = layer();
    let (first, second) = CONTENT.split_at(FIRST);
    let chunk = |members: usize, at: usize, content: &[u8]| {
        let number = |length: usize| Decimal(length.try_into().unwrap_or_default());
        ChunkOutput {
            offset: number(layer.members[..members].iter().map(Vec::len).sum()),
            end_offset: None,
            inner_offset: None,
            chunk_offset: number(at),
            size: number(content.len()),
            digest: Some(Digest::of(content).to_string()),
            zeros: false,
        }
    };
    vec![
        shared::entry(EntryTypeOutput::Dir, "etc").edit(|entry| entry.mode = Decimal(493)),
        shared::entry(EntryTypeOutput::Reg, "etc/motd").edit(|entry| {
            entry.mode = Decimal(420);
            entry.size = Decimal(8);
            entry.uid = Decimal(1000);
            entry.xattrs.insert("user.a".into(), "MQ==".into());
            entry.digest = Some(Digest::of(CONTENT).to_string());
            entry.chunks = vec![chunk(1, 0, first), chunk(2, FIRST, second)];
        }),
        shared::entry(EntryTypeOutput::Symlink, "etc/link").edit(|entry| {
            entry.mode = Decimal(511);
            entry.link_name = "../motd".into();
        }),
    ]
}

/// The layer with this for its TOC.
fn input(blobs: &mut Blobs, json: &str) -> LayerIndexInput {
    let file = TarEntry::file("stargz.index.json", json);
    input_of(blobs, json, &file)
}

/// The layer with this file for its TOC, and the digest of that document.
fn input_of(blobs: &mut Blobs, json: &str, file: &TarEntry) -> LayerIndexInput {
    let padding = tar::padding(file.content.len());
    let tar = [file.header(), file.content.clone(), padding, tar::end()].concat();
    let digest = Digest::of(json.as_bytes()).to_string();
    LayerIndexInput {
        blob: blobs.place(&layer().blob(&member(&tar))),
        annotations: [("containerd.io/snapshot/stargz/toc.digest".to_owned(), digest)].into(),
        media_type: None,
    }
}

fn output(json: &str, entries: Vec<EntryOutput>) -> LayerIndexOutput {
    LayerIndexOutput {
        toc_digest: Digest::of(json.as_bytes()).to_string(),
        entries,
    }
}

pub(super) fn add(cases: &mut Cases, blobs: &mut Blobs) {
    let json = layer().json();
    cases
        .valid(
            TWIN,
            "a layer of eStargz with a file in two chunks, and a symbolic link",
            "Chunks are joined in another order, or the file has the first one only.",
            input(blobs, &json),
            output(&json, entries()),
        )
        .rules(&[Rule::ChunkSequence])
        .estargz()
        .tags(&[Tag("interop")]);
    broken::add(cases, blobs, &json);
    chosen(cases, blobs, &json);
    empty_file(cases, blobs, &json);
    odd(cases, blobs, &json);
    annotated::add(cases, blobs, &json);
}

fn invalid(cases: &mut Cases, slug: &str, change: &str, why: &str, rules: &[Rule], input: LayerIndexInput) {
    cases
        .invalid(&format!("estargz-{slug}"), TWIN, change, why, rules, input)
        .tags(&[Tag("security")]);
}

/// What is left to readers: the slug, the title, the rule, the choice, a text with what takes its place, and what follows from it.
type Chosen = (
    &'static str,
    &'static str,
    Rule,
    Choice,
    &'static str,
    &'static str,
    fn(&mut Vec<EntryOutput>),
);

fn chosen(cases: &mut Cases, blobs: &mut Blobs, json: &str) {
    const WHY: &str = "Two readers see two layers in one TOC.";
    let name = r#""name":"etc/link""#;
    let depth = format!(r#""version":1,"x":{}{}"#, "[".repeat(64), "]".repeat(64));
    let rows: &[Chosen] = &[
        (
            "json-duplicate-key",
            "two names in an entry",
            Rule::JsonDuplicateKey,
            Choice("duplicate-keys"),
            name,
            r#""name":"etc/shadow","name":"etc/link""#,
            |_| (),
        ),
        (
            "json-folded-key",
            "a known key in another case",
            Rule::JsonFoldedKey,
            Choice("folded-keys"),
            name,
            r#""Name":"etc/link""#,
            |_| (),
        ),
        (
            "json-folded-key-unknown",
            "a second version under a key in another case",
            Rule::JsonFoldedKey,
            Choice("unfolded-keys"),
            r#""version":1"#,
            r#""version":1,"Version":2"#,
            |_| (),
        ),
        (
            "json-lone-surrogate",
            "the escape of half a surrogate pair in a link name",
            Rule::JsonUnicode,
            Choice("lone-surrogates"),
            "../motd",
            r"../\ud800",
            |entries| {
                entries[2].link_name = "../\u{fffd}".into();
            },
        ),
        (
            "json-null-owner",
            "null for an owner",
            Rule::JsonNull,
            Choice("null-fields"),
            name,
            r#""name":"etc/link","uid":null"#,
            |_| (),
        ),
        (
            "name-twice",
            "a symbolic link with the name of the file",
            Rule::EntryRepeated,
            Choice("repeated-names"),
            name,
            r#""name":"etc/motd""#,
            |entries| {
                entries[2].name = "etc/motd".into();
                entries.remove(1);
            },
        ),
        (
            "name-escapes",
            "a name that leads out of the root",
            Rule::EntryEscape,
            Choice("escaping-names"),
            name,
            r#""name":"../link""#,
            |entries| {
                entries[2].name = "link".into();
            },
        ),
        (
            "name-empty",
            "a directory with an empty name",
            Rule::EntryEmptyName,
            Choice("empty-names"),
            r#""name":"etc/","#,
            r#""name":"","#,
            |entries| {
                entries[0].name.clear();
            },
        ),
        (
            "hard-link-target-missing",
            "a hard link to a name that is not there",
            Rule::HardLinkTarget,
            Choice("hard-link-targets"),
            "symlink",
            "hardlink",
            |entries| {
                entries[2].kind = EntryTypeOutput::Hardlink;
            },
        ),
    ];
    for &(slug, title, rule, choice, from, to, change) in rows {
        let changed = json.replacen(from, to, 1);
        let expected = output(&changed, entries().edit(change));
        let input = input(blobs, &changed);
        either(cases, slug, title, WHY, choice, (input, expected)).rules(&[rule]);
    }
    let deep = json.replacen(r#""version":1"#, &depth, 1);
    let pair = (input(blobs, &deep), output(&deep, entries()));
    either(
        cases,
        "json-depth-65",
        "values that nest 65 deep under an unknown key",
        "A parser that recurses runs out of stack.",
        Choice("deep-json"),
        pair,
    )
    .rules(&[Rule::JsonDepth]);
    let digest = super::super::index::sha512(CONTENT);
    let other = json.replacen(&Digest::of(CONTENT).to_string(), &digest, 1);
    let expected = entries().edit(|entries| entries[1].digest = Some(digest));
    let pair = (input(blobs, &other), output(&other, expected));
    either(
        cases,
        "digest-sha512",
        "a file with a digest of sha512",
        "A reader that assumes sha256 compares 128 digits with 64; one that takes every algorithm has two keys for one content.",
        Choice("digest-algorithm"),
        pair,
    )
    .rules(&[Rule::DigestAlgorithm]);
}

fn either<'a>(
    cases: &'a mut Cases,
    slug: &str,
    title: &str,
    why: &str,
    choice: Choice,
    (input, output): (LayerIndexInput, LayerIndexOutput),
) -> crate::cases::family::Added<'a, LayerIndexInput, LayerIndexOutput> {
    let title = format!("{title}, in a layer of eStargz");
    cases
        .either(&format!("estargz-{slug}"), &title, why, choice, input, output)
        .estargz()
}

/// An empty file with the digest of nothing, as the library writes it, and with another one.
fn empty_file(cases: &mut Cases, blobs: &mut Blobs, json: &str) {
    let listed = |digest: Digest| {
        let name = r#"{"name":"etc/link""#;
        let file = format!(
            r#"{{"name":"etc/empty","type":"reg","modtime":"2023-11-14T22:13:20Z","mode":420,"digest":"{digest}"}}"#
        );
        json.replacen(name, &format!("{file},{name}"), 1)
    };
    let nothing = Digest::of(b"");
    let right = listed(nothing);
    let empty = shared::entry(EntryTypeOutput::Reg, "etc/empty").edit(|entry| {
        entry.mode = Decimal(420);
        entry.digest = Some(nothing.to_string());
    });
    let expected = entries().edit(|entries| entries.insert(2, empty));
    cases
        .valid(
            "estargz-empty-file",
            "an empty file with the digest of nothing, in a layer of eStargz",
            "A digest without a range is refused.",
            input(blobs, &right),
            output(&right, expected),
        )
        .rules(&[Rule::FileDigest])
        .estargz()
        .tags(&[Tag("interop")]);
    cases
        .invalid(
            "estargz-empty-file-digest-wrong",
            "estargz-empty-file",
            "another digest for the empty file",
            "The file is taken from elsewhere by its digest, and is not empty.",
            &[Rule::FileDigest],
            input(blobs, &listed(Digest::of(CONTENT))),
        )
        .tags(&[Tag("security")]);
}

/// TOCs that are odd and right.
fn odd(cases: &mut Cases, blobs: &mut Blobs, json: &str) {
    for (slug, title, why, from, to) in [
        (
            "unknown-values",
            "unknown keys with every kind of value before the entries",
            "A value that is only passed over is parsed wrongly, and the files after it are lost.",
            r#""version":1"#,
            r#""version":1,"a":[0,-0,-1.5,1e5,1E+5,1e400,[],{},[{}]],"b":true,"d":null,"e":{"f":"\u00e4\"","g":[1,{"h":[]}]}"#,
        ),
        (
            "unknown-empty-key",
            "an empty key before the entries",
            "A parser that takes an empty key for the end of the object returns a layer without files.",
            r#""version":1"#,
            r#""version":1,"":0"#,
        ),
        (
            "unknown-string-of-keys",
            "a string under an unknown key that looks like entries",
            "A parser that looks for keys in the text finds entries in a string.",
            r#""version":1"#,
            r#""version":1,"x":"\",\"entries\":[{\"type\":\"reg\",\"name\":\"etc/shadow\"}],\"y\":\"""#,
        ),
        (
            "escaped-keys",
            "a known key, a type and a name that are spelled with escapes",
            "A key or a value is compared as it is written, and the entry is lost.",
            r#""name":"etc/link","type":"symlink""#,
            r#""n\u0061me":"etc\/l\u0069nk","type":"sym\u006cink""#,
        ),
    ] {
        let changed = json.replacen(from, to, 1);
        let title = format!("{title}, in a layer of eStargz");
        let slug = format!("estargz-{slug}");
        cases
            .valid(&slug, &title, why, input(blobs, &changed), output(&changed, entries()))
            .rules(&[Rule::JsonSyntax])
            .estargz()
            .tags(&[Tag("interop")]);
    }
}
