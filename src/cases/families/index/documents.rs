//! What the TOC of a layer says, where there is no tar-split or only the TOC matters.

use super::{
    Blobs, Builder, Choice, EditInPlace, Entry, G2, G5, Plan, Rule,
    sealed::{self, Base},
};
use crate::forge::Edit;

impl Builder {
    /// Layers of g2 whose TOC is changed in `src/cases/layers`; in g5 both operations have them.
    pub(super) fn documents(&mut self, blobs: &mut Blobs) {
        for base in [Base::Owner, Base::Replacement, Base::Empty] {
            self.valid(
                blobs,
                &format!("g2-{}", base.slug()),
                &format!("a layer of g2: {}", base.title()),
                "Layers of an older writer are taken for broken, or their files are not listed.",
                &base.plan(G2).layer(),
            )
            .rules(&[Rule::EntryMetadata])
            .dialects(&[G2]);
            self.keep_plan(&format!("g2-{}", base.slug()), &base.plan(G2));
        }
        // What changes the TOC of a file in chunks changes a larger layer than that of the case, with the same file.
        self.keep_plan("g2-chunked", &Base::Chunked.plan(G2));
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
