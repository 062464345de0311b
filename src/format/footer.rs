//! The footer: the payload of the blob's last skippable frame.
//!
//! It gives the positions of TOC and tar-split, for readers that have no annotations. Nothing authenticates it. There are three
//! layouts, told apart by the length of the payload; all numbers are little-endian u64.
//!
//! ```text
//! offset   v40 (g1, g2)        v56 (g3)            v64 (g4, g5)
//!  0       TOC offset          TOC offset          TOC offset
//!  8       TOC length          TOC length          TOC length
//! 16       TOC uncompressed    TOC uncompressed    TOC uncompressed
//! 24       manifest type       manifest type       manifest type
//! 32       GnUlInUx            GnUlInUx            tar-split offset
//! 40                           zero                tar-split length
//! 48                           zero                tar-split uncompressed
//! 56                                               GNUlInUx
//! ```
//!
//! The magic is never searched for. A layout counts where its frame header, its length and its magic are all in place;
//! since the last eight bytes of the three layouts differ, at most one of them can be.
//!
//! The 56-byte layout was a mistake: its writer enlarged the footer for the tar-split but left the magic where it was and
//! never wrote the new fields, and its reader looked for the magic at 48. Layers with it exist all the same.

use super::{Bytes, Dialect, Extent, Findings, Place, Position, Region, frames::SKIPPABLE_HEADER};
use crate::rules::Rule;

/// The magic of skippable frames that every known writer uses: 0x184D2A50, little-endian.
pub const SKIPPABLE_MAGIC: [u8; 4] = [0x50, 0x2a, 0x4d, 0x18];

/// Bytes at the end of a blob that hold any known footer: header and payload of the largest layout.
pub const TAIL: u64 = 72;

/// The only manifest type that was ever used: a TOC in the manner of CRFS.
const MANIFEST_TYPE: u64 = 1;

/// How the fields of a footer are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Layout {
    /// 40 bytes: no tar-split.
    V40,
    /// 56 bytes: a v40 footer and 16 zero bytes.
    V56,
    /// 64 bytes: TOC and tar-split.
    V64,
}

impl Layout {
    /// Every layout, the smallest first.
    pub const ALL: &'static [Self] = &[Self::V40, Self::V56, Self::V64];

    /// Length of the payload in bytes.
    pub const fn payload_length(self) -> u32 {
        match self {
            Self::V40 => 40,
            Self::V56 => 56,
            Self::V64 => 64,
        }
    }

    /// Offset of the magic in the payload, in bytes.
    pub const fn magic_offset(self) -> u32 {
        match self {
            Self::V40 | Self::V56 => 32,
            Self::V64 => 56,
        }
    }

    /// The eight bytes of the magic, which are spelled in two ways.
    pub const fn magic(self) -> [u8; 8] {
        match self {
            Self::V40 | Self::V56 => *b"GnUlInUx",
            Self::V64 => *b"GNUlInUx",
        }
    }

    /// Whether it has fields for the position of a tar-split.
    pub(crate) const fn names_tar_split(self) -> bool {
        matches!(self, Self::V64)
    }

    /// Whether layers with this footer have a tar-split that it does not name, between the TOC and the footer.
    pub(crate) fn hides_tar_split(self) -> bool {
        !self.names_tar_split()
            && Dialect::ALL
                .iter()
                .map(|dialect| dialect.facts())
                .any(|facts| facts.footer == self && facts.tar_split.is_some())
    }

    /// The name, as the documents use it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V40 => "v40",
            Self::V56 => "v56",
            Self::V64 => "v64",
        }
    }
}

/// A footer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Footer {
    /// How its fields are laid out.
    pub layout: Layout,
    /// Where the TOC is.
    pub toc: Position,
    /// Where the tar-split is, if the footer names one.
    pub tar_split: Option<Position>,
}

impl Footer {
    /// The footer as a skippable frame, as its writers write it.
    ///
    /// ```
    /// use chunkproof::format::{Extent, Findings, Position, footer::{Footer, Layout}};
    ///
    /// let footer = Footer {
    ///     layout: Layout::V40,
    ///     toc: Position { extent: Extent::new(8, 20).unwrap(), uncompressed: 30 },
    ///     tar_split: None,
    /// };
    /// let frame = footer.to_frame();
    /// assert_eq!(frame.len(), 48);
    /// assert_eq!(parse_at_28(&frame), Some(footer));
    ///
    /// fn parse_at_28(tail: &[u8]) -> Option<Footer> {
    ///     chunkproof::format::footer::parse(tail, 28 + 48, &mut Findings::new())
    /// }
    /// ```
    pub fn to_frame(&self) -> Vec<u8> {
        let mut frame = Vec::with_capacity(72);
        frame.extend(SKIPPABLE_MAGIC);
        frame.extend(self.layout.payload_length().to_le_bytes());
        push_position(&mut frame, self.toc);
        frame.extend(MANIFEST_TYPE.to_le_bytes());
        match self.layout {
            Layout::V40 => frame.extend(self.layout.magic()),
            Layout::V56 => {
                frame.extend(self.layout.magic());
                frame.extend([0; 16]);
            }
            Layout::V64 => {
                match self.tar_split {
                    Some(position) => push_position(&mut frame, position),
                    None => frame.extend([0; 24]),
                }
                frame.extend(self.layout.magic());
            }
        }
        frame
    }

    fn check_adjacent(&self, frame_start: u64, findings: &mut Findings) {
        let mut last = self.toc;
        if let Some(position) = self.tar_split {
            let expected = self.toc.extent.end().saturating_add(SKIPPABLE_HEADER);
            if position.extent.offset() != expected {
                findings.report(
                    Rule::FooterAdjacent,
                    Place::Byte(Region::Footer, 32),
                    format!(
                        "the tar-split begins at {}, expected {expected}, 8 bytes after the end of the TOC",
                        position.extent.offset()
                    ),
                );
            }
            last = position;
        }
        // The length of a tar-split that is not named is not known either.
        if !self.layout.hides_tar_split() && last.extent.end() != frame_start {
            findings.report(
                Rule::FooterAdjacent,
                Place::Byte(Region::Footer, 0),
                format!(
                    "the {} ends at {}, expected {frame_start}, where the footer frame begins",
                    if self.tar_split.is_some() { "tar-split" } else { "TOC" },
                    last.extent.end()
                ),
            );
        }
    }
}

fn push_position(frame: &mut Vec<u8>, position: Position) {
    for number in [
        position.extent.offset(),
        position.extent.length(),
        position.uncompressed,
    ] {
        frame.extend(number.to_le_bytes());
    }
}

/// Reads the footer of a blob of `blob_size` bytes from its last bytes.
///
/// `tail` is the last [`TAIL`] bytes of the blob, or all of a smaller one; of a longer slice only the end is read.
/// Rules: FTR-01 to FTR-08; FTR-09 is a choice, and this reader reads the 56-byte layout.
pub fn parse(tail: &[u8], blob_size: u64, findings: &mut Findings) -> Option<Footer> {
    let (layout, payload) = find(tail, blob_size, findings)?;
    let frame_start = blob_size
        .saturating_sub(u64::from(layout.payload_length()))
        .saturating_sub(SKIPPABLE_HEADER);
    let toc_fields = Fields::read(payload, 0)?;
    let manifest_type = number(payload, 24)?;
    let tar_split_fields = Fields::of_tar_split(payload, layout);

    if manifest_type != MANIFEST_TYPE {
        findings.report(
            Rule::FooterType,
            Place::Byte(Region::Footer, 24),
            format!("the manifest type is {manifest_type}, expected 1"),
        );
    }
    let toc = toc_fields.position("TOC", 0, frame_start, findings);
    let tar_split = tar_split_fields.map(|fields| fields.position("tar-split", 32, frame_start, findings));
    let footer = match (toc, tar_split) {
        (Some(toc), None) => Some(Footer {
            layout,
            toc,
            tar_split: None,
        }),
        (Some(toc), Some(Some(tar_split))) => Some(Footer {
            layout,
            toc,
            tar_split: Some(tar_split),
        }),
        _ => None,
    };
    if let Some(footer) = footer {
        footer.check_adjacent(frame_start, findings);
    }
    check_lengths(toc_fields, tar_split_fields, findings);
    if layout == Layout::V56 && payload.get(40..).is_none_or(|rest| rest.iter().any(|&byte| byte != 0)) {
        findings.report(
            Rule::FooterReserved,
            Place::Byte(Region::Footer, 40),
            "the last 16 bytes of a footer of 56 bytes are reserved, expected zeros",
        );
    }
    footer
}

fn check_lengths(toc: Fields, tar_split: Option<Fields>, findings: &mut Findings) {
    if toc.length == 0 || toc.uncompressed == 0 {
        findings.report(
            Rule::FooterTocLength,
            Place::Byte(Region::Footer, 8),
            match (toc.length, toc.uncompressed) {
                (0, 0) => "the lengths of the TOC are 0 bytes, expected at least 1".to_owned(),
                (0, _) => "the compressed length of the TOC is 0 bytes, expected at least 1".to_owned(),
                _ => "the uncompressed length of the TOC is 0 bytes, expected at least 1".to_owned(),
            },
        );
    }
    if let Some(tar_split) = tar_split
        && tar_split.length == 0
        && tar_split.uncompressed != 0
    {
        findings.report(
            Rule::FooterTarSplitLength,
            Place::Byte(Region::Footer, 40),
            format!(
                "the uncompressed length of a tar-split of 0 bytes is {}, expected 0",
                tar_split.uncompressed
            ),
        );
    }
}

/// The layout whose frame is the last one of the blob, and its payload.
fn find<'a>(tail: &'a [u8], blob_size: u64, findings: &mut Findings) -> Option<(Layout, &'a [u8])> {
    let mut framed = None;
    for &layout in Layout::ALL {
        let Some(payload) = framed_payload(tail, blob_size, layout) else {
            continue;
        };
        if magic_of(payload, layout) == Some(layout.magic()) {
            return Some((layout, payload));
        }
        framed = framed.or(Some((layout, payload)));
    }
    let Some((layout, payload)) = framed else {
        findings.report(
            Rule::FooterFrame,
            Place::Byte(Region::Blob, blob_size),
            describe_missing(tail, blob_size),
        );
        return None;
    };
    findings.report(
        Rule::FooterMagic,
        Place::Byte(Region::Footer, u64::from(layout.magic_offset())),
        format!(
            "wrong magic in a footer of {} bytes: found `{}`, expected `{}`",
            layout.payload_length(),
            magic_of(payload, layout).unwrap_or_default().escape_ascii(),
            layout.magic().escape_ascii()
        ),
    );
    Some((layout, payload))
}

/// The payload of the tail's last frame, if that frame has the header of this layout.
fn framed_payload(tail: &[u8], blob_size: u64, layout: Layout) -> Option<&[u8]> {
    let length = usize::try_from(layout.payload_length()).ok()?;
    if u64::from(layout.payload_length()).checked_add(SKIPPABLE_HEADER)? > blob_size {
        return None;
    }
    let (rest, payload) = tail.split_at_checked(tail.len().checked_sub(length)?)?;
    let header = rest.last_chunk::<8>()?;
    let (magic, declared) = header.split_first_chunk::<4>()?;
    (*magic == SKIPPABLE_MAGIC && declared == layout.payload_length().to_le_bytes()).then_some(payload)
}

fn magic_of(payload: &[u8], layout: Layout) -> Option<[u8; 8]> {
    let offset = usize::try_from(layout.magic_offset()).ok()?;
    payload.get(offset..)?.first_chunk().copied()
}

fn describe_missing(tail: &[u8], blob_size: u64) -> String {
    if blob_size < 48 {
        return format!(
            "no footer: the blob has {}, expected at least 48 for the frame of a footer",
            Bytes(blob_size)
        );
    }
    for &layout in Layout::ALL {
        let Some((rest, payload)) = usize::try_from(layout.payload_length())
            .ok()
            .and_then(|length| tail.split_at_checked(tail.len().checked_sub(length)?))
        else {
            continue;
        };
        // The other layouts have the magic at another distance from the end.
        if magic_of(payload, layout) == Some(layout.magic())
            && let Some(header) = rest.last_chunk::<8>()
        {
            let header = u64::from_le_bytes(*header);
            return format!(
                "no skippable frame header before the footer: found magic 0x{:08x}, length {}; expected 0x184d2a50, {}",
                header & 0xffff_ffff,
                header >> 32,
                layout.payload_length()
            );
        }
    }
    let has_magic = |magic: [u8; 8]| tail.windows(8).any(|window| window == magic);
    if has_magic(Layout::V40.magic()) || has_magic(Layout::V64.magic()) {
        "the blob does not end with a footer, although its last 72 bytes contain the magic of one".to_owned()
    } else {
        "no footer: the blob does not end with a skippable frame of 40, 56 or 64 bytes".to_owned()
    }
}

/// What the last frame of a blob says as a footer, whether it can be right or not: offset and length of TOC and tar-split.
pub(super) struct Claimed {
    pub(super) layout: Layout,
    pub(super) toc: (u64, u64),
    pub(super) tar_split: Option<(u64, u64)>,
}

/// Reads a footer without a verdict, for those who look for what is wrong with it.
pub(super) fn claimed(tail: &[u8]) -> Option<Claimed> {
    let (layout, payload) = find(tail, u64::MAX, &mut Findings::new())?;
    let pair = |fields: Fields| (fields.offset, fields.length);
    Some(Claimed {
        layout,
        toc: pair(Fields::read(payload, 0)?),
        tar_split: Fields::of_tar_split(payload, layout).map(pair),
    })
}

/// Three numbers of a footer, before they are known to make sense.
#[derive(Clone, Copy)]
struct Fields {
    offset: u64,
    length: u64,
    uncompressed: u64,
}

impl Fields {
    /// Those of the tar-split, in a layout that has them; none if they are zero.
    fn of_tar_split(payload: &[u8], layout: Layout) -> Option<Self> {
        Self::read(payload, 32).filter(|fields| layout.names_tar_split() && !fields.is_absent())
    }

    fn read(payload: &[u8], at: usize) -> Option<Self> {
        Some(Self {
            offset: number(payload, at)?,
            length: number(payload, at.checked_add(8)?)?,
            uncompressed: number(payload, at.checked_add(16)?)?,
        })
    }

    const fn is_absent(self) -> bool {
        self.offset == 0 && self.length == 0 && self.uncompressed == 0
    }

    fn position(self, what: &str, at: u64, frame_start: u64, findings: &mut Findings) -> Option<Position> {
        if let Some(extent) = Extent::new(self.offset, self.length)
            && extent.offset() >= SKIPPABLE_HEADER
            && extent.end() <= frame_start
        {
            return Some(Position {
                extent,
                uncompressed: self.uncompressed,
            });
        }
        findings.report(
            Rule::FooterBounds,
            Place::Byte(Region::Footer, at),
            format!(
                "the {what} of {} bytes at byte {} is out of bounds, expected it between byte 8 and the footer frame at \
                 {frame_start}",
                self.length, self.offset
            ),
        );
        None
    }
}

fn number(payload: &[u8], at: usize) -> Option<u64> {
    payload.get(at..)?.first_chunk().map(|bytes| u64::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::{Extent, Findings, Footer, Layout, Position, Rule, parse};

    fn position(offset: u64, length: u64, uncompressed: u64) -> Position {
        Position {
            extent: Extent::new(offset, length).unwrap(),
            uncompressed,
        }
    }

    /// A blob of 1000 bytes before the footer frame, TOC of 100 bytes, tar-split of 50.
    fn sample(layout: Layout) -> (Footer, u64) {
        let tar_split = (layout == Layout::V64).then(|| position(950, 50, 70));
        let toc = match layout {
            Layout::V40 => position(900, 100, 200),
            Layout::V56 | Layout::V64 => position(842, 100, 200),
        };
        let size = 1008 + u64::from(layout.payload_length());
        (Footer { layout, toc, tar_split }, size)
    }

    fn rules(tail: &[u8], size: u64) -> Vec<Rule> {
        let mut findings = Findings::new();
        parse(tail, size, &mut findings);
        findings.list().iter().map(|finding| finding.rule).collect()
    }

    #[test]
    fn what_is_written_is_read() {
        for &layout in Layout::ALL {
            let (footer, size) = sample(layout);
            let mut findings = Findings::new();
            assert_eq!(parse(&footer.to_frame(), size, &mut findings), Some(footer));
            assert!(findings.is_empty(), "{findings:?}");
        }
    }

    #[test]
    fn each_field_is_checked() {
        // Offsets in the frame: the payload starts at 8.
        let cases: &[(Layout, usize, u64, &[Rule])] = &[
            (Layout::V64, 8, 850, &[Rule::FooterAdjacent]),
            (Layout::V64, 8, 7, &[Rule::FooterBounds]),
            (Layout::V64, 16, u64::MAX, &[Rule::FooterBounds]),
            (Layout::V64, 24, 0, &[Rule::FooterTocLength]),
            (Layout::V64, 32, 0, &[Rule::FooterType]),
            (Layout::V64, 40, 942, &[Rule::FooterAdjacent]),
            (Layout::V64, 40, 0, &[Rule::FooterBounds]),
            (Layout::V64, 56, 0, &[]),
            (Layout::V64, 48, 0, &[Rule::FooterAdjacent, Rule::FooterTarSplitLength]),
            (Layout::V64, 64, u64::from_le_bytes(*b"GnUlInUx"), &[Rule::FooterMagic]),
            (Layout::V40, 8, 892, &[Rule::FooterAdjacent]),
            (Layout::V40, 40, u64::from_le_bytes(*b"GNUlInUx"), &[Rule::FooterMagic]),
            (Layout::V56, 8, 800, &[]),
            (Layout::V56, 48, 1, &[Rule::FooterReserved]),
            (Layout::V56, 0, 0, &[Rule::FooterFrame]),
        ];
        for &(layout, at, value, expected) in cases {
            let (footer, size) = sample(layout);
            let mut frame = footer.to_frame();
            frame[at..at + 8].copy_from_slice(&value.to_le_bytes());
            let found = rules(&frame, size);
            assert!(
                found.iter().all(|rule| expected.contains(rule)),
                "{layout:?} {at} {value}: {found:?}"
            );
            assert_eq!(found.is_empty(), expected.is_empty(), "{layout:?} {at} {value}");
        }
    }

    #[test]
    fn a_payload_that_ends_like_another_footer_does_not_confuse() {
        let (footer, size) = sample(Layout::V40);
        let mut tail = b"\x50\x2a\x4d\x18\x40\0\0\0aaaaaaaaaaaaaaaa".to_vec();
        tail.extend(footer.to_frame());
        assert_eq!(tail.len(), 72);
        assert_eq!(rules(&tail, size), []);
    }

    #[test]
    fn truncation_and_flipped_bits_never_panic_and_never_pass_silently() {
        for &layout in Layout::ALL {
            let (footer, size) = sample(layout);
            let frame = footer.to_frame();
            for length in 0..frame.len() {
                assert!(!rules(&frame[..length], size).is_empty(), "{layout:?} cut to {length}");
                assert!(
                    !rules(&frame[length + 1..], size).is_empty(),
                    "{layout:?} from {length}"
                );
            }
            for bit in 0..frame.len() * 8 {
                let mut flipped = frame.clone();
                flipped[bit / 8] ^= 1 << (bit % 8);
                let mut findings = Findings::new();
                let read = parse(&flipped, size, &mut findings);
                assert!(!findings.is_empty() || read != Some(footer), "{layout:?} bit {bit}");
            }
        }
    }
}
