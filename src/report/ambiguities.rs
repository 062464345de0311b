//! What tar readers differ about, where that is no finding.

use serde_json::{Value, json};

use super::style::{NOTICE, styled};
use crate::{
    format::{
        Findings,
        tar::{Ambiguities, Ambiguity},
    },
    outside::Outside,
    rules::Rule,
};

/// The option that accepts an ambiguous tar.
const OPTION: &str = "--allow-ambiguous-tar";

/// Each point as a note, for people.
pub(crate) fn notes(ambiguities: &Ambiguities) -> String {
    let mut out = String::new();
    for ambiguity in ambiguities.list() {
        let rule = ambiguity.point.rule();
        let detail = ambiguity.detail();
        let detail = Outside::sentence(&detail);
        let note = styled(NOTICE, "note");
        out += &format!("{note} {rule} tar at byte {}: {detail}\n", ambiguity.offset);
    }
    if ambiguities.omitted() > 0 {
        out += &format!("... and {} more\n", ambiguities.omitted());
    }
    out
}

/// How a tar that is rejected for nothing else can be used all the same.
pub(super) fn hint(findings: &Findings, effect: &str) -> String {
    let is_of_tar = |rule| matches!(rule, Rule::TarReading | Rule::TarTree);
    if findings.is_empty() || !findings.list().iter().all(|finding| is_of_tar(finding.rule)) {
        return String::new();
    }
    format!("{} {OPTION} {effect}\n", styled(NOTICE, "note"))
}

/// The points as JSON.
pub(super) fn list_json(ambiguities: &Ambiguities) -> Vec<Value> {
    let one = |ambiguity: &Ambiguity| {
        json!({
            "choice": ambiguity.point.choice(),
            "rule": ambiguity.point.rule().id(),
            "offset": ambiguity.offset,
            "entry": ambiguity.name,
            "detail": ambiguity.detail(),
        })
    };
    ambiguities.list().iter().map(one).collect()
}
