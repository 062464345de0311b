//! Builds tars for tests, byte by byte and without the code under test.

#![expect(clippy::arithmetic_side_effects, reason = "an overflow here is a failed test")]

/// A header block under construction: ustar, mode 0644, checksum set at the end.
#[derive(Clone)]
pub(in crate::format) struct Header {
    block: [u8; 512],
}

impl Header {
    pub(in crate::format) fn new(typeflag: u8, name: &str, size: u64) -> Self {
        let mut header = Self { block: [0; 512] };
        header.set(0, name.as_bytes());
        header.set(100, b"0000644\0");
        header.set(108, b"0000000\0");
        header.set(116, b"0000000\0");
        header.set(124, format!("{size:011o}\0").as_bytes());
        header.set(136, b"00000000000\0");
        header.set(156, &[typeflag]);
        header.set(257, b"ustar\x0000");
        header.set(329, b"0000000\0");
        header.set(337, b"0000000\0");
        header
    }

    /// A GNU header instead.
    pub(in crate::format) fn gnu(self) -> Self {
        self.with(257, b"ustar  \0")
    }

    /// The same with these bytes at this place.
    pub(in crate::format) fn with(mut self, at: usize, bytes: &[u8]) -> Self {
        self.set(at, bytes);
        self
    }

    fn set(&mut self, at: usize, bytes: &[u8]) {
        self.block[at..at + bytes.len()].copy_from_slice(bytes);
    }

    /// The block with a right checksum.
    pub(in crate::format) fn block(mut self) -> Vec<u8> {
        self.set(148, b"        ");
        let sum: u32 = self.block.iter().map(|&byte| u32::from(byte)).sum();
        self.set(148, format!("{sum:06o}\0 ").as_bytes());
        self.block.to_vec()
    }
}

/// Header, content and padding.
pub(in crate::format) fn file(typeflag: u8, name: &str, content: &[u8]) -> Vec<u8> {
    with_content(Header::new(typeflag, name, content.len().try_into().unwrap()), content)
}

/// A header of any size field, then this content and its padding.
pub(in crate::format) fn with_content(header: Header, content: &[u8]) -> Vec<u8> {
    let mut out = header.block();
    out.extend_from_slice(content);
    out.resize(out.len().next_multiple_of(512), 0);
    out
}

/// A PAX header of these records.
pub(in crate::format) fn pax(typeflag: u8, records: &[(&str, &str)]) -> Vec<u8> {
    let body: String = records.iter().map(|(key, value)| record(key, value)).collect();
    file(typeflag, "PaxHeaders/x", body.as_bytes())
}

fn record(key: &str, value: &str) -> String {
    let rest = format!(" {key}={value}\n");
    let mut length = rest.len() + 1;
    while format!("{length}{rest}").len() != length {
        length += 1;
    }
    format!("{length}{rest}")
}

/// A GNU long name (`L`) or long link name (`K`).
pub(in crate::format) fn long(typeflag: u8, text: &str) -> Vec<u8> {
    file(typeflag, "././@LongLink", format!("{text}\0").as_bytes())
}

/// The two blocks that end an archive.
pub(in crate::format) const END: [u8; 1024] = [0; 1024];

/// Tars that every tar scanner of the format has to take, by name.
pub(in crate::format) fn odd_tars() -> Vec<(&'static str, Vec<u8>)> {
    let long_name = "d/".repeat(150) + "file";
    let base256 = |bytes: &[u8]| {
        let mut field = [0; 12];
        field[0] = 0x80;
        field[12 - bytes.len()..].copy_from_slice(bytes);
        field
    };
    let mut tars = vec![
        ("nothing", vec![]),
        ("only the end", END.to_vec()),
        ("half an end", vec![0; 512]),
        ("no end", file(b'0', "a", b"hello")),
        ("no last padding", file(b'0', "a", b"hello")[..517].to_vec()),
        ("short last padding", file(b'0', "a", b"hello")[..600].to_vec()),
        ("no padding due", file(b'0', "a", &[7; 1024])),
        ("empty file", file(b'0', "a", b"")),
        (
            "several",
            [
                file(b'5', "d/", b""),
                file(b'0', "d/a", b"1"),
                file(b'0', "d/b", &[9; 600]),
                END.to_vec(),
            ]
            .concat(),
        ),
        (
            "pax size and path",
            [
                pax(
                    b'x',
                    &[("size", "5"), ("path", &long_name), ("SCHILY.xattr.user.a", "1")],
                ),
                with_content(Header::new(b'0', "short", 0), b"hello"),
                END.to_vec(),
            ]
            .concat(),
        ),
        (
            "gnu long name and link",
            [
                long(b'K', &long_name),
                long(b'L', &long_name),
                file(b'2', "short", b""),
                END.to_vec(),
            ]
            .concat(),
        ),
        (
            "base 256",
            with_content(Header::new(b'0', "a", 0).gnu().with(124, &base256(&[1, 0])), &[3; 256]),
        ),
        (
            "hard link with size",
            [Header::new(b'1', "l", 5).block(), file(b'0', "z", b"z")].concat(),
        ),
        (
            "global pax",
            [pax(b'g', &[("comment", "c")]), file(b'0', "a", b"a"), END.to_vec()].concat(),
        ),
        (
            "old directory",
            with_content(Header::new(0, "d/", 0).with(257, &[0; 8]), b""),
        ),
        (
            "names to escape",
            file(b'0', "<&>\u{2028}\u{2029}\u{8}\u{c}\n\r\t\u{1}\u{7f}\"\\é", b"x"),
        ),
        (
            "name that is not utf-8",
            with_content(Header::new(b'0', "", 1).with(0, b"file-\xe4"), b"x"),
        ),
        ("no name", file(b'0', "", b"x")),
        (
            "only a global header",
            [pax(b'g', &[("comment", "c")]), END.to_vec()].concat(),
        ),
        ("global header last", pax(b'g', &[("comment", "c")])),
        (
            "global header last without padding",
            pax(b'g', &[("comment", "c")])[..525].to_vec(),
        ),
        (
            "global header last with short padding",
            pax(b'g', &[("comment", "c")])[..600].to_vec(),
        ),
        (
            "long name without NUL",
            [file(b'L', "././@LongLink", b"name"), file(b'0', "a", b"")].concat(),
        ),
    ];
    for length in [1, 100, 511, 512, 513, 1500] {
        tars.push((
            "zero tail",
            [file(b'0', "a", b"1"), END.to_vec(), vec![0; length]].concat(),
        ));
    }
    tars.push((
        "odd tail",
        [file(b'0', "a", b"1"), END.to_vec(), file(b'0', "b", b"2"), vec![1]].concat(),
    ));
    tars.push(("large tail", [END.to_vec(), vec![0; (2 << 20) + 17]].concat()));
    tars
}
