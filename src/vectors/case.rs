//! What a case is.

use std::{collections::BTreeMap, fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::{bugs::Bug, bytes::Decimal, choices::Choice, layer_format::LayerFormat, ops::Op, tags::Tag};
use crate::rules::{Rule, Severity};

/// A file under `vectors/`: all cases of one operation.
// `I` and `O` are the operation's input and output in `ops`. Descriptions in schemas are made of the comments of these types, so
// that links of rustdoc have no place in them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseFile<I, O> {
    /// Version of the shape. `docs/vectors.md` states what can be added without a new one.
    pub schema: u32,
    /// The operation.
    pub op: Op,
    /// Its cases, in the order of their ids.
    pub cases: Vec<Case<I, O>>,
}

/// One test case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Case<I, O> {
    /// The stable name. It never changes, and never returns once it is retired.
    pub id: CaseId,
    /// What the case is, in a few words.
    pub title: String,
    /// What goes wrong in an implementation that answers wrongly.
    pub why: String,
    /// The rules that the case is about. For an invalid case these are the ones that may be named, the primary one first.
    pub rules: Vec<Rule>,
    /// The dialects in which the case means something; an implementation that knows none of them is not asked.
    pub dialects: Vec<LayerFormat>,
    /// Labels to select by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
    /// The accepted case from which this one differs by a single change. Every invalid case has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twin: Option<CaseId>,
    /// That change, in a few words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
    /// The input.
    pub input: I,
    /// What an implementation may take to answer. Every case with the tag `resource` says so, and no other does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<CaseLimits>,
    /// What an implementation has to answer.
    pub expect: Expect<O>,
    /// Where the case comes from.
    pub provenance: Provenance,
}

impl<I, O> Case<I, O> {
    /// The harm that a wrong answer does. It follows from what the case has already: limits are against waste, who refuses a
    /// valid case refuses a good layer, and everything else has the harm of its first rule.
    pub fn severity(&self) -> Severity {
        let rule = self.rules.first().map_or(Severity::Hygiene, |rule| rule.severity());
        match self.expect {
            _ if self.limits.is_some() => Severity::Resources,
            Expect::Valid { .. } => Severity::RefusedLayer,
            Expect::Invalid | Expect::Either { .. } => rule,
        }
    }
}

/// What an implementation may take to answer a case, on a machine of this decade. More than that is out of all proportion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseLimits {
    /// Seconds from the request to the answer.
    pub seconds: u32,
    /// Bytes of memory that its processes may have resident together, of which the request takes its part.
    pub memory: Decimal<u64>,
}

/// What an implementation has to answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verdict", rename_all = "lowercase", deny_unknown_fields)]
#[serde(bound(deserialize = "O: Deserialize<'de>"))]
pub enum Expect<O> {
    /// Accept, with exactly this output.
    Valid {
        /// The output.
        output: O,
    },
    /// Reject, or decline in favour of a plain full download.
    Invalid,
    /// Either, as a named choice that an implementation makes the same way in all its cases. Those who accept give this
    /// output, or that of another reading which the choice has.
    Either {
        /// The choice.
        choice: Choice,
        /// The output of those who accept.
        output: O,
        /// The outputs of those who accept and read the input in another way, by the names of these readings.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        readings: BTreeMap<String, O>,
    },
}

impl<O> Expect<O> {
    /// The verdict in one word.
    pub const fn verdict(&self) -> &'static str {
        match self {
            Self::Valid { .. } => "valid",
            Self::Invalid => "invalid",
            Self::Either { .. } => "either",
        }
    }
}

/// Where a case comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Provenance {
    /// Made by the generator of this repository.
    Generated {
        /// The bugs that it was made after, which `vectors/bugs.json` describes.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        bugs: Vec<Bug>,
    },
    /// A layer that a real tool wrote, or a part of one.
    Layer {
        /// The folder under `corpus/known-good/`.
        layer: String,
        /// Tool and version.
        tool: String,
    },
    /// Found by a search, made smaller, and judged by hand.
    Found {
        /// `hunt`, or the name of a fuzz target.
        tool: String,
        /// The seed of the hunt.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seed: Option<Decimal<u64>>,
        /// The number of the input in the hunt.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        run: Option<Decimal<u64>>,
        /// The case that the input began as.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<CaseId>,
        /// The sha256 of the artifact that the target failed with, in hexadecimal.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        artifact: Option<String>,
        /// What implementations answered when it was found, by their names and versions.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        answers: BTreeMap<String, String>,
    },
}

/// The stable name of a case: the family, a slash, and a slug, such as `footer/v64-magic-at-v40-offset`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct CaseId(String);

impl CaseId {
    /// The id of a case of the generator, whose tests prove that it is well formed.
    #[cfg(feature = "set")]
    pub(crate) fn of(family: &str, slug: &str) -> Self {
        Self(format!("{family}/{slug}"))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CaseId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split('/').collect::<Vec<_>>().as_slice() {
            [family, name] if is_slug(family) && is_slug(name) => Ok(Self(text.to_owned())),
            _ => Err(format!(
                "{text:?} is not the id of a case, which looks like footer/v64-minimal"
            )),
        }
    }
}

/// Whether the text has the form of one part of an id.
pub(super) fn is_slug(part: &str) -> bool {
    !part.is_empty()
        && !part.starts_with('-')
        && !part.ends_with('-')
        && part
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

impl<'de> Deserialize<'de> for CaseId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl JsonSchema for CaseId {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "CaseId".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "The stable name of a case: family, slash, slug.",
            "type": "string",
            "pattern": "^[a-z0-9]([a-z0-9-]*[a-z0-9])?/[a-z0-9]([a-z0-9-]*[a-z0-9])?$",
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Case, CaseId, CaseLimits, Expect, Provenance};
    use crate::{
        rules::{Rule, Severity},
        vectors::{Choice, Decimal},
    };

    #[test]
    fn the_harm_follows_from_limits_verdict_and_first_rule() {
        let case = |expect, rules: &[Rule], limits| Case {
            id: CaseId("a/b".to_owned()),
            title: String::new(),
            why: String::new(),
            rules: rules.to_vec(),
            dialects: Vec::new(),
            tags: Vec::new(),
            twin: None,
            change: None,
            input: (),
            limits,
            expect,
            provenance: Provenance::Generated { bugs: Vec::new() },
        };
        let limits = Some(CaseLimits {
            seconds: 1,
            memory: Decimal(1),
        });
        let (valid, either) = (
            || Expect::Valid { output: () },
            || Expect::Either {
                choice: Choice("a"),
                output: (),
                readings: BTreeMap::new(),
            },
        );
        let rules = [Rule::TocChecksum, Rule::FooterMagic];
        for (case, severity) in [
            (case(valid(), &rules, None), Severity::RefusedLayer),
            (case(valid(), &rules, limits), Severity::Resources),
            (case(Expect::Invalid, &rules, limits), Severity::Resources),
            (case(Expect::Invalid, &rules, None), Severity::Integrity),
            (case(either(), &rules, None), Severity::Integrity),
            (case(Expect::Invalid, &[Rule::FooterType], None), Severity::Hygiene),
        ] {
            assert_eq!(case.severity(), severity, "{case:?}");
        }
    }

    #[test]
    fn ids_are_family_and_slug() {
        for (text, good) in [
            ("footer/v64-minimal", true),
            ("footer/a", true),
            ("footer", false),
            ("footer/", false),
            ("/a", false),
            ("footer/A", false),
            ("footer/-a", false),
            ("footer/a/b", false),
            ("footer/a b", false),
        ] {
            assert_eq!(text.parse::<CaseId>().is_ok(), good, "{text}");
        }
    }
}
