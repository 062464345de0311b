//! Everything that is wrong with a layer.

use std::fmt;

use super::{Authority, Error, ErrorKind, OpenOptions, options::not_named};
use crate::format::{
    BlobKind, Findings,
    layer::{self, Verified},
    range::ReadAt,
};

/// What [`verify`] found out about a layer: the rules that it breaks, and what it turned out to be.
///
/// ```
/// use chunkproof::{Authority, ErrorKind, rules::Rule, verify};
///
/// let diagnosis = verify(b"this is a text, and no layer".as_slice(), Authority::UnauthenticatedFooter)?;
/// assert!(!diagnosis.is_valid());
/// assert!(diagnosis.findings().breaks(Rule::FooterFrame));
/// let error = diagnosis.into_result().err().expect("a rule is broken");
/// assert_eq!(error.kind(), ErrorKind::OtherFormat);
/// # Ok::<(), chunkproof::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a layer is valid only if its diagnosis is"]
pub struct Diagnosis {
    observed: Verified,
    findings: Findings,
    /// Whether the index is authenticated as the caller asked for.
    is_authorised: bool,
}

impl Diagnosis {
    /// Whether the layer breaks no rule, and its index is authenticated by what the caller named.
    pub fn is_valid(&self) -> bool {
        self.findings.is_empty() && self.is_authorised
    }

    /// The broken rules, causes first.
    pub const fn findings(&self) -> &Findings {
        &self.findings
    }

    /// What the blob is instead, where it is not a zstd:chunked layer.
    pub const fn other_format(&self) -> Option<&BlobKind> {
        self.observed.other.as_ref()
    }

    /// What could be made out of the layer, be it broken: for people, not for decisions.
    pub const fn observed(&self) -> &Verified {
        &self.observed
    }

    /// What the layer is, if it is valid.
    ///
    /// # Errors
    ///
    /// The layer breaks a rule, or its index is not authenticated by what the caller named.
    pub fn into_result(self) -> Result<Verified, Error> {
        if !self.findings.is_empty() {
            let error = Error::invalid(self.findings);
            return Err(match self.observed.other {
                Some(_) => error.of_kind(ErrorKind::OtherFormat),
                None => error,
            });
        }
        if !self.is_authorised {
            return Err(not_named());
        }
        Ok(self.observed)
    }
}

/// One broken rule a line.
impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in self.findings.list() {
            writeln!(f, "{finding}")?;
        }
        match self.findings.omitted() {
            0 if self.is_valid() => writeln!(f, "the layer is valid"),
            0 if self.is_authorised => Ok(()),
            0 => writeln!(f, "{}", not_named()),
            omitted => writeln!(f, "and {omitted} more"),
        }
    }
}

/// Reads the whole blob and lists every rule that the layer breaks, under the default [options](OpenOptions).
///
/// # Errors
///
/// The blob cannot be read. A broken layer is not an error here: see [`Diagnosis::into_result`].
pub fn verify<B: ReadAt + Sync>(blob: B, authority: Authority<'_>) -> Result<Diagnosis, Error> {
    OpenOptions::new().verify(blob, authority)
}

pub(super) fn diagnose(
    options: &OpenOptions,
    blob: &(dyn ReadAt + Sync),
    authority: Authority<'_>,
) -> Result<Diagnosis, Error> {
    let mut findings = Findings::new();
    let observed = layer::verify(&options.source(blob, authority), &mut findings).map_err(Error::unreadable)?;
    let is_authorised = match authority {
        Authority::Annotations(_) => observed.toc_is_authenticated(),
        Authority::UnauthenticatedFooter => true,
    };
    Ok(Diagnosis {
        observed,
        findings,
        is_authorised,
    })
}
