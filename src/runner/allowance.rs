//! What an answer may take: time and memory, by the options of the runner and by the limits of cases.

use std::time::{Duration, Instant};

use super::processes::Usage;
use crate::{
    judge::{Limit, Spent, Taken},
    vectors::CaseLimits,
};

/// How often the limit of time may go by for an answer that is waited for alone, on a machine that others keep busy.
const STRETCH: u32 = 4;

/// What a process may take for an answer.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    time: Limit<Duration>,
    longest: Duration,
    memory: Limit<u64>,
    alone: bool,
}

impl Allowance {
    /// This long, and this many bytes of memory that are resident for it and what it started. Where a case has a limit of its
    /// own, it is at most `longest`.
    pub const fn new(time: Duration, longest: Duration, memory: u64) -> Self {
        Self {
            time: Limit {
                value: time,
                of_case: false,
            },
            longest,
            memory: Limit {
                value: memory,
                of_case: false,
            },
            alone: false,
        }
    }

    /// What a case allows, as far as this does.
    pub(super) fn within(self, limits: CaseLimits) -> Self {
        let (time, memory) = (Duration::from_secs(limits.seconds.into()), limits.memory.0);
        Self {
            time: Limit {
                value: self.longest.min(time),
                of_case: time <= self.longest,
            },
            memory: Limit {
                value: self.memory.value.min(memory),
                of_case: memory <= self.memory.value,
            },
            ..self
        }
    }

    /// The same for one that is asked alone. Time for which it has no processor does not count then, since others take it.
    pub(super) const fn alone(self) -> Self {
        Self { alone: true, ..self }
    }

    /// Bytes of memory.
    pub(super) const fn memory(self) -> u64 {
        self.memory.value
    }

    /// That so many bytes are more than is allowed.
    pub(super) const fn exceeded_by(self, bytes: u64) -> Taken {
        Taken {
            limit: self.memory,
            bytes,
        }
    }
}

/// Measures the time of one answer.
pub(super) struct Clock {
    allowance: Allowance,
    start: Instant,
    /// What the process had used at the first look, soon after it was asked.
    before: Option<Usage>,
}

impl Clock {
    pub(super) fn new(allowance: Allowance) -> Self {
        Self {
            allowance,
            start: Instant::now(),
            before: None,
        }
    }

    /// What is left of the limit.
    pub(super) fn left(&self) -> Duration {
        self.allowance.time.value.saturating_sub(self.start.elapsed())
    }

    /// What the answer took so far.
    pub(super) fn look(&mut self, now: Usage) -> Spent {
        let before = *self.before.get_or_insert(now);
        let processor = now.processor.saturating_sub(before.processor);
        let waited = now.waited.saturating_sub(before.waited);
        Spent {
            limit: self.allowance.time,
            elapsed: self.start.elapsed(),
            used: now.is_known().then_some((processor, waited)),
        }
    }

    /// Whether that is too much.
    pub(super) fn is_over(&self, spent: Spent) -> bool {
        let limit = spent.limit.value;
        match spent.used {
            Some((processor, waited)) if self.allowance.alone => {
                processor >= limit
                    || spent.elapsed >= limit.saturating_add(waited)
                    || spent.elapsed >= limit.saturating_mul(STRETCH)
            }
            _ => spent.elapsed >= limit,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Allowance, Clock};
    use crate::{
        judge::{Limit, Spent},
        runner::processes::Usage,
        vectors::{CaseLimits, Decimal},
    };

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_smaller_limit_counts_and_is_named() {
        let limits = CaseLimits {
            seconds: 20,
            memory: Decimal(100),
        };
        for (allowance, message) in [
            (
                Allowance::new(seconds(10), Duration::MAX, 500),
                "within 20 s (the limit of the case, which",
            ),
            (Allowance::new(seconds(10), seconds(10), 500), "within 10 s (--timeout)"),
        ] {
            let spent = Clock::new(allowance.within(limits)).look(Usage::default());
            assert!(spent.to_string().contains(message), "{spent}");
        }
        let allowance = Allowance::new(seconds(10), seconds(10), 500);
        assert_eq!(allowance.within(limits).memory(), 100);
        assert!(allowance.exceeded_by(501).to_string().contains("(--memory)"));
    }

    #[test]
    fn time_without_a_processor_counts_only_beside_others() {
        let together = Allowance::new(seconds(10), seconds(10), 0);
        let spent = |elapsed, processor, waited| Spent {
            limit: Limit {
                value: seconds(10),
                of_case: false,
            },
            elapsed: seconds(elapsed),
            used: Some((seconds(processor), seconds(waited))),
        };
        // Elapsed, processor time, without a processor; over together, over alone, in doubt.
        for (elapsed, processor, waited, over, over_alone, doubtful) in [
            (9, 9, 0, false, false, false),
            (10, 0, 0, true, true, false),
            (10, 9, 1, true, false, false),
            (10, 5, 5, true, false, true),
            (16, 10, 6, true, true, true),
            (41, 5, 36, true, true, true),
        ] {
            let spent = spent(elapsed, processor, waited);
            assert_eq!(Clock::new(together).is_over(spent), over, "{spent}");
            assert_eq!(Clock::new(together.alone()).is_over(spent), over_alone, "{spent}");
            assert_eq!(spent.is_doubtful(), doubtful, "{spent}");
        }
    }
}
