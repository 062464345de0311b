//! From a candidate to a case: the rule, the twin and the words.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::Serialize;
use serde_json::Value;

use super::{
    candidates::Candidate,
    description::{Description, Twins},
    neighbours::{self, Neighbour},
};
use crate::{
    cases::{given::Given, promoted},
    forge::Edit,
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

/// What a finding becomes.
pub struct Promotion {
    /// The case, and before it the twin that was made for it if no case of the set is next to it.
    pub candidates: Vec<Candidate>,
    /// How the case follows from one of the set.
    description: Option<Description>,
}

/// The case of a finding.
///
/// # Errors
///
/// Why it can be no case, in a sentence.
pub fn cases(set: &Set, finding: &Finding, words: &Words) -> Result<Promotion, String> {
    let op = finding.op;
    if let Some(same) = same(set, op, &finding.input)? {
        return Err(format!("the case {same} has the same input"));
    }
    let id = id(set, finding, words)?;
    let mut candidate = Candidate::of(
        op,
        id.clone(),
        &finding.input,
        finding.dialects.clone(),
        finding.provenance.clone(),
    )?;
    let mut tags = words.tags.clone();
    tags.sort();
    tags.dedup();
    candidate.case.tags = tags;
    let twins = Twins::of(set, op);
    let mut candidates = Vec::new();
    let description;
    if let Expect::Valid { output } = &candidate.case.expect {
        description = match &words.twin {
            Some(twin) => twins.from(twin, &finding.input)?,
            None => twins.nearest(&finding.input)?,
        };
        if let Some(choice) = words.choice {
            candidate.case.expect = Expect::Either {
                choice,
                output: output.clone(),
                readings: Default::default(),
            };
        }
        let title = || match &description {
            Some(description) => description.title(set),
            None => format!("{} that was found", op.noun()),
        };
        candidate.case.title = words.title.clone().unwrap_or_else(title);
    } else {
        if words.choice.is_some() {
            return Err(
                "the reference rejects the input, so the output of a reader that accepts it is unknown".to_owned(),
            );
        }
        let twin = twin(set, &twins, finding, words, &id)?;
        let change = words.change.clone().unwrap_or(twin.change);
        candidate.case.title = words
            .title
            .clone()
            .unwrap_or_else(|| format!("{}: {change}", twin.title));
        candidate.case.twin = Some(twin.id);
        candidate.case.change = Some(change);
        candidates.extend(twin.made);
        description = twin.description;
    }
    candidate.case.why = match (&words.why, candidate.case.rules.first()) {
        (Some(why), _) => why.clone(),
        (None, Some(rule)) => format!("Implementations were found to answer differently. {}", rule.text()),
        (None, None) => "Implementations were found to answer differently, and no rule rejects the input.".to_owned(),
    };
    if candidate.case.rules.is_empty() {
        candidate.case.rules = match words.rules.as_slice() {
            [] => rules_of(set, &finding.provenance, description.as_ref()),
            rules => rules.to_vec(),
        };
    }
    candidates.push(candidate);
    Ok(Promotion {
        candidates,
        description,
    })
}

/// A valid case names the rules that it holds to: those of the case that it began as, or that it follows from.
fn rules_of(set: &Set, provenance: &Provenance, description: Option<&Description>) -> Vec<Rule> {
    let twin = description.map(|description| &description.twin);
    let from = match provenance {
        Provenance::Found { from: Some(from), .. } => Some(from),
        _ => twin,
    };
    from.and_then(|id| set.find(id))
        .map(|entry| entry.case.rules.clone())
        .unwrap_or_default()
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

/// The accepted case next to a rejected one.
struct Twin {
    id: CaseId,
    title: String,
    /// The change from it.
    change: String,
    /// The case, if it was made.
    made: Option<Candidate>,
    /// The edits from it, if it is one of the set.
    description: Option<Description>,
}

fn twin(set: &Set, twins: &Twins<'_>, finding: &Finding, words: &Words, id: &CaseId) -> Result<Twin, String> {
    let op = finding.op;
    let near = match (&words.twin, twins.of_layers(&finding.input)?) {
        (Some(twin), _) => Neighbour {
            input: Ok(twin.clone()),
            distance: 0,
        },
        (None, Some(description)) => Neighbour {
            input: Ok(description.twin),
            distance: 0,
        },
        (None, None) => neighbours::nearest(set, op, &finding.input)?
            .ok_or("no accepted input is one change away; name the twin with --twin")?,
    };
    match near.input {
        Ok(twin) => {
            let entry = set
                .find(&twin)
                .filter(|entry| entry.op == op && entry.case.expect != Expect::Invalid);
            let entry = entry.ok_or_else(|| format!("{twin} is no accepted case of {op}"))?;
            let description = twins.from(&twin, &finding.input)?;
            let change = match &description {
                Some(description) => description.change(),
                None => {
                    let input = set.wire_input(entry).map_err(|error| error.to_string())?;
                    neighbours::describe(op, &input, &finding.input)
                }
            };
            Ok(Twin {
                id: twin,
                title: entry.case.title.clone(),
                change,
                made: None,
                description,
            })
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
            Ok(Twin {
                id: twin,
                title,
                change,
                made: Some(candidate),
                description: None,
            })
        }
    }
}

/// The case as data, a case of the set and the edits in TOML, and the file that it is in then; none where it needs its bytes,
/// because no case of the set becomes it by few edits.
///
/// # Errors
///
/// A file that cannot be read or is not right, in a sentence.
pub fn as_data(
    set: &Set,
    finding: &Finding,
    promotion: &Promotion,
    folder: &Path,
) -> Result<Option<(PathBuf, String)>, String> {
    let ([Candidate { op, case }], Some(description)) = (promotion.candidates.as_slice(), &promotion.description)
    else {
        return Ok(None);
    };
    let (verdict, output) = match &case.expect {
        Expect::Invalid => ("invalid", Some(Vec::new())),
        Expect::Valid { output } => ("valid", description.output(set, output)),
        Expect::Either { output, .. } => ("either", description.output(set, output)),
    };
    let Some(output) = output else { return Ok(None) };
    // TOML has no null.
    let list = |edits: &[Edit]| edits.iter().map(inline).collect::<Result<Vec<String>, _>>();
    let (Ok(edits), Ok(output)) = (list(&description.difference.edits), list(&output)) else {
        return Ok(None);
    };
    let path = folder.join("found").join(format!("{}.toml", op.file_stem()));
    let before = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => format!("op = \"{op}\"\n"),
        Err(error) => return Err(format!("{}: {error}", path.display())),
    };
    let rules: Vec<&str> = case.rules.iter().map(|rule| rule.id()).collect();
    let tags: Vec<&str> = case.tags.iter().map(|tag| tag.id()).collect();
    let mut text = format!(
        "{}\n\n# {}\n[[group]]\ntwin = {}\nwhy = {}\nrules = {}\n",
        before.trim_end(),
        source(&finding.provenance),
        inline(&description.twin.as_str())?,
        inline(&case.why)?,
        inline(&rules)?
    );
    if let Expect::Either { choice, .. } = &case.expect {
        text += &format!("choice = {}\n", inline(&choice.id())?);
    }
    if !tags.is_empty() {
        text += &format!("tags = {}\n", inline(&tags)?);
    }
    let (key, words) = match &case.change {
        Some(change) => ("change", change),
        None => ("title", &case.title),
    };
    text += &format!(
        "\n[[group.{verdict}]]\nid = {}\n{key} = {}\nedit = [{}]\n",
        inline(&case.id.as_str())?,
        inline(words)?,
        edits.join(", ")
    );
    if !output.is_empty() {
        text += &format!("output = [{}]\n", output.join(", "));
    }
    // What is written down has to be what was found.
    let given = Given::parse(&path, text.clone(), set)?;
    let Some(made) = given.set.find(&case.id) else {
        return Ok(None);
    };
    let input = given.set.wire_input(made).map_err(|error| error.to_string())?;
    let is_same = input == finding.input && made.case.expect == case.expect;
    Ok(is_same.then_some((path, text)))
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
