//! `chunkproof explain`

use super::{
    Exit, Failure, Format,
    output::{print, print_json},
    selection::set,
};
use crate::{
    report::explain as report,
    rules::Rule,
    vectors::{Choice, Set, set::distance},
};

/// Explain a rule: its section of the specification, who deviates from it, and the cases that show it.
///
/// Without an argument every rule is listed, and with a group such as FTR the rules of that group.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chunkproof explain FTR-05
  chunkproof explain FTR
  chunkproof explain | grep -i checksum
  chunkproof explain LYR-01 --format json

Exit codes: 0 the rule is explained, 2 no rule has this id.")]
pub(super) struct Args {
    /// The id of a rule, or the letters of its group.
    #[arg(value_name = "RULE")]
    rule: Option<String>,
    /// How to print it: terminal, for people, or json.
    #[arg(long, value_enum, default_value_t = Format::Terminal, hide_possible_values = true)]
    format: Format,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let asked = args.rule.as_deref().unwrap_or_default().to_ascii_uppercase();
    let rule = asked.parse::<Rule>();
    // The id of a rule of a draft asks for drafts.
    let set = set(rule.as_ref().is_ok_and(|rule| rule.is_draft()))?;
    if let Ok(rule) = rule {
        match args.format {
            Format::Terminal => print(&report::rule(&set, rule))?,
            Format::Json => print_json(&report::rule_json(&set, rule))?,
        }
        return Ok(Exit::AsExpected);
    }
    let rules = if asked.is_empty() {
        Rule::ALL.to_vec()
    } else {
        of_group(&asked)
    };
    if rules.is_empty() {
        return Err(unknown(&set, args.rule.as_deref().unwrap_or_default()));
    }
    match args.format {
        Format::Terminal => print(&report::rules(&rules))?,
        Format::Json => print_json(&report::rules_json(&rules))?,
    }
    Ok(Exit::AsExpected)
}

/// The rules whose ids begin with these letters.
fn of_group(letters: &str) -> Vec<Rule> {
    let is_of_group = |rule: &Rule| rule.id().split_once('-').is_some_and(|(group, _)| group == letters);
    let all = Rule::ALL.iter().chain(Rule::DRAFTS);
    all.copied().filter(is_of_group).collect()
}

/// An error that says what the text is, if it is something else, or which rules look like it.
fn unknown(set: &Set, text: &str) -> Failure {
    if text.parse().ok().and_then(|id| set.find(&id)).is_some() {
        return Failure::unusable(format!(
            "{text} is a case, not a rule; `chunkproof show {text}` explains it"
        ));
    }
    if let Ok(choice) = text.parse::<Choice>() {
        let rules = report::rules_of_choice(set, choice);
        let rules: Vec<&str> = rules.into_iter().map(Rule::id).collect();
        return Failure::unusable(format!(
            "{text} is a choice, not a rule; it is explained with {}",
            rules.join(", ")
        ));
    }
    let asked = text.to_ascii_uppercase();
    let mut near: Vec<(usize, &str)> = Rule::ALL
        .iter()
        .map(|rule| (distance(&asked, rule.id()), rule.id()))
        .filter(|&(distance, _)| distance <= 2)
        .collect();
    near.sort_unstable();
    near.truncate(3);
    let near: Vec<&str> = near.into_iter().map(|(_, id)| id).collect();
    let group = asked.split('-').next().unwrap_or_default();
    let of_group = of_group(group);
    let hint = match (of_group.first(), of_group.last()) {
        (Some(first), Some(last)) => format!("the group has {first} to {last}"),
        _ if near.is_empty() => "`chunkproof explain` lists all".to_owned(),
        _ => format!("did you mean {}?", near.join(", ")),
    };
    Failure::unusable(format!("no rule has the id {text:?}; {hint}"))
}
