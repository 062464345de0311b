//! Names that readers treat differently, and headers that belong to no file.

use super::{
    super::sealed as bases, Builder, Choice, EditInPlace, G5, Line, Plan, Rule, Tag, TarEntry, samples, sealed, tar,
};
use crate::forge::Edit;

impl Builder<'_> {
    pub(super) fn names(&mut self) {
        // layer/index has its own of these.
        self.alone(Self::names_of_the_root);
        self.global_headers_twice();
        self.extension_chain();
    }

    fn names_of_the_root(&mut self) {
        let escapes = vec![TarEntry::file("a", "harmless\n"), TarEntry::file("../b", "evil now\n")];
        self.either(
            "name-escapes",
            "a layer with a name that leads out of the root",
            "The name is cleaned in the TOC and not in the tar-split, and the file is not found, or written outside.",
            Choice("escaping-names"),
            Rule::EntryEscape,
            &Plan::new(G5, escapes).layer(),
        )
        .tags(&[Tag("security")]);
        let nameless = Plan::new(G5, vec![TarEntry::dir(""), TarEntry::file("a", "content\n")]);
        // The builder leaves an empty name out, as Go does not.
        let named = Edit::replace(r#""type":"dir""#, r#""type":"dir","name":"""#, 1);
        self.either(
            "name-empty",
            "a layer with a directory whose name is empty",
            "A name that the tar-split leaves out and the TOC has is two names to a reader, which rebuilds nothing.",
            Choice("empty-names"),
            Rule::EntryEmptyName,
            &bases::changed(&nameless, Edit::Toc(Box::new(named))),
        );
    }

    /// No TOC has an entry for it, so that the tar-split alone shows the repeated name.
    fn global_headers_twice(&mut self) {
        let records = tar::record("comment", b"0123456789abcdef");
        let global = tar::extension_of(b'g', &records);
        let (block, padding) = global.split_at(512 + records.len());
        let mut entries = samples::small();
        entries[0].before = global.repeat(2);
        let parts = Plan::new(G5, entries).parts().edit(|parts| {
            if let Line::Segment(first) = &mut parts.tar_split[0] {
                first.drain(..2 * global.len() - padding.len());
            }
            let file = || Line::file("./PaxHeaders.0/entry", b"");
            let lines = [
                Line::Segment(block.to_vec()),
                file(),
                Line::Segment([padding, block].concat()),
                file(),
            ];
            parts.tar_split.splice(0..0, lines);
        });
        self.invalid(
            "global-headers-of-one-name",
            "g5-global-header",
            "a second global PAX header of the same name",
            "tar-split looks entries up by their names and rejects two that are equal; a reader that compares the names in the TOC alone \
             does not see these.",
            &[Rule::TarSplitUnique],
            &sealed(parts),
        );
    }

    /// Extension headers of 4 MiB before one file, each at most 1 MiB, and of a block more.
    fn extension_chain(&mut self) {
        const MIB: usize = 1 << 20;
        let comment = |body: usize| {
            let record = tar::record("comment", &vec![0; body - "1048576 comment=\n".len()]);
            tar::extension_of(b'x', &record)
        };
        let layer = |last: usize| {
            let file = TarEntry::file("a", "content\n").edit(|entry| {
                // The four header blocks count.
                entry.before = [comment(MIB).repeat(3), comment(last)].concat();
            });
            Plan::new(G5, vec![file]).layer()
        };
        self.valid(
            "g5-extensions-4-mib",
            "a layer with extension headers of exactly 4 MiB before one header",
            "A segment, which is one line of the tar-split, is cut where a buffer ends, or is taken for an attack.",
            Rule::TarExtensionChain,
            &layer(MIB - 4 * 512),
        )
        .tags(&[Tag("boundary")]);
        self.either(
            "extensions-above-4-mib",
            "a layer with extension headers of one block more than 4 MiB before one header",
            "The headers before one file, which a few hundred bytes of the blob decode to, fill the memory of a reader.",
            Choice("extension-chains"),
            Rule::TarExtensionChain,
            &layer(MIB - 3 * 512),
        )
        .tags(&[Tag("boundary"), Tag("security")]);
    }
}
