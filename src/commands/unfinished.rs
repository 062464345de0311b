//! Files that are not whole yet: an interrupted command takes them with it.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, Once, PoisonError},
    thread,
};

use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};

use super::Exit;

static FILES: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
static WATCH: Once = Once::new();

/// A file that is removed when the program is interrupted, as long as this lives.
pub(super) struct Unfinished(PathBuf);

impl Unfinished {
    /// The file at this path, which is there.
    pub(super) fn new(path: &Path) -> Self {
        WATCH.call_once(watch);
        lock().insert(path.to_owned());
        Self(path.to_owned())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        lock().remove(&self.0);
    }
}

fn lock() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    FILES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Without signals to be had, an interruption ends the program as it always does.
fn watch() {
    let Ok(mut signals) = Signals::new([SIGINT, SIGTERM, SIGHUP]) else {
        return;
    };
    thread::spawn(move || {
        if signals.forever().next().is_some() {
            // Held to the end, so that no file is begun meanwhile.
            let files = lock();
            for file in files.iter() {
                let _gone = fs::remove_file(file);
            }
            std::process::exit(Exit::Interrupted.code().into());
        }
    });
}
