//! `chunkproof list`

use super::{
    Exit, Failure, Format,
    output::{print, print_json_text},
    selection::{Selection, set},
};
use crate::{report, vectors::SetEntry};

/// List cases.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chunkproof list --rule FTR-02 --verdict invalid
  chunkproof list --tag security --dialect g4 --dialect g5 --format json

Exit code 4 means that no case is selected.")]
pub(super) struct Args {
    /// How to print them: terminal, for people, or json.
    #[arg(long, value_enum, default_value_t = Format::Terminal, hide_possible_values = true)]
    format: Format,
    /// List the cases of drafts too; docs/drafts.md describes them.
    #[arg(long)]
    draft: bool,
    #[command(flatten)]
    selection: Selection,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let set = set(args.draft)?;
    let indices = args.selection.indices(&set)?;
    let entries: Vec<&SetEntry> = indices.iter().filter_map(|&index| set.entries().get(index)).collect();
    match args.format {
        Format::Terminal => print(&report::list(&entries))?,
        Format::Json => print_json_text(&report::list_json(&entries).map_err(Failure::unusable)?)?,
    }
    Ok(Exit::AsExpected)
}
