//! The shape of a file of results.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    fmt,
    str::FromStr,
};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use super::RunShard;
use crate::{
    format::Digest,
    judge::Outcome,
    outside::Outside,
    vectors::{CaseId, Choice, Declared, Op, Reading, Registers, declared::each_once, ops::Lack},
};

/// The version of the shape. 0 is provisional.
pub const SCHEMA: u32 = 0;

/// Text for people: one line, without control characters.
const PLAIN: &str = r"^[^\u0000-\u001f\u007f-\u009f]+$";

/// What one version of an implementation came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Results {
    /// Version of the schema. 0 means provisional: the shape may still change.
    pub schema: u32,
    /// The name of the implementation.
    #[schemars(regex(pattern = PLAIN))]
    pub name: String,
    /// Its version.
    #[schemars(regex(pattern = PLAIN))]
    pub version: String,
    /// The language that it is written in.
    #[schemars(regex(pattern = PLAIN))]
    pub language: String,
    /// The operations that it has, each with the dialects that it reads or writes there.
    pub ops: Declared,
    /// The digest of the cases that were selected: of what they ask, what that may take and what is right.
    #[schemars(regex(pattern = r"^sha256:[0-9a-f]{64}$"))]
    pub set: String,
    /// The digest of the cases below, what is asked in them and what is right. Other cases may come later without a change of
    /// what these results say.
    #[schemars(regex(pattern = r"^sha256:[0-9a-f]{64}$"))]
    pub asked: String,
    /// How each choice was decided, in the cases that were answered. Where both ways occur, the cases that are
    /// choice-conflict are decided in the other way than those that are lenient or strict.
    #[serde(deserialize_with = "each_once")]
    #[schemars(schema_with = "choices_schema")]
    pub choices: BTreeMap<Choice, Decided>,
    /// What the implementation cannot show of outputs, which were judged without it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lacks: BTreeMap<Op, BTreeSet<Lack>>,
    /// Whether the run was interrupted or stopped early, so that results are missing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub incomplete: bool,
    /// Which part of a run these results are; absent in those of a whole run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<RunShard>,
    /// The cases of each result. Those that were not asked are left out.
    #[serde(serialize_with = "grouped", deserialize_with = "flat")]
    #[schemars(schema_with = "results_schema")]
    pub results: BTreeMap<CaseId, Outcome>,
}

/// How the cases of a choice were decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decided {
    /// All were accepted.
    Accept,
    /// All were rejected or declined.
    Reject,
    /// In more than one way.
    Both,
    /// All were accepted, as in this reading.
    Reading(Reading),
}

impl Decided {
    const fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Reject => "reject",
            Self::Both => "both",
            Self::Reading(reading) => reading.name(),
        }
    }
}

impl Serialize for Decided {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Decided {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let plain = [Self::Accept, Self::Reject, Self::Both];
        match plain.into_iter().find(|decided| decided.name() == name) {
            Some(decided) => Ok(decided),
            None => name.parse().map(Self::Reading).map_err(D::Error::custom),
        }
    }
}

impl JsonSchema for Decided {
    fn schema_name() -> Cow<'static, str> {
        "Decided".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let choices = &Registers::current().choices;
        let readings: BTreeSet<&str> = choices
            .iter()
            .flat_map(|row| row.readings.keys())
            .map(String::as_str)
            .collect();
        let names: Vec<&str> = ["accept", "reject", "both"].into_iter().chain(readings).collect();
        json_schema!({
            "description": "How the cases of a choice were decided: all accepted (`accept`), all rejected or declined (`reject`), in \
                            more than one way (`both`), or all accepted as in the reading of this name.",
            "type": "string",
            "enum": names,
        })
    }
}

/// Why a text is no file of results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultsError(String);

impl fmt::Display for ResultsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ResultsError {}

/// Most characters of the name of a file, without its end.
const STEM: usize = 60;

impl Results {
    /// The file's content.
    ///
    /// # Errors
    ///
    /// None that can happen: the values can all be written as JSON.
    pub fn text(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// Name and version, as reports say them.
    pub fn label(&self) -> String {
        format!("{} {}", self.name, self.version)
    }

    /// The name of a file of its own for this version. What may not stand in the name of a file becomes an underscore.
    pub fn file_name(&self) -> String {
        let plain = |c: char| {
            if c.is_alphanumeric() || ".-+".contains(c) {
                c
            } else {
                '_'
            }
        };
        let stem: String = format!("{}-{}", self.name, self.version).chars().map(plain).collect();
        // Neither a hidden file nor a way out of the folder, nor longer than a system allows.
        let stem = stem.trim_start_matches('.');
        let stem: String = stem.chars().take(STEM).collect();
        format!("{stem}.json")
    }
}

impl FromStr for Results {
    type Err = ResultsError;

    fn from_str(text: &str) -> Result<Self, ResultsError> {
        #[derive(Deserialize)]
        struct Version {
            schema: u32,
        }
        let no_file = |error: serde_json::Error| ResultsError(error.to_string());
        // Another version has other fields, and its number is the better reason.
        let Version { schema } = serde_json::from_str(text).map_err(no_file)?;
        if schema != SCHEMA {
            return Err(ResultsError(format!("schema {schema}, expected {SCHEMA}")));
        }
        let results: Self = serde_json::from_str(text).map_err(no_file)?;
        for text in [&results.name, &results.version, &results.language] {
            // As they are kept, they are what can be printed.
            if text.is_empty() || Outside::word(text).to_string() != *text {
                let text = Outside::word(text).quoted();
                return Err(ResultsError(format!("{text} is not a name, version or language")));
            }
        }
        if let Some(part) = results.shard.as_ref().filter(|part| !part.is_one()) {
            return Err(ResultsError(format!("there is no part {} of {}", part.number, part.of)));
        }
        let whole = results.shard.iter().flat_map(|part| [&part.set, &part.asked]);
        for digest in [&results.set, &results.asked].into_iter().chain(whole) {
            if digest.parse::<Digest>().is_err() {
                let digest = Outside::word(digest).quoted();
                return Err(ResultsError(format!("{digest} is not a digest of sha256")));
            }
        }
        Ok(results)
    }
}

fn choices_schema(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "propertyNames": generator.subschema_for::<Choice>(),
        "additionalProperties": generator.subschema_for::<Decided>(),
    })
}

fn results_schema(generator: &mut SchemaGenerator) -> Schema {
    let outcomes = Outcome::ALL.iter().filter(|outcome| outcome.is_applicable());
    let names: Vec<&str> = outcomes.map(|outcome| outcome.name()).collect();
    json_schema!({
        "type": "object",
        "propertyNames": {"enum": names},
        "additionalProperties": generator.subschema_for::<BTreeSet<CaseId>>(),
    })
}

fn grouped<S: Serializer>(results: &BTreeMap<CaseId, Outcome>, serializer: S) -> Result<S::Ok, S::Error> {
    let mut groups: BTreeMap<Outcome, Vec<&CaseId>> = BTreeMap::new();
    for (case, &outcome) in results {
        groups.entry(outcome).or_default().push(case);
    }
    groups.serialize(serializer)
}

fn flat<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<CaseId, Outcome>, D::Error> {
    let groups: BTreeMap<Outcome, Vec<CaseId>> = each_once(deserializer)?;
    let mut results = BTreeMap::new();
    for (outcome, cases) in groups {
        if !outcome.is_applicable() {
            return Err(D::Error::custom(format!(
                "cases that are {} are left out",
                outcome.name()
            )));
        }
        for case in cases {
            if results.contains_key(&case) {
                return Err(D::Error::custom(format!("{case} has two results")));
            }
            results.insert(case, outcome);
        }
    }
    Ok(results)
}

#[cfg(test)]
mod tests {
    use super::Results;

    const TEXT: &str = r#"{
  "schema": 0,
  "name": "example",
  "version": "v1.2.3",
  "language": "go",
  "ops": {
    "footer/parse": [
      "g4",
      "g5"
    ],
    "layer/write": [
      "g5"
    ]
  },
  "set": "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "asked": "sha256:01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b",
  "choices": {
    "v56-footer": "both"
  },
  "results": {
    "pass": [
      "footer/a",
      "footer/c"
    ],
    "lenient": [
      "footer/b"
    ],
    "choice-conflict": [
      "footer/d"
    ]
  }
}
"#;

    #[test]
    fn what_is_written_is_read_and_written_again_alike() {
        let results: Results = TEXT.parse().unwrap();
        assert_eq!(results.text().unwrap(), TEXT);
        assert_eq!(results.results.len(), 4);
    }

    const SHA: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    /// The member `shard`, before the one after it.
    fn part(number: u32, of: u32, digest: &str) -> String {
        let part = format!(r#"{{"number": {number}, "of": {of}, "set": "{SHA}", "asked": "{digest}"}}"#);
        format!("\"shard\": {part}, \"choices\"")
    }

    #[test]
    fn files_are_read_strictly() {
        for (from, to, message) in [
            ("\"schema\": 0", "\"schema\": 1", "schema 1, expected 0"),
            ("\"language\"", "\"time\": 1, \"language\"", "unknown field `time`"),
            ("\"language\": \"go\",", "", "missing field `language`"),
            ("\"pass\"", "\"passed\"", "unknown variant `passed`"),
            ("\"lenient\"", "\"pass\"", "duplicate key"),
            ("\"layer/write\"", "\"footer/parse\"", "duplicate key"),
            (
                "\"v56-footer\": \"both\"",
                "\"v56-footer\": \"both\", \"v56-footer\": \"accept\"",
                "duplicate key",
            ),
            (
                "\"lenient\"",
                "\"unsupported\"",
                "cases that are unsupported are left out",
            ),
            ("footer/b", "footer/a", "footer/a has two results"),
            ("footer/c", "footer/a", "footer/a has two results"),
            ("footer/b", "footer", "\"footer\" is not the id of a case"),
            ("\"v1.2.3\"", "\"\"", "\"\" is not a name, version or language"),
            ("v1.2.3", "\\u001b[1m", "is not a name, version or language"),
            ("sha256:e3", "sha256:E3", "is not a digest of sha256"),
            ("\"choices\"", &part(0, 3, SHA), "there is no part 0 of 3"),
            ("\"choices\"", &part(4, 3, SHA), "there is no part 4 of 3"),
            (
                "\"choices\"",
                &part(1, u32::MAX, SHA),
                "there is no part 1 of 4294967295",
            ),
            ("\"choices\"", &part(1, 3, "sha256:"), "is not a digest of sha256"),
            ("\"both\"", "\"neither\"", "no choice has a reading \"neither\""),
        ] {
            let error = TEXT.replacen(from, to, 1).parse::<Results>().unwrap_err().to_string();
            assert!(error.contains(message), "{to}: {error}");
        }
    }

    #[test]
    fn names_of_files_are_plain() {
        let mut results: Results = TEXT.parse().unwrap();
        assert_eq!(results.file_name(), "example-v1.2.3.json");
        for (name, version, expected) in [
            ("../a", "1", "_a-1.json"),
            ("a b", "estargz/v0.3.0", "a_b-estargz_v0.3.0.json"),
        ] {
            (results.name, results.version) = (name.to_owned(), version.to_owned());
            assert_eq!(results.file_name(), expected);
        }
    }
}
