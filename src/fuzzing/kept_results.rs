//! Results that are kept: any bytes as a file of `run --record`.
//!
//! What is read is printed and read again, the same text each time, a file of its own has a name that stays in its folder, and
//! nothing in it is there twice, as another parser sees it. What is not read is refused in one sentence.

use super::tree::{Opinion, read};
use crate::{outside::Outside, results::Results};

/// Runs the fuzz target.
///
/// # Panics
///
/// On a disagreement, which is a finding for the fuzzer.
#[expect(clippy::panic, reason = "a panic is how a fuzz target reports a finding")]
pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let results: Results = match text.parse() {
        Ok(results) => results,
        Err(error) => {
            if Outside::sentence(&error.to_string()).to_string().is_empty() {
                panic!("{text:?} is refused without a word");
            }
            return;
        }
    };
    let printed = results.text().unwrap_or_default();
    let again: Result<Results, _> = printed.parse();
    if again.as_ref() != Ok(&results) || again.is_ok_and(|again| again.text().ok().as_ref() != Some(&printed)) {
        panic!("{results:?} is printed as {printed:?}, which is read otherwise");
    }
    match read(bytes) {
        Opinion::Tree(tree) if !tree.repeats_a_key() => {}
        Opinion::Unknown => {}
        Opinion::Tree(_) | Opinion::NotJson => panic!("{text:?} is read, and has a key twice or is no JSON"),
    }
    let name = results.file_name();
    let is_plain = |c: char| c.is_alphanumeric() || ".-+_".contains(c);
    if name.starts_with('.') || !name.chars().all(is_plain) || name.chars().count() > 65 {
        panic!("{name:?} is no name of a file");
    }
}
