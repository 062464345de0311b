//! What is wrong with an input: rule, place and a sentence.

use std::fmt;

use crate::{outside::Outside, rules::Rule};

/// The part of a layer that a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Region {
    /// The compressed blob; offsets count from its first byte.
    Blob,
    /// The footer; offsets count from the first byte of its payload.
    Footer,
    /// The layer's descriptor in the image's manifest.
    Descriptor,
    /// The annotations of the layer's descriptor.
    Annotations,
    /// The TOC; offsets count bytes of its JSON.
    Toc,
    /// The tar-split; offsets count bytes of its JSON lines.
    TarSplit,
    /// The uncompressed tar; offsets count from its first byte.
    Tar,
}

impl Region {
    /// The region as it is printed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Blob => "blob",
            Self::Footer => "footer",
            Self::Descriptor => "descriptor",
            Self::Annotations => "annotations",
            Self::Toc => "toc",
            Self::TarSplit => "tar-split",
            Self::Tar => "tar",
        }
    }
}

/// Where in a layer a rule is broken.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Place {
    /// The region as a whole.
    Whole(Region),
    /// At a byte offset of the region.
    Byte(Region, u64),
    /// At an annotation's key. Findings are about the format's annotations only, so it is one of few.
    Annotation(&'static str),
    /// At a JSON pointer (RFC 6901) into the TOC.
    Pointer(String),
    /// At a line of the tar-split, counted from 1.
    Line(u64),
    /// At a file, by its name as the index has it.
    File(String),
}

impl Place {
    /// The region that the place lies in.
    pub const fn region(&self) -> Region {
        match self {
            Self::Whole(region) | Self::Byte(region, _) => *region,
            Self::Annotation(_) => Region::Annotations,
            Self::Pointer(_) | Self::File(_) => Region::Toc,
            Self::Line(_) => Region::TarSplit,
        }
    }
}

/// Most bytes of a pointer or a name in a place.
const SHOWN: usize = 300;

/// Keys and names are from the input, and shown as such.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(region) => f.write_str(region.name()),
            Self::Byte(region, offset) => write!(f, "{} at byte {offset}", region.name()),
            Self::Annotation(key) => write!(f, "annotation {key}"),
            Self::Pointer(pointer) if pointer.is_empty() => f.write_str("toc"),
            Self::Pointer(pointer) => write!(f, "toc at {}", Outside::new(pointer.as_bytes(), SHOWN)),
            Self::Line(line) => write!(f, "tar-split line {line}"),
            Self::File(name) => write!(f, "file {}", Outside::new(name.as_bytes(), SHOWN).quoted()),
        }
    }
}

/// One broken rule.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The rule that is broken.
    pub rule: Rule,
    /// Where.
    pub place: Place,
    /// What was found and what was expected, as a lower-case sentence without a full stop.
    pub detail: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.rule, self.place, Outside::sentence(&self.detail))
    }
}

impl std::error::Error for Finding {}

/// Collects broken rules, in the order in which they are found.
///
/// Checks whose rule is [skipped](Self::skipping) are not recorded, so that one can ask what the rest would say; bounds
/// and arithmetic guards ([`Rule::is_guard`]) are always recorded.
#[derive(Clone, Debug, Default)]
#[must_use = "input is acceptable only if nothing was reported"]
pub struct Findings {
    list: Vec<Finding>,
    skipped: Vec<Rule>,
    omitted: u64,
}

impl Findings {
    /// Most findings that are kept; the rest is counted. One broken rule can be broken in each of a million entries.
    pub const KEPT: usize = 1000;

    /// Collects the broken rules of one input.
    pub fn new() -> Self {
        Self::default()
    }

    /// As [`Self::new`], but the verdict of these rules is switched off.
    pub fn skipping(rules: &[Rule]) -> Self {
        Self {
            skipped: rules.iter().copied().filter(|rule| !rule.is_guard()).collect(),
            ..Self::default()
        }
    }

    /// An empty collection with the same rules switched off.
    pub fn like(other: &Self) -> Self {
        Self {
            skipped: other.skipped.clone(),
            ..Self::default()
        }
    }

    /// Records that a rule is broken. A rule that is broken twice in one place is recorded once.
    ///
    /// The detail is one line, whatever it quotes of the input.
    pub fn report(&mut self, rule: Rule, place: Place, detail: impl Into<String>) {
        if self.is_off(rule) {
            return;
        }
        self.push(Finding {
            rule,
            place,
            detail: detail.into(),
        });
    }

    /// Whether the verdict of a rule is switched off. A check that ends the reading lets it go on then, as far as there is
    /// something to read.
    pub(in crate::format) fn is_off(&self, rule: Rule) -> bool {
        self.skipped.contains(&rule)
    }

    /// Adds what another collection found, after what this one has.
    pub fn merge(&mut self, other: Self) {
        self.omitted = self.omitted.saturating_add(other.omitted);
        for finding in other.list {
            self.push(finding);
        }
    }

    /// Counts findings that are not kept.
    pub(in crate::format) const fn omit(&mut self, count: u64) {
        self.omitted = self.omitted.saturating_add(count);
    }

    fn push(&mut self, mut finding: Finding) {
        if self.list.len() >= Self::KEPT {
            self.omitted = self.omitted.saturating_add(1);
        } else if !self
            .list
            .iter()
            .any(|known| known.rule == finding.rule && known.place == finding.place)
        {
            finding.detail = Outside::sentence(&finding.detail).to_string();
            self.list.push(finding);
        }
    }

    /// Takes out what only follows from something else.
    pub(in crate::format) fn retain(&mut self, keep: impl FnMut(&Finding) -> bool) {
        self.list.retain(keep);
    }

    /// Records a finding before all others.
    pub(in crate::format) fn put_first(&mut self, finding: Finding) {
        if !self.is_off(finding.rule) {
            self.list.insert(0, finding);
        }
    }

    /// Sorts the findings; those with equal keys stay in their order.
    pub(in crate::format) fn sort_by_key<K: Ord>(&mut self, key: impl FnMut(&Finding) -> K) {
        self.list.sort_by_key(key);
    }

    /// Gives findings another detail.
    pub(in crate::format) fn amend(&mut self, mut amended: impl FnMut(&Finding) -> Option<String>) {
        for finding in &mut self.list {
            if let Some(detail) = amended(finding) {
                finding.detail = detail;
            }
        }
    }

    /// The broken rules, first found first.
    pub fn list(&self) -> &[Finding] {
        &self.list
    }

    /// How many were found, kept or not.
    pub(in crate::format) fn count(&self) -> u64 {
        self.omitted
            .saturating_add(u64::try_from(self.list.len()).unwrap_or(u64::MAX))
    }

    /// How many more were found than are kept.
    pub const fn omitted(&self) -> u64 {
        self.omitted
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether this rule is among the broken ones.
    pub fn breaks(&self, rule: Rule) -> bool {
        self.list.iter().any(|finding| finding.rule == rule)
    }
}

#[cfg(test)]
mod tests {
    use super::{Findings, Place, Region};
    use crate::rules::Rule;

    #[test]
    fn guards_cannot_be_skipped() {
        let mut findings = Findings::skipping(&[Rule::FooterMagic, Rule::FooterBounds]);
        findings.report(Rule::FooterMagic, Place::Whole(Region::Footer), "a");
        findings.report(Rule::FooterBounds, Place::Whole(Region::Footer), "b");
        assert!(!findings.breaks(Rule::FooterMagic));
        assert!(findings.breaks(Rule::FooterBounds));
    }

    #[test]
    fn text_of_the_input_cannot_act_on_a_terminal() {
        let hostile = "a\n\u{1b}]0;b\u{7}\u{202e}\u{9b}".repeat(100);
        for place in [Place::Pointer(hostile.clone()), Place::File(hostile.clone())] {
            let mut findings = Findings::new();
            findings.report(Rule::TocVersion, place, hostile.clone());
            let finding = &findings.list()[0];
            for shown in [finding.place.to_string(), finding.detail.clone(), finding.to_string()] {
                assert!(shown.chars().all(crate::outside::is_plain), "{shown}");
                assert!(shown.contains(" more bytes)"), "{shown}");
            }
        }
    }

    #[test]
    fn what_is_not_kept_is_counted() {
        let mut findings = Findings::new();
        for line in 0..1003 {
            findings.report(Rule::TarSplitType, Place::Line(line), "a");
        }
        assert_eq!(findings.list().len(), Findings::KEPT);
        assert_eq!(findings.omitted(), 3);
    }

    #[test]
    fn one_cause_is_recorded_once() {
        let mut findings = Findings::new();
        findings.report(Rule::FrameContent, Place::Byte(Region::Blob, 8), "a");
        let mut other = Findings::like(&findings);
        other.report(Rule::FrameContent, Place::Byte(Region::Blob, 8), "b");
        other.report(Rule::FrameContent, Place::Byte(Region::Blob, 9), "c");
        findings.merge(other);
        assert_eq!(findings.list().len(), 2);
    }
}
