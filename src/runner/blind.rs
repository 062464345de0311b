//! How a process starts that is to find nothing of the cases: in an empty folder, and without the traces of this one.
//!
//! It is no sandbox. A process can still read what its user can read; what it is not given is found by accident no longer.

use std::{
    env, io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use rustix::{
    fs::{Access, access},
    io::Errno,
};

/// Variables that name the folder or the program from which the runner was started. `cargo run` sets many.
fn is_trace(variable: &str) -> bool {
    matches!(variable, "_" | "OLDPWD") || variable.starts_with("CARGO")
}

/// Makes a command start in this folder.
pub(super) fn hide(command: &mut Command, folder: &Path) {
    command.current_dir(folder).env("PWD", folder);
    for (variable, _) in env::vars_os() {
        if variable.to_str().is_some_and(is_trace) {
            command.env_remove(variable);
        }
    }
}

/// The program by its absolute path, as it is found from here.
pub(super) fn found(program: &str) -> io::Result<PathBuf> {
    if program.contains('/') {
        let path = std::path::absolute(program)?;
        access(&path, Access::EXEC_OK)?;
        // A folder is as little a program as a file that may not be executed.
        return if path.is_dir() {
            Err(Errno::ACCESS.into())
        } else {
            Ok(path)
        };
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let named = env::split_paths(&path).map(|folder| folder.join(program));
    let found = named.into_iter().find(|file| is_executable(file)).ok_or(Errno::NOENT)?;
    std::path::absolute(found)
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
    use std::io::ErrorKind;

    use super::{found, relative_file};

    #[test]
    fn programs_are_found_from_the_folder_of_the_runner() {
        let here = std::env::current_dir().unwrap();
        assert_eq!(found(".ci/run").unwrap(), here.join(".ci/run"));
        assert_eq!(found("/bin/sh").unwrap(), std::path::Path::new("/bin/sh"));
        assert!(found("sh").unwrap().is_absolute());
        for (program, kind) in [
            ("no such program", ErrorKind::NotFound),
            ("./no such program", ErrorKind::NotFound),
            ("./Cargo.toml", ErrorKind::PermissionDenied),
        ] {
            assert_eq!(found(program).unwrap_err().kind(), kind, "{program}");
        }
    }

    #[test]
    fn arguments_that_are_files_are_found() {
        let arguments = ["-u", "/etc/passwd", "Cargo.toml"].map(str::to_owned);
        assert_eq!(relative_file(&arguments), Some("Cargo.toml"));
        assert_eq!(relative_file(&arguments[..2]), None);
    }
}
