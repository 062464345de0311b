//! `chunkproof show`

use super::{
    Exit, Failure, Format,
    output::{print, print_json_text},
    selection::set,
};
use crate::{
    report,
    rules::Rule,
    vectors::{Set, SetEntry},
};

/// Show everything about a case, and what was changed from its twin.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chunkproof show footer/v64-type-2
  chunkproof show reconstruct/toc-mode-differs --format json")]
pub(super) struct Args {
    /// The id of the case.
    id: String,
    /// How to print it: terminal, for people, or json.
    #[arg(long, value_enum, default_value_t = Format::Terminal, hide_possible_values = true)]
    format: Format,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    // An id of a draft asks for drafts.
    let set = set(args.id.starts_with("draft/"))?;
    let entry = find(&set, &args.id)?;
    match args.format {
        Format::Terminal => print(&report::case(&set, entry).map_err(Failure::unusable)?)?,
        Format::Json => print_json_text(&report::case_json(&set, entry).map_err(Failure::unusable)?)?,
    }
    Ok(Exit::AsExpected)
}

/// The case of this id, or an error that names those that look like it.
pub(super) fn find<'a>(set: &'a Set, id: &str) -> Result<&'a SetEntry, Failure> {
    if let Some(entry) = id.parse().ok().and_then(|id| set.find(&id)) {
        return Ok(entry);
    }
    if let Ok(rule) = id.to_ascii_uppercase().parse::<Rule>() {
        return Err(Failure::unusable(format!(
            "{rule} is a rule, not a case; `chunkproof explain {rule}` explains it"
        )));
    }
    let nearest: Vec<&str> = set
        .nearest(id)
        .into_iter()
        .map(crate::vectors::CaseId::as_str)
        .collect();
    let hint = if nearest.is_empty() {
        "`chunkproof list` shows all".to_owned()
    } else {
        format!("did you mean {}?", nearest.join(", "))
    };
    Err(Failure::unusable(format!("no case has the id {id:?}; {hint}")))
}
