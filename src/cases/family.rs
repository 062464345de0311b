//! How cases are written down: a family collects them, fills in what follows from the twin, and keeps large inputs.

use std::collections::BTreeMap;

use crate::{
    forge::layer::Plan,
    format::{Dialect, Digest},
    rules::Rule,
    vectors::{Bug, Bytes, Case, CaseId, CaseLimits, Choice, Decimal, Expect, LayerFormat, Provenance, Tag},
};

/// Inputs up to this many bytes stand in the case file itself.
const INLINE: usize = 4096;

/// Inputs above this many bytes are written as parts where these stay below [`LARGE_INLINE`].
const LARGE: usize = 64 << 10;

/// Most bytes that the parts of a large input have in the case file.
const LARGE_INLINE: usize = 8192;

/// What an answer may take where the request is small: the timeout that is the default for all cases, and memory for a
/// process in any language and a zstd window of 128 MiB.
const LIMITS: CaseLimits = CaseLimits {
    seconds: 10,
    memory: Decimal(512 << 20),
};

/// The inputs that are too large for the case file, by their names.
#[derive(Default)]
pub(super) struct Blobs(BTreeMap<String, Vec<u8>>);

impl Blobs {
    /// The bytes in the notation that is easiest to read, or the name of the blob that now holds them.
    pub(super) fn place(&mut self, bytes: &[u8]) -> Bytes {
        if bytes.len() <= INLINE {
            return Bytes::readable(bytes);
        }
        // Nearly all of it repeats: no file is needed.
        let parts = Bytes::parts(bytes);
        if bytes.len() > LARGE && parts.written() <= LARGE_INLINE {
            return parts;
        }
        let name = Digest::of(bytes).hex();
        self.0.insert(name.clone(), bytes.to_owned());
        Bytes::Blob(name)
    }

    /// These blobs.
    pub(super) const fn of(blobs: BTreeMap<String, Vec<u8>>) -> Self {
        Self(blobs)
    }

    /// The content of a blob.
    pub(super) fn get(&self, name: &str) -> Option<Vec<u8>> {
        self.0.get(name).cloned()
    }

    /// The blobs by their names.
    pub(super) fn into_inner(self) -> BTreeMap<String, Vec<u8>> {
        self.0
    }
}

/// The cases of one operation.
pub(super) struct Family<I, O> {
    name: String,
    cases: Vec<Case<I, O>>,
    plans: BTreeMap<CaseId, Plan>,
}

impl<I, O> Family<I, O> {
    /// A family whose ids begin with this name. Its cases apply to every dialect unless they say otherwise.
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            cases: Vec::new(),
            plans: BTreeMap::new(),
        }
    }

    /// How the ids of its cases begin.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// A family that has these cases already, with the plans of layers.
    pub(super) fn with(name: &str, cases: Vec<Case<I, O>>, plans: BTreeMap<CaseId, Plan>) -> Self {
        Self {
            name: name.to_owned(),
            cases,
            plans,
        }
    }

    /// Keeps the plan of the layer of a case, so that cases as data can edit its parts.
    pub(super) fn keep_plan(&mut self, slug: &str, plan: &Plan) {
        self.plans.insert(CaseId::of(&self.name, slug), plan.clone());
    }

    /// The plan of the layer of a case.
    pub(super) fn plan(&self, id: &CaseId) -> Option<&Plan> {
        self.plans.get(id)
    }

    /// The plans that are kept.
    pub(super) fn into_plans(self) -> BTreeMap<CaseId, Plan> {
        self.plans
    }

    /// The case of this id.
    pub(super) fn find(&self, id: &CaseId) -> Option<&Case<I, O>> {
        self.cases.iter().find(|case| case.id == *id)
    }

    /// The cases in the order in which they were added.
    pub(super) fn into_cases(self) -> Vec<Case<I, O>> {
        self.cases
    }

    /// Adds a case that is accepted with this output.
    pub(super) fn valid(&mut self, slug: &str, title: &str, why: &str, input: I, output: O) -> Added<'_, I, O> {
        self.add(slug, title, why, input, Expect::Valid { output })
    }

    /// Adds a case that is rejected, or accepted with this output.
    pub(super) fn either(
        &mut self,
        slug: &str,
        title: &str,
        why: &str,
        choice: Choice,
        input: I,
        output: O,
    ) -> Added<'_, I, O> {
        let expect = Expect::Either {
            choice,
            output,
            readings: BTreeMap::new(),
        };
        self.add(slug, title, why, input, expect)
    }

    /// Adds a case that is rejected: the twin with one change. Dialects are those of the twin, and the title is the
    /// twin's with the change behind it.
    pub(super) fn invalid(
        &mut self,
        slug: &str,
        twin: &str,
        change: &str,
        why: &str,
        rules: &[Rule],
        input: I,
    ) -> Added<'_, I, O> {
        let twin = CaseId::of(&self.name, twin);
        // A twin that is not there yet leaves a title and dialects that the tests refuse.
        let (title, dialects) = self
            .cases
            .iter()
            .find(|case| case.id == twin)
            .map(|case| (case.title.clone(), case.dialects.clone()))
            .unwrap_or_default();
        let mut added = self.add(slug, &format!("{title}: {change}"), why, input, Expect::Invalid);
        added.case.twin = Some(twin);
        added.case.change = Some(change.to_owned());
        added = added.rules(rules);
        added.case.dialects = dialects;
        added
    }

    fn add(&mut self, slug: &str, title: &str, why: &str, input: I, expect: Expect<O>) -> Added<'_, I, O> {
        let case = Case {
            id: CaseId::of(&self.name, slug),
            title: title.to_owned(),
            why: why.to_owned(),
            rules: Vec::new(),
            dialects: Dialect::ALL.iter().copied().map(LayerFormat::from).collect(),
            tags: Vec::new(),
            twin: None,
            change: None,
            input,
            limits: None,
            expect,
            provenance: Provenance::Generated { bugs: Vec::new() },
        };
        let index = self.cases.len();
        self.cases.push(case);
        Added {
            case: &mut self.cases[index],
        }
    }
}

/// A case that was just added, to say more about it.
pub(super) struct Added<'a, I, O> {
    case: &'a mut Case<I, O>,
}

impl<I, O> Added<'_, I, O> {
    /// The output of those who read the input of an `either` case in another way, by the name of the reading.
    pub(super) fn reading(self, name: &str, output: O) -> Self {
        if let Expect::Either { readings, .. } = &mut self.case.expect {
            readings.insert(name.to_owned(), output);
        }
        self
    }

    /// The rules that the case is about.
    pub(super) fn rules(self, rules: &[Rule]) -> Self {
        self.case.rules = rules.to_vec();
        self
    }

    /// The dialects in which the case means something.
    pub(super) fn dialects(self, dialects: &[Dialect]) -> Self {
        self.case.dialects = dialects.iter().copied().map(LayerFormat::from).collect();
        self
    }

    /// The dialects and siblings in which the case means something.
    pub(super) fn forms(self, forms: Vec<LayerFormat>) -> Self {
        self.case.dialects = forms;
        self
    }

    /// The case is about eStargz.
    pub(super) fn estargz(self) -> Self {
        self.case.dialects = vec![LayerFormat::EStargz];
        self
    }

    /// Further labels. `resource` brings the usual limits, unless the case has others.
    pub(super) fn tags(self, tags: &[Tag]) -> Self {
        self.case.tags.extend(tags);
        self.case.tags.sort();
        self.case.tags.dedup();
        if tags.contains(&Tag("resource")) {
            self.case.limits.get_or_insert(LIMITS);
        }
        self
    }

    /// A wrong answer takes more than this many seconds, or MiB of memory.
    pub(super) fn limits(self, seconds: u32, mebibytes: u64) -> Self {
        self.case.limits = Some(CaseLimits {
            seconds,
            memory: Decimal(mebibytes << 20),
        });
        self.tags(&[Tag("resource")])
    }

    /// The case is made after bugs that implementations had.
    pub(super) fn bugs(self, bugs: &[Bug]) -> Self {
        if let Provenance::Generated { bugs: known } = &mut self.case.provenance {
            known.extend(bugs);
            known.sort();
            known.dedup();
        }
        self.tags(&[Tag("history")])
    }
}
