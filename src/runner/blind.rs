//! How a process starts that is to find nothing of the cases: in an empty folder, and without the traces of this one.
//!
//! It is no sandbox. A process can still read what its user can read; what it is not given is found by accident no longer.

use std::{
    env, io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

/// Variables that name the folder or the program from which the runner was started. `cargo run` sets many.
fn is_trace(variable: &str) -> bool {
    matches!(variable, "_" | "OLDPWD") || variable.starts_with("CARGO")
}

/// The command that starts a program in this folder.
pub(super) fn command(program: &str, folder: &Path) -> io::Result<Command> {
    let mut command = Command::new(found(program)?);
    command.current_dir(folder).env("PWD", folder);
    for (variable, _) in env::vars_os() {
        if variable.to_str().is_some_and(is_trace) {
            command.env_remove(variable);
        }
    }
    Ok(command)
}

/// The program by its absolute path, as it is found from here.
fn found(program: &str) -> io::Result<PathBuf> {
    if program.contains('/') {
        return std::path::absolute(program);
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let named = env::split_paths(&path).map(|folder| folder.join(program));
    match named.into_iter().find(|file| is_executable(file)) {
        Some(file) => std::path::absolute(file),
        // Starting it says what is wrong.
        None => Ok(program.into()),
    }
}

fn is_executable(file: &Path) -> bool {
    file.metadata()
        .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

/// The first of a program's arguments that names a file from here and not from an empty folder.
pub(super) fn relative_file(arguments: &[String]) -> Option<&str> {
    let mut named = arguments.iter().map(String::as_str);
    named.find(|argument| !argument.is_empty() && Path::new(argument).is_relative() && Path::new(argument).exists())
}

#[cfg(test)]
mod tests {
    use super::{found, relative_file};

    #[test]
    fn programs_are_found_from_the_folder_of_the_runner() {
        let here = std::env::current_dir().unwrap();
        assert_eq!(found("./a/b").unwrap(), here.join("a/b"));
        assert_eq!(found("/bin/sh").unwrap(), std::path::Path::new("/bin/sh"));
        assert!(found("sh").unwrap().is_absolute());
        assert_eq!(
            found("no such program").unwrap(),
            std::path::Path::new("no such program")
        );
    }

    #[test]
    fn arguments_that_are_files_are_found() {
        let arguments = ["-u", "/etc/passwd", "Cargo.toml"].map(str::to_owned);
        assert_eq!(relative_file(&arguments), Some("Cargo.toml"));
        assert_eq!(relative_file(&arguments[..2]), None);
    }
}
