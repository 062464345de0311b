//! A finding becomes a case: edits of a case of the set, or bytes.

use std::{collections::BTreeMap, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chunkproof::{
    cases::given::Given,
    hunt::promote::{Finding, Promotion, Words, as_data, cases},
    rules::Rule,
    vectors::{CaseId, Choice, Expect, Op, Provenance, Set},
};
use serde_json::{Value, json};

/// An input with another document.
fn with_json(input: &Value, text: &str) -> Value {
    let mut input = input.clone();
    input["json"] = json!({"base64": STANDARD.encode(text)});
    input
}

/// The input that an edit of a case makes.
fn edited(set: &Set, op: Op, twin: &str, edit: &str) -> Value {
    let (family, _) = twin.split_once('/').unwrap();
    let id: CaseId = format!("{family}/edited").parse().unwrap();
    let data = format!(
        "op = \"{}\"\n[[group]]\ntwin = \"{twin}\"\nwhy = \"w\"\nrules = [\"JSN-01\"]\n\
         [[group.invalid]]\nid = \"{id}\"\nchange = \"c\"\n{edit}\n",
        op.name()
    );
    let given = Given::parse(Path::new("edited.toml"), data, set).unwrap();
    given.set.wire_input(given.set.find(&id).unwrap()).unwrap()
}

/// What becomes of an input, and the text of its case if it is data.
fn promoted(set: &Set, op: Op, input: Value, words: &Words) -> (Promotion, Option<String>) {
    let finding = Finding {
        op,
        input,
        dialects: op.forms().to_vec(),
        provenance: Provenance::Found {
            tool: "hunt".to_owned(),
            seed: None,
            run: None,
            from: None,
            artifact: None,
            answers: BTreeMap::new(),
        },
    };
    let folder = tempfile::tempdir().unwrap();
    let promotion = cases(set, &finding, words).unwrap();
    let data = as_data(set, &finding, &promotion, folder.path()).unwrap();
    (promotion, data.map(|(_, text)| text))
}

#[test]
fn layers_are_written_as_edits_of_the_stage_at_which_they_differ() {
    let set = Set::embedded().unwrap();
    for (op, twin, edit, change, line) in [
        (
            Op::LayerReconstruct,
            "reconstruct/g5-owner",
            "edit = [{ toc = { set = { at = \"/entries/1/mode\", to = 257 } } }]",
            "TOC /entries/1/mode: 257 in place of 420",
            None,
        ),
        (
            Op::LayerIndex,
            "index/g2-owner",
            "edit = [{ toc = { set = { at = \"/entries/1/uid\", to = -77 } } }]",
            "",
            Some("output = [{ set = { at = \"/entries/1/uid\", to = \"-77\" } }]"),
        ),
        (
            Op::LayerReconstruct,
            "reconstruct/g5-owner",
            "edit = [{ tar-split = { raw = { at = \"/1/type\", to = \"77\" } } }]",
            "tar-split /1/type: 77 in place of 1",
            Some("edit = [{ tar-split = { set = { at = \"/1/type\", to = 77 } } }]"),
        ),
        (
            Op::LayerReconstruct,
            "reconstruct/g5-owner",
            "edit = [{ footer = { field = { name = \"type\", to = \"77\" } } }]",
            "footer type: 77 in place of 1",
            None,
        ),
        (
            Op::LayerReconstruct,
            "reconstruct/g5-owner",
            "edit = [{ annotations = { annotate = { key = \"io.github.containers.zstd-chunked.manifest-position\", \
             value = \"77:7:7:7\" } } }]",
            "annotation io.github.containers.zstd-chunked.manifest-position: 77:7:7:7 in place of",
            Some("edit = [{ annotations = { annotate = "),
        ),
        (
            Op::LayerReconstruct,
            "reconstruct/g5-owner",
            "edit = [{ toc-frame = { splice = { at = 2, remove = 1, insert = \"x\" } } }]",
            "`x` in place of `M` at byte 2 of the frame of the TOC",
            Some("edit = [{ toc-frame = "),
        ),
    ] {
        let input = edited(&set, op, twin, edit);
        let line = line.unwrap_or(edit);
        let (promotion, text) = promoted(&set, op, input, &Words::default());
        let [candidate] = promotion.candidates.as_slice() else {
            panic!("{twin} is in the set");
        };
        // The reference compares no owners in g2, and accepts another one.
        assert_eq!(candidate.case.expect == Expect::Invalid, !change.is_empty(), "{twin}");
        let said = candidate.case.change.as_deref().unwrap_or_default();
        assert!(said.starts_with(change), "{said}");
        let text = text.expect(change);
        assert!(text.contains(&format!("twin = \"{twin}\"")), "{text}");
        assert!(text.contains(line), "{text}");
    }
}

#[test]
fn accepted_inputs_are_written_with_edits_of_the_output() {
    let set = Set::embedded().unwrap();
    let entry = set.find(&"toc/g5".parse().unwrap()).unwrap();
    let input = set.wire_input(entry).unwrap();
    let (_, json) = set.bytes(entry).unwrap().unwrap();
    let json = String::from_utf8(json).unwrap();
    let other = with_json(&input, &json.replacen(":493", ":333", 1));
    let either = Words {
        choice: Some("repeated-names".parse::<Choice>().unwrap()),
        ..Words::default()
    };
    for (words, verdict) in [(&Words::default(), "valid"), (&either, "either")] {
        let (promotion, text) = promoted(&set, Op::TocParse, other.clone(), words);
        let text = text.unwrap();
        assert_eq!(promotion.candidates[0].case.expect.verdict(), verdict);
        for line in [
            format!("[[group.{verdict}]]"),
            "twin = \"toc/g5\"".to_owned(),
            "edit = [{ set = { at = \"/entries/0/mode\", to = 333 } }]".to_owned(),
            "output = [{ set = { at = \"/entries/0/mode\", to = \"333\" } }]".to_owned(),
        ] {
            assert!(text.contains(&line), "{line}: {text}");
        }
        assert_eq!(text.contains("choice = "), verdict == "either", "{text}");
    }
    // A document that has little in common with any other keeps its bytes.
    let names: Vec<Value> = (0..9)
        .map(|at| json!({"type": "dir", "name": format!("odd-{at}")}))
        .collect();
    let many = json!({"version": 1, "entries": names}).to_string();
    let (_, text) = promoted(
        &set,
        Op::TocParse,
        with_json(&input, &many),
        &Words {
            rules: vec![Rule::ALL[0]],
            ..Words::default()
        },
    );
    assert_eq!(text, None);
}
