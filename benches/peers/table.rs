//! What is printed.

use std::{fmt::Write as _, fs, io, path::Path, time::Duration};

use crate::measure::Spent;

/// A figure of the table.
#[derive(Clone, Debug)]
pub enum Figure {
    /// What a program took.
    Spent(Spent),
    /// Processor time divided by the cores.
    Floor(Duration),
    /// A time that is to be reached.
    Time(Duration),
    /// Memory, or the size of a file, in bytes.
    Bytes(u64),
    /// Why there is none.
    Missing(String),
}

/// What counts in a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Wall,
    Memory,
    Bytes,
}

/// Which ratio is to be reached.
#[derive(Clone, Copy, Debug)]
pub enum Target {
    /// Ours is at most so many times the other.
    AtMost(f64),
    /// Ours is so many times faster.
    Faster(f64),
    /// It is printed only.
    None,
}

/// A line of the table: a figure of ours beside another one.
#[derive(Clone, Debug)]
pub struct Row {
    pub work: String,
    pub ours: Figure,
    pub beside: String,
    pub other: Figure,
    pub by: By,
    pub target: Target,
}

/// All that is printed of a run.
#[derive(Debug, Default)]
pub struct Report {
    /// What was measured on, in sentences.
    pub about: Vec<String>,
    pub rows: Vec<Row>,
    /// Steps of the floors, with their processor time.
    pub steps: Vec<(String, Duration)>,
    /// What ran, for each kind of work.
    pub commands: Vec<(String, String)>,
}

impl Figure {
    fn value(&self, by: By) -> Option<f64> {
        match (self, by) {
            (Self::Spent(spent), By::Wall) => Some(spent.wall.as_secs_f64()),
            (Self::Spent(spent), By::Memory) => Some(spent.memory as f64),
            (Self::Floor(time) | Self::Time(time), By::Wall) => Some(time.as_secs_f64()),
            (Self::Bytes(bytes), By::Bytes | By::Memory) => Some(*bytes as f64),
            _ => None,
        }
    }

    fn text(&self, by: By) -> String {
        match self {
            Self::Spent(spent) if by == By::Memory => mebibytes(spent.memory),
            Self::Spent(spent) => {
                let (wall, processor) = (seconds(spent.wall), seconds(spent.processor));
                format!("{wall} ({processor} CPU, {})", mebibytes(spent.memory))
            }
            Self::Floor(time) | Self::Time(time) => seconds(*time),
            Self::Bytes(bytes) if by == By::Memory => mebibytes(*bytes),
            Self::Bytes(bytes) => format!("{:.1} MB", *bytes as f64 / 1e6),
            Self::Missing(reason) => reason.replace('|', "/"),
        }
    }
}

impl Row {
    fn cells(&self) -> [String; 7] {
        let ratio = match (self.ours.value(self.by), self.other.value(self.by)) {
            (Some(ours), Some(other)) if ours > 0.0 && other > 0.0 => Some(ours / other),
            _ => None,
        };
        let (ratio_text, target, met) = match self.target {
            Target::AtMost(most) => (
                ratio.map(|ratio| format!("{ratio:.2} x")),
                format!("at most {most} x"),
                ratio.map(|ratio| ratio <= most),
            ),
            Target::Faster(least) => (
                ratio.map(|ratio| format!("{:.1} x faster", 1.0 / ratio)),
                format!("{least} x faster"),
                ratio.map(|ratio| 1.0 / ratio >= least),
            ),
            Target::None => (ratio.map(|ratio| format!("{ratio:.2} x")), "-".to_owned(), None),
        };
        let met = match (met, self.target) {
            (Some(true), _) => "yes",
            (Some(false), _) => "no",
            (None, Target::None) => "-",
            (None, _) => "not known",
        };
        [
            self.work.clone(),
            self.ours.text(self.by),
            self.beside.clone(),
            self.other.text(self.by),
            ratio_text.unwrap_or_else(|| "-".to_owned()),
            target,
            met.to_owned(),
        ]
    }
}

impl Report {
    /// The report in Markdown.
    pub fn text(&self) -> String {
        let mut text = self.about.join(" ") + "\n\n";
        let head = ["work", "ours", "beside", "takes", "ratio", "target", "met"].map(str::to_owned);
        text += &table(&head, self.rows.iter().map(Row::cells));
        text += "\nThe steps of the floors, processor time of one thread:\n\n";
        let steps = self.steps.iter().map(|(step, time)| [step.clone(), seconds(*time)]);
        text += &table(&["step", "takes"].map(str::to_owned), steps);
        text += "\nWhat ran, with the folders left out:\n\n";
        let commands = self
            .commands
            .iter()
            .map(|(work, command)| [work.clone(), format!("`{command}`")]);
        text += &table(&["work", "command"].map(str::to_owned), commands);
        text
    }
}

/// A table in Markdown.
pub fn table<const N: usize>(head: &[String; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let line = |cells: &[String; N]| format!("| {} |\n", cells.join(" | "));
    let mut text = line(head) + &format!("|{}\n", "---|".repeat(N));
    for row in rows {
        let _written = text.write_str(&line(&row));
    }
    text
}

pub fn seconds(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 0.1 {
        return format!("{:.1} ms", seconds * 1e3);
    }
    format!("{seconds:.2} s")
}

pub fn mebibytes(bytes: u64) -> String {
    format!("{:.0} MiB", bytes as f64 / f64::from(1 << 20))
}

/// Puts a text between the two comments of this name in a document.
pub fn write_between(document: &Path, name: &str, text: &str) -> io::Result<()> {
    let old = fs::read_to_string(document)?;
    let (begin, end) = (format!("<!-- {name}: begin -->\n"), format!("<!-- {name}: end -->"));
    let parts = old.split_once(&begin).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(&end)?;
        Some((before, after))
    });
    let Some((before, after)) = parts else {
        return Err(io::Error::other(format!("{}: no place for {name}", document.display())));
    };
    fs::write(document, format!("{before}{begin}\n{text}\n{end}{after}"))
}
