//! Rules and what the specification says about them.

use serde_json::{Value, json};

use super::style::{BOLD, DIM, NOTICE, styled};
use crate::{
    rules::{Level, Rule},
    vectors::{Choice, Expect, Set, SetEntry},
};

/// The specification, whose tests see to it that each rule has a section.
const SPEC: &str = include_str!("../../docs/spec.md");

/// The drafts, likewise.
const DRAFTS: &str = include_str!("../../docs/drafts.md");

/// The text and the name of the document that has the section of a rule.
fn document(rule: Rule) -> (&'static str, &'static str) {
    if rule.is_draft() {
        (DRAFTS, "docs/drafts.md")
    } else {
        (SPEC, "docs/spec.md")
    }
}

/// Columns of a line of text.
const WIDTH: usize = 100;

/// Ids of cases that are shown.
const SHOWN: usize = 6;

/// The section of a rule.
struct Section {
    /// Number and name of the chapter.
    chapter: &'static str,
    /// The short name of the rule.
    title: &'static str,
    /// Whom the rule binds.
    binds: &'static str,
    /// What explains the rule, in Markdown.
    explanation: String,
    /// Who is known to deviate; nobody if it is empty.
    deviations: Vec<String>,
}

impl Section {
    fn of(rule: Rule) -> Self {
        let anchor = format!("<a id=\"{}\"></a>", rule.id().to_ascii_lowercase());
        let (before, after) = document(rule).0.split_once(&anchor).unwrap_or_default();
        let chapter = before.rsplit_once("\n## ").map_or("", |(_, chapter)| chapter);
        let mut lines = after.lines().filter(|line| !line.is_empty());
        let heading = lines.next().unwrap_or_default();
        let statement = lines.next().unwrap_or_default();
        let rest = after.split_once(statement).map_or("", |(_, rest)| rest);
        let rest: Vec<&str> = rest
            .lines()
            .take_while(|line| !line.starts_with('#') && !line.starts_with("<a "))
            .collect();
        let rest = rest.join("\n");
        let (explanation, deviations) = rest.rsplit_once("Known deviations: ").unwrap_or((&rest, ""));
        let deviations = plain(&deviations.split_whitespace().collect::<Vec<_>>().join(" "));
        let deviations = deviations.trim_end_matches('.');
        Self {
            chapter: chapter.lines().next().unwrap_or_default(),
            title: heading.split_once(rule.id()).map_or("", |(_, title)| title.trim()),
            binds: statement
                .split_once('(')
                .and_then(|(_, rest)| rest.split_once(')'))
                .map_or("", |(binds, _)| binds),
            explanation: explanation.trim().to_owned(),
            deviations: match deviations {
                "none is known" | "" => Vec::new(),
                list => list.split("; ").map(str::to_owned).collect(),
            },
        }
    }
}

/// The cases about a rule, those that break it first.
fn cases(set: &Set, rule: Rule) -> Vec<&SetEntry> {
    let mut cases: Vec<&SetEntry> = set
        .entries()
        .iter()
        .filter(|entry| entry.case.rules.contains(&rule))
        .collect();
    cases.sort_by_key(|entry| match entry.case.expect {
        // The rule that a case names first is the one that it is about.
        Expect::Invalid => (0, entry.case.rules.first() != Some(&rule)),
        Expect::Either { .. } => (1, false),
        Expect::Valid { .. } => (2, false),
    });
    cases
}

/// The rules that cases of a choice are about.
pub(crate) fn rules_of_choice(set: &Set, choice: Choice) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    for entry in set.entries() {
        if let (Expect::Either { choice: of_case, .. }, Some(rule)) = (&entry.case.expect, entry.case.rules.first())
            && *of_case == choice
            && !rules.contains(rule)
        {
            rules.push(*rule);
        }
    }
    rules.sort_unstable();
    rules
}

/// A rule, for people.
pub(crate) fn rule(set: &Set, rule: Rule) -> String {
    let section = Section::of(rule);
    let mut out = format!("{} {}\n", styled(BOLD, rule), styled(BOLD, section.title));
    out += &format!(
        "  {} ({}), harm: {}\n",
        styled(NOTICE, rule.level()),
        section.binds,
        rule.severity()
    );
    wrap(rule.text(), "  ", "  ", &mut out);
    out.push('\n');
    paragraphs(&section.explanation, &mut out);
    out += &format!("\n{}\n", styled(DIM, "Known deviations"));
    if section.deviations.is_empty() {
        out += "  none is known\n";
    }
    for deviation in &section.deviations {
        wrap(deviation, "  - ", "    ", &mut out);
    }
    let cases = cases(set, rule);
    out += &format!("\n{}\n", styled(DIM, "Cases"));
    if cases.is_empty() {
        out += "  none\n";
    } else {
        out += &format!("  {}\n", count(&cases));
    }
    for entry in cases.iter().take(SHOWN) {
        wrap(
            &format!("{}: {}", entry.case.id.as_str(), entry.case.title),
            "  - ",
            "    ",
            &mut out,
        );
    }
    if cases.len() > SHOWN {
        out += &format!("  `chunkproof list --rule {rule}` lists all, `chunkproof show ID` explains one\n");
    }
    out += &format!(
        "\n{}\n",
        styled(
            DIM,
            format!(
                "{}#{}, chapter {}",
                document(rule).1,
                rule.id().to_ascii_lowercase(),
                section.chapter
            )
        )
    );
    out
}

/// How many cases there are of each verdict.
fn count(cases: &[&SetEntry]) -> String {
    let of = |verdict: &str| {
        cases
            .iter()
            .filter(|entry| entry.case.expect.verdict() == verdict)
            .count()
    };
    let parts: Vec<String> = ["invalid", "either", "valid"]
        .into_iter()
        .map(|verdict| (of(verdict), verdict))
        .filter(|(count, _)| *count > 0)
        .map(|(count, verdict)| format!("{count} {verdict}"))
        .collect();
    format!("{} in all: {}", cases.len(), parts.join(", "))
}

/// A rule, as JSON.
pub(crate) fn rule_json(set: &Set, rule: Rule) -> Value {
    let section = Section::of(rule);
    let mut value = line_json(rule, &section);
    let cases: Vec<&str> = cases(set, rule)
        .into_iter()
        .map(|entry| entry.case.id.as_str())
        .collect();
    value["explanation"] = section.explanation.into();
    value["known_deviations"] = section.deviations.into();
    value["cases"] = cases.into();
    value
}

fn line_json(rule: Rule, section: &Section) -> Value {
    json!({
        "rule": rule.id(),
        "title": section.title,
        "level": rule.level().name(),
        "binds": section.binds.split(", ").collect::<Vec<_>>(),
        "severity": rule.severity().name(),
        "text": rule.text(),
        "chapter": section.chapter,
        "anchor": format!("{}#{}", document(rule).1, rule.id().to_ascii_lowercase()),
    })
}

/// Rules, one a line below their chapters.
pub(crate) fn rules(rules: &[Rule]) -> String {
    let mut out = String::new();
    let mut chapter = "";
    for &rule in rules {
        let section = Section::of(rule);
        if section.chapter != chapter {
            let gap = if chapter.is_empty() { "" } else { "\n" };
            chapter = section.chapter;
            out += &format!("{gap}{}\n", styled(DIM, chapter));
        }
        let level = format!("{:width$}", rule.level().name(), width = Level::Should.name().len());
        out += &format!("{}  {level}  {}: {}\n", styled(BOLD, rule), section.title, rule.text());
    }
    out
}

/// Rules, as JSON.
pub(crate) fn rules_json(rules: &[Rule]) -> Value {
    rules.iter().map(|&rule| line_json(rule, &Section::of(rule))).collect()
}

/// Puts paragraphs and lists of Markdown into lines of a terminal. Tables and code stay as they are.
fn paragraphs(markdown: &str, out: &mut String) {
    let mut paragraph = String::new();
    let mut is_code = false;
    let flush = |paragraph: &mut String, out: &mut String| {
        if let Some(item) = paragraph.strip_prefix("- ") {
            wrap(&plain(item), "  - ", "    ", out);
        } else if !paragraph.is_empty() {
            wrap(&plain(paragraph), "  ", "  ", out);
        }
        paragraph.clear();
    };
    for line in markdown.lines() {
        let is_fence = line.starts_with("```");
        if is_fence || is_code || line.starts_with('|') {
            flush(&mut paragraph, out);
            is_code ^= is_fence;
            if !is_fence && !line.starts_with("|-") {
                out.push_str(&format!("  {}", plain(line)));
                out.push('\n');
            }
        } else if line.is_empty() {
            flush(&mut paragraph, out);
            out.push('\n');
        } else {
            if line.starts_with("- ") {
                flush(&mut paragraph, out);
            } else if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(line.trim_start());
        }
    }
    flush(&mut paragraph, out);
}

/// Markdown without emphasis and links: of a link within the document the text is left, of another one its target too.
fn plain(markdown: &str) -> String {
    let mut out = String::new();
    let mut rest = markdown;
    while let Some((before, after)) = rest.split_once('[') {
        out.push_str(before);
        let link = after.split_once("](").and_then(|(text, after)| {
            let (target, after) = after.split_once(')')?;
            (!text.contains(['[', '`']) || !text.contains('[')).then_some((text, target, after))
        });
        let Some((text, target, after)) = link else {
            out.push('[');
            rest = after;
            continue;
        };
        out.push_str(text);
        if !target.starts_with('#') {
            out.push_str(&format!(" ({target})"));
        }
        rest = after;
    }
    out.push_str(rest);
    out.replace("**", "").replace("<br>", " ")
}

/// Breaks a text into lines that begin like this.
fn wrap(text: &str, first: &str, next: &str, out: &mut String) {
    out.push_str(first);
    let mut column = first.len();
    let mut is_start = true;
    for word in text.split_whitespace() {
        let width = word.chars().count();
        if !is_start && column + 1 + width > WIDTH {
            out.push('\n');
            out.push_str(next);
            column = next.len();
        } else if !is_start {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += width;
        is_start = false;
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::{Rule, Section, plain, wrap};

    #[test]
    fn every_rule_has_its_section() {
        for &rule in Rule::ALL.iter().chain(Rule::DRAFTS) {
            let section = Section::of(rule);
            assert!(!section.title.is_empty() && !section.chapter.is_empty(), "{rule}");
            assert!(section.binds.contains("reader"), "{rule}: {}", section.binds);
            assert!(!section.explanation.contains("Known deviations"), "{rule}");
            assert!(!section.explanation.is_empty(), "{rule}");
        }
        assert_eq!(Section::of(Rule::FooterReserved).deviations, Vec::<String>::new());
        assert_eq!(Section::of(Rule::FooterBounds).deviations.len(), 3);
        assert_eq!(Section::of(Rule::FooterBounds).chapter, "4 The footer");
    }

    #[test]
    fn links_become_text() {
        for (markdown, expected) in [
            ("see [IDX-04](#idx-04).", "see IDX-04."),
            ("([a#1](https://x/1))", "(a#1 (https://x/1))"),
            ("`entries[0]` and [b](#b)", "`entries[0]` and b"),
            ("**MUST** [x", "MUST [x"),
        ] {
            assert_eq!(plain(markdown), expected);
        }
    }

    #[test]
    fn lines_are_no_longer_than_the_width() {
        let mut out = String::new();
        wrap(&"word ".repeat(50), "- ", "  ", &mut out);
        assert!(
            out.lines().count() == 3 && out.lines().all(|line| line.len() <= 100),
            "{out}"
        );
    }
}
