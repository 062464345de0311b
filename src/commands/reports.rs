//! Which reports of a run are made, and where they go.

use std::{
    env,
    fs::OpenOptions,
    io::Write as _,
    path::{Path, PathBuf},
    str::FromStr,
};

use clap::ValueEnum;

use super::{
    Failure,
    file::{Output, apart, is_stream, unwritable},
    output::{print, print_bytes, print_json_text},
};
use crate::{
    outside,
    report::{self, Detail, Repeat, Told},
    runner::Run,
    vectors::Set,
};

/// The reports of a run.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Reports")]
pub(super) struct Reports {
    /// How to print the results: terminal, json, junit, github, markdown, html or badge.
    ///
    /// In a job of GitHub Actions the report for a terminal is followed by annotations, and a summary in Markdown is added to that of
    /// the job.
    #[arg(long, value_enum, default_value_t = Format::Terminal, hide_possible_values = true)]
    format: Format,
    /// Also write a report to a file, in one of the formats of --format. Can be given more than once.
    #[arg(long = "report", value_name = "FORMAT=FILE")]
    files: Vec<ReportFile>,
    /// Most failures that the report for a terminal shows [default: all, or 100 where each is one line].
    #[arg(long, value_name = "NUMBER")]
    max_failures: Option<usize>,
    /// Show everything about each failure, also of more than 20.
    #[arg(long)]
    verbose: bool,
    /// Show the last lines of the report for a terminal and nothing else: one for each implementation, and the conclusion.
    #[arg(long, conflicts_with_all = ["verbose", "max_failures"])]
    quiet: bool,
}

/// What a report is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    #[default]
    Terminal,
    Json,
    Junit,
    Github,
    Markdown,
    Html,
    Badge,
}

impl Format {
    const fn of_report(self, detail: Detail) -> report::Format {
        match self {
            Self::Terminal => report::Format::Terminal(detail),
            Self::Json => report::Format::Json,
            Self::Junit => report::Format::Junit,
            Self::Github => report::Format::Github,
            Self::Markdown => report::Format::Markdown,
            Self::Html => report::Format::Html,
            Self::Badge => report::Format::Badge,
        }
    }
}

/// A report and its file.
#[derive(Clone, Debug, PartialEq, Eq)]
struct ReportFile {
    format: Format,
    path: PathBuf,
}

impl FromStr for ReportFile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, path) = text
            .split_once('=')
            .filter(|(_, path)| !path.is_empty())
            .ok_or("expected FORMAT=FILE")?;
        let format = <Format as ValueEnum>::from_str(format, false).map_err(|_| {
            let names = Format::value_variants().iter().filter_map(Format::to_possible_value);
            let names: Vec<String> = names.map(|value| value.get_name().to_owned()).collect();
            format!("unknown format {format:?}, expected one of {}", names.join(", "))
        })?;
        if is_stream(Path::new(path)) {
            return Err("stdout has the report of --format, expected a file".to_owned());
        }
        Ok(Self {
            format,
            path: path.into(),
        })
    }
}

/// What a job of GitHub Actions says about itself.
struct Job {
    /// Whether its runner reads the log.
    has_runner: bool,
    /// The file of its summary.
    summary: Option<PathBuf>,
}

impl Job {
    fn of_environment() -> Self {
        Self {
            has_runner: env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true"),
            summary: env::var_os("GITHUB_STEP_SUMMARY")
                .filter(|path| !path.is_empty())
                .map(PathBuf::from),
        }
    }
}

impl Reports {
    /// Rejects what would fail only after the run.
    pub(super) fn prepare(&self) -> Result<(), Failure> {
        for (at, file) in self.files.iter().enumerate() {
            let others: Vec<&Path> = self.files.iter().take(at).map(|other| other.path.as_path()).collect();
            apart(&file.path, &others)?;
            let folder = file.path.parent().filter(|folder| !folder.as_os_str().is_empty());
            if file.path.is_dir() {
                return Err(Failure::unusable(format!("{}: is a folder", file.path.display())));
            }
            if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
                return Err(Failure::unusable(format!("{}: not a folder", folder.display())));
            }
        }
        Ok(())
    }

    /// Prints and writes the reports.
    pub(super) fn make(&self, set: &Set, run: &Run, repeat: &Repeat) -> Result<(), Failure> {
        let detail = Detail {
            verbose: self.verbose,
            quiet: self.quiet,
            most: self.max_failures,
        };
        let job = Job::of_environment();
        let mut formats = vec![self.format];
        formats.extend(self.files.iter().map(|file| file.format));
        formats.extend(job.has_runner.then_some(Format::Github));
        formats.extend(job.summary.is_some().then_some(Format::Markdown));
        let formats: Vec<report::Format> = formats.into_iter().map(|format| format.of_report(detail)).collect();
        let made = report::reports(&Told { set, run, repeat }, &formats).map_err(Failure::unusable)?;
        let mut made = made.into_iter();
        let printed = made.next().unwrap_or_default();
        let mut written = Ok(());
        for (file, text) in self.files.iter().zip(made.by_ref()) {
            written = written.and(write(&file.path, &plain(file.format, &text)));
        }
        let annotations = job.has_runner.then(|| made.next()).flatten();
        if let (Some(path), Some(text)) = (&job.summary, made.next()) {
            written = written.and(append(path, &text));
        }
        // What cannot be written is no reason to keep quiet about the run.
        self.print(&printed, annotations.as_deref())?;
        written
    }

    fn print(&self, text: &str, annotations: Option<&str>) -> Result<(), Failure> {
        match (self.format, annotations) {
            (Format::Terminal, Some(annotations)) => print(&(report::without_commands(text) + annotations)),
            (Format::Terminal, None) => print(text),
            (Format::Json | Format::Badge, _) => print_json_text(text),
            (Format::Junit | Format::Github | Format::Markdown | Format::Html, _) => print_bytes(text.as_bytes()),
        }
    }
}

/// A report as a file has it: without styles, and without what acts on a terminal.
fn plain(format: Format, text: &str) -> String {
    match format {
        Format::Terminal => anstream::adapter::strip_str(&outside::sieved(text)).to_string(),
        Format::Json | Format::Badge => outside::json(text).into_owned(),
        Format::Junit | Format::Github | Format::Markdown | Format::Html => text.to_owned(),
    }
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let unwritable = |error| unwritable(path, &error);
    let mut output = Output::create(path).map_err(unwritable)?;
    output.write_all(text.as_bytes()).map_err(unwritable)?;
    output.keep().map_err(unwritable)
}

/// Adds to a file, which the steps of a job share.
fn append(path: &Path, text: &str) -> Result<(), Failure> {
    let unwritable = |error| unwritable(path, &error);
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .map_err(unwritable)?;
    file.write_all(text.as_bytes()).map_err(unwritable)
}

#[cfg(test)]
mod tests {
    use super::ReportFile;

    #[test]
    fn files_of_reports_have_a_format() {
        for (text, error) in [
            ("junit=a=b.xml", ""),
            ("json=", "expected FORMAT=FILE"),
            ("a.xml", "expected FORMAT=FILE"),
            ("html=-", "stdout has the report of --format, expected a file"),
            (
                "tap=a",
                "unknown format \"tap\", expected one of terminal, json, junit, github, markdown, html, badge",
            ),
        ] {
            let read = text.parse::<ReportFile>();
            assert_eq!(read.map_or_else(|error| error, |_| String::new()), error, "{text}");
        }
    }
}
