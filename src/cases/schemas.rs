//! The JSON schemas of the set. What several of them define is in one file, `common.schema.json`, which the others refer to.

use std::collections::{BTreeMap, BTreeSet};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// The stem of the file with the definitions that several schemas have.
const COMMON: &str = "common";

/// How a reference to a definition of the same file begins.
const LOCAL: &str = "#/$defs/";

/// The schemas, by the stems of the files that they describe.
#[derive(Default)]
pub(super) struct Schemas(BTreeMap<String, Value>);

impl Schemas {
    /// Adds the schema of a file.
    pub(super) fn add<T: JsonSchema>(&mut self, stem: &str, description: &str) {
        let mut schema = SchemaGenerator::default().into_root_schema_for::<T>();
        schema.insert("$id".to_owned(), Value::from(name(stem)));
        schema.insert("title".to_owned(), Value::from(stem));
        schema.insert("description".to_owned(), Value::from(description));
        self.0.insert(stem.to_owned(), schema.to_value());
    }

    /// The schemas with their file names, and that of what they share.
    pub(super) fn into_schemas(mut self) -> Vec<(String, Schema)> {
        let shared = self.shared();
        let common = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": name(COMMON),
            "title": COMMON,
            "description": "Definitions that several schemas refer to.",
            "$defs": shared,
        });
        for schema in self.0.values_mut() {
            if let Some(own) = schema.get_mut("$defs").and_then(Value::as_object_mut) {
                own.retain(|definition, _| !shared.contains_key(definition));
            }
            refer(schema, &shared);
        }
        self.0.insert(COMMON.to_owned(), common);
        let schemas = self.0.into_iter();
        // A schema is an object, and every one of these is.
        schemas
            .filter_map(|(stem, value)| Some((name(&stem), Schema::try_from(value).ok()?)))
            .collect()
    }

    /// The definitions that more than one schema has and that are the same in all of them.
    fn shared(&self) -> Map<String, Value> {
        let mut found: BTreeMap<&String, Vec<&Value>> = BTreeMap::new();
        for schema in self.0.values() {
            for (definition, value) in schema.get("$defs").and_then(Value::as_object).into_iter().flatten() {
                found.entry(definition).or_default().push(value);
            }
        }
        let same = |values: &[&Value]| values.len() > 1 && values.windows(2).all(|pair| pair.first() == pair.last());
        let mut shared: Map<String, Value> = found
            .into_iter()
            .filter(|(_, values)| same(values))
            .filter_map(|(definition, values)| Some((definition.clone(), (*values.first()?).clone())))
            .collect();
        // A shared definition refers to shared ones only.
        loop {
            let stray: BTreeSet<String> = shared
                .iter()
                .filter(|(_, value)| references(value).iter().any(|used| !shared.contains_key(*used)))
                .map(|(definition, _)| definition.clone())
                .collect();
            if stray.is_empty() {
                return shared;
            }
            shared.retain(|definition, _| !stray.contains(definition));
        }
    }
}

fn name(stem: &str) -> String {
    format!("{stem}.schema.json")
}

/// The definitions of the same file that a schema refers to.
fn references(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(members) => {
            let own = members.get("$ref").and_then(Value::as_str);
            let own = own.and_then(|reference| reference.strip_prefix(LOCAL));
            members.values().flat_map(references).chain(own).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

/// Makes references to shared definitions lead into the common file.
fn refer(value: &mut Value, shared: &Map<String, Value>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                match value {
                    Value::String(reference) if key == "$ref" => {
                        if let Some(definition) = reference.strip_prefix(LOCAL)
                            && shared.contains_key(definition)
                        {
                            *reference = format!("{}{LOCAL}{definition}", name(COMMON));
                        }
                    }
                    other => refer(other, shared),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| refer(item, shared)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Schemas;

    #[test]
    fn what_several_schemas_define_alike_is_in_one_file() {
        let leaf = json!({"type": "string"});
        let pair = json!({"$ref": "#/$defs/Leaf"});
        let mixed = json!({"$ref": "#/$defs/Own"});
        let schema = |own: &str| {
            json!({
                "items": [{"$ref": "#/$defs/Pair"}, {"$ref": "#/$defs/Mixed"}],
                "$defs": {"Leaf": leaf, "Pair": pair, "Mixed": mixed, "Own": {"const": own}},
            })
        };
        let schemas = Schemas([("a".to_owned(), schema("a")), ("b".to_owned(), schema("b"))].into());
        let made = schemas.into_schemas();
        let names: Vec<&str> = made.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["a.schema.json", "b.schema.json", "common.schema.json"]);
        assert_eq!(
            made[0].1.as_value(),
            &json!({
                "items": [{"$ref": "common.schema.json#/$defs/Pair"}, {"$ref": "#/$defs/Mixed"}],
                "$defs": {"Mixed": mixed, "Own": {"const": "a"}},
            }),
            "what refers to something of its own is not shared"
        );
        assert_eq!(made[2].1.as_value()["$defs"], json!({"Leaf": leaf, "Pair": pair}));
    }
}
