//! Other people's programs, run as a user runs them.

use std::{
    env,
    process::{Command, Output},
};

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
