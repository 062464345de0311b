//! The schemas of the vectors, and that the files conform to them.
//!
//! A validator of another team decides, the one that the example in `docs/vectors.md` uses.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    io::Write as _,
    process::{Command, Stdio},
    sync::LazyLock,
};

use chunkproof::{results::Results, rules::Rule, vectors::Op};
use serde_json::{Value, json};

use crate::vectors::FILES;

/// The schemas by the names of their files.
static SCHEMAS: LazyLock<BTreeMap<&str, Value>> = LazyLock::new(|| {
    FILES
        .iter()
        .filter_map(|(path, text)| Some((path.strip_prefix("schemas/")?, text)))
        .map(|(name, text)| (name, serde_json::from_slice(text).unwrap()))
        .collect()
});

/// Values to be validated, each by one of the schemas.
pub(crate) struct Values<'s> {
    schemas: &'s BTreeMap<&'s str, Value>,
    values: Vec<(String, Value)>,
}

impl<'s> Values<'s> {
    pub(crate) const fn of(schemas: &'s BTreeMap<&'s str, Value>) -> Self {
        Self {
            schemas,
            values: Vec::new(),
        }
    }

    /// Adds a value of the schema of this file, whose name goes without `.schema.json`.
    pub(crate) fn add(&mut self, stem: &str, value: Value) {
        self.values.push((format!("{stem}.schema.json"), value));
    }

    /// What is wrong with each value, or none without a validator.
    fn errors(&self) -> Option<Vec<Option<String>>> {
        let mut python = Command::new("python3");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/schemas.py");
        let mut child = python
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .ok()
            .or_else(missing)?;
        let asked = json!({"schemas": self.schemas, "values": self.values}).to_string();
        let mut stdin = child.stdin.take().unwrap();
        // It ends before it has read all where the library is missing.
        let sent = stdin.write_all(asked.as_bytes());
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        if stderr.contains("ModuleNotFoundError") {
            return missing();
        }
        assert!(output.status.success(), "{stderr}");
        sent.unwrap();
        Some(serde_json::from_slice(&output.stdout).unwrap())
    }

    /// Validates all values, of which some have to be refused.
    pub(crate) fn agree(&self, accepted: impl Fn(usize) -> bool) {
        for (index, error) in self.errors().into_iter().flatten().enumerate() {
            let (name, value) = &self.values[index];
            let value = value.to_string().chars().take(2000).collect::<String>();
            assert_eq!(error.is_none(), accepted(index), "{name}: {error:?}: {value}");
        }
    }
}

fn missing<T>() -> Option<T> {
    let required = env::var_os("CHUNKPROOF_REQUIRE_JSONSCHEMA").is_some();
    assert!(!required, "jsonschema for python3 is not installed");
    eprintln!("jsonschema for python3 is not installed: this test did not run");
    None
}

fn file(stem: &str) -> Value {
    serde_json::from_slice(&FILES[&format!("{stem}.json")]).unwrap()
}

const LISTS: [&str; 6] = ["bugs", "choices", "index", "rules", "tags", "tombstones"];

#[test]
fn files_conform_to_their_schemas_and_unknown_fields_do_not() {
    let mut values = Values::of(&SCHEMAS);
    for stem in LISTS {
        let whole = file(stem);
        let mut unknown = json!([whole[0]]);
        values.add(stem, whole);
        unknown[0]["unknown"] = Value::Null;
        values.add(stem, unknown);
    }
    for op in Op::ALL {
        let stem = op.file_stem();
        let whole = file(&stem);
        let mut unknown = whole.clone();
        unknown["cases"].as_array_mut().unwrap().truncate(1);
        unknown["cases"][0]["unknown"] = Value::Null;
        values.add(&stem, whole);
        values.add(&stem, unknown);
    }
    values.agree(|index| index % 2 == 0);
}

/// Every file but the blobs has a schema.
#[test]
fn each_file_has_a_schema() {
    let case_files = Op::ALL.iter().map(|op| op.file_stem());
    let stems: BTreeSet<String> = case_files.chain(LISTS.map(str::to_owned)).collect();
    let json = |path: &&String| !path.contains('/') && path.ends_with(".json");
    let found: BTreeSet<String> = FILES
        .keys()
        .filter(json)
        .map(|path| path.trim_end_matches(".json").to_owned())
        .collect();
    assert_eq!(found, stems);
    for stem in stems {
        assert!(SCHEMAS.contains_key(format!("{stem}.schema.json").as_str()), "{stem}");
    }
    let rules = file("rules");
    let ids = rules.as_array().unwrap().iter().map(|rule| &rule["id"]);
    assert!(ids.eq(Rule::ALL.iter().map(|rule| rule.id())));
}

/// What several schemas define is in one of them, and descriptions are for readers of JSON.
#[test]
fn schemas_share_definitions_and_have_no_links_of_rustdoc() {
    fn descriptions(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("description").and_then(Value::as_str).map(str::to_owned));
                members.values().for_each(|value| descriptions(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| descriptions(value, found)),
            _ => {}
        }
    }
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for (name, schema) in &*SCHEMAS {
        assert_eq!(schema["$id"], *name);
        let mut found = Vec::new();
        descriptions(schema, &mut found);
        assert!(!found.is_empty(), "{name}");
        for description in found {
            assert!(
                !description.contains("[`") && !description.contains("::"),
                "{name}: {description}"
            );
        }
        for (definition, value) in schema["$defs"].as_object().into_iter().flatten() {
            // These are about the input and the output of an operation.
            if !["Case", "Expect"].contains(&definition.as_str()) {
                let other = seen.insert(format!("{definition} {value}"), name);
                assert_eq!(other, None, "{name}: {definition}");
            }
        }
    }
    let shared = SCHEMAS["common.schema.json"]["$defs"].as_object().unwrap();
    for definition in ["Bug", "Bytes", "CaseId", "Choice", "Op", "Provenance", "Rule", "Tag"] {
        assert!(shared.contains_key(definition), "{definition}");
    }
}

/// The schema of stored results is no looser than the type that reads them.
#[test]
fn results_conform_to_their_schema_and_what_is_not_read_does_not() {
    let good = json!({
        "schema": 0, "name": "a", "version": "1", "language": "go", "ops": {"footer/parse": ["g5"]},
        "set": format!("sha256:{}", "0".repeat(64)), "asked": format!("sha256:{}", "0".repeat(64)), "choices": {"v56-footer": "both"},
        "results": {"pass": ["footer/a"], "choice-conflict": ["footer/b"], "wrong-rule": ["footer/c"],
            "declared-unsupported": ["footer/d"], "flaky": ["footer/e"]},
    });
    let mut values = Values::of(&SCHEMAS);
    let mut add = |value: Value, expected: bool| {
        assert_eq!(value.to_string().parse::<Results>().is_ok(), expected, "{value}");
        values.add("results", value);
    };
    add(good.clone(), true);
    for (field, value) in [
        ("time", json!(1)),
        ("ops", json!(["footer/parse"])),
        ("ops", json!({"footer": ["g5"]})),
        ("ops", json!({"footer/parse": ["g6"]})),
        ("ops", json!({"footer/parse": ["g5", "g5"]})),
        ("dialects", json!(["g5"])),
        ("choices", json!({"v55-footer": "both"})),
        ("choices", json!({"v56-footer": "neither"})),
        ("set", json!("sha256:0")),
        ("asked", json!("sha256:0")),
        ("name", json!("")),
        // A line feed at the very end is allowed by the `$` of some languages.
        ("version", json!("1\n2")),
        ("language", json!("\u{1b}[1m")),
        ("results", json!({"unsupported": ["footer/a"]})),
        ("results", json!({"passed": ["footer/a"]})),
        ("results", json!({"pass": ["footer"]})),
        ("results", json!({"pass": ["footer/a", "footer/a"]})),
    ] {
        let mut bad = good.clone();
        bad[field] = value;
        add(bad, false);
    }
    values.agree(|index| index == 0);
}
