//! A layer as a text that is compared line by line: what it is made of and what is wrong with it.
//!
//! Everything is there that a reader of the layer can tell. The map of frames has lengths and no offsets, and so have the chunks of
//! the TOC: a file that is compressed otherwise would change the offset of all that follow it. The rules compare the offsets.

use std::{fmt::Write as _, io};

use serde_json::Value;

use super::{
    estargz::{describe_footer as describe_estargz_footer, describe_landmark, describe_toc},
    layer::{describe_position, describe_role, describe_tar_split, describe_toc_authority},
    style::{BOLD, ERROR, GOOD, NOTICE, styled},
    unified::unified,
};
use crate::{
    format::{
        BlobKind, Digest, Findings, estargz,
        footer::Footer,
        frames::FrameKind,
        layer::{self, Source},
        range::ReadAt,
        tarsplit,
        toc::Toc,
    },
    image,
    outside::{Outside, PATH, json},
    vectors::ops::{ChunkOutput, EntryOutput},
};

/// The first line, by which snapshots are known. Another number tells that all of them are to be written again.
const MARK: &str = "chunkproof snapshot 1";

/// How the first line of every snapshot begins, whatever its number.
pub(crate) const FAMILY: &str = "chunkproof snapshot ";

/// What came of a snapshot.
pub(crate) enum Standing {
    /// The layer is as it was.
    Unchanged,
    /// The snapshot was written, and there may have been another one.
    Written {
        /// Whether there was none.
        is_new: bool,
    },
    /// The layer is not as it was, or has no snapshot.
    Differs {
        /// The snapshot that is kept.
        old: Option<String>,
        /// That of the layer.
        new: String,
    },
    /// There is no layer of it.
    Stale,
    /// The writer made no layer.
    Unmade(String),
}

impl Standing {
    const fn word(&self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Written { is_new: true } => "new",
            Self::Written { is_new: false } => "updated",
            Self::Differs { old: Some(_), .. } => "changed",
            Self::Differs { old: None, .. } => "missing",
            Self::Stale => "stale",
            Self::Unmade(_) => "not made",
        }
    }

    const fn style(&self) -> anstyle::Style {
        match self {
            Self::Unchanged => GOOD,
            Self::Written { .. } | Self::Stale => NOTICE,
            Self::Differs { .. } | Self::Unmade(_) => ERROR,
        }
    }
}

/// What came of the snapshot in `file`, of a layer that is called `of`.
pub(crate) fn standing(file: &str, of: &str, standing: &Standing) -> String {
    let word = styled(standing.style(), standing.word());
    let name = styled(BOLD, file);
    match standing {
        Standing::Unchanged | Standing::Written { .. } => format!("{name}: {word}\n"),
        Standing::Differs { old: Some(old), new } => {
            format!("{name}: {word}\n{}", unified(file, of, old, new))
        }
        Standing::Differs { old: None, .. } => {
            let of = Outside::new(of.as_bytes(), PATH);
            format!("{name}: {word}, {of} has no snapshot; run without --check to write it\n")
        }
        Standing::Stale => format!("{name}: {word}, no layer has this name; remove it\n"),
        Standing::Unmade(problem) => format!("{name}: {word}, {}\n", Outside::sentence(problem)),
    }
}

/// How many snapshots there are of each kind.
pub(crate) fn summary(standings: &[Standing]) -> String {
    let mut counts: Vec<(&Standing, usize)> = Vec::new();
    for standing in standings {
        match counts.iter_mut().find(|(known, _)| known.word() == standing.word()) {
            Some((_, count)) => *count += 1,
            None => counts.push((standing, 1)),
        }
    }
    let counts: Vec<String> = counts
        .into_iter()
        .map(|(standing, count)| format!("{count} {}", styled(standing.style(), standing.word())))
        .collect();
    let noun = if standings.len() == 1 { "snapshot" } else { "snapshots" };
    format!("{} {noun}: {}\n", standings.len(), counts.join(", "))
}

/// The remark about a layer of an image that is not zstd:chunked.
pub(crate) fn skipped(name: &str, kind: &BlobKind) -> String {
    super::image::skipped(name, kind).text
}

/// A layer of zstd:chunked.
///
/// # Errors
///
/// The blob cannot be read.
pub(crate) fn zstd_chunked(source: &Source<'_>) -> io::Result<String> {
    let mut findings = Findings::new();
    let verified = layer::verify(source, &mut findings)?;
    verified.ambiguities.report(&mut findings);
    // What is wrong is in those of `verify`.
    let mut known = Findings::new();
    let inspected = layer::inspect(source, false, &mut known, &mut |_| Ok(()))?;
    let located = inspected.located.as_ref();
    let index = match located {
        Some(located) => layer::load(source, located, &mut known)?,
        None => None,
    };
    let mut out = head(source)?;
    if let Some(kind) = &verified.other {
        field("kind", kind, &mut out);
    }
    field("dialect", verified.dialects, &mut out);
    if let Some(footer) = inspected.named.footer {
        describe_footer(footer, &mut out);
    }
    if let (Some(digest), Some(authority)) = (verified.toc_digest, verified.toc_authority) {
        field(
            "toc",
            format_args!("{digest}, {}", describe_toc_authority(authority)),
            &mut out,
        );
    }
    field("tar-split", describe_tar_split(&verified), &mut out);
    tar(source, verified.tar_digest, verified.tar_size, &mut out);
    annotations(source, &mut out);
    list_findings(&findings, &mut out);
    if let Some(index) = &index {
        entries(&index.toc, &mut out);
        if let Some(tar_split) = &index.tar_split {
            section("tar-split", tar_split.entries.len(), &mut out);
            tar_split
                .entries
                .iter()
                .for_each(|entry| tar_split_entry(entry, &mut out));
        }
    }
    section(
        "frames",
        verified.data_frames.saturating_add(verified.skippable_frames),
        &mut out,
    );
    layer::map(source, located, index.as_ref(), &mut known, &mut |mapped| {
        let kind = match mapped.frame.kind {
            FrameKind::Data(_) => "data",
            FrameKind::Skippable { .. } => "skip",
        };
        let role = describe_role(mapped.role);
        line(
            format_args!("  {:>10}  {kind}  {role}", mapped.frame.extent.length()),
            &mut out,
        );
        Ok(())
    })?;
    Ok(out)
}

/// A layer of eStargz, whose TOC may be a blob of its own.
///
/// # Errors
///
/// A blob cannot be read.
pub(crate) fn estargz(source: &Source<'_>, external: Option<&dyn ReadAt>) -> io::Result<String> {
    let mut findings = Findings::new();
    let verified = estargz::verify(source, external, &mut findings)?;
    verified.ambiguities.report(&mut findings);
    let mut out = head(source)?;
    if let Some(footer) = verified.footer {
        field("dialect", "estargz", &mut out);
        field("footer", describe_estargz_footer(footer), &mut out);
    }
    if let Some(index) = &verified.index {
        field("toc", describe_toc(index), &mut out);
        field("landmark", describe_landmark(index.landmark), &mut out);
    }
    tar(source, verified.tar_digest, verified.tar_size, &mut out);
    annotations(source, &mut out);
    list_findings(&findings, &mut out);
    if let Some(index) = &verified.index {
        entries(&index.toc, &mut out);
    }
    section("members", verified.members, &mut out);
    estargz::map(source.blob, &mut Findings::new(), &mut |member| {
        let (length, size) = (member.extent.length(), member.size);
        line(format_args!("  {length:>10}  {size:>10} decoded"), &mut out);
    })?;
    Ok(out)
}

fn head(source: &Source<'_>) -> io::Result<String> {
    let mut out = format!("{MARK}\n\n");
    let digest = image::hash(source.blob)?;
    field("blob", format_args!("{digest}, {} bytes", source.blob.size()), &mut out);
    if let Some(media_type) = source.media_type {
        field("media type", Outside::word(media_type), &mut out);
    }
    Ok(out)
}

fn line(text: std::fmt::Arguments<'_>, out: &mut String) {
    // Writing to a string cannot fail.
    let _always = out.write_fmt(text);
    out.push('\n');
}

fn field(label: &str, value: impl std::fmt::Display, out: &mut String) {
    line(format_args!("{label:10}  {value}"), out);
}

fn section(label: &str, count: impl std::fmt::Display, out: &mut String) {
    line(format_args!("\n{label}: {count}"), out);
}

fn describe_footer(footer: Footer, out: &mut String) {
    let toc = describe_position(footer.toc);
    field(
        "footer",
        format_args!("{}, the TOC has {toc}", footer.layout.name()),
        out,
    );
    if let Some(tar_split) = footer.tar_split {
        field(
            "",
            format_args!("the tar-split has {}", describe_position(tar_split)),
            out,
        );
    }
}

fn tar(source: &Source<'_>, digest: Option<Digest>, size: Option<u64>, out: &mut String) {
    if let (Some(digest), Some(size)) = (digest, size) {
        field("tar", format_args!("{digest}, {size} bytes"), out);
    }
    if let Some(diff_id) = source.diff_id {
        field("DiffID", diff_id, out);
    }
}

fn annotations(source: &Source<'_>, out: &mut String) {
    let Some(annotations) = source.annotations else {
        return section("annotations", "none", out);
    };
    section("annotations", annotations.len(), out);
    for (key, value) in annotations {
        let shown = |text: &str| Outside::new(text.as_bytes(), PATH).quoted().to_string();
        line(format_args!("  {}: {}", shown(key), shown(value)), out);
    }
}

fn list_findings(findings: &Findings, out: &mut String) {
    let count = u64::try_from(findings.list().len()).unwrap_or(u64::MAX);
    section("findings", count.saturating_add(findings.omitted()), out);
    for finding in findings.list() {
        line(format_args!("  {finding}"), out);
    }
}

fn entries(toc: &Toc, out: &mut String) {
    section("entries", toc.entries.len(), out);
    for entry in &toc.entries {
        let entry = EntryOutput::from(entry);
        let name = Outside::new(entry.name.as_bytes(), PATH).quoted().to_string();
        let mut rest = serde_json::to_value(&entry).unwrap_or_default();
        if let Value::Object(members) = &mut rest {
            members.remove("name");
            members.remove("chunks");
            members.insert("mode".to_owned(), format!("{:04o}", entry.mode.0).into());
        }
        line(format_args!("  {name} {}", json(&rest.to_string())), out);
        // Of a file that is not split nothing is left to say.
        let is_whole = |chunk: &ChunkOutput| chunk.digest.is_none() && !chunk.zeros && chunk.size.0 == entry.size.0;
        if !matches!(entry.chunks.as_slice(), [chunk] if is_whole(chunk)) {
            entry.chunks.iter().for_each(|each| chunk(each, out));
        }
    }
}

fn chunk(chunk: &ChunkOutput, out: &mut String) {
    let digest = match &chunk.digest {
        Some(digest) => Outside::word(digest).to_string(),
        None => "no digest".to_owned(),
    };
    let zeros = if chunk.zeros { ", zeros" } else { "" };
    let inner = match &chunk.inner_offset {
        Some(offset) => format!(", from byte {} of what its frame decodes to", offset.0),
        None => String::new(),
    };
    line(format_args!("    {} bytes, {digest}{zeros}{inner}", chunk.size.0), out);
}

fn tar_split_entry(entry: &tarsplit::Entry, out: &mut String) {
    match entry {
        tarsplit::Entry::Segment(segment) => {
            let digest = Digest::of(&segment.bytes);
            line(format_args!("  segment  {} bytes, {digest}", segment.bytes.len()), out);
        }
        tarsplit::Entry::File(file) => {
            let crc = file
                .crc
                .map_or_else(|| "no CRC".to_owned(), |crc| format!("CRC {crc:016x}"));
            let name = Outside::new(&file.name, PATH).raw().quoted();
            line(format_args!("  file     {name}, {} bytes, {crc}", file.size), out);
        }
        tarsplit::Entry::Unusable(number) => line(format_args!("  line {number} cannot be used"), out),
    }
}
