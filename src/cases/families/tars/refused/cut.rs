//! Tars that end too early (TAR-04): within a header, an extension header or a content, or between an extension header and the
//! header that it extends.

use super::{
    super::{base256, file, one_file, open, patched, with_record},
    Bug, EditInPlace, Rule, Table, Tag, TarEntry, Told, tar,
};

const RULES: &[Rule] = &[Rule::TarTruncated];

const TOLD: Told = Told {
    why: "A truncated tar passes for a whole one, or the writer waits for ever.",
    disassemble: RULES,
    write: RULES,
};

impl Table {
    pub(super) fn cut(&mut self) {
        self.cut_in_an_entry();
        self.cut_in_an_extension();
        self.cut_after_an_extension();
    }

    fn cut_in_an_entry(&mut self) {
        let one = one_file();
        for (slug, change, length) in [
            ("cut-in-first-header", "only the first 300 bytes", 300),
            ("cut-after-first-byte", "only the first byte", 1),
            ("cut-in-content", "an end within the content", 515),
            (
                "cut-before-content",
                "an end right after the header of a file with content",
                512,
            ),
        ] {
            self.add(slug, "one-file", change, &TOLD, one[..length].to_vec());
            self.last(&[Tag("robustness"), Tag("boundary")], &[]);
        }
        self.add(
            "cut-in-second-header",
            "one-file",
            "half of a second header instead of the end",
            &TOLD,
            [open(&[file()]), TarEntry::file("second", "").header()[..256].to_vec()].concat(),
        );
        self.last(&[Tag("robustness")], &[]);
        let told = Told {
            why: "A block that is cut short passes for a whole one. Go's tar reader, and tar-split with it, decides: it accepts one \
                  zero block or none, and reports an unexpected end within the second one.",
            ..TOLD
        };
        self.add(
            "cut-in-end",
            "one-file",
            "an end within the second zero block",
            &told,
            [open(&[file()]), vec![0; 700]].concat(),
        );
        self.last(&[Tag("boundary")], &[]);
        self.add(
            "cut-of-100-bytes",
            "one-file",
            "a file of 100 bytes of which 10 are there",
            &TOLD,
            [
                patched(&file(), &[(124, b"00000000144\0")])[..512].to_vec(),
                b"0123456789".to_vec(),
            ]
            .concat(),
        );
        self.last(&[Tag("robustness")], &[Bug("storage-writer-cut")]);
        self.add(
            "cut-of-8-gib",
            "base-256-size",
            "a size of 8 GiB in base 256 and 8 bytes of content",
            &TOLD,
            patched(&file().edit(|entry| entry.gnu = true), &[(124, &base256(12, 8 << 30))])[..520].to_vec(),
        );
        self.last(&[Tag("resource")], &[Bug("tar-split-large")]);
        self.add(
            "cut-of-8-gib-pax",
            "pax-size",
            "a PAX size of 8 GiB and 8 bytes of content",
            &TOLD,
            [
                tar::extension_of(b'x', &tar::record("size", b"8589934592")),
                patched(&file(), &[(124, b"00000000000\0")])[..520].to_vec(),
            ]
            .concat(),
        );
        self.last(&[Tag("resource")], &[Bug("tar-split-large")]);
    }

    fn cut_in_an_extension(&mut self) {
        self.add(
            "cut-in-pax",
            "pax-comment",
            "an end within the PAX records",
            &TOLD,
            with_record("comment", b"nobody reads it")[..520].to_vec(),
        );
        self.add(
            "cut-in-gnu-name",
            "gnu-long-name",
            "an end within the first long name",
            &TOLD,
            gnu_name()[..600].to_vec(),
        );
        self.add(
            "cut-in-global-header",
            "global-header",
            "an end within the records of the global header",
            &TOLD,
            tar::extension_of(b'g', &tar::record("comment", b"0123456789abcdef"))[..520].to_vec(),
        );
    }

    /// Every byte of the extension header is there, and nothing that it could extend.
    fn cut_after_an_extension(&mut self) {
        let told = Told {
            why: "An extension header belongs to the entry after it. Where the tar ends first, the entry was lost: Go's tar \
                  reader sees the end of the archive, and the layer is short without an error; GNU tar, bsdtar and Python's \
                  tarfile complain.",
            ..TOLD
        };
        let records = tar::record("comment", b"nobody reads it");
        let pax = tar::extension_of(b'x', &records);
        let name = gnu_name();
        let link = TarEntry::symlink("l", &"n".repeat(130))
            .edit(|entry| entry.gnu = true)
            .header()[..1024]
            .to_vec();
        let end = |blocks: usize| vec![0; 512 * blocks];
        for (slug, twin, change, tar) in [
            (
                "cut-after-pax",
                "pax-comment",
                "nothing after the PAX header",
                pax.clone(),
            ),
            (
                "cut-before-pax-padding",
                "pax-comment",
                "nothing after the PAX records, not even their padding",
                pax[..512 + records.len()].to_vec(),
            ),
            (
                "cut-in-pax-padding",
                "pax-comment",
                "an end within the padding of the PAX records",
                pax[..600].to_vec(),
            ),
            (
                "cut-after-pax-without-records",
                "pax-comment",
                "a PAX header without records, and nothing after it",
                tar::extension_of(b'x', b""),
            ),
            (
                "cut-after-file-and-pax",
                "two-files",
                "a PAX header instead of the second file and the end",
                [open(&[TarEntry::file("a", "first\n")]), pax.clone()].concat(),
            ),
            (
                "cut-after-gnu-name",
                "gnu-long-name",
                "nothing after the first long name",
                name.clone(),
            ),
            (
                "cut-in-gnu-name-padding",
                "gnu-long-name",
                "an end within the padding of the first long name",
                name[..700].to_vec(),
            ),
            (
                "cut-after-gnu-link",
                "gnu-long-name",
                "a long link target, and nothing after it",
                link.clone(),
            ),
            (
                "end-after-pax",
                "pax-comment",
                "the end of the archive right after the PAX header",
                [pax.clone(), end(2)].concat(),
            ),
            (
                "end-half-after-pax",
                "pax-comment",
                "a single zero block right after the PAX header",
                [pax.clone(), end(1)].concat(),
            ),
            (
                "end-after-file-and-pax",
                "two-files",
                "a PAX header instead of the second file",
                [open(&[TarEntry::file("a", "first\n")]), pax, end(2)].concat(),
            ),
            (
                "end-after-gnu-name",
                "gnu-long-name",
                "the end of the archive right after the first long name",
                [name, end(2)].concat(),
            ),
            (
                "end-after-gnu-link",
                "gnu-long-name",
                "a long link target, and the end of the archive right after it",
                [link, end(2)].concat(),
            ),
        ] {
            self.add(slug, twin, change, &told, tar);
            self.last(&[Tag("robustness"), Tag("boundary")], &[]);
        }
    }
}

/// The GNU long name of the first file of the twin, without its header.
fn gnu_name() -> Vec<u8> {
    let file = TarEntry::file(&"n".repeat(150), "content\n").edit(|entry| entry.gnu = true);
    file.header()[..1024].to_vec()
}
