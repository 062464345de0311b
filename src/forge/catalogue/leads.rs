//! Changes of what leads to the index: the footer and the annotations.

use super::{
    Built, Edits, Row,
    index::{other, sha512},
    of_layer, pick,
};
use crate::{
    forge::{
        Edit, SKIPPABLE, annotations as keys,
        edit::{Field, Number},
        footer::{Footer, MAGIC_NEW, MAGIC_OLD, Span},
        len,
        toc::Style,
    },
    rules::Rule,
};

impl Built<'_> {
    /// Another frame for the footer.
    fn footer(&self, change: impl FnOnce(&mut Footer)) -> Edits {
        let mut footer = self.placed.footer.clone();
        change(&mut footer);
        let frame = footer.frame();
        Some(vec![Edit::Footer(Box::new(Edit::Become(frame.as_slice().into())))])
    }

    fn key(&self, suffix: &str) -> String {
        format!("{}{suffix}", self.facts().prefix)
    }

    fn annotate(&self, suffix: &str, value: impl Into<String>) -> Edits {
        annotate(self.key(suffix), value.into())
    }

    fn strip(&self, suffix: &str) -> Edits {
        Some(vec![Edit::Annotations(Box::new(Edit::Strip(self.key(suffix))))])
    }

    /// Another position of the TOC.
    pub(super) fn position(&self, change: fn(&mut Span)) -> Edits {
        let mut span = self.placed.toc;
        change(&mut span);
        self.annotate(keys::MANIFEST_POSITION, keys::toc_position(span, 1))
    }

    /// Another position of the tar-split, where there is one.
    pub(super) fn split_position(&self, change: fn(&mut Span)) -> Edits {
        let mut span = self.placed.tar_split;
        change(&mut span);
        self.has_tar_split()
            .then(|| self.annotate(keys::TARSPLIT_POSITION, keys::position(span)))?
    }

    fn right(&self) -> String {
        keys::toc_position(self.placed.toc, 1)
    }
}

fn annotate(key: String, value: String) -> Edits {
    Some(vec![Edit::Annotations(Box::new(Edit::Annotate { key, value }))])
}

pub(super) fn field(name: Field, to: u64) -> Edits {
    let to = Number::Digits(to.to_string());
    Some(vec![Edit::Footer(Box::new(Edit::Field { name, to }))])
}

pub(super) fn all(edits: [Edits; 2]) -> Edits {
    let edits: Option<Vec<Vec<Edit>>> = edits.into_iter().collect();
    edits.map(|edits| edits.concat())
}

pub(super) const ROWS: &[Row] = &[
    of_layer("magic-in-the-other-spelling", Rule::FooterMagic, |layer, _| {
        layer.footer(|footer| {
            let is_old = footer.magic == *MAGIC_OLD;
            footer.magic = if is_old { *MAGIC_NEW } else { *MAGIC_OLD };
        })
    }),
    of_layer("magic-at-another-place", Rule::FooterMagic, |layer, _| {
        layer.footer(|footer| footer.magic_at -= 8)
    }),
    of_layer("another-type-of-the-manifest", Rule::FooterType, |_, which| {
        field(Field::Type, *pick(&[0, 2, 1 << 32 | 1, u64::MAX], which)?.0)
    }),
    of_layer("footer-of-48-bytes", Rule::FooterFrame, |layer, _| {
        layer.footer(|footer| footer.size = 48)
    }),
    of_layer("another-magic-of-the-footers-frame", Rule::FooterFrame, |_, which| {
        let magic = SKIPPABLE.to_le_bytes()[0] | u8::try_from(1 + which % 15).ok()?;
        let insert = [magic].as_slice().into();
        let (at, remove) = (0, 1);
        Some(vec![Edit::Footer(Box::new(Edit::Splice { at, remove, insert }))])
    }),
    of_layer("length-0-of-the-toc", Rule::FooterTocLength, |_, _| {
        field(Field::TocLength, 0)
    }),
    of_layer("uncompressed-length-0-of-the-toc", Rule::FooterTocLength, |_, _| {
        field(Field::TocUncompressed, 0)
    }),
    of_layer(
        "another-uncompressed-length-in-the-footer",
        Rule::FooterAgrees,
        |layer, _| field(Field::TocUncompressed, layer.placed.toc.uncompressed + 1),
    ),
    of_layer("toc-at-the-start-of-the-blob", Rule::FooterBounds, |_, which| {
        field(Field::TocOffset, u64::try_from(which % 8).ok()?)
    }),
    of_layer("toc-far-after-the-blob", Rule::FooterBounds, |layer, _| {
        field(Field::TocOffset, u64::MAX - len(&layer.parts.data))
    }),
    of_layer("reserved-bytes-of-the-footer", Rule::FooterReserved, |layer, _| {
        (layer.footer_size() == 56).then(|| layer.footer(|footer| footer.tar_split = Span::new(0, 1, 0)))?
    }),
    of_layer("sign-before-a-position", Rule::PositionGrammar, |layer, _| {
        layer.annotate(keys::MANIFEST_POSITION, format!("+{}", layer.right()))
    }),
    of_layer("zero-before-a-position", Rule::PositionGrammar, |layer, _| {
        layer.annotate(keys::MANIFEST_POSITION, format!("0{}", layer.right()))
    }),
    of_layer("further-number-of-a-position", Rule::PositionGrammar, |layer, _| {
        layer.annotate(keys::MANIFEST_POSITION, format!("{}:1", layer.right()))
    }),
    of_layer("position-past-63-bits", Rule::PositionRange, |layer, _| {
        layer.position(|toc| toc.offset = 1 << 63)
    }),
    of_layer("position-before-the-first-payload", Rule::PositionBounds, |layer, _| {
        layer.position(|toc| toc.offset = 7)
    }),
    of_layer("another-type-in-a-position", Rule::PositionType, |layer, _| {
        layer.annotate(keys::MANIFEST_POSITION, keys::toc_position(layer.placed.toc, 2))
    }),
    of_layer(
        "uncompressed-length-0-in-a-position",
        Rule::PositionLengths,
        |layer, _| layer.position(|toc| toc.uncompressed = 0),
    ),
    of_layer("gap-between-the-positions", Rule::PositionsAdjacent, |layer, _| {
        layer.split_position(|split| split.offset += 1)
    }),
    of_layer("position-within-the-frame", Rule::PositionFrame, |layer, _| {
        let moved = layer.split_position(|split| split.offset += 1);
        all([Some(moved.unwrap_or_default()), layer.position(|toc| toc.offset += 1)])
    }),
    of_layer("digest-in-capitals", Rule::AnnotationDigest, |layer, _| {
        let digest = layer.placed.annotations.get(&layer.key(keys::MANIFEST_CHECKSUM))?;
        let capitals = digest.to_uppercase().replace("SHA256", "sha256");
        layer.annotate(keys::MANIFEST_CHECKSUM, capitals)
    }),
    of_layer("another-digest-of-the-toc", Rule::TocChecksum, |layer, _| {
        layer.annotate(keys::MANIFEST_CHECKSUM, other())
    }),
    of_layer(
        "digest-of-the-toc-by-another-algorithm",
        Rule::DigestAlgorithm,
        |layer, _| layer.annotate(keys::MANIFEST_CHECKSUM, sha512()),
    ),
    of_layer("no-position", Rule::ChecksumWithoutPosition, |layer, _| {
        layer.strip(keys::MANIFEST_POSITION)
    }),
    of_layer("no-digest-of-the-toc", Rule::PositionWithoutChecksum, |layer, _| {
        layer.strip(keys::MANIFEST_CHECKSUM)
    }),
    of_layer("index-of-estargz-beside", Rule::TwoIndexes, |layer, _| {
        (!layer.facts().by_stargz).then(|| annotate(keys::ESTARGZ.to_owned(), other()))?
    }),
    of_layer("annotations-of-both-prefixes", Rule::PrefixesAgree, |layer, _| {
        let is_old = layer.facts().prefix == keys::OLD_PREFIX;
        let prefix = if is_old { keys::PREFIX } else { keys::OLD_PREFIX };
        all([
            annotate(format!("{prefix}{}", keys::MANIFEST_CHECKSUM), other()),
            annotate(format!("{prefix}{}", keys::MANIFEST_POSITION), layer.right()),
        ])
    }),
    of_layer(
        "another-digest-of-the-tar-split-in-an-annotation",
        Rule::TarSplitChecksum,
        |layer, _| {
            layer
                .facts()
                .annotated_digest
                .then(|| layer.annotate(keys::TARSPLIT_CHECKSUM, other()))?
        },
    ),
    of_layer(
        "another-digest-of-the-toc-for-estargz",
        Rule::EStargzDigest,
        |layer, _| (layer.parts.plan.style == Style::Stargz).then(|| annotate(keys::ESTARGZ.to_owned(), other()))?,
    ),
    of_layer(
        "position-of-the-tar-split-stripped",
        Rule::TarSplitStripped,
        |layer, _| {
            layer
                .facts()
                .digest_in_toc
                .then(|| layer.strip(keys::TARSPLIT_POSITION))?
        },
    ),
    of_layer("shorter-toc-in-the-footer", Rule::FooterAdjacent, |layer, _| {
        let length = layer.placed.toc.length - 1;
        (layer.footer_size() != 56).then(|| field(Field::TocLength, length))?
    }),
    of_layer("length-0-of-the-tar-split", Rule::FooterTarSplitLength, |layer, _| {
        let has_any = layer.placed.tar_split.uncompressed > 0;
        (layer.footer_size() == 64 && has_any).then(|| field(Field::TarSplitLength, 0))?
    }),
];
