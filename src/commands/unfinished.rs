//! Files that are not whole yet: an interrupted command takes them with it.

use std::{
    collections::BTreeSet,
    fs, io,
    path::PathBuf,
    sync::{Mutex, MutexGuard, Once, PoisonError},
    thread,
};

use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};
use tempfile::NamedTempFile;

use super::Exit;

static FILES: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
static WATCH: Once = Once::new();

/// A file that is removed when the program is interrupted, as long as this lives.
pub(super) struct Unfinished(PathBuf);

impl Unfinished {
    /// Begins a file. No interruption falls between its creation and its being known here.
    pub(super) fn begin(create: impl FnOnce() -> io::Result<NamedTempFile>) -> io::Result<(NamedTempFile, Self)> {
        WATCH.call_once(watch);
        let mut files = lock();
        let file = create()?;
        files.insert(file.path().to_owned());
        let unfinished = Self(file.path().to_owned());
        Ok((file, unfinished))
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
