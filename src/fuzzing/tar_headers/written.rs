//! A layer of the tar. Where none can be written, a rule says why; what is written holds the tar.

use std::num::NonZeroUsize;

use crate::{
    format::{
        Dialect, Digest, Findings,
        layer::{Source, verify},
        writer::{Level, Options, Writer, Written},
    },
    fuzzing::sentence,
};

/// Writes the tar in pieces of this length, in a dialect and in a number of threads that depend on it.
#[expect(clippy::panic, reason = "a panic is how a fuzz target reports a finding")]
pub(super) fn check(bytes: &[u8], piece: usize) {
    let dialect = Dialect::ALL.get(piece % 5).copied().unwrap_or(Dialect::G5);
    // Threads take longer to start than such a tar to compress.
    let threads = NonZeroUsize::new(1 + usize::from(piece.is_multiple_of(32))).unwrap_or(NonZeroUsize::MIN);
    let (mut blob, mut findings) = (Vec::new(), Findings::new());
    let mut write = || {
        let options = Options {
            dialect,
            level: Level::MIN,
            threads,
        };
        let mut writer = Writer::new(&mut blob, options)?;
        for piece in bytes.chunks(piece) {
            writer.push(piece, &mut findings)?;
        }
        writer.finish(&mut findings)
    };
    let written = match write() {
        Ok(written) => written,
        Err(error) => panic!("{dialect} of {}: cannot be written: {error}", bytes.escape_ascii()),
    };
    let Some(written) = written else {
        sentence::check(&findings);
        assert!(
            !findings.is_empty(),
            "{dialect} of {}: nothing is written, and no finding says why",
            bytes.escape_ascii()
        );
        return;
    };
    if let Err(problem) = holds(&blob, &written, bytes) {
        panic!("{dialect} of {}: {problem}", bytes.escape_ascii());
    }
}

fn holds(blob: &[u8], written: &Written, tar: &[u8]) -> Result<(), String> {
    let mut findings = Findings::new();
    let source = Source::new(&blob, Some(&written.annotations));
    let verified = verify(&source, &mut findings).map_err(|error| error.to_string())?;
    let same = verified.diff_id == Some(Digest::of(tar)) && verified.diff_id == Some(written.diff_id);
    if same && findings.is_empty() && written.digest == Digest::of(blob) {
        Ok(())
    } else {
        Err(format!(
            "written as {written:?}, verified as {verified:?} with {:?}",
            findings.list()
        ))
    }
}
