//! Layers of eStargz as `AppendTarLossLess` and other functions of the library write them, and what only a layer shows.

use super::{
    super::Blobs,
    index::{CONTENT, Cases, input, layer, listed, output, output_at},
};
use crate::{
    forge::{
        EditInPlace,
        estargz::{Layer, member},
        tar::{self, TarEntry},
    },
    format::Digest,
    rules::Rule,
    vectors::{Bug, Decimal, Tag, ops::LayerIndexOutput},
};

pub(super) fn add(cases: &mut Cases, blobs: &mut Blobs) {
    lossless(cases, blobs);
    first_member(cases, blobs);
    landmark(cases, blobs);
    listed_toc(cases, blobs);
    length(cases, blobs);
}

/// The layer, with these bytes after its only file.
fn with_end(end: &[u8]) -> Layer {
    layer().edit(|layer| {
        layer.members[1] = member(&[CONTENT, &tar::padding(CONTENT.len()), end].concat());
    })
}

fn lossless(cases: &mut Cases, blobs: &mut Blobs) {
    const WHY: &str = concat!(
        "BuildKit writes every layer of eStargz like this: a reader that expects the TOC to be the last file of the tar ",
        "refuses them all."
    );
    let fake = TarEntry::file("stargz.index.json", r#"{"version":1,"entries":[]}"#);
    let entry = [
        fake.header(),
        fake.content.clone(),
        tar::padding(fake.content.len()),
        tar::end(),
    ]
    .concat();
    for (slug, title, layer) in [
        (
            "estargz-lossless",
            "a layer whose tar has its end-of-archive blocks before the TOC",
            with_end(&tar::end()),
        ),
        (
            "estargz-lossless-tail",
            "a layer whose tar has end-of-archive blocks, and bytes that are no tar, before the TOC",
            with_end(&[&tar::end()[..], &[b'q'; 100]].concat()),
        ),
        (
            "estargz-lossless-tail-entry",
            "a layer whose tar has end-of-archive blocks, and bytes that look like a TOC, before the TOC",
            with_end(&[tar::end(), entry].concat()),
        ),
    ] {
        cases
            .valid(slug, title, WHY, input(blobs, &layer), output(&layer))
            .rules(&[Rule::EStargzToc])
            .estargz()
            .tags(&[Tag("interop")]);
    }
    let empty = Layer::new(vec![member(&tar::end())], "").edit(|layer| layer.entries = "null".into());
    let nothing = LayerIndexOutput {
        toc_digest: Digest::of(empty.json().as_bytes()).to_string(),
        entries: Vec::new(),
    };
    cases
        .valid(
            "estargz-lossless-empty",
            "a layer of end-of-archive blocks alone, whose TOC has null for its entries",
            "The library writes null for a list that was never filled.",
            input(blobs, &empty),
            nothing,
        )
        .rules(&[Rule::TocEntries])
        .estargz()
        .tags(&[Tag("interop")]);
}

fn first_member(cases: &mut Cases, blobs: &mut Blobs) {
    let file = TarEntry::file("file", CONTENT);
    let whole = [file.header(), CONTENT.to_vec(), tar::padding(CONTENT.len())].concat();
    let layer = Layer::new(vec![member(&whole)], &listed("\"innerOffset\":512"));
    cases
        .valid(
            "estargz-offset-0-left-out",
            "a layer of one member, whose file has an inner offset and no offset",
            concat!(
                "With a minimum chunk size the first files share the member at the start of the blob, and the library leaves ",
                "out an offset of 0: a reader that asks for an offset refuses a good layer."
            ),
            input(blobs, &layer),
            output_at(&layer, 0, Some(512)),
        )
        .rules(&[Rule::FileIndexed])
        .estargz()
        .tags(&[Tag("interop")]);
}

/// A layer of a landmark that holds this byte, and the file.
fn marked(byte: u8) -> Layer {
    let landmark = TarEntry::file(".no.prefetch.landmark", [byte]);
    let file = TarEntry::file("file", CONTENT);
    Layer::new(
        vec![
            member(&landmark.header()),
            member(&[&landmark.content[..], &tar::padding(1), &file.header()].concat()),
            member(&[CONTENT, &tar::padding(CONTENT.len())].concat()),
        ],
        &format!("{},{}", mark_entry(byte), listed("\"offset\":{2}")),
    )
}

/// The entry of that landmark in the TOC.
fn mark_entry(byte: u8) -> String {
    let digest = Digest::of(&[byte]);
    format!(
        r#"{{"name":".no.prefetch.landmark","type":"reg","size":1,"modtime":"2023-11-14T22:13:20Z","mode":420,"offset":{{1}},"digest":"{digest}","chunkDigest":"{digest}"}}"#
    )
}

fn landmark(cases: &mut Cases, blobs: &mut Blobs) {
    let layer = marked(0x0f);
    let offset = |members: usize| layer.members[..members].iter().map(Vec::len).sum::<usize>();
    let at = |members| u64::try_from(offset(members)).unwrap_or_default();
    let mut expected = output_at(&layer, at(2), None);
    let digest = Digest::of(&[0x0f]).to_string();
    let mut mark = expected.entries[0].clone();
    mark.name = ".no.prefetch.landmark".into();
    mark.size = Decimal(1);
    mark.digest = Some(digest.clone());
    mark.chunks[0].offset = Decimal(at(1));
    mark.chunks[0].size = Decimal(1);
    mark.chunks[0].digest = Some(digest);
    expected.entries.insert(0, mark);
    cases
        .valid(
            "estargz-landmark",
            "a layer with a landmark",
            "A landmark is not an entry like any other, or not in the tree that readers list.",
            input(blobs, &layer),
            expected,
        )
        .rules(&[Rule::Landmark])
        .estargz()
        .tags(&[Tag("interop")]);
    cases
        .invalid(
            "estargz-landmark-other-byte",
            "estargz-landmark",
            "another byte in the landmark, with its digest",
            "Any file of that name is taken for the mark up to which data is fetched first.",
            &[Rule::Landmark],
            input(blobs, &marked(0x0e)),
        )
        .tags(&[Tag("security")]);
    let exchanged =
        marked(0x0f).edit(|layer| layer.entries = format!("[{},{}]", listed("\"offset\":{2}"), mark_entry(0x0f)));
    cases
        .invalid(
            "estargz-entries-exchanged",
            "estargz-landmark",
            "its entries in the TOC exchanged",
            "A range ends at the next offset in the TOC: out of order it ends before it begins, and the file cannot be read.",
            &[Rule::EStargzOrder],
            input(blobs, &exchanged),
        )
        .tags(&[Tag("security")]);
}

fn listed_toc(cases: &mut Cases, blobs: &mut Blobs) {
    let layer = layer().edit(|layer| {
        let link = TarEntry::symlink("stargz.index.json", "file");
        layer.members.push(member(&link.header()));
        let link = r#"{"name":"stargz.index.json","type":"symlink","linkName":"file","modtime":"2023-11-14T22:13:20Z","mode":511}"#;
        layer.entries = layer.entries.replace("}]", &format!("}},{link}]"));
    });
    cases
        .invalid(
            "estargz-toc-listed",
            "estargz",
            "a symbolic link with the name of the TOC, in tar and TOC",
            "Plain extraction writes the TOC over the link, or through it, and a reader of the TOC shows the link.",
            &[Rule::EStargzName],
            input(blobs, &layer),
        )
        .tags(&[Tag("security")]);
}

/// What follows the TOC in its file is hashed with it, however a parser reads ahead.
fn length(cases: &mut Cases, blobs: &mut Blobs) {
    const WHY: &str = concat!(
        "A digest is taken of what a JSON parser has read, and the parser stops at the end of the value: with one digest ",
        "go as many TOCs as one likes."
    );
    let whole = layer().edit(|layer| layer.length = 512);
    cases
        .valid(
            "estargz-toc-512-bytes",
            "a TOC of 512 bytes, with spaces at its end",
            WHY,
            input(blobs, &whole),
            output(&whole),
        )
        .rules(&[Rule::EStargzDigest])
        .estargz()
        .tags(&[Tag("interop")]);
    for (slug, change, rules, rest) in [
        (
            "estargz-toc-spaces-after",
            "100 more spaces after the TOC, in its file",
            &[Rule::EStargzDigest][..],
            vec![b' '; 100],
        ),
        (
            "estargz-toc-rubbish-after",
            "100 letters after the TOC, in its file",
            &[Rule::EStargzDigest, Rule::JsonTrailing],
            vec![b'x'; 100],
        ),
    ] {
        let input = input(
            blobs,
            &layer().edit(|layer| {
                layer.length = 512;
                layer.rest = rest;
            }),
        );
        cases
            .invalid(slug, "estargz-toc-512-bytes", change, WHY, rules, input)
            .tags(&[Tag("security")])
            .bugs(&[Bug("estargz-toc-tail")]);
    }
}
