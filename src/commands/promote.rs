//! `chunkproof promote`

use std::path::{Path, PathBuf};

use clap::ValueHint;

use super::{
    Exit, Failure,
    output::print,
    replay::target,
    subject::{self, Kind, Reading},
};
use crate::{
    cases::{data, promoted::FOLDER, replace},
    fuzzing::Target,
    hunt::{
        candidates::{first_rule, smaller},
        minimize::weight,
        promote::{Finding, Words, as_data, cases, keep},
    },
    outside::Outside,
    rules::Rule,
    vectors::{CaseId, Choice, Op, Set, Tag},
};

/// Turn a finding into a test case.
///
/// The reference decides which rule the input breaks, if any. promote shrinks a fuzz artifact first and preserves that rule;
/// hunt has shrunk its candidates. The twin is the accepted case that differs in the fewest bytes, or the nearest accepted
/// input, which becomes a case too. An input that edits of a case of the set make is written as these edits, in TOML; of a layer
/// each edit is made to one of its parts. Any other case is written with its bytes. Title, reason and rules can be edited there; `generate` adds the cases to the set.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chunkproof promote found/toc-parse-jsn-08-8.json --id toc/inner-offset-text
  chunkproof promote fuzz/artifacts/toc/crash-0123 --target toc --id toc/unseen
  chunkproof promote odd.tar --op tarsplit/disassemble --id disassemble/odd")]
pub(super) struct Args {
    /// A candidate of `hunt`, a fuzz artifact, or any file that an operation reads.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// The operation that reads the file, unless it is a candidate of `hunt` or --target is given.
    #[arg(long, value_name = "OP")]
    op: Option<Op>,
    /// The fuzz target that failed with the file.
    #[arg(long, value_name = "TARGET", value_parser = target)]
    target: Option<Target>,
    /// The annotations of a layer, as a JSON object.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    annotations: Option<PathBuf>,
    /// The id [default: found- and the start of the input's digest].
    #[arg(long, value_name = "ID")]
    id: Option<CaseId>,
    /// The input in a few words [default: the twin and the change].
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// The harm of a wrong answer, and the source that decides, in sentences.
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
    /// The one change from the twin, in a few words [default: the bytes that differ].
    #[arg(long, value_name = "TEXT")]
    change: Option<String>,
    /// The accepted case that differs by one change [default: the nearest].
    #[arg(long, value_name = "ID")]
    twin: Option<CaseId>,
    /// The choice that the case is about, if readers may accept or reject it.
    #[arg(long, value_name = "CHOICE")]
    choice: Option<Choice>,
    /// A tag. Can be given more than once.
    #[arg(long, value_name = "TAG")]
    tag: Vec<Tag>,
    /// A rule that an accepted input is about. Can be given more than once.
    #[arg(long, value_name = "RULE")]
    rule: Vec<Rule>,
    /// Do not shrink the file.
    #[arg(long)]
    as_is: bool,
    /// The folder of cases as data, for a case that is an edit of a case of the set.
    #[arg(long, value_name = "DIR", default_value = data::FOLDER, value_hint = ValueHint::DirPath)]
    cases: PathBuf,
    /// The folder of cases with the bytes of their input, for any other.
    #[arg(short, long, value_name = "DIR", default_value = FOLDER, value_hint = ValueHint::DirPath)]
    output: PathBuf,
}

/// Inputs that are tried to make an artifact smaller.
const ATTEMPTS: usize = 5000;

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let set = Set::embedded().map_err(Failure::unusable)?;
    // A case of the set is no finding.
    if !args.file.is_file() {
        return Err(Failure::unusable(format!("{}: no such file", args.file.display())));
    }
    let reading = Reading {
        op: args.op,
        target: args.target.as_ref().map(|target| target.name),
        annotations: args.annotations.as_deref(),
    };
    if reading.op.is_none() && reading.target.is_none() && args.annotations.is_none() && !is_candidate(&args.file) {
        return Err(Failure::unusable(
            "the file is not a candidate of `hunt`; name what it is with --op or --target",
        ));
    }
    let mut subject = subject::read(&set, &args.file.display().to_string(), reading)?;
    let op = subject.op;
    let rule = first_rule(op, &subject.input);
    if subject.kind == Kind::Raw && rule != "accepted" && !args.as_is {
        let before = weight(&subject.input);
        subject.input = smaller(op, &subject.input, ATTEMPTS);
        print(&format!(
            "shrunk to about {} of {} bytes\n",
            weight(&subject.input) / 4,
            before / 4
        ))?;
    }
    let finding = Finding {
        op,
        input: subject.input,
        dialects: subject.dialects,
        provenance: subject.provenance,
    };
    let words = Words {
        id: args.id.clone(),
        title: args.title.clone(),
        why: args.why.clone(),
        change: args.change.clone(),
        twin: args.twin.clone(),
        choice: args.choice,
        tags: args.tag.clone(),
        rules: args.rule.clone(),
    };
    let promotion = cases(&set, &finding, &words).map_err(Failure::unusable)?;
    let candidates = &promotion.candidates;
    let data = as_data(&set, &finding, &promotion, &args.cases).map_err(Failure::unusable)?;
    let path = match &data {
        Some((path, text)) => Some(write(path, text)?),
        None => keep(&args.output, candidates).map_err(Failure::unusable)?,
    };
    let mut text = String::new();
    for candidate in candidates {
        let case = &candidate.case;
        let rules: Vec<&str> = case.rules.iter().map(|rule| rule.id()).collect();
        text += &format!("{}: {} [{}]\n", case.id, case.expect.verdict(), rules.join(" "));
        if let (Some(twin), Some(change)) = (&case.twin, &case.change) {
            let change = Outside::sentence(change);
            text += &format!("  twin    {twin}\n  change  {change}\n");
        }
    }
    if let Some(path) = path {
        let next = match &data {
            Some(_) => "run `generate` to add the case to the set",
            None => "it has the bytes of the input; build the program again and run `generate` to add it to the set",
        };
        text += &format!("{}: changed; {next}\n", Outside::path(&path));
    }
    print(&text)?;
    Ok(Exit::AsExpected)
}

/// Writes a file in a folder that may be new.
fn write(path: &Path, text: &str) -> Result<PathBuf, Failure> {
    let failed = |error: std::io::Error| Failure::io(&path.display().to_string(), &error);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    replace(path, text.as_bytes()).map_err(failed)?;
    Ok(path.to_owned())
}

fn is_candidate(file: &Path) -> bool {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    crate::vectors::case_files::read_cases(&text).is_ok()
}
