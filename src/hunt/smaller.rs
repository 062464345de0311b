//! Examples of disagreements that are made smaller.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{Disagreement, Event, HuntError, Options, Report, Sessions, Verdict, compare, minimize};
use crate::runner::{Implementation, interrupt, protocol::Hello};

/// Inputs that are tried to make an example smaller, and how many if an implementation does not answer in time to it.
const ATTEMPTS: usize = 1000;
const SLOW_ATTEMPTS: usize = 12;

/// How long one example is made smaller. An implementation that crashes can take a second for each input.
const PATIENCE: Duration = Duration::from_secs(60);

/// Makes the examples smaller that neither a case nor an earlier hunt shows.
pub(super) fn all(
    mut report: Report,
    implementations: &[Implementation],
    hellos: &[Hello],
    options: &Options,
    observer: &(dyn Fn(Event) + Sync),
) -> Result<Report, HuntError> {
    let work: Vec<Mutex<&mut Disagreement>> = report
        .disagreements
        .iter_mut()
        .filter(|disagreement| disagreement.is_new() && !disagreement.is_smaller)
        .map(Mutex::new)
        .collect();
    let next = AtomicUsize::new(0);
    let error = Mutex::new(None);
    let all = work.len();
    thread::scope(|scope| {
        for _ in 0..options.jobs.get().min(all) {
            scope.spawn(|| {
                let mut sessions = Sessions::of(implementations, options.terms(), options.fine, hellos);
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(disagreement) = work.get(at) else { return };
                    let mut disagreement = disagreement.lock().unwrap_or_else(PoisonError::into_inner);
                    if interrupt::is_requested() {
                        return;
                    }
                    if let Err(broken) = make_smaller(&mut sessions, &mut disagreement) {
                        if interrupt::is_requested() {
                            return;
                        }
                        *error.lock().unwrap_or_else(PoisonError::into_inner) = Some(broken);
                        return;
                    }
                    observer(Event::Minimized { done: at + 1, all });
                }
            });
        }
    });
    drop(work);
    match error.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(HuntError::Broken(error)),
        None => {
            report.is_incomplete = interrupt::is_requested();
            Ok(report)
        }
    }
}

fn make_smaller(sessions: &mut Sessions<'_>, disagreement: &mut Disagreement) -> Result<(), String> {
    let group = disagreement.group.clone();
    if group.answers.contains(&Verdict::Flaky) {
        // The state of a process made the difference, and not the input.
        disagreement.is_smaller = true;
        return Ok(());
    }
    let id = disagreement.example.from.clone();
    let attempts = if group.answers.contains(&Verdict::Timeout) {
        SLOW_ATTEMPTS
    } else {
        ATTEMPTS
    };
    let rules = disagreement.rules.clone();
    let mut stays = patient(PATIENCE, |input: &Value| {
        let asked = sessions.ask(group.op, &id, input)?;
        Ok::<bool, String>(asked.is_some_and(|(found, broken)| found == group && compare::within(&broken, &rules)))
    });
    // An answer that is another one each time is kept as it was found.
    if stays(&disagreement.example.input)? {
        let smaller = minimize::minimize(group.op, &disagreement.example.input, attempts, &mut stays)?;
        disagreement.example.input = smaller;
    }
    disagreement.is_smaller = true;
    Ok(())
}

/// The same question, to which the answer is no once so much time has passed.
fn patient<T: ?Sized, E>(
    patience: Duration,
    mut ask: impl FnMut(&T) -> Result<bool, E>,
) -> impl FnMut(&T) -> Result<bool, E> {
    let started = Instant::now();
    move |input| {
        if started.elapsed() < patience {
            ask(input)
        } else {
            Ok(false)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{super::minimize::minimize_bytes, patient};

    #[test]
    fn an_example_stays_as_it_is_when_time_is_over() {
        for (patience, left) in [(Duration::ZERO, 9), (Duration::MAX, 0)] {
            let mut stays = patient(patience, |_: &[u8]| Ok::<bool, ()>(true));
            assert_eq!(minimize_bytes("footer", &[1; 9], 500, &mut stays).unwrap().len(), left);
        }
    }
}
