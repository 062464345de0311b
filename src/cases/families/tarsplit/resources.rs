//! Documents that cost a careless parser all time or its stack.

use super::{Builder, G3, G4, G5, Rule, Tag, TarSplitInput, base, document, output};
use crate::vectors::{Bytes, bytes::Part};

const MILLION: usize = 1_000_000;

impl Builder<'_> {
    pub(super) fn resources(&mut self) {
        let mut parts = vec![Part::numbered(
            br#"{"type":2,"payload":"","position":"#,
            b"}\n",
            MILLION,
        )];
        for (line, position) in base().iter().zip(MILLION..) {
            parts.push(Part::of(format!("{}\n", line.json(position)).as_bytes(), 1));
        }
        self.cases
            .valid(
                "million-empty-segments",
                "a million empty segments before a file and a directory",
                "Each line is searched for from the beginning, or costs kilobytes of memory.",
                TarSplitInput {
                    json: Bytes::Parts(parts),
                },
                output(&base()),
            )
            .rules(&[Rule::TarSplitLines])
            .dialects(&[G3, G4, G5])
            .tags(&[Tag("robustness")])
            .limits(30, 2048);
        let json = [
            Part::of(document(&base()).as_bytes(), 1),
            Part::of(br#"{"type":2,"payload":"","position":5,"x":"#, 1),
            Part::of(b"[", MILLION),
        ];
        self.cases
            .invalid(
                "million-arrays-unclosed",
                "simple",
                "one more line, with a million arrays that are never closed",
                "A reader that calls itself for every level overflows its stack and dies.",
                &[Rule::JsonDepth, Rule::JsonSyntax, Rule::TarSplitKeys],
                TarSplitInput {
                    json: Bytes::Parts(json.to_vec()),
                },
            )
            .tags(&[Tag("robustness")])
            .limits(10, 512);
    }
}
