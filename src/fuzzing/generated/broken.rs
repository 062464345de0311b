//! Single changes of a layer, each with the rule that it breaks.

use arbitrary::Arbitrary;

use super::plan::Recipe;
use crate::{
    format::{Dialect, Digest},
    rules::Rule,
    vectors::build::{
        annotations as keys,
        footer::{MAGIC_NEW, MAGIC_OLD, Span},
        layer::{Claim, Layer, Parts, Payloads, Placed, Plan},
        tar::{self, Entry},
        tarsplit::Line,
        toc::{Style, TocEntry},
        zstd::{self, Frame},
    },
};

/// A change, by what is changed.
#[derive(Arbitrary, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The tar, in data and index alike.
    Tar(TarChange),
    /// The data frames.
    Data(DataChange),
    /// What the TOC says.
    Listed(ListedChange),
    /// What the tar-split says.
    Line(LineChange),
    /// The documents of the index as texts, and their payloads.
    Document(DocumentChange),
    /// The footer.
    Footer(FooterChange),
    /// The annotations.
    Annotation(AnnotationChange),
}

/// A change of the tar.
#[derive(Arbitrary, Clone, Copy, Debug, PartialEq, Eq)]
pub enum TarChange {
    /// A block that is no header.
    Checksum,
    /// Letters in a number.
    Number,
    /// A PAX header that holds no record.
    Pax,
    /// Records of a sparse file.
    SparsePax,
    /// The type of a sparse file.
    SparseType,
    /// A second entry of one name.
    SameName,
}

/// A change of the data frames.
#[derive(Arbitrary, Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataChange {
    /// Bytes that are no frame.
    Junk,
    /// A frame that needs a dictionary.
    Dictionary,
    /// A frame with a window of 256 MiB.
    Window,
    /// Another checksum.
    Checksum,
    /// A frame that nothing in the index is about.
    More,
    /// Bytes after the footer.
    AfterFooter,
    /// A byte less of the footer.
    CutFooter,
}

/// A change of what the TOC says.
#[derive(Arbitrary, Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "named as the field that is changed, or as what is done to the entry"
)]
pub enum ListedChange {
    Kind,
    Mode,
    Uid,
    Gid,
    Link,
    Time,
    NoTime,
    Name,
    Missing,
    More,
    Repeated,
    Digest,
    DigestSpelling,
    DigestAlgorithm,
    NoDigest,
    ChunkDigest,
    ChunkOffset,
    ChunkType,
    ChunkName,
    Zeros,
    Offset,
    EndOffset,
}

/// A change of what the tar-split says.
#[derive(Arbitrary, Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "named as the field that is changed, or as what is done to the line"
)]
pub enum LineChange {
    Crc,
    CrcLength,
    Size,
    Name,
    Missing,
    Repeated,
    Tail,
    Digest,
    NoDigest,
}

/// A change of a document or of its payload.
#[derive(Arbitrary, Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as the rule is")]
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
#[expect(missing_docs, reason = "named as the field that is changed")]
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
#[expect(missing_docs, reason = "named as what is wrong after it")]
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

impl Change {
    /// The layer with the change, and the rule that it breaks; none where there is nothing to change.
    pub(super) fn inflict(self, recipe: &Recipe, which: usize) -> Option<(Layer, Rule)> {
        let mut plan = recipe.plan.clone();
        let rule = match self {
            Self::Tar(change) => Some(change.inflict(&mut plan, which)?),
            _ => None,
        };
        let mut parts = recipe.parts_of(&plan);
        let rule = match self {
            Self::Data(change) => change.inflict(&mut parts).or(rule),
            Self::Listed(change) => Some(change.inflict(&mut parts, which)?),
            Self::Line(change) => Some(change.inflict(&mut parts, which)?),
            _ => rule,
        };
        let mut payloads = parts.payloads();
        let rule = match self {
            Self::Document(change) => Some(change.inflict(&mut payloads)?),
            _ => rule,
        };
        let mut placed = payloads.place();
        let rule = match self {
            Self::Footer(change) => Some(change.inflict(&mut placed, which)?),
            Self::Annotation(change) => Some(change.inflict(&mut placed)?),
            _ => rule,
        };
        let mut layer = placed.layer();
        let rule = match self {
            Self::Data(DataChange::AfterFooter) => {
                layer.blob.push(0);
                Some(Rule::FooterFrame)
            }
            Self::Data(DataChange::CutFooter) => {
                layer.blob.pop();
                Some(Rule::FooterFrame)
            }
            _ => rule,
        };
        Some((layer, rule?))
    }
}

/// One of several.
fn pick<T>(list: Vec<T>, which: usize) -> Option<T> {
    let at = which.checked_rem(list.len())?;
    list.into_iter().nth(at)
}

impl TarChange {
    fn inflict(self, plan: &mut Plan, which: usize) -> Option<Rule> {
        if self == Self::SameName {
            let entry = pick(plan.entries.clone(), which).filter(|_| plan.dialect.has_tar_split())?;
            plan.entries.push(entry);
            return Some(Rule::EntryUnique);
        }
        let entry: &mut Entry = pick(plan.entries.iter_mut().collect(), which)?;
        match self {
            Self::Checksum => entry.before = vec![1; 512],
            Self::Number => entry.patches.push((100, b"zzzzzzz\0".to_vec())),
            Self::Pax => entry.before = tar::extension_of(b'x', b"no record"),
            Self::SparsePax if entry.flag == b'0' => {
                let records = [("GNU.sparse.major", b"1"), ("GNU.sparse.minor", b"0")];
                entry
                    .pax
                    .extend(records.map(|(key, value)| (key.to_owned(), value.to_vec())));
            }
            Self::SparseType if entry.flag == b'0' => {
                entry.gnu = true;
                entry.flag = b'S';
                entry.patches.clear();
            }
            Self::SparsePax | Self::SparseType | Self::SameName => return None,
        }
        Some(match self {
            Self::Checksum | Self::Number => Rule::TarHeader,
            Self::Pax => Rule::TarExtension,
            Self::SparsePax | Self::SparseType => Rule::TarSparse,
            Self::SameName => Rule::EntryUnique,
        })
    }
}

impl DataChange {
    fn inflict(self, parts: &mut Parts) -> Option<Rule> {
        let data = &mut parts.data;
        let mut frame = Frame::of(b"more");
        match self {
            Self::Junk => {
                data.extend(b"junk");
                Some(Rule::FrameMagic)
            }
            Self::Dictionary => {
                frame.dictionary = Some(7);
                data.extend(frame.encode());
                Some(Rule::FrameDictionary)
            }
            Self::Window => {
                frame.window = Some(18 << 3);
                data.extend(frame.encode());
                Some(Rule::FrameWindow)
            }
            Self::Checksum if !parts.plan.tar().is_empty() => {
                *data.last_mut()? ^= 1;
                Some(Rule::FrameChecksum)
            }
            Self::More if parts.plan.dialect.has_tar_split() => {
                data.extend(frame.encode());
                Some(Rule::PlainTar)
            }
            Self::Checksum | Self::More | Self::AfterFooter | Self::CutFooter => None,
        }
    }
}

impl ListedChange {
    fn inflict(self, parts: &mut Parts, which: usize) -> Option<Rule> {
        let style = parts.plan.style;
        let unique = parts.plan.dialect.has_tar_split();
        let chunked = |list: &[TocEntry], at: usize| list.get(at + 1).is_some_and(|next| next.kind == "chunk");
        let fits = |at: usize, entry: &TocEntry| match self {
            Self::ChunkOffset | Self::ChunkName => entry.kind == "chunk",
            Self::ChunkDigest => !entry.chunk_digest.is_empty(),
            Self::ChunkType | Self::Zeros => style != Style::Stargz && entry.end_offset != 0 && !entry.zeros(),
            Self::EndOffset => entry.end_offset != 0,
            Self::Offset => !entry.digest.is_empty() || (style != Style::Stargz && entry.kind == "chunk"),
            Self::Digest | Self::DigestSpelling | Self::DigestAlgorithm | Self::NoDigest => !entry.digest.is_empty(),
            Self::Missing | Self::Repeated => {
                entry.kind != "chunk" && !chunked(&parts.toc, at) && (self == Self::Missing || unique)
            }
            _ => entry.kind != "chunk",
        };
        if self == Self::More {
            parts.toc.push(TocEntry::of(&Entry::dir("more/")));
            return Some(Rule::EntrySets);
        }
        let candidates: Vec<usize> = (0..parts.toc.len()).filter(|&at| fits(at, &parts.toc[at])).collect();
        let at = pick(candidates, which)?;
        let content_is_zero = parts.content_is_zero(at);
        let entry = &mut parts.toc[at];
        let other = Digest::of(b"other").to_string();
        Some(match self {
            Self::Kind => set(&mut entry.kind, "bogus", Rule::EntryType),
            Self::Mode => add(&mut entry.mode, Rule::EntryMetadata),
            Self::Uid => add(&mut entry.uid, Rule::EntryMetadata),
            Self::Gid => add(&mut entry.gid, Rule::EntryMetadata),
            Self::Link => {
                entry.link.push('x');
                Rule::EntryMetadata
            }
            Self::Time => set(&mut entry.modtime, "2001-02-03T04:05:06Z", Rule::EntryMetadata),
            Self::NoTime => set(&mut entry.modtime, "yesterday", Rule::EntryTime),
            Self::Name => set(&mut entry.name, "nul\0", Rule::EntryName),
            Self::Missing => {
                parts.toc.remove(at);
                Rule::EntrySets
            }
            Self::Repeated => {
                let entry = entry.clone();
                parts.toc.insert(at, entry);
                Rule::EntryUnique
            }
            Self::Digest => set(&mut entry.digest, &other, Rule::FileDigest),
            Self::DigestSpelling => {
                entry.digest.pop();
                Rule::EntryDigest
            }
            Self::DigestAlgorithm => set(&mut entry.digest, &sha512(), Rule::DigestAlgorithm),
            Self::NoDigest => set(&mut entry.digest, "", Rule::FileIndexed),
            Self::ChunkDigest => set(&mut entry.chunk_digest, &other, Rule::ChunkDigest),
            Self::ChunkOffset => add(&mut entry.chunk_offset, Rule::ChunkSequence),
            Self::ChunkType => set(&mut entry.chunk_type, "ones", Rule::ChunkType),
            Self::ChunkName => set(&mut entry.name, "other", Rule::ChunkFollows),
            Self::Zeros if content_is_zero => return None,
            Self::Zeros => set(&mut entry.chunk_type, "zeros", Rule::ZerosChunk),
            Self::Offset => add(&mut entry.offset, Rule::RangeFrames),
            Self::EndOffset => {
                entry.end_offset = entry.offset;
                Rule::FileIndexed
            }
            Self::More => return None,
        })
    }
}

impl TocEntry {
    fn zeros(&self) -> bool {
        self.chunk_type == "zeros"
    }
}

impl Parts {
    /// Whether the first chunk of the file that this entry of the TOC lists is nothing but zeros.
    fn content_is_zero(&self, at: usize) -> bool {
        let entry = &self.toc[at];
        let content = self
            .plan
            .entries
            .iter()
            .find(|planned| planned.name == entry.name.as_bytes());
        let length = usize::try_from(entry.chunk_size).unwrap_or(0);
        content.is_none_or(|planned| {
            let chunk = planned.content.get(..length).filter(|chunk| !chunk.is_empty());
            chunk.unwrap_or(&planned.content).iter().all(|&byte| byte == 0)
        })
    }
}

fn set(text: &mut String, value: &str, rule: Rule) -> Rule {
    value.clone_into(text);
    rule
}

fn add(number: &mut u64, rule: Rule) -> Rule {
    *number += 1;
    rule
}

/// A digest of another algorithm, as it is written.
fn sha512() -> String {
    format!("sha512:{}", "0f".repeat(64))
}

impl LineChange {
    fn inflict(self, parts: &mut Parts, which: usize) -> Option<Rule> {
        let dialect = parts.plan.dialect;
        if !dialect.has_tar_split() {
            return None;
        }
        match self {
            Self::Digest if dialect == Dialect::G4 || dialect == Dialect::G5 => {
                parts.claim = Claim::Other(Digest::of(b"other").to_string());
                return Some(Rule::TarSplitDigest);
            }
            Self::NoDigest if dialect == Dialect::G5 => {
                parts.claim = Claim::Absent;
                return Some(Rule::NoTarSplit);
            }
            Self::Digest | Self::NoDigest => return None,
            Self::Tail => {
                // The end of the archive is a block longer in the index than in the data.
                let Some(Line::Segment(bytes)) = parts.tar_split.last_mut() else {
                    return None;
                };
                bytes.extend([0; 512]);
                return (!parts.plan.tail.is_empty()).then_some(Rule::PlainTar);
            }
            _ => {}
        }
        let with_content = matches!(self, Self::Crc | Self::CrcLength);
        let has_content = |name: &[u8]| {
            let planned = parts.plan.entries.iter().find(|entry| entry.name == name);
            planned.is_some_and(|entry| !entry.content.is_empty())
        };
        let fits = |line: &Line| match line {
            Line::Segment(_) => false,
            Line::File { name, .. } => !with_content || has_content(name),
        };
        let candidates: Vec<usize> = (0..parts.tar_split.len())
            .filter(|&at| fits(&parts.tar_split[at]))
            .collect();
        let at = pick(candidates, which)?;
        let Line::File { name, size, payload } = &mut parts.tar_split[at] else {
            return None;
        };
        Some(match self {
            Self::Crc => {
                *payload.as_mut()?.first_mut()? ^= 1;
                Rule::FileCrc
            }
            Self::CrcLength => {
                payload.as_mut()?.pop();
                Rule::TarSplitPayload
            }
            Self::Size => {
                *size += 1;
                payload.get_or_insert_with(|| vec![0; 8]);
                Rule::SegmentFile
            }
            Self::Name => {
                name.push(b'x');
                Rule::SegmentFile
            }
            Self::Missing => {
                parts.tar_split.remove(at);
                Rule::SegmentFile
            }
            Self::Repeated => {
                let line = parts.tar_split[at].clone();
                parts.tar_split.insert(at, line);
                Rule::TarSplitUnique
            }
            Self::Tail | Self::Digest | Self::NoDigest => return None,
        })
    }
}

impl DocumentChange {
    fn inflict(self, payloads: &mut Payloads) -> Option<Rule> {
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
    fn inflict(self, placed: &mut Placed, which: usize) -> Option<Rule> {
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
    fn inflict(self, placed: &mut Placed) -> Option<Rule> {
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
