//! `chunkproof add`

use std::{fmt::Write as _, io, path::PathBuf};

use clap::ValueHint;

use super::{Exit, Failure, output::print};
use crate::{
    bounded,
    cases::{
        given::{Checked, Given, use_registers_of},
        replace,
    },
    outside::Outside,
    rules::Rule,
    vectors::{CaseId, Choice, Set, Tag},
};

/// Add a case to a file of cases as data, or check the cases of a file.
///
/// A case is its twin and an edit; CONTRIBUTING.md lists the edits. `add` makes the case and asks the reference: the answer has
/// to be the verdict of the case, the twin has to be accepted, and the rule that is reported first has to be the first of the
/// case. No other case may have the same input. Nothing is written if it is not so. Run `generate` to add the case to the set,
/// which needs no rebuild.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chunkproof add src/cases/toc/json.toml --twin toc/g5 --id toc/mode-infinity \\
    --change 'Infinity for a mode' --why 'A mode is read as 0.' \\
    --edit 'raw = { at = \"/entries/0/mode\", to = \"Infinity\" }'
  chunkproof add src/cases/toc/json.toml --check")]
pub(super) struct Args {
    /// The file, which may be new.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// Add nothing; check the cases of the file.
    #[arg(long, conflicts_with_all = ["id", "twin", "edit", "change", "title", "why", "rule", "choice", "tag"])]
    check: bool,
    /// The id.
    #[arg(long, value_name = "ID", required_unless_present = "check")]
    id: Option<CaseId>,
    /// The accepted case that is edited.
    #[arg(long, value_name = "ID", required_unless_present = "check")]
    twin: Option<CaseId>,
    /// An edit of the twin, in TOML. Can be given more than once.
    #[arg(long, value_name = "EDIT", required_unless_present = "check")]
    edit: Vec<String>,
    /// The change, in a few words: the case is rejected.
    #[arg(long, value_name = "TEXT", conflicts_with = "title")]
    change: Option<String>,
    /// The case, in a few words: it is accepted, or either with --choice.
    #[arg(long, value_name = "TEXT", required_unless_present_any = ["check", "change"])]
    title: Option<String>,
    /// The harm of a wrong answer, in a sentence.
    #[arg(long, value_name = "TEXT", required_unless_present = "check")]
    why: Option<String>,
    /// A rule that the case is about, the primary one first [default: those that the reference reports].
    #[arg(long, value_name = "RULE")]
    rule: Vec<Rule>,
    /// The choice that the case is about, if readers may accept or reject it.
    #[arg(long, value_name = "CHOICE", requires = "title")]
    choice: Option<String>,
    /// A tag. Can be given more than once.
    #[arg(long, value_name = "TAG")]
    tag: Vec<String>,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let set = Set::embedded().map_err(Failure::unusable)?;
    if args.check {
        let given = Given::read(&args.file, &set).map_err(Failure::unusable)?;
        return report(&given.check(given.ids.iter()).map_err(Failure::unusable)?);
    }
    // Rows of the registers on disk can be newer than the program.
    use_registers_of(&args.file).map_err(Failure::unusable)?;
    if let Some(choice) = &args.choice {
        choice.parse::<Choice>().map_err(Failure::unusable)?;
    }
    for tag in &args.tag {
        tag.parse::<Tag>().map_err(Failure::unusable)?;
    }
    let (Some(id), Some(twin)) = (&args.id, &args.twin) else {
        return Err(Failure::unusable("name the case with --id and its twin with --twin"));
    };
    let name = Outside::path(&args.file).to_string();
    let before = match bounded::read_text(&args.file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let found = set
                .find(twin)
                .ok_or_else(|| Failure::unusable(format!("no case has the id {twin}")))?;
            format!("op = {}\n", quoted(found.op.name()))
        }
        Err(error) => return Err(Failure::io(&name, &error)),
    };
    let read = |rules: &[Rule]| {
        let text = format!("{}\n\n{}", before.trim_end(), args.group(id, twin, rules));
        let given = Given::parse(&args.file, text.clone(), &set).map_err(Failure::unusable)?;
        Ok::<_, Failure>((given, text))
    };
    let mut rules = args.rule.clone();
    if rules.is_empty() {
        // Any rule will do to ask for those that are broken.
        let (given, _) = read(&Rule::ALL[..1])?;
        rules = given.broken(id).map_err(Failure::unusable)?;
    }
    if rules.is_empty() {
        return Err(Failure::unusable(
            "the reference accepts the input; name the rule that the case is about with --rule",
        ));
    }
    let (given, text) = read(&rules)?;
    let checked = given.check([id]).map_err(Failure::unusable)?;
    let exit = report(&checked)?;
    if exit == Exit::AsExpected {
        replace(&args.file, text.as_bytes()).map_err(|error| Failure::io(&name, &error))?;
        print(&format!(
            "{name}: changed; run `chunkproof generate` to add the case to the set\n"
        ))?;
    }
    Ok(exit)
}

/// Prints what is right and what is wrong.
fn report(checked: &[Checked]) -> Result<Exit, Failure> {
    let mut text = String::new();
    for Checked { id, said, problems } in checked {
        // Writing to a string cannot fail.
        let _always = writeln!(text, "{id}: {}", Outside::sentence(said));
        for problem in problems {
            let _always = writeln!(text, "  wrong  {}", Outside::sentence(problem));
        }
    }
    print(&text)?;
    let is_right = checked.iter().all(|checked| checked.problems.is_empty());
    Ok(if is_right { Exit::AsExpected } else { Exit::Failures })
}

impl Args {
    /// The case as a group of its own.
    fn group(&self, id: &CaseId, twin: &CaseId, rules: &[Rule]) -> String {
        let list = |items: Vec<&str>| {
            format!(
                "[{}]",
                items.iter().map(|item| quoted(item)).collect::<Vec<_>>().join(", ")
            )
        };
        let verdict = match (&self.change, &self.choice) {
            (Some(_), _) => "invalid",
            (None, Some(_)) => "either",
            (None, None) => "valid",
        };
        let mut lines = vec![
            "[[group]]".to_owned(),
            format!("twin = {}", quoted(twin.as_str())),
            format!("why = {}", quoted(self.why.as_deref().unwrap_or_default())),
        ];
        lines.extend(
            self.choice
                .as_ref()
                .map(|choice| format!("choice = {}", quoted(choice))),
        );
        lines.push(format!(
            "rules = {}",
            list(rules.iter().map(|rule| rule.id()).collect())
        ));
        if !self.tag.is_empty() {
            lines.push(format!(
                "tags = {}",
                list(self.tag.iter().map(String::as_str).collect())
            ));
        }
        lines.extend([
            String::new(),
            format!("[[group.{verdict}]]"),
            format!("id = {}", quoted(id.as_str())),
        ]);
        lines.extend(self.change.as_ref().map(|text| format!("change = {}", quoted(text))));
        lines.extend(self.title.as_ref().map(|text| format!("title = {}", quoted(text))));
        match self.edit.as_slice() {
            [edit] => lines.push(format!("edit.{edit}")),
            edits => {
                lines.push("edit = [".to_owned());
                lines.extend(edits.iter().map(|edit| format!("    {{ {edit} }},")));
                lines.push("]".to_owned());
            }
        }
        lines.join("\n") + "\n"
    }
}

/// The text as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}
