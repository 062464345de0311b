//! Changes of the documents of the index and of what leads to them.

use arbitrary::Arbitrary;

use super::sha512;
use crate::{
    forge::{
        annotations as keys,
        footer::{MAGIC_NEW, MAGIC_OLD, Span},
        layer::{Payloads, Placed},
        toc::Style,
        zstd,
    },
    format::{Dialect, Digest},
    rules::Rule,
};

/// A change of a document or of its payload.
#[derive(Arbitrary, Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentChange {
    Raw,
    Frames,
    Declared,
    DeclaredTarSplit,
    Syntax,
    ByteOrderMark,
    Trailing,
    DuplicateKey,
    FoldedKey,
    Depth,
    Unicode,
    Version,
    Fraction,
    Type,
    Null,
}

/// A change of the footer.
#[derive(Arbitrary, Clone, Copy, Debug, PartialEq, Eq)]
pub enum FooterChange {
    Spelling,
    Place,
    Type(u64),
    Size,
    FrameMagic,
    Length,
    Uncompressed,
    OtherUncompressed,
    Before,
    Behind,
    Reserved,
}

/// A change of the annotations.
#[derive(Arbitrary, Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnnotationChange {
    Sign,
    LeadingZero,
    Further,
    Range,
    Bounds,
    Type,
    Lengths,
    Adjacent,
    Frame,
    UpperCase,
    OtherDigest,
    OtherAlgorithm,
    NoPosition,
    NoChecksum,
    TwoIndexes,
    Prefixes,
    TarSplitChecksum,
    EStargz,
    Stripped,
}

impl DocumentChange {
    pub(in super::super) fn inflict(self, payloads: &mut Payloads) -> Option<Rule> {
        let json = payloads.toc_json.clone();
        let version = |new: &str| {
            // The style of stargz has a space.
            json.replacen("\"version\":1", &format!("\"version\":{new}"), 1)
                .replacen("\"version\": 1", &format!("\"version\": {new}"), 1)
        };
        let first = |member: &str| json.replacen('{', &format!("{{{member},"), 1);
        let nested = format!("\"x\":{}{}", "[".repeat(70), "]".repeat(70));
        let (text, rule) = match self {
            Self::Raw => {
                payloads.toc = json.into_bytes();
                return Some(Rule::IndexFrame);
            }
            Self::Frames => {
                payloads.toc.extend(zstd::frame(b""));
                return Some(Rule::IndexFrames);
            }
            Self::Declared => {
                payloads.toc_json.push(' ');
                return Some(Rule::IndexLength);
            }
            Self::DeclaredTarSplit => {
                payloads.tar_split_uncompressed += 1;
                // Of nothing, nothing can be declared.
                return (payloads.plan.dialect.has_tar_split() && !payloads.tar_split.is_empty())
                    .then_some(Rule::IndexLength);
            }
            Self::Syntax => (json.trim_end().trim_end_matches('}').to_owned(), Rule::JsonSyntax),
            Self::ByteOrderMark => (format!("\u{feff}{json}"), Rule::JsonSyntax),
            Self::Trailing => (format!("{json}x"), Rule::JsonTrailing),
            Self::DuplicateKey => (first("\"version\":1"), Rule::JsonDuplicateKey),
            Self::FoldedKey => (first("\"Version\":1"), Rule::JsonFoldedKey),
            Self::Depth => (first(&nested), Rule::JsonDepth),
            Self::Unicode => (first("\"x\":\"\\ud800\""), Rule::JsonUnicode),
            Self::Version => (version("2"), Rule::TocVersion),
            Self::Fraction => (version("1.0"), Rule::JsonInteger),
            Self::Type => (version("\"1\""), Rule::JsonType),
            Self::Null => (version("null"), Rule::JsonNull),
        };
        payloads.toc = zstd::frame(text.as_bytes());
        payloads.toc_json = text;
        Some(rule)
    }
}

impl FooterChange {
    pub(super) fn inflict(self, placed: &mut Placed, which: usize) -> Option<Rule> {
        let dialect = placed.payloads.plan.dialect;
        let data = u64::try_from(placed.payloads.data.len()).ok()?;
        let footer = &mut placed.footer;
        let rule = match self {
            Self::Spelling => {
                footer.magic = if footer.magic == *MAGIC_OLD {
                    *MAGIC_NEW
                } else {
                    *MAGIC_OLD
                };
                Rule::FooterMagic
            }
            Self::Place => {
                footer.magic_at -= 8;
                Rule::FooterMagic
            }
            Self::Type(1) => return None,
            Self::Type(kind) => {
                footer.kind = kind;
                Rule::FooterType
            }
            Self::Size => {
                footer.size = 48;
                Rule::FooterFrame
            }
            Self::FrameMagic => {
                let nibble = 1 + u8::try_from(which % 15).ok()?;
                *placed.footer_frame.first_mut()? |= nibble;
                return Some(Rule::FooterFrame);
            }
            Self::Length => {
                footer.toc.length = 0;
                Rule::FooterTocLength
            }
            Self::Uncompressed => {
                footer.toc.uncompressed = 0;
                Rule::FooterTocLength
            }
            Self::OtherUncompressed => {
                footer.toc.uncompressed += 1;
                Rule::FooterAgrees
            }
            Self::Before => {
                footer.toc.offset = u64::try_from(which % 8).ok()?;
                Rule::FooterBounds
            }
            Self::Behind => {
                footer.toc.offset = u64::MAX - data;
                Rule::FooterBounds
            }
            Self::Reserved if dialect == Dialect::G3 => {
                footer.tar_split = Span::new(0, 1, 0);
                Rule::FooterReserved
            }
            Self::Reserved => return None,
        };
        placed.footer_frame = placed.footer.frame();
        Some(rule)
    }
}

impl AnnotationChange {
    pub(super) fn inflict(self, placed: &mut Placed) -> Option<Rule> {
        let dialect = placed.payloads.plan.dialect;
        let (prefix, other_prefix) = match dialect {
            Dialect::G1 => (keys::OLD_PREFIX, keys::PREFIX),
            _ => (keys::PREFIX, keys::OLD_PREFIX),
        };
        let key = |suffix: &str| format!("{prefix}{suffix}");
        let (toc, split) = (placed.toc, placed.tar_split);
        let position = |span: Span| keys::toc_position(span, 1);
        let right = position(toc);
        let digest = placed.annotations.get(&key(keys::MANIFEST_CHECKSUM))?.clone();
        let other = Digest::of(b"other").to_string();
        let (suffix, value, rule) = match self {
            Self::Sign => (keys::MANIFEST_POSITION, format!("+{right}"), Rule::PositionGrammar),
            Self::LeadingZero => (keys::MANIFEST_POSITION, format!("0{right}"), Rule::PositionGrammar),
            Self::Further => (keys::MANIFEST_POSITION, format!("{right}:1"), Rule::PositionGrammar),
            Self::Range => (
                keys::MANIFEST_POSITION,
                position(Span::new(1 << 63, toc.length, toc.uncompressed)),
                Rule::PositionRange,
            ),
            Self::Bounds => (
                keys::MANIFEST_POSITION,
                position(Span::new(7, toc.length, toc.uncompressed)),
                Rule::PositionBounds,
            ),
            Self::Type => (keys::MANIFEST_POSITION, keys::toc_position(toc, 2), Rule::PositionType),
            Self::Lengths => (
                keys::MANIFEST_POSITION,
                position(Span::new(toc.offset, toc.length, 0)),
                Rule::PositionLengths,
            ),
            Self::Adjacent if dialect.has_tar_split() => (
                keys::TARSPLIT_POSITION,
                keys::position(Span::new(split.offset + 1, split.length, split.uncompressed)),
                Rule::PositionsAdjacent,
            ),
            Self::Frame => {
                if dialect.has_tar_split() {
                    let moved = Span::new(split.offset + 1, split.length, split.uncompressed);
                    placed
                        .annotations
                        .insert(key(keys::TARSPLIT_POSITION), keys::position(moved));
                }
                (
                    keys::MANIFEST_POSITION,
                    position(Span::new(toc.offset + 1, toc.length, toc.uncompressed)),
                    Rule::PositionFrame,
                )
            }
            Self::UpperCase => (
                keys::MANIFEST_CHECKSUM,
                digest.to_uppercase().replace("SHA256", "sha256"),
                Rule::AnnotationDigest,
            ),
            Self::OtherDigest => (keys::MANIFEST_CHECKSUM, other, Rule::TocChecksum),
            Self::OtherAlgorithm => (keys::MANIFEST_CHECKSUM, sha512(), Rule::DigestAlgorithm),
            Self::NoPosition => {
                placed.annotations.remove(&key(keys::MANIFEST_POSITION));
                return Some(Rule::ChecksumWithoutPosition);
            }
            Self::NoChecksum => {
                placed.annotations.remove(&key(keys::MANIFEST_CHECKSUM));
                return Some(Rule::PositionWithoutChecksum);
            }
            Self::TwoIndexes if dialect != Dialect::G1 => {
                placed.annotations.insert(keys::ESTARGZ.to_owned(), other);
                return Some(Rule::TwoIndexes);
            }
            Self::Prefixes => {
                placed
                    .annotations
                    .insert(format!("{other_prefix}{}", keys::MANIFEST_CHECKSUM), other);
                placed
                    .annotations
                    .insert(format!("{other_prefix}{}", keys::MANIFEST_POSITION), right);
                return Some(Rule::PrefixesAgree);
            }
            Self::TarSplitChecksum if matches!(dialect, Dialect::G3 | Dialect::G4) => {
                (keys::TARSPLIT_CHECKSUM, other, Rule::TarSplitChecksum)
            }
            Self::EStargz if placed.payloads.plan.style == Style::Stargz => {
                placed.annotations.insert(keys::ESTARGZ.to_owned(), other);
                return Some(Rule::EStargzDigest);
            }
            Self::Stripped if dialect == Dialect::G5 => {
                placed.annotations.remove(&key(keys::TARSPLIT_POSITION));
                return Some(Rule::TarSplitStripped);
            }
            Self::Adjacent | Self::TwoIndexes | Self::TarSplitChecksum | Self::EStargz | Self::Stripped => return None,
        };
        placed.annotations.insert(key(suffix), value);
        Some(rule)
    }
}
