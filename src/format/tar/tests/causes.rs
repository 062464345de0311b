//! Findings name the cause, and show bytes as they are.

use super::super::{
    Scanner,
    build::{Header, file, pax},
};
use crate::format::Findings;

/// What a finding says of this tar, whose only one it is.
fn said(tar: &[u8]) -> String {
    let mut findings = Findings::new();
    let mut scanner = Scanner::new();
    scanner.push(tar, &mut findings, &mut |_| ());
    scanner.finish(&mut findings);
    let [finding] = findings.list() else {
        panic!("{findings:?}");
    };
    finding.to_string()
}

#[test]
fn the_cause_is_named_and_bytes_are_shown_as_they_are() {
    let header = Header::new(b'0', "a", 0);
    for (tar, said_of_it) in [
        (
            [Header::new(b'1', "b", 5).block(), vec![b'x'; 512]].concat(),
            "TAR-01 tar at byte 512: content after the hard link \"b\", whose header gives a size of 5 bytes: expected a header, \
             since a hard link has no content",
        ),
        (
            [Header::new(b'5', "d/", 512).block(), vec![0; 512], file(b'0', "a", b"")].concat(),
            "TAR-01 tar at byte 1024: content after the directory \"d/\", whose header gives a size of 512 bytes: expected a header, \
             since a directory has no content",
        ),
        (
            header.clone().with(136, b"1\xff\x80 ").block(),
            "TAR-01 tar at byte 136: the header field mtime is not a number: found \"1\\xff\\x80 0000000\\x00\", expected octal digits \
             or base 256",
        ),
        (
            [file(b'x', "x", b"7 pa\xffh\n"), header.clone().block()].concat(),
            "TAR-02 tar at byte 0: malformed PAX record at byte 0 of the body: no equals sign between key and value, expected one",
        ),
        (
            [file(b'x', "x", b"1\xff path\n"), header.clone().block()].concat(),
            "TAR-02 tar at byte 0: malformed PAX record at byte 0 of the body: the length is not a number: found \"1\\xff\", \
             expected a decimal number",
        ),
        (
            [pax(b'x', &[("uid", "\u{1b}1")]), header.block()].concat(),
            "TAR-02 tar at byte 0: the value of the PAX record uid is not a number: found \"\\x1b1\", expected a decimal number",
        ),
    ] {
        assert_eq!(said(&tar), said_of_it);
    }
}
