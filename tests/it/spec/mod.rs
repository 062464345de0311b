//! `docs/spec.md` and the register of rules say the same.

mod deviations;
mod findings;
mod tables;

use std::{collections::BTreeSet, fs};

use chunkproof::rules::Rule;

use crate::support::root;

/// A section of the specification whose heading carries the id of a rule.
pub(crate) struct Section {
    pub(crate) id: String,
    /// The anchor before the heading, the first line of text after it, and the rest up to the next heading.
    pub(crate) anchor: String,
    pub(crate) statement: String,
    pub(crate) explanation: String,
}

fn spec() -> String {
    fs::read_to_string(root().join("docs/spec.md")).unwrap()
}

/// The lines of the specification that are not in a code block, where `#` is no heading.
fn prose(spec: &str) -> Vec<&str> {
    let mut in_code = false;
    spec.lines()
        .filter(|line| {
            let fence = line.starts_with("```");
            in_code ^= fence;
            !fence && !in_code
        })
        .collect()
}

fn is_rule_id(word: &str) -> bool {
    let bytes = word.as_bytes();
    bytes.len() == 6
        && bytes[..3].iter().all(u8::is_ascii_uppercase)
        && bytes[3] == b'-'
        && bytes[4..].iter().all(u8::is_ascii_digit)
}

pub(crate) fn sections(spec: &str) -> Vec<Section> {
    let lines: Vec<&str> = prose(spec).into_iter().filter(|line| !line.is_empty()).collect();
    let mut sections = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(heading) = line.strip_prefix("### ") else {
            continue;
        };
        let (id, name) = heading.split_once(' ').unwrap_or((heading, ""));
        if !is_rule_id(id) {
            continue;
        }
        assert!(!name.is_empty(), "{id} has no short name");
        let explanation: Vec<&str> = lines[index + 2..]
            .iter()
            .copied()
            .take_while(|line| !line.starts_with('#') && !line.starts_with("<a "))
            .collect();
        sections.push(Section {
            id: id.to_owned(),
            anchor: lines[index - 1].to_owned(),
            statement: lines[index + 1].to_owned(),
            explanation: explanation.join(" "),
        });
    }
    sections
}

/// The group of a rule, such as `FTR`.
fn group(id: &str) -> &str {
    &id[..3]
}

#[test]
fn every_rule_has_one_section_in_the_order_of_the_register() {
    let spec = spec();
    let written: Vec<String> = sections(&spec).into_iter().map(|section| section.id).collect();
    let registered: Vec<&str> = Rule::ALL.iter().map(|rule| rule.id()).collect();
    let groups: BTreeSet<&str> = registered
        .iter()
        .copied()
        .chain(written.iter().map(String::as_str))
        .map(group)
        .collect();
    for name in groups {
        let of_group = |id: &&str| group(id) == name;
        let written: Vec<&str> = written.iter().map(String::as_str).filter(of_group).collect();
        let registered: Vec<&str> = registered.iter().copied().filter(of_group).collect();
        assert_eq!(written, registered, "sections and rules of group {name}");
    }
}

#[test]
fn every_section_states_its_rule() {
    for section in sections(&spec()) {
        let rule: Rule = section.id.parse().unwrap();
        let (level, rest) = section.statement.split_once(" (").unwrap();
        let (bound, text) = rest.split_once("). ").unwrap();
        assert_eq!(
            (level, text),
            (&*format!("**{}**", rule.level()), rule.text()),
            "{rule}"
        );
        assert!(
            ["reader", "writer", "reader, writer"].contains(&bound),
            "{rule} binds {bound}"
        );
        assert_eq!(section.anchor, format!("<a id=\"{}\"></a>", section.id.to_lowercase()));
        let (explanation, deviations) = section.explanation.rsplit_once("Known deviations: ").unwrap();
        assert!(!explanation.is_empty(), "{rule} is not explained");
        assert!(deviations.ends_with('.'), "{rule}: {deviations}");
    }
}

#[test]
fn every_internal_link_resolves() {
    let spec = spec();
    let lines = prose(&spec);
    let mut anchors = BTreeSet::new();
    for line in &lines {
        let anchor = match line.strip_prefix("<a id=\"") {
            Some(rest) => rest.strip_suffix("\"></a>").unwrap().to_owned(),
            None if line.starts_with('#') => slug(line.trim_start_matches('#').trim()),
            None => continue,
        };
        assert!(anchors.insert(anchor.clone()), "two places are called #{anchor}");
    }
    let text = lines.join("\n");
    let links: Vec<&str> = text
        .split("](#")
        .skip(1)
        .map(|rest| rest.split_once(')').unwrap().0)
        .collect();
    assert!(!links.is_empty());
    for link in links {
        assert!(anchors.contains(link), "#{link} leads nowhere");
    }
}

/// The anchor that renderers of Markdown give a heading.
fn slug(heading: &str) -> String {
    heading
        .to_lowercase()
        .chars()
        .filter_map(|c| match c {
            ' ' => Some('-'),
            c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
            _ => None,
        })
        .collect()
}
