//! `layer/index`.
//!
//! Most cases are those of `layer/reconstruct` whose answer the index alone decides; they are added there. Here is what
//! the two operations answer differently: layers without a tar-split, and what is wrong with a TOC whatever the tar.

mod annotated;
mod around;
mod data;
mod documents;
mod everyday;
mod footers;
mod landmarks;
mod lengths;
mod names;
mod older;
mod spellings;
mod unauthenticated;

use std::collections::BTreeMap;

pub(super) use self::annotated::sha512;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{Blobs, Family, samples, sealed};
use crate::{
    cases::family::Added,
    forge::{
        EditInPlace, annotations as keys,
        layer::{Layer, Parts, Placed, Plan},
        tar::TarEntry,
        toc::TocEntry,
    },
    format::{
        Dialect::{self, G1, G2, G3, G4, G5},
        Digest,
    },
    rules::Rule,
    vectors::{
        Bug, Choice, Decimal, Tag,
        ops::{ChunkOutput, EntryOutput, EntryTypeOutput, LayerIndexInput, LayerIndexOutput},
    },
};

type Cases = Family<LayerIndexInput, LayerIndexOutput>;
pub(super) type Case<'a> = Added<'a, LayerIndexInput, LayerIndexOutput>;

/// Adds cases.
pub(super) struct Builder(Cases);

impl Builder {
    pub(super) fn new() -> Self {
        Self(Cases::new("index"))
    }

    /// Keeps the plan of the layer of a case.
    pub(super) fn keep_plan(&mut self, slug: &str, plan: &Plan) {
        self.0.keep_plan(slug, plan);
    }

    pub(super) fn into_cases(self) -> Cases {
        self.0
    }

    pub(super) fn valid(&mut self, blobs: &mut Blobs, slug: &str, title: &str, why: &str, layer: &Layer) -> Case<'_> {
        self.0.valid(slug, title, why, input(blobs, layer), output(layer))
    }

    pub(super) fn either(
        &mut self,
        blobs: &mut Blobs,
        slug: &str,
        title: &str,
        why: &str,
        choice: Choice,
        layer: &Layer,
    ) -> Case<'_> {
        self.0
            .either(slug, title, why, choice, input(blobs, layer), output(layer))
    }

    /// A case of `layer/index` whose input says more than that of the layer alone.
    pub(super) fn valid_input(
        &mut self,
        slug: &str,
        title: &str,
        why: &str,
        input: LayerIndexInput,
        layer: &Layer,
    ) -> Case<'_> {
        self.0.valid(slug, title, why, input, output(layer))
    }

    /// As [`Self::valid_input`], for either answer.
    pub(super) fn either_input(
        &mut self,
        slug: &str,
        title: &str,
        why: &str,
        choice: Choice,
        input: LayerIndexInput,
        layer: &Layer,
    ) -> Case<'_> {
        self.0.either(slug, title, why, choice, input, output(layer))
    }

    #[expect(clippy::too_many_arguments, reason = "they are those of a case")]
    pub(super) fn invalid(
        &mut self,
        blobs: &mut Blobs,
        slug: &str,
        twin: &str,
        change: &str,
        why: &str,
        rules: &[Rule],
        layer: &Layer,
    ) -> Case<'_> {
        self.0
            .invalid(slug, twin, change, why, rules, input(blobs, layer))
            .tags(&[Tag("security")])
    }

    /// The cases that `layer/reconstruct` does not have.
    pub(super) fn alone(&mut self, blobs: &mut Blobs) {
        self.dialects(blobs);
        self.older_tar_splits(blobs);
        self.documents(blobs);
        self.prefixes(blobs);
        self.annotations(blobs);
        self.annotated(blobs);
        self.around(blobs);
        self.footers(blobs);
        self.older(blobs);
        self.spellings(blobs);
        self.names(blobs);
        self.entries(blobs);
        self.everyday(blobs);
        self.unauthenticated(blobs);
        self.landmarks(blobs);
        self.data(blobs);
        super::estargz::index(&mut self.0, blobs);
    }

    fn dialects(&mut self, blobs: &mut Blobs) {
        const WHY: &str = "Layers of an older writer are taken for broken, or their files are not listed.";
        for dialect in [G1, G2, G3, G4] {
            for (slug, title, entries) in [
                ("", "", samples::small()),
                ("-chunked", " with a file in chunks", vec![samples::chunked()]),
                ("-every-type", " with every type of entry", samples::every_type()),
            ] {
                let case = self
                    .valid(
                        blobs,
                        &format!("{dialect}{slug}"),
                        &format!("a layer of {dialect}{title}"),
                        WHY,
                        &Plan::new(dialect, entries).layer(),
                    )
                    .rules(&[Rule::EntrySets])
                    .dialects(&[dialect])
                    .tags(&[Tag("interop")]);
                if dialect.has_tar_split() {
                    case.bugs(&[Bug("storage-old-tar-split")]);
                }
            }
        }
        let both = Plan::new(G2, samples::small())
            .parts()
            .payloads()
            .place()
            .edit(|placed| {
                let digest = Digest::of(placed.payloads.toc_json.as_bytes()).to_string();
                placed.annotations.insert(keys::ESTARGZ.to_owned(), digest);
            });
        self.invalid(
            blobs,
            "g2-two-indexes",
            "g2",
            "the digest of an eStargz TOC as well",
            "The layer is named after the one index and read through the other.",
            &[Rule::TwoIndexes],
            &both.layer(),
        )
        .bugs(&[Bug("storage-two-indexes")]);
        for dialect in Dialect::ALL.iter().copied().filter(|&dialect| dialect != G5) {
            self.changed(
                blobs,
                dialect,
                &format!("{dialect}-toc-checksum-other"),
                "the checksum of something else",
                "The TOC that is used is not the one that the manifest names, and the server of the blob chooses the files.",
                &[Rule::TocChecksum],
                |placed| {
                    let prefix = prefix(dialect);
                    let key = format!("{prefix}{}", keys::MANIFEST_CHECKSUM);
                    placed.annotations.insert(key, Digest::of(b"other").to_string());
                },
            );
        }
        let stargz = Plan::stargz(samples::small()).parts().payloads().place();
        self.valid(
            blobs,
            "g1-stargz",
            "a layer of stargz-snapshotter",
            "A reader that insists on end offsets reads no layer of stargz-snapshotter.",
            &stargz.clone().layer(),
        )
        .rules(&[Rule::EStargzDigest])
        .dialects(&[G1])
        .tags(&[Tag("interop")]);
        let other = stargz.edit(|placed| {
            let digest = Digest::of(b"other").to_string();
            placed.annotations.insert(keys::ESTARGZ.to_owned(), digest);
        });
        self.invalid(
            blobs,
            "g1-stargz-digest-other",
            "g1-stargz",
            "the digest of something else for the eStargz TOC",
            "Two readers of one layer use two digests, and only one of them is that of the TOC.",
            &[Rule::EStargzDigest],
            &other.layer(),
        );
        self.lengths(blobs);
    }

    /// Tar-splits of g3 and g4 that are not those of the TOC. Only an annotation names them, so a reader that lists files may leave
    /// them alone.
    fn older_tar_splits(&mut self, blobs: &mut Blobs) {
        for dialect in [G3, G4] {
            let placed = || Plan::new(dialect, samples::small()).parts().payloads().place();
            let reversed = Plan::new(dialect, samples::small())
                .parts()
                .edit(|parts| parts.toc.reverse());
            let rows = [
                (
                    "toc-order-unlike-tar-split",
                    "the entries of the TOC from last to first",
                    "A reader of the TOC creates the files in another order than one of the tar, and makes another tree.",
                    Rule::EntryOrder,
                    reversed.payloads().place(),
                ),
                (
                    "tar-split-digest-other",
                    "another digest in the annotation of the tar-split",
                    "The files are compared with a tar-split that is not the one that was written.",
                    Rule::TarSplitChecksum,
                    placed().edit(|placed| placed.annotate(keys::TARSPLIT_CHECKSUM, Digest::of(b"other").to_string())),
                ),
                (
                    "tar-split-in-frame-of-magic-51",
                    "0x184D2A51 as the magic of the tar-split's frame",
                    "A payload is read from the middle of something else: the bytes that are checked are not those of a frame.",
                    Rule::PositionFrame,
                    placed().edit(|placed| placed.tar_split_frame[0] = 0x51),
                ),
            ];
            for (slug, title, why, rule, placed) in rows {
                self.either(
                    blobs,
                    &format!("{dialect}-{slug}"),
                    &format!("{title}, in {dialect}"),
                    why,
                    Choice("tar-split-in-index"),
                    &placed.layer(),
                )
                .rules(&[rule])
                .dialects(&[dialect]);
            }
        }
    }

    fn prefixes(&mut self, blobs: &mut Blobs) {
        let renamed = |from: &'static str, to: &'static str| {
            move |placed: &mut Placed| {
                let annotations = std::mem::take(&mut placed.annotations);
                let rename = |(key, value): (String, String)| (key.replace(from, to), value);
                placed.annotations = annotations.into_iter().map(rename).collect();
            }
        };
        self.valid(
            blobs,
            "g2-other-annotations",
            "annotations of other people beside those of the index",
            "Annotations that belong to nobody stop the reader.",
            &Plan::new(G2, samples::small())
                .parts()
                .payloads()
                .place()
                .edit(|placed| {
                    placed
                        .annotations
                        .insert("org.opencontainers.image.title".into(), "title".into());
                })
                .layer(),
        )
        .rules(&[Rule::EntrySets])
        .dialects(&[G2]);
        let both = |change: fn(&mut Placed)| {
            let placed = Plan::new(G2, samples::small()).parts().payloads().place();
            let older = placed
                .clone()
                .edit(change)
                .edit(renamed(keys::PREFIX, keys::OLD_PREFIX));
            placed
                .edit(|placed| placed.annotations.extend(older.annotations))
                .layer()
        };
        self.valid(
            blobs,
            "g2-both-prefixes",
            "the same annotations under both prefixes",
            "A layer for readers of both generations is refused by those who know both.",
            &both(|_| ()),
        )
        .rules(&[Rule::PrefixesAgree])
        .dialects(&[G2])
        .tags(&[Tag("interop")]);
        self.invalid(
            blobs,
            "g2-prefixes-differ",
            "g2-both-prefixes",
            "the checksum of another TOC under the older prefix",
            "Readers of the one prefix and of the other use two TOCs of one layer.",
            &[Rule::PrefixesAgree],
            &both(|placed| placed.annotate(keys::MANIFEST_CHECKSUM, Digest::of(b"other").to_string())),
        );
        // g1 and g2 are told apart by the prefix alone, and g1 allows more.
        let old = Plan::new(G2, samples::small()).parts().payloads().place();
        self.valid(
            blobs,
            "g1-sparse-toc",
            "a layer under the older prefix whose TOC leaves zeros out",
            "A reader that expects every number of the older writer loses entries.",
            &old.edit(renamed(keys::PREFIX, keys::OLD_PREFIX)).layer(),
        )
        .rules(&[Rule::EntrySets])
        .dialects(&[G1]);
    }

    fn annotations(&mut self, blobs: &mut Blobs) {
        const WHY: &str = "Half of what the manifest says is filled in from the footer, which nothing authenticates.";
        for (slug, change, rule, key) in [
            (
                "toc-checksum-missing",
                "no checksum of the TOC",
                Rule::PositionWithoutChecksum,
                keys::MANIFEST_CHECKSUM,
            ),
            (
                "toc-position-missing",
                "no position of the TOC",
                Rule::ChecksumWithoutPosition,
                keys::MANIFEST_POSITION,
            ),
        ] {
            self.changed(blobs, G5, slug, change, WHY, &[rule], |placed| {
                placed.strip(key);
            });
        }
        self.changed(
            blobs,
            G5,
            "toc-type-2",
            "another manifest type in the position of the TOC",
            "An index of a kind that is not known is read as one that is.",
            &[Rule::PositionType],
            |placed| placed.annotate(keys::MANIFEST_POSITION, keys::toc_position(placed.toc, 2)),
        );
    }

    /// A TOC that disagrees with the tar-split in the size of a file.
    fn entries(&mut self, blobs: &mut Blobs) {
        type Change = fn(&mut Parts);
        let rows: &[(&str, &str, Change)] = &[
            ("size-larger", "a size in the TOC that is 1 larger", |p| {
                p.toc[1].size += 1;
            }),
            ("size-smaller", "a size in the TOC that is 1 smaller", |p| {
                p.toc[1].size -= 1;
            }),
        ];
        for &(slug, change, apply) in rows {
            let layer = Plan::new(G5, samples::small())
                .parts()
                .edit(apply)
                .payloads()
                .place()
                .layer();
            self.invalid(
                blobs,
                slug,
                "g5",
                change,
                "A file is created with another size than the tar gives it.",
                &[Rule::EntryMetadata],
                &layer,
            );
        }
    }
}

fn prefix(dialect: Dialect) -> &'static str {
    if dialect == G1 { keys::OLD_PREFIX } else { keys::PREFIX }
}

fn input(blobs: &mut Blobs, layer: &Layer) -> LayerIndexInput {
    LayerIndexInput {
        blob: blobs.place(&layer.blob),
        annotations: layer.annotations.clone(),
        media_type: None,
    }
}

pub(super) fn output(layer: &Layer) -> LayerIndexOutput {
    let mut entries: Vec<EntryOutput> = Vec::new();
    for listed in &layer.toc {
        if listed.kind != "chunk" {
            entries.push(entry(listed));
        }
        if let (Some(last), true) = (entries.last_mut(), listed.offset > 0) {
            last.chunks.push(chunk(listed));
        }
    }
    for entry in &mut entries {
        finish(entry);
    }
    LayerIndexOutput {
        toc_digest: layer.toc_digest.clone(),
        entries,
    }
}

/// An entry as the builders put it into the TOC; paths of cases are clean but for what is cut off here.
fn entry(listed: &TocEntry) -> EntryOutput {
    let is_link = matches!(listed.kind.as_str(), "symlink" | "hardlink");
    let is_device = matches!(listed.kind.as_str(), "char" | "block");
    let time = |time: &str| Some(time.to_owned()).filter(|time| !time.is_empty());
    let number = |number: u64| Decimal(number.try_into().unwrap_or_default());
    let xattrs: BTreeMap<String, String> = listed
        .xattrs
        .iter()
        .map(|(name, value)| (name.clone(), STANDARD.encode(value)))
        .collect();
    EntryOutput {
        kind: match listed.kind.as_str() {
            "dir" => EntryTypeOutput::Dir,
            "symlink" => EntryTypeOutput::Symlink,
            "hardlink" => EntryTypeOutput::Hardlink,
            "char" => EntryTypeOutput::Char,
            "block" => EntryTypeOutput::Block,
            "fifo" => EntryTypeOutput::Fifo,
            _ => EntryTypeOutput::Reg,
        },
        name: listed
            .name
            .trim_end_matches('/')
            .trim_start_matches("../")
            .trim_start_matches("./")
            .to_owned(),
        link_name: if is_link { listed.link.clone() } else { String::new() },
        mode: number(listed.mode),
        size: Decimal(listed.size),
        uid: number(listed.uid),
        gid: number(listed.gid),
        user_name: String::new(),
        group_name: String::new(),
        modtime: time(&listed.modtime),
        accesstime: time(&listed.accesstime),
        changetime: time(&listed.changetime),
        dev_major: number(if is_device { listed.dev.0 } else { 0 }),
        dev_minor: number(if is_device { listed.dev.1 } else { 0 }),
        xattrs,
        digest: Some(listed.digest.clone()).filter(|digest| !digest.is_empty()),
        chunks: Vec::new(),
    }
}

/// A chunk whose size is still to be filled in where the TOC leaves it out.
fn chunk(listed: &TocEntry) -> ChunkOutput {
    ChunkOutput {
        offset: Decimal(listed.offset),
        end_offset: Some(listed.end_offset).filter(|&end| end > 0).map(Decimal),
        inner_offset: None,
        chunk_offset: Decimal(listed.chunk_offset),
        size: Decimal(listed.chunk_size),
        digest: Some(listed.chunk_digest.clone()).filter(|digest| !digest.is_empty()),
        zeros: listed.chunk_type == "zeros",
    }
}

/// The one chunk of a file is all of it; of several, each ends where the next one begins, and the file has the end.
fn finish(entry: &mut EntryOutput) {
    let end = entry.chunks.first().and_then(|chunk| chunk.end_offset);
    if let [only] = entry.chunks.as_mut_slice() {
        only.size = entry.size;
        return;
    }
    let mut next = end;
    for chunk in entry.chunks.iter_mut().rev() {
        chunk.end_offset = next;
        next = Some(chunk.offset);
    }
}
