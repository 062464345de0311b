//! TOC and tar headers, compared.

use crate::format::Digest;

use super::{Bench, Bug, EditInPlace, Entry, G3, G4, G5, Parts, Plan, Rule, samples, sealed, small};

/// A change to the TOC of the layer with every type of entry; the tar-split stays as it is.
type Change = fn(&mut Parts);

impl Bench<'_> {
    pub(super) fn compared(&mut self) {
        self.metadata();
        self.sets();
        self.order();
        self.joined_attributes();
        self.cleaned_name();
        self.empty_file();
    }

    fn differs(&mut self, rules: &[Rule], rows: &[(&str, &str, Change)]) {
        let plan = Plan::new(G5, samples::every_type());
        for &(slug, change, apply) in rows {
            self.invalid(
                slug,
                "g5-every-type",
                change,
                "What a user inspects and runs comes from the TOC, what is pushed comes from the tar-split: the two are \
                 different layers.",
                rules,
                &sealed(plan.parts().edit(apply)),
            )
            .bugs(&[
                Bug("storage-metadata"),
            ]);
        }
    }

    fn metadata(&mut self) {
        self.differs(
            &[Rule::EntryMetadata],
            &[
                ("toc-mode-differs", "another mode of a file in the TOC", |p| {
                    p.toc[1].mode = 0o755;
                }),
                ("toc-dir-mode-differs", "another mode of a directory in the TOC", |p| {
                    p.toc[0].mode = 0o777;
                }),
                ("toc-uid-differs", "another owner of a file in the TOC", |p| {
                    p.toc[1].uid = 0;
                }),
                ("toc-gid-differs", "another group of a file in the TOC", |p| {
                    p.toc[1].gid = 0;
                }),
                ("toc-mtime-differs", "a time in the TOC that is a second later", |p| {
                    p.toc[1].modtime = "2023-11-14T22:13:21Z".into();
                }),
                (
                    "toc-mtime-fraction",
                    "a time in the TOC that is a fraction later",
                    |p| {
                        p.toc[1].modtime = "2023-11-14T22:13:20.000000001Z".into();
                    },
                ),
                ("toc-mtime-absent", "no time of a file in the TOC", |p| {
                    p.toc[1].modtime.clear();
                }),
                (
                    "toc-xattr-differs",
                    "another value of an extended attribute in the TOC",
                    |p| p.toc[1].xattrs[1].1 = b"x".to_vec(),
                ),
                ("toc-xattr-missing", "an extended attribute less in the TOC", |p| {
                    p.toc[1].xattrs.remove(0);
                }),
                ("toc-xattr-more", "an extended attribute more in the TOC", |p| {
                    p.toc[0].xattrs.push(("user.more".into(), b"1".to_vec()));
                }),
                (
                    "toc-hard-link-differs",
                    "another target of a hard link in the TOC",
                    |p| p.toc[2].link = "usr/empty".into(),
                ),
                (
                    "toc-symlink-differs",
                    "another target of a symbolic link in the TOC",
                    |p| p.toc[3].link = "/etc/shadow".into(),
                ),
                (
                    "toc-symlink-cleaned",
                    "the target of a symbolic link in the TOC tidied up",
                    |p| p.toc[3].link = "../usr/tool".into(),
                ),
                ("toc-device-major", "another major number of a device in the TOC", |p| {
                    p.toc[4].dev.0 = 2;
                }),
                ("toc-device-minor", "another minor number of a device in the TOC", |p| {
                    p.toc[5].dev.1 = 2;
                }),
                (
                    "toc-type-differs",
                    "a block device in the TOC for a character device",
                    |p| p.toc[4].kind = "block".into(),
                ),
                ("toc-fifo-as-file", "an empty file in the TOC for a fifo", |p| {
                    p.toc[6].kind = "reg".into();
                }),
            ],
        );
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
                Entry::hard_link("z/link", "z/file"),
                Entry::file("z/file", "content\n"),
                Entry::dir("z/"),
                Entry::file("a", "another\n"),
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
        self.alone(|bench| {
            for dialect in [G3, G4] {
                let plan = Plan::new(dialect, samples::small());
                let layer = sealed(plan.parts().edit(|parts| parts.toc.reverse()));
                bench.invalid(
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
            vec![Entry::dir("d/").edit(|entry| entry.xattrs = vec![("user.a".into(), b"1, user.b=2".to_vec())])],
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
        let plan = Plan::new(G5, vec![Entry::file("./a", "content\n")]);
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
        self.differs(
            &[Rule::EntrySets, Rule::PlainTar],
            &[
                ("toc-entry-missing", "an entry less in the TOC", |p| {
                    p.toc.remove(7);
                }),
                ("toc-dir-missing", "the directory missing in the TOC", |p| {
                    p.toc.remove(0);
                }),
                ("toc-entry-more", "an entry more in the TOC", |p| {
                    let more = p.toc[7].clone().edit(|entry| entry.name = "usr/more".into());
                    p.toc.push(more);
                }),
                ("toc-name-differs", "another name of an entry in the TOC", |p| {
                    p.toc[7].name = "usr/Empty".into();
                }),
                ("tar-split-entry-missing", "an entry less in the tar-split", |p| {
                    // The empty file's header stands behind the padding of nothing, so that both lines can go.
                    p.tar_split.drain(14..16);
                }),
            ],
        );
    }
}
