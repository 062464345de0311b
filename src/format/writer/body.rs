//! The tar in batches, each with the parts that become frames.

use std::io;

use super::{
    Options,
    batch::{Batch, WHOLE},
    entry::{Entries, GLOBAL},
    frames::Output,
    index::Placed,
    pool::Pool,
    sequence::{File, Sequence},
};
use crate::format::{
    Findings,
    tar::{self, Event},
    tarsplit::{Outline, Outlined},
    toc::Entry,
};

/// Bytes in a batch from which on it is handed out.
const BATCH: usize = 1 << 20;

/// Takes a tar, event by event.
///
/// A batch has less than 6 MiB, and there are two for each thread, so memory is bounded by that, in both forms.
pub(super) struct Body<'a> {
    sequence: Sequence<'a>,
    pool: Pool,
    batch: Batch,
    /// Batches that are back, whose memory is used again.
    spare: Vec<Batch>,
    /// The part that goes on, which may be in a batch that was handed out.
    open: Option<Kind>,
    entries: Entries,
    /// In dialects that have a tar-split.
    outline: Option<Outline>,
    /// The entry whose content comes.
    current: Option<Current>,
    /// Why the tar cannot be written, to be reported.
    pub(super) refused: Findings,
    /// Whether there will be no layer, so that only headers are looked at.
    is_refused: bool,
    /// The first error of the output.
    pub(super) error: Option<io::Error>,
}

/// What a part is of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Headers, padding, and the end of the archive.
    Headers,
    /// A file that is in one batch.
    Small,
    /// A file that may be in several.
    Large,
}

struct Current {
    /// None of a global PAX header.
    entry: Option<Entry>,
    has_content: bool,
}

impl<'a> Body<'a> {
    pub(super) fn new(out: &'a mut dyn io::Write, options: Options) -> io::Result<Self> {
        Ok(Self {
            sequence: Sequence::new(Output::new(out), options)?,
            pool: Pool::new(options.threads, options.level)?,
            batch: Batch::default(),
            spare: Vec::new(),
            open: None,
            entries: Entries::default(),
            outline: options.dialect.has_tar_split().then(Outline::default),
            current: None,
            refused: Findings::new(),
            is_refused: false,
            error: None,
        })
    }

    /// Takes an event, unless there was an error before.
    pub(super) fn take(&mut self, event: Event<'_>) {
        if self.error.is_none() {
            self.error = self.try_take(event).err();
        }
    }

    /// Writes nothing more, and goes on to look for what is wrong.
    pub(super) fn refuse(&mut self) {
        self.is_refused = true;
        self.current = None;
        self.batch = Batch::default();
        self.sequence.forget();
        if let Some(outline) = &mut self.outline {
            outline.stop();
        }
    }

    /// Reports what is known only once no more of the tar comes.
    pub(super) fn report_repeated(&mut self, findings: &mut Findings) {
        if let Some(outline) = &mut self.outline {
            outline.report_repeated(findings);
        }
    }

    /// Ends the last frame, and writes the index.
    ///
    /// Reports IDX-01.
    pub(super) fn finish(mut self, findings: &mut Findings) -> io::Result<Option<Placed>> {
        if self.open.is_some() {
            self.end_part();
        }
        self.hand_out()?;
        while self.collect()? {}
        if let Some(segment) = self.outline.as_ref().and_then(Outline::last_segment) {
            self.sequence.segment(segment);
        }
        self.sequence.finish(findings)
    }

    fn try_take(&mut self, event: Event<'_>) -> io::Result<()> {
        if let Event::Entry(header) = &event {
            self.begin_entry(header)?;
        }
        if !self.is_refused {
            match event {
                Event::Raw(bytes) => self.add(Kind::Headers, bytes)?,
                Event::Content(bytes) => self.add(self.open.unwrap_or(Kind::Large), bytes)?,
                Event::Entry(_) | Event::ContentEnd | Event::ArchiveEnd => {}
            }
        }
        let is_end = matches!(event, Event::ContentEnd);
        let (mut name, mut size) = (Vec::new(), 0);
        if let Some(outline) = &mut self.outline {
            let sequence = &mut self.sequence;
            outline.take(event, &mut |outlined| match outlined {
                Outlined::Segment(bytes) => sequence.segment(bytes),
                Outlined::File(header) => (name, size) = (header.name.clone(), header.size),
            });
        }
        match self.current.take_if(|_| is_end) {
            Some(Current { entry, has_content }) => self.end_entry(File {
                entry,
                name,
                size,
                has_content,
            }),
            None => Ok(()),
        }
    }

    /// The entry of the TOC; none for a header that makes none, or that is refused.
    fn check_entry(&mut self, header: &tar::Entry) -> Option<Entry> {
        if header.typeflag == GLOBAL {
            return None;
        }
        self.entries.add(header, &mut self.refused)
    }

    fn begin_entry(&mut self, header: &tar::Entry) -> io::Result<()> {
        let entry = self.check_entry(header);
        if self.is_refused {
            return Ok(());
        }
        let has_content = header.content > 0;
        if has_content {
            self.end_part();
            if self.batch.bytes.len() >= BATCH {
                self.hand_out()?;
            }
            let is_small = usize::try_from(header.content).is_ok_and(|length| length <= WHOLE);
            self.open = Some(if is_small { Kind::Small } else { Kind::Large });
        }
        self.current = Some(Current { entry, has_content });
        Ok(())
    }

    fn end_entry(&mut self, file: File) -> io::Result<()> {
        if file.has_content {
            self.end_part();
        }
        self.sequence.file(file);
        if self.batch.bytes.len() >= BATCH {
            self.hand_out()?;
        }
        Ok(())
    }

    /// Adds bytes to the part of this kind.
    fn add(&mut self, kind: Kind, bytes: &[u8]) -> io::Result<()> {
        self.open = Some(kind);
        self.batch.add(kind != Kind::Headers, bytes);
        if kind != Kind::Small && self.batch.bytes.len() >= BATCH {
            self.hand_out()?;
        }
        Ok(())
    }

    /// Ends the open part, also where all of its bytes were handed out.
    fn end_part(&mut self) {
        if let Some(kind) = self.open.take() {
            self.batch.add(kind != Kind::Headers, &[]);
            self.batch.end_part();
        }
    }

    fn hand_out(&mut self) -> io::Result<()> {
        if self.batch.parts.is_empty() {
            return Ok(());
        }
        while self.pool.is_full() {
            self.collect()?;
        }
        let next = self.spare.pop().unwrap_or_default();
        self.pool.submit(std::mem::replace(&mut self.batch, next))
    }

    /// Waits for the oldest batch that was handed out and writes it; false if there is none.
    fn collect(&mut self) -> io::Result<bool> {
        let Some(batch) = self.pool.take() else {
            return Ok(false);
        };
        let mut batch = batch?;
        self.sequence.write(&batch)?;
        batch.clear();
        self.spare.push(batch);
        Ok(true)
    }
}
