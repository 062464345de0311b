//! What was found as a case of the set and the edits that make it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    mutate::{annotations_of, bytes_of},
    neighbours::{distance, named},
};
use crate::{
    cases::{data::Shape, plans},
    forge::{
        Edit, Kind,
        edit::{Difference, Number, between_layers},
        layer::Plan,
    },
    vectors::{CaseId, Expect, Op, Set, SetEntry, Subject},
};

/// A case, and the edits that make an input of its own.
pub(super) struct Description {
    pub(super) twin: CaseId,
    pub(super) difference: Difference,
}

impl Description {
    /// What the edits do.
    pub(super) fn change(&self) -> String {
        named(&self.difference.sentences)
    }

    /// The title of the case, with what the edits do.
    pub(super) fn title(&self, set: &Set) -> String {
        let title = set.find(&self.twin).map_or("", |entry| entry.case.title.as_str());
        format!("{title}: {}", self.change())
    }

    /// The edits that make an output of that of the case; none where it takes many. The digest of a TOC follows from the layer.
    pub(super) fn output(&self, set: &Set, output: &Value) -> Option<Vec<Edit>> {
        let (Expect::Valid { output: from } | Expect::Either { output: from, .. }) = &set.find(&self.twin)?.case.expect
        else {
            return None;
        };
        let mut from = from.clone();
        if self.difference.edits.iter().any(Edit::is_of_layer)
            && let Some(digest) = from.get_mut("toc_digest")
        {
            *digest = output["toc_digest"].clone();
        }
        let [from, to] = [&from, output].map(|output| output.to_string().into_bytes());
        let difference = Difference::of("output", &from, &to, Kind::Json);
        difference.is_short().then_some(difference.edits)
    }
}

/// The accepted cases that descriptions begin with.
pub(super) struct Twins<'a> {
    set: &'a Set,
    op: Op,
    /// Of layers, which are edited in their parts.
    plans: Option<&'static BTreeMap<CaseId, Plan>>,
}

impl<'a> Twins<'a> {
    pub(super) fn of(set: &'a Set, op: Op) -> Self {
        let is_layer = matches!(op, Op::LayerIndex | Op::LayerReconstruct);
        Self {
            set,
            op,
            plans: is_layer.then(plans),
        }
    }

    /// The case with the fewest edits, and of these the one that has most in common with the input; none where each needs many.
    ///
    /// # Errors
    ///
    /// A case of the set that cannot be read.
    pub(super) fn nearest(&self, input: &Value) -> Result<Option<Description>, String> {
        let mut best: Option<((usize, usize), Description)> = None;
        for entry in self.set.entries() {
            let is_twin = entry.op == self.op && entry.case.expect != Expect::Invalid && entry.case.limits.is_none();
            if !is_twin {
                continue;
            }
            let other = self.set.wire_input(entry).map_err(|error| error.to_string())?;
            let Some(difference) = self.difference(entry, &other, input).filter(Difference::is_short) else {
                continue;
            };
            let order = (difference.edits.len(), distance(&other, input));
            if best.as_ref().is_none_or(|(least, _)| order < *least) {
                let twin = entry.case.id.clone();
                best = Some((order, Description { twin, difference }));
            }
        }
        Ok(best.map(|(_, description)| description))
    }

    /// As [`Self::nearest`], of layers: their bytes say little of what is next to them.
    ///
    /// # Errors
    ///
    /// A case of the set that cannot be read.
    pub(super) fn of_layers(&self, input: &Value) -> Result<Option<Description>, String> {
        if self.plans.is_none() {
            return Ok(None);
        }
        self.nearest(input)
    }

    /// The edits of this case, however many they are.
    ///
    /// # Errors
    ///
    /// A case of the set that cannot be read.
    pub(super) fn from(&self, twin: &CaseId, input: &Value) -> Result<Option<Description>, String> {
        let Some(entry) = self.set.find(twin) else {
            return Ok(None);
        };
        let other = self.set.wire_input(entry).map_err(|error| error.to_string())?;
        let difference = self.difference(entry, &other, input);
        Ok(difference.map(|difference| Description {
            twin: twin.clone(),
            difference,
        }))
    }

    /// The edits that make one input of that of a case; none where a case that is data cannot have them, as of layers whose plan is
    /// not known.
    fn difference(&self, entry: &SetEntry, from: &Value, to: &Value) -> Option<Difference> {
        let difference = match self.op {
            Op::LayerIndex | Op::LayerReconstruct => {
                let plan = self.plans?.get(&entry.case.id)?;
                between_layers(plan, &bytes_of(to, "blob"), &annotations_of(to))?
            }
            Op::TarSplitAssemble => return None,
            op => of_parts(op, from, to)?,
        };
        Some(difference).filter(|difference| !difference.edits.is_empty())
    }
}

/// The edits that make one input of another, where it has no parts.
fn of_parts(op: Op, from: &Value, to: &Value) -> Option<Difference> {
    let mut difference = inputs(op, from, to);
    if from["blob_size"] != to["blob_size"] {
        let size = to["blob_size"].as_str()?;
        difference
            .sentences
            .push(format!("blob size {size} in place of {}", from["blob_size"].as_str()?));
        difference.edits.push(Edit::BlobSize(Number::Digits(size.to_owned())));
    }
    Some(difference)
}

/// What two inputs differ in: annotations and bytes.
pub(super) fn inputs(op: Op, from: &Value, to: &Value) -> Difference {
    let mut difference = Difference::of_annotations(&annotations_of(from), &annotations_of(to));
    if let Some(Subject { field, content }) = op.subject() {
        let (before, after) = (bytes_of(from, field), bytes_of(to, field));
        let of_bytes = Difference::of(content.name(), &before, &after, Shape::of(op).kind);
        difference.edits.extend(of_bytes.edits);
        difference.sentences.extend(of_bytes.sentences);
    }
    difference
}
