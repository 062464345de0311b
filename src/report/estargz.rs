//! What the commands for layers print about an eStargz layer, or another gzip-compressed blob.

use std::{fmt::Write as _, io};

use serde_json::{Value, json};

use super::{
    ambiguities::list_json,
    layer::{SCHEMA, describe_entries, findings_json, list, noted, verdict},
    streamed::{LayerReport, Object, Sink},
    style::{BOLD, DIM, styled},
};
use crate::format::{
    Compared, Findings,
    estargz::{EStargzIndex, Footer, Landmark, Member, Verified},
};

/// The verdict on a layer, for people. What tar readers differ about is a note where it is `allowed`; otherwise it is among the
/// findings.
pub(crate) fn verified(name: &str, verified: &Verified, findings: &Findings, allowed: bool) -> String {
    let mut out = verdict(name, "valid", findings);
    let mut line = |label: &str, text: String| {
        // Writing to a string cannot fail.
        let _always = writeln!(out, "  {label:10} {text}");
    };
    // Without a footer the blob may be any gzip: nothing is claimed about it.
    if let Some(footer) = verified.footer {
        line("dialect", "estargz".to_owned());
        line("footer", describe_footer(footer));
    }
    if let Some(index) = &verified.index {
        line("toc", describe_toc(index));
        line("entries", index.toc.entries.len().to_string());
        line("landmark", describe_landmark(index.landmark).to_owned());
    }
    line("members", verified.members.to_string());
    if let (Some(digest), Some(size)) = (verified.tar_digest, verified.tar_size) {
        let diff_id = match verified.diff_id {
            Some(Compared::Equal(_)) => ", the DiffID of the image",
            Some(Compared::Different { .. }) => ", not the DiffID of the image",
            None => "",
        };
        line("tar", format!("{digest}, {size} bytes{diff_id}"));
    }
    if verified.index.is_none() && verified.footer.is_some_and(|footer| footer.toc.is_none()) {
        line("note", "--toc FILE reads the blob of the TOC".to_owned());
    }
    out + &list(findings) + &noted(&verified.ambiguities, findings, allowed)
}

/// The verdict on a layer, as JSON.
pub(crate) fn verified_json(name: &str, verified: &Verified, findings: &Findings, allowed: bool) -> Value {
    let index = verified.index.as_ref();
    json!({
        "schema": SCHEMA,
        "layer": name,
        "valid": findings.is_empty(),
        "dialect": verified.footer.map(|_| "estargz"),
        "footer": verified.footer.map(|footer| footer.layout.name()),
        "toc_digest": index.map(|index| index.toc_digest.to_string()),
        "toc_authenticated": index.map(EStargzIndex::is_authenticated),
        "entries": index.map(|index| index.toc.entries.len()),
        "landmark": index.and_then(|index| index.landmark).map(Landmark::name),
        "members": verified.members,
        "tar_digest": verified.tar_digest.map(|digest| digest.to_string()),
        "tar_size": verified.tar_size,
        "diff_id_matches": verified.diff_id.map(Compared::is_equal),
        "findings": findings_json(findings),
        "findings_omitted": findings.omitted(),
        "ambiguities": list_json(&verified.ambiguities),
        "ambiguities_allowed": allowed,
        "ambiguities_omitted": verified.ambiguities.omitted(),
    })
}

/// The parts of a layer.
pub(crate) struct Inspected<'a> {
    /// The layer, as it was given.
    pub(crate) name: &'a str,
    /// Size of the blob.
    pub(crate) size: u64,
    /// Its footer; none of a blob that is no eStargz layer, or whose footer is damaged.
    pub(crate) footer: Option<Footer>,
    /// What the footer names, where it can be read.
    pub(crate) index: Option<EStargzIndex>,
    /// The gzip members; none where they were not looked at.
    pub(crate) members: Vec<Member>,
    /// What is wrong.
    pub(crate) findings: Findings,
}

impl LayerReport for Inspected<'_> {
    fn text(&self, out: &mut Sink<'_>) -> io::Result<()> {
        let mut line = |text: String| out(&(text + "\n"));
        line(format!("{}: {} bytes", styled(BOLD, self.name), self.size))?;
        if let Some(footer) = self.footer {
            line("  dialect    estargz".to_owned())?;
            line(format!("  footer     {}", describe_footer(footer)))?;
        }
        if let Some(index) = &self.index {
            line(format!("  toc        {}", describe_toc(index)))?;
            line(format!("  entries    {}", describe_entries(&index.toc)))?;
            line(format!("  landmark   {}", describe_landmark(index.landmark)))?;
        } else {
            line("  index      none that can be read".to_owned())?;
        }
        if !self.members.is_empty() {
            let heading = format!("  {:>10}  {:>10}  {:>10}", "offset", "length", "decoded");
            line(format!("\n{}", styled(DIM, heading)))?;
        }
        for member in &self.members {
            let extent = member.extent;
            line(format!(
                "  {:>10}  {:>10}  {:>10}",
                extent.offset(),
                extent.length(),
                member.size
            ))?;
        }
        if !self.findings.is_empty() {
            out("\n")?;
        }
        out(&list(&self.findings))
    }

    fn json(&self) -> Object<'_> {
        let index = self.index.as_ref();
        let mut object = Object::of(json!({
            "schema": SCHEMA,
            "layer": self.name,
            "size": self.size,
            "dialect": self.footer.map(|_| "estargz"),
            "footer": self.footer.map(|footer| json!({"layout": footer.layout.name(), "toc": footer.toc})),
            "toc_digest": index.map(|index| index.toc_digest.to_string()),
            "toc_authenticated": index.map(EStargzIndex::is_authenticated),
            "entries": index.map(|index| index.toc.entries.len()),
            "landmark": index.and_then(|index| index.landmark).map(Landmark::name),
            "findings": findings_json(&self.findings),
            "findings_omitted": self.findings.omitted(),
        }));
        object.set_list("members", |see| {
            self.members.iter().try_for_each(|member| {
                see(json!({
                    "offset": member.extent.offset(),
                    "length": member.extent.length(),
                    "decoded": member.size,
                }))
            })
        });
        object
    }
}

pub(super) fn describe_footer(footer: Footer) -> String {
    let size = footer.layout.size();
    match footer.toc {
        Some(offset) => format!("{} ({size} bytes), the TOC at {offset}", footer.layout.name()),
        None => format!("{} ({size} bytes), the TOC is a blob of its own", footer.layout.name()),
    }
}

pub(super) fn describe_toc(index: &EStargzIndex) -> String {
    let authority = match index.annotated {
        Some(_) if index.is_authenticated() => "authenticated by the annotation",
        Some(_) => "contradicted by the annotation",
        None => "found through the footer: nothing authenticates it",
    };
    format!("{}, {authority}", index.toc_digest)
}

pub(super) fn describe_landmark(landmark: Option<Landmark>) -> &'static str {
    landmark.map_or("none", Landmark::name)
}
