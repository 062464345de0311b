//! What the TOC of a layer says, where there is no tar-split or only the TOC matters.

use super::{
    Blobs, Builder, Choice, EditInPlace, Entry, G1, G2, G3, G4, G5, Plan, Rule, samples,
    sealed::{self, Base},
};
use crate::forge::Edit;

impl Builder {
    /// Layers before g5 whose TOC is changed in `src/cases/layers`; in g5 both operations have them.
    pub(super) fn documents(&mut self, blobs: &mut Blobs) {
        for dialect in [G1, G2, G3, G4] {
            let mut bases = vec![
                (Base::Owner, Base::Owner.slug(), Base::Owner.title()),
                (Base::Replacement, Base::Replacement.slug(), Base::Replacement.title()),
                (Base::Empty, Base::Empty.slug(), Base::Empty.title()),
            ];
            if dialect == G2 {
                // What changes the TOC of a file in chunks changes a larger layer than that of the case, with the same file.
                self.keep_plan("g2-chunked", &Base::Chunked.plan(G2));
            } else {
                bases.push((
                    Base::Chunked,
                    "files-and-chunks",
                    "two files, and a third one in chunks",
                ));
            }
            for (base, slug, title) in bases {
                let slug = format!("{dialect}-{slug}");
                self.valid(
                    blobs,
                    &slug,
                    &format!("a layer of {dialect}: {title}"),
                    "Layers of an older writer are taken for broken, or their files are not listed.",
                    &base.plan(dialect).layer(),
                )
                .rules(&[Rule::EntryMetadata])
                .dialects(&[dialect]);
                self.keep_plan(&slug, &base.plan(dialect));
            }
            self.keep_plan(dialect.name(), &Plan::new(dialect, samples::small()));
        }
    }

    pub(super) fn links_and_names(&mut self, blobs: &mut Blobs) {
        let entries = vec![
            Entry::file("a", "harmless\n"),
            Entry::file("b", "another\n"),
            Entry::file("./a", "evil now\n"),
        ];
        let apart = Plan::new(G2, entries).layer().edit(|layer| drop(layer.toc.remove(0)));
        self.either(
            blobs,
            "g2-name-twice-apart",
            "two files of one name in a layer of g2, with another between",
            "The order of the tar decides: the last entry counts, and stays in its place.",
            Choice("repeated-names"),
            &apart,
        )
        .rules(&[Rule::EntryRepeated])
        .dialects(&[G2]);
        let nameless = Plan::new(G2, vec![Entry::dir(""), Entry::file("a", "content\n")]);
        // The builder leaves an empty name out, as Go does not.
        let named = Edit::replace(r#""type":"dir""#, r#""type":"dir","name":"""#, 1);
        self.either(
            blobs,
            "g2-name-empty",
            "a directory with an empty name in a layer of g2",
            "An entry without a name sets mode and owner of the root, or is an error to one reader only.",
            Choice("empty-names"),
            &sealed::changed(&nameless, Edit::Toc(Box::new(named))),
        )
        .rules(&[Rule::EntryEmptyName])
        .dialects(&[G2]);
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
            let entries = vec![Entry::dir("d/"), Entry::hard_link("link", target)];
            self.either(
                blobs,
                &format!("hard-link-{slug}"),
                title,
                "No file system can hold it: a reader waits for the end of a circle, or leaves the link out without a word.",
                choice,
                &Plan::new(G5, entries).layer(),
            )
            .rules(&[Rule::HardLinkTarget])
            .dialects(&[G5]);
        }
    }
}
