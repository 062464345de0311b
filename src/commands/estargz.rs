//! The commands for layers on one of eStargz.

use super::{
    Exit, Failure,
    layer::{Layer, Seen},
};
use crate::{
    format::{
        Findings,
        estargz::{self, Member},
    },
    report::estargz as report,
    rules::Rule,
};

/// Everything that can be known about it.
pub(super) fn verify(
    layer: &Layer,
    source: &crate::format::layer::Source<'_>,
    skipped: &[Rule],
) -> Result<Seen, Failure> {
    let mut findings = Findings::skipping(skipped);
    let verified =
        estargz::verify(source, layer.external_toc(), &mut findings).map_err(|error| layer.unreadable(&error))?;
    layer.finish();
    Ok(Seen {
        exit: Exit::of(&findings),
        text: report::verified(&layer.name, &verified, &findings),
        json: report::verified_json(&layer.name, &verified, &findings),
    })
}

/// Its parts.
pub(super) fn inspect(layer: &Layer) -> Result<Seen, Failure> {
    let source = layer.source(None);
    let unreadable = |error| layer.unreadable(&error);
    let mut findings = Findings::new();
    let index = estargz::load(&source, layer.external_toc(), &mut findings).map_err(unreadable)?;
    let mut members: Vec<Member> = Vec::new();
    // The map needs the whole blob.
    if !layer.is_remote {
        estargz::map(source.blob, &mut findings, &mut |member| members.push(member)).map_err(unreadable)?;
    }
    layer.finish();
    let (name, size, index) = (&layer.name, source.blob.size(), index.as_ref());
    Ok(Seen {
        exit: if members.is_empty() && index.is_none() {
            Exit::Failures
        } else {
            Exit::AsExpected
        },
        text: report::inspected(name, size, index, &members, &findings),
        json: report::inspected_json(name, size, index, &members, &findings),
    })
}

/// The files that its TOC lists.
pub(super) fn index(layer: &Layer) -> Result<Seen, Failure> {
    let mut findings = Findings::new();
    let index = estargz::load(&layer.source(None), layer.external_toc(), &mut findings)
        .map_err(|error| layer.unreadable(&error))?;
    layer.finish();
    Ok(Seen {
        exit: if findings.is_empty() {
            Exit::AsExpected
        } else {
            Exit::Failures
        },
        text: report::listed(&layer.name, index.as_ref(), &findings),
        json: report::listed_json(&layer.name, index.as_ref(), &findings),
    })
}
