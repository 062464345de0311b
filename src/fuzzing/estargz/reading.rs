//! Footers of eStargz read a second time.

use crate::format::estargz::{Footer, Layout};

/// The footer read naively, and whether it is written as it has to be: digits in upper case are understood, and wrong.
pub(super) fn read(tail: &[u8], size: u64) -> Option<(Footer, bool)> {
    let end = tail.strip_suffix(b"\x01\0\0\xff\xff\0\0\0\0\0\0\0\0")?;
    let (header, tails) = (b"\x1f\x8b\x08\x04\0\0\0\0\0\xff", b"\x15\0SG\x11\0STARGZEXTERNALTOC");
    if end.ends_with(&[header.as_slice(), tails].concat()) {
        let footer = Footer {
            layout: Layout::External,
            toc: None,
        };
        return Some((footer, true));
    }
    let (before, digits) = end.strip_suffix(b"STARGZ")?.split_last_chunk::<16>()?;
    let layout = if before.ends_with(&[header.as_slice(), b"\x1a\0SG\x16\0"].concat()) {
        Layout::EStargz
    } else if before.ends_with(&[header.as_slice(), b"\x16\0"].concat()) {
        Layout::Legacy
    } else {
        return None;
    };
    let mut offset = 0_u128;
    for digit in digits {
        let digit = digit.to_ascii_lowercase();
        let value = b"0123456789abcdef".iter().position(|letter| *letter == digit)?;
        offset = offset * 16 + u128::try_from(value).ok()?;
    }
    let length = if layout == Layout::EStargz { 51 } else { 47 };
    let fits = offset + length < u128::from(size) && offset < 1 << 63;
    let footer = Footer {
        layout,
        toc: Some(u64::try_from(offset).ok()?),
    };
    fits.then_some((footer, !digits.iter().any(u8::is_ascii_uppercase)))
}
