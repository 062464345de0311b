//! Values within values.

use super::{BASE, Builder, Choice, Rule, base};

impl Builder<'_> {
    pub(super) fn deep(&mut self) {
        // The document itself is the first level.
        let of_depth = |depth: usize| {
            let (open, close) = ("[".repeat(depth - 1), "]".repeat(depth - 1));
            BASE.replacen("\"version\": 1,", &format!("\"version\": 1, \"x\": {open}{close},"), 1)
        };
        self.valid(
            "depth-64",
            "a TOC that nests 64 deep under an unknown key",
            "The document is not counted as a level, or the last level that is allowed is refused.",
            Rule::JsonDepth,
            &of_depth(64),
            base(),
        );
        let input = self.input(&of_depth(65));
        self.cases
            .either(
                "depth-65",
                "a TOC that nests 65 deep under an unknown key",
                "A limit that is one off is another limit: of two readers with one, the second refuses what the first takes.",
                Choice("deep-json"),
                input,
                base(),
            )
            .rules(&[Rule::JsonDepth])
            .estargz();
    }
}
