//! The footer: an empty gzip member at the end of the blob.
//!
//! | bytes | eStargz (51) | legacy (47) | external TOC (46) |
//! |---|---|---|---|
//! | header | `1f 8b 08 04 00 00 00 00 00 ff` | the same | the same |
//! | length of the extra field, LE16 | 26 | 22 | 21 |
//! | subfield id and length | `S` `G`, LE16 22 | | `S` `G`, LE16 17 |
//! | subfield | 16 hexadecimal digits, `STARGZ` | the same | `STARGZEXTERNALTOC` |
//! | empty block, CRC-32, length | `01 00 00 ff ff`, eight zeros | the same | the same |

use crate::{
    format::{Findings, Place, Region},
    rules::Rule,
};

/// Most bytes that a footer has; what a reader fetches from the end of the blob.
pub const TAIL: u64 = 51;

const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff];
const REST: [u8; 13] = [1, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0];
const MAGIC: &[u8] = b"STARGZ";
const EXTERNAL: &[u8] = b"STARGZEXTERNALTOC";

/// The layouts of a footer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Layout {
    /// 51 bytes.
    EStargz,
    /// 47 bytes, as the older stargz has it.
    Legacy,
    /// 46 bytes: the TOC is a blob of its own.
    External,
}

impl Layout {
    /// Every layout, the longest first.
    pub const ALL: [Self; 3] = [Self::EStargz, Self::Legacy, Self::External];

    /// Bytes of the whole member.
    pub const fn size(self) -> u64 {
        match self {
            Self::EStargz => 51,
            Self::Legacy => 47,
            Self::External => 46,
        }
    }

    /// The name, as outputs have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EStargz => "estargz",
            Self::Legacy => "legacy",
            Self::External => "external",
        }
    }

    /// What is between header and subfield: the lengths, and the subfield's id.
    const fn lead(self) -> &'static [u8] {
        match self {
            Self::EStargz => b"\x1a\0SG\x16\0",
            Self::Legacy => b"\x16\0",
            Self::External => b"\x15\0SG\x11\0",
        }
    }
}

/// A footer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Footer {
    /// Its layout.
    pub layout: Layout,
    /// Offset in the blob at which the TOC's member begins; none if the TOC is external.
    pub toc: Option<u64>,
}

/// Reads the footer from the end of a blob of `size` bytes. `tail` has the last [`TAIL`] bytes, or all of a smaller blob.
///
/// Rules: ESG-01 to ESG-03.
pub fn parse(tail: &[u8], size: u64, findings: &mut Findings) -> Option<Footer> {
    let Some((layout, footer)) = Layout::ALL
        .into_iter()
        .find_map(|layout| Some((layout, whole(tail, layout)?)))
    else {
        findings.report(
            Rule::EStargzFooter,
            Place::Byte(Region::Blob, size),
            "not an eStargz layer: no footer at the end of the blob, expected an empty gzip member of 51, 47 or 46 bytes with an extra field",
        );
        return None;
    };
    let subfield = footer
        .get(HEADER.len()..)
        .and_then(|rest| rest.strip_prefix(layout.lead()))
        .and_then(|rest| rest.strip_suffix(&REST));
    let Some(subfield) = subfield else {
        findings.report(
            Rule::EStargzSubfield,
            Place::Whole(Region::Footer),
            "malformed extra field in the footer, expected the subfield id `SG`, the length of the subfield, and the subfield",
        );
        return None;
    };
    if layout == Layout::External {
        if subfield != EXTERNAL {
            findings.report(
                Rule::EStargzSubfield,
                Place::Whole(Region::Footer),
                format!(
                    "wrong subfield in the footer: found `{}`, expected `STARGZEXTERNALTOC`",
                    subfield.escape_ascii()
                ),
            );
            return None;
        }
        return Some(Footer { layout, toc: None });
    }
    let number = subfield.strip_suffix(MAGIC).and_then(hexadecimal);
    let Some((offset, is_lower_case)) = number else {
        report_subfield(subfield, findings);
        return None;
    };
    if !is_lower_case {
        report_subfield(subfield, findings);
    }
    let end = size.saturating_sub(layout.size());
    if offset >= end {
        findings.report(
            Rule::EStargzBounds,
            Place::Whole(Region::Footer),
            format!("the offset of the TOC is {offset}, expected less than {end}, where the footer begins"),
        );
        return None;
    }
    Some(Footer {
        layout,
        toc: Some(offset),
    })
}

/// The end of the tail, if it is an empty gzip member of this layout's size whose extra field fills it.
fn whole(tail: &[u8], layout: Layout) -> Option<&[u8]> {
    let size = usize::try_from(layout.size()).ok()?;
    let footer = tail.get(tail.len().checked_sub(size)?..)?;
    let extra = size
        .checked_sub(HEADER.len())?
        .checked_sub(REST.len())?
        .checked_sub(2)?;
    let length = u16::try_from(extra).ok()?.to_le_bytes();
    let declared = footer.get(HEADER.len()..)?.starts_with(&length);
    let fits = footer.starts_with(&HEADER) && declared && footer.ends_with(&REST);
    fits.then_some(footer)
}

fn report_subfield(subfield: &[u8], findings: &mut Findings) {
    findings.report(
        Rule::EStargzSubfield,
        Place::Whole(Region::Footer),
        format!(
            "wrong subfield in the footer: found `{}`, expected 16 lower-case hexadecimal digits of a number below 2^63, and `STARGZ`",
            subfield.escape_ascii()
        ),
    );
}

/// 16 hexadecimal digits of a number below 2^63, and whether none is in upper case.
fn hexadecimal(digits: &[u8]) -> Option<(u64, bool)> {
    let plain = digits.len() == 16 && digits.iter().all(u8::is_ascii_hexdigit);
    let text = std::str::from_utf8(digits).ok().filter(|_| plain)?;
    let offset = u64::from_str_radix(text, 16).ok()?;
    let is_lower_case = !digits.iter().any(u8::is_ascii_uppercase);
    i64::try_from(offset).is_ok().then_some((offset, is_lower_case))
}
