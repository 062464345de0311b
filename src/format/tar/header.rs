//! One header block.
//!
//! A header is a block of 512 bytes of fixed fields. Its first 257 bytes are those of Unix V7; what follows depends on
//! the magic at 257:
//!
//! - `ustar\0`: POSIX ustar, the base of PAX: owner names, device numbers, and a prefix of 155 bytes for the name;
//! - the same with `tar\0` in the last four bytes: star: a prefix of 131 bytes, access and change time;
//! - `ustar  \0`: GNU: access and change time where ustar has the prefix;
//! - anything else: V7.
//!
//! Strings end at the first NUL or fill their field. Numbers are octal digits between spaces and NULs (nothing at all is
//! 0), or, with the first bit set, two's complement of base 256. The checksum is the sum of all bytes with its own field
//! taken as spaces; sums of signed bytes, as SunOS wrote them, are accepted too.

use std::fmt;

use super::{BLOCK, Entry, Kind, Point, type_name};
use crate::{
    format::{ByteExcerpt, Findings, Part, Place, Region, Unread, time::Timestamp},
    rules::Rule,
};

/// A field of a header block: its name in findings, its first byte, its length.
type Field = (&'static str, usize, usize);

const NAME: Field = ("name", 0, 100);
const MODE: Field = ("mode", 100, 8);
const UID: Field = ("uid", 108, 8);
const GID: Field = ("gid", 116, 8);
const SIZE: Field = ("size", 124, 12);
const MODTIME: Field = ("mtime", 136, 12);
const CHECKSUM: Field = ("checksum", 148, 8);
const TYPEFLAG: Field = ("typeflag", 156, 1);
const LINK_NAME: Field = ("linkname", 157, 100);
const MAGIC: Field = ("magic", 257, 6);
const VERSION: Field = ("version", 263, 2);
const USER_NAME: Field = ("uname", 265, 32);
const GROUP_NAME: Field = ("gname", 297, 32);
const DEV_MAJOR: Field = ("devmajor", 329, 8);
const DEV_MINOR: Field = ("devminor", 337, 8);
const USTAR_PREFIX: Field = ("prefix", 345, 155);
const STAR_PREFIX: Field = ("prefix", 345, 131);
const STAR_ACCESSTIME: Field = ("atime", 476, 12);
const STAR_CHANGETIME: Field = ("ctime", 488, 12);
const STAR_TRAILER: Field = ("trailer", 508, 4);
const GNU_ACCESSTIME: Field = ("atime", 345, 12);
const GNU_CHANGETIME: Field = ("ctime", 357, 12);

/// What a header block alone says.
#[derive(Debug)]
pub(super) struct Header {
    /// The fields, before extension records. `size` and `content` are not set yet.
    pub(super) entry: Entry,
    /// The size field, which may be negative.
    pub(super) size: i64,
}

/// An entry whose header gives a size, though its type has no content.
#[derive(Debug)]
pub(super) struct Bodiless {
    kind: &'static str,
    name: String,
    size: u64,
}

impl Bodiless {
    pub(super) fn new(entry: &Entry) -> Self {
        Self {
            kind: type_name(entry.typeflag).unwrap_or("entry"),
            name: ByteExcerpt(&entry.name).to_string(),
            size: entry.size,
        }
    }
}

/// Why there is no header after it. pax and cpio can write content after a hard link; GNU tar and Go read none there.
impl fmt::Display for Bodiless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, name, size } = self;
        write!(
            f,
            "content after the {kind} {name}, whose header gives a size of {size} bytes: expected a header, since a {kind} \
             has no content"
        )
    }
}

/// Reads a header block that starts at `offset` of the tar and is not all zeros.
///
/// None after a finding that leaves the rest of the archive without meaning: a wrong checksum, or a size that cannot be
/// read. Any other number that cannot be read is reported (TAR-01) and counts as 0.
/// A wrong checksum after an entry that is `bodiless` has that for its cause.
pub(super) fn parse(
    block: &[u8; BLOCK],
    offset: u64,
    bodiless: Option<&Bodiless>,
    findings: &mut Findings,
) -> Option<Header> {
    if let Err(detail) = verify_checksum(block) {
        let detail = bodiless.map_or(detail, Bodiless::to_string);
        findings.report(Rule::TarHeader, Place::Byte(Region::Tar, offset), detail);
        return None;
    }
    let mut numbers = Numbers {
        block,
        offset,
        findings,
        unread: Unread::default(),
    };
    let size = numbers.required(SIZE)?;
    let mut entry = Entry {
        typeflag: bytes(block, TYPEFLAG).first().copied().unwrap_or_default(),
        name: string(block, NAME).to_vec(),
        link_name: string(block, LINK_NAME).to_vec(),
        mode: numbers.read(MODE, Part::Mode),
        uid: numbers.read(UID, Part::Uid),
        gid: numbers.read(GID, Part::Gid),
        modtime: numbers.time(MODTIME, Part::ModTime),
        offset,
        ..Entry::default()
    };
    if let Some(format) = Format::of(block) {
        entry.user_name = string(block, USER_NAME).to_vec();
        entry.group_name = string(block, GROUP_NAME).to_vec();
        entry.dev_major = numbers.read(DEV_MAJOR, Part::DevMajor);
        entry.dev_minor = numbers.read(DEV_MINOR, Part::DevMinor);
        let prefix = read_past_345(block, format, &mut entry, &mut numbers);
        if !prefix.is_empty() {
            entry.name = [prefix, b"/", &entry.name].concat();
        }
    }
    entry.unread = numbers.unread;
    if has_rest(bytes(block, CHECKSUM)) {
        Point::ChecksumRest.add_to(&mut entry.points);
    }
    Some(Header { entry, size })
}

/// Whether a reader takes the block for a header: its checksum is right.
pub(super) fn is_header(block: &[u8; BLOCK]) -> bool {
    !is_zero(block) && verify_checksum(block).is_ok()
}

/// Whether the block ends the archive (twice in a row) rather than being a header.
pub(super) fn is_zero(block: &[u8; BLOCK]) -> bool {
    block.iter().all(|&byte| byte == 0)
}

/// The layouts past V7.
#[derive(Clone, Copy)]
enum Format {
    Ustar,
    Star,
    Gnu,
}

impl Format {
    /// The layout of the block; none for V7.
    fn of(block: &[u8; BLOCK]) -> Option<Self> {
        match (bytes(block, MAGIC), bytes(block, VERSION)) {
            (b"ustar\0", _) if bytes(block, STAR_TRAILER) == b"tar\0" => Some(Self::Star),
            (b"ustar\0", _) => Some(Self::Ustar),
            (b"ustar ", b" \0") => Some(Self::Gnu),
            _ => None,
        }
    }
}

/// Reads what stands at 345, where the layouts differ, and returns the prefix of the name.
fn read_past_345<'a>(
    block: &'a [u8; BLOCK],
    format: Format,
    entry: &mut Entry,
    numbers: &mut Numbers<'_, '_>,
) -> &'a [u8] {
    match format {
        Format::Ustar => string(block, USTAR_PREFIX),
        Format::Star => {
            entry.accesstime = numbers.time(STAR_ACCESSTIME, Part::AccessTime);
            entry.changetime = numbers.time(STAR_CHANGETIME, Part::ChangeTime);
            let prefix = string(block, STAR_PREFIX);
            if prefix.len() == STAR_PREFIX.2 {
                Point::StarPrefix.add_to(&mut entry.points);
            }
            prefix
        }
        Format::Gnu => match (gnu_time(block, GNU_ACCESSTIME), gnu_time(block, GNU_CHANGETIME)) {
            (Ok(accesstime), Ok(changetime)) => {
                entry.accesstime = accesstime;
                entry.changetime = changetime;
                b""
            }
            // Go before 1.8 wrote a ustar prefix into GNU headers. Where the times make no sense but the prefix does,
            // readers in Go take it for one.
            _ => {
                let prefix = Some(string(block, USTAR_PREFIX)).filter(|prefix| prefix.is_ascii());
                if prefix.is_some_and(|prefix| !prefix.is_empty()) {
                    Point::GnuPrefix.add_to(&mut entry.points);
                }
                prefix.unwrap_or_default()
            }
        },
    }
}

/// A time of a GNU header, which is absent where its first byte is NUL.
fn gnu_time(block: &[u8; BLOCK], field: Field) -> Result<Option<Timestamp>, Unreadable> {
    let field = bytes(block, field);
    if field.first() == Some(&0) {
        return Ok(None);
    }
    Ok(Timestamp::from_unix(number(field)?, 0))
}

fn verify_checksum(block: &[u8; BLOCK]) -> Result<(), String> {
    let field = bytes(block, CHECKSUM);
    let found = octal(field).map_err(|_| {
        format!(
            "the checksum of the header is not a number: found {}, expected octal digits",
            ByteExcerpt(field)
        )
    })?;
    // The sum over the block with eight spaces for the checksum field. 512 bytes do not overflow it.
    let sum = |value: fn(u8) -> i32| {
        let of = |bytes: &[u8]| bytes.iter().fold(0_i32, |sum, &byte| sum.wrapping_add(value(byte)));
        let spaces = i64::from(b' ').saturating_mul(8);
        i64::from(of(block).wrapping_sub(of(field))).saturating_add(spaces)
    };
    let unsigned = sum(i32::from);
    if found == unsigned || found == sum(|byte| i32::from(byte.cast_signed())) {
        return Ok(());
    }
    Err(format!(
        "the checksum of the header does not match: found {found:o} (octal), expected {unsigned:o}"
    ))
}

/// Reads the numbers of a block, reporting those that cannot be read.
struct Numbers<'a, 'f> {
    block: &'a [u8; BLOCK],
    offset: u64,
    findings: &'f mut Findings,
    unread: Unread,
}

impl Numbers<'_, '_> {
    fn required(&mut self, field: Field) -> Option<i64> {
        let value = number(bytes(self.block, field));
        if value.is_err() {
            let (name, start, _) = field;
            let at = u64::try_from(start).unwrap_or_default().saturating_add(self.offset);
            self.findings.report(
                Rule::TarHeader,
                Place::Byte(Region::Tar, at),
                format!(
                    "the header field {name} is not a number: found {}, expected octal digits or base 256",
                    ByteExcerpt(bytes(self.block, field))
                ),
            );
        }
        value.ok()
    }

    fn read(&mut self, field: Field, part: Part) -> i64 {
        let number = self.required(field);
        if number.is_none() {
            self.unread.note(part);
        }
        number.unwrap_or_default()
    }

    fn time(&mut self, field: Field, part: Part) -> Option<Timestamp> {
        Timestamp::from_unix(self.read(field, part), 0)
    }
}

/// A number field holds something else.
struct Unreadable;

fn number(field: &[u8]) -> Result<i64, Unreadable> {
    match field {
        [first, rest @ ..] if first & 0x80 != 0 => base256(*first, rest),
        _ => octal(field),
    }
}

/// Two's complement whose sign is the second bit, the first one being the mark of the notation.
fn base256(first: u8, rest: &[u8]) -> Result<i64, Unreadable> {
    let inverted = if first & 0x40 == 0 { 0 } else { 0xff };
    let mut value = u64::from((first ^ inverted) & 0x7f);
    for byte in rest {
        if value >> 56 != 0 {
            return Err(Unreadable);
        }
        value = (value << 8) | u64::from(byte ^ inverted);
    }
    let value = i64::try_from(value).map_err(|_| Unreadable)?;
    Ok(if inverted == 0 { value } else { !value })
}

/// Whether more than blanks follows the NUL that ends the digits of a field.
fn has_rest(field: &[u8]) -> bool {
    let is_blank = |byte: &u8| matches!(byte, b' ' | 0);
    let digits = field.iter().skip_while(|byte| is_blank(byte));
    let mut rest = digits.skip_while(|&&byte| byte != 0);
    !rest.all(is_blank)
}

/// Octal digits, between any number of spaces and NULs; what follows a NUL inside is not read.
fn octal(field: &[u8]) -> Result<i64, Unreadable> {
    let blank = |byte: &u8| matches!(byte, b' ' | 0);
    let Some(start) = field.iter().position(|byte| !blank(byte)) else {
        return Ok(0);
    };
    let trimmed = field.get(start..).unwrap_or_default();
    let length = trimmed
        .iter()
        .rposition(|byte| !blank(byte))
        .map_or(0, |last| last.saturating_add(1));
    let digits = until_nul(trimmed.get(..length).unwrap_or_default());
    let mut value: i64 = 0;
    for byte in digits {
        let digit = match byte {
            b'0'..=b'7' => i64::from(byte & 7),
            _ => return Err(Unreadable),
        };
        value = value
            .checked_mul(8)
            .and_then(|value| value.checked_add(digit))
            .ok_or(Unreadable)?;
    }
    Ok(value)
}

fn bytes(block: &[u8; BLOCK], (_, start, length): Field) -> &[u8] {
    block
        .get(start..)
        .and_then(|from| from.get(..length))
        .unwrap_or_default()
}

fn string(block: &[u8; BLOCK], field: Field) -> &[u8] {
    until_nul(bytes(block, field))
}

/// The bytes before the first NUL.
pub(super) fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|&byte| byte == 0).next().unwrap_or_default()
}

impl Kind {
    /// The kind of header that a type flag stands for.
    pub(super) const fn of(typeflag: u8) -> Self {
        match typeflag {
            b'x' => Self::Pax,
            b'g' => Self::GlobalPax,
            b'L' => Self::LongName,
            b'K' => Self::LongLink,
            _ => Self::File,
        }
    }
}
