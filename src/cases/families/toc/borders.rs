//! Documents in which the end of a usual buffer cuts something in two.

use super::{Builder, Decimal, EditInPlace, EntryOutput, EntryTypeOutput, G5, Rule, Tag, TocInput, TocOutput, entry};

/// The multiples of this are cut at: readers have buffers of 4, 8, 16, 32 and 64 KiB, and this divides them all.
const BORDER: usize = 4096;
const BORDERS: usize = 20;

/// An entry that is cut: its JSON, where in it the cut is, and what a reader makes of it.
struct Cut {
    json: String,
    at: usize,
    entry: EntryOutput,
}

impl Builder<'_> {
    pub(super) fn borders(&mut self) {
        const WHY: &str = "What the end of a buffer cuts in two is read as it is in the buffer: as an error, as the end, or as another value.";
        type Row = (&'static str, &'static str, Rule, fn(usize) -> Cut);
        let rows: [Row; 7] = [
            ("escape", "escapes of a letter", Rule::JsonSyntax, |index| {
                name_cut(index, "\\u00e9", "\u{e9}")
            }),
            ("surrogates", "escapes of a surrogate pair", Rule::JsonSyntax, |index| {
                name_cut(index, "\\ud83d\\ude00", "\u{1f600}")
            }),
            ("character", "characters of four bytes", Rule::JsonSyntax, |index| {
                name_cut(index, "\u{1f600}", "\u{1f600}")
            }),
            ("short-escape", "escaped quotation marks", Rule::JsonSyntax, |index| {
                name_cut(index, "\\\"", "\"")
            }),
            (
                "backslash",
                "escaped backslashes before the end of the name",
                Rule::JsonSyntax,
                |index| name_cut(index, "\\\\", "\\"),
            ),
            ("number", "numbers", Rule::JsonInteger, number_cut),
            ("key", "keys", Rule::JsonSyntax, key_cut),
        ];
        for (slug, what, rule, cut) in rows {
            let mut json = String::from(r#"{"version":1,"entries":["#);
            let mut entries = Vec::new();
            for index in 0..BORDERS {
                let cut = cut(index);
                let border = (index + 1) * BORDER;
                // White space before the entry moves it to the border.
                let spaces = border - cut.at - json.len();
                json += &" ".repeat(spaces);
                json += &cut.json;
                json.push(if index + 1 == BORDERS { ']' } else { ',' });
                entries.push(cut.entry);
            }
            json.push('}');
            let input = TocInput {
                json: self.blobs.place(json.as_bytes()),
                dialect: G5,
            };
            let expected = TocOutput {
                tar_split_digest: None,
                entries,
            };
            self.cases
                .valid(
                    &format!("border-{slug}"),
                    &format!("{what} over each of the first 20 multiples of 4096 bytes, each cut at another byte"),
                    WHY,
                    input,
                    expected,
                )
                .rules(&[rule])
                .dialects(&[G5])
                .tags(&[Tag("boundary")]);
        }
    }
}

/// A directory whose name ends with this, which is cut.
fn name_cut(index: usize, written: &str, read: &str) -> Cut {
    let start = format!(r#"{{"type":"dir","name":"d{index:02}"#);
    let json = format!(r#"{start}{written}","mode":493,"modtime":"2023-11-14T22:13:20Z"}}"#);
    Cut {
        at: start.len() + 1 + index % (written.len() - 1).max(1),
        json,
        entry: directory(&format!("d{index:02}{read}")),
    }
}

/// A directory with an owner of ten digits, which are cut.
fn number_cut(index: usize) -> Cut {
    const OWNER: i64 = 4_294_967_294;
    let start = format!(r#"{{"type":"dir","name":"d{index:02}","mode":493,"uid":"#);
    Cut {
        at: start.len() + 1 + index % 9,
        json: format!(r#"{start}{OWNER},"modtime":"2023-11-14T22:13:20Z"}}"#),
        entry: directory(&format!("d{index:02}")).edit(|entry| entry.uid = Decimal(OWNER)),
    }
}

/// A directory whose key for the time is cut.
fn key_cut(index: usize) -> Cut {
    let start = format!(r#"{{"type":"dir","name":"d{index:02}","mode":493,"#);
    Cut {
        at: start.len() + 1 + index % 8,
        json: format!(r#"{start}"modtime":"2023-11-14T22:13:20Z"}}"#),
        entry: directory(&format!("d{index:02}")),
    }
}

fn directory(name: &str) -> EntryOutput {
    entry(EntryTypeOutput::Dir, name).edit(|entry| entry.mode = Decimal(493))
}
