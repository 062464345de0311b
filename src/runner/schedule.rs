//! Runs one implementation over its cases, with several processes at once.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZero,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Instant,
};

use super::{
    Event, Observer,
    allowance::Allowance,
    implementation::Implementation,
    interrupt,
    protocol::Hello,
    run::ImplementationRun,
    session::{Exchange, Session, StartError, Terms},
};
use crate::{
    judge::{self, Breakdown, CaseResult, Deviation, Expectations, Kept, Outcome},
    vectors::{Set, SetEntry},
};

/// How many cases an implementation may leave without any answer before it is given up, as long as it never gave one. Cases that
/// its list expects to be late do not count.
const PATIENCE: usize = 10;

/// How to run.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// What an implementation may take to start, and for each case.
    pub allowance: Allowance,
    /// How many processes of an implementation work at once.
    pub jobs: NonZero<usize>,
    /// Whether the limits of cases hold beside the allowance.
    pub hold_to_limits: bool,
    /// Whether an implementation works in an empty folder and is not told the ids of cases.
    pub blind: bool,
    /// Whether the first thing that is not as expected ends the run.
    pub fail_fast: bool,
}

impl Options {
    const fn terms(self) -> Terms {
        Terms {
            allowance: self.allowance,
            blind: self.blind,
        }
    }
}

/// Runs the selected cases, given by their indices in the set, and the twins that they need.
pub(super) fn run(
    implementation: &Implementation,
    expectations: &Expectations,
    set: &Set,
    selected: &[usize],
    options: Options,
    observer: &dyn Observer,
) -> ImplementationRun {
    let mut run = ImplementationRun {
        option: implementation.option(),
        spec: implementation.spec().to_owned(),
        hello: None,
        error: None,
        results: Vec::new(),
        unmatched: Vec::new(),
        is_stopped: false,
    };
    let mut first = Session::new(implementation, options.terms(), None);
    let (known, hello) = match first.start() {
        Ok(hello) => (hello.clone(), implementation.named(hello)),
        Err(StartError(error)) => {
            run.error = Some(error).filter(|_| !interrupt::is_requested());
            return run;
        }
    };
    let cases = with_twins(set, selected);
    let mut work: Vec<usize> = cases
        .iter()
        .copied()
        .filter(|&index| is_applicable(set, &hello, index))
        .collect();
    if !options.fail_fast {
        // They take all of their time. Begun last, they would leave the other processes without work.
        work.sort_by_cached_key(|&index| !is_expected_late(set, expectations, index));
    }
    observer.event(Event::Started {
        implementation: &hello.name,
        cases: work.len(),
    });
    let pool = Pool {
        set,
        work: &work,
        next: AtomicUsize::new(0),
        state: Mutex::default(),
        observer,
        hold_to_limits: options.hold_to_limits,
        hello: &known,
        expectations,
        watched: options.fail_fast.then(|| selected.iter().copied().collect()),
    };
    pool.work_off(first, implementation, options);
    let state = pool.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    run.error = state.broken();
    run.is_stopped = state.is_stopped && state.results.len() < work.len();
    let is_partial = run.is_stopped || interrupt::is_requested();
    if run.error.is_none() {
        let mut results = state.results;
        if is_partial {
            // Without its twin a rejection says nothing, while a failure is one.
            let known: BTreeSet<usize> = results.keys().copied().collect();
            let is_certain = |index| with_twins(set, &[index]).is_subset(&known);
            results.retain(|&index, result| result.outcome.is_failure() || is_certain(index));
        } else {
            for index in cases {
                results.entry(index).or_insert_with(|| not_asked(index));
            }
        }
        judge::withdraw_vacuous(set, &mut results);
        run.results = selected.iter().filter_map(|index| results.remove(index)).collect();
        judge::check_choices(set, &hello, &mut run.results);
        let unmatched = expectations.apply(set, &mut run.results);
        if !is_partial {
            run.unmatched = unmatched;
        }
    }
    run.hello = Some(hello);
    run
}

fn with_twins(set: &Set, selected: &[usize]) -> BTreeSet<usize> {
    let twins = selected.iter().filter_map(|&index| {
        let twin = set.entries().get(index)?.case.twin.as_ref()?;
        set.position(twin)
    });
    selected.iter().copied().chain(twins).collect()
}

fn is_applicable(set: &Set, hello: &Hello, index: usize) -> bool {
    let entry = set.entries().get(index);
    entry.is_some_and(|SetEntry { op, case }| hello.ops.has(*op, &case.dialects))
}

/// Whether no answer in time is what the list says of a case.
fn is_expected_late(set: &Set, expectations: &Expectations, index: usize) -> bool {
    let entry = set.entries().get(index);
    entry.is_some_and(|SetEntry { case, .. }| expectations.reason(&case.id, Outcome::Timeout).is_some())
}

fn not_asked(index: usize) -> CaseResult {
    CaseResult::bare(index, Outcome::Unsupported)
}

/// What came of asking for a case.
enum Asked {
    Result(Box<CaseResult>),
    /// Nothing in time, for which the machine may be the reason.
    InDoubt,
}

/// What the workers share.
struct Pool<'a> {
    set: &'a Set,
    work: &'a [usize],
    next: AtomicUsize,
    state: Mutex<State>,
    observer: &'a dyn Observer,
    hold_to_limits: bool,
    /// What the first process said that the implementation is.
    hello: &'a Hello,
    expectations: &'a Expectations,
    /// The cases of which the first that is not as expected ends the run, if any does. Twins may be asked beside them.
    watched: Option<BTreeSet<usize>>,
}

#[derive(Default)]
struct State {
    results: BTreeMap<usize, CaseResult>,
    /// Cases without an answer in time, for which a busy machine may be the reason.
    again: Vec<usize>,
    answered: usize,
    /// How many cases have no answer, of those that are not expected to be late.
    silent: usize,
    error: Option<String>,
    /// Whether a result ends the run.
    is_stopped: bool,
}

impl State {
    fn add(&mut self, result: CaseResult, is_expected_late: bool) {
        let is_silent = result.answer.is_none();
        self.answered += usize::from(!is_silent);
        self.silent += usize::from(is_silent && !is_expected_late);
        self.results.insert(result.index, result);
        if self.answered == 0 && self.silent == PATIENCE {
            self.error = Some(format!(
                "gave no answer to any of {PATIENCE} cases: {}",
                self.last_note()
            ));
        }
    }

    fn last_note(&self) -> String {
        let last = self.results.values().next_back();
        last.and_then(|result| result.notes.first().cloned())
            .unwrap_or_default()
    }

    /// Why the results mean nothing, if so.
    fn broken(&self) -> Option<String> {
        let protocol_error = |result: &CaseResult| result.outcome == Outcome::ProtocolError;
        if self.error.is_some() {
            self.error.clone()
        } else if !self.is_stopped && !self.results.is_empty() && self.results.values().all(protocol_error) {
            Some(format!("broke the protocol in every case: {}", self.last_note()))
        } else {
            None
        }
    }
}

impl Pool<'_> {
    fn work_off(&self, first: Session<'_>, implementation: &Implementation, options: Options) {
        let workers = options.jobs.get().min(self.work.len());
        thread::scope(|scope| {
            for _ in 1..workers {
                let known = Some(self.hello.clone());
                scope.spawn(|| self.worker(Session::new(implementation, options.terms(), known)));
            }
            self.worker(first);
        });
        self.ask_again(implementation, options);
    }

    fn worker(&self, mut session: Session<'_>) {
        while let Some(&index) = self.work.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            let asked = self.ask(&mut session, index, false);
            self.take(index, asked);
        }
    }

    /// Asks again, one after the other, for what got no answer in time on a busy machine.
    fn ask_again(&self, implementation: &Implementation, options: Options) {
        let again = std::mem::take(&mut self.lock().again);
        for index in again {
            if self.lock().is_stopped {
                return;
            }
            let terms = Terms {
                allowance: options.allowance.alone(),
                ..options.terms()
            };
            let mut session = Session::new(implementation, terms, Some(self.hello.clone()));
            let asked = self.ask(&mut session, index, true);
            self.take(index, asked);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds what came of asking for a case.
    fn take(&self, index: usize, asked: Result<Asked, String>) {
        let mut state = self.lock();
        if interrupt::is_requested() {
            // What was asked meanwhile got no answer because of that.
            self.next.store(self.work.len(), Ordering::Relaxed);
            return;
        }
        match asked {
            Ok(Asked::Result(result)) => {
                state.is_stopped |= self.is_end(&result);
                state.add(*result, is_expected_late(self.set, self.expectations, index));
            }
            Ok(Asked::InDoubt) => state.again.push(index),
            Err(error) => state.error = Some(error),
        }
        self.observer.event(Event::Finished {
            done: state.results.len(),
            cases: self.work.len(),
        });
        if state.error.is_some() || state.is_stopped {
            self.next.store(self.work.len(), Ordering::Relaxed);
        }
    }

    /// Whether a result is the first that is not as expected, where that ends the run.
    fn is_end(&self, result: &CaseResult) -> bool {
        let is_watched = |watched: &BTreeSet<usize>| watched.contains(&result.index);
        let Some(entry) = self
            .set
            .entries()
            .get(result.index)
            .filter(|_| self.watched.as_ref().is_some_and(is_watched))
        else {
            return false;
        };
        match self.expectations.deviation(&entry.case.id, result.outcome) {
            Deviation::Unexpected => true,
            // Another case of the choice may turn it into the failure that is expected.
            Deviation::Missing(_) => !result.outcome.is_choice(),
            Deviation::None | Deviation::Expected(_) => false,
        }
    }

    fn ask(&self, session: &mut Session<'_>, index: usize, alone: bool) -> Result<Asked, String> {
        let entry = self.set.entries().get(index).ok_or("no such case")?;
        let input = self.set.wire_input(entry).map_err(|error| error.to_string())?;
        let limits = entry.case.limits.filter(|_| self.hold_to_limits);
        let start = Instant::now();
        let exchange = session
            .ask(entry.op, &entry.case.id, &input, limits)
            .map_err(|StartError(error)| error)?;
        let elapsed = start.elapsed();
        let Exchange { reply, flaw, stderr } = exchange;
        if let Err(Breakdown::Timeout(spent)) = &reply
            && spent.is_doubtful()
            && !alone
            && !is_expected_late(self.set, self.expectations, index)
        {
            return Ok(Asked::InDoubt);
        }
        let checked = judge::check(entry.op, &input, reply);
        let (mut outcome, mut notes) = judge::judge(entry, &checked, self.hello);
        let decisions = judge::decisions(entry, &checked, &self.hello.lacks);
        let mut after = None;
        if let (Ok(_), Some(flaw)) = (&checked.reply, flaw) {
            // Whatever it answered in the end: a second try isolates cases from each other, and forgives nothing.
            notes.insert(0, flaw.note);
            notes.push(format!("the answer by itself is {}", outcome.name()));
            outcome = Outcome::Flaky;
            after = flaw.after;
        }
        Ok(Asked::Result(Box::new(CaseResult {
            index,
            outcome,
            answer: checked.reply.ok().map(|answer| Kept::of(answer, outcome)),
            notes,
            decisions,
            conflicts_with: None,
            after,
            stderr,
            elapsed,
            deviation: Deviation::None,
        })))
    }
}
