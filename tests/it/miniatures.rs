//! Running the program on the miniatures.

use std::process::{Command, Output};

use crate::support::{program, root};

/// Cases that the miniatures are asked: one choice in two cases, two valid and two invalid cases.
pub(crate) const CASES: &str = "footer/{v64,v64-without-tar-split,v64-toc-minus-8,v64-tar-split-plus-8,v64-toc-above-limit,\
                         v64-tar-split-above-limit}";

/// Runs the program, in the folder of the miniatures and without what the environment says about colours and panics.
pub(crate) fn chunkproof(arguments: &[&str]) -> Output {
    command(arguments).output().expect("the program starts")
}

/// The program with these arguments.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = program();
    command
        .args(arguments)
        .current_dir(root().join("tests/miniatures"))
        .env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// The text of a stream.
pub(crate) fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("the program writes UTF-8")
}

/// A report without the time that each case took: the milliseconds of JSON, and the seconds of JUnit XML.
pub(crate) fn without_times(report: String) -> String {
    let digit = |c: char| c.is_ascii_digit();
    let mut out = report;
    for (before, zero) in [("\"milliseconds\": ", "0"), (" time=\"", "0.000")] {
        let mut parts = out.split(before);
        let mut shown = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            shown += before;
            shown += zero;
            shown += part.trim_start_matches(|c| digit(c) || c == '.');
        }
        out = shown;
    }
    out
}

/// Exit code, stdout and stderr, with the version of the program left out.
pub(crate) fn shown(output: Output) -> String {
    let stream = |bytes| without_times(text(bytes)).replace(env!("CARGO_PKG_VERSION"), "x.y.z");
    let code = output
        .status
        .code()
        .map_or("signal".to_owned(), |code| code.to_string());
    format!(
        "exit code: {code}\n--- stdout ---\n{}--- stderr ---\n{}",
        stream(output.stdout),
        stream(output.stderr)
    )
}
