//! The command line: one module per command, each thin.

mod adapter;
mod add;
mod bless;
mod ci;
mod collection;
mod compare;
mod completions;
mod descriptor;
mod estargz;
mod exit;
mod explain;
mod extract;
mod failed;
mod file;
mod generate;
mod hunt;
mod image;
mod image_reference;
mod index;
mod inspect;
mod keep;
mod layer;
mod layers;
mod limits;
mod list;
mod man;
mod matrix;
mod merge;
mod minimize;
mod opened;
mod output;
mod promote;
mod reconstruct;
mod remote;
mod replay;
mod reports;
mod run;
mod selection;
mod show;
mod snapshot;
mod spool;
mod subject;
mod tarsplit;
mod unfinished;
mod verify;
mod watched;
mod write;

use std::process::ExitCode;

use anstream::ColorChoice;
use clap::{
    Parser, Subcommand, ValueEnum,
    error::{ContextKind, ContextValue},
};

pub use self::exit::{Exit, Failure};
use crate::runner::supervisor;
use crate::{
    outside::Outside,
    report::{ERROR, styled},
};

/// Check implementations of the zstd:chunked container-layer format, and inspect layers.
///
/// Without a command, chunkproof runs the built-in implementations against all cases.
#[derive(Debug, Parser)]
#[command(name = "chunkproof", version, after_help = exit::HELP, max_term_width = 100)]
struct Cli {
    /// When to use colour: always, never, or auto: on a terminal, unless NO_COLOR is set.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN", hide_possible_values = true)]
    color: Color,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(Box<run::Args>),
    Compare(compare::Args),
    Merge(merge::Args),
    Matrix(matrix::Args),
    List(list::Args),
    Show(show::Args),
    Explain(explain::Args),
    Extract(extract::Args),
    Inspect(inspect::Args),
    Verify(verify::Args),
    Index(index::Args),
    Reconstruct(reconstruct::Args),
    Snapshot(Box<snapshot::Args>),
    Tarsplit(tarsplit::Args),
    Write(write::Args),
    Add(Box<add::Args>),
    Hunt(Box<hunt::Args>),
    Minimize(Box<minimize::Args>),
    Promote(Box<promote::Args>),
    Replay(replay::Args),
    Generate(generate::Args),
    Adapter(adapter::Args),
    Completions(completions::Args),
    Man(man::Args),
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

/// How a command prints what it found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Terminal,
    Json,
}

/// Runs the program.
pub fn main() -> ExitCode {
    if let Some(code) = supervisor::main() {
        return code;
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        // Help, the version, or a usage error. A reader that has gone is no reason to complain.
        Err(error) => {
            let error = escaped(error);
            let text = error.render().ansi().to_string();
            if error.use_stderr() {
                output::print_to_stderr(&text);
            } else {
                let _gone = output::print_bytes(text.as_bytes());
            }
            return if error.use_stderr() {
                Exit::Unusable
            } else {
                Exit::AsExpected
            }
            .into();
        }
    };
    match cli.color {
        Color::Auto => ColorChoice::Auto,
        Color::Always => ColorChoice::Always,
        Color::Never => ColorChoice::Never,
    }
    .write_global();
    let exit = match cli.command.unwrap_or_else(|| Command::Run(Box::default())) {
        Command::Run(args) => run::run(&args),
        Command::Compare(args) => compare::run(&args),
        Command::Merge(args) => merge::run(&args),
        Command::Matrix(args) => matrix::run(&args),
        Command::List(args) => list::run(&args),
        Command::Show(args) => show::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Extract(args) => extract::run(&args),
        Command::Inspect(args) => inspect::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Index(args) => index::run(&args),
        Command::Reconstruct(args) => reconstruct::run(&args),
        Command::Snapshot(args) => snapshot::run(&args),
        Command::Tarsplit(args) => tarsplit::run(&args),
        Command::Write(args) => write::run(&args),
        Command::Add(args) => add::run(&args),
        Command::Hunt(args) => hunt::run(&args),
        Command::Minimize(args) => minimize::run(&args),
        Command::Promote(args) => promote::run(&args),
        Command::Replay(args) => replay::run(&args),
        Command::Generate(args) => generate::run(&args),
        Command::Adapter(args) => adapter::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
    };
    match exit {
        Ok(exit) => exit.into(),
        Err(Failure::ReaderGone) => Exit::AsExpected.into(),
        Err(Failure::Message(exit, message)) => {
            complain(&message);
            exit.into()
        }
    }
}

/// A usage error in which the arguments that it quotes cannot act on a terminal.
fn escaped(mut error: clap::Error) -> clap::Error {
    let shown = |text: &String| Outside::new(text.as_bytes(), COMPLAINT).to_string();
    let contexts: Vec<(ContextKind, ContextValue)> = error
        .context()
        .filter_map(|(kind, value)| match value {
            ContextValue::String(text) => Some((kind, ContextValue::String(shown(text)))),
            ContextValue::Strings(texts) => Some((kind, ContextValue::Strings(texts.iter().map(shown).collect()))),
            _ => None,
        })
        .collect();
    for (kind, value) in contexts {
        error.insert(kind, value);
    }
    error
}

/// Most bytes of an error. It may name files and quote what others answered.
const COMPLAINT: usize = 8 << 10;

/// An error on stderr, in one line.
fn complain(message: &str) {
    let message = Outside::new(message.as_bytes(), COMPLAINT);
    output::print_to_stderr(&format!("{} {message}\n", styled(ERROR, "error:")));
}
