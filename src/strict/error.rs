//! The one error of the strict library.

use std::{error, fmt, io, sync::Arc};

use super::prefetched::Missing;
use crate::{
    format::{Extent, Finding, Findings, Place},
    outside::Outside,
    rules::Rule,
};

/// What kind of error it is: what a caller can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The layer, or a tar that was to be written as one, breaks a rule. It must not be used.
    Invalid,
    /// The blob is not a zstd:chunked layer: a plain one, or something else. A reader downloads a plain layer in full.
    OtherFormat,
    /// Nothing authenticates the index, and the caller did not ask for one that nothing authenticates.
    Unauthenticated,
    /// The layer needs more than the [`Limits`](crate::Limits) allow.
    Limit,
    /// The layer has no tar-split that its TOC or an annotation authenticates, so the tar cannot be rebuilt from it.
    NoTarSplit,
    /// The layer has no entry of this path.
    NotFound,
    /// The entry of this path is not a regular file.
    NotAFile,
    /// The blob could not be read, or the output could not be written. It says nothing about the layer.
    Io,
}

/// Why a layer cannot be used or written.
///
/// Where the layer is at fault, [`rule`](Self::rule), [`place`](Self::place) and [`detail`](Self::detail) say which rule it
/// breaks, where and how. Where reading or writing failed, [`source`](error::Error::source) is the [`io::Error`].
///
/// ```
/// use std::collections::BTreeMap;
///
/// use chunkproof::{Authority, ErrorKind, Layer, rules::Rule};
///
/// let text = b"this is a text, and no layer".as_slice();
/// let error = Layer::open(text, Authority::UnauthenticatedFooter).err().expect("a text is no layer");
/// assert_eq!(error.kind(), ErrorKind::OtherFormat);
/// assert_eq!(error.rule(), Some(Rule::FooterFrame));
///
/// let error = Layer::open(text, Authority::Annotations(&BTreeMap::new())).err();
/// assert_eq!(error.map(|error| error.kind()), Some(ErrorKind::Unauthenticated));
/// ```
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    /// The broken rules, the cause first.
    findings: Findings,
    /// What is wrong, where it is no broken rule.
    detail: String,
    compared: Option<Box<Compared>>,
    source: Option<Arc<io::Error>>,
}

#[derive(Clone)]
struct Compared {
    found: String,
    expected: String,
}

impl Error {
    pub(super) fn new(kind: ErrorKind, detail: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            findings: Findings::new(),
            detail: detail.into(),
            compared: None,
            source: None,
        }))
    }

    /// The layer breaks rules, of which there is at least one.
    pub(super) fn invalid(findings: Findings) -> Self {
        let kind = match findings.list().first().map(|finding| finding.rule) {
            Some(Rule::IndexLimit | Rule::FrameWindow) => ErrorKind::Limit,
            Some(Rule::NoTarSplit) => ErrorKind::NoTarSplit,
            _ => ErrorKind::Invalid,
        };
        let mut error = Self::new(kind, "the layer breaks a rule");
        error.0.findings = findings;
        error
    }

    /// As it is, but of this kind.
    pub(super) fn of_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }

    /// Reading or writing failed; `detail` says what.
    pub(super) fn io(detail: &str, source: io::Error) -> Self {
        // An error of ours that came through `Read` or `Write` is itself again.
        match Self::inside(source) {
            Ok(error) => error,
            Err(source) => {
                let mut error = Self::new(ErrorKind::Io, detail);
                error.0.source = Some(Arc::new(source));
                error
            }
        }
    }

    /// The blob could not be read.
    pub(super) fn unreadable(source: io::Error) -> Self {
        Self::io("the blob could not be read", source)
    }

    /// With what was found and what was expected.
    pub(super) fn comparing(mut self, found: impl fmt::Display, expected: impl fmt::Display) -> Self {
        self.0.compared = Some(Box::new(Compared {
            found: found.to_string(),
            expected: expected.to_string(),
        }));
        self
    }

    /// The error of this library that is inside an I/O error.
    fn inside(error: io::Error) -> Result<Self, io::Error> {
        let is_ours = error.get_ref().and_then(|inner| inner.downcast_ref::<Self>()).is_some();
        if !is_ours {
            return Err(error);
        }
        let kind = error.kind();
        let inner = error.into_inner().and_then(|inner| inner.downcast().ok());
        inner.map(|error| *error).ok_or_else(|| kind.into())
    }

    /// What kind of error it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The rule that is broken; none where it is no rule, as for I/O and paths.
    pub fn rule(&self) -> Option<Rule> {
        self.first().map(|finding| finding.rule)
    }

    /// Where in the layer the rule is broken.
    pub fn place(&self) -> Option<&Place> {
        self.first().map(|finding| &finding.place)
    }

    /// What is wrong, with what was found and expected, in a sentence without a full stop.
    pub fn detail(&self) -> &str {
        self.first().map_or(&self.0.detail, |finding| &finding.detail)
    }

    /// What was found, where this library compared two values itself: digests of content, of the TOC and of the tar.
    pub fn found(&self) -> Option<&str> {
        self.0.compared.as_ref().map(|compared| compared.found.as_str())
    }

    /// What was expected, likewise.
    pub fn expected(&self) -> Option<&str> {
        self.0.compared.as_ref().map(|compared| compared.expected.as_str())
    }

    /// All broken rules that were found before reading stopped, the cause first. There can be more:
    /// [`verify`](crate::verify()) looks for all.
    pub fn findings(&self) -> &Findings {
        &self.0.findings
    }

    /// The part of a [`Prefetched`](crate::Prefetched) blob that has to be there before it can be read further.
    pub fn missing(&self) -> Option<Extent> {
        let source = self.0.source.as_ref()?.get_ref()?;
        source.downcast_ref::<Missing>().map(|missing| missing.extent)
    }

    fn first(&self) -> Option<&Finding> {
        self.0.findings.list().first()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.first() {
            Some(finding) => finding.fmt(f),
            None => Outside::sentence(&self.0.detail).fmt(f),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Error");
        out.field("kind", &self.0.kind);
        match self.first() {
            Some(finding) => out.field("finding", finding),
            None => out.field("detail", &self.0.detail),
        };
        if let Some(source) = &self.0.source {
            out.field("source", source);
        }
        out.finish()
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match &self.0.source {
            Some(source) => Some(source.as_ref()),
            None => None,
        }
    }
}

/// For `Read` and `Write`. The error is inside, and `Error::from` takes it out again.
impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        let kind = match (&error.0.source, error.0.kind) {
            (Some(source), _) => source.kind(),
            (None, ErrorKind::NotFound) => io::ErrorKind::NotFound,
            (None, _) => io::ErrorKind::InvalidData,
        };
        Self::new(kind, error)
    }
}

/// The error that went through `Read` or `Write`, or one of the kind [`ErrorKind::Io`].
impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::io("reading or writing failed", error)
    }
}
