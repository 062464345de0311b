//! `chunkproof matrix`

use std::path::{Path, PathBuf};

use clap::{ValueEnum, ValueHint};

use super::{
    Exit, Failure,
    output::{print, print_bytes, print_json_text},
    selection::Selection,
};
use crate::{
    adapters::{self, Column},
    report::{self, Listed},
    results::{self, KeptResults, Table, results_folders},
    vectors::Set,
};

/// Show kept results side by side: versions of implementations as columns, groups of cases as rows.
///
/// Columns are sorted by name, and the versions of an implementation from the newest to the oldest. A column is marked if
/// cases were changed or added after its run.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chunkproof matrix
  chunkproof matrix --by rule --op footer/parse adapters/tar-split/results
  chunkproof matrix --tag history --format html before.json after.json > matrix.html

Exit code 4 means that there are no results, or that no case is selected.")]
pub(super) struct Args {
    /// Files of results, as `run --record` writes them, or folders with such files.
    ///
    /// Without any: those in `adapters/*/results` below the current folder.
    #[arg(value_name = "FILE|DIR", value_hint = ValueHint::AnyPath)]
    results: Vec<PathBuf>,
    /// What the rows are. The page has operations, and filters for the others.
    #[arg(long, value_enum, default_value_t = By::Op)]
    by: By,
    /// How to print the table.
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    format: Format,
    #[command(flatten)]
    selection: Selection,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum By {
    /// Operations.
    Op,
    /// Rules; an invalid case counts for the first that it names.
    Rule,
    /// Classes of harm that a wrong answer does.
    Severity,
    /// Tags.
    Tag,
    /// Cases.
    Case,
    /// Bugs that released implementations had, with the cases made after them.
    Bug,
}

impl From<By> for results::By {
    fn from(by: By) -> Self {
        match by {
            By::Op => Self::Op,
            By::Rule => Self::Rule,
            By::Severity => Self::Severity,
            By::Tag => Self::Tag,
            By::Case => Self::Case,
            By::Bug => Self::Bug,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Text for a terminal.
    Terminal,
    /// A table for documents.
    Markdown,
    /// A page for browsers, in one file.
    Html,
    /// For programs.
    Json,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let set = Set::embedded().map_err(Failure::unusable)?;
    let selected = args.selection.indices(&set)?;
    let kept = kept(&args.results)?;
    let table = Table::new(&set, &kept, &selected, args.by.into());
    match args.format {
        Format::Terminal => print(&report::kept::terminal(&table))?,
        Format::Markdown => print(&report::kept::markdown(&table))?,
        Format::Html => {
            let listed = listed(&kept)?;
            let page = report::kept::html(&set, &table, &kept, &listed, &selected).map_err(Failure::unusable)?;
            print_bytes(page.as_bytes())?;
        }
        Format::Json => print_json_text(&report::kept::json(&table).map_err(Failure::unusable)?)?,
    }
    Ok(Exit::AsExpected)
}

/// What the adapters in whose folders results were found add to them: why failures are expected, and how to see an answer.
fn listed(kept: &[KeptResults]) -> Result<Vec<Option<Listed>>, Failure> {
    let of_adapter = |kept: &KeptResults| {
        let folder = kept.file.parent().and_then(Path::parent);
        let folder = folder.filter(|folder| folder.join(adapters::FILE).is_file());
        // Results may be of a version that the adapter no longer has.
        let column = folder.and_then(|folder| Column::at(folder, &kept.results.version, Path::new("")).ok());
        let Some(column) = column else {
            return Ok(None);
        };
        Ok(Some(Listed {
            expectations: column.expectations().map_err(Failure::unusable)?,
            ask: format!("chunkproof run --adapter {}", column.implementation().spec()),
        }))
    };
    kept.iter().map(of_adapter).collect()
}

fn kept(given: &[PathBuf]) -> Result<Vec<KeptResults>, Failure> {
    let paths = if given.is_empty() {
        let folders = results_folders(Path::new("adapters")).map_err(Failure::unusable)?;
        folders.into_iter().map(|(_, folder)| folder).collect()
    } else {
        given.to_vec()
    };
    let kept = KeptResults::read_all(&paths).map_err(Failure::unusable)?;
    if kept.is_empty() {
        let place = if given.is_empty() {
            "adapters/*/results"
        } else {
            "the folders that are given"
        };
        return Err(Failure::Message(
            Exit::Nothing,
            format!("there are no results in {place}"),
        ));
    }
    Ok(kept)
}
