//! The search: asking and grouping, with several processes of each implementation at once.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{Disagreement, Event, Example, Group, Options, Progress, Report, Sessions, minimize, mutate, smaller};
use crate::{
    forge::random::Random,
    results::set_digest,
    rules::Rule,
    runner::{Implementation, interrupt, protocol::Hello},
    vectors::{CaseId, LayerFormat, Op, Set},
};

/// Inputs of more bytes than this, as JSON, are not changed: what is found is to be read by people.
const LARGEST: usize = 128 << 10;

/// An input of the set.
struct Base {
    op: Op,
    id: CaseId,
    dialects: Vec<LayerFormat>,
    input: Value,
    /// Whether changes begin here.
    small: bool,
}

/// A hunt that is kept.
pub struct Keeping<'a> {
    /// The hunt to go on with.
    pub begun: Option<Report>,
    /// Earlier hunts, by the names of their files: what they have seen is neither made smaller nor new.
    pub earlier: Vec<(String, Report)>,
    /// Keeps what there is so far. It is called every few seconds.
    pub keep: &'a (dyn Fn(&Report) + Sync),
}

/// Hunts.
///
/// # Errors
///
/// An implementation that does not start, nothing that all of them can be asked, or a kept hunt that is another one, in a sentence.
pub fn hunt(
    implementations: &[Implementation],
    set: &Set,
    options: &Options,
    keeping: Keeping<'_>,
    observer: &(dyn Fn(Event) + Sync),
) -> Result<Report, HuntError> {
    let mut first = Sessions::of(implementations, options.terms(), options.fine, &[]);
    let hellos = first.hellos(implementations).map_err(HuntError::Broken)?;
    let bases = bases(set, &hellos, &options.ops)?;
    let mut ops: Vec<Op> = bases.iter().map(|base| base.op).collect();
    ops.dedup();
    let asked = bases.iter().filter_map(|base| set.position(&base.id));
    let mut report = Report {
        implementations: implementations
            .iter()
            .zip(&hellos)
            .map(|(implementation, hello)| implementation.named(hello.clone()))
            .map(|hello| format!("{} {}", hello.name, hello.version))
            .collect(),
        ops,
        set: set_digest(set, asked).to_string(),
        seed: options.seed,
        fine: options.fine,
        parts: vec![options.part],
        progress: Some(Progress::default()),
        cases: u64::try_from(bases.len()).unwrap_or(u64::MAX),
        runs: 0,
        is_incomplete: false,
        disagreements: Vec::new(),
    };
    if let Some(begun) = keeping.begun {
        begun.check(&report, options).map_err(HuntError::Kept)?;
        report = begun;
    }
    let progress = report.progress.clone().unwrap_or_default();
    let search = Search {
        bases: &bases,
        options,
        next: AtomicU64::new(progress.next()),
        asked: progress.clone(),
        started: Instant::now(),
        state: Mutex::new(State::of(&mut report, progress)),
        keep: &|state: &State| (keeping.keep)(&state.report(&report)),
        observer,
    };
    thread::scope(|scope| {
        for _ in 1..options.jobs.get() {
            scope.spawn(|| search.work(Sessions::of(implementations, options.terms(), options.fine, &hellos)));
        }
        search.work(first);
    });
    let state = search.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut found = state.report(&report);
    if let Some(error) = state.error {
        (keeping.keep)(&found);
        return Err(HuntError::Broken(error));
    }
    for (file, earlier) in &keeping.earlier {
        let failed = |error| HuntError::Kept(format!("{file}: {error}"));
        found.mark_seen(earlier, file).map_err(failed)?;
    }
    found.mark_composed();
    smaller::all(found, implementations, &hellos, options, observer)
}

/// Why there is nothing to report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HuntError {
    /// An implementation did not start, or broke down for good.
    Broken(String),
    /// There is nothing that all of them can be asked.
    Nothing(String),
    /// The set is not right.
    Set(String),
    /// A hunt that is kept is another one.
    Kept(String),
}

/// The cases that every implementation can be asked for.
fn bases(set: &Set, hellos: &[Hello], ops: &[Op]) -> Result<Vec<Base>, HuntError> {
    let mut bases = Vec::new();
    for entry in set.entries() {
        let case = &entry.case;
        let wanted = ops.is_empty() || ops.contains(&entry.op);
        let applies = |hello: &Hello| hello.ops.has(entry.op, &case.dialects);
        if !wanted || case.limits.is_some() || !hellos.iter().all(applies) {
            continue;
        }
        let input = set
            .wire_input(entry)
            .map_err(|error| HuntError::Set(error.to_string()))?;
        bases.push(Base {
            op: entry.op,
            id: case.id.clone(),
            dialects: case.dialects.clone(),
            small: input.to_string().len() <= LARGEST,
            input,
        });
    }
    if bases.iter().any(|base| base.small) {
        Ok(bases)
    } else {
        let why = "no selected operation is supported by all implementations";
        Err(HuntError::Nothing(why.to_owned()))
    }
}

/// What the workers share.
struct Search<'a> {
    bases: &'a [Base],
    options: &'a Options,
    next: AtomicU64,
    /// What was asked for before.
    asked: Progress,
    started: Instant,
    state: Mutex<State>,
    keep: &'a (dyn Fn(&State) + Sync),
    observer: &'a (dyn Fn(Event) + Sync),
}

/// An input that shows a disagreement.
struct Found<'a> {
    /// The case that it began as.
    base: &'a Base,
    input: Value,
    group: Group,
    rules: Vec<Rule>,
}

/// How often what was found is kept meanwhile.
const KEPT_EVERY: Duration = Duration::from_secs(10);

struct State {
    groups: BTreeMap<Group, Disagreement>,
    progress: Progress,
    /// Changed inputs.
    runs: u64,
    kept: Instant,
    error: Option<String>,
}

impl State {
    /// What a report has found, which is taken out of it.
    fn of(report: &mut Report, progress: Progress) -> Self {
        let found = std::mem::take(&mut report.disagreements).into_iter();
        Self {
            groups: found.map(|found| (found.group.clone(), found)).collect(),
            progress,
            runs: report.runs,
            kept: Instant::now(),
            error: None,
        }
    }

    /// The report with what was found by now.
    fn report(&self, begun: &Report) -> Report {
        Report {
            progress: Some(self.progress.clone()),
            runs: self.runs,
            is_incomplete: interrupt::is_requested(),
            disagreements: self.groups.values().cloned().collect(),
            ..begun.clone()
        }
    }
}

impl Search<'_> {
    fn work(&self, mut sessions: Sessions<'_>) {
        loop {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            if interrupt::is_requested() || self.is_over(index) {
                return;
            }
            if self.asked.has(index) {
                continue;
            }
            if !self.is_of_part(index) {
                self.lock().progress.add(index);
                continue;
            }
            let Some((base, input)) = self.input(index) else {
                self.add(index, None);
                continue;
            };
            match sessions.ask(base.op, &base.id, &input) {
                Ok(group) => {
                    let found = group.map(|(group, rules)| Found {
                        base,
                        input,
                        group,
                        rules,
                    });
                    self.add(index, found);
                }
                Err(_) if interrupt::is_requested() => return,
                Err(error) => {
                    self.lock().error = Some(error);
                    self.next.store(u64::MAX >> 1, Ordering::Relaxed);
                }
            }
        }
    }

    /// Whether the input is asked for in this part of the hunt: the cases are in each.
    fn is_of_part(&self, index: u64) -> bool {
        let run = index.checked_sub(self.cases());
        run.is_none_or(|run| self.options.part.has(run))
    }

    fn cases(&self) -> u64 {
        u64::try_from(self.bases.len()).unwrap_or(u64::MAX)
    }

    /// Whether there is no input of this number. The cases themselves are always asked for.
    fn is_over(&self, index: u64) -> bool {
        let Some(run) = index.checked_sub(self.cases()) else {
            return false;
        };
        let options = self.options;
        index >= u64::MAX >> 1
            || options.runs.is_some_and(|runs| run >= runs)
            || options.time.is_some_and(|time| self.started.elapsed() >= time)
    }

    /// The input of this number: first the cases as they are, then changed ones.
    fn input(&self, index: u64) -> Option<(&Base, Value)> {
        let at = usize::try_from(index).ok()?;
        if let Some(base) = self.bases.get(at) {
            return Some((base, base.input.clone()));
        }
        let mut random = Random::of_run(self.options.seed, index - self.cases());
        let base = self.choose(&mut random)?;
        let input = mutate::mutate(base.op, &base.input, &mut random);
        Some((base, input))
    }

    /// A case to begin with: each operation as often as any other.
    fn choose(&self, random: &mut Random) -> Option<&Base> {
        let mut ops: Vec<Op> = self
            .bases
            .iter()
            .filter(|base| base.small)
            .map(|base| base.op)
            .collect();
        ops.dedup();
        let op = *random.pick(&ops)?;
        let small: Vec<&Base> = self.bases.iter().filter(|base| base.op == op && base.small).collect();
        random.pick(&small).copied()
    }

    fn add(&self, index: u64, found: Option<Found<'_>>) {
        let run = index.checked_sub(self.cases());
        let mut state = self.lock();
        state.progress.add(index);
        state.runs += u64::from(run.is_some());
        if let Some(Found {
            base,
            input,
            group,
            rules,
        }) = found
        {
            let order = (rules.len(), minimize::weight(&input), index);
            let known = run.is_none().then(|| base.id.clone());
            let example = Example {
                input,
                from: base.id.clone(),
                dialects: base.dialects.clone(),
                run,
            };
            let of_cases = u64::from(run.is_none());
            match state.groups.get_mut(&group) {
                Some(found) => {
                    found.count += 1;
                    found.of_cases += of_cases;
                    // Of several cases the first one is named.
                    found.known = match (found.known.take(), known) {
                        (Some(a), Some(b)) => Some(a.min(b)),
                        (a, b) => a.or(b),
                    };
                    if order < found.order {
                        found.order = order;
                        found.example = example;
                        found.rules = rules;
                        found.is_smaller = false;
                    }
                }
                None => {
                    let found = Disagreement {
                        group: group.clone(),
                        count: 1,
                        of_cases,
                        known,
                        rules,
                        order,
                        example,
                        is_smaller: false,
                        seen: None,
                        composed: BTreeSet::new(),
                    };
                    state.groups.insert(group, found);
                }
            }
        }
        if state.kept.elapsed() >= KEPT_EVERY {
            state.kept = Instant::now();
            (self.keep)(&state);
        }
        (self.observer)(Event::Asked {
            inputs: self.cases().min(state.progress.next()) + state.runs,
            disagreements: state.groups.len(),
        });
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
