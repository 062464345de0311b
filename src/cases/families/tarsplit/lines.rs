//! Lines whose lengths are those of usual buffers.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{Builder, G3, G4, G5, Line, Rule, Tag, document, output};

impl Builder<'_> {
    pub(super) fn borders(&mut self) {
        const WHY: &str = "The reader of lines has a buffer of fixed size: it ends at a longer line without an error, or reads the line in two \
                           pieces.";
        for (slug, title, length) in [
            ("line-of-4-kib", "lines of 4 KiB, and of a byte less and more", 4096),
            ("line-of-8-kib", "lines of 8 KiB, and of a byte less and more", 8192),
            (
                "line-of-64-kib",
                "lines of 64 KiB, and of a byte less and more",
                64 << 10,
            ),
            ("line-of-1-mib", "lines of 1 MiB, and of a byte less and more", 1 << 20),
        ] {
            let mut json = String::new();
            let mut lines = Vec::new();
            for (position, length) in [length - 1, length, length + 1].into_iter().enumerate() {
                let (line, text) = line_of(position, length);
                json += &text;
                lines.push(line);
            }
            let last = Line::Segment(b"last".to_vec());
            json += &format!(r#"{{"type":2,"payload":"{}","position":3}}"#, STANDARD.encode(b"last"));
            json += "\n";
            lines.push(last);
            let input = self.input(json.as_bytes());
            self.cases
                .valid(slug, title, WHY, input, output(&lines))
                .rules(&[Rule::TarSplitLines])
                .dialects(&[G3, G4, G5])
                .tags(&[Tag("boundary")]);
        }
        let long = vec![Line::Segment(vec![b'a'; 3 << 20]), Line::Segment(b"last".to_vec())];
        self.valid(
            "segment-of-3-mib",
            "a segment of 3 MiB, more than a writer puts into one",
            "Only writers are bound to segments of 1 MiB, and a reader that has such a limit refuses the document.",
            Rule::TarSplitPayload,
            &document(&long),
            &long,
        );
    }
}

/// A segment whose line has so many bytes, the line feed included, with spaces where base64 leaves some over.
fn line_of(position: usize, length: usize) -> (Line, String) {
    let room = length - r#"{"type":2,"payload":"","position":0}"#.len() - 1;
    let bytes = vec![b'a'; room / 4 * 3];
    let spaces = " ".repeat(room % 4);
    let text = STANDARD.encode(&bytes);
    let json = format!("{{\"type\":2,\"payload\":{spaces}\"{text}\",\"position\":{position}}}\n");
    (Line::Segment(bytes), json)
}
