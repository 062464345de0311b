//! Generated layers of eStargz: the same tars in gzip members, with the TOC as stargz writes it.

use std::collections::BTreeMap;

use super::{
    oracle::{Stingy, listed_as_planned, none, problem},
    plan::Recipe,
};
use crate::{
    forge::{
        Edit, EditError, Kind,
        annotations::ESTARGZ,
        catalogue::{Change, Gzipped, Listed, Row},
        estargz::{Footer, member},
        layer::{Parts, Payloads},
        len,
        tar::{self, TarEntry},
        toc::TocEntry,
    },
    format::{
        Digest, Findings,
        estargz::{self, Layout, TOC_NAME, Verified},
        layer::Source,
        range::ReadAt,
    },
    rules::Rule,
};

/// How the tar of a recipe is cut into members, and where its TOC is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    layout: Layout,
    /// Whether all contents share one member, as with a minimum chunk size.
    packed: bool,
    /// Whether contents are cut into two chunks.
    chunked: bool,
    /// Whether the tar keeps its end-of-archive blocks, and what follows them, before the TOC.
    lossless: bool,
}

/// The bytes of a layer, and what there is to know about it.
struct Built {
    blob: Vec<u8>,
    /// The blob of an external TOC.
    external: Option<Vec<u8>>,
    annotations: BTreeMap<String, String>,
    /// What all members of the layer decode to.
    tar: Vec<u8>,
    /// How many members the layer has.
    members: u64,
}

impl Shape {
    /// A shape that a byte stands for.
    pub(super) const fn of(byte: u8) -> Self {
        Self {
            layout: match byte & 3 {
                0 => Layout::External,
                1 => Layout::Legacy,
                _ => Layout::EStargz,
            },
            packed: byte & 4 != 0,
            chunked: byte & 8 != 0,
            lossless: byte & 16 != 0,
        }
    }

    /// Whether the tar ends before the TOC, or without it.
    fn keeps_tail(self) -> bool {
        self.lossless || self.layout == Layout::External
    }

    /// Whether all readers accept the layer and get what was put into it.
    pub(super) fn accepted(self, recipe: &Recipe) -> Result<(), String> {
        let (parts, members) = self.parts(recipe);
        let entries = parts.plan.entries.clone();
        let layer = self.build(parts.payloads(), members);
        let (verified, findings) = layer.verify(&layer.blob.as_slice(), Some(&layer.annotations))?;
        none("verify", &findings)?;
        layer.holds(&verified, &entries, true)?;
        let (verified, findings) = layer.verify(&layer.blob.as_slice(), None)?;
        none("verify without annotations", &findings)?;
        layer.holds(&verified, &entries, false)?;
        let stingy = Stingy::new(&layer.blob);
        let (verified, findings) = layer.verify(&stingy, Some(&layer.annotations))?;
        none("verify in small reads", &findings)?;
        layer.holds(&verified, &entries, true)?;
        if stingy.read_past_the_end() {
            return Err("verify read past the end".to_owned());
        }
        Ok(())
    }

    /// Whether the layer with a change is refused with its rule among the findings; none where there is nothing to change.
    pub(super) fn refused(self, recipe: &Recipe, row: &Row, which: usize) -> Option<Result<Rule, String>> {
        let layer = match self.changed(recipe, row.change, which)? {
            Ok(layer) => layer,
            Err(error) => return Some(Err(error.to_string())),
        };
        let refused = layer
            .verify(&layer.blob.as_slice(), Some(&layer.annotations))
            .and_then(|(_, findings)| {
                if findings.breaks(row.rule) {
                    Ok(row.rule)
                } else {
                    let found = findings.list();
                    Err(format!("expected {} among the findings, found {found:?}", row.rule))
                }
            });
        Some(refused)
    }

    fn changed(self, recipe: &Recipe, change: Change, which: usize) -> Option<Result<Built, EditError>> {
        if let Change::Tar(change) = change {
            let mut recipe = recipe.clone();
            change(&mut recipe.plan, which)?;
            let (parts, members) = self.parts(&recipe);
            return Some(Ok(self.build(parts.payloads(), members)));
        }
        let (parts, members) = self.parts(recipe);
        let last = parts.data.last().copied();
        let listed = parts.clone();
        let payloads = parts.payloads();
        let edits = match change {
            Change::Toc(change) | Change::Index(change) => {
                let edits = change(&Listed::of(&listed, &payloads.toc_json), which)?;
                edits.into_iter().map(|edit| Edit::Toc(Box::new(edit))).collect()
            }
            Change::Gzipped(change) => {
                let blob = self.build(payloads.clone(), members).blob;
                let size = usize::try_from(self.layout.size()).ok()?;
                let layer = Gzipped {
                    length: blob.len(),
                    footer: blob.get(blob.len().checked_sub(size)?..)?.to_vec(),
                    last,
                    has_offset: self.layout != Layout::External,
                    keeps_tail: self.keeps_tail(),
                    toc_name: TOC_NAME,
                };
                vec![change(&layer, which)?]
            }
            Change::Tar(_) | Change::Layer(_) => return None,
        };
        Some(self.edited(payloads, members, &edits))
    }

    /// The layer with edits, each of which is made where the part is there that it changes.
    fn edited(self, mut payloads: Payloads, members: u64, edits: &[Edit]) -> Result<Built, EditError> {
        for edit in edits {
            match edit {
                Edit::Toc(edit) => {
                    let json = edit.apply(payloads.toc_json.as_bytes(), Kind::Json)?;
                    payloads.toc_json = String::from_utf8_lossy(&json).into_owned();
                }
                Edit::Data(edit) => payloads.data = edit.apply(&payloads.data, Kind::Bytes)?,
                _ => {}
            }
        }
        let mut layer = self.build(payloads, members);
        for edit in edits {
            match edit {
                Edit::Blob(edit) => layer.blob = edit.apply(&layer.blob, Kind::Bytes)?,
                Edit::Annotations(edit) => edit.annotate(&mut layer.annotations)?,
                _ => {}
            }
        }
        Ok(layer)
    }

    /// Data and index, and of how many members the data is.
    fn parts(self, recipe: &Recipe) -> (Parts, u64) {
        let mut plan = recipe.plan.clone();
        plan.prefix.clear();
        plan.padded = true;
        if !self.keeps_tail() {
            // The TOC continues the tar.
            plan.tail.clear();
        } else if self.layout != Layout::External && !plan.tail.starts_with(&tar::end()) {
            // It would follow a single block of zeros, or none.
            plan.tail = tar::end();
        }
        for entry in &mut plan.entries {
            let length = entry.content.len();
            entry.chunks = match length {
                2.. if self.chunked => vec![(length / 2, false), (length - length / 2, false)],
                0 => Vec::new(),
                _ => vec![(length, false)],
            };
        }
        let mut parts = Parts::empty(plan);
        let entries = parts.plan.entries.clone();
        let mut members = Members::default();
        for (index, entry) in entries.iter().enumerate() {
            members.pending.extend(entry.header());
            parts.toc.push(TocEntry::of(entry));
            let first = parts.toc.len() - 1;
            let mut start = 0;
            for (number, &(length, _)) in entry.chunks.iter().enumerate() {
                // The library leaves out the offset of the first member.
                if !self.packed || (members.count == 0 && !self.lossless) {
                    members.flush();
                }
                let content = &entry.content[start..start + length];
                if number > 0 {
                    parts.toc.push(TocEntry {
                        kind: "chunk".to_owned(),
                        name: parts.toc[first].name.clone(),
                        ..TocEntry::default()
                    });
                }
                let chunk = &mut parts.toc[first + number];
                chunk.offset = len(&members.data);
                chunk.inner_offset = len(&members.pending);
                chunk.chunk_digest = Digest::of(content).to_string();
                if entry.chunks.len() > 1 {
                    chunk.chunk_offset = len(&entry.content[..start]);
                    chunk.chunk_size = len(content);
                }
                members.pending.extend(content);
                start += length;
            }
            if !entry.content.is_empty() {
                parts.toc[first].digest = Digest::of(&entry.content).to_string();
            }
            members.pending.extend(parts.plan.padding(index));
        }
        members.pending.extend(&parts.plan.tail);
        members.flush();
        parts.data = members.data;
        (parts, members.count)
    }

    fn build(self, payloads: Payloads, members: u64) -> Built {
        let json = payloads.toc_json;
        let mut toc = TarEntry::file(TOC_NAME, json.as_bytes()).header();
        toc.extend(json.as_bytes());
        toc.extend(tar::padding(json.len()));
        toc.extend(tar::end());
        let mut tar = payloads.plan.tar();
        let mut blob = payloads.data;
        let footer = format!("{:016x}STARGZ", blob.len());
        let (footer, external) = match self.layout {
            Layout::External => (Footer::external("STARGZEXTERNALTOC"), Some(member(&toc))),
            Layout::EStargz => (Footer::estargz(&footer), None),
            Layout::Legacy => (Footer::legacy(&footer), None),
        };
        if external.is_none() {
            blob.extend(member(&toc));
            tar.extend(toc);
        }
        blob.extend(footer.bytes());
        Built {
            blob,
            members: members + 1 + u64::from(external.is_none()),
            external,
            annotations: BTreeMap::from([(ESTARGZ.to_owned(), Digest::of(json.as_bytes()).to_string())]),
            tar,
        }
    }
}

/// The members of the data, one after the other.
#[derive(Default)]
struct Members {
    data: Vec<u8>,
    count: u64,
    /// What the next one will hold.
    pending: Vec<u8>,
}

impl Members {
    fn flush(&mut self) {
        if !self.pending.is_empty() {
            self.data.extend(member(&self.pending));
            self.count += 1;
            self.pending.clear();
        }
    }
}

impl Built {
    fn verify(
        &self,
        blob: &(dyn ReadAt + Sync),
        annotations: Option<&BTreeMap<String, String>>,
    ) -> Result<(Verified, Findings), String> {
        let mut findings = Findings::new();
        let external = self.external.as_deref();
        let external = external.as_ref().map(|blob| -> &dyn ReadAt { blob });
        let verified = estargz::verify(&Source::new(blob, annotations), external, &mut findings);
        Ok((verified.map_err(problem)?, findings))
    }

    /// Whether a reader got what was put into the layer.
    fn holds(&self, verified: &Verified, planned: &[TarEntry], authenticated: bool) -> Result<(), String> {
        let expected = (Some(Digest::of(&self.tar)), Some(len(&self.tar)), self.members);
        let found = (verified.tar_digest, verified.tar_size, verified.members);
        if found != expected {
            return Err(format!(
                "digest and size of the tar, and the number of members, are {found:?}, expected {expected:?}"
            ));
        }
        let Some(index) = &verified.index else {
            return Err("no index and no finding that says why".to_owned());
        };
        if index.is_authenticated() != authenticated {
            return Err(format!("the index is authenticated: {}", index.is_authenticated()));
        }
        listed_as_planned(&index.toc.entries, planned)
    }
}
