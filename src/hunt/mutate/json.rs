//! JSON documents: TOCs, and the lines of tar-splits.

use super::{noise, number};
use crate::{forge::random::Random, fuzzing::words::TOC_KEYS, hunt::tree::Node};

/// Keys and values that a kind of document knows.
#[derive(Clone, Copy)]
pub(super) struct Words {
    keys: &'static [&'static [&'static str]],
    /// As JSON.
    values: &'static [&'static str],
}

pub(super) const TOC: Words = Words {
    keys: &[&TOC_KEYS, &["version", "entries", "tarSplitDigest", "Name", "TYPE"]],
    values: &[
        r#""reg""#,
        r#""dir""#,
        r#""symlink""#,
        r#""hardlink""#,
        r#""char""#,
        r#""block""#,
        r#""fifo""#,
        r#""chunk""#,
        r#""REG""#,
        r#""zeros""#,
        r#""data""#,
        r#""2020-01-02T03:04:05Z""#,
        r#""2020-01-02T03:04:05.123456789Z""#,
        r#""2020-01-02T03:04:05+01:00""#,
        r#""2020-02-30T00:00:00Z""#,
        r#""0001-01-01T00:00:00Z""#,
        r#""1970-01-01T00:00:00Z""#,
        r#""9999-12-31T23:59:59Z""#,
        r#""10000-01-01T00:00:00Z""#,
        r#""2020-01-02T24:00:00Z""#,
        r#""2020-01-02t03:04:05z""#,
        r#""2016-12-31T23:59:60Z""#,
        r#""2020-01-02 03:04:05Z""#,
        r#""2020-01-02T03:04:05,5Z""#,
        r#""2020-01-02T03:04:05-00:00""#,
        r#""2020-01-02T03:04:05+24:00""#,
        r#""sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855""#,
        r#""SHA256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855""#,
        r#""sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855""#,
        r#""sha256:00""#,
        r#""sha512:00""#,
        r#""md5:d41d8cd98f00b204e9800998ecf8427e""#,
        r#"{"user.a":"YQ=="}"#,
        r#"{"user.a":"YQ"}"#,
        r#"{"user.a":"Y Q=="}"#,
        r#"{"user.a":"_-8="}"#,
        r#"{"":""}"#,
        r#"{"user.a":null}"#,
        "511",
        "4095",
        "32768",
        "16877",
        "4096",
    ],
};

pub(super) const TAR_SPLIT: Words = Words {
    keys: &[&[
        "type", "name", "name_raw", "size", "payload", "position", "Type", "payLoad", "mode",
    ]],
    values: &[
        "1",
        "2",
        "3",
        "0",
        r#""1""#,
        r#""AAAAAAAAAAA=""#,
        r#""AAAAAAAAAAA""#,
        r#""AAAA""#,
        r#""AA==""#,
        r#""AB==""#,
        r#""AAAA AAAA""#,
        r#""AAAA\nAAAA""#,
        r#""____""#,
        r#""/w==""#,
        r#""Lw==""#,
    ],
};

/// Values that any JSON document may hold.
const VALUES: &[&str] = &[
    "null",
    "true",
    "false",
    "0",
    "-0",
    "1",
    "-1",
    "1.0",
    "1.5",
    "1e0",
    "1e2",
    "1E400",
    "-1e-400",
    "00",
    "+1",
    ".5",
    "1.",
    "2147483648",
    "4294967296",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775808",
    "-9223372036854775809",
    "9223372036854775807.0",
    "[]",
    "{}",
    "[[]]",
    "[null]",
    r#""""#,
    r#"" ""#,
    r#""0""#,
    r#"".""#,
    r#""..""#,
    r#""/""#,
    r#""a//b""#,
    r#""a/./b""#,
    r#""../a""#,
    r#""a/../../b""#,
    r#""/a/""#,
    r#""\u0000""#,
    r#""a\u0000b""#,
    r#""\ud800""#,
    r#""\ud83d\ude00""#,
    r#""\ude00\ud83d""#,
    r#""é""#,
    r#""e\u0301""#,
    r#""a\/b""#,
    r#""a\\b""#,
    r#""\n""#,
    r#""\x41""#,
    r#""\u00""#,
    "NaN",
    "Infinity",
    "'a'",
    "\"\t\"",
    "\"\u{7f}\"",
    "\"\u{feff}\"",
    r#""\ufffd""#,
    r#""<>&\u2028""#,
];

/// A document with one change.
pub(super) fn document(bytes: &[u8], words: Words, random: &mut Random) -> Vec<u8> {
    let tree = std::str::from_utf8(bytes).ok().and_then(Node::parse);
    match tree {
        Some(mut tree) if random.ratio(14, 15) => {
            change(&mut tree, words, random);
            written(&tree, random)
        }
        _ => noise(bytes, random),
    }
}

/// Lines of documents with one change.
pub(super) fn lines(bytes: &[u8], words: Words, random: &mut Random) -> Vec<u8> {
    let mut lines: Vec<Vec<u8>> = bytes
        .split_inclusive(|byte| *byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect();
    if lines.is_empty() {
        return noise(bytes, random);
    }
    let at = random.below(lines.len());
    match random.below(10) {
        0 => {
            lines.remove(at);
        }
        1 => lines.insert(at, lines[at].clone()),
        2 => {
            let other = random.below(lines.len());
            lines.swap(at, other);
        }
        3 => {
            // Another end of the line.
            while lines[at].last() == Some(&b'\n') {
                lines[at].pop();
            }
            let end: &[u8] = [&b""[..], b"\r\n", b"\n\n", b" ", b"\r", b",\n", b"\0\n"][random.below(7)];
            lines[at].extend(end);
        }
        4 => return noise(bytes, random),
        _ => {
            let line = lines[at].strip_suffix(b"\n").unwrap_or(&lines[at]).to_vec();
            lines[at] = document(&line, words, random);
            lines[at].push(b'\n');
        }
    }
    lines.concat()
}

/// The document as text; now and then with something around it or white space in it.
fn written(tree: &Node, random: &mut Random) -> Vec<u8> {
    let mut text = tree.to_string();
    if random.ratio(1, 20) {
        text = match random.below(7) {
            0 => format!("\u{feff}{text}"),
            1 => format!("{text}{{}}"),
            2 => format!("{text}\0"),
            3 => format!("{text}\u{c}"),
            4 => text.replace(',', " \r\n\t,"),
            5 => format!("{text},"),
            _ => format!("[{text}]"),
        };
    }
    text.into_bytes()
}

/// One change to a document.
pub(crate) fn change(tree: &mut Node, words: Words, random: &mut Random) {
    let atoms: Vec<String> = tree.atoms().into_iter().map(str::to_owned).collect();
    let keys: Vec<String> = tree.keys().into_iter().map(str::to_owned).collect();
    let index = random.below(tree.count());
    let Some(node) = tree.nth(index) else {
        return;
    };
    match node {
        Node::Object(members) => object(members, words, &keys, random),
        Node::Array(elements) => array(elements, random),
        Node::Atom(text) => {
            *node = match random.below(6) {
                // What stands elsewhere.
                0 if !atoms.is_empty() => Node::Atom(atoms[random.below(atoms.len())].clone()),
                1 => value(words, random),
                2 => Node::atom(VALUES[random.below(VALUES.len())]),
                _ => Node::Atom(atom(text, random)),
            };
        }
    }
}

fn value(words: Words, random: &mut Random) -> Node {
    let known = if random.ratio(1, 2) { words.values } else { VALUES };
    let text = known[random.below(known.len())];
    Node::parse(text).unwrap_or_else(|| Node::atom(text))
}

fn object(members: &mut Vec<(String, Node)>, words: Words, keys: &[String], random: &mut Random) {
    let known = words.keys.concat();
    let key = if random.ratio(1, 3) && !keys.is_empty() {
        keys[random.below(keys.len())].clone()
    } else {
        format!("\"{}\"", known[random.below(known.len())])
    };
    let place = random.below(members.len() + 1);
    if members.is_empty() || random.ratio(1, 3) {
        members.insert(place, (key, value(words, random)));
        return;
    }
    let at = random.below(members.len());
    match random.below(5) {
        0 => {
            members.remove(at);
        }
        1 => members.insert(place, members[at].clone()),
        2 => {
            let member = members.remove(at);
            members.insert(place.min(members.len()), member);
        }
        3 => members[at].0 = key,
        _ => members[at].0 = spelled(&members[at].0, random),
    }
}

/// A key in another spelling.
fn spelled(key: &str, random: &mut Random) -> String {
    let bare = key.trim_matches('"');
    match random.below(7) {
        0 => format!("\"{}\"", bare.to_uppercase()),
        1 => format!("\"{}\"", bare.to_lowercase()),
        2 => format!("\"{bare}\\u0000\""),
        3 => format!("\" {bare}\""),
        4 => format!("\"{}\"", bare.replace('s', "\u{17f}").replace('k', "\u{212a}")),
        5 => match bare.chars().next() {
            Some(first) => format!("\"\\u{:04x}{}\"", u32::from(first), &bare[first.len_utf8()..]),
            None => "\"\"".to_owned(),
        },
        _ => format!("\"{bare}x\""),
    }
}

fn array(elements: &mut Vec<Node>, random: &mut Random) {
    if elements.is_empty() {
        elements.push(Node::atom(VALUES[random.below(VALUES.len())]));
        return;
    }
    let at = random.below(elements.len());
    let other = random.below(elements.len());
    match random.below(5) {
        0 => {
            elements.remove(at);
        }
        1 => elements.insert(other, elements[at].clone()),
        2 => elements.swap(at, other),
        3 => elements[at] = Node::atom(VALUES[random.below(VALUES.len())]),
        // Members of one element in another.
        _ => {
            if let (Node::Object(from), true) = (elements[other].clone(), at != other)
                && let Node::Object(members) = &mut elements[at]
            {
                members.extend(from);
            }
        }
    }
}

/// An atom with one change: a number near it, another spelling, a letter more or less.
fn atom(atom: &str, random: &mut Random) -> String {
    if let Some(inner) = atom.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        return match random.below(12) {
            // A string for a number.
            0 => inner.to_owned(),
            _ => format!("\"{}\"", text(inner, random)),
        };
    }
    let Ok(old) = atom.parse::<i128>() else {
        return format!("\"{atom}\"");
    };
    match random.below(9) {
        0 => format!("\"{atom}\""),
        1 => format!("{atom}.0"),
        2 => format!("{atom}e0"),
        3 => format!("0{atom}"),
        4 => (-old).to_string(),
        5 => format!("{atom}0000000000"),
        _ => number(u64::try_from(old).unwrap_or_default(), random).to_string(),
    }
}

/// The inside of a string with one change.
pub(super) fn text(text: &str, random: &mut Random) -> String {
    const PIECES: [&str; 20] = [
        "/",
        "//",
        "/.",
        "/..",
        "../",
        "./",
        " ",
        "\\u0000",
        "\\n",
        "\\\\",
        "é",
        "\\ud800",
        ":",
        "=",
        "0",
        "A",
        "f",
        "-",
        ".",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ];
    let letters: Vec<char> = text.chars().collect();
    let at = random.below(letters.len() + 1);
    let (before, after) = letters.split_at(at);
    let join = |before: &[char], between: &str, after: &[char]| -> String {
        before
            .iter()
            .copied()
            .chain(between.chars())
            .chain(after.iter().copied())
            .collect()
    };
    match random.below(8) {
        0 => before.iter().collect(),
        1 => after.iter().collect(),
        2 => join(before, "", after.get(1..).unwrap_or_default()),
        3 => text.to_uppercase(),
        4 => match after.first() {
            Some(&letter) if letter != '\\' => {
                join(before, &format!("\\u{:04x}", u32::from(letter) & 0xffff), &after[1..])
            }
            _ => format!("{text} "),
        },
        5 => join(
            before,
            PIECES[random.below(PIECES.len())],
            after.get(1..).unwrap_or_default(),
        ),
        _ => join(before, PIECES[random.below(PIECES.len())], after),
    }
}
