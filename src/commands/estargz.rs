//! The commands for layers on an eStargz layer, or on another gzip-compressed blob.

use super::{
    Exit, Failure,
    layer::{Layer, Seen},
    verify::{Args, require_annotations},
};
use crate::{
    format::{
        Findings,
        estargz::{self, Footer, Member},
        layer::check_media_type,
        range::ReadAt,
    },
    report::{estargz as report, index::Listing, streamed::Short},
};

/// The blob of the external TOC that was given, which no TOC in the layer may contradict: one of the two would go
/// unchecked.
fn external<'a>(layer: &'a Layer, footer: Option<&Footer>) -> Result<Option<&'a dyn ReadAt>, Failure> {
    match (layer.external_toc(), footer.and_then(|footer| footer.toc)) {
        (Some(_), Some(offset)) => Err(Failure::unusable(format!(
            "{}: --toc is for a layer with an external TOC, and the footer of this one names a TOC at {offset} in the layer",
            layer.name
        ))),
        (given, _) => Ok(given),
    }
}

/// The footer, without a verdict on it.
fn footer_of(layer: &Layer, blob: &dyn ReadAt) -> Result<Option<Footer>, Failure> {
    estargz::load_footer(blob, &mut Findings::new()).map_err(|error| layer.unreadable(&error))
}

/// Everything that can be known about it.
pub(super) fn verify(
    layer: &Layer,
    source: &crate::format::layer::Source<'_>,
    args: &Args,
) -> Result<Seen<'static>, Failure> {
    let toc = external(layer, footer_of(layer, source.blob)?.as_ref())?;
    let mut findings = Findings::skipping(&args.skipped);
    let verified = estargz::verify(source, toc, &mut findings).map_err(|error| layer.unreadable(&error))?;
    layer.finish();
    if args.require_annotations {
        let index = verified.index.as_ref();
        require_annotations(index.is_some_and(|index| index.annotated.is_none()), &mut findings);
    }
    let allowed = args.allow_ambiguous_tar;
    if !allowed {
        verified.ambiguities.report(&mut findings);
    }
    let report = Short {
        text: report::verified(&layer.name, &verified, &findings, allowed),
        json: report::verified_json(&layer.name, &verified, &findings, allowed),
    };
    Ok(Seen::short(Exit::of(&findings), report))
}

/// Its parts.
pub(super) fn inspect(layer: &Layer) -> Result<Seen<'_>, Failure> {
    let source = layer.source(None);
    let unreadable = |error| layer.unreadable(&error);
    let mut findings = Findings::new();
    check_media_type(&source, &mut findings).map_err(unreadable)?;
    let footer = estargz::load_footer(source.blob, &mut findings).map_err(unreadable)?;
    let toc = external(layer, footer.as_ref())?;
    let index = match footer {
        Some(footer) => estargz::load_toc(&source, footer, toc, &mut findings).map_err(unreadable)?,
        None => None,
    };
    let mut members: Vec<Member> = Vec::new();
    // The map needs the whole blob.
    if !layer.is_remote {
        estargz::map(source.blob, &mut findings, &mut |member| members.push(member)).map_err(unreadable)?;
    }
    layer.finish();
    Ok(Seen {
        exit: if members.is_empty() && footer.is_none() {
            Exit::Failures
        } else {
            Exit::AsExpected
        },
        report: Box::new(report::Inspected {
            name: &layer.name,
            size: source.blob.size(),
            footer,
            index,
            members,
            findings,
        }),
    })
}

/// The files that its TOC lists.
pub(super) fn index(layer: &Layer) -> Result<Seen<'_>, Failure> {
    let source = layer.source(None);
    let toc = external(layer, footer_of(layer, source.blob)?.as_ref())?;
    let mut findings = Findings::new();
    let index = estargz::load(&source, toc, &mut findings).map_err(|error| layer.unreadable(&error))?;
    layer.finish();
    Ok(Seen {
        exit: if findings.is_empty() {
            Exit::AsExpected
        } else {
            Exit::Failures
        },
        report: Box::new(Listing {
            name: &layer.name,
            listed: index.filter(|_| findings.is_empty()).map(Into::into),
            findings,
        }),
    })
}
