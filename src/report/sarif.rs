//! What is wrong with layers, in the format of static analysis (SARIF 2.1.0).

use serde_json::{Value, json};

use crate::{
    format::{Place, Region},
    rules::{Level, Rule},
};

/// The rule of a blob that is not the one which its descriptor names.
const DESCRIPTOR: &str = "descriptor";

/// The log of a run over layers, of which these are the reports as JSON.
pub(crate) fn sarif(layers: &[Value]) -> Value {
    let shown = |layer| findings(layer).chain(notes(layer));
    let mut broken: Vec<Rule> = layers.iter().flat_map(shown).filter_map(rule).collect();
    broken.sort();
    broken.dedup();
    let mut rules: Vec<Value> = broken.iter().map(|&rule| descriptor(rule)).collect();
    if layers.iter().any(|layer| layer["problem"].is_string()) {
        let text = "A blob has the digest and the size that its descriptor names.";
        rules.push(json!({"id": DESCRIPTOR, "shortDescription": {"text": text}}));
    }
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": env!("CARGO_PKG_NAME"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules,
            }},
            "artifacts": layers.iter().map(|layer| json!({"location": location(layer)})).collect::<Vec<_>>(),
            "results": layers.iter().flat_map(results).collect::<Vec<_>>(),
        }],
    })
}

fn findings(layer: &Value) -> impl Iterator<Item = &Value> {
    layer["findings"].as_array().into_iter().flatten()
}

/// What tar readers differ about in a layer, where that is accepted and so among no findings.
fn notes(layer: &Value) -> impl Iterator<Item = &Value> {
    let is_allowed = layer["ambiguities_allowed"] == true;
    let all = layer["ambiguities"].as_array().filter(|_| is_allowed);
    all.into_iter().flatten()
}

fn rule(finding: &Value) -> Option<Rule> {
    finding["rule"].as_str()?.parse().ok()
}

fn descriptor(rule: Rule) -> Value {
    json!({
        "id": rule.id(),
        "shortDescription": {"text": rule.text()},
        "defaultConfiguration": {"level": level(rule)},
        "properties": {"tags": [rule.severity().name()]},
    })
}

fn results(layer: &Value) -> Vec<Value> {
    let result = |id: &Value, level: &str, region: &Value, place: &Value, text: String| {
        json!({
            "ruleId": id,
            "level": level,
            "message": {"text": text},
            "locations": [{
                // A layer has no lines, but services that show results want one.
                "physicalLocation": {"artifactLocation": location(layer), "region": {"startLine": 1}},
                "logicalLocations": [{"name": region, "fullyQualifiedName": place}],
            }],
        })
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut results: Vec<Value> = findings(layer)
        .map(|finding| {
            let message = format!("{}: {}", text(&finding["place"]), text(&finding["detail"]));
            let level = rule(finding).map_or("error", level);
            result(&finding["rule"], level, &finding["region"], &finding["place"], message)
        })
        .collect();
    for note in notes(layer) {
        let place = Place::Byte(Region::Tar, note["offset"].as_u64().unwrap_or_default()).to_string();
        let message = format!("{place}: {}", text(&note["detail"]));
        let (region, place) = (Region::Tar.name().into(), place.into());
        let mut result = result(&note["rule"], "none", &region, &place, message);
        result["kind"] = "informational".into();
        results.push(result);
    }
    if let Value::String(problem) = &layer["problem"] {
        let id = Value::from(DESCRIPTOR);
        results.push(result(&id, "error", &id, &id, problem.clone()));
    }
    results
}

fn location(layer: &Value) -> Value {
    json!({"uri": uri(layer["layer"].as_str().unwrap_or_default())})
}

const fn level(rule: Rule) -> &'static str {
    match rule.level() {
        Level::Must => "error",
        Level::Should => "warning",
        Level::May => "note",
    }
}

/// The name of a layer, a path or an address, as a reference of RFC 3986.
fn uri(name: &str) -> String {
    let mut uri = String::new();
    for byte in name.bytes() {
        let c = char::from(byte);
        if c.is_ascii_alphanumeric() || "-._~/:@!$&'()*+,;=".contains(c) {
            uri.push(c);
        } else {
            uri += &format!("%{byte:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{sarif, uri};

    #[test]
    fn a_blob_that_is_another_one_is_a_result() {
        let log = sarif(&[
            json!({"layer": "oci:a sha256:1", "valid": false, "problem": "the blob has 7 bytes, expected 8"}),
            json!({"layer": "oci:a sha256:2", "skipped": "gzip"}),
        ]);
        let run = &log["runs"][0];
        assert_eq!(run["results"].as_array().map(Vec::len), Some(1));
        assert_eq!(run["results"][0]["message"]["text"], "the blob has 7 bytes, expected 8");
        assert_eq!(run["tool"]["driver"]["rules"][0]["id"], run["results"][0]["ruleId"]);
        assert_eq!(run["artifacts"].as_array().map(Vec::len), Some(2));
    }

    #[test]
    fn names_of_layers_are_references() {
        for (name, reference) in [
            ("a/layer.tar.zst", "a/layer.tar.zst"),
            ("oci:images:latest sha256:ab", "oci:images:latest%20sha256:ab"),
            ("50%\u{e9}", "50%25%C3%A9"),
        ] {
            assert_eq!(uri(name), reference);
        }
    }
}
