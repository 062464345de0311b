//! What a file with cases is, and the errors in one that is wrong.

use std::{fs, path::Path};

use serde_json::{Value, json};

use super::Data;
use crate::{
    cases::{
        Sources,
        family::{Blobs, Family},
    },
    forge::{Edit, edited, layer::Plan, tar::TarEntry},
    format::Dialect::{G2, G5},
    rules::Rule,
    vectors::{Case, Op, Set},
};

/// The TOC that the cases change.
const TOC: &str = r#"{"version":1,"entries":[{"mode":493}]}"#;

/// A group of cases with this in it.
fn group(text: &str) -> String {
    format!(
        "op = \"toc/parse\"\n\n[[group]]\ntwin = \"toc/g5\"\nwhy = \"Something goes wrong.\"\nrules = [\"JSN-01\"]\n\n{text}\n"
    )
}

/// The cases of an operation: an accepted and a rejected one, and those of a file with this text, or its error.
fn made(op: Op, name: &'static str, input: Value, text: &str) -> Result<Vec<Case<Value, Value>>, String> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("new.toml"), text).unwrap();
    let mut family: Family<Value, Value> = Family::new(name);
    let output = json!({"entries": [{"mode": "493"}]});
    family.valid("g5", "a twin", "w", input, output).dialects(&[G5]);
    family.invalid(
        "rejected",
        "g5",
        "nothing",
        "w",
        &[Rule::JsonSyntax],
        json!({"json": {"text": ""}}),
    );
    Data::read(folder.path())
        .and_then(|data| data.add_to(op, &mut family, &mut Blobs::default()))
        .map_err(|sentence| sentence.replace(&format!("{}/", folder.path().display()), ""))?;
    Ok(family.into_cases())
}

fn of_toc(text: &str) -> Result<Vec<Case<Value, Value>>, String> {
    made(
        Op::TocParse,
        "toc",
        json!({"json": {"text": TOC}, "dialect": "g5"}),
        text,
    )
}

fn case(cases: &[Case<Value, Value>], id: &str) -> Value {
    let case = cases.iter().find(|case| case.id.as_str() == id).unwrap();
    serde_json::to_value(case).unwrap()
}

#[test]
fn cases_join_the_set() {
    let cases = of_toc(&group(
        "[[group.invalid]]\nid = \"toc/new\"\nchange = \"no colon\"\nedit.replace = { from = \":493\", to = \"493\" }\n\n\
         [[group.either]]\nid = \"toc/new-either\"\ntitle = \"another mode\"\nchoice = \"duplicate-keys\"\ndialects = [\"g4\"]\n\
         tags = [\"security\"]\nbugs = [\"storage-broken-json\"]\n\
         edit = [{ set = { at = \"/entries/0/mode\", to = 1 } }, { append = \" \" }]\n\
         output.set = { at = \"/entries/0/mode\", to = \"1\" }\n\n\
         [[group.valid]]\nid = \"toc/new-valid\"\ntitle = \"a space\"\ntwin = \"toc/new-either\"\nedit.append = \" \"",
    ))
    .unwrap();
    let case = |id: &str| case(&cases, id);
    let twin = case("toc/g5");
    let new = case("toc/new");
    assert_eq!(new["title"], "a twin: no colon");
    assert_eq!(new["twin"], "toc/g5");
    assert_eq!(new["dialects"], twin["dialects"]);
    assert_eq!(new["input"]["dialect"], "g5");
    let text = |case: &Value| case["input"]["json"]["text"].as_str().unwrap().to_owned();
    assert_eq!(text(&new), text(&twin).replace(":493", "493"));
    let either = case("toc/new-either");
    assert_eq!(text(&either), text(&twin).replace(":493", ":1") + " ");
    assert_eq!(either["expect"]["output"]["entries"][0]["mode"], "1");
    assert_eq!(either["expect"]["choice"], "duplicate-keys");
    assert_eq!(either["dialects"], serde_json::json!(["g4"]));
    assert_eq!(either["tags"], serde_json::json!(["security", "history"]));
    assert_eq!(either.get("twin"), None);
    let valid = case("toc/new-valid");
    assert_eq!(valid["expect"]["output"], either["expect"]["output"]);
    assert_eq!(text(&valid), text(&either) + " ");
}

#[test]
fn what_is_not_right_is_said_with_its_place() {
    let row = |text: &str| {
        group(&format!(
            "[[group.invalid]]\nid = \"toc/new\"\nchange = \"a comma\"\n{text}"
        ))
    };
    let edit = "edit.append = \",\"\n";
    for (text, message) in [
        (
            "op = \"toc/part\"".to_owned(),
            "new.toml, line 1: unknown variant `toc/part`",
        ),
        (group("nonsense = 1"), "new.toml, line 8: unknown field `nonsense`"),
        (
            row("edit.append = 1"),
            "new.toml, line 11: invalid type: integer `1`, expected a text",
        ),
        (row("edit.swap = 1"), "new.toml, line 11: unknown variant `swap`"),
        (
            row(&format!("{edit}rules = [\"JSN-99\"]")),
            "new.toml, line 12: no rule has the id",
        ),
        (
            row("edit.replace = { from = \"nowhere\", to = \"\" }"),
            "new.toml, line 8, toc/new: replace: \"nowhere\" is there 0 times, expected 1",
        ),
        (
            row(&format!("{edit}rules = []")),
            "new.toml, line 8, toc/new: `rules` is missing",
        ),
        (
            row(&format!("{edit}title = \"t\"")),
            "new.toml, line 8, toc/new: an invalid case has `change`",
        ),
        (
            row(&format!("{edit}twin = \"toc/nothing\"")),
            "new.toml, line 8, toc/new: no case of toc/parse has the id of its twin, toc/nothing",
        ),
        (
            row(&format!("{edit}twin = \"toc/rejected\"")),
            "new.toml, line 8, toc/new: its twin is rejected",
        ),
        (
            row(edit).replace("toc/new", "toc/g5"),
            "new.toml, line 8, toc/g5: two cases have this id",
        ),
        (
            row(edit).replace("toc/new", "tok/new"),
            "new.toml, line 8, tok/new: the ids of toc/parse begin with toc/",
        ),
        (
            row("edit = []"),
            "new.toml, line 8, toc/new: `edit` leaves the input as it is",
        ),
        (
            row(edit).replace("change = \"a comma\"\n", ""),
            "new.toml, line 8, toc/new: `change` is missing",
        ),
        (
            row(edit).replace("group.invalid", "group.valid"),
            "new.toml, line 8, toc/new: a case that is accepted has `title`",
        ),
        (
            row(edit)
                .replace("group.invalid", "group.either")
                .replace("change", "title"),
            "new.toml, line 8, toc/new: `choice` is missing",
        ),
        (
            row(edit)
                .replace("group.invalid", "group.valid")
                .replace("change = \"a comma\"\n", ""),
            "new.toml, line 8, toc/new: `title` is missing",
        ),
        (
            row(&format!("{edit}output.remove = \"/x\""))
                .replace("group.invalid", "group.valid")
                .replace("change", "title"),
            "new.toml, line 8, toc/new: `output`: remove: the twin has nothing at \"/x\"",
        ),
        (
            row(edit).replace("why = \"Something goes wrong.\"\n", ""),
            "new.toml, line 7, toc/new: `why` is missing",
        ),
        (
            row(edit).replace("twin = \"toc/g5\"\n", ""),
            "new.toml, line 7, toc/new: no twin is named",
        ),
    ] {
        let error = of_toc(&text).map(drop).unwrap_err();
        assert!(error.starts_with(message), "{text}\n{error}\nexpected {message}");
    }
}

/// What follows from an edit of the end of a blob.
#[test]
fn the_size_of_the_blob_follows_the_end() {
    let file = |edit: &str| {
        format!(
            "op = \"footer/parse\"\n[[group]]\ntwin = \"footer/g5\"\nwhy = \"w\"\nrules = [\"FTR-01\"]\n\
             [[group.invalid]]\nid = \"footer/new\"\nchange = \"c\"\nedit = [{edit}]\n"
        )
    };
    let twin: String = (0..72).map(|byte| format!("{byte:02x}")).collect();
    let input = json!({"tail": {"hex": twin}, "blob_size": "1000"});
    for (edit, tail, size) in [
        ("{ append = \"xy\" }", twin[4..].to_owned() + "7879", "1002"),
        ("{ truncate = -2 }", "2e2e".to_owned() + &twin[..140], "998"),
        ("{ truncate = -2 }, { blob-size = 1 }", twin[138..140].to_owned(), "1"),
        (
            "{ blob-size = \"18446744073709551615\" }",
            twin.clone(),
            "18446744073709551615",
        ),
    ] {
        let cases = made(Op::FooterParse, "footer", input.clone(), &file(edit)).unwrap();
        let new = &case(&cases, "footer/new")["input"];
        assert_eq!(*new, json!({"tail": {"hex": tail}, "blob_size": size}), "{edit}");
    }
}

/// A group can be for two operations, and edit parts of a layer whose plan is known.
#[test]
fn parts_of_layers_are_edited_for_two_operations() {
    let text = "op = \"layer/reconstruct\"\n[[group]]\nalso = [\"layer/index\"]\ntwin = \"reconstruct/g5\"\nwhy = \"w\"\n\
                rules = [\"JSN-01\"]\n[[group.valid]]\nid = \"reconstruct/new\"\ntitle = \"t\"\nedit.toc.append = \" \"\n";
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("new.toml"), text).unwrap();
    let data = Data::read(folder.path()).unwrap();
    let plan = Plan::new(G5, vec![TarEntry::file("a", "content")]);
    for (op, name) in [(Op::LayerReconstruct, "reconstruct"), (Op::LayerIndex, "index")] {
        let mut family: Family<Value, Value> = Family::new(name);
        let layer = plan.layer();
        let input = json!({"blob": {"hex": ""}, "annotations": layer.annotations, "media_type": "m"});
        let output = json!({"toc_digest": layer.toc_digest, "more": 1});
        family.valid("g5", "a twin", "w", input, output).dialects(&[G5]);
        let mut blobs = Blobs::default();
        let error = data.add_to(op, &mut family, &mut blobs).unwrap_err();
        assert!(error.contains("the parts of this twin"), "{error}");
        family.keep_plan("g5", &plan);
        data.add_to(op, &mut family, &mut blobs).unwrap();
        let new = case(&family.into_cases(), &format!("{name}/new"));
        assert_eq!(new["input"]["media_type"], "m");
        let expected = edited(&plan, &[Edit::Toc(Box::new(Edit::Append(" ".into())))]).unwrap();
        assert_eq!(new["input"]["annotations"], json!(expected.annotations));
        assert_eq!(
            new["expect"],
            json!({"verdict": "valid", "output": {"toc_digest": expected.toc_digest, "more": 1}})
        );
    }
}

/// A group can be made once more from a twin of another dialect.
#[test]
fn a_group_is_made_again_in_another_dialect() {
    let text = "op = \"layer/reconstruct\"\n[[group]]\nagain = [{ op = \"layer/index\", dialect = \"g2\", twin = \"index/g2-a\" }]\n\
                twin = \"reconstruct/g5-a\"\nwhy = \"w\"\nrules = [\"JSN-01\"]\n\
                [[group.valid]]\nid = \"reconstruct/g5-new\"\ntitle = \"t\"\nedit.blob.append = \" \"\n\
                [[group.invalid]]\nid = \"reconstruct/other\"\nchange = \"c\"\nedit.blob.append = \"!\"\n";
    let data = Data::parse(Path::new("new.toml"), text.to_owned()).unwrap();
    let plan = Plan::new(G2, vec![TarEntry::file("a", "content")]);
    let mut family: Family<Value, Value> = Family::new("index");
    let output = json!({"toc_digest": plan.layer().toc_digest});
    family
        .valid("g2-a", "a twin", "w", json!({"blob": {"hex": ""}}), output)
        .dialects(&[G2]);
    family.keep_plan("g2-a", &plan);
    data.add_to(Op::LayerIndex, &mut family, &mut Blobs::default()).unwrap();
    let cases = family.into_cases();
    assert_eq!(
        cases.len(),
        3,
        "and not in g5, in which the group is not for this operation"
    );
    let valid = case(&cases, "index/g2-new");
    assert_eq!(
        (&valid["title"], &valid["dialects"]),
        (&json!("t, in g2"), &json!(["g2"]))
    );
    let mut family: Family<Value, Value> = Family::new("index");
    family.valid("g2-b", "a twin", "w", json!({}), json!({}));
    let error = data
        .add_to(Op::LayerIndex, &mut family, &mut Blobs::default())
        .unwrap_err();
    assert!(error.contains("has the id of its twin, index/g2-a"), "{error}");
}

#[test]
fn every_case_of_the_files_is_in_the_set() {
    let sources = Sources::of_repository(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let set = Set::embedded().unwrap();
    let ids = sources.data.ids();
    assert!(!ids.is_empty());
    for id in ids {
        assert!(set.find(id).is_some(), "{id}: no such operation adds it");
    }
}
