//! Changes of what leads to the index: the footer and the annotations.

use super::{
    Built,
    Change::Layer,
    Edits, Row,
    index::{other, sha512},
    pick, row,
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
    row(
        "magic-in-the-other-spelling",
        Rule::FooterMagic,
        Layer(|layer, _| {
            layer.footer(|footer| {
                let is_old = footer.magic == *MAGIC_OLD;
                footer.magic = if is_old { *MAGIC_NEW } else { *MAGIC_OLD };
            })
        }),
    ),
    row(
        "magic-at-another-place",
        Rule::FooterMagic,
        Layer(|layer, _| layer.footer(|footer| footer.magic_at -= 8)),
    ),
    row(
        "another-type-of-the-manifest",
        Rule::FooterType,
        Layer(|_, which| field(Field::Type, *pick(&[0, 2, 1 << 32 | 1, u64::MAX], which)?.0)),
    ),
    row(
        "footer-of-48-bytes",
        Rule::FooterFrame,
        Layer(|layer, _| layer.footer(|footer| footer.size = 48)),
    ),
    row(
        "another-magic-of-the-footers-frame",
        Rule::FooterFrame,
        Layer(|_, which| {
            let magic = SKIPPABLE.to_le_bytes()[0] | u8::try_from(1 + which % 15).ok()?;
            let insert = [magic].as_slice().into();
            let (at, remove) = (0, 1);
            Some(vec![Edit::Footer(Box::new(Edit::Splice { at, remove, insert }))])
        }),
    ),
    row(
        "length-0-of-the-toc",
        Rule::FooterTocLength,
        Layer(|_, _| field(Field::TocLength, 0)),
    ),
    row(
        "uncompressed-length-0-of-the-toc",
        Rule::FooterTocLength,
        Layer(|_, _| field(Field::TocUncompressed, 0)),
    ),
    row(
        "another-uncompressed-length-in-the-footer",
        Rule::FooterAgrees,
        Layer(|layer, _| field(Field::TocUncompressed, layer.placed.toc.uncompressed + 1)),
    ),
    row(
        "toc-at-the-start-of-the-blob",
        Rule::FooterBounds,
        Layer(|_, which| field(Field::TocOffset, u64::try_from(which % 8).ok()?)),
    ),
    row(
        "toc-far-after-the-blob",
        Rule::FooterBounds,
        Layer(|layer, _| field(Field::TocOffset, u64::MAX - len(&layer.parts.data))),
    ),
    row(
        "reserved-bytes-of-the-footer",
        Rule::FooterReserved,
        Layer(|layer, _| {
            (layer.footer_size() == 56).then(|| layer.footer(|footer| footer.tar_split = Span::new(0, 1, 0)))?
        }),
    ),
    row(
        "sign-before-a-position",
        Rule::PositionGrammar,
        Layer(|layer, _| layer.annotate(keys::MANIFEST_POSITION, format!("+{}", layer.right()))),
    ),
    row(
        "zero-before-a-position",
        Rule::PositionGrammar,
        Layer(|layer, _| layer.annotate(keys::MANIFEST_POSITION, format!("0{}", layer.right()))),
    ),
    row(
        "further-number-of-a-position",
        Rule::PositionGrammar,
        Layer(|layer, _| layer.annotate(keys::MANIFEST_POSITION, format!("{}:1", layer.right()))),
    ),
    row(
        "position-past-63-bits",
        Rule::PositionRange,
        Layer(|layer, _| layer.position(|toc| toc.offset = 1 << 63)),
    ),
    row(
        "position-before-the-first-payload",
        Rule::PositionBounds,
        Layer(|layer, _| layer.position(|toc| toc.offset = 7)),
    ),
    row(
        "another-type-in-a-position",
        Rule::PositionType,
        Layer(|layer, _| layer.annotate(keys::MANIFEST_POSITION, keys::toc_position(layer.placed.toc, 2))),
    ),
    row(
        "uncompressed-length-0-in-a-position",
        Rule::PositionLengths,
        Layer(|layer, _| layer.position(|toc| toc.uncompressed = 0)),
    ),
    row(
        "gap-between-the-positions",
        Rule::PositionsAdjacent,
        Layer(|layer, _| layer.split_position(|split| split.offset += 1)),
    ),
    row(
        "position-within-the-frame",
        Rule::PositionFrame,
        Layer(|layer, _| {
            let moved = layer.split_position(|split| split.offset += 1);
            all([Some(moved.unwrap_or_default()), layer.position(|toc| toc.offset += 1)])
        }),
    ),
    row(
        "digest-in-capitals",
        Rule::AnnotationDigest,
        Layer(|layer, _| {
            let digest = layer.placed.annotations.get(&layer.key(keys::MANIFEST_CHECKSUM))?;
            let capitals = digest.to_uppercase().replace("SHA256", "sha256");
            layer.annotate(keys::MANIFEST_CHECKSUM, capitals)
        }),
    ),
    row(
        "another-digest-of-the-toc",
        Rule::TocChecksum,
        Layer(|layer, _| layer.annotate(keys::MANIFEST_CHECKSUM, other())),
    ),
    row(
        "digest-of-the-toc-by-another-algorithm",
        Rule::DigestAlgorithm,
        Layer(|layer, _| layer.annotate(keys::MANIFEST_CHECKSUM, sha512())),
    ),
    row(
        "no-position",
        Rule::ChecksumWithoutPosition,
        Layer(|layer, _| layer.strip(keys::MANIFEST_POSITION)),
    ),
    row(
        "no-digest-of-the-toc",
        Rule::PositionWithoutChecksum,
        Layer(|layer, _| layer.strip(keys::MANIFEST_CHECKSUM)),
    ),
    row(
        "index-of-estargz-beside",
        Rule::TwoIndexes,
        Layer(|layer, _| (!layer.facts().by_stargz).then(|| annotate(keys::ESTARGZ.to_owned(), other()))?),
    ),
    row(
        "annotations-of-both-prefixes",
        Rule::PrefixesAgree,
        Layer(|layer, _| {
            let is_old = layer.facts().prefix == keys::OLD_PREFIX;
            let prefix = if is_old { keys::PREFIX } else { keys::OLD_PREFIX };
            all([
                annotate(format!("{prefix}{}", keys::MANIFEST_CHECKSUM), other()),
                annotate(format!("{prefix}{}", keys::MANIFEST_POSITION), layer.right()),
            ])
        }),
    ),
    row(
        "another-digest-of-the-tar-split-in-an-annotation",
        Rule::TarSplitChecksum,
        Layer(|layer, _| {
            layer
                .facts()
                .annotated_digest
                .then(|| layer.annotate(keys::TARSPLIT_CHECKSUM, other()))?
        }),
    ),
    row(
        "another-digest-of-the-toc-for-estargz",
        Rule::EStargzDigest,
        Layer(|layer, _| {
            (layer.parts.plan.style == Style::Stargz).then(|| annotate(keys::ESTARGZ.to_owned(), other()))?
        }),
    ),
    row(
        "position-of-the-tar-split-stripped",
        Rule::TarSplitStripped,
        Layer(|layer, _| {
            layer
                .facts()
                .digest_in_toc
                .then(|| layer.strip(keys::TARSPLIT_POSITION))?
        }),
    ),
    row(
        "shorter-toc-in-the-footer",
        Rule::FooterAdjacent,
        Layer(|layer, _| {
            let length = layer.placed.toc.length - 1;
            (layer.footer_size() != 56).then(|| field(Field::TocLength, length))?
        }),
    ),
    row(
        "length-0-of-the-tar-split",
        Rule::FooterTarSplitLength,
        Layer(|layer, _| {
            let has_any = layer.placed.tar_split.uncompressed > 0;
            (layer.footer_size() == 64 && has_any).then(|| field(Field::TarSplitLength, 0))?
        }),
    ),
];
