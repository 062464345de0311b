//! Extension headers that give an entry its size, its name and its attributes.

use super::{Bug, Builder, EditInPlace, G5, Plan, Rule, Tag, TarEntry, sealed, tar};

/// A file whose PAX header gives its size, and whose own header has these digits for one.
fn sized(name: &str, content: &[u8], digits: &[u8; 11]) -> TarEntry {
    TarEntry::file(name, content).edit(|entry| {
        entry
            .pax
            .push(("size".to_owned(), content.len().to_string().into_bytes()));
        entry.patches.push((124, digits.to_vec()));
    })
}

/// A GNU header with this for the long name of what follows.
fn long_name(body: &[u8]) -> Vec<u8> {
    let header = TarEntry::file("././@LongLink", body).edit(|entry| {
        entry.gnu = true;
        entry.flag = b'L';
    });
    [header.header(), header.content, tar::padding(body.len())].concat()
}

impl Builder<'_> {
    pub(super) fn extensions(&mut self) {
        const WHY: &str = "Content is read as headers, or headers as content, and the layer passes for one whose TOC and \
                           headers differ.";
        let other = || TarEntry::file("b", "other");
        let entry_inside = {
            let inner = TarEntry::file("inner", "not an entry\n");
            [inner.header(), inner.content, tar::padding(13)].concat()
        };
        let short = |before: Vec<u8>, name: &str| {
            TarEntry::file(name, "hello").edit(|entry| {
                entry.before = before;
                entry.patches.push((0, b"short\0\0\0".to_vec()));
            })
        };
        let no_size = |entry: TarEntry| entry.edit(|entry| entry.patches.push((124, b"00000000000".to_vec())));
        let with_size = [
            tar::extension_of(b'x', &tar::record("size", b"5")),
            long_name(b"longname\0"),
        ];
        let label = TarEntry::file("label", "content\n").edit(|entry| {
            let value = [&[1, 0, 0, 2, 2, 0, 10][..], &[0; 13]].concat();
            entry.xattrs.push(("security.capability".to_owned(), value));
        });
        let rows: [(&str, &str, &[Bug], Vec<TarEntry>); 7] = [
            (
                "g5-gnu-name-without-nul",
                "a GNU long name that fills its body, without a NUL",
                &[],
                vec![short(long_name(b"longname"), "longname")],
            ),
            (
                "g5-pax-size-content-is-tar",
                "a size in a PAX record, 0 in the header, and content that looks like an entry",
                &[Bug("tokio-tar-pax-size")],
                vec![sized("a", &entry_inside, b"00000000000"), other()],
            ),
            (
                "g5-pax-size-smaller",
                "a size of 5 in a PAX record, and 512 in the header",
                &[Bug("tokio-tar-pax-size"), Bug("tar-rs-pax-size")],
                vec![sized("a", b"hello", b"00000001000"), other()],
            ),
            (
                "g5-pax-size-then-plain",
                "a file whose size is in a PAX record, and one without records",
                &[Bug("tokio-tar-state-kept")],
                vec![sized("a", &[b'a'; 600], b"00000000000"), other()],
            ),
            (
                "g5-pax-size-before-gnu-name",
                "a PAX header with the size of the file, and a GNU long name behind it",
                &[Bug("tokio-tar-gnu-size")],
                vec![no_size(short(with_size.concat(), "longname"))],
            ),
            (
                "g5-gnu-name-nul-inside",
                "a GNU long name with bytes behind its NUL",
                &[Bug("tokio-tar-record-lines")],
                vec![short(long_name(b"name\0hidden/..\0"), "name")],
            ),
            (
                "g5-xattr-line-feed",
                "an extended attribute with a line feed in its value",
                &[Bug("tokio-tar-record-lines")],
                vec![label],
            ),
        ];
        for (slug, title, bugs, entries) in rows {
            let layer = sealed(Plan::new(G5, entries).parts());
            let added = self
                .valid(slug, title, WHY, Rule::EntryMetadata, &layer)
                .tags(&[Tag("security")]);
            if !bugs.is_empty() {
                added.bugs(bugs);
            }
        }
        self.short_records();
    }

    /// A record that a careless reader cuts out from behind its end.
    fn short_records(&mut self) {
        const WHY: &str = "The record is cut out with a length below zero, and the reader crashes.";
        let layer = |record: &[u8]| {
            let entry =
                TarEntry::file("file", "content\n").edit(|entry| entry.before = tar::extension_of(b'x', record));
            sealed(Plan::new(G5, vec![entry]).parts())
        };
        let comment = layer(b"13 comment=a\n");
        self.valid(
            "g5-pax-comment-only",
            "a comment in a PAX header",
            WHY,
            Rule::TarExtension,
            &comment,
        );
        self.invalid(
            "pax-record-length-zeros",
            "g5-pax-comment-only",
            "a record whose length of 5, written in nine digits, ends within the length",
            WHY,
            &[Rule::TarExtension],
            &layer(b"000000005 a=b\n"),
        )
        .tags(&[Tag("robustness")]);
    }
}
