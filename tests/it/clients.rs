//! Other people's programs, run as a user runs them.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use crate::support::root;

/// Whether the program runs.
pub(crate) fn is_there(program: &str, version: &str, require: &str) -> bool {
    let is_there = Command::new(program).arg(version).output().is_ok();
    if !is_there {
        assert!(env::var_os(require).is_none(), "{program} is not installed");
        eprintln!("{program} is not installed: this test did not run");
    }
    is_there
}

/// Runs a command that has to end well.
pub(crate) fn succeed(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// Builds the adapter of podman's library in a folder.
pub(crate) fn podman_adapter(folder: &Path) -> PathBuf {
    let adapter = folder.join("adapter");
    succeed(
        Command::new("go")
            .args(["build", "-trimpath", "-o"])
            .arg(&adapter)
            .arg(".")
            .current_dir(root().join("adapters/containers-storage"))
            .env("CGO_ENABLED", "0")
            // The version in go.mod is fetched where the installed one is older.
            .env("GOTOOLCHAIN", "auto"),
    );
    adapter
}
