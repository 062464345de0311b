//! What the commands for layers report, for people and as JSON.

use std::{
    fmt::{Arguments, Write as _},
    io,
};

use serde_json::{Value, json};

use super::{
    ambiguities::{hint, list_json, notes},
    streamed::{LayerReport, Object, Sink},
    style::{BOLD, DIM, ERROR, GOOD, styled},
};
use crate::{
    format::{
        Compared, Dialect, Dialects, Digest, Finding, Findings, Position,
        footer::Footer,
        frames::FrameKind,
        layer::{self, Authority, Inspected, Mapped, Reconstructed, Role, Source, TocAuthority, Verified},
        tar::Ambiguities,
        toc::{EntryKind, Toc},
        writer::Written,
    },
    outside::{Outside, PATH},
};

/// Version of the JSON that these commands print.
pub(super) const SCHEMA: u32 = 0;

/// The verdict on a layer, for people. What tar readers differ about is a note where it is `allowed`; otherwise it is among the
/// findings.
pub(crate) fn verified(name: &str, verified: &Verified, findings: &Findings, allowed: bool) -> String {
    let mut out = verdict(name, "valid", findings);
    // Of something else there are no parts to show.
    if verified.other.is_some() {
        return out + &list(findings);
    }
    line(&mut out, format_args!("  dialect    {}", verified.dialects));
    if let (Some(digest), Some(authority)) = (verified.toc_digest, verified.toc_authority) {
        line(
            &mut out,
            format_args!("  toc        {digest}, {}", describe_toc_authority(authority)),
        );
    }
    if let Some(entries) = verified.entries {
        line(&mut out, format_args!("  entries    {entries}"));
    }
    line(&mut out, format_args!("  tar-split  {}", describe_tar_split(verified)));
    line(
        &mut out,
        format_args!(
            "  frames     {} of data, {} skippable",
            verified.data_frames, verified.skippable_frames
        ),
    );
    if let (Some(digest), Some(size)) = (verified.tar_digest, verified.tar_size) {
        let diff_id = match verified.diff_id {
            Some(Compared::Equal(_)) => ", the DiffID of the image",
            Some(Compared::Different { .. }) => ", not the DiffID of the image",
            None => "",
        };
        line(&mut out, format_args!("  tar        {digest}, {size} bytes{diff_id}"));
    }
    out + &list(findings) + &noted(&verified.ambiguities, findings, allowed)
}

/// What follows the findings of `verify` about an ambiguous tar.
pub(super) fn noted(ambiguities: &Ambiguities, findings: &Findings, allowed: bool) -> String {
    if allowed {
        notes(ambiguities)
    } else {
        hint(findings, "accepts the layer and reports notes")
    }
}

/// The verdict on a layer, as JSON.
pub(crate) fn verified_json(name: &str, verified: &Verified, findings: &Findings, allowed: bool) -> Value {
    json!({
        "schema": SCHEMA,
        "layer": name,
        "valid": findings.is_empty(),
        "dialect": verified.dialect.map(Dialect::name),
        "toc_digest": text(verified.toc_digest),
        "toc_authenticated": verified.toc_authority.map(TocAuthority::is_authenticated),
        "tar_split_authority": verified.tar_split.map(|authority| authority_name(authority, verified.toc_authority)),
        "entries": verified.entries,
        "data_frames": verified.data_frames,
        "skippable_frames": verified.skippable_frames,
        "tar_digest": text(verified.tar_digest),
        "tar_size": verified.tar_size,
        "diff_id_matches": verified.diff_id.map(Compared::is_equal),
        "findings": findings_json(findings),
        "findings_omitted": findings.omitted(),
        "ambiguities": list_json(&verified.ambiguities),
        "ambiguities_allowed": allowed,
        "ambiguities_omitted": verified.ambiguities.omitted(),
    })
}

/// The result of rebuilding a tar, for people.
pub(crate) fn reconstructed(name: &str, rebuilt: Option<&Reconstructed>, findings: &Findings) -> String {
    let mut out = verdict(name, "rebuilt", findings);
    if let Some(rebuilt) = rebuilt {
        line(
            &mut out,
            format_args!("  tar        {}, {} bytes", rebuilt.digest, rebuilt.size),
        );
        line(&mut out, format_args!("  toc        {}", rebuilt.toc_digest));
        if !rebuilt.authenticated && findings.is_empty() {
            let note = "nothing that is part of the layer's identity authenticates the tar-split";
            line(&mut out, format_args!("  note       {note}"));
        }
    }
    out + &list(findings)
}

/// The result of rebuilding a tar, as JSON.
pub(crate) fn reconstructed_json(name: &str, rebuilt: Option<&Reconstructed>, findings: &Findings) -> Value {
    json!({
        "schema": SCHEMA,
        "layer": name,
        "rebuilt": rebuilt.is_some() && findings.is_empty(),
        "tar_digest": text(rebuilt.map(|rebuilt| rebuilt.digest)),
        "tar_size": rebuilt.map(|rebuilt| rebuilt.size),
        "toc_digest": text(rebuilt.map(|rebuilt| rebuilt.toc_digest)),
        "authenticated": rebuilt.filter(|_| findings.is_empty()).map(|rebuilt| rebuilt.authenticated),
        "findings": findings_json(findings),
        "findings_omitted": findings.omitted(),
    })
}

/// What is wrong with an input, for people. Something has to be.
pub(crate) fn rejected(name: &str, findings: &Findings) -> String {
    verdict(name, "", findings) + &list(findings)
}

/// The result of writing a layer. The notes are what tar readers differ about, where that is accepted.
pub(crate) fn written(name: &str, written: Option<&Written>, findings: &Findings, noted: &Ambiguities) -> String {
    let mut out = verdict(name, "written", findings);
    if let Some(written) = written {
        line(
            &mut out,
            format_args!("  layer      {}, {} bytes", written.digest, written.size),
        );
        line(
            &mut out,
            format_args!("  tar        {}, {} bytes", written.diff_id, written.tar_size),
        );
        line(&mut out, format_args!("  toc        {}", written.toc_digest));
    }
    out + &list(findings) + &notes(noted) + &hint(findings, "writes the layer all the same")
}

/// The parts of a layer.
pub(crate) struct Parts<'a> {
    /// What the layer is called.
    pub(crate) name: &'a str,
    /// The layer, whose frames are gone over again.
    pub(crate) source: Source<'a>,
    /// What footer and annotations name, and the index.
    pub(crate) inspected: Inspected,
    /// Whether there are frames to show.
    pub(crate) has_frames: bool,
    /// What is wrong with what was read.
    pub(crate) findings: Findings,
}

impl LayerReport for Parts<'_> {
    fn text(&self, out: &mut Sink<'_>) -> io::Result<()> {
        let mut head = String::new();
        line(
            &mut head,
            format_args!("{}: {} bytes", styled(BOLD, self.name), self.source.blob.size()),
        );
        self.describe_index(&mut head);
        if self.has_frames {
            let heading = format!("  {:>10}  {:>10}  kind  content", "offset", "length");
            line(&mut head, format_args!("\n{}", styled(DIM, heading)));
        }
        out(&head)?;
        self.each_frame(&mut |mapped| {
            let extent = mapped.frame.extent;
            let kind = match mapped.frame.kind {
                FrameKind::Data(_) => "data",
                FrameKind::Skippable { .. } => "skip",
            };
            let role = describe_role(mapped.role);
            out(&format!(
                "  {:>10}  {:>10}  {kind}  {role}\n",
                extent.offset(),
                extent.length()
            ))
        })?;
        if !self.findings.is_empty() {
            out("\n")?;
        }
        out(&list(&self.findings))
    }

    fn json(&self) -> Object<'_> {
        let Inspected {
            named, located, index, ..
        } = &self.inspected;
        let (located, index) = (located.as_ref(), index.as_ref());
        let dialects = index
            .map(|index| index.dialects)
            .or_else(|| located.map(|located| located.dialects));
        let mut object = Object::of(json!({
            "schema": SCHEMA,
            "layer": self.name,
            "size": self.source.blob.size(),
            "footer": named.footer.map(footer_json),
            "annotated": located.map(|located| located.annotations.is_some()),
            "toc": located.map(|located| position_json(located.toc)),
            "tar_split": located.and_then(|located| located.tar_split).map(position_json),
            "dialect": dialects.and_then(Dialects::only).map(Dialect::name),
            "toc_digest": text(index.map(|index| index.toc_digest)),
            "toc_authenticated": index.map(|index| index.toc_authority.is_authenticated()),
            "entries": index.map(|index| counts(&index.toc).into_iter().collect::<serde_json::Map<_, _>>()),
            "findings": findings_json(&self.findings),
            "findings_omitted": self.findings.omitted(),
        }));
        object.set_list("frames", |see| self.each_frame(&mut |mapped| see(mapped_json(&mapped))));
        object
    }
}

impl Parts<'_> {
    /// Goes over the frames. To keep what there is to show of each would take more memory than all else.
    fn each_frame(&self, see: &mut dyn FnMut(Mapped<'_>) -> io::Result<()>) -> io::Result<()> {
        if !self.has_frames {
            return Ok(());
        }
        let Inspected { located, index, .. } = &self.inspected;
        // What is wrong with them is known.
        layer::map(
            &self.source,
            located.as_ref(),
            index.as_ref(),
            &mut Findings::new(),
            see,
        )
    }

    fn describe_index(&self, out: &mut String) {
        let Inspected {
            other,
            named,
            located,
            index,
        } = &self.inspected;
        if other.is_some() {
            return line(out, format_args!("  index      none"));
        }
        let layout = named.footer.map_or("none", |footer| footer.layout.name());
        line(out, format_args!("  footer     {layout}"));
        let Some(located) = located else {
            return line(out, format_args!("  index      none that can be read"));
        };
        let origin = match (&located.annotations, named.is_annotated) {
            (Some(_), _) => "annotations",
            (None, true) => "footer, not from the annotations: nothing authenticates them",
            (None, false) => "footer: nothing authenticates them",
        };
        line(out, format_args!("  positions  from the {origin}"));
        line(out, format_args!("  toc        {}", describe_position(located.toc)));
        if let Some(position) = located.tar_split {
            line(out, format_args!("  tar-split  {}", describe_position(position)));
        }
        let dialects = index.as_ref().map_or(located.dialects, |index| index.dialects);
        line(out, format_args!("  dialect    {dialects}"));
        let Some(index) = index else {
            return;
        };
        line(
            out,
            format_args!(
                "  digest     {}, {}",
                index.toc_digest,
                describe_toc_authority(index.toc_authority)
            ),
        );
        line(out, format_args!("  entries    {}", describe_entries(&index.toc)));
        if let Some(tar_split) = &index.tar_split {
            let (segments, files) = (tar_split.segment_count, tar_split.header_count);
            line(out, format_args!("  segments   {segments}, for {files} headers"));
            line(
                out,
                format_args!(
                    "  authority  {}",
                    describe_authority(Some(tar_split.authority), Some(index.toc_authority))
                ),
            );
        }
    }
}

/// One frame of the map, as JSON.
fn mapped_json(mapped: &Mapped<'_>) -> Value {
    let extent = mapped.frame.extent;
    let mut frame = json!({"offset": extent.offset(), "length": extent.length()});
    let (kind, details) = match mapped.frame.kind {
        FrameKind::Data(header) => (
            "data",
            json!({"window": header.window, "content_size": header.content_size, "checksum": header.checksum}),
        ),
        FrameKind::Skippable { magic, .. } => ("skippable", json!({"magic": format!("0x{magic:08x}")})),
    };
    frame["kind"] = kind.into();
    frame["header"] = details;
    frame["role"] = role_name(mapped.role).into();
    if let Role::Content {
        name,
        file_offset,
        size,
        zeros,
    } = mapped.role
    {
        frame["content"] = json!({"name": name, "file_offset": file_offset, "size": size, "zeros": zeros});
    }
    frame
}

fn line(out: &mut String, text: Arguments<'_>) {
    // Writing to a string cannot fail.
    let _always = out.write_fmt(text);
    out.push('\n');
}

pub(super) fn verdict(name: &str, good: &str, findings: &Findings) -> String {
    let name = styled(BOLD, name);
    match findings.list().len() {
        0 => format!("{name}: {}\n", styled(GOOD, good)),
        1 => format!("{name}: {}, 1 finding\n", styled(ERROR, "rejected")),
        count => {
            let count = u64::try_from(count)
                .unwrap_or(u64::MAX)
                .saturating_add(findings.omitted());
            format!("{name}: {}, {count} findings\n", styled(ERROR, "rejected"))
        }
    }
}

/// Each finding, and the sentence of its rule once.
pub(super) fn list(findings: &Findings) -> String {
    let mut out = String::new();
    let mut explained = Vec::new();
    for finding in findings.list() {
        let Finding { rule, place, detail } = finding;
        let detail = Outside::sentence(detail);
        line(&mut out, format_args!("{} {place}: {detail}", styled(ERROR, rule)));
        if !explained.contains(rule) {
            explained.push(*rule);
            line(&mut out, format_args!("       {} {}", rule.level(), rule.text()));
        }
    }
    if findings.omitted() > 0 {
        line(&mut out, format_args!("... and {} more", findings.omitted()));
    }
    out
}

pub(super) fn findings_json(findings: &Findings) -> Vec<Value> {
    let finding = |finding: &Finding| {
        json!({
            "rule": finding.rule.id(),
            "region": finding.place.region().name(),
            "place": finding.place.to_string(),
            "detail": finding.detail,
            "text": finding.rule.text(),
        })
    };
    findings.list().iter().map(finding).collect()
}

fn text(digest: Option<Digest>) -> Option<String> {
    digest.map(|digest| digest.to_string())
}

/// What authenticates a TOC.
pub(super) const fn describe_toc_authority(authority: TocAuthority) -> &'static str {
    match authority {
        TocAuthority::Annotations(_) => "authenticated by the annotations",
        TocAuthority::Contradicted => "contradicted by the annotations",
        TocAuthority::Footer => "found through the footer: nothing authenticates it",
    }
}

pub(super) fn describe_tar_split(verified: &Verified) -> &'static str {
    if verified.has_tar_split && verified.tar_split.is_none() {
        "present, but not usable"
    } else {
        describe_authority(verified.tar_split, verified.toc_authority)
    }
}

fn describe_authority(authority: Option<Authority>, toc: Option<TocAuthority>) -> &'static str {
    match (authority, toc) {
        (Some(Authority::Toc(_)), Some(TocAuthority::Annotations(_))) => "authenticated by the TOC",
        (Some(Authority::Toc(_)), _) => "named by the TOC, which nothing authenticates",
        (Some(Authority::Annotation(_)), _) => "named by an annotation only, which does not authenticate it",
        (Some(Authority::Nothing), _) => "present, but nothing authenticates it",
        (None, _) => "none",
    }
}

/// What authenticates a tar-split, in a word. A TOC authenticates nothing if nothing authenticates the TOC.
fn authority_name(authority: Authority, toc: Option<TocAuthority>) -> &'static str {
    match authority {
        Authority::Toc(_) if toc.is_some_and(TocAuthority::is_authenticated) => "toc",
        Authority::Annotation(_) => "annotation",
        Authority::Toc(_) | Authority::Nothing => "nothing",
    }
}

pub(super) fn describe_position(position: Position) -> String {
    format!(
        "{} bytes at {}, {} uncompressed",
        position.extent.length(),
        position.extent.offset(),
        position.uncompressed
    )
}

fn position_json(position: Position) -> Value {
    json!({
        "offset": position.extent.offset(),
        "length": position.extent.length(),
        "uncompressed": position.uncompressed,
    })
}

fn footer_json(footer: Footer) -> Value {
    json!({
        "layout": footer.layout.name(),
        "toc": position_json(footer.toc),
        "tar_split": footer.tar_split.map(position_json),
    })
}

/// How many entries of each type a TOC has, types that it has none of left out.
fn counts(toc: &Toc) -> Vec<(String, Value)> {
    [
        (EntryKind::Regular, "reg"),
        (EntryKind::Directory, "dir"),
        (EntryKind::Symlink, "symlink"),
        (EntryKind::Hardlink, "hardlink"),
        (EntryKind::CharDevice, "char"),
        (EntryKind::BlockDevice, "block"),
        (EntryKind::Fifo, "fifo"),
    ]
    .into_iter()
    .map(|(kind, name)| {
        (
            name.to_owned(),
            toc.entries.iter().filter(|entry| entry.kind == kind).count(),
        )
    })
    .filter(|(_, count)| *count > 0)
    .map(|(name, count)| (name, count.into()))
    .collect()
}

pub(super) fn describe_entries(toc: &Toc) -> String {
    let counts: Vec<String> = counts(toc)
        .into_iter()
        .map(|(name, count)| format!("{count} {name}"))
        .collect();
    if counts.is_empty() {
        "none".to_owned()
    } else {
        counts.join(", ")
    }
}

const fn role_name(role: Role<'_>) -> &'static str {
    match role {
        Role::Content { .. } => "content",
        Role::Continued => "continued",
        Role::Headers => "headers",
        Role::Data => "data",
        Role::Toc => "toc",
        Role::TarSplit => "tar-split",
        Role::Footer => "footer",
        Role::Skipped => "skipped",
    }
}

pub(super) fn describe_role(role: Role<'_>) -> String {
    match role {
        Role::Content {
            name,
            file_offset,
            size,
            zeros,
        } => {
            let what = if zeros { "zeros" } else { "bytes" };
            let start = if file_offset > 0 {
                format!(" from {file_offset}")
            } else {
                String::new()
            };
            let name = Outside::new(name.as_bytes(), PATH).quoted();
            format!("{size} {what} of {name}{start}")
        }
        Role::Continued => "more of the same".to_owned(),
        Role::Headers => "headers".to_owned(),
        Role::Data => "data".to_owned(),
        Role::Toc => "TOC".to_owned(),
        Role::TarSplit => "tar-split".to_owned(),
        Role::Footer => "footer".to_owned(),
        Role::Skipped => "not part of the index".to_owned(),
    }
}
