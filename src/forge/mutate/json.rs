//! Changes of JSON documents: TOCs, and the lines of tar-splits.

use super::{VALUES, moved, noise, number, splice, swapped};
use crate::forge::{
    Edit,
    json::{Document, Shape},
    random::Random,
    words::Words,
};

/// A change of a document.
pub(crate) fn document(bytes: &[u8], words: &Words, random: &mut Random) -> Edit {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return noise(bytes, random);
    };
    let document = Document::of(text);
    if !document.is_whole || random.ratio(1, 15) {
        return noise(bytes, random);
    }
    if random.ratio(1, 20) {
        return around(text, random);
    }
    inside(&document, words, random)
}

/// A change of documents of which each has a line.
pub(crate) fn lines(bytes: &[u8], words: &Words, random: &mut Random) -> Edit {
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    let starts: Vec<usize> = lines
        .iter()
        .scan(0, |at, line| Some(std::mem::replace(at, *at + line.len())))
        .collect();
    let at = random.below(lines.len());
    let (Some(line), Some(&start)) = (lines.get(at), starts.get(at)) else {
        return noise(bytes, random);
    };
    match random.below(10) {
        0 => splice(start, line.len(), &[]),
        1 => splice(random.pick(&starts).copied().unwrap_or(0), 0, line),
        2 => {
            let other = random.below(lines.len());
            swapped(bytes, start..start + line.len(), {
                let from = starts.get(other).copied().unwrap_or(0);
                from..from + lines.get(other).map_or(0, |line| line.len())
            })
        }
        3 => {
            // Another end of the line.
            let ends: [&[u8]; 7] = [b"", b"\r\n", b"\n\n", b" ", b"\r", b",\n", b"\0\n"];
            let bare = line.strip_suffix(b"\n").unwrap_or(line).len();
            splice(start + bare, line.len() - bare, random.choose(&ends))
        }
        4 => noise(bytes, random),
        _ => {
            let bare = line.strip_suffix(b"\n").unwrap_or(line);
            in_line(document(bare, words, random), at, start, bare.len())
        }
    }
}

/// An edit of a line as one of all lines.
fn in_line(edit: Edit, number: usize, start: usize, length: usize) -> Edit {
    let pointer = |at: String| format!("/{number}{at}");
    match edit {
        Edit::Raw { at, to } => Edit::Raw { at: pointer(at), to },
        Edit::Remove(at) => Edit::Remove(pointer(at)),
        Edit::Append(piece) => splice(start + length, 0, piece.bytes()),
        Edit::Truncate(kept) => {
            let kept = usize::try_from(kept).unwrap_or(0).min(length);
            splice(start + kept, length - kept, &[])
        }
        Edit::Become(piece) => splice(start, length, piece.bytes()),
        other => moved(other, start),
    }
}

/// Something around the document, or white space in it.
fn around(text: &str, random: &mut Random) -> Edit {
    match random.below(8) {
        0 => splice(0, 0, "\u{feff}".as_bytes()),
        1 => Edit::Append("{}".into()),
        2 => Edit::Append("\0".into()),
        3 => Edit::Append("\u{c}".into()),
        4 => Edit::Become(text.replace(',', " \r\n\t,").as_str().into()),
        5 => Edit::Append(",".into()),
        6 => Edit::Append(" x".into()),
        _ => Edit::Become(format!("[{text}]").as_str().into()),
    }
}

/// A change of one value of a document that is whole.
pub(crate) fn inside(document: &Document<'_>, words: &Words, random: &mut Random) -> Edit {
    let index = random.below(document.places.len());
    match document.places.get(index).map(|place| place.kind) {
        Some(Shape::Object) => object(document, index, words, random),
        Some(Shape::Array) => array(document, index, random),
        Some(Shape::Atom) => {
            let to = match random.below(6) {
                // What is elsewhere.
                0 => document.value(random.below(document.places.len())).to_owned(),
                1 => value(words, random),
                2 => random.pick(VALUES).copied().unwrap_or("0").to_owned(),
                _ => atom(document.value(index), random),
            };
            put(document, index, to)
        }
        None => splice(0, 0, b"0"),
    }
}

/// Puts a text in the place of a value.
fn put(document: &Document<'_>, index: usize, to: String) -> Edit {
    match document.pointer(index) {
        Some(at) => Edit::Raw { at, to },
        None => {
            let range = document.places.get(index).map_or(0..0, |place| place.value.clone());
            splice(range.start, range.len(), to.as_bytes())
        }
    }
}

fn removed(document: &Document<'_>, index: usize) -> Edit {
    document.pointer(index).map_or_else(
        || {
            let hole = document.hole(index);
            splice(hole.start, hole.len(), &[])
        },
        Edit::Remove,
    )
}

fn inserted(document: &Document<'_>, parent: usize, before: usize, item: &str) -> Edit {
    let (at, item) = document.gap(parent, before, item);
    splice(at, 0, item.as_bytes())
}

fn value(words: &Words, random: &mut Random) -> String {
    let known = if random.flip() { words.values } else { VALUES };
    random.pick(known).copied().unwrap_or("0").to_owned()
}

fn object(document: &Document<'_>, index: usize, words: &Words, random: &mut Random) -> Edit {
    let keys: Vec<&str> = document
        .places
        .iter()
        .filter_map(|place| document.text.get(place.key.clone()?))
        .collect();
    let known = words.keys.concat();
    let key = match random.pick(&keys) {
        Some(key) if random.ratio(1, 3) => (*key).to_owned(),
        _ => format!("\"{}\"", random.pick(&known).copied().unwrap_or_default()),
    };
    let members = document.children(index);
    let place = random.below(members.len() + 1);
    let Some(&member) = random.pick(&members).filter(|_| random.ratio(2, 3)) else {
        return inserted(document, index, place, &format!("{key}:{}", value(words, random)));
    };
    let span = document.span(member);
    let respell = |to: &str| {
        let range = document
            .places
            .get(member)
            .and_then(|place| place.key.clone())
            .unwrap_or(0..0);
        splice(range.start, range.len(), to.as_bytes())
    };
    match random.below(5) {
        0 => removed(document, member),
        1 => inserted(document, index, place, document.text.get(span).unwrap_or_default()),
        2 => {
            let other = random.pick(&members).copied().unwrap_or(member);
            swapped(document.text.as_bytes(), span, document.span(other))
        }
        3 => respell(&key),
        _ => {
            let range = document
                .places
                .get(member)
                .and_then(|place| place.key.clone())
                .unwrap_or(0..0);
            respell(&spelled(document.text.get(range).unwrap_or_default(), random))
        }
    }
}

/// A key in another spelling.
fn spelled(key: &str, random: &mut Random) -> String {
    let bare = key.trim_matches('"');
    let mut letters = bare.chars();
    let first = letters.next();
    let rest = letters.as_str();
    match (random.below(8), first) {
        (0, _) => format!("\"{}\"", bare.to_uppercase()),
        (1, _) => format!("\"{}\"", bare.to_lowercase()),
        (2, _) => format!("\"{bare}\\u0000\""),
        (3, _) => format!("\" {bare}\""),
        (4, _) => format!("\"{}\"", bare.replace('s', "\u{17f}").replace('k', "\u{212a}")),
        (5, Some(first)) => format!("\"\\u{:04x}{rest}\"", u32::from(first)),
        (6, Some(first)) => format!("\"{}{rest}\"", first.to_uppercase()),
        _ => format!("\"{bare}x\""),
    }
}

fn array(document: &Document<'_>, index: usize, random: &mut Random) -> Edit {
    let items = document.children(index);
    let odd = random.pick(VALUES).copied().unwrap_or("0");
    let (Some(&item), Some(&other)) = (random.pick(&items), random.pick(&items)) else {
        return inserted(document, index, 0, odd);
    };
    match random.below(5) {
        0 => removed(document, item),
        1 => inserted(document, index, random.below(items.len() + 1), document.value(item)),
        2 => swapped(document.text.as_bytes(), document.span(item), document.span(other)),
        // Members of one item in another.
        3 if item != other && document.value(other).starts_with('{') && document.value(item).starts_with('{') => {
            let members: Vec<&str> = document
                .children(other)
                .into_iter()
                .filter_map(|member| document.text.get(document.span(member)))
                .collect();
            inserted(document, item, usize::MAX, &members.join(","))
        }
        _ => put(document, item, odd.to_owned()),
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
        4 => old.saturating_neg().to_string(),
        5 => format!("{atom}0000000000"),
        _ => number(u64::try_from(old).unwrap_or_default(), random).to_string(),
    }
}

/// What is put into texts.
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

/// The inside of a string with one change.
pub(crate) fn text(text: &str, random: &mut Random) -> String {
    let letters: Vec<char> = text.chars().collect();
    let at = random.below(letters.len() + 1);
    let (before, after) = letters.split_at(at);
    let rest = after.get(1..).unwrap_or_default();
    let join = |before: &[char], between: &str, after: &[char]| -> String {
        let before = before.iter().copied();
        before.chain(between.chars()).chain(after.iter().copied()).collect()
    };
    match random.below(8) {
        0 => before.iter().collect(),
        1 => after.iter().collect(),
        2 => join(before, "", rest),
        3 => text.to_uppercase(),
        4 => match after.first() {
            Some(&letter) if letter != '\\' => join(before, &format!("\\u{:04x}", u32::from(letter) & 0xffff), rest),
            _ => format!("{text} "),
        },
        5 => join(before, random.choose(&PIECES), rest),
        _ => join(before, random.choose(&PIECES), after),
    }
}

#[cfg(test)]
mod tests {
    use super::{document, lines};
    use crate::forge::{Kind, mutate::applied, random::Random, words};

    #[test]
    fn changes_change_something_and_most_stay_json() {
        let toc = br#"{"version":1,"entries":[{"type":"reg","name":"a","xattrs":{}},{"type":"dir","name":"d"}]}"#;
        let split = b"{\"type\":2,\"payload\":\"AAAA\",\"position\":0}\n{\"type\":1,\"name\":\"a\",\"position\":1}\n";
        let (mut changed, mut json) = (0, 0);
        for run in 0..3000 {
            let edit = document(toc, &words::TOC, &mut Random::of_run(1, run));
            let result = applied(&edit, toc, Kind::Json);
            changed += usize::from(result != toc);
            json += usize::from(serde_json::from_slice::<serde_json::Value>(&result).is_ok());
            let edit = lines(split, &words::TAR_SPLIT, &mut Random::of_run(2, run));
            changed += usize::from(applied(&edit, split, Kind::Lines) != split);
        }
        assert!(changed > 5000, "{changed} of 6000");
        assert!(json > 2000, "{json} of 3000");
    }
}
