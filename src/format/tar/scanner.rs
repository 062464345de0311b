//! The scanner: a state machine over the blocks of a tar.

use super::{BLOCK, EXTENSION_LIMIT, EXTENSIONS_LIMIT, Entry, Event, Expecting, Extensions, Kind, Point, header, pax};
use crate::{
    format::{ByteExcerpt, Bytes, Findings, Part, Place, Region, length},
    rules::Rule,
};

/// Reads a tar that arrives in pieces of any size.
///
/// It keeps one block and the bodies of the extension headers that wait for their header, at most
/// [`EXTENSION_LIMIT`] bytes of each kind.
///
/// ```
/// use chunkproof::format::{Findings, tar::{Event, Scanner}};
///
/// let mut raw = 0;
/// let mut findings = Findings::new();
/// let mut scanner = Scanner::new();
/// scanner.push(&[0; 1024], &mut findings, &mut |event| {
///     if let Event::Raw(bytes) = event {
///         raw += bytes.len();
///     }
/// });
/// scanner.finish(&mut findings);
/// assert_eq!(raw, 1024);
/// assert!(findings.is_empty());
/// ```
#[derive(Debug)]
pub struct Scanner {
    state: State,
    /// Bytes of the tar that were taken.
    offset: u64,
    /// The start of the block that is being gathered.
    block: Vec<u8>,
    /// Whether the block before was all zeros.
    zeros: bool,
    pending: Pending,
    /// What tar readers differ about in the headers.
    extensions: Extensions,
    /// Whether the extension headers before some header came to more than [`EXTENSIONS_LIMIT`] bytes.
    long_extensions: bool,
    /// The entry before, if its header gives a size but its type has no content. Where no header follows, this is why.
    bodiless: Option<header::Bodiless>,
}

#[derive(Debug)]
enum State {
    Block,
    Extension {
        kind: Kind,
        header: Box<header::Header>,
        body: Vec<u8>,
        left: u64,
    },
    Content {
        left: u64,
        padding: u64,
    },
    Padding {
        left: u64,
    },
    Tail,
    Broken,
}

/// The extension headers that wait for their header.
#[derive(Debug, Default)]
pub(super) struct Pending {
    /// Where the first of them starts.
    start: Option<u64>,
    /// The records of the last PAX header.
    pub(super) records: pax::Records,
    /// The last GNU long name; an empty one counts as none.
    pub(super) long_name: Vec<u8>,
    /// The last GNU long link target; an empty one counts as none.
    pub(super) long_link: Vec<u8>,
}

type Sink<'s> = dyn FnMut(Event<'_>) + 's;

impl Default for Scanner {
    fn default() -> Self {
        Self::new()
    }
}

impl Scanner {
    /// A scanner at the start of a tar.
    pub fn new() -> Self {
        Self {
            state: State::Block,
            offset: 0,
            block: Vec::with_capacity(BLOCK),
            zeros: false,
            pending: Pending::default(),
            extensions: Extensions::default(),
            long_extensions: false,
            bodiless: None,
        }
    }

    /// Takes the next bytes of the tar, and returns whether more make sense.
    ///
    /// Once it is false, nothing more is read, and the rest of these bytes goes to no event.
    ///
    /// Reports TAR-01 to TAR-03, TAR-05 and TAR-06, and TAR-04 for an extension header that is followed by the end of the
    /// archive.
    pub fn push(&mut self, bytes: &[u8], findings: &mut Findings, sink: &mut Sink<'_>) -> bool {
        let mut rest = bytes;
        while !rest.is_empty() {
            let wanted = self.wanted().min(length(rest));
            let (taken, after) = rest
                .split_at_checked(usize::try_from(wanted).unwrap_or(usize::MAX))
                .unwrap_or((rest, &[]));
            if matches!(self.state, State::Broken) {
                return false;
            }
            self.offset = self.offset.saturating_add(length(taken));
            self.take(taken, findings, sink);
            rest = after;
        }
        !matches!(self.state, State::Broken)
    }

    /// Passes over what is left of the current content, as if it had been pushed, and returns its length in bytes.
    ///
    /// For content that is known to be elsewhere, as in a tar-split. There is no event.
    pub fn skip_content(&mut self) -> u64 {
        let State::Content { left, padding } = self.state else {
            return 0;
        };
        self.offset = self.offset.saturating_add(left);
        self.state = State::padding(padding);
        left
    }

    /// What comes next.
    pub fn expecting(&self) -> Expecting {
        match self.state {
            State::Block | State::Padding { .. } if self.is_inside_header() => Expecting::HeaderRest,
            State::Block => Expecting::Header,
            State::Extension { .. } => Expecting::HeaderRest,
            State::Content { left, .. } => Expecting::Content { left },
            State::Padding { left } => Expecting::Padding { left },
            State::Tail => Expecting::Tail,
            State::Broken => Expecting::Nothing,
        }
    }

    /// Whether the extension headers before some header came to more than [`EXTENSIONS_LIMIT`] bytes together.
    pub const fn has_long_extensions(&self) -> bool {
        self.long_extensions
    }

    /// Bytes of the tar that were taken or skipped.
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// Says that the tar ends here.
    ///
    /// Reports TAR-04.
    pub fn finish(&self, findings: &mut Findings) {
        let found = self.block.len();
        let detail = match &self.state {
            State::Block if self.zeros && found > 0 => {
                format!(
                    "the archive ends inside the second zero block: found {}, expected {BLOCK}",
                    Bytes::of(found)
                )
            }
            State::Block if found > 0 => {
                format!(
                    "the archive ends inside a header: found {}, expected {BLOCK}",
                    Bytes::of(found)
                )
            }
            State::Extension { left, .. } => {
                format!(
                    "the archive ends inside the body of an extension header: {} missing",
                    Bytes(*left)
                )
            }
            State::Content { left, .. } => {
                format!(
                    "the archive ends inside the content of a file: {} missing",
                    Bytes(*left)
                )
            }
            State::Block | State::Padding { .. } => match self.pending.start {
                Some(start) => dangling(start),
                None => return,
            },
            State::Tail | State::Broken => return,
        };
        findings.report(Rule::TarTruncated, Place::Byte(Region::Tar, self.offset), detail);
    }

    fn is_inside_header(&self) -> bool {
        !self.block.is_empty() || self.pending.start.is_some()
    }

    /// Most bytes that the current state can take in one step.
    fn wanted(&self) -> u64 {
        match self.state {
            State::Block => u64::try_from(BLOCK.saturating_sub(self.block.len())).unwrap_or_default(),
            State::Extension { left, .. } | State::Content { left, .. } | State::Padding { left } => left,
            State::Tail | State::Broken => u64::MAX,
        }
    }

    /// Takes bytes that are at least one and no more than [`Self::wanted`].
    fn take(&mut self, bytes: &[u8], findings: &mut Findings, sink: &mut Sink<'_>) {
        match &mut self.state {
            State::Block => {
                sink(Event::Raw(bytes));
                self.block.extend_from_slice(bytes);
                if let Ok(block) = <[u8; BLOCK]>::try_from(self.block.as_slice()) {
                    self.block.clear();
                    self.end_block(&block, findings, sink);
                }
            }
            State::Extension { left, body, .. } => {
                sink(Event::Raw(bytes));
                body.extend_from_slice(bytes);
                *left = left.saturating_sub(length(bytes));
                if *left == 0 {
                    self.end_extension(findings, sink);
                }
            }
            State::Content { left, padding } => {
                sink(Event::Content(bytes));
                *left = left.saturating_sub(length(bytes));
                if *left == 0 {
                    self.state = State::padding(*padding);
                    sink(Event::ContentEnd);
                }
            }
            State::Padding { left } => {
                sink(Event::Raw(bytes));
                *left = left.saturating_sub(length(bytes));
                if *left == 0 {
                    self.state = State::Block;
                }
            }
            State::Tail => sink(Event::Raw(bytes)),
            State::Broken => {}
        }
    }

    fn end_block(&mut self, block: &[u8; BLOCK], findings: &mut Findings, sink: &mut Sink<'_>) {
        let start = self.offset.saturating_sub(BLOCK_BYTES);
        if header::is_zero(block) {
            if let Some(extension) = std::mem::take(&mut self.pending).start {
                report(Rule::TarTruncated, start, &dangling(extension), findings);
            }
            if self.zeros {
                self.state = State::Tail;
                sink(Event::ArchiveEnd);
            }
            self.zeros = true;
            return;
        }
        let bodiless = self.bodiless.take();
        if self.zeros {
            let detail = bodiless.map_or_else(
                || "only one zero block before this header, expected two, which end the archive, or none".to_owned(),
                |bodiless| bodiless.to_string(),
            );
            return self.fail(Rule::TarHeader, start, &detail, findings);
        }
        let Some(header) = header::parse(block, start, bodiless.as_ref(), findings) else {
            self.state = State::Broken;
            return;
        };
        self.pending.start.get_or_insert(start);
        match Kind::of(header.entry.typeflag) {
            Kind::File => self.end_header(header, findings, sink),
            kind => self.begin_extension(kind, header, findings, sink),
        }
    }

    fn begin_extension(&mut self, kind: Kind, header: header::Header, findings: &mut Findings, sink: &mut Sink<'_>) {
        let start = header.entry.offset;
        let Ok(left) = u64::try_from(header.size) else {
            return self.fail(Rule::TarHeader, start, &negative(header.size), findings);
        };
        if left > EXTENSION_LIMIT {
            let detail =
                format!("the extension header is too large: found {left} bytes, expected at most {EXTENSION_LIMIT}");
            return self.fail(Rule::TarExtensionLimit, start, &detail, findings);
        }
        let first = self.pending.start.unwrap_or(start);
        let together = start
            .saturating_sub(first)
            .saturating_add(BLOCK_BYTES)
            .saturating_add(left)
            .saturating_add(padding(left));
        if together > EXTENSIONS_LIMIT {
            let detail = format!(
                "the extension headers before one header are too large together: found {together} bytes, expected at most \
                 {EXTENSIONS_LIMIT}"
            );
            // The scanner itself keeps no more for that. Who keeps the raw bytes stops.
            if !std::mem::replace(&mut self.long_extensions, true) {
                report(Rule::TarExtensionChain, start, &detail, findings);
            }
        }
        self.extensions.header(&header.entry);
        self.state = State::Extension {
            kind,
            header: Box::new(header),
            body: Vec::new(),
            left,
        };
        if left == 0 {
            self.end_extension(findings, sink);
        }
    }

    fn end_extension(&mut self, findings: &mut Findings, sink: &mut Sink<'_>) {
        let State::Extension { kind, header, body, .. } = std::mem::replace(&mut self.state, State::Broken) else {
            return;
        };
        self.state = State::padding(padding(length(&body)));
        let start = header.entry.offset;
        match kind {
            Kind::File => {}
            Kind::Pax => {
                self.extensions.pax(&self.pending.records);
                self.pending.records = pax::Records::parse(&body, start, findings);
            }
            Kind::LongName => {
                let name = header::until_nul(&body);
                self.extensions
                    .long(&self.pending.long_name, name, Point::EmptyLongName);
                self.pending.long_name = name.to_vec();
            }
            Kind::LongLink => {
                let target = header::until_nul(&body);
                self.extensions
                    .long(&self.pending.long_link, target, Point::EmptyLongLink);
                self.pending.long_link = target.to_vec();
            }
            Kind::GlobalPax => {
                let entry = self.global_entry(*header, &body, findings);
                sink(Event::Entry(Box::new(entry)));
                sink(Event::ContentEnd);
            }
        }
    }

    /// The entry that a global PAX header is: name, type flag and extended attributes, and no size.
    fn global_entry(&mut self, header: header::Header, body: &[u8], findings: &mut Findings) -> Entry {
        let mut entry = header.entry;
        let records = pax::Records::parse(body, entry.offset, findings);
        let pending = std::mem::take(&mut self.pending);
        let points = self.extensions.global(&records, &pending);
        // The size in the records counts for nothing, but has to be a number.
        let _: Option<i64> = records.apply(&mut entry, 0, findings);
        Entry {
            typeflag: entry.typeflag,
            name: entry.name,
            xattrs: entry.xattrs,
            offset: pending.start.unwrap_or(entry.offset),
            points,
            ..Entry::default()
        }
    }

    fn end_header(&mut self, header: header::Header, findings: &mut Findings, sink: &mut Sink<'_>) {
        let pending = std::mem::take(&mut self.pending);
        let header::Header { mut entry, size } = header;
        let start = entry.offset;
        if size < 0 && has_content(entry.typeflag) {
            return self.fail(Rule::TarHeader, start, &negative(size), findings);
        }
        let is_sparse = entry.typeflag == b'S' || pending.records.is_sparse();
        self.extensions.entry(&mut entry, size, &pending);
        let Some(size) = pending.records.apply(&mut entry, size, findings) else {
            self.state = State::Broken;
            return;
        };
        if is_sparse {
            let detail = format!(
                "sparse file {}, which a tar-split cannot represent: expected a file that is stored whole",
                ByteExcerpt(&entry.name)
            );
            return self.fail(Rule::TarSparse, start, &detail, findings);
        }
        entry.offset = pending.start.unwrap_or(start);
        if !pending.long_name.is_empty() {
            entry.name = pending.long_name;
        }
        if !pending.long_link.is_empty() {
            entry.link_name = pending.long_link;
        }
        if entry.typeflag == 0 {
            entry.typeflag = if entry.name.ends_with(b"/") { b'5' } else { b'0' };
        }
        let has_content = has_content(entry.typeflag);
        entry.size = match u64::try_from(size) {
            Ok(size) => size,
            Err(_) if has_content => return self.fail(Rule::TarHeader, start, &negative(size), findings),
            Err(_) => {
                report(Rule::TarHeader, start, &negative(size), findings);
                entry.unread.note(Part::Size);
                0
            }
        };
        entry.content = if has_content { entry.size } else { 0 };
        self.extensions.complete(&mut entry);
        self.begin_content(entry, sink);
    }

    fn begin_content(&mut self, entry: Entry, sink: &mut Sink<'_>) {
        let left = entry.content;
        if left < entry.size {
            self.bodiless = Some(header::Bodiless::new(&entry));
        }
        sink(Event::Entry(Box::new(entry)));
        if left == 0 {
            self.state = State::Block;
            sink(Event::ContentEnd);
        } else {
            self.state = State::Content {
                left,
                padding: padding(left),
            };
        }
    }

    /// Reports what makes the rest of the tar senseless.
    fn fail(&mut self, rule: Rule, offset: u64, detail: &str, findings: &mut Findings) {
        self.state = State::Broken;
        report(rule, offset, detail, findings);
    }
}

impl State {
    /// The state before this many bytes of padding.
    const fn padding(left: u64) -> Self {
        if left == 0 { Self::Block } else { Self::Padding { left } }
    }
}

/// [`BLOCK`] as a length in the tar.
const BLOCK_BYTES: u64 = 512;

/// Bytes from `length` to the next multiple of 512.
const fn padding(length: u64) -> u64 {
    length.wrapping_neg() & 511
}

/// Whether a type has content, as opposed to a hard link, symbolic link, device, directory or fifo.
const fn has_content(typeflag: u8) -> bool {
    !matches!(typeflag, b'1'..=b'6')
}

fn negative(size: i64) -> String {
    format!("the size is negative: found {size}, expected 0 or more")
}

/// Why the archive cannot end after the extension headers that start at this byte.
fn dangling(start: u64) -> String {
    format!("the archive ends between the extension header at byte {start} and the header that it extends")
}

fn report(rule: Rule, offset: u64, detail: &str, findings: &mut Findings) {
    findings.report(rule, Place::Byte(Region::Tar, offset), detail);
}
