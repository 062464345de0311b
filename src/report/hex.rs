//! Bytes for people: dumps, with the fields of a footer named, and marks where a case differs from its twin.

use super::style::{DIM, NOTICE, styled};
use crate::format::footer::{Layout, SKIPPABLE_MAGIC};

/// Most lines of a dump.
const LINES: usize = 24;

/// Bytes of a line.
const WIDTH: usize = 16;

/// Lines that show these bytes, and where they first differ from those of the twin.
pub(super) fn dump(bytes: &[u8], twin: Option<&[u8]>) -> Vec<String> {
    let difference = twin.and_then(|twin| first_difference(bytes, twin));
    let total = bytes.len().div_ceil(WIDTH);
    let marked = difference.map(|at| at / WIDTH);
    // The first difference is to be seen, with what comes before it.
    let start = marked
        .map_or(0, |line| line.saturating_sub(LINES / 2))
        .min(total.saturating_sub(LINES));
    let mut lines = Vec::new();
    if start > 0 {
        lines.push(styled(DIM, format!("  ... {} bytes", start * WIDTH)));
    }
    for (index, chunk) in bytes.chunks(WIDTH).enumerate().skip(start).take(LINES) {
        let line = format!("{:08x}  {:<49} |{}|", index * WIDTH, digits(chunk), letters(chunk));
        lines.push(marked_line(marked == Some(index), &line));
    }
    let rest = bytes.len().saturating_sub((start + LINES) * WIDTH);
    if rest > 0 {
        lines.push(styled(DIM, format!("  ... {rest} more bytes")));
    }
    if let (Some(at), Some(twin)) = (difference, twin) {
        lines.push(difference_line(at, bytes, twin));
    }
    lines
}

fn difference_line(at: usize, bytes: &[u8], twin: &[u8]) -> String {
    let at_byte = |bytes: &[u8]| match bytes.get(at) {
        Some(byte) => format!("{byte:02x}"),
        None => "the end".to_owned(),
    };
    styled(
        NOTICE,
        format!(
            "  first difference at {at:#x}: {}, in the twin {}",
            at_byte(bytes),
            at_byte(twin)
        ),
    )
}

fn first_difference(bytes: &[u8], twin: &[u8]) -> Option<usize> {
    let common = bytes.iter().zip(twin).take_while(|(a, b)| a == b).count();
    (bytes != twin).then_some(common)
}

fn marked_line(marked: bool, line: &str) -> String {
    if marked {
        styled(NOTICE, format!("> {line}"))
    } else {
        format!("  {line}")
    }
}

fn digits(bytes: &[u8]) -> String {
    bytes
        .chunks(8)
        .map(|half| {
            half.iter()
                .map(|byte| format!("{byte:02x}"))
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect::<Vec<_>>()
        .join("  ")
}

fn letters(bytes: &[u8]) -> String {
    let letter = |&byte: &u8| {
        if byte.is_ascii_graphic() || byte == b' ' {
            char::from(byte)
        } else {
            '.'
        }
    };
    bytes.iter().map(letter).collect()
}

/// Lines that show the fields of the footer at the end of a tail, each marked where it differs from that of the twin. A
/// tail in which no footer can be made out is dumped.
pub(super) fn footer(tail: &[u8], twin: Option<&[u8]>) -> Vec<String> {
    let Some((layout, start)) = find_footer(tail) else {
        return dump(tail, twin);
    };
    // Fields can be compared only where they are in the same places.
    let twin = twin.filter(|twin| twin.len() == tail.len());
    let mut lines = Vec::new();
    if start > 0 {
        let before = tail.get(..start) != twin.and_then(|twin| twin.get(..start)) && twin.is_some();
        lines.push(marked_line(
            before,
            &format!("{:04x}  {start} bytes before the footer frame", 0),
        ));
    }
    let mut at = start;
    for &(name, length) in fields(layout) {
        let Some(bytes) = tail.get(at..at + length) else {
            break;
        };
        let other = twin
            .and_then(|twin| twin.get(at..at + length))
            .filter(|other| *other != bytes);
        let mut line = format!("{at:04x}  {:<24} {name}{}", digits(bytes), value(name, bytes));
        if let Some(other) = other {
            line += &format!(", in the twin{}", value(name, other).trim_start_matches(':'));
        }
        lines.push(marked_line(other.is_some(), line.trim_end()));
        at += length;
    }
    lines
}

fn find_footer(tail: &[u8]) -> Option<(Layout, usize)> {
    Layout::ALL.iter().rev().find_map(|&layout| {
        let length = usize::try_from(layout.payload_length()).ok()?;
        let start = tail.len().checked_sub(length + 8)?;
        let header = [SKIPPABLE_MAGIC, layout.payload_length().to_le_bytes()].concat();
        tail.get(start..)?.starts_with(&header).then_some((layout, start))
    })
}

/// Names and lengths in bytes of the fields, the header of the frame first.
const fn fields(layout: Layout) -> &'static [(&'static str, usize)] {
    match layout {
        Layout::V40 => &[
            ("frame magic", 4),
            ("payload length", 4),
            ("TOC offset", 8),
            ("TOC length", 8),
            ("TOC uncompressed length", 8),
            ("manifest type", 8),
            ("magic", 8),
        ],
        Layout::V56 => &[
            ("frame magic", 4),
            ("payload length", 4),
            ("TOC offset", 8),
            ("TOC length", 8),
            ("TOC uncompressed length", 8),
            ("manifest type", 8),
            ("magic", 8),
            ("reserved", 8),
            ("reserved", 8),
        ],
        Layout::V64 => &[
            ("frame magic", 4),
            ("payload length", 4),
            ("TOC offset", 8),
            ("TOC length", 8),
            ("TOC uncompressed length", 8),
            ("manifest type", 8),
            ("tar-split offset", 8),
            ("tar-split length", 8),
            ("tar-split uncompressed length", 8),
            ("magic", 8),
        ],
    }
}

fn value(field: &str, bytes: &[u8]) -> String {
    if field == "magic" {
        return format!(": {}", letters(bytes));
    }
    if field == "frame magic" {
        return String::new();
    }
    let number = bytes
        .iter()
        .rev()
        .fold(0_u64, |number, &byte| (number << 8) | u64::from(byte));
    format!(": {number}")
}

#[cfg(test)]
mod tests {
    use super::{dump, first_difference, footer};

    fn plain(lines: &[String]) -> Vec<String> {
        lines
            .iter()
            .map(|line| anstream::adapter::strip_str(line).to_string())
            .collect()
    }

    #[test]
    fn the_first_difference_is_where_one_ends_or_differs() {
        for (a, b, at) in [
            (&b"abc"[..], &b"abc"[..], None),
            (b"abc", b"abd", Some(2)),
            (b"ab", b"abc", Some(2)),
            (b"", b"a", Some(0)),
        ] {
            assert_eq!(first_difference(a, b), at);
        }
    }

    #[test]
    fn dumps_are_short_and_show_the_difference() {
        let twin = vec![0; 4096];
        let mut bytes = twin.clone();
        bytes[2000] = 1;
        let lines = plain(&dump(&bytes, Some(&twin)));
        assert!(lines.len() <= 27, "{}", lines.len());
        assert_eq!(lines[0], "  ... 1808 bytes");
        assert!(
            lines.iter().any(|line| line.starts_with("> 000007d0  01 00")),
            "{lines:?}"
        );
        assert_eq!(
            lines[lines.len() - 1],
            "  first difference at 0x7d0: 01, in the twin 00"
        );
        assert_eq!(plain(&dump(b"ab", None)).len(), 1);
        assert!(dump(b"", None).is_empty());
    }

    #[test]
    fn footers_are_shown_by_their_fields() {
        let mut tail = vec![0, 0, 0, 0, 0x50, 0x2a, 0x4d, 0x18, 40, 0, 0, 0];
        for number in [8_u64, 20, 30, 1] {
            tail.extend(number.to_le_bytes());
        }
        let mut twin = tail.clone();
        tail.extend(b"GNUlInUx");
        twin.extend(b"GnUlInUx");
        let lines = plain(&footer(&tail, Some(&twin)));
        assert_eq!(lines[0], "  0000  4 bytes before the footer frame");
        assert_eq!(lines[1], "  0004  50 2a 4d 18              frame magic");
        assert_eq!(lines[3], "  000c  08 00 00 00 00 00 00 00  TOC offset: 8");
        assert_eq!(
            lines[7],
            "> 002c  47 4e 55 6c 49 6e 55 78  magic: GNUlInUx, in the twin GnUlInUx"
        );
        assert_eq!(footer(b"ab", None), dump(b"ab", None));
    }
}
