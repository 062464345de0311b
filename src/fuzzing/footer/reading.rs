//! Footers read a second time, in arithmetic that cannot overflow.

use crate::format::{
    Extent, Position,
    footer::{Footer, Layout},
};

/// The rules of the footer read naively, in arithmetic that cannot overflow.
pub(in crate::fuzzing) fn read(tail: &[u8], blob_size: u64) -> Option<Footer> {
    [(Layout::V40, 40), (Layout::V56, 56), (Layout::V64, 64)]
        .into_iter()
        .find_map(|(layout, length)| naive_layout(layout, length, tail, blob_size))
}

fn naive_layout(layout: Layout, length: u64, tail: &[u8], blob_size: u64) -> Option<Footer> {
    let payload = tail.get(tail.len().checked_sub(usize::try_from(length).ok()?)?..)?;
    let before = tail.strip_suffix(payload)?;
    let word = |index: usize| -> Option<u128> {
        let bytes = payload.chunks_exact(8).nth(index)?;
        Some(u64::from_le_bytes(bytes.try_into().ok()?).into())
    };
    let header = [0x50, 0x2a, 0x4d, 0x18, u8::try_from(length).ok()?, 0, 0, 0];
    let start = u128::from(blob_size).checked_sub(u128::from(length))?.checked_sub(8)?;
    let (magic, spelling) = match layout {
        Layout::V40 | Layout::V56 => (word(4)?, b"GnUlInUx"),
        Layout::V64 => (word(7)?, b"GNUlInUx"),
    };
    let holds = before.ends_with(&header)
        && magic == u128::from(u64::from_le_bytes(*spelling))
        && word(3)? == 1
        && (layout != Layout::V56 || (word(5)? == 0 && word(6)? == 0));
    let (offset, end) = (word(0)?, word(0)?.checked_add(word(1)?)?);
    let toc_holds = offset >= 8 && word(1)? > 0 && word(2)? > 0 && end <= start;
    let split = match layout {
        Layout::V64 if (word(4)?, word(5)?, word(6)?) != (0, 0, 0) => Some((word(4)?, word(5)?, word(6)?)),
        _ => None,
    };
    let split_holds = split.is_none_or(|(at, len, long)| at == end + 8 && at + len == start && (len > 0 || long == 0));
    let ends_at_footer = split.is_some() || layout == Layout::V56 || end == start;
    if !(holds && toc_holds && split_holds && ends_at_footer) {
        return None;
    }
    let position = |offset: u128, length: u128, uncompressed: u128| {
        Some(Position {
            extent: Extent::new(u64::try_from(offset).ok()?, u64::try_from(length).ok()?)?,
            uncompressed: u64::try_from(uncompressed).ok()?,
        })
    };
    Some(Footer {
        layout,
        toc: position(offset, word(1)?, word(2)?)?,
        tar_split: match split {
            Some((at, len, long)) => Some(position(at, len, long)?),
            None => None,
        },
    })
}
