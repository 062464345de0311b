//! Names: repeated ones, ones that lead elsewhere or nowhere, and targets of hard links.

use super::{Blobs, Builder, Choice, EditInPlace, G1, G2, G3, G4, G5, Plan, Rule, Tag, TarEntry, sealed};
use crate::{forge::Edit, format::Dialect};

impl Builder {
    pub(super) fn names(&mut self, blobs: &mut Blobs) {
        const WHY: &str = "Two readers create different files of one layer.";
        let two = |dialect, names: [&str; 2]| {
            let [first, second] = names;
            let entries = vec![
                TarEntry::file(first, "harmless\n"),
                TarEntry::file(second, "evil now\n"),
            ];
            Plan::new(dialect, entries).layer()
        };
        for dialect in [G1, G2, G3, G4, G5] {
            let (slug, title) = if dialect == G5 {
                (
                    "name-escapes".to_owned(),
                    "a name that leads out of the root".to_owned(),
                )
            } else {
                (
                    format!("{dialect}-name-escapes"),
                    format!("a name that leads out of the root, in {dialect}"),
                )
            };
            self.either(
                blobs,
                &slug,
                &title,
                WHY,
                Choice("escaping-names"),
                &two(dialect, ["a", "../b"]),
            )
            .rules(&[Rule::EntryEscape])
            .dialects(&[dialect])
            .tags(&[Tag("security")]);
        }
        self.invalid(
            blobs,
            "name-twice",
            "g5-two-files",
            "the name of the first file for the second as well",
            WHY,
            &[Rule::EntryUnique, Rule::TarSplitUnique],
            &two(G5, ["a", "a"]),
        );
        for dialect in [G3, G4] {
            let twin = format!("{dialect}-two-files");
            self.valid(
                blobs,
                &twin,
                &format!("a layer of {dialect} with two files"),
                "Layers of an older writer are taken for broken, or their files are not listed.",
                &two(dialect, ["a", "b"]),
            )
            .rules(&[Rule::EntryUnique])
            .dialects(&[dialect]);
            for (slug, change, name) in [
                ("name-twice", "the name of the first file for the second as well", "a"),
                (
                    "name-twice-with-dot",
                    "the name of the first file after a dot for the second",
                    "./a",
                ),
                (
                    "name-twice-with-slash",
                    "the name of the first file after a slash for the second",
                    "/a",
                ),
            ] {
                self.invalid(
                    blobs,
                    &format!("{dialect}-{slug}"),
                    &twin,
                    change,
                    WHY,
                    &[Rule::EntryUnique, Rule::TarSplitUnique],
                    &two(dialect, ["a", name]),
                );
            }
        }
        // Of the two the last one counts.
        for dialect in [G1, G2] {
            let repeated = two(dialect, ["a", "a"]).edit(|layer| drop(layer.toc.remove(0)));
            self.either(
                blobs,
                &format!("{dialect}-name-twice"),
                &format!("two files of one name in a layer of {dialect}"),
                WHY,
                Choice("repeated-names"),
                &repeated,
            )
            .rules(&[Rule::EntryRepeated])
            .dialects(&[dialect]);
        }
        self.links_and_names(blobs);
    }

    fn links_and_names(&mut self, blobs: &mut Blobs) {
        let entries = vec![
            TarEntry::file("a", "harmless\n"),
            TarEntry::file("b", "another\n"),
            TarEntry::file("./a", "evil now\n"),
        ];
        for dialect in [G1, G2] {
            let apart = Plan::new(dialect, entries.clone())
                .layer()
                .edit(|layer| drop(layer.toc.remove(0)));
            self.either(
                blobs,
                &format!("{dialect}-name-twice-apart"),
                &format!("two files of one name in a layer of {dialect}, with another between"),
                "The order of the tar decides: the last entry counts, and stays in its place.",
                Choice("repeated-names"),
                &apart,
            )
            .rules(&[Rule::EntryRepeated])
            .dialects(&[dialect]);
        }
        for dialect in [G1, G2, G3, G4, G5] {
            let nameless = Plan::new(dialect, vec![TarEntry::dir(""), TarEntry::file("a", "content\n")]);
            // The builder leaves an empty name out, as Go does not.
            let named = Edit::replace(r#""type":"dir""#, r#""type":"dir","name":"""#, 1);
            self.either(
                blobs,
                &format!("{dialect}-name-empty"),
                &format!("a directory with an empty name in a layer of {dialect}"),
                "An entry without a name sets mode and owner of the root, or is an error to one reader only.",
                Choice("empty-names"),
                &sealed::changed(&nameless, Edit::Toc(Box::new(named))),
            )
            .rules(&[Rule::EntryEmptyName])
            .dialects(&[dialect]);
            self.hard_links(blobs, dialect);
        }
    }

    fn hard_links(&mut self, blobs: &mut Blobs, dialect: Dialect) {
        for (slug, title, choice, target) in [
            (
                "target-missing",
                "a hard link to a name that is not there",
                Choice("hard-link-targets"),
                "gone",
            ),
            (
                "target-dir",
                "a hard link to a directory",
                Choice("hard-link-directories"),
                "d",
            ),
            (
                "target-itself",
                "a hard link to itself",
                Choice("hard-link-circles"),
                "link",
            ),
        ] {
            let entries = vec![TarEntry::dir("d/"), TarEntry::hard_link("link", target)];
            let (slug, title) = if dialect == G5 {
                (format!("hard-link-{slug}"), title.to_owned())
            } else {
                (format!("{dialect}-hard-link-{slug}"), format!("{title}, in {dialect}"))
            };
            self.either(
                blobs,
                &slug,
                &title,
                "No file system can hold it: a reader waits for the end of a circle, or leaves the link out without a word.",
                choice,
                &Plan::new(dialect, entries).layer(),
            )
            .rules(&[Rule::HardLinkTarget])
            .dialects(&[dialect]);
        }
    }
}
