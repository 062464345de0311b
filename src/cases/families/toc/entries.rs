//! Entries: their types, names, digests, times and attributes.

use super::{
    Bug, Builder, Choice, Decimal, EditInPlace, EntryTypeOutput, G1, G2, G3, G4, G5, Rule, Tag, entry, file, output,
    toc,
};

impl Builder<'_> {
    pub(super) fn entries(&mut self) {
        self.names();
        self.repeated_names();
        self.files();
    }

    fn names(&mut self) {
        let spellings = toc(&[
            r#"{"type":"dir","name":"./","mode":493,"modtime":"2023-11-14T22:13:20Z"}"#,
            r#"{"type":"dir","name":"/a//","mode":493,"modtime":"2023-11-14T22:13:20Z"}"#,
            r#"{"type":"dir","name":"./b/.","mode":493,"modtime":"2023-11-14T22:13:20Z"}"#,
            r#"{"type":"dir","name":"a/../c","mode":493,"modtime":"2023-11-14T22:13:20Z"}"#,
            r#"{"type":"dir","name":"x/y/...","mode":493,"modtime":"2023-11-14T22:13:20Z"}"#,
        ]);
        let input = self.input(G5, spellings.as_bytes());
        let names = ["", "a", "b", "c", "x/y/..."];
        let dirs = names.map(|name| entry(EntryTypeOutput::Dir, name).edit(|entry| entry.mode = Decimal(493)));
        self.cases
            .valid(
                "name-spellings",
                "names with dots and slashes to spare, and the root",
                "Names are looked up as they stand, so that a file is not found, or the root is created inside itself.",
                input,
                output(dirs.to_vec()),
            )
            .rules(&[Rule::EntryUnique])
            .dialects(&[G5])
            .tags(&[Tag("interop")])
            .bugs(&[Bug("estargz-root-loop"), Bug("estargz-names"), Bug("storage-root")]);
    }

    /// Two entries of one name.
    fn repeated_names(&mut self) {
        let two = |first: &str, second: &str| {
            toc(&[
                &format!(r#"{{"type":"dir","name":"{first}","mode":448,"modtime":"2023-11-14T22:13:20Z"}}"#),
                &format!(r#"{{"type":"dir","name":"{second}","mode":493,"modtime":"2023-11-14T22:13:20Z"}}"#),
            ])
        };
        let dir = |name: &str, mode| entry(EntryTypeOutput::Dir, name).edit(|entry| entry.mode = Decimal(mode));
        let input = self.input(G5, two("a", "b").as_bytes());
        self.cases
            .valid(
                "two-names",
                "two directories",
                "Different names are taken for one.",
                input,
                output(vec![dir("a", 448), dir("b", 493)]),
            )
            .rules(&[Rule::EntryUnique])
            .dialects(&[G3, G4, G5]);
        for (dialect, name) in [(G1, "a"), (G2, "./a/")] {
            let input = self.input(dialect, two("a", name).as_bytes());
            self.cases
                .either(
                    &format!("{dialect}-repeated"),
                    &format!("a repeated name in {dialect}"),
                    "A tar may hold a path twice, and the last one counts; a reader that takes the first gives old content.",
                    Choice("repeated-names"),
                    input,
                    output(vec![dir("a", 493)]),
                )
                .rules(&[Rule::EntryRepeated])
                .dialects(&[dialect]);
        }
        let three = two("a", "b").replace(
            "]}",
            r#",{"type":"dir","name":"a/","mode":511,"modtime":"2023-11-14T22:13:20Z"}]}"#,
        );
        let input = self.input(G2, three.as_bytes());
        self.cases
            .either(
                "g2-repeated-apart",
                "a repeated name in g2, with another between",
                "The order of the tar decides: the last entry counts and stays in its place, so that what is created before it, such as a \
                 symbolic link on its path, is there.",
                Choice("repeated-names"),
                input,
                output(vec![dir("b", 493), dir("a", 511)]),
            )
            .rules(&[Rule::EntryRepeated])
            .dialects(&[G2]);
    }

    fn files(&mut self) {
        let shared = |name: &str| {
            format!(
                r#"{{"type":"reg","name":"{name}","mode":420,"size":20,"modtime":"{}","digest":"{}","offset":100,"endOffset":150}}"#,
                super::TIME,
                super::DIGEST
            )
        };
        let input = self.input(G5, toc(&[&shared("a"), &shared("b")]).as_bytes());
        self.cases
            .either(
                "shared-range",
                "two files that name one range",
                "A reader that sorts by range loses one of the two files.",
                Choice("shared-ranges"),
                input,
                output(vec![file("a", 20, 100, 150), file("b", 20, 100, 150)]),
            )
            .rules(&[Rule::SharedRange])
            .dialects(&[G5]);
    }
}
