//! Cases out of rows: the twin is found, its input edited, and the case added to the family of its operation.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use toml::Spanned;

use super::{Again, Data, File, Group, Row, Verdict, seal};
use crate::{
    cases::{
        self,
        family::{Blobs, Family},
    },
    forge::{Edit, layer::Plan},
    vectors::{
        Case, CaseFile, CaseId, Expect, LayerFormat, Op, Set, SetEntry,
        case_files::{SCHEMA, read_cases},
    },
};

/// The contents of blobs by their names.
type NamedBlobs = BTreeMap<String, Cow<'static, [u8]>>;

/// A row that is still to be made, and where it is.
struct Pending<'a> {
    file: &'a File,
    group: &'a Group,
    row: &'a Spanned<Row>,
    verdict: Verdict,
    /// Whether the operation is another one than that of the file.
    is_also: bool,
    /// The twin of another dialect, if the case is made from one.
    again: Option<&'a Again>,
}

impl Data {
    /// Adds the cases of an operation to its family. A twin may be any case of the family, or another case of these files.
    ///
    /// # Errors
    ///
    /// A case that is not right, in a sentence with the file, the line and the id.
    pub(in crate::cases) fn add_to<I, O>(
        &self,
        op: Op,
        family: &mut Family<I, O>,
        blobs: &mut Blobs,
    ) -> Result<(), String>
    where
        I: Serialize + DeserializeOwned,
        O: Serialize + DeserializeOwned,
    {
        let mut pending = self.pending(op);
        while !pending.is_empty() {
            let before = pending.len();
            let mut left = Vec::new();
            for next in pending {
                let twin = next.twin(family.name()).ok_or_else(|| next.error("no twin is named"))?;
                if family.find(&twin).is_some() {
                    next.add_to(op, family, blobs)
                        .map_err(|sentence| next.error(&sentence))?;
                } else {
                    left.push(next);
                }
            }
            if let (true, Some(next)) = (left.len() == before, left.first()) {
                let twin = next.twin(family.name()).map(|id| id.to_string()).unwrap_or_default();
                return Err(next.error(&format!("no case of {op} has the id of its twin, {twin}")));
            }
            pending = left;
        }
        Ok(())
    }

    /// The cases of these files, and the blobs that they need. Their twins are in the set or among them.
    ///
    /// # Errors
    ///
    /// As [`Self::add_to`], and a case that does not conform to its operation.
    pub(in crate::cases) fn entries(&self, set: &Set) -> Result<(Vec<SetEntry>, NamedBlobs), String> {
        let mut entries = Vec::new();
        let mut made = NamedBlobs::new();
        for op in self.ops() {
            let of_op = || set.entries().iter().filter(|entry| entry.op == op);
            let name = of_op().find_map(|entry| entry.case.id.as_str().split('/').next());
            let name = name.unwrap_or_default();
            let pending = self.pending(op);
            let new: BTreeSet<CaseId> = pending
                .iter()
                .map(|next| next.id_in(name, &next.row.get_ref().id))
                .collect();
            let known = of_op()
                .map(|entry| entry.case.clone())
                .filter(|case| !new.contains(&case.id));
            let plans = match op {
                Op::LayerIndex | Op::LayerReconstruct => cases::plans().clone(),
                _ => BTreeMap::new(),
            };
            let mut family = Family::with(name, known.collect(), plans);
            let named = of_op().filter_map(|entry| blob_of(&entry.case.input));
            let known: BTreeMap<String, Vec<u8>> = named
                .filter_map(|name| Some((name.clone(), set.blob(&name)?.to_vec())))
                .collect();
            let mut blobs = Blobs::of(known);
            self.add_to(op, &mut family, &mut blobs)?;
            let cases: Vec<Case<Value, Value>> = family.into_cases();
            let file = CaseFile {
                schema: SCHEMA,
                op,
                cases: cases.into_iter().filter(|case| new.contains(&case.id)).collect(),
            };
            let text = serde_json::to_string(&file).map_err(|error| error.to_string())?;
            entries.extend(read_cases(&text).map_err(|error| error.to_string())?);
            let blobs = blobs.into_inner().into_iter();
            made.extend(blobs.map(|(name, bytes)| (name, Cow::Owned(bytes))));
        }
        Ok((entries, made))
    }

    fn pending(&self, op: Op) -> Vec<Pending<'_>> {
        let mut pending = Vec::new();
        for file in &self.0 {
            // Each group, and with which twin of another dialect.
            let groups = file.content.group.iter().flat_map(|group| {
                let is_of_op = file.content.op == op || group.also.contains(&op);
                let again = group.again.iter().filter(|again| again.op == op);
                let own = is_of_op.then_some((group, None));
                own.into_iter().chain(again.map(move |again| (group, Some(again))))
            });
            for (group, again) in groups {
                let lists = [
                    (Verdict::Valid, &group.valid),
                    (Verdict::Either, &group.either),
                    (Verdict::Invalid, &group.invalid),
                ];
                for (verdict, rows) in lists {
                    pending.extend(rows.iter().map(|row| Pending {
                        file,
                        group,
                        row,
                        verdict,
                        is_also: file.content.op != op,
                        again,
                    }));
                }
            }
        }
        pending
    }
}

impl Pending<'_> {
    fn twin(&self, family: &str) -> Option<CaseId> {
        if let Some(again) = self.again {
            return Some(again.twin.clone());
        }
        let twin = self.row.get_ref().twin.as_ref().or(self.group.twin.as_ref());
        twin.map(|id| self.id_in(family, id))
    }

    /// The id in the family of the operation, and of the dialect if that is another.
    fn id_in(&self, family: &str, id: &CaseId) -> CaseId {
        match (id.as_str().split_once('/'), self.again) {
            (Some((_, slug)), Some(again)) => {
                let dialects = LayerFormat::ALL.iter().map(|form| format!("{}-", form.name()));
                let plain = dialects.into_iter().find_map(|prefix| slug.strip_prefix(&prefix));
                CaseId::of(family, &format!("{}-{}", again.dialect.name(), plain.unwrap_or(slug)))
            }
            (Some((_, slug)), None) if self.is_also => CaseId::of(family, slug),
            _ => id.clone(),
        }
    }

    fn error(&self, sentence: &str) -> String {
        self.file.error(self.row, sentence)
    }

    fn add_to<I, O>(&self, op: Op, family: &mut Family<I, O>, blobs: &mut Blobs) -> Result<(), String>
    where
        I: Serialize + DeserializeOwned,
        O: Serialize + DeserializeOwned,
    {
        let (row, group) = (self.row.get_ref(), self.group);
        let prefix = format!("{}/", family.name());
        let id = self.id_in(family.name(), &row.id);
        let slug = id.as_str().strip_prefix(&prefix);
        let slug = slug.ok_or_else(|| format!("the ids of {op} begin with {prefix}"))?;
        if family.find(&id).is_some() {
            return Err("two cases have this id".to_owned());
        }
        let twin = self.twin(family.name()).ok_or("no twin is named")?;
        let twin = family.find(&twin).ok_or("its twin is missing")?;
        let (input, output) = made(op, twin, family.plan(&twin.id), row, blobs)?;
        let input: I = serde_json::from_value(input).map_err(|error| error.to_string())?;
        let dialects = row.dialects.as_ref().or(group.dialects.as_ref());
        let dialects = match self.again {
            Some(again) => vec![again.dialect],
            None => dialects.unwrap_or(&twin.dialects).clone(),
        };
        let twin_slug = twin.id.as_str().strip_prefix(&prefix).unwrap_or_default().to_owned();
        let why = row.why.as_ref().or(group.why.as_ref());
        let why = why.ok_or("`why` is missing: what goes wrong in an implementation that answers wrongly")?;
        let rules = row.rules.as_ref().or(group.rules.as_ref());
        let rules = rules
            .filter(|rules| !rules.is_empty())
            .ok_or("`rules` is missing: the ids of the rules that the case is about")?;
        let choice = row.choice.or(group.choice);
        let is_twin_rejected = output.is_none();
        let output = || -> Result<O, String> {
            let output = output.ok_or("its twin is rejected and has no output")?;
            serde_json::from_value(output).map_err(|error| error.to_string())
        };
        let added = match (self.verdict, choice) {
            (Verdict::Invalid, _) => {
                if is_twin_rejected {
                    return Err("its twin is rejected; an invalid case differs from one that is accepted".to_owned());
                }
                if row.title.is_some() || !row.output.0.is_empty() {
                    return Err("an invalid case has `change`, and neither `title` nor `output`".to_owned());
                }
                let change = row
                    .change
                    .as_deref()
                    .ok_or("`change` is missing: what the edit does, in a few words")?;
                family.invalid(slug, &twin_slug, change, why, rules, input)
            }
            (_, _) if row.change.is_some() => {
                return Err("a case that is accepted has `title` and no `change`".to_owned());
            }
            (Verdict::Valid, _) => family.valid(slug, &self.title()?, why, input, output()?),
            (Verdict::Either, Some(choice)) => family.either(slug, &self.title()?, why, choice, input, output()?),
            (Verdict::Either, None) => {
                return Err("`choice` is missing: the id of the choice that readers have".to_owned());
            }
        };
        let bugs = row.bugs.as_ref().or(group.bugs.as_ref());
        let added = added.rules(rules).forms(dialects);
        let added = added.tags(row.tags.as_ref().or(group.tags.as_ref()).map_or(&[], Vec::as_slice));
        if let Some(bugs) = bugs.filter(|bugs| !bugs.is_empty()) {
            added.bugs(bugs);
        }
        Ok(())
    }

    fn title(&self) -> Result<String, String> {
        let title = self.row.get_ref().title.as_deref();
        let title = title.ok_or("`title` is missing: what the case is, in a few words")?;
        Ok(match self.again {
            Some(again) => format!("{title}, in {}", again.dialect.name()),
            None => title.to_owned(),
        })
    }
}

/// The name of the blob that an input has.
fn blob_of(input: &Value) -> Option<String> {
    let fields = input.as_object()?.values();
    fields
        .filter_map(|value| value.get("blob")?.as_str())
        .map(str::to_owned)
        .next()
}

/// The input and the output of the twin with the edits of the row; no output of a twin that is rejected.
fn made<I: Serialize, O: Serialize>(
    op: Op,
    twin: &Case<I, O>,
    plan: Option<&Plan>,
    row: &Row,
    blobs: &mut Blobs,
) -> Result<(Value, Option<Value>), String> {
    let value = serde_json::to_value(&twin.input).map_err(|error| error.to_string())?;
    let is_of_layer = row.edit.0.iter().any(Edit::is_of_layer);
    let (input, toc_digest) = if is_of_layer {
        let (input, digest) = seal::layer(op, &value, plan, &row.edit.0, blobs).map_err(|error| error.to_string())?;
        (input, Some(digest))
    } else {
        let input = seal::input(op, &value, &row.edit.0, blobs).map_err(|error| error.to_string())?;
        (input, None)
    };
    if input == value {
        return Err("`edit` leaves the input as it is in the twin".to_owned());
    }
    let output = match &twin.expect {
        Expect::Invalid => None,
        Expect::Valid { output } | Expect::Either { output, .. } => {
            let mut value = serde_json::to_value(output).map_err(|error| error.to_string())?;
            if let (Some(digest), Some(found)) = (toc_digest, value.get_mut("toc_digest")) {
                *found = Value::from(digest);
            }
            Some(seal::output(&value, &row.output.0).map_err(|error| format!("`output`: {error}"))?)
        }
    };
    Ok((input, output))
}
