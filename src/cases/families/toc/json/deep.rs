//! Values within values.

use super::{BASE, Builder, Choice, G5, Rule, Tag};

impl Builder<'_> {
    /// Depth.
    pub(super) fn deep(&mut self) {
        self.either(
            "deep-unknown-key",
            "1000 nested arrays under an unknown key",
            "A reader that calls itself for every array overflows its stack and dies.",
            (Choice("deep-json"), Rule::JsonDepth),
            &BASE.replace(
                r#""version":1"#,
                &format!(r#""version":1,"x":{}{}"#, "[".repeat(1000), "]".repeat(1000)),
            ),
            |_| {},
        );
        self.valid(
            "nested-unknown-key",
            "40 nested arrays under an unknown key",
            "A bound on the depth is so low that it refuses what a future writer may add.",
            Rule::JsonDepth,
            &BASE.replace(
                r#""version":1"#,
                &format!(r#""version":1,"x":{}{}"#, "[".repeat(40), "]".repeat(40)),
            ),
            |_| {},
        );
        // The document itself is the first level.
        let of_depth = |depth: usize| {
            let (open, close) = ("[".repeat(depth - 1), "]".repeat(depth - 1));
            BASE.replace(r#""version":1"#, &format!(r#""version":1,"x":{open}{close}"#))
        };
        self.valid(
            "depth-64",
            "a TOC that nests 64 deep under an unknown key",
            "The document is not counted as a level, or the last level that is allowed is refused.",
            Rule::JsonDepth,
            &of_depth(64),
            |_| {},
        );
        self.either(
            "depth-65",
            "a TOC that nests 65 deep under an unknown key",
            "A limit that is one off is another limit: of two readers with one, the second refuses what the first takes.",
            (Choice("deep-json"), Rule::JsonDepth),
            &of_depth(65),
            |_| {},
        );
        let nested = format!(r#"{},"x":{}"#, BASE.trim_end_matches('}'), "[".repeat(50_000));
        let input = self.input(G5, nested.as_bytes());
        self.cases
            .invalid(
                "deep-unclosed",
                "nested-unknown-key",
                "50 000 arrays that are never closed, for 40 that are",
                "A reader that calls itself for every array overflows its stack and dies.",
                &[Rule::JsonDepth, Rule::JsonSyntax],
                input,
            )
            .tags(&[Tag("robustness")]);
    }
}
