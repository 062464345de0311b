//! What `chunkproof run --bless` does: the list of expected deviations is brought up to date with the run.

use std::{
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
};

use super::{Failure, ci::note, file::Output, file::unwritable};
use crate::{
    adapters::Column,
    bounded,
    judge::{Expectations, Revised, revise},
    runner::Run,
    vectors::Set,
};

/// The list of the only version of an adapter that runs.
pub(super) fn list(columns: &[Column]) -> Result<PathBuf, Failure> {
    match columns {
        [column] => column
            .list()
            .ok_or_else(|| Failure::unusable(format!("--bless: {column} is an older version, which has no list"))),
        [] => Err(Failure::unusable(
            "--bless requires --expect FILE or --adapter NAME, which name the list",
        )),
        _ => Err(Failure::unusable(
            "--bless requires exactly one implementation; name a version with --adapter",
        )),
    }
}

/// The list of a file; none is an empty one.
pub(super) fn read(file: &Path) -> Result<String, Failure> {
    match bounded::read_text(file) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(Failure::io(&format!("cannot read {}", file.display()), &error)),
    }
}

/// Writes the list with which the run is as expected, and has the run be as expected. Nothing is written if the run is
/// incomplete or did not take place.
pub(super) fn bless(file: &Path, set: &Set, run: &mut Run) -> Result<(), Failure> {
    let name = file.display();
    let [implementation] = run.implementations.as_mut_slice() else {
        return Ok(());
    };
    if run.is_incomplete || implementation.error.is_some() {
        note(&format!("{name}: not changed, since the results are incomplete"));
        return Ok(());
    }
    let unusable = |error| Failure::unusable(format!("{name}: {error}"));
    let Revised { text, changes } = revise(&read(file)?, set, &implementation.results).map_err(unusable)?;
    if changes.is_empty() {
        note(&format!("{name}: not changed, since every result is as expected"));
        return Ok(());
    }
    write(file, &text)?;
    for change in &changes {
        note(&format!("{name}: {change}"));
    }
    let list: Expectations = text.parse().map_err(unusable)?;
    implementation.unmatched = list.apply(set, &mut implementation.results);
    Ok(())
}

fn write(file: &Path, text: &str) -> Result<(), Failure> {
    let unwritable = |error| unwritable(file, &error);
    // A link stays one.
    let place: PathBuf = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let mut output = Output::create(&place).map_err(unwritable)?;
    output.write_all(text.as_bytes()).map_err(unwritable)?;
    output.keep().map_err(unwritable)
}
