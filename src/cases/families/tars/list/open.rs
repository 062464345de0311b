//! Tars of which there are several trees, or whose entries make none.

use super::{
    super::{EditInPlace, Rule, TarEntry, file, sparse::in_parts},
    trees::Nodes,
};
use crate::vectors::Choice;

/// The trees of a tar that may also be refused.
pub(super) struct OpenTree {
    pub(super) choice: Choice,
    pub(super) rule: Rule,
    /// The tree of those who accept.
    pub(super) accepted: Nodes,
    /// The trees of others who accept, by the names of their readings.
    pub(super) readings: Vec<(&'static str, Nodes)>,
}

impl OpenTree {
    /// Entries that make no tree as they are.
    pub(super) const fn tree(choice: &'static str, accepted: Nodes) -> Self {
        Self::of(choice, Rule::TarTree, accepted)
    }

    /// A tar that readers read differently.
    pub(super) const fn read(choice: &'static str, accepted: Nodes) -> Self {
        Self::of(choice, Rule::TarReading, accepted)
    }

    /// A tar that breaks a rule which is not one for all readers of tars.
    pub(super) const fn of(choice: &'static str, rule: Rule, accepted: Nodes) -> Self {
        Self {
            choice: Choice(choice),
            rule,
            accepted,
            readings: Vec::new(),
        }
    }

    /// The same with another reading.
    pub(super) fn or(mut self, name: &'static str, tree: Nodes) -> Self {
        self.readings.push((name, tree));
        self
    }
}

fn files<const N: usize>(files: [(&str, &str); N]) -> Nodes {
    Nodes::of(&files.map(|(name, content)| TarEntry::file(name, content)))
}

fn usual() -> Nodes {
    Nodes::of(&[file()])
}

fn uid(uid: i64) -> Nodes {
    usual().changed("file-x", |node| node.uid = Some(uid.into()))
}

fn time(time: &str) -> Nodes {
    usual().changed("file-x", |node| node.mtime = Some(time.to_owned()))
}

/// An owner that Linux cannot have, and what its lower 32 bits are.
fn owner(whole: i64, bits: i64) -> OpenTree {
    OpenTree::tree("tar-large-owner", uid(whole)).or("bits-32", uid(bits))
}

fn named(name: &str) -> Nodes {
    Nodes::of(&[file().edit(|entry| entry.name = name.into())])
}

/// Those of a tar of `tarsplit/disassemble`, by the slug of its case; none where there is one tree, or the tar is refused.
pub(super) fn of_inherited(slug: &str) -> Option<OpenTree> {
    names(slug)
        .or_else(|| below(slug))
        .or_else(|| types(slug))
        .or_else(|| headers(slug))
        .or_else(|| sparse(slug))
}

fn names(slug: &str) -> Option<OpenTree> {
    let long = |lengths: &[usize]| {
        let entries: Vec<TarEntry> = lengths
            .iter()
            .map(|&length| TarEntry::file(&"n".repeat(length), ""))
            .collect();
        OpenTree::tree("tar-long-names", Nodes::of(&entries))
    };
    let link = |length: usize| TarEntry::symlink(&format!("l{length}"), &"t".repeat(length));
    Some(match slug {
        "names-pax" => long(&[255, 256, 257, 511, 512, 513, 4095, 4096, 4097]),
        "names-gnu" => long(&[100, 101, 510, 511, 512, 513, 1023, 1024]),
        "name-long-part" => long(&[70_000]),
        "links-gnu" => {
            let links = [100, 101, 510, 511, 512, 513, 4095, 4096, 4097].map(link);
            OpenTree::tree("tar-long-names", Nodes::of(&links))
        }
        "name-dot-dot" => OpenTree::tree("tar-escape", Nodes::of(&[TarEntry::file("a", "x\n")])),
        "name-inner-dot-dot" => OpenTree::tree("tar-inner-dot-dot", Nodes::of(&[TarEntry::file("a", "x\n")])),
        "name-repeated-dot-dot" => OpenTree::tree("tar-inner-dot-dot", files([("a", "other\n")])),
        "name-empty" => OpenTree::tree("tar-empty-name", Nodes::default()),
        "symlink-empty" => OpenTree::tree("tar-empty-target", Nodes::of(&[TarEntry::symlink("l", "")])).or(
            "libarchive",
            Nodes::of(&[TarEntry::file("l", "").edit(|entry| entry.mode = 0o777)]),
        ),
        "hard-link-first" => OpenTree::tree("tar-missing-target", files([("a", "content\n")])),
        "hard-link-target-missing" => OpenTree::tree("tar-missing-target", usual()),
        _ => return None,
    })
}

fn below(slug: &str) -> Option<OpenTree> {
    let open = |choice| OpenTree::tree(choice, files([("a/b", "below\n")]));
    Some(match slug {
        "entry-below-file" | "entry-below-empty-file" | "entry-below-device" => open("tar-below-file"),
        "entry-below-symlink" => open("tar-below-dangling"),
        _ => return None,
    })
}

fn types(slug: &str) -> Option<OpenTree> {
    let two = |content: &str| files([("a", content), ("b", "other\n")]);
    let b = || files([("b", "other\n")]);
    Some(match slug {
        "type-8" | "type-not-ascii" => OpenTree::tree("tar-other-types", two("content\n")),
        "type-star-inode" => OpenTree::tree("tar-other-types", two("")),
        "type-old-long-names" => OpenTree::tree("tar-other-types", two("Rename a to b\n")),
        "type-solaris-acl" => OpenTree::tree("tar-solaris-acl", two("user::rw-\n")),
        "type-volume-label" => OpenTree::tree("tar-volume-label", two("")).or("gnu", b()),
        "type-directory-listing" => OpenTree::tree("tar-directory-listing", two("Ya\0\0"))
            .or("gnu", b().with(&TarEntry::dir("a").edit(|entry| entry.mode = 0o644))),
        "type-continuation" => OpenTree::tree("tar-continuation", two("content\n")),
        "type-solaris-extended" => {
            OpenTree::tree("tar-solaris-extended", files([("abc", "other\n")])).or("file", two("12 path=abc\n"))
        }
        "type-0-slash" => OpenTree::read("tar-slash-content", files([("file", "content\n")])).or(
            "libarchive",
            Nodes::of(&[TarEntry::dir("file").edit(|entry| entry.mode = 0o644)]),
        ),
        _ => return None,
    })
}

fn headers(slug: &str) -> Option<OpenTree> {
    Some(match slug {
        "gnu-prefix-letter" => OpenTree::read("tar-gnu-prefix", named("d/file-x")).or("gnu", usual()),
        "star-prefix-131" => {
            let prefix = "p".repeat(131);
            OpenTree::read("tar-star-prefix", named(&format!("{prefix}/file-x")))
                .or("ustar", named(&format!("{prefix}14524770401 14524770402 /file-x")))
        }
        "header-after-zero-block" => OpenTree::of("tar-lone-zero-block", Rule::TarHeader, files([("a", "first\n")])),
        "cut-before-pax-padding" | "cut-in-pax-padding" | "cut-in-gnu-name-padding" => {
            OpenTree::of("tar-dangling-padding", Rule::TarTruncated, Nodes::default())
        }
        // That there are many of them breaks another rule first.
        "pax-headers-30000" | "gnu-names-30000" => {
            OpenTree::of("tar-dangling-extension", Rule::TarExtensionChain, Nodes::default())
        }
        "global-header-uid-no-number" => OpenTree::of("tar-global-malformed", Rule::TarExtension, usual()),
        "global-header-size" => OpenTree::read("tar-global-size-0", usual()).or("content", files([("file-x", "")])),
        "cut-after-pax"
        | "cut-after-pax-without-records"
        | "cut-after-gnu-name"
        | "cut-after-gnu-link"
        | "cut-after-31-pax"
        | "cut-after-gnu-names"
        | "end-after-pax"
        | "end-half-after-pax"
        | "end-after-gnu-name"
        | "end-after-gnu-link" => OpenTree::of("tar-dangling-extension", Rule::TarTruncated, Nodes::default()),
        "cut-after-file-and-pax" | "end-after-file-and-pax" => {
            OpenTree::of("tar-dangling-extension", Rule::TarTruncated, files([("a", "first\n")]))
        }
        "padding-missing" | "padding-short" => OpenTree::read("tar-short-padding", usual()),
        "global-header-padding-missing" | "global-header-padding-short" => {
            OpenTree::read("tar-global-short-padding", Nodes::default())
        }
        "global-header-alone" => OpenTree::read("tar-global-last", Nodes::default()),
        "global-header-last" => OpenTree::read("tar-global-last", usual()),
        "nothing" => OpenTree::read("tar-no-bytes", Nodes::default()),
        "pax-uid-plus" => OpenTree::read("tar-signed-values", uid(1000)).or("zero", uid(0)),
        "pax-mtime-plus" => OpenTree::read("tar-signed-values", time("1700000000.5")).or("zero", time("0")),
        "pax-size-plus" => OpenTree::read("tar-signed-values", usual()).or("zero", files([("file-x", "")])),
        "pax-uid-negative" | "base-256-uid-negative" => owner(-2, 4_294_967_294),
        "pax-uid-2-53" | "base-256-uid-2-53" => owner((1 << 53) + 1, 1),
        "base-256-uid-2-62" => owner((1 << 62) - 1, 4_294_967_295),
        "pax-uid-2-63-minus-1" => owner(i64::MAX, 4_294_967_295),
        "pax-headers-in-a-row" => {
            OpenTree::read("tar-pax-headers-repeated", named("second")).or("merged", named("first"))
        }
        "global-header-path" => OpenTree::read("tar-global-records", usual()).or("posix", named("other")),
        "global-header-owner" => OpenTree::read("tar-global-records", usual())
            .or("posix", Nodes::of(&[file().edit(|entry| entry.uid = 1000)])),
        "global-header-after-pax" => OpenTree::read("tar-global-between", usual()).or("posix", named("other")),
        "pax-xattr-libarchive" => OpenTree::read("tar-libarchive-xattrs", usual()).or(
            "libarchive",
            Nodes::of(&[file().edit(|entry| entry.xattrs = vec![("user.a".into(), b"value".to_vec())])]),
        ),
        "sparse-name-alone" => OpenTree::read("tar-sparse-name", usual()).or("gnu", named("other")),
        "sparse-version-other" => OpenTree::read("tar-sparse-major", usual()),
        "pax-record-length-plus" => OpenTree::of("signed-record-lengths", Rule::TarExtension, usual()),
        _ => return None,
    })
}

/// Sparse files that are well formed, which a reader of tars expands.
fn sparse(slug: &str) -> Option<OpenTree> {
    let open = |choice, tree| OpenTree::of(choice, Rule::TarSparse, tree);
    let expanded = || files([("file-x", "content\n\0\0\0\0\0\0\0\0")]);
    let in_parts = |count| Nodes::of(&[TarEntry::file("file-x", in_parts(count))]);
    Some(match slug {
        "sparse-gnu-old" => open("tar-sparse", usual()),
        "sparse-gnu-hole-first" => open("tar-sparse", files([("file-x", "\0\0\0\0\0\0\0\0content\n")])),
        "sparse-gnu-four-parts" => open("tar-sparse", in_parts(4)),
        "sparse-gnu-five-parts" => open("tar-sparse", in_parts(5)),
        "sparse-pax-1-0-ten-parts" => open("tar-sparse", in_parts(10)),
        // The map has no part at the end of the file, as that of GNU tar has.
        "sparse-pax-0-0" | "sparse-pax-0-1" | "sparse-pax-1-0" => open("tar-sparse-end", expanded()).or("gnu", usual()),
        "sparse-pax-0-1-no-part" => {
            open("tar-sparse-no-part", files([("file-x", &"\0".repeat(16))])).or("empty", files([("file-x", "")]))
        }
        "sparse-pax-many-parts" | "sparse-pax-map-of-32-mib" => open("tar-sparse-maps", expanded()).or("gnu", usual()),
        "sparse-gnu-map-of-32-mib" => open("tar-sparse-maps", usual()).or("gnu", usual()),
        _ => return None,
    })
}
