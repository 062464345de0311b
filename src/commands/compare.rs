//! `chunkproof compare`

use std::path::{Path, PathBuf};

use clap::ValueHint;

use super::{
    Exit, Failure, Format,
    output::{print, print_json_text},
};
use crate::{
    bounded,
    report::{self, ImplementationReport, Report},
    results::{Comparison, Results, Side},
};

/// Compare two results, case by case.
///
/// From worst to best: failures, refusals without credit (declined, vacuous), right answers.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chunkproof compare adapters/tar-split/results/tar-split-v0.11.{6,7}.json
  chunkproof run --impl ./adapter --record now.json; chunkproof compare before.json now.json

Exit code 0: every case has the same result; 1: some differ.")]
pub(super) struct Args {
    /// Results that `run --record` wrote, or a report of `run --format json` about one implementation.
    #[arg(value_name = "BEFORE", value_hint = ValueHint::FilePath)]
    before: PathBuf,
    /// The results to compare with them.
    #[arg(value_name = "AFTER", value_hint = ValueHint::FilePath)]
    after: PathBuf,
    /// How to print the differences: terminal, for people, or json.
    #[arg(long, value_enum, default_value_t = Format::Terminal, hide_possible_values = true)]
    format: Format,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let before = read(&args.before)?;
    let after = read(&args.after)?;
    let found = Comparison::of(&before, &after);
    match args.format {
        Format::Terminal => print(&report::compared(&before, &after, &found))?,
        Format::Json => print_json_text(&report::compared_json(&before, &after, &found).map_err(Failure::unusable)?)?,
    }
    Ok(if found.is_equal() {
        Exit::AsExpected
    } else {
        Exit::Failures
    })
}

fn read(file: &Path) -> Result<Side, Failure> {
    let name = file.display();
    let text = bounded::read_text(file).map_err(|error| Failure::io(&format!("cannot read {name}"), &error))?;
    let unusable = |error: &dyn std::fmt::Display| Failure::unusable(format!("{name}: {error}"));
    // The two shapes have this field in common with nothing else.
    let is_report =
        serde_json::from_str(&text).is_ok_and(|value: serde_json::Value| value.get("implementations").is_some());
    if !is_report {
        return text
            .parse()
            .map(|results: Results| results.into())
            .map_err(|error| unusable(&error));
    }
    let report: Report = serde_json::from_str(&text).map_err(|error| unusable(&error))?;
    match report.implementations.as_slice() {
        [one] => side(one).ok_or_else(|| unusable(&"the report has no results")),
        all => {
            let count = all.len();
            Err(unusable(&format!(
                "the report is about {count} implementations, expected one"
            )))
        }
    }
}

/// The results in a report; none if it has none.
fn side(report: &ImplementationReport) -> Option<Side> {
    let label = format!("{} {}", report.name.as_ref()?, report.version.as_ref()?);
    let applicable = report.results.iter().filter(|result| result.result.is_applicable());
    report.error.is_none().then(|| Side {
        label,
        set: None,
        results: applicable.map(|result| (result.case.clone(), result.result)).collect(),
    })
}
