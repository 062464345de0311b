//! `scripts/schemata` over a program of a few lines: with a mutant switched on, it does what it does if that mutant alone is written
//! into its source. And `docs/mutants.md` beside what is stored.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json as value};

use crate::{
    clients::succeed,
    scripts::{run, text},
    support::{json, root},
};

const SOURCE: &str = r#"
mod format { pub mod switched; }

#[derive(Clone, Copy, Debug, Default)]
struct Pair { left: u8, right: u8 }

fn sum(a: u8, b: u8) -> u8 { a.wrapping_add(b) }
fn nested(a: u8, b: u8) -> bool { a < b && b != 7 || a.wrapping_mul(2) == 6 }
fn bits(mut a: u32, b: u32) -> u32 { a ^= b << 2; a += 1; (a & 15) | (b >> 1) }
const fn ordinary(a: u8) -> u8 { a ^ 9 }
const fn constant(a: u8) -> u8 { a + 2 }
const FOUR: u8 = constant(2);
const SIX: u8 = FOUR | 2;
fn arms(a: u8) -> &'static str {
    match a { 0 => "none", 1 | 2 => "few", n if n > 5 && n != 7 => "many", _ => "some" }
}
fn negated(a: i8, b: bool) -> (i8, bool) { (-a, !b) }
fn pair(a: u8) -> Pair { Pair { left: a, ..Pair { left: 1, right: 2 } } }
fn chain(a: Option<u8>) -> bool { if let Some(b) = a && b > 3 { true } else { false } }
fn values() -> impl Iterator<Item = u8> { [1, 2].into_iter() }

fn main() {
    let on = std::env::args().nth(1).map_or(0, |number| number.parse().unwrap());
    format::switched::NOW.store(on, std::sync::atomic::Ordering::Relaxed);
    for a in 0..9 {
        for b in 0..9 {
            let first = (sum(a, b), nested(a, b), bits(a.into(), b.into()), ordinary(a), constant(a), FOUR, SIX, arms(a));
            println!("{:?} {:?}", first, (negated(a as i8, a < b), pair(a), chain(Some(a)), values().sum::<u8>()));
        }
    }
}
"#;

/// Mutants by kind, the text around the change, what is changed in it, and to what.
const MUTANTS: [(&str, &str, &str, &str); 32] = [
    ("FnValue", "{ a.wrapping_add(b) }", "a.wrapping_add(b)", "0"),
    ("FnValue", "{ a.wrapping_add(b) }", "a.wrapping_add(b)", "1"),
    // Does not compile.
    ("FnValue", "{ a.wrapping_add(b) }", "a.wrapping_add(b)", "\"xyzzy\""),
    ("BinaryOperator", "a < b && b", "<", "<="),
    ("BinaryOperator", "a < b && b", "<", "=="),
    ("BinaryOperator", "a < b && b", "<", ">"),
    ("BinaryOperator", "a < b && b", "&&", "||"),
    ("BinaryOperator", "b != 7", "!=", "=="),
    ("BinaryOperator", "|| a.wrapping_mul", "||", "&&"),
    ("BinaryOperator", "(2) == 6", "==", "!="),
    ("BinaryOperator", "a ^= b", "^=", "|="),
    ("BinaryOperator", "a ^= b", "^=", "&="),
    ("BinaryOperator", "b << 2", "<<", ">>"),
    ("BinaryOperator", "a += 1", "+=", "-="),
    ("BinaryOperator", "a & 15", "&", "|"),
    ("BinaryOperator", ") | (", "|", "^"),
    ("BinaryOperator", "b >> 1", ">>", "<<"),
    ("FnValue", "{ a ^ 9 }", "a ^ 9", "0"),
    ("BinaryOperator", "a ^ 9", "^", "&"),
    // In what a constant calls, and in a constant.
    ("BinaryOperator", "a + 2", "+", "*"),
    ("BinaryOperator", "FOUR | 2", "|", "&"),
    ("MatchArm", "0 => \"none\",", "0 => \"none\",", ""),
    ("MatchArm", "1 | 2 => \"few\",", "1 | 2 => \"few\",", ""),
    (
        "MatchArm",
        "n if n > 5 && n != 7 => \"many\",",
        "n if n > 5 && n != 7 => \"many\",",
        "",
    ),
    ("MatchArmGuard", "if n > 5 && n != 7", "n > 5 && n != 7", "true"),
    ("MatchArmGuard", "if n > 5 && n != 7", "n > 5 && n != 7", "false"),
    ("BinaryOperator", "n > 5 &&", ">", ">="),
    ("BinaryOperator", "5 && n", "&&", "||"),
    ("UnaryOperator", "(-a", "-", ""),
    ("UnaryOperator", "!b)", "!", ""),
    ("StructField", "left: a,", "left: a,", ""),
    // A chain with `let`.
    ("BinaryOperator", "= a && b > 3", "&&", "||"),
];

/// The mutants, counted from 1, that no switch can turn on.
const WITHOUT: [u32; 4] = [3, 20, 21, 32];

/// Where a mutant is in the source, and what is changed there.
fn place(index: usize) -> (usize, &'static str) {
    let (_, around, changed, _) = MUTANTS[index];
    let [start] = SOURCE.match_indices(around).map(|(at, _)| at).collect::<Vec<_>>()[..] else {
        panic!("{around} is not there once");
    };
    (start + around.find(changed).expect("the change"), changed)
}

fn listing() -> Value {
    let mutants = MUTANTS.iter().enumerate().map(|(index, (genre, _, _, replacement))| {
        let before = &SOURCE[..place(index).0];
        let line = before.matches('\n').count() + 1;
        let column = before.len() - before.rfind('\n').map_or(0, |at| at + 1) + 1;
        value!({
            "number": index + 1, "file": "main.rs", "genre": genre, "replacement": replacement,
            "span": { "start": { "line": line, "column": column } },
        })
    });
    mutants.collect()
}

/// A program, or none if it does not compile.
fn compile(folder: &Path, source: &str) -> Option<PathBuf> {
    fs::create_dir_all(folder.join("format")).expect("a folder");
    fs::write(folder.join("main.rs"), source).expect("a file");
    fs::copy(
        root().join("scripts/schemata/switched.rs"),
        folder.join("format/switched.rs"),
    )
    .expect("a copy");
    let mut rustc = Command::new("rustc");
    rustc.args([
        "--edition",
        "2024",
        "--cap-lints",
        "allow",
        "-C",
        "debug-assertions=no",
        "main.rs",
    ]);
    let output = rustc.current_dir(folder).output().expect("rustc");
    output.status.success().then(|| folder.join("main"))
}

fn says(program: &Path, number: u32) -> String {
    text(&succeed(Command::new(program).arg(number.to_string())).stdout)
}

#[test]
fn a_switch_does_what_the_mutant_does_by_itself() {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("schemata");
    let mut build = Command::new(env!("CARGO"));
    let manifest = root().join("scripts/schemata/Cargo.toml");
    build
        .args(["build", "--quiet", "--locked", "--manifest-path"])
        .arg(manifest);
    succeed(build.env("CARGO_TARGET_DIR", &target).env_remove("RUSTFLAGS"));

    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    let mut mutants = listing();
    let (listed, edits) = (here.join("mutants.json"), here.join("edits.json"));
    let rewritten = |mutants: &Value| {
        fs::write(here.join("main.rs"), SOURCE).expect("a file");
        fs::write(&listed, mutants.to_string()).expect("a file");
        let mut schemata = Command::new(target.join("debug/schemata"));
        succeed(schemata.arg(here).arg(&listed).arg(&edits).arg("constant"));
        fs::read_to_string(here.join("main.rs")).expect("the source")
    };
    // The one that does not compile is in an edit of its own, by which it is known.
    let source = rewritten(&mutants);
    let edits_of = |number: u32| -> Vec<Value> {
        let of_file = json(&edits)["main.rs"].as_array().expect("edits").clone();
        of_file
            .into_iter()
            .filter(|edit| edit["mutants"] == value!([number]))
            .collect()
    };
    let [broken] = &edits_of(3)[..] else {
        panic!("{:?}", edits_of(3))
    };
    let at = |name: &str| usize::try_from(broken[name].as_u64().expect("a number")).expect("an offset");
    assert!(source[at("start")..at("end")].contains("xyzzy"));
    assert!(compile(here, &source).is_none());

    mutants.as_array_mut().expect("mutants").remove(2);
    let source = rewritten(&mutants);
    let program = compile(here, &source).unwrap_or_else(|| panic!("{source}"));
    let switched: BTreeSet<u64> = json(&edits)["main.rs"]
        .as_array()
        .expect("edits")
        .iter()
        .flat_map(|edit| edit["mutants"].as_array().expect("numbers").clone())
        .filter_map(|number| number.as_u64())
        .collect();
    let all = 1..=u32::try_from(MUTANTS.len()).expect("a number");
    let expected: BTreeSet<u64> = all
        .clone()
        .filter(|number| !WITHOUT.contains(number))
        .map(u64::from)
        .collect();
    assert_eq!(switched, expected);

    let alone = tempfile::tempdir().expect("a folder");
    let plain = says(&compile(alone.path(), SOURCE).expect("a program"), 0);
    assert_eq!(says(&program, 0), plain);
    for number in all.filter(|number| !WITHOUT.contains(number)) {
        let index = usize::try_from(number - 1).expect("an index");
        let (start, changed) = place(index);
        let mutated = [&SOURCE[..start], MUTANTS[index].3, &SOURCE[start + changed.len()..]].concat();
        let by_itself = says(
            &compile(alone.path(), &mutated).unwrap_or_else(|| panic!("{mutated}")),
            0,
        );
        assert_ne!(by_itself, plain, "{number} changes nothing");
        assert_eq!(says(&program, number), by_itself, "{number}: {:?}", MUTANTS[index]);
    }
}

/// The table is that of the stored results, and each survivor is listed with a reason.
#[test]
fn the_document_has_the_stored_results() {
    let output = run(root(), "scripts/mutants", &["report"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let document = fs::read_to_string(root().join("docs/mutants.md")).expect("the document");
    let (_, tables) = document.split_once("<!-- table: results -->\n\n").expect("a mark");
    let (tables, _) = tables.split_once("\n<!-- end: results -->").expect("a mark");
    // Whether src/format has changed since is not of the table.
    assert!(
        text(&output.stdout).starts_with(tables),
        "run `scripts/mutants report --write docs/mutants.md`"
    );
}
