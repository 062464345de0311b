//! What follows the data frames, and the annotations that lead to it.

use std::{
    collections::BTreeMap,
    io::{self, Write as _},
};

use super::{frames::Output, payload::Document};
use crate::{
    format::{
        Dialect, Digest, Findings, Limits, Place, Position, Region, dialect::DigestIn, footer::Footer,
        payload::check_limit,
    },
    rules::Rule,
};

/// TOC and tar-split of a layer of this dialect.
pub(super) struct IndexFrames {
    pub(super) dialect: Dialect,
    pub(super) toc: Document,
    pub(super) tar_split: Option<Document>,
}

/// What is known once the layer is complete.
pub(super) struct Placed {
    pub(super) annotations: BTreeMap<String, String>,
    pub(super) digest: Digest,
    pub(super) size: u64,
    pub(super) toc_digest: Digest,
    pub(super) tar_split_digest: Option<Digest>,
}

impl IndexFrames {
    /// Writes the skippable frames after the data frames.
    ///
    /// Reports IDX-01.
    pub(super) fn write(&self, mut out: Output<'_>, findings: &mut Findings) -> io::Result<Option<Placed>> {
        let limits = Limits::default();
        let Some(toc) = place(&self.toc, Region::Toc, limits.toc, &out, findings) else {
            return Ok(None);
        };
        self.toc.write(&mut out)?;
        let mut tar_split = None;
        if let Some(document) = &self.tar_split {
            tar_split = place(document, Region::TarSplit, limits.tar_split, &out, findings);
            if tar_split.is_none() {
                return Ok(None);
            }
            document.write(&mut out)?;
        }
        let layout = self.dialect.facts().footer;
        let footer = Footer {
            layout,
            toc,
            tar_split: tar_split.filter(|_| layout.names_tar_split()),
        };
        out.write_all(&footer.to_frame())?;
        out.flush()?;
        Ok(Some(Placed {
            annotations: self.annotations(toc, tar_split),
            size: out.length,
            digest: out.digest(),
            toc_digest: self.toc.digest,
            tar_split_digest: self.tar_split.as_ref().map(|document| document.digest),
        }))
    }

    fn annotations(&self, toc: Position, tar_split: Option<Position>) -> BTreeMap<String, String> {
        let facts = self.dialect.facts();
        let prefix = facts.prefix.as_str();
        let mut annotations = BTreeMap::new();
        let mut annotate = |key: &str, value: String| annotations.insert(format!("{prefix}{key}"), value);
        annotate("manifest-checksum", self.toc.digest.to_string());
        annotate("manifest-position", format!("{}:1", numbers(toc)));
        if let Some(position) = tar_split {
            annotate("tarsplit-position", numbers(position));
        }
        if let (Some(document), Some(DigestIn::Annotation)) = (&self.tar_split, facts.tar_split) {
            annotate("tarsplit-checksum", document.digest.to_string());
        }
        annotations
    }
}

/// The position of a document that comes next; none for one that readers refuse.
fn place(
    document: &Document,
    region: Region,
    limit: u64,
    out: &Output<'_>,
    findings: &mut Findings,
) -> Option<Position> {
    let Some(position) = document.position(out.length) else {
        let detail = "the document would end at or above 2^63, expected it to end below";
        findings.report(Rule::IndexLimit, Place::Whole(region), detail);
        return None;
    };
    check_limit(region, position, limit, findings).then_some(position)
}

fn numbers(position: Position) -> String {
    format!(
        "{}:{}:{}",
        position.extent.offset(),
        position.extent.length(),
        position.uncompressed
    )
}
