//! What the commands for layers say about one of eStargz.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{
    index::{entries_json, entry_lines},
    layer::{SCHEMA, describe_entries, findings_json, list, rejected, verdict},
    style::{BOLD, DIM, styled},
};
use crate::format::{
    Findings,
    estargz::{Footer, Index, Landmark, Member, Verified},
};

/// The verdict on a layer, for people.
pub(crate) fn verified(name: &str, verified: &Verified, findings: &Findings) -> String {
    let mut out = verdict(name, "holds", findings);
    let mut line = |label: &str, text: String| {
        // Writing to a string cannot fail.
        let _always = writeln!(out, "  {label:10} {text}");
    };
    line("dialect", "estargz".to_owned());
    if let Some(index) = &verified.index {
        line("footer", describe_footer(index.footer));
        line("toc", describe_toc(index));
        line("entries", index.toc.entries.len().to_string());
        line("landmark", describe_landmark(index.landmark).to_owned());
    }
    line("members", verified.members.to_string());
    if let (Some(digest), Some(size)) = (verified.diff_id, verified.tar_size) {
        line("tar", format!("{digest}, {size} bytes"));
    }
    out + &list(findings)
}

/// The verdict on a layer, as JSON.
pub(crate) fn verified_json(name: &str, verified: &Verified, findings: &Findings) -> Value {
    let index = verified.index.as_ref();
    json!({
        "schema": SCHEMA,
        "layer": name,
        "holds": findings.is_empty(),
        "dialect": "estargz",
        "footer": index.map(|index| index.footer.layout.name()),
        "toc_digest": index.map(|index| index.toc_digest.to_string()),
        "toc_authenticated": index.map(|index| index.authenticated),
        "entries": index.map(|index| index.toc.entries.len()),
        "landmark": index.and_then(|index| index.landmark).map(Landmark::name),
        "members": verified.members,
        "diff_id": verified.diff_id.map(|digest| digest.to_string()),
        "tar_size": verified.tar_size,
        "findings": findings_json(findings),
        "findings_omitted": findings.omitted(),
    })
}

/// The parts of a layer, for people. Members are left out where they were not looked at.
pub(crate) fn inspected(
    name: &str,
    size: u64,
    index: Option<&Index>,
    members: &[Member],
    findings: &Findings,
) -> String {
    let mut out = format!("{}: {size} bytes\n  dialect    estargz\n", styled(BOLD, name));
    let mut line = |text: String| {
        let _always = writeln!(out, "{text}");
    };
    if let Some(index) = index {
        line(format!("  footer     {}", describe_footer(index.footer)));
        line(format!("  toc        {}", describe_toc(index)));
        line(format!("  entries    {}", describe_entries(&index.toc)));
        line(format!("  landmark   {}", describe_landmark(index.landmark)));
    } else {
        line("  index      none that can be read".to_owned());
    }
    if !members.is_empty() {
        let heading = format!("  {:>10}  {:>10}  {:>10}", "offset", "length", "decoded");
        line(format!("\n{}", styled(DIM, heading)));
    }
    for member in members {
        let extent = member.extent;
        line(format!(
            "  {:>10}  {:>10}  {:>10}",
            extent.offset(),
            extent.length(),
            member.size
        ));
    }
    if !findings.is_empty() {
        out.push('\n');
    }
    out + &list(findings)
}

/// The parts of a layer, as JSON.
pub(crate) fn inspected_json(
    name: &str,
    size: u64,
    index: Option<&Index>,
    members: &[Member],
    findings: &Findings,
) -> Value {
    let member = |member: &Member| json!({"offset": member.extent.offset(), "length": member.extent.length(), "decoded": member.size});
    json!({
        "schema": SCHEMA,
        "layer": name,
        "size": size,
        "dialect": "estargz",
        "footer": index.map(|index| json!({"layout": index.footer.layout.name(), "toc": index.footer.toc})),
        "toc_digest": index.map(|index| index.toc_digest.to_string()),
        "toc_authenticated": index.map(|index| index.authenticated),
        "entries": index.map(|index| index.toc.entries.len()),
        "landmark": index.and_then(|index| index.landmark).map(Landmark::name),
        "members": members.iter().map(member).collect::<Vec<_>>(),
        "findings": findings_json(findings),
        "findings_omitted": findings.omitted(),
    })
}

/// The entries, as `tar -tv` has them, for people. Those of an index that breaks a rule are not listed.
pub(crate) fn listed(name: &str, index: Option<&Index>, findings: &Findings) -> String {
    let Some(index) = index.filter(|_| findings.is_empty()) else {
        return rejected(name, findings);
    };
    let note = if index.authenticated {
        ""
    } else {
        ", which nothing authenticates"
    };
    format!(
        "{}: {} entries of TOC {}{note}\n{}",
        styled(BOLD, name),
        index.toc.entries.len(),
        index.toc_digest,
        entry_lines(&index.toc)
    )
}

/// The entries as JSON, in the canonical form of the vectors.
pub(crate) fn listed_json(name: &str, index: Option<&Index>, findings: &Findings) -> Value {
    let read = index.filter(|_| findings.is_empty());
    json!({
        "schema": SCHEMA,
        "layer": name,
        "holds": read.is_some(),
        "toc_digest": read.map(|index| index.toc_digest.to_string()),
        "toc_authenticated": read.map(|index| index.authenticated),
        "entries": read.map(|index| entries_json(&index.toc)),
        "findings": findings_json(findings),
        "findings_omitted": findings.omitted(),
    })
}

fn describe_footer(footer: Footer) -> String {
    let size = footer.layout.size();
    match footer.toc {
        Some(offset) => format!("{} ({size} bytes), the TOC at {offset}", footer.layout.name()),
        None => format!("{} ({size} bytes), the TOC is a blob of its own", footer.layout.name()),
    }
}

fn describe_toc(index: &Index) -> String {
    let authority = if index.authenticated {
        "authenticated by the annotation"
    } else {
        "found through the footer: nothing authenticates it"
    };
    format!("{}, {authority}", index.toc_digest)
}

fn describe_landmark(landmark: Option<Landmark>) -> &'static str {
    landmark.map_or("none", Landmark::name)
}
