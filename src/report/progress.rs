//! A line that shows how far a run is.

use std::{
    io::{self, IsTerminal, Write},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::runner::{Event, Observer};

/// A run that takes no longer than this shows no progress.
const PATIENCE: Duration = Duration::from_secs(1);

/// Least time between two states of the line.
const INTERVAL: Duration = Duration::from_millis(100);

/// A line on stderr, where that is a terminal, that goes away when the progress is dropped.
#[derive(Debug)]
pub struct Progress {
    state: Option<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    name: String,
    due: Instant,
    shown: bool,
}

impl Progress {
    /// Progress from now on.
    pub fn new() -> Self {
        let state = || State {
            name: String::new(),
            due: Instant::now() + PATIENCE,
            shown: false,
        };
        Self {
            state: io::stderr().is_terminal().then(|| Mutex::new(state())),
        }
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

impl Observer for Progress {
    fn event(&self, event: Event<'_>) {
        let Some(state) = &self.state else {
            return;
        };
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Started { implementation, .. } => implementation.clone_into(&mut state.name),
            Event::Finished { done, cases } => {
                let now = Instant::now();
                if now < state.due {
                    return;
                }
                state.due = now + INTERVAL;
                state.shown = true;
                // A terminal that is gone is no reason to stop.
                let _gone = write!(io::stderr(), "\r\x1b[K{}: {done} of {cases} cases", state.name);
            }
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        let Some(state) = &mut self.state else {
            return;
        };
        if state.get_mut().unwrap_or_else(PoisonError::into_inner).shown {
            let _gone = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
