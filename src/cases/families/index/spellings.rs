//! Names that have several spellings in JSON, in whole layers of every dialect.

use super::{Blobs, Builder, Dialect, EditInPlace, Plan, Rule, Tag, TarEntry};
use crate::forge::{layer::Layer, tarsplit::go_string, zstd::frame};

/// Writes a name without its quotes.
type Spell = fn(&str) -> String;

/// A name with everything that JSON has a short escape for.
const CONTROLS: &str = "a\"b\\c\u{8}\u{c}\n\r\t\u{1f}d";
/// Characters outside the first plane, one of which is written as two escapes.
const BEYOND: &str = "e\u{1f600}\u{e9}\u{2028}";

impl Builder {
    pub(super) fn spellings(&mut self, blobs: &mut Blobs) {
        const WHY: &str =
            "A name is cut at an escaped quote, or stays as it is written, so that the file on disk has another.";
        for &dialect in Dialect::ALL {
            let plan = Plan::new(
                dialect,
                vec![
                    TarEntry::file("first", "one\n"),
                    TarEntry::file(CONTROLS, "two\n"),
                    TarEntry::file(BEYOND, "three\n"),
                    TarEntry::file("last", "four\n"),
                ],
            );
            let rows: [(&str, &str, Spell); 3] = [
                ("escapes-short", "names with every short escape of JSON", short),
                ("escapes-long", "names of long escapes alone", long),
                ("escapes-none", "names with as few escapes as JSON allows", few),
            ];
            for (slug, title, spell) in rows {
                let layer = respelled(&plan, &[CONTROLS, BEYOND], spell);
                self.valid(
                    blobs,
                    &format!("{dialect}-{slug}"),
                    &format!("{title}, in {dialect}"),
                    WHY,
                    &layer,
                )
                .rules(&[Rule::JsonSyntax])
                .dialects(&[dialect])
                .tags(&[Tag("interop")]);
            }
            let attributes = Plan::new(
                dialect,
                vec![TarEntry::file("a", "content\n").edit(|entry| {
                    entry.xattrs = ["Digest", "NAME", "name", "offset", "user.a\"b"]
                        .map(|name| (name.to_owned(), b"1".to_vec()))
                        .into();
                })],
            );
            self.valid(
                blobs,
                &format!("{dialect}-xattrs-like-keys"),
                &format!("extended attributes with the names of keys, in {dialect}"),
                "The name of an attribute is read as a key of its entry, and the entry has another name or digest.",
                &attributes.layer(),
            )
            .rules(&[Rule::JsonFoldedKey])
            .dialects(&[dialect])
            .tags(&[Tag("interop")]);
        }
    }
}

/// The layer of a plan whose TOC spells these names otherwise.
fn respelled(plan: &Plan, names: &[&str], spell: Spell) -> Layer {
    let payloads = plan.parts().payloads().edit(|payloads| {
        for name in names {
            let spelled = format!("\"{}\"", spell(name));
            payloads.toc_json = payloads.toc_json.replace(&go_string(name), &spelled);
        }
        payloads.toc = frame(payloads.toc_json.as_bytes());
    });
    payloads.place().layer()
}

/// With the short escape of each character that has one.
fn short(name: &str) -> String {
    let spell = |c: char| match c {
        '"' | '\\' | '/' => format!("\\{c}"),
        '\u{8}' => "\\b".to_owned(),
        '\u{c}' => "\\f".to_owned(),
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        '\t' => "\\t".to_owned(),
        _ => few(c.encode_utf8(&mut [0; 4])),
    };
    name.chars().map(spell).collect()
}

/// With a long escape for each character, in digits of either case.
fn long(name: &str) -> String {
    let spell = |(at, unit): (usize, u16)| {
        if at % 2 == 0 {
            format!("\\u{unit:04x}")
        } else {
            format!("\\u{unit:04X}")
        }
    };
    name.encode_utf16().enumerate().map(spell).collect()
}

/// With escapes where JSON allows nothing else.
fn few(name: &str) -> String {
    let spell = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        '\0'..' ' => format!("\\u{:04x}", u32::from(c)),
        _ => c.to_string(),
    };
    name.chars().map(spell).collect()
}
