//! From a candidate to a case: the rule, the twin and the words.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::Serialize;
use serde_json::Value;

use super::{
    candidates::Candidate,
    neighbours::{self, Neighbour},
};
use crate::{
    cases::{given::Given, promoted},
    format::Digest,
    rules::Rule,
    vectors::{CaseId, Choice, Expect, LayerFormat, Op, Provenance, Set, Tag, Tombstone},
};

/// What is to become a case.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The operation.
    pub op: Op,
    /// The input, with its bytes in base64.
    pub input: Value,
    /// The dialects in which it means something.
    pub dialects: Vec<LayerFormat>,
    /// Where it comes from.
    pub provenance: Provenance,
}

/// What only a person can say of it. What is left out is made of what is known.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// The id.
    pub id: Option<CaseId>,
    /// What the case is.
    pub title: Option<String>,
    /// What goes wrong in an implementation that answers wrongly.
    pub why: Option<String>,
    /// The one change from the twin.
    pub change: Option<String>,
    /// The accepted case next to it.
    pub twin: Option<CaseId>,
    /// The choice that it leaves, where the reference accepts it and others need not.
    pub choice: Option<Choice>,
    /// Labels.
    pub tags: Vec<Tag>,
    /// The rules that an accepted input holds to; those of the case that it began as, if left out.
    pub rules: Vec<Rule>,
}

/// The case of a finding, and the twin that was made for it if no case of the set is next to it.
///
/// # Errors
///
/// Why it can be no case, in a sentence.
pub fn cases(set: &Set, finding: &Finding, words: &Words) -> Result<Vec<Candidate>, String> {
    if let Some(same) = same(set, finding.op, &finding.input)? {
        return Err(format!("the case {same} has the same input"));
    }
    let id = id(set, finding, words)?;
    let mut candidate = Candidate::of(
        finding.op,
        id.clone(),
        &finding.input,
        finding.dialects.clone(),
        finding.provenance.clone(),
    )?;
    let mut tags = words.tags.clone();
    tags.sort();
    tags.dedup();
    candidate.case.tags = tags;
    let mut candidates = Vec::new();
    if let Expect::Valid { output } = &candidate.case.expect {
        if let Some(choice) = words.choice {
            candidate.case.expect = Expect::Either {
                choice,
                output: output.clone(),
            };
        }
        candidate.case.title = words
            .title
            .clone()
            .unwrap_or_else(|| format!("{} that was found", finding.op.noun()));
    } else {
        if words.choice.is_some() {
            return Err(
                "the reference rejects the input, so the output of a reader that accepts it is unknown".to_owned(),
            );
        }
        let (twin, title, change, made) = twin(set, finding, words, &id)?;
        let change = words.change.clone().unwrap_or(change);
        candidate.case.title = words.title.clone().unwrap_or_else(|| format!("{title}: {change}"));
        candidate.case.twin = Some(twin);
        candidate.case.change = Some(change);
        candidates.extend(made);
    }
    candidate.case.why = match (&words.why, candidate.case.rules.first()) {
        (Some(why), _) => why.clone(),
        (None, Some(rule)) => format!("Implementations were found to answer differently. {}", rule.text()),
        (None, None) => "Implementations were found to answer differently, and no rule rejects the input.".to_owned(),
    };
    if candidate.case.rules.is_empty() {
        candidate.case.rules = match words.rules.as_slice() {
            [] => rules_of(set, &finding.provenance),
            rules => rules.to_vec(),
        };
    }
    candidates.push(candidate);
    Ok(candidates)
}

/// A valid case names the rules that it holds to: those of the case that it began as.
fn rules_of(set: &Set, provenance: &Provenance) -> Vec<Rule> {
    let Provenance::Found { from: Some(from), .. } = provenance else {
        return Vec::new();
    };
    set.find(from).map(|entry| entry.case.rules.clone()).unwrap_or_default()
}

/// The case that has this input already.
fn same(set: &Set, op: Op, input: &Value) -> Result<Option<CaseId>, String> {
    for entry in set.entries().iter().filter(|entry| entry.op == op) {
        if entry.case.limits.is_none() && set.wire_input(entry).map_err(|error| error.to_string())? == *input {
            return Ok(Some(entry.case.id.clone()));
        }
    }
    Ok(None)
}

/// The id that is asked for, or one that follows from the input.
fn id(set: &Set, finding: &Finding, words: &Words) -> Result<CaseId, String> {
    let family = set.entries().iter().find(|entry| entry.op == finding.op);
    let family = family
        .and_then(|entry| entry.case.id.as_str().split('/').next())
        .unwrap_or("found");
    let id = match &words.id {
        Some(id) => id.clone(),
        None => {
            let digest = Digest::of(finding.input.to_string().as_bytes()).hex();
            let start: String = digest.chars().take(12).collect();
            format!("{family}/found-{start}").parse()?
        }
    };
    if !id.as_str().starts_with(&format!("{family}/")) {
        return Err(format!("ids of {} begin with {family}/, and {id} does not", finding.op));
    }
    if set.find(&id).is_some() {
        return Err(format!("the id {id} is taken"));
    }
    if let Some(tombstone) = Tombstone::of(&id) {
        return Err(format!("the id {id} belongs to a retired case: {}", tombstone.reason));
    }
    Ok(id)
}

/// The twin's id and title, the change from it, and the case that was made for it.
fn twin(
    set: &Set,
    finding: &Finding,
    words: &Words,
    id: &CaseId,
) -> Result<(CaseId, String, String, Option<Candidate>), String> {
    let op = finding.op;
    let near = match &words.twin {
        Some(twin) => Neighbour {
            input: Ok(twin.clone()),
            distance: 0,
        },
        None => neighbours::nearest(set, op, &finding.input)?
            .ok_or("no accepted input is one change away; name the twin with --twin")?,
    };
    match near.input {
        Ok(twin) => {
            let entry = set
                .find(&twin)
                .filter(|entry| entry.op == op && entry.case.expect != Expect::Invalid);
            let entry = entry.ok_or_else(|| format!("{twin} is no accepted case of {op}"))?;
            let input = set.wire_input(entry).map_err(|error| error.to_string())?;
            let change = neighbours::describe(op, &input, &finding.input);
            Ok((twin, entry.case.title.clone(), change, None))
        }
        Err(input) => {
            let change = neighbours::describe(op, &input, &finding.input);
            let twin: CaseId = format!("{id}-twin").parse()?;
            let mut provenance = finding.provenance.clone();
            if let Provenance::Found { answers, .. } = &mut provenance {
                answers.clear();
            }
            let mut candidate = Candidate::of(op, twin.clone(), &input, finding.dialects.clone(), provenance)?;
            let title = format!("{} next to one that is refused", op.noun());
            candidate.case.title.clone_from(&title);
            candidate.case.why = format!("A reader that rejects this input gets no credit for rejecting {id}.");
            // What it holds to is what the other one breaks.
            let refused = Candidate::of(op, id.clone(), &finding.input, Vec::new(), finding.provenance.clone())?;
            candidate.case.rules = refused.case.rules.into_iter().take(1).collect();
            Ok((twin, title, change, Some(candidate)))
        }
    }
}

/// The case as data, its twin and the edit in TOML, and the file that it is in then; none where it needs its bytes: of layers,
/// of an input that is accepted, and of one whose twin is no case of the set.
///
/// # Errors
///
/// A file that cannot be read or is not right, in a sentence.
pub fn as_data(
    set: &Set,
    finding: &Finding,
    candidates: &[Candidate],
    folder: &Path,
) -> Result<Option<(PathBuf, String)>, String> {
    let [Candidate { op, case }] = candidates else {
        return Ok(None);
    };
    let (Some(twin), Some(change)) = (&case.twin, &case.change) else {
        return Ok(None);
    };
    let of_twin = set.find(twin).map(|entry| set.wire_input(entry)).transpose();
    let of_twin = of_twin.map_err(|error| error.to_string())?;
    let Some(edits) = of_twin.and_then(|input| neighbours::edits(*op, &input, &finding.input)) else {
        return Ok(None);
    };
    let path = folder.join("found").join(format!("{}.toml", op.file_stem()));
    let before = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => format!("op = \"{op}\"\n"),
        Err(error) => return Err(format!("{}: {error}", path.display())),
    };
    // TOML has no null.
    let Ok(edits) = edits.iter().map(inline).collect::<Result<Vec<String>, _>>() else {
        return Ok(None);
    };
    let rules: Vec<&str> = case.rules.iter().map(|rule| rule.id()).collect();
    let tags: Vec<&str> = case.tags.iter().map(|tag| tag.id()).collect();
    let mut text = format!(
        "{}\n\n# {}\n[[group]]\ntwin = {}\nwhy = {}\nrules = {}\n",
        before.trim_end(),
        source(&finding.provenance),
        inline(&twin.as_str())?,
        inline(&case.why)?,
        inline(&rules)?
    );
    if !tags.is_empty() {
        text += &format!("tags = {}\n", inline(&tags)?);
    }
    text += &format!(
        "\n[[group.invalid]]\nid = {}\nchange = {}\n",
        inline(&case.id.as_str())?,
        inline(change)?
    );
    text += &format!("edit = [{}]\n", edits.join(", "));
    // What is written down has to be what was found.
    let given = Given::parse(&path, text.clone(), set)?;
    let made = given
        .set
        .find(&case.id)
        .map(|entry| given.set.wire_input(entry))
        .transpose();
    let made = made.map_err(|error| error.to_string())?;
    Ok((made.as_ref() == Some(&finding.input)).then_some((path, text)))
}

/// Where a finding comes from, in a line.
fn source(provenance: &Provenance) -> String {
    let text = match provenance {
        Provenance::Found {
            tool,
            seed,
            run,
            from,
            artifact,
            ..
        } => {
            let mut text = format!("Found by {tool}");
            text += &seed
                .as_ref()
                .map_or_else(String::new, |seed| format!(", seed {}", seed.0));
            text += &run
                .as_ref()
                .map_or_else(String::new, |run| format!(", input {}", run.0));
            text += &from.as_ref().map_or_else(String::new, |from| format!(", from {from}"));
            text += &artifact
                .as_ref()
                .map_or_else(String::new, |artifact| format!(", artifact {artifact}"));
            text
        }
        _ => "Found".to_owned(),
    };
    text.replace(char::is_control, " ")
}

/// A value as TOML writes it in a line.
fn inline(value: &impl Serialize) -> Result<String, String> {
    toml::Value::try_from(value)
        .map(|value| value.to_string())
        .map_err(|error| error.to_string())
}

/// Writes the cases where the generator takes them from, and returns the file.
///
/// # Errors
///
/// An id that is there already, a file that cannot be read or written, in a sentence.
pub fn keep(folder: &Path, candidates: &[Candidate]) -> Result<Option<PathBuf>, String> {
    let known = promoted::Promoted::read(folder)?.ids();
    if let Some(candidate) = candidates.iter().find(|candidate| known.contains(&candidate.case.id)) {
        return Err(format!("the id {} is taken", candidate.case.id));
    }
    let Some(first) = candidates.first() else {
        return Ok(None);
    };
    let cases: Vec<_> = candidates.iter().map(|candidate| &candidate.case).collect();
    promoted::add(folder, first.op, &cases).map(Some)
}
