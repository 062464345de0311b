//! What results are results of.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::Results;
use crate::{
    format::Digest,
    vectors::{Set, SetEntry},
};

/// The digest of what is asked, what it may take and what is right in these cases, given by their indices in the set. It is the
/// same in every set that has these cases, whatever else is in it.
///
/// Titles, explanations, rules and tags are no part of it: results hold as long as questions and answers are the same.
pub fn set_digest(set: &Set, cases: impl IntoIterator<Item = usize>) -> Digest {
    let mut entries: Vec<&SetEntry> = cases.into_iter().filter_map(|index| set.entries().get(index)).collect();
    entries.sort_by_key(|entry| &entry.case.id);
    let mut hasher = Sha256::new();
    for SetEntry { op, case } in entries {
        let asked = json!({
            "id": case.id,
            "op": op,
            "dialects": case.dialects,
            "twin": case.twin,
            "input": case.input,
            "limits": case.limits,
            "expect": case.expect,
        });
        hasher.update(sorted(&asked));
        hasher.update("\n");
    }
    Digest::from_hasher(hasher)
}

/// Whether what is asked in the cases of these results is what is asked in them today. Cases that came later are no part of it.
pub(super) fn is_current(set: &Set, results: &Results) -> bool {
    let cases = results.results.keys().map(|case| set.position(case));
    let known: Option<Vec<usize>> = cases.collect();
    known.is_some_and(|cases| set_digest(set, cases).to_string() == results.asked)
}

/// JSON with the keys of objects in order, whatever order this build of the JSON library keeps them in.
fn sorted(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let mut members: Vec<(&String, &Value)> = map.iter().collect();
            members.sort_by_key(|&(key, _)| key);
            let members: Vec<String> = members
                .into_iter()
                .map(|(key, value)| format!("{}:{}", Value::from(key.as_str()), sorted(value)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(sorted).collect();
            format!("[{}]", values.join(","))
        }
        plain => plain.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{set_digest, sorted};
    use crate::vectors::{Op, Set, case_files::SCHEMA};

    fn digest(title: &str, annotations: &Value) -> String {
        let case = json!({
            "id": "annotations/a", "title": title, "why": "w", "rules": [], "dialects": ["g5"],
            "input": {"annotations": annotations},
            "expect": {"verdict": "valid", "output": {"index": "none", "toc_digest": null, "toc": null, "tar_split": null}},
            "provenance": {"kind": "generated"},
        });
        let file = json!({"schema": SCHEMA, "op": "annotations/parse", "cases": [case]}).to_string();
        let set = Set::load(&[(Op::AnnotationsParse, &file)], &[]).unwrap();
        set_digest(&set, [0]).to_string()
    }

    #[test]
    fn what_is_asked_counts_and_what_is_said_of_it_does_not() {
        let plain = digest("t", &json!({}));
        assert_eq!(plain, digest("another title", &json!({})));
        assert_ne!(plain, digest("t", &json!({"a": "b"})));
        let set = Set::embedded().unwrap();
        assert_ne!(set_digest(&set, [0]), set_digest(&set, [0, 1]));
        assert_eq!(set_digest(&set, [1, 0]), set_digest(&set, [0, 1]));
    }

    #[test]
    fn keys_are_in_order() {
        let value = json!({"b": [1, {"d": null, "c": "\""}], "a": true});
        assert_eq!(sorted(&value), r#"{"a":true,"b":[1,{"c":"\"","d":null}]}"#);
    }
}
