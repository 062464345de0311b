//! Mutations behind an outer layer: of a JSON document, which random bytes hardly ever leave one.

use super::tree::Tree;
use crate::forge::random::Random;

/// Writes the new input into the fuzzer's buffer, and returns its length; none if it does not fit or there is none.
pub(super) fn replace(data: &mut [u8], with: Option<&[u8]>, max_size: usize) -> Option<usize> {
    let with = with.filter(|with| with.len() <= max_size)?;
    data.get_mut(..with.len())?.copy_from_slice(with);
    Some(with.len())
}

/// Numbers at which something overflows or changes its meaning.
const NUMBERS: &[&str] = &[
    "0",
    "1",
    "2",
    "-1",
    "-0",
    "8",
    "511",
    "512",
    "513",
    "2147483647",
    "2147483648",
    "4294967295",
    "4294967296",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809",
    "18446744073709551615",
    "18446744073709551616",
    "1.0",
    "1e3",
    "1e999",
];

/// Text that a string can hold but a plain name does not.
const TEXTS: &[&str] = &[
    "",
    ".",
    "..",
    "/",
    "./",
    "../a",
    "a/../b",
    "a//b",
    "a",
    "b/",
    "\0",
    "\u{17f}ize",
    "\u{fffd}",
    "\u{2028}<>&",
    "AAAA",
    "AAAA=",
    "AA==",
    "AB==",
];

/// One of the words, of whatever list.
fn word(words: &[&[&'static str]], random: &mut Random) -> &'static str {
    let all = words.iter().map(|list| list.len()).sum();
    let at = random.below(all);
    words.iter().copied().flatten().nth(at).copied().unwrap_or_default()
}

/// Makes one change in the document.
pub(super) fn mutate_json(tree: &mut Tree, words: &[&[&'static str]], random: &mut Random) {
    match tree {
        Tree::Object(items) if !items.is_empty() && random.below(4) > 0 => {
            if let Some((_, item)) = random.pick_mut(items) {
                mutate_json(item, words, random);
            }
        }
        Tree::Array(items) if !items.is_empty() && random.below(8) > 0 => {
            if let Some(item) = random.pick_mut(items) {
                mutate_json(item, words, random);
            }
        }
        Tree::Object(items) => mutate_object(items, words, random),
        Tree::Array(items) => mutate_list(items, random),
        other => *other = scalar(other, words, random),
    }
}

fn mutate_object(items: &mut Vec<(String, Tree)>, words: &[&[&'static str]], random: &mut Random) {
    let at = random.below(items.len());
    match random.below(6) {
        0 if !items.is_empty() => drop(items.remove(at)),
        1 => items.extend(random.pick(items).cloned()),
        2 => {
            let known = word(words, random).to_owned();
            if let Some((key, _)) = items.get_mut(at) {
                *key = known;
            }
        }
        3 => {
            if let Some((key, _)) = items.get_mut(at) {
                *key = other_case(key, random);
            }
        }
        4 => {
            let to = random.below(items.len());
            if at < items.len() && to < items.len() {
                items.swap(at, to);
            }
        }
        _ => {
            let known = word(words, random).to_owned();
            let value = scalar(&Tree::Null, words, random);
            items.insert(at, (known, value));
        }
    }
}

fn mutate_list(items: &mut Vec<Tree>, random: &mut Random) {
    let (at, to) = (random.below(items.len()), random.below(items.len()));
    match random.below(3) {
        0 if at < items.len() => drop(items.remove(at)),
        1 if at < items.len() => items.swap(at, to),
        _ => {
            let copy = items.get(at).cloned().unwrap_or_else(|| Tree::Object(Vec::new()));
            items.insert(to, copy);
        }
    }
}

/// Another value in the place of this one.
fn scalar(old: &Tree, words: &[&[&'static str]], random: &mut Random) -> Tree {
    let number = |random: &mut Random| Tree::Raw(random.pick(NUMBERS).copied().unwrap_or("0").to_owned());
    match (old, random.below(8)) {
        (Tree::Integer(value), 0..=2) => {
            let step = [1, -1, 8, -8, 512, i128::from(i64::MAX), 1 << 32];
            Tree::Integer(value + random.pick(&step).copied().unwrap_or(1))
        }
        (Tree::Integer(_), 3..=5) => number(random),
        (Tree::Text(text), 0..=3) => Tree::Text(changed(text, random)),
        (_, 4) => Tree::Text(random.pick(TEXTS).copied().unwrap_or_default().to_owned()),
        (_, 5) => number(random),
        (_, 6) => random
            .pick(&[
                Tree::Null,
                Tree::Bool(true),
                Tree::Array(Vec::new()),
                Tree::Object(Vec::new()),
                Tree::Raw("\"\\ud800\"".to_owned()),
            ])
            .cloned()
            .unwrap_or(Tree::Null),
        _ => Tree::Text(word(words, random).to_owned()),
    }
}

/// The text with one letter changed, left out or put in.
fn changed(text: &str, random: &mut Random) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let at = random.below(letters.len() + 1);
    let letter = random.pick(&['0', '1', '9', ':', '-', '.', '/', 'A', 'a', 'Z', '=', '+', '\u{e9}']);
    let letter = letter.copied().unwrap_or('0');
    match (random.below(3), letters.get_mut(at)) {
        (0, Some(old)) => *old = letter,
        (1, Some(_)) => drop(letters.remove(at)),
        _ => letters.insert(at, letter),
    }
    letters.into_iter().collect()
}

fn other_case(key: &str, random: &mut Random) -> String {
    match random.below(3) {
        0 => key.to_uppercase(),
        1 => key.replace('s', "\u{17f}"),
        _ => {
            let mut letters = key.chars();
            let first = letters.next().into_iter().flat_map(char::to_uppercase);
            first.chain(letters).collect()
        }
    }
}
