//! The shapes of tars that tools write, made by hand after what the tools wrote.

use super::{Accepted, archive};
use crate::{
    forge::{
        EditInPlace,
        tar::{TarEntry, extension_of, record, seal},
    },
    rules::Rule,
    vectors::Tag,
};

const WHY: &str = "A shape that a tool writes all the time is refused, or comes back as that of another tool.";

pub(super) fn accepted() -> Vec<Accepted> {
    let row = |slug, title, tar| Accepted::new(slug, title, WHY, Rule::SegmentHeader, &[Tag("interop")], tar);
    vec![
        row(
            "tool-gnu-tar",
            "directory and file as GNU tar writes them, up to a record",
            gnu_tar(),
        ),
        row(
            "tool-bsdtar",
            "a file as bsdtar writes it, with fields of six digits and records of its own",
            bsdtar(),
        ),
        row(
            "tool-python",
            "a file as Python's tarfile writes it, with a time made of floating point",
            python(),
        ),
        row(
            "tool-dpkg",
            "the tar of a Debian package, all of whose names begin with `./`",
            dpkg(),
        ),
        row(
            "tool-reproducible",
            "files without owner, at Unix 0, as reproducible builds write them",
            reproducible(),
        ),
        row(
            "tool-selinux",
            "a file with labels of SELinux in two records, one with a NUL at its end",
            selinux(),
        ),
        row("tool-acl", "a file with access lists in records of star", acl()),
        row(
            "tool-macos",
            "a file of macOS, with flags and the file of its attributes before it",
            macos(),
        ),
        row("tool-aufs", "the files that AUFS keeps for itself in a layer", aufs()),
        row(
            "tool-overlay",
            "whiteouts as overlayfs has them: a device of 0 and 0, and an attribute of a directory",
            overlay(),
        ),
    ]
}

/// With the names of the owner.
fn owned(entry: TarEntry) -> TarEntry {
    entry.edit(|entry| {
        entry.patches.push((265, b"root".to_vec()));
        entry.patches.push((297, b"root".to_vec()));
    })
}

fn gnu_tar() -> Vec<u8> {
    let gnu = |entry: TarEntry| owned(entry).edit(|entry| entry.gnu = true);
    let tar = archive(&[gnu(TarEntry::dir("d/")), gnu(TarEntry::file("d/file", "content\n"))]);
    let rest = vec![0; tar.len().next_multiple_of(10_240) - tar.len()];
    [tar, rest].concat()
}

fn bsdtar() -> Vec<u8> {
    let file = owned(TarEntry::file("file", "content\n")).edit(|entry| {
        for (at, field) in [
            (100, "000644 \0"),
            (108, "001750 \0"),
            (116, "000144 \0"),
            (124, "00000000010 "),
        ] {
            entry.patches.push((at, field.into()));
        }
        for (at, field) in [(136, "14524770400 "), (329, "000000 \0"), (337, "000000 \0")] {
            entry.patches.push((at, field.into()));
        }
        entry.pax = [
            ("mtime", "1700000000.123456789"),
            ("atime", "1700000001.5"),
            ("ctime", "1700000002.25"),
            ("LIBARCHIVE.creationtime", "1600000000"),
            ("SCHILY.dev", "66306"),
            ("SCHILY.ino", "12345"),
            ("SCHILY.nlink", "1"),
        ]
        .map(|(key, value)| (key.to_owned(), value.into()))
        .into();
    });
    archive(&[file])
}

fn python() -> Vec<u8> {
    let mut header = extension_of(b'x', &record("mtime", b"1700000000.1234567"));
    header[..20].copy_from_slice(b"././@PaxHeader\0\0\0\0\0\0");
    seal(&mut header[..512]);
    let tar = [header, archive(&[TarEntry::file("file", "content\n")])].concat();
    let rest = vec![0; tar.len().next_multiple_of(10_240) - tar.len()];
    [tar, rest].concat()
}

fn dpkg() -> Vec<u8> {
    let gnu = |entry: TarEntry| owned(entry).edit(|entry| entry.gnu = true);
    let long = format!("./usr/share/doc/{}/copyright", "n".repeat(90));
    archive(&[
        gnu(TarEntry::dir("./")),
        gnu(TarEntry::dir("./usr/")),
        gnu(TarEntry::file(&long, "content\n")),
        gnu(TarEntry::symlink("./usr/link", "share/doc")),
    ])
}

fn reproducible() -> Vec<u8> {
    let at_0 = |entry: TarEntry| entry.edit(|entry| entry.mtime = 0);
    archive(&[at_0(TarEntry::dir("d/")), at_0(TarEntry::file("d/file", "content\n"))])
}

fn selinux() -> Vec<u8> {
    let label = b"system_u:object_r:bin_t:s0";
    let file = TarEntry::file("file", "content\n").edit(|entry| {
        entry.xattrs = vec![("security.selinux".into(), [&label[..], b"\0"].concat())];
        entry.pax = vec![("RHT.security.selinux".into(), label.to_vec())];
    });
    archive(&[file])
}

fn acl() -> Vec<u8> {
    let file = TarEntry::file("file", "content\n").edit(|entry| {
        entry.pax = vec![
            (
                "SCHILY.acl.access".into(),
                b"user::rw-\nuser:1000:r--\ngroup::r--\nmask::r--\nother::r--\n".to_vec(),
            ),
            ("SCHILY.acl.default".into(), b"user::rwx,group::r-x,other::r-x".to_vec()),
        ];
    });
    archive(&[file])
}

fn macos() -> Vec<u8> {
    let attributes = TarEntry::file("._file", b"\0\x05\x16\x07\0\x02\0\0Mac OS X        ");
    let file = TarEntry::file("file", "content\n").edit(|entry| {
        entry.pax = vec![
            ("SCHILY.fflags".into(), b"hidden".to_vec()),
            ("LIBARCHIVE.xattr.com.apple.quarantine".into(), b"MDA4Mw".to_vec()),
        ];
        entry.xattrs = vec![("com.apple.quarantine".into(), b"0083".to_vec())];
    });
    archive(&[attributes, file])
}

fn aufs() -> Vec<u8> {
    archive(&[
        TarEntry::file(".wh..wh.aufs", ""),
        TarEntry::dir(".wh..wh.orph/"),
        TarEntry::dir(".wh..wh.plnk/"),
        TarEntry::file(".wh..wh.plnk/123.456", "content\n"),
        TarEntry::hard_link("file", ".wh..wh.plnk/123.456"),
    ])
}

fn overlay() -> Vec<u8> {
    let opaque = TarEntry::dir("d/").edit(|entry| {
        entry.xattrs = vec![("trusted.overlay.opaque".into(), b"y".to_vec())];
    });
    archive(&[
        TarEntry::device(b'3', "gone", 0, 0),
        opaque,
        TarEntry::file("d/new", "content\n"),
    ])
}
