//! What readers and writers have to make of a layer that breaks no rule.

use std::{
    collections::BTreeMap,
    io,
    sync::atomic::{AtomicBool, Ordering},
};

use super::plan::Recipe;
use crate::{
    forge::{dialect::facts, layer::Layer, len, tar::TarEntry},
    format::{
        Dialect, Digest, Findings,
        layer::{Source, Verified, read, reconstruct, verify},
        range::ReadAt,
        tarsplit::{self, Disassembler},
        toc::{self, EntryKind},
        writer::{Level, Options},
    },
    fuzzing::written,
    rules::Rule,
};

/// Whether all readers accept the layer and get what was put into it, and whether its tar can be written again.
pub(super) fn accepted(recipe: &Recipe, cuts: &[u8]) -> Result<(), String> {
    let layer = recipe.parts().payloads().place().layer();
    let blob = layer.blob.as_slice();
    let source = Source::new(&blob, Some(&layer.annotations));
    let verified = verified(&source, recipe.plan.dialect, &layer.tar)?;
    entries(&source, &recipe.plan.entries)?;
    rebuilt(&source, facts(recipe.plan.dialect).tar_split, &layer.tar)?;
    stingy(&layer, &verified)?;
    from_footer(&layer, &verified)?;
    disassembled(&layer.tar, &recipe.plan.entries, cuts)?;
    written(&layer.tar, recipe.plan.dialect, cuts)
}

/// An error as a problem.
pub(super) fn problem(error: io::Error) -> String {
    format!("the blob is in memory and could not be read: {error}")
}

pub(super) fn none(what: &str, findings: &Findings) -> Result<(), String> {
    if findings.is_empty() {
        Ok(())
    } else {
        Err(format!("{what} found {:?}, expected nothing", findings.list()))
    }
}

fn verified(source: &Source<'_>, dialect: Dialect, tar: &[u8]) -> Result<Verified, String> {
    let mut findings = Findings::new();
    let verified = verify(source, &mut findings).map_err(problem)?;
    none("verify", &findings)?;
    let expected = (Some(Digest::of(tar)), Some(len(tar)), Some(dialect));
    if (verified.tar_digest, verified.tar_size, verified.dialect) == expected {
        Ok(verified)
    } else {
        Err(format!("verify gave {verified:?}, expected {expected:?}"))
    }
}

/// Whether the TOC lists what the plan has.
fn entries(source: &Source<'_>, planned: &[TarEntry]) -> Result<(), String> {
    let mut findings = Findings::new();
    let read = read(source, &mut findings).map_err(problem)?;
    none("read", &findings)?;
    listed_as_planned(&read.map(|read| read.index.toc.entries).unwrap_or_default(), planned)
}

/// Whether these entries are the planned ones.
pub(super) fn listed_as_planned(listed: &[toc::Entry], planned: &[TarEntry]) -> Result<(), String> {
    if listed.len() != planned.len() {
        return Err(format!(
            "{} entries are listed, expected {}",
            listed.len(),
            planned.len()
        ));
    }
    for (listed, planned) in listed.iter().zip(planned) {
        let same = same(listed, planned);
        if let Some((field, _)) = same.into_iter().find(|(_, same)| !same) {
            return Err(format!("the {field} of {listed:?} is not what was planned"));
        }
    }
    Ok(())
}

fn same(listed: &toc::Entry, planned: &TarEntry) -> [(&'static str, bool); 9] {
    let kind = match planned.flag {
        b'1' => EntryKind::Hardlink,
        b'2' => EntryKind::Symlink,
        b'3' => EntryKind::CharDevice,
        b'4' => EntryKind::BlockDevice,
        b'5' => EntryKind::Directory,
        b'6' => EntryKind::Fifo,
        _ => EntryKind::Regular,
    };
    let xattrs: BTreeMap<String, Vec<u8>> = planned.xattrs.iter().cloned().collect();
    let size: u64 = listed.chunks.iter().map(|chunk| chunk.size).sum();
    let number = |listed: i64, planned: u64| u64::try_from(listed) == Ok(planned);
    let digest = (!planned.content.is_empty()).then(|| Digest::of(&planned.content));
    [
        ("type", listed.kind == kind),
        ("name", listed.name.as_bytes() == planned.name),
        ("target", listed.link_name().as_bytes() == planned.link),
        ("mode", number(listed.mode(), planned.mode)),
        (
            "owner",
            number(listed.uid(), planned.uid) && number(listed.gid(), planned.gid),
        ),
        ("attributes", *listed.xattrs() == xattrs),
        ("size", listed.size == planned.size()),
        ("digest", listed.digest == digest),
        ("chunks", size == len(&planned.content)),
    ]
}

fn rebuilt(source: &Source<'_>, has_tar_split: bool, tar: &[u8]) -> Result<(), String> {
    let mut findings = Findings::new();
    let mut out = Vec::new();
    let rebuilt = reconstruct(source, &mut findings, &mut out).map_err(problem)?;
    if !has_tar_split {
        return if findings.breaks(Rule::NoTarSplit) {
            Ok(())
        } else {
            Err(format!(
                "a tar was rebuilt from nothing: {rebuilt:?}, {:?}",
                findings.list()
            ))
        };
    }
    none("reconstruct", &findings)?;
    if out == tar && rebuilt.is_some_and(|rebuilt| rebuilt.digest == Digest::of(tar) && rebuilt.size == len(tar)) {
        Ok(())
    } else {
        Err(format!(
            "the rebuilt tar has {} bytes, expected the planned {}",
            out.len(),
            tar.len()
        ))
    }
}

/// A blob that is read byte by byte, and that remembers reads past its end.
pub(super) struct Stingy<'a> {
    blob: &'a [u8],
    past: AtomicBool,
}

impl<'a> Stingy<'a> {
    pub(super) const fn new(blob: &'a [u8]) -> Self {
        Self {
            blob,
            past: AtomicBool::new(false),
        }
    }

    pub(super) fn read_past_the_end(&self) -> bool {
        self.past.load(Ordering::Relaxed)
    }
}

impl ReadAt for Stingy<'_> {
    fn size(&self) -> u64 {
        len(self.blob)
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        for (place, byte) in buffer.iter_mut().enumerate() {
            match start.checked_add(place).and_then(|at| self.blob.get(at)) {
                Some(&read) => *byte = read,
                None => {
                    self.past.store(true, Ordering::Relaxed);
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
            }
        }
        Ok(())
    }
}

/// Whether the result is the same from a blob that is no slice, and no read goes past the end.
fn stingy(layer: &Layer, expected: &Verified) -> Result<(), String> {
    let blob = Stingy::new(&layer.blob);
    let mut findings = Findings::new();
    let verified = verify(&Source::new(&blob, Some(&layer.annotations)), &mut findings).map_err(problem)?;
    none("verify in small reads", &findings)?;
    if verified == *expected && !blob.read_past_the_end() {
        Ok(())
    } else {
        Err(format!(
            "in small reads verify gave {verified:?}, expected {expected:?}"
        ))
    }
}

/// Whether the footer alone leads to the same, with nothing authenticated.
fn from_footer(layer: &Layer, expected: &Verified) -> Result<(), String> {
    let mut findings = Findings::new();
    let blob = layer.blob.as_slice();
    let verified = verify(&Source::new(&blob, None), &mut findings).map_err(problem)?;
    none("verify without annotations", &findings)?;
    let same = verified.tar_digest == expected.tar_digest
        && verified.toc_digest == expected.toc_digest
        && verified.entries == expected.entries
        && !verified.toc_is_authenticated();
    if same {
        Ok(())
    } else {
        Err(format!(
            "without annotations verify gave {verified:?}, expected {expected:?}"
        ))
    }
}

/// The pieces of a tar, whose lengths these bytes give.
fn pieces<'a>(tar: &'a [u8], cuts: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let mut rest = tar;
    let mut cuts = cuts.iter().cycle();
    std::iter::from_fn(move || {
        let length = cuts.next().map_or(512, |&cut| usize::from(cut) * 4 + 1);
        let (piece, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        rest = after;
        (!piece.is_empty()).then_some(piece)
    })
}

/// Whether the tar can be taken apart in any pieces, and put together again.
fn disassembled(tar: &[u8], planned: &[TarEntry], cuts: &[u8]) -> Result<(), String> {
    let take_apart = |pieces: &mut dyn Iterator<Item = &[u8]>| {
        let mut findings = Findings::new();
        let mut lines = Vec::new();
        let mut disassembler = Disassembler::new();
        for piece in pieces {
            disassembler.push(piece, &mut findings, &mut |line| lines.extend_from_slice(line));
        }
        disassembler.finish(&mut findings, &mut |line| lines.extend_from_slice(line));
        none("disassembling", &findings).map(|()| lines)
    };
    let lines = take_apart(&mut std::iter::once(tar))?;
    if take_apart(&mut pieces(tar, cuts))? != lines {
        return Err("the tar-split depends on how the tar is cut".to_owned());
    }
    let mut findings = Findings::new();
    let entries = tarsplit::parse(&lines, &mut findings).unwrap_or_default();
    let mut files: BTreeMap<Vec<u8>, Vec<u8>> = planned
        .iter()
        .map(|entry| (entry.name.clone(), entry.content.clone()))
        .collect();
    let mut out = Vec::new();
    tarsplit::assemble(&entries, &mut files, &mut findings, &mut |bytes| {
        out.extend_from_slice(bytes);
    });
    none("assembling", &findings)?;
    if out == tar {
        Ok(())
    } else {
        Err(format!(
            "{} bytes were assembled that are not the tar of {}",
            out.len(),
            tar.len()
        ))
    }
}

/// Whether a layer can be written of the tar in any pieces, which holds it.
fn written(tar: &[u8], dialect: Dialect, cuts: &[u8]) -> Result<(), String> {
    let options = Options {
        dialect,
        level: Level::MIN,
        ..Options::default()
    };
    match written::check(tar, pieces(tar, cuts), options)? {
        true => Ok(()),
        false => Err("the writer refused the tar".to_owned()),
    }
}
