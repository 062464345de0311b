//! TOCs as JSON.

mod deep;

use super::{BASE, Bug, Builder, Choice, G5, Rule, Tag};

impl Builder<'_> {
    pub(super) fn json(&mut self) {
        let utf_16: Vec<u8> = BASE.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let input = self.input(G5, &utf_16);
        self.cases
            .invalid(
                "utf-16",
                "g5",
                "UTF-16",
                "A document that is not JSON is read up to the mistake, and the rest of the layer is missing.",
                &[Rule::JsonSyntax],
                input,
            )
            .tags(&[Tag("robustness")])
            .bugs(&[Bug("storage-broken-json")]);
        self.deep();
    }
}
