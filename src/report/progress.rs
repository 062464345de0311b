//! A line that shows how far the work is.

use std::{
    io::{self, IsTerminal, Write},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::{
    outside::Outside,
    runner::{Event, Observer},
};

/// Work that takes no longer than this shows no progress.
const PATIENCE: Duration = Duration::from_secs(1);

/// Most bytes of the line. One that a terminal breaks cannot be taken away again.
const WIDTH: usize = 100;

/// Least time between two states of the line.
const INTERVAL: Duration = Duration::from_millis(100);

/// A line on stderr, where that is a terminal, that goes away when it is dropped.
#[derive(Debug)]
pub struct Line {
    state: Option<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    due: Instant,
    shown: bool,
}

impl Line {
    /// A line that may appear from now on.
    pub fn new() -> Self {
        let state = || State {
            due: Instant::now() + PATIENCE,
            shown: false,
        };
        Self {
            state: io::stderr().is_terminal().then(|| Mutex::new(state())),
        }
    }

    /// Shows this, if it is time to.
    pub fn show(&self, text: impl FnOnce() -> String) {
        let Some(state) = &self.state else {
            return;
        };
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if now >= state.due {
            state.due = now + INTERVAL;
            state.shown = true;
            // A terminal that is gone is no reason to stop.
            let text = Outside::new(text().as_bytes(), WIDTH).to_string();
            let _gone = write!(io::stderr(), "\r\x1b[K{text}");
        }
    }

    /// Takes the line away, so that something else can be printed.
    pub fn clear(&self) {
        let Some(state) = &self.state else {
            return;
        };
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::take(&mut state.shown) {
            let _gone = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

impl Default for Line {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.clear();
    }
}

/// How far a run is.
#[derive(Debug, Default)]
pub struct Progress {
    line: Line,
    name: Mutex<String>,
}

impl Progress {
    /// Progress from now on.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Observer for Progress {
    fn event(&self, event: Event<'_>) {
        let mut name = self.name.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Started { implementation, .. } => implementation.clone_into(&mut name),
            Event::Finished { done, cases } => self.line.show(|| format!("{name}: {done} of {cases} cases")),
        }
    }
}
