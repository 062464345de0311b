//! `layer/index` of whole layers.

use std::collections::BTreeMap;

use super::super::{Blobs, toc as shared};
use crate::{
    cases::family::Family,
    forge::{
        EditInPlace,
        estargz::{Footer, Layer, member},
        tar::{self, TarEntry},
    },
    format::Digest,
    rules::Rule,
    vectors::{
        Choice, Decimal, Tag,
        ops::{ChunkOutput, EntryTypeOutput, LayerIndexInput, LayerIndexOutput},
    },
};

pub(super) type Cases = Family<LayerIndexInput, LayerIndexOutput>;

pub(super) const CONTENT: &[u8] = b"content\n";

/// A layer of one file.
pub(super) fn layer() -> Layer {
    let file = TarEntry::file("file", CONTENT);
    Layer::new(
        vec![
            member(&file.header()),
            member(&[CONTENT, &tar::padding(CONTENT.len())].concat()),
        ],
        &listed("\"offset\":{1}"),
    )
}

/// The file in a TOC, with these keys for its range.
pub(super) fn listed(range: &str) -> String {
    let digest = Digest::of(CONTENT);
    format!(
        r#"{{"name":"file","type":"reg","size":8,"modtime":"2023-11-14T22:13:20Z","mode":420,{range},"digest":"{digest}","chunkDigest":"{digest}"}}"#
    )
}

fn annotations(json: &str) -> BTreeMap<String, String> {
    let digest = Digest::of(json.as_bytes()).to_string();
    [("containerd.io/snapshot/stargz/toc.digest".to_owned(), digest)].into()
}

/// The layer as an input, with this for the member of its TOC.
pub(super) fn input_of(blobs: &mut Blobs, layer: &Layer, toc: &[u8]) -> LayerIndexInput {
    LayerIndexInput {
        blob: blobs.place(&layer.blob(toc)),
        annotations: annotations(&layer.json()),
        media_type: None,
    }
}

pub(super) fn input(blobs: &mut Blobs, layer: &Layer) -> LayerIndexInput {
    input_of(blobs, layer, &member(&layer.toc_tar()))
}

pub(super) fn output(layer: &Layer) -> LayerIndexOutput {
    let offset = layer.members[0].len().try_into().unwrap_or_default();
    output_at(layer, offset, None)
}

/// The same, with the content at this offset and inner offset.
pub(super) fn output_at(layer: &Layer, offset: u64, inner: Option<u64>) -> LayerIndexOutput {
    let digest = Digest::of(CONTENT).to_string();
    let file = shared::entry(EntryTypeOutput::Reg, "file").edit(|entry| {
        entry.mode = Decimal(420);
        entry.size = Decimal(8);
        entry.digest = Some(digest.clone());
        entry.chunks = vec![ChunkOutput {
            offset: Decimal(offset),
            end_offset: None,
            inner_offset: inner.map(Decimal),
            chunk_offset: Decimal(0),
            size: Decimal(8),
            digest: Some(digest),
            zeros: false,
        }];
    });
    LayerIndexOutput {
        toc_digest: Digest::of(layer.json().as_bytes()).to_string(),
        entries: vec![file],
    }
}

/// Adds the cases about layers of eStargz.
pub(in super::super) fn add(cases: &mut Cases, blobs: &mut Blobs) {
    accepted(cases, blobs);
    broken(cases, blobs);
    super::layers::add(cases, blobs);
    super::documents::add(cases, blobs);
    super::media_types::add(cases, blobs);
    super::members::add(cases, blobs);
}

fn accepted(cases: &mut Cases, blobs: &mut Blobs) {
    const WHY: &str = "Layers that the library of eStargz writes, or wrote, cannot be read in part.";
    let plain = layer();
    let legacy = layer().edit(|layer| layer.legacy = true);
    let open = layer().edit(|layer| layer.tail.clear());
    for (slug, title, layer) in [
        ("estargz", "a layer of eStargz", &plain),
        ("estargz-legacy", "a layer with the older footer", &legacy),
        (
            "estargz-toc-tar-open",
            "a TOC whose tar has no end-of-archive blocks",
            &open,
        ),
    ] {
        cases
            .valid(slug, title, WHY, input(blobs, layer), output(layer))
            .rules(&[Rule::EStargzToc])
            .estargz()
            .tags(&[Tag("interop")]);
    }
    let mut bare = input(blobs, &plain);
    bare.annotations.clear();
    cases
        .either(
            "estargz-no-annotations",
            "a layer of eStargz without annotations",
            "A reader that goes on must not say that the index is authenticated.",
            Choice("footer-only"),
            bare,
            output(&plain),
        )
        .rules(&[Rule::FooterOnly])
        .estargz();
}

/// Footers whose offset is none, or leads out of the data.
fn offsets(cases: &mut Cases, blobs: &mut Blobs) {
    const WHY: &str =
        "The length of the TOC is computed from the offset, comes out below zero, and the reader crashes.";
    let subfield = &[Rule::EStargzSubfield][..];
    let bounds = &[Rule::EStargzBounds][..];
    for (twin, layer) in [
        ("estargz", layer()),
        ("estargz-legacy", layer().edit(|layer| layer.legacy = true)),
    ] {
        let plain = input(blobs, &layer);
        let whole = layer.blob(&member(&layer.toc_tar()));
        let size = whole.len();
        let length = if layer.legacy { 47 } else { 51 };
        for (slug, change, rules, digits) in [
            ("minus-1", "an offset of -1", subfield, "-000000000000001".to_owned()),
            (
                "2-63-minus-1",
                "an offset of 2^63 - 1",
                bounds,
                "7fffffffffffffff".to_owned(),
            ),
            (
                "of-end",
                "the size of the blob for an offset",
                bounds,
                format!("{size:016x}"),
            ),
            (
                "in-footer",
                "an offset within the footer",
                bounds,
                format!("{:016x}", size - length + 1),
            ),
        ] {
            let text = format!("{digits}STARGZ");
            let footer = if layer.legacy {
                Footer::legacy(&text)
            } else {
                Footer::estargz(&text)
            };
            let blob = [&whole[..size - length], &footer.bytes()].concat();
            let input = LayerIndexInput {
                blob: blobs.place(&blob),
                ..plain.clone()
            };
            cases
                .invalid(&format!("{twin}-toc-offset-{slug}"), twin, change, WHY, rules, input)
                .tags(&[Tag("security"), Tag("robustness")]);
        }
    }
}

/// Footers that are no empty member of the right form.
fn footers(cases: &mut Cases, blobs: &mut Blobs) {
    const WHY: &str = "A gzip library reads the footer, and a reader asks it for a field that is not there.";
    let plain = input(blobs, &layer());
    let whole = layer().blob(&member(&layer().toc_tar()));
    let (before, footer) = whole.split_at(whole.len() - 51);
    let edited = |change: fn(&mut Vec<u8>)| {
        let footer = footer.to_vec().edit(change);
        [before, &footer].concat()
    };
    for (slug, change, blob) in [
        (
            "footer-with-time",
            "a time in the header of the footer",
            edited(|footer| footer[4] = 1),
        ),
        (
            "footer-with-flag",
            "the flag for a name in the header of the footer",
            edited(|footer| footer[3] |= 8),
        ),
        (
            "footer-extra-cut",
            "a shorter extra field in the footer",
            edited(|footer| footer[10] = 0x19),
        ),
        (
            "footer-crc-wrong",
            "a checksum of the footer that is not zero",
            edited(|footer| footer[43] = 1),
        ),
        (
            "footer-byte-after",
            "a byte after the footer",
            edited(|footer| footer.push(0)),
        ),
        ("footer-missing", "no footer", before.to_vec()),
    ] {
        let input = LayerIndexInput {
            blob: blobs.place(&blob),
            ..plain.clone()
        };
        cases
            .invalid(
                &format!("estargz-{slug}"),
                "estargz",
                change,
                WHY,
                &[Rule::EStargzFooter],
                input,
            )
            .tags(&[Tag("robustness")]);
    }
}

fn broken(cases: &mut Cases, blobs: &mut Blobs) {
    const WHY: &str =
        "What a reader lists is not what its digest names, or stands where plain decoding sees something else.";
    let toc = &[Rule::EStargzToc][..];
    let members = &[Rule::EStargzMembers, Rule::EStargzToc][..];
    type Change = fn(&mut Layer);
    let rows: &[(&str, &str, &[Rule], Change)] = &[
        ("toc-other-name", "another name of the TOC in its tar", toc, |layer| {
            layer.name = "index.json".into();
        }),
        (
            "toc-name-upper-case",
            "the name of the TOC in upper case",
            toc,
            |layer| {
                layer.name = "STARGZ.INDEX.JSON".into();
            },
        ),
        (
            "toc-second-file",
            "a second file behind the TOC in its tar",
            toc,
            |layer| {
                layer.tail = [TarEntry::file("more", "").header(), tar::end()].concat();
            },
        ),
        (
            "toc-member-behind",
            "an empty member between TOC and footer",
            toc,
            |layer| {
                layer.gap = member(b"");
            },
        ),
        (
            "toc-symlink",
            "a symbolic link with the name of the TOC in its place",
            toc,
            |layer| layer.flag = b'2',
        ),
        (
            "toc-directory",
            "a directory with the name of the TOC in its place",
            toc,
            |layer| layer.flag = b'5',
        ),
        ("toc-type-7", "the type flag 7 for the TOC in its tar", toc, |layer| {
            layer.flag = b'7';
        }),
        ("toc-byte-behind", "a byte between TOC and footer", toc, |layer| {
            layer.gap = vec![0];
        }),
        (
            "toc-offset-of-data",
            "the offset of the file's member in the footer",
            toc,
            |layer| {
                layer.named = Some(1);
            },
        ),
    ];
    for &(slug, change, rules, apply) in rows {
        let input = input(blobs, &layer().edit(apply));
        cases
            .invalid(&format!("estargz-{slug}"), "estargz", change, WHY, rules, input)
            .tags(&[Tag("security")]);
    }
    let plain = layer();
    let tar = plain.toc_tar();
    let whole = member(&tar);
    for (slug, change, rules, toc) in [
        (
            "toc-cut-in-tar",
            "a tar that ends within the TOC",
            toc,
            member(&tar[..600]),
        ),
        ("toc-empty", "an empty member for the TOC", toc, member(b"")),
        ("toc-crc-wrong", "a wrong checksum of the TOC's member", members, {
            let mut broken = whole.clone();
            let at = broken.len() - 8;
            broken[at] ^= 1;
            broken
        }),
        ("toc-length-wrong", "a wrong length of the TOC's member", members, {
            let mut broken = whole.clone();
            let at = broken.len() - 4;
            broken[at] ^= 1;
            broken
        }),
        (
            "toc-not-gzip",
            "a TOC that is not compressed",
            members,
            plain.json().into_bytes(),
        ),
        (
            "toc-member-cut",
            "a TOC whose member lacks its last byte",
            members,
            whole[..whole.len() - 1].to_vec(),
        ),
    ] {
        let input = input_of(blobs, &plain, &toc);
        cases
            .invalid(&format!("estargz-{slug}"), "estargz", change, WHY, rules, input)
            .tags(&[Tag("security")]);
    }
    offsets(cases, blobs);
    footers(cases, blobs);
    let mut other = input(blobs, &plain);
    other.annotations = annotations("{}");
    cases
        .invalid(
            "estargz-digest-wrong",
            "estargz",
            "the digest of another TOC in the annotation",
            WHY,
            &[Rule::EStargzDigest],
            other,
        )
        .tags(&[Tag("security")]);
}
