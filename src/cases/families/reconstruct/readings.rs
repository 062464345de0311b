//! Layers of which two readers make two tars, or which only one of them reads.

use super::{
    super::sealed::{self, Base},
    Builder, G5, Plan, Rule, TarEntry, document,
};
use crate::forge::Edit;

impl Builder<'_> {
    /// Layers whose TOC and tar-split are changed in `src/cases/layers`.
    pub(super) fn documents(&mut self) {
        for base in [Base::Owner, Base::Replacement] {
            self.valid(
                &format!("g5-{}", base.slug()),
                &format!("a layer with {}", base.title()),
                "A layer as every writer makes it cannot be read.",
                Rule::EntryMetadata,
                &base.plan(G5).layer(),
            );
            self.keep_plan(&format!("g5-{}", base.slug()), &base.plan(G5));
        }
    }

    pub(super) fn readings(&mut self) {
        self.payloads_of_files();
        self.roots();
    }

    /// The layer of the plan with another tar-split.
    fn tar_split(plan: &Plan, apply: impl FnOnce(&mut Vec<String>)) -> super::Layer {
        let json = document(&plan.parts().tar_split);
        let mut lines: Vec<String> = json.lines().map(ToOwned::to_owned).collect();
        apply(&mut lines);
        let json: String = lines.iter().map(|line| format!("{line}\n")).collect();
        sealed::changed(plan, Edit::TarSplit(Box::new(Edit::Become(json.as_str().into()))))
    }

    /// A reader that tells files from segments by `name` and `size` takes a payload for a piece of the tar.
    fn payloads_of_files(&mut self) {
        const WHY: &str = "A reader that goes by the keys of an entry and not by its type writes the payload of a file into the tar, or \
                           looks for the content of a segment: two readers make two tars of one layer.";
        let plan = Base::Owner.plan(G5);
        let swap = |line: usize, from: &'static str, to: &'static str| {
            Self::tar_split(&plan, |lines| lines[line] = lines[line].replace(from, to))
        };
        self.valid(
            "g5-crc-of-nothing",
            "a layer with the CRC of nothing for a directory in its tar-split",
            WHY,
            Rule::TarSplitPayload,
            &swap(1, "null", r#""AAAAAAAAAAA=""#),
        );
    }

    /// Names that differ as text and in tar-split, but not as paths.
    fn roots(&mut self) {
        let two = |second: &str| {
            let entries = vec![TarEntry::file("a", "harmless\n"), TarEntry::file(second, "evil now\n")];
            Plan::new(G5, entries).layer()
        };
        self.invalid(
            "name-behind-root",
            "g5-two-files",
            "the name of the first file after a slash for the second",
            "tar-split and a reader that compares names as text see two files, and a reader that creates them finds one.",
            &[Rule::EntryUnique],
            &two("/a"),
        );
    }
}
