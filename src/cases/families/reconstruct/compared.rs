//! TOC and tar headers, compared, where the change is not one edit; the others are in `src/cases/layers/compared.toml`.

use crate::format::Digest;

use super::{Bug, Builder, EditInPlace, G3, G4, G5, Parts, Plan, Rule, TarEntry, samples, sealed, small};

impl Builder<'_> {
    pub(super) fn compared(&mut self) {
        self.sets();
        self.order();
        self.joined_attributes();
        self.cleaned_name();
        self.empty_file();
    }

    fn empty_file(&mut self) {
        let plan = Plan::new(G5, samples::every_type());
        let digest = |digest: Digest| plan.parts().edit(|parts| parts.toc[7].digest = digest.to_string());
        self.valid(
            "g5-empty-file-with-digest",
            "an empty file with the digest of nothing, as stargz has it",
            "A digest without a range is refused.",
            Rule::FileDigest,
            &sealed(digest(Digest::of(b""))),
        );
        self.invalid(
            "empty-file-digest-wrong",
            "g5-empty-file-with-digest",
            "another digest for the empty file",
            "The file is taken from elsewhere by its digest, and is not empty.",
            &[Rule::FileDigest],
            &sealed(digest(Digest::of(b"content\n"))),
        );
    }

    /// The TOC lists the entries in the order of the tar.
    fn order(&mut self) {
        const WHY: &str = "Whether `a/b` is created before or after `a` becomes a symbolic link decides where it goes, so that a reader \
                           of the TOC and one of the tar make two trees; in TOCs of stargz, where a range ends at the next offset, \
                           files get each other's content.";
        let unusual = Plan::new(
            G5,
            vec![
                TarEntry::hard_link("z/link", "z/file"),
                TarEntry::file("z/file", "content\n"),
                TarEntry::dir("z/"),
                TarEntry::file("a", "another\n"),
            ],
        );
        self.valid(
            "g5-unusual-order",
            "a hard link before its target, a file before its directory, and names that descend",
            "A reader sorts what it reads, and no longer finds the TOC in the order of the tar.",
            Rule::EntryOrder,
            &unusual.layer(),
        );
        type Order = fn(&mut Parts);
        let rows: &[(&str, &str, Order)] = &[
            ("files-swapped", "two files in the TOC in the other order", |p| {
                p.toc.swap(1, 2);
            }),
            ("dir-last", "the directory at the end of the TOC", |p| {
                p.toc.rotate_left(1);
            }),
            ("reversed", "the entries of the TOC from last to first", |p| {
                p.toc.reverse();
            }),
        ];
        for &(slug, change, apply) in rows {
            let layer = sealed(small().parts().edit(apply));
            self.invalid(
                &format!("toc-order-{slug}"),
                "g5",
                change,
                WHY,
                &[Rule::EntryOrder],
                &layer,
            );
        }
        // layer/index has its own of these, since a layer of g3 or g4 is another case there.
        self.alone(|builder| {
            for dialect in [G3, G4] {
                let plan = Plan::new(dialect, samples::small());
                let layer = sealed(plan.parts().edit(|parts| parts.toc.reverse()));
                builder.invalid(
                    &format!("{dialect}-toc-order-reversed"),
                    &dialect.to_string(),
                    "the entries of the TOC from last to first",
                    WHY,
                    &[Rule::EntryOrder],
                    &layer,
                );
            }
        });
        let chunked = super::chunked();
        self.invalid(
            "toc-order-chunked",
            "g5-chunked",
            "the file in chunks, with its chunks, at the start of the TOC",
            WHY,
            &[Rule::EntryOrder],
            &sealed(chunked.parts().edit(|parts| parts.toc.rotate_left(3))),
        );
    }

    /// Two lists of attributes that look the same when they are printed.
    fn joined_attributes(&mut self) {
        let joined = Plan::new(
            G5,
            vec![TarEntry::dir("d/").edit(|entry| entry.xattrs = vec![("user.a".into(), b"1, user.b=2".to_vec())])],
        );
        self.valid(
            "g5-xattr-with-comma",
            "an extended attribute whose value looks like another attribute",
            "A value is cut at a comma or an equals sign.",
            Rule::EntryMetadata,
            &joined.layer(),
        );
        self.invalid(
            "toc-xattrs-apart",
            "g5-xattr-with-comma",
            "the attribute as two in the TOC",
            "Attributes are compared as they are printed, and a file gets one that nobody sees in the tar.",
            &[Rule::EntryMetadata],
            &sealed(joined.parts().edit(|parts| {
                parts.toc[0].xattrs = vec![("user.a".into(), b"1".to_vec()), ("user.b".into(), b"2".to_vec())];
            })),
        );
    }

    /// Names of the two sides are compared as text, as podman's library and the crate zstd-chunked do.
    fn cleaned_name(&mut self) {
        let plan = Plan::new(G5, vec![TarEntry::file("./a", "content\n")]);
        self.valid(
            "g5-name-dot-slash",
            "a file whose name begins with `./`",
            "The name is cleaned in one place, and the file not found in the other.",
            Rule::EntrySets,
            &plan.layer(),
        );
        self.invalid(
            "toc-name-cleaned",
            "g5-name-dot-slash",
            "the name without `./` in the TOC",
            "containers/storage decides, which compares the two names as text: a reader that cleans them takes different names for \
             one, and another looks for content under a name that it does not have.",
            &[Rule::EntrySets, Rule::FileMissing],
            &sealed(plan.parts().edit(|parts| parts.toc[0].name = "a".into())),
        );
        self.invalid(
            "toc-name-twice",
            "g5-name-dot-slash",
            "a second entry in the TOC, whose name is the first without `./`",
            "The second entry takes the place of the first, and only who cleans the names sees that there are two.",
            &[Rule::EntryUnique, Rule::EntrySets],
            &sealed(plan.parts().edit(|parts| {
                let twice = parts.toc[0].clone().edit(|entry| entry.name = "a".into());
                parts.toc.push(twice);
            })),
        );
    }

    fn sets(&mut self) {
        // The empty file's header is after the padding of nothing, so that both lines can go.
        let parts = Plan::new(G5, samples::every_type()).parts();
        self.invalid(
            "tar-split-entry-missing",
            "g5-every-type",
            "an entry less in the tar-split",
            "What a user inspects and runs comes from the TOC, what is pushed comes from the tar-split: the two are \
             different layers.",
            &[Rule::EntrySets, Rule::PlainTar],
            &sealed(parts.edit(|parts| drop(parts.tar_split.drain(14..16)))),
        )
        .bugs(&[Bug("storage-metadata")]);
    }
}
