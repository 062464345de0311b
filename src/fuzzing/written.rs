//! Layers that the writer makes of a tar. Where it makes none, a rule says why; what it makes holds the tar.

use std::io;

use crate::{
    format::{
        Digest, Findings,
        layer::{Source, verify},
        writer::{Options, Writer},
    },
    fuzzing::sentence,
};

/// Whether a layer was written of the tar that comes in these pieces; what is wrong with it where it was.
pub(super) fn check<'t>(tar: &[u8], pieces: impl Iterator<Item = &'t [u8]>, options: Options) -> Result<bool, String> {
    let problem = |error: io::Error| format!("what is in memory could not be written or read: {error}");
    let (mut blob, mut findings) = (Vec::new(), Findings::new());
    let mut writer = Writer::new(&mut blob, options).map_err(problem)?;
    for piece in pieces {
        writer.push(piece, &mut findings).map_err(problem)?;
    }
    let written = writer.finish(&mut findings).map_err(problem)?;
    sentence::check(&findings);
    let Some(written) = written.as_ref().filter(|_| findings.is_empty()) else {
        return if written.is_none() && !findings.is_empty() {
            Ok(false)
        } else {
            Err(format!("the writer gave {written:?} with {:?}", findings.list()))
        };
    };
    let blob = blob.as_slice();
    let source = Source::new(&blob, Some(&written.annotations));
    let verified = verify(&source, &mut findings).map_err(problem)?;
    let expected = Some(Digest::of(tar));
    let same =
        verified.tar_digest == expected && Some(written.diff_id) == expected && written.digest == Digest::of(blob);
    let as_asked = verified.dialect == Some(options.dialect);
    if findings.is_empty() && same && as_asked {
        Ok(true)
    } else {
        Err(format!(
            "written as {written:?}, verified as {verified:?} with {:?}",
            findings.list()
        ))
    }
}
