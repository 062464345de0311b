//! TOC and tar headers, compared.

use crate::format::Digest;

use super::{Bench, Bug, Edit, Entry, G5, Parts, Plan, Rule, samples, sealed};

/// A change to the TOC of the layer with every type of entry; the tar-split stays as it is.
type Change = fn(&mut Parts);

impl Bench<'_> {
    pub(super) fn compared(&mut self) {
        self.metadata();
        self.sets();
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
                Bug::StorageMetadata,
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

    /// Names of the two sides are compared as they stand.
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
            "Names that differ are taken for one, and content is looked for under a name that it does not have.",
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
