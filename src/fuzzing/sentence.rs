//! How findings read, whatever they are about: rule, place and a sentence on one line.

use crate::format::Findings;

/// Holds each finding against what people are promised.
///
/// # Panics
///
/// On a finding that reads otherwise.
#[expect(clippy::panic, reason = "a panic is how a fuzz target reports a finding")]
pub(super) fn check(findings: &Findings) {
    for finding in findings.list() {
        let text = finding.to_string();
        let place = finding.place.to_string();
        // The input is quoted in it, and a terminal would obey what is not escaped.
        let on_a_line = !text.chars().any(char::is_control);
        let has_all = text.starts_with(finding.rule.id()) && text.contains(&place) && text.ends_with(&finding.detail);
        let sentence = &finding.detail;
        let is_sentence = !sentence.is_empty() && !sentence.ends_with('.') && !sentence.starts_with(char::is_uppercase);
        if !(on_a_line && has_all && is_sentence) {
            panic!("{text:?} is not how a finding reads");
        }
    }
}
