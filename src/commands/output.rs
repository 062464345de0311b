//! Printing.

use std::{
    borrow::Cow,
    fs::File,
    io::{self, Seek as _, Write},
};

use serde_json::Value;

use super::{Failure, Format};
use crate::{
    outside::{json, sieved},
    report::streamed::{LayerReport, Sink},
};

/// Prints a report to stdout, without its styles where they are not wanted.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    print_bytes(sieved(text).as_bytes())
}

/// Prints JSON for machines, indented for people.
pub(super) fn print_json(value: &Value) -> Result<(), Failure> {
    print_json_text(&format!("{value:#}\n"))
}

/// Prints JSON, with escapes in place of what a terminal would act on.
pub(super) fn print_json_text(text: &str) -> Result<(), Failure> {
    print_bytes(json(text).as_bytes())
}

/// Prints to stdout what this program alone has written, such as a script.
pub(super) fn print_bytes(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = anstream::stdout().lock();
    stdout
        .write_all(bytes)
        .and_then(|()| stdout.flush())
        .map_err(|error| unprintable(&error))
}

fn unprintable(error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::ReaderGone,
        _ => Failure::io("cannot write to stdout", error),
    }
}

/// Bytes of a report that are printed at once.
const PIECE: usize = 64 << 10;

/// Prints reports while they are made.
pub(super) struct Printer {
    out: Box<dyn Write>,
    /// Puts escapes in place of what a terminal would act on.
    escape: fn(&str) -> Cow<'_, str>,
    pending: String,
    /// Why nothing more can be printed.
    failure: Option<io::Error>,
}

impl Printer {
    /// Prints text to stdout.
    pub(super) fn text() -> Self {
        Self::new(Box::new(anstream::stdout()), sieved)
    }

    /// Prints JSON to stdout.
    pub(super) fn json() -> Self {
        Self::new(Box::new(anstream::stdout()), json)
    }

    /// Writes JSON to a file, to be [printed](print_file) once it is complete.
    pub(super) fn json_to(file: &File) -> Result<Self, Failure> {
        let file = file.try_clone().map_err(|error| unprintable(&error))?;
        Ok(Self::new(Box::new(file), json))
    }

    fn new(out: Box<dyn Write>, escape: fn(&str) -> Cow<'_, str>) -> Self {
        Self {
            out,
            escape,
            pending: String::new(),
            failure: None,
        }
    }

    /// Prints what `report` gives. It fails with `unreadable` if the layer cannot be read for it.
    pub(super) fn print(
        &mut self,
        report: impl FnOnce(&mut Sink<'_>) -> io::Result<()>,
        unreadable: impl FnOnce(&io::Error) -> Failure,
    ) -> Result<(), Failure> {
        let made = report(&mut |text| self.take(text));
        let printed = match self.failure.take() {
            Some(error) => Err(error),
            None => self.flush(),
        };
        printed.map_err(|error| unprintable(&error))?;
        made.map_err(|error| unreadable(&error))
    }

    /// Prints a text that is there.
    pub(super) fn print_text(&mut self, text: &str) -> Result<(), Failure> {
        self.print(|out| out(text), unprintable)
    }

    fn take(&mut self, text: &str) -> io::Result<()> {
        self.pending.push_str(text);
        if self.pending.len() < PIECE {
            return Ok(());
        }
        self.write().map_err(|error| {
            let kind = error.kind();
            self.failure = Some(error);
            kind.into()
        })
    }

    fn write(&mut self) -> io::Result<()> {
        let written = self.out.write_all((self.escape)(&self.pending).as_bytes());
        self.pending.clear();
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        self.write()?;
        self.out.flush()
    }
}

/// Where the reports of layers go.
pub(super) enum To<'v> {
    /// To stdout, for people.
    Terminal,
    /// To stdout, as JSON.
    Json,
    /// Into this list, from which another report is made.
    List(&'v mut Vec<Value>),
}

impl From<Format> for To<'_> {
    fn from(format: Format) -> Self {
        match format {
            Format::Terminal => Self::Terminal,
            Format::Json => Self::Json,
        }
    }
}

/// The report of a layer as a value.
pub(super) fn value(report: &dyn LayerReport) -> io::Result<Value> {
    let mut text = String::new();
    report.json().write(0, &mut |piece| {
        text.push_str(piece);
        Ok(())
    })?;
    Ok(serde_json::from_str(&text)?)
}

/// Prints a report as JSON.
pub(super) fn print_report(
    report: &dyn LayerReport,
    unreadable: impl FnOnce(&io::Error) -> Failure,
) -> Result<(), Failure> {
    Printer::json().print(
        |out| {
            report.json().write(0, out)?;
            out("\n")
        },
        unreadable,
    )
}

/// Prints JSON that was written to a file.
pub(super) fn print_file(mut file: File) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    file.rewind()
        .and_then(|()| io::copy(&mut file, &mut stdout))
        .and_then(|_| stdout.flush())
        .map_err(|error| unprintable(&error))
}

/// Prints a report to stderr, where stdout is for something else. Without stderr the exit code still tells.
pub(super) fn print_to_stderr(text: &str) {
    let _gone = anstream::stderr().write_all(sieved(text).as_bytes());
}
