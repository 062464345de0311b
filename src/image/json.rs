//! The JSON around a layer, read as strictly as the JSON in it.
//!
//! Manifests, indexes, descriptors, configurations and image layouts are read by many parsers, in Go by one that joins
//! `annotations` and `Annotations` and lets the last of two equal keys count. A document that two parsers read in two ways
//! describes two layers, so it is refused: this is the reader of the TOC, and what is a finding there is an error here.
//!
//! The files of credentials and the answers with tokens are not read here. They say nothing about a layer, other programs
//! own their form, and an error must not quote them.

use std::collections::BTreeMap;

use crate::{
    format::{
        Digest, DigestError, Excerpt, Findings, Place, Region,
        json::{Broken, Kind, Reader},
    },
    rules::Rule,
};

/// Why a document is refused: the findings say it, or this sentence does.
pub(crate) enum Fault {
    /// The reader has reported it.
    Reported,
    /// A sentence without a full stop.
    Problem(String),
}

impl Fault {
    /// The same fault with the place of what it is about.
    pub(crate) fn within(self, place: &str) -> Self {
        match self {
            Self::Problem(problem) => Self::Problem(format!("`{place}`: {problem}")),
            Self::Reported => Self::Reported,
        }
    }
}

impl From<Broken> for Fault {
    fn from(_: Broken) -> Self {
        Self::Reported
    }
}

/// The value of a member, or why the document is refused.
pub(crate) type Parsed<T> = Result<T, Fault>;

/// Reads a whole document.
///
/// # Errors
///
/// What is wrong, in a sentence.
pub(crate) fn read<'a, T>(bytes: &'a [u8], parse: impl FnOnce(&mut Reader<'a, '_>) -> Parsed<T>) -> Result<T, String> {
    let mut findings = Findings::new();
    let mut reader = Reader::new(bytes, Region::Descriptor, &mut findings);
    let parsed = parse(&mut reader);
    if parsed.is_ok() {
        reader.finish();
    }
    // What the reader found comes first: it may be why something is missing.
    if let Some(finding) = findings.list().first() {
        let what = match finding.rule {
            Rule::JsonSyntax => "malformed JSON",
            _ => "ambiguous or unexpected JSON",
        };
        let at = match finding.place {
            Place::Byte(_, at) => format!(" at byte {at}"),
            _ => String::new(),
        };
        return Err(format!("{what}{at}: {}", finding.detail));
    }
    parsed.map_err(|fault| match fault {
        Fault::Problem(problem) => problem,
        Fault::Reported => "malformed JSON".to_owned(),
    })
}

/// Reads a string.
pub(crate) fn string(reader: &mut Reader<'_, '_>) -> Parsed<String> {
    Ok(reader.string()?.ok_or(Fault::Reported)?.into_owned())
}

/// Reads a size, an integer that is not negative.
pub(crate) fn size(reader: &mut Reader<'_, '_>) -> Parsed<u64> {
    let number = reader.integer()?.ok_or(Fault::Reported)?;
    let field = reader.field();
    number
        .try_into()
        .map_err(|_| Fault::Problem(format!("`{field}` is {number}, expected 0 or more")))
}

/// Reads a digest. Only those of sha256 can be checked here.
pub(crate) fn digest(reader: &mut Reader<'_, '_>) -> Parsed<Digest> {
    let text = string(reader)?;
    text.parse().map_err(|error| {
        let shown = Excerpt(&text);
        Fault::Problem(match error {
            DigestError::OtherAlgorithm => format!("unsupported algorithm of digest {shown}, expected sha256"),
            DigestError::Malformed => {
                format!("malformed digest {shown}, expected `sha256:` and 64 lower-case hexadecimal digits")
            }
        })
    })
}

/// Reads an object whose keys are data and whose values are strings.
pub(crate) fn strings(reader: &mut Reader<'_, '_>) -> Parsed<BTreeMap<String, String>> {
    let mut map = BTreeMap::new();
    if !reader.begin_object()? {
        return Err(Fault::Reported);
    }
    while let Some(key) = reader.next_member()? {
        if reader.peek()? != Kind::String {
            return Err(Fault::Problem(format!("annotation {} is not a string", Excerpt(&key))));
        }
        map.insert(key.into_owned(), string(reader)?);
    }
    Ok(map)
}

/// Reads an array. A problem of an element gets its place, such as `layers[1]`.
///
/// Null stands for an empty array, as Go writes a slice that was never filled.
pub(crate) fn array<'a, T>(
    reader: &mut Reader<'a, '_>,
    mut element: impl FnMut(&mut Reader<'a, '_>) -> Parsed<T>,
) -> Parsed<Vec<T>> {
    let field = reader.field();
    let mut list = Vec::new();
    if reader.null()? {
        return Ok(list);
    }
    if !reader.begin_array()? {
        return Err(Fault::Reported);
    }
    while reader.next_element()? {
        let at = list.len();
        list.push(element(reader).map_err(|fault| fault.within(&format!("{field}[{at}]")))?);
    }
    Ok(list)
}

/// The value of a member that has to be there.
pub(crate) fn required<T>(field: &str, value: Option<T>) -> Parsed<T> {
    value.ok_or_else(|| Fault::Problem(format!("`{field}` is missing")))
}
