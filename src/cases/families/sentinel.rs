//! `draft/sentinel`: images with a first layer that is no tar, and what a reader may leave out because of it.
//!
//! The layers are those of the builders, so what they show and which tar they have follows from what was put in. The cases about
//! TOC and tar-split are those of the attack: content that one of the two does not name, where nothing computes the digest of
//! the tar.

mod digests;
mod layers;

use super::{Family, index, samples};
use crate::{
    cases::family::Added,
    forge::{
        EditInPlace as _,
        image::{self, Image, Part, TEXT},
        layer::{Layer, Plan},
        tar::{self, TarEntry},
    },
    format::{Dialect::G5, Digest},
    rules::Rule,
    vectors::{
        Bytes, Choice, Tag,
        ops::{BlobInput, ImageInput, ImageLayerOutput, ImageOutput},
    },
};

type Case<'a> = Added<'a, ImageInput, ImageOutput>;

/// The cases.
pub(in super::super) fn cases() -> Family<ImageInput, ImageOutput> {
    let mut builder = Builder(Family::new("draft"));
    builder.images();
    builder.places();
    builder.blocks();
    builder.diff_ids();
    builder.layers();
    builder.views();
    builder.digests();
    builder.pushed();
    builder.indexes();
    builder.0
}

/// Adds cases. Their inputs are in the case file, whatever their size: drafts have no blobs of their own.
struct Builder(Family<ImageInput, ImageOutput>);

/// The layer that most images have.
fn base() -> Layer {
    Plan::new(G5, samples::small()).layer()
}

/// A layer to be put on top of it.
fn upper() -> Layer {
    Plan::new(G5, vec![TarEntry::file("etc/issue", "draft\n")]).layer()
}

fn block() -> Part {
    Part::sentinel(image::sentinel(TEXT))
}

/// The image of these layers after a sentinel.
fn marked(layers: &[&Layer]) -> Image {
    let layers = layers.iter().map(|layer| Part::chunked(layer));
    Image::new(std::iter::once(block()).chain(layers).collect())
}

/// The image of these layers without a sentinel.
fn plain(layers: &[&Layer]) -> Image {
    Image::new(layers.iter().map(|layer| Part::chunked(layer)).collect())
}

/// What a reader makes of an image.
fn output(image: &Image, sentinel: bool, layers: &[&Layer]) -> ImageOutput {
    let of = |layer: &&Layer| {
        let index = index::output(layer);
        ImageLayerOutput {
            toc_digest: Some(index.toc_digest),
            entries: index.entries,
        }
    };
    ImageOutput {
        manifest: Digest::of(image.manifest().as_bytes()).to_string(),
        sentinel,
        layers: layers.iter().map(of).collect(),
    }
}

/// The input of a manifest.
fn input(image: &Image) -> ImageInput {
    rooted(&image.manifest(), &[image])
}

/// The input of an index.
fn listed(images: &[(&Image, bool)]) -> ImageInput {
    let all: Vec<&Image> = images.iter().map(|(image, _)| *image).collect();
    let root = image::index(images);
    let mut input = rooted(&root, &all);
    for image in all {
        serve(&mut input, image.manifest().as_bytes());
    }
    input
}

fn rooted(root: &str, images: &[&Image]) -> ImageInput {
    let mut input = ImageInput {
        root: Bytes::readable(root.as_bytes()),
        blobs: Vec::new(),
    };
    for blob in images.iter().flat_map(|image| image.blobs()) {
        serve(&mut input, &blob);
    }
    input
}

/// Adds a blob that is not there yet.
fn serve(input: &mut ImageInput, content: &[u8]) {
    let digest = Digest::of(content).to_string();
    if input.blobs.iter().all(|blob| blob.digest != digest) {
        let content = Bytes::readable(content);
        input.blobs.push(BlobInput { digest, content });
    }
}

impl Builder {
    /// An image after a sentinel that is used.
    fn valid(&mut self, slug: &str, title: &str, why: &str, rule: Rule, image: &Image, layers: &[&Layer]) -> Case<'_> {
        let input = input(image);
        let output = output(image, true, layers);
        self.0
            .valid(slug, title, why, input, output)
            .rules(&[rule])
            .dialects(&[G5])
    }

    fn either(
        &mut self,
        slug: &str,
        title: &str,
        why: &str,
        (choice, rule): (Choice, Rule),
        image: &Image,
        layers: &[&Layer],
    ) -> Case<'_> {
        let input = input(image);
        let output = output(image, true, layers);
        self.0
            .either(slug, title, why, choice, input, output)
            .rules(&[rule])
            .dialects(&[G5])
    }

    fn invalid(&mut self, slug: &str, twin: &str, change: &str, why: &str, rules: &[Rule], image: &Image) {
        let input = input(image);
        self.0
            .invalid(slug, twin, change, why, rules, input)
            .tags(&[Tag("security")]);
    }

    /// Images that every reader of the draft uses.
    fn images(&mut self) {
        let (base, upper) = (base(), upper());
        self.valid(
            "sentinel-one-layer",
            "a sentinel and one layer",
            "The sentinel is unpacked as a tar, or counted as a layer with files, and the image cannot be pulled.",
            Rule::DraftSentinelPlace,
            &marked(&[&base]),
            &[&base],
        )
        .tags(&[Tag("interop")]);
        self.valid(
            "sentinel-two-layers",
            "a sentinel and two layers",
            "DiffIDs and layers are counted from different places, so that a layer is compared with the DiffID of another.",
            Rule::DraftSentinelDiffId,
            &marked(&[&base, &upper]),
            &[&base, &upper],
        )
        .tags(&[Tag("interop")]);
        let every = Plan::new(G5, samples::every_type()).layer();
        self.valid(
            "sentinel-every-type",
            "a sentinel and a layer with every type of entry",
            "What the index does not say is looked for in the tar, which is not read after a sentinel.",
            Rule::DraftSentinelToc,
            &marked(&[&every]),
            &[&every],
        )
        .tags(&[Tag("interop")]);
        let chunked = Plan::new(G5, vec![samples::chunked()]).layer();
        self.valid(
            "sentinel-chunked-file",
            "a sentinel and a layer with a file in chunks",
            "The chunks of a file are taken for files.",
            Rule::DraftSentinelToc,
            &marked(&[&chunked]),
            &[&chunked],
        )
        .tags(&[Tag("interop")]);
    }

    /// Sentinels that are not the first layer, or not the only one.
    fn places(&mut self) {
        const WHY: &str = "A layer below the sentinel is one that a reader without knowledge of it unpacks, so the two use \
                           different digests for one image.";
        let (base, upper) = (base(), upper());
        let (base, upper) = (Part::chunked(&base), Part::chunked(&upper));
        for (slug, change, parts) in [
            (
                "sentinel-last",
                "the sentinel after both layers",
                vec![base.clone(), upper.clone(), block()],
            ),
            (
                "sentinel-second",
                "the sentinel between the two layers",
                vec![base.clone(), block(), upper.clone()],
            ),
            (
                "sentinel-twice",
                "a second sentinel after the first",
                vec![block(), block(), base, upper],
            ),
        ] {
            let image = Image::new(parts);
            self.invalid(
                slug,
                "sentinel-two-layers",
                change,
                WHY,
                &[Rule::DraftSentinelPlace],
                &image,
            );
        }
    }

    /// Blobs under the media type of a sentinel.
    fn blocks(&mut self) {
        const WHY: &str = "The sentinel is recognised by its media type alone, and a scanner that does not look at media types \
                           unpacks the image: it checks the tars, and what runs is what the TOCs say.";
        let base = base();
        let with = |blob: Vec<u8>| marked(&[&base]).edit(|image| image.parts[0] = Part::sentinel(blob));
        let patched = |at: usize, bytes: &'static [u8]| {
            image::sentinel(TEXT).edit(|block| block[at..at + bytes.len()].copy_from_slice(bytes))
        };
        let empty = TarEntry::file("a", "").header();
        for (slug, change, blob) in [
            ("sentinel-empty", "an empty blob for the sentinel", Vec::new()),
            (
                "sentinel-tar",
                "a whole tar with one file for the sentinel",
                [empty.clone(), tar::end()].concat(),
            ),
            (
                "sentinel-tar-header",
                "the header of an empty file for the sentinel",
                empty,
            ),
            (
                "sentinel-longer",
                "the end of an archive after the block of the sentinel",
                [image::sentinel(TEXT), tar::end()].concat(),
            ),
            ("sentinel-end-of-archive", "512 zeros for the sentinel", vec![0; 512]),
            (
                "sentinel-shorter",
                "the last byte of the sentinel missing",
                image::sentinel(TEXT)[..511].to_vec(),
            ),
            (
                "sentinel-name",
                "a name in the sentinel that begins with a letter",
                patched(0, b"Z"),
            ),
            (
                "sentinel-checksum",
                "digits for the checksum in the sentinel",
                patched(148, b"012345\0 "),
            ),
            (
                "sentinel-magic",
                "the magic of ustar in the sentinel",
                patched(257, b"ustar\0"),
            ),
        ] {
            self.invalid(
                slug,
                "sentinel-one-layer",
                change,
                WHY,
                &[Rule::DraftSentinelContent],
                &with(blob),
            );
        }
        self.valid(
            "sentinel-one-file",
            "a sentinel and a layer with one file",
            "The block of the draft is compared with something else, and the image cannot be pulled.",
            Rule::DraftSentinelContent,
            &marked(&[&upper()]),
            &[&upper()],
        );
        self.valid(
            "sentinel-of-the-draft",
            "the sentinel as the draft has it, with its text",
            "The block of the draft is compared with another text, and the image cannot be pulled.",
            Rule::DraftSentinelText,
            &marked(&[&upper(), &base]),
            &[&upper(), &base],
        );
        for (slug, title, text) in [
            (
                "sentinel-other-text",
                "a sentinel with another address in its text",
                "See: https://example.org",
            ),
            ("sentinel-no-text", "a sentinel without a text", ""),
        ] {
            self.either(
                slug,
                title,
                "A reader that knows the block by its digest refuses every image once the text changes.",
                (Choice("draft-sentinel-text"), Rule::DraftSentinelText),
                &with(image::sentinel(text)),
                &[&base],
            );
        }
    }

    /// DiffIDs beside a sentinel.
    fn diff_ids(&mut self) {
        const WHY: &str = "DiffIDs and layers are not counted alike, so that each layer has the DiffID of another, and with it the \
                           place in the storage where readers of full layers look.";
        let (base, upper) = (base(), upper());
        type Change = fn(&mut Vec<String>);
        let rows: &[(&str, &str, Change)] = &[
            ("diff-id-of-sentinel-missing", "no DiffID for the sentinel", |ids| {
                ids.remove(0);
            }),
            (
                "diff-id-of-sentinel-last",
                "the DiffID of the sentinel after the others",
                |ids| {
                    ids.rotate_left(1);
                },
            ),
            ("diff-id-of-sentinel-other", "the DiffID of another sentinel", |ids| {
                ids[0] = Digest::of(&image::sentinel("")).to_string();
            }),
            ("diff-id-missing", "no DiffID for the last layer", |ids| {
                ids.pop();
            }),
            ("diff-id-more", "a DiffID for a layer that there is not", |ids| {
                ids.push(Digest::of(b"another tar").to_string());
            }),
        ];
        for &(slug, change, apply) in rows {
            let image =
                marked(&[&base, &upper]).edit(|image| image.diff_ids = Some(image.right_diff_ids().edit(apply)));
            self.invalid(
                slug,
                "sentinel-two-layers",
                change,
                WHY,
                &[Rule::DraftSentinelDiffId],
                &image,
            );
        }
    }
}
