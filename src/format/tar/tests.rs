mod causes;

use super::{
    Entry, Event, Expecting, Point, Scanner,
    build::{END, Header, file, long, odd_tars, pax, with_content},
};
use crate::{
    format::{Findings, time::Timestamp},
    rules::Rule,
};

/// What a scanner said, with neighbouring pieces joined.
#[derive(Debug, Default, PartialEq)]
struct Log {
    events: Vec<Logged>,
    rules: Vec<Rule>,
}

#[derive(Debug, PartialEq)]
enum Logged {
    Raw(Vec<u8>),
    Entry(Box<Entry>),
    Content(Vec<u8>),
    ContentEnd,
    ArchiveEnd,
}

impl Log {
    fn take(&mut self, event: Event<'_>) {
        match (self.events.last_mut(), event) {
            (Some(Logged::Raw(raw)), Event::Raw(bytes)) => raw.extend_from_slice(bytes),
            (Some(Logged::Content(content)), Event::Content(bytes)) => content.extend_from_slice(bytes),
            (_, Event::Raw(bytes)) => self.events.push(Logged::Raw(bytes.to_vec())),
            (_, Event::Content(bytes)) => self.events.push(Logged::Content(bytes.to_vec())),
            (_, Event::Entry(entry)) => self.events.push(Logged::Entry(entry)),
            (_, Event::ContentEnd) => self.events.push(Logged::ContentEnd),
            (_, Event::ArchiveEnd) => self.events.push(Logged::ArchiveEnd),
        }
    }

    fn entries(&self) -> Vec<&Entry> {
        self.events
            .iter()
            .filter_map(|event| match event {
                Logged::Entry(entry) => Some(&**entry),
                _ => None,
            })
            .collect()
    }

    fn bytes(&self) -> Vec<u8> {
        self.events
            .iter()
            .flat_map(|event| match event {
                Logged::Raw(bytes) | Logged::Content(bytes) => bytes.clone(),
                _ => vec![],
            })
            .collect()
    }
}

fn scan_pieces(tar: &[u8], piece: usize) -> Log {
    let mut log = Log::default();
    let mut findings = Findings::new();
    let mut scanner = Scanner::new();
    for bytes in tar.chunks(piece) {
        if !scanner.push(bytes, &mut findings, &mut |event| log.take(event)) {
            assert_eq!(scanner.expecting(), Expecting::Nothing);
            assert!(!findings.is_empty());
            break;
        }
    }
    scanner.finish(&mut findings);
    log.rules = findings.list().iter().map(|finding| finding.rule).collect();
    log
}

fn scan(tar: &[u8]) -> Log {
    scan_pieces(tar, usize::MAX)
}

/// The only entry of a tar that breaks no rule.
fn entry(tar: &[u8]) -> Entry {
    let log = scan(tar);
    assert_eq!(log.rules, [], "{log:?}");
    let entries = log.entries();
    assert_eq!(entries.len(), 1);
    entries[0].clone()
}

#[test]
fn odd_tars_are_read_whole_in_pieces_of_any_size() {
    for (name, tar) in odd_tars() {
        let whole = scan(&tar);
        assert_eq!(whole.rules, [], "{name}");
        assert!(whole.bytes() == tar, "{name}");
        let pieces: &[usize] = if tar.len() > 10_000 { &[4096] } else { &[1, 7, 511, 513] };
        for &piece in pieces {
            assert!(scan_pieces(&tar, piece) == whole, "{name} in pieces of {piece}");
        }
    }
}

#[test]
fn a_ustar_header() {
    let header = Header::new(b'3', "null", 0)
        .with(100, b"0004755\0")
        .with(108, b"0001750\0")
        .with(116, b"    12 \0")
        .with(136, b"14700000000\0")
        .with(157, b"target")
        .with(265, b"user")
        .with(297, b"group")
        .with(329, b"0000001\0")
        .with(337, b"0000003\0")
        .with(345, b"dev");
    let expected = Entry {
        typeflag: b'3',
        name: b"dev/null".to_vec(),
        link_name: b"target".to_vec(),
        mode: 0o4755,
        uid: 1000,
        gid: 0o12,
        user_name: b"user".to_vec(),
        group_name: b"group".to_vec(),
        modtime: Timestamp::from_unix(0o14700000000, 0),
        dev_major: 1,
        dev_minor: 3,
        ..Entry::default()
    };
    assert_eq!(entry(&header.clone().block()), expected);

    let v7 = entry(&header.with(257, b"\0").block());
    assert_eq!(
        (v7.name.as_slice(), v7.user_name.as_slice(), v7.dev_major),
        (&b"null"[..], &b""[..], 0)
    );
}

fn at(seconds: i64) -> Option<Timestamp> {
    Timestamp::from_unix(seconds, 0)
}

#[test]
fn what_stands_at_345() {
    let plain = Header::new(b'0', "a", 0);
    let star = plain
        .clone()
        .with(345, b"p")
        .with(476, b"00000000007\0")
        .with(508, b"tar\0");
    let entry_of = |header: Header| {
        let entry = entry(&header.block());
        (
            String::from_utf8(entry.name).unwrap(),
            entry.accesstime,
            entry.changetime,
        )
    };
    let gnu = plain.gnu();
    for (header, name, accesstime, changetime) in [
        (star, "p/a", at(7), at(0)),
        (gnu.clone(), "a", None, None),
        (
            gnu.clone().with(345, b"00000000007\x0000000000010\0"),
            "a",
            at(7),
            at(8),
        ),
        // What Go before 1.8 wrote.
        (gnu.clone().with(345, b"prefix"), "prefix/a", None, None),
        (gnu.with(345, b"prefix-\xff"), "a", None, None),
    ] {
        assert_eq!(entry_of(header), (name.to_owned(), accesstime, changetime));
    }
}

#[test]
fn numbers() {
    for (field, value) in [
        (&b"0000017\0"[..], Some(15)),
        (b"       \0", Some(0)),
        (b"\0\0\0\0\0\0\0\0", Some(0)),
        (b" 17    \0", Some(15)),
        (b"17\0\0\0\0\0\0", Some(15)),
        (b"17\0junk\0", Some(15)),
        (b"00000018", None),
        (b"1 7    \0", None),
        (b"-17    \0", None),
        (b"\x80\0\0\0\0\0\x01\0", Some(256)),
        (b"\xff\xff\xff\xff\xff\xff\xff\xfe", Some(-2)),
        (b"\x80\x7f\xff\xff\xff\xff\xff\xff", Some(0x7f_ffff_ffff_ffff)),
        (b"\xbf\xff\xff\xff\xff\xff\xff\xff", Some(0x3fff_ffff_ffff_ffff)),
    ] {
        let log = scan(&Header::new(b'0', "a", 0).with(108, field).block());
        match value {
            Some(value) => assert_eq!(
                (log.rules.as_slice(), log.entries()[0].uid),
                (&[][..], value),
                "{field:?}"
            ),
            None => assert_eq!(
                (log.rules.as_slice(), log.entries()[0].uid),
                (&[Rule::TarHeader][..], 0),
                "{field:?}"
            ),
        }
    }
    let too_large = b"\x80\0\0\x01\0\0\0\0\0\0\0\0";
    assert_eq!(
        scan(&Header::new(b'0', "a", 0).with(136, too_large).block()).rules,
        [Rule::TarHeader]
    );
}

#[test]
fn checksums_of_signed_bytes_are_accepted() {
    let mut block = Header::new(b'0', "", 0).with(0, b"\xe4").block();
    let unsigned = block[148..156].to_vec();
    let sum = i64::from_str_radix(std::str::from_utf8(&unsigned[..6]).unwrap(), 8).unwrap();
    block[148..156].copy_from_slice(format!("{:06o}\0 ", sum - 256).as_bytes());
    assert_eq!(entry(&block).name, b"\xe4");
    block[148..156].copy_from_slice(format!("{:06o}\0 ", sum - 255).as_bytes());
    assert_eq!(scan(&block).rules, [Rule::TarHeader]);
}

#[test]
fn sizes_and_content() {
    for (typeflag, content) in [
        (b'0', 5),
        (b'7', 5),
        (b'?', 5),
        (b'1', 0),
        (b'2', 0),
        (b'3', 0),
        (b'4', 0),
        (b'5', 0),
        (b'6', 0),
    ] {
        let mut tar = Header::new(typeflag, "a", 5).block();
        tar.resize(512 + content, 0);
        let entry = entry(&tar);
        assert_eq!(
            (entry.size, entry.content),
            (5, content.try_into().unwrap()),
            "{typeflag}"
        );
    }
    for (name, typeflag) in [("d/", b'5'), ("d", b'0')] {
        assert_eq!(entry(&Header::new(0, name, 0).block()).typeflag, typeflag);
    }
}

#[test]
fn pax_values() {
    let of = |key: &str, value: &str| entry(&[pax(b'x', &[(key, value)]), file(b'2', "a", b"")].concat());
    assert_eq!(of("path", "b").name, b"b");
    assert_eq!(of("path", "").name, b"a");
    assert_eq!(of("linkpath", "b").link_name, b"b");
    assert_eq!(of("uname", "b").user_name, b"b");
    assert_eq!(of("gname", "b").group_name, b"b");
    assert_eq!(of("uid", "-5").uid, -5);
    assert_eq!(of("gid", "+5").gid, 5);
    assert_eq!(of("size", "7").size, 7);
    assert_eq!(of("atime", "1").accesstime, at(1));
    assert_eq!(of("ctime", "1").changetime, at(1));
    assert_eq!(of("SCHILY.xattr.user.a", "").xattrs[&b"user.a"[..]], b"");
    assert_eq!(
        of("comment", "b"),
        Entry {
            offset: 0,
            ..of("other", "b")
        }
    );
    for (text, time) in [
        ("1.5", (1, 500_000_000)),
        ("1.0000000019", (1, 1)),
        ("1.", (1, 0)),
        ("-1.25", (-2, 750_000_000)),
        ("-1.0", (-1, 0)),
        ("-0.5", (-1, 500_000_000)),
    ] {
        assert_eq!(
            of("mtime", text).modtime,
            Timestamp::from_unix(time.0, time.1),
            "{text}"
        );
    }
}

#[test]
fn the_last_extension_header_counts() {
    let path = |path| pax(b'x', &[("path", path)]);
    let plain = file(b'0', "a", b"");
    for (tar, name) in [
        ([path("b"), path("c"), plain.clone()].concat(), "c"),
        (
            [pax(b'x', &[("path", "b"), ("path", "c")]), plain.clone()].concat(),
            "c",
        ),
        ([path("b"), pax(b'x', &[]), plain.clone()].concat(), "a"),
        ([long(b'L', "l"), path("b"), plain.clone()].concat(), "l"),
        ([path("b"), long(b'L', ""), plain.clone()].concat(), "b"),
    ] {
        assert_eq!(entry(&tar).name, name.as_bytes());
    }
}

#[test]
fn a_global_header_is_an_entry() {
    let tar = [
        pax(b'x', &[("uid", "1")]),
        pax(b'g', &[("path", "g"), ("uid", "7")]),
        file(b'0', "a", b"x"),
    ]
    .concat();
    let log = scan(&tar);
    let entries = log.entries();
    assert_eq!(
        *entries[0],
        Entry {
            typeflag: b'g',
            name: b"g".to_vec(),
            points: vec![Point::GlobalRecords],
            ..Entry::default()
        }
    );
    assert_eq!((entries[1].uid, entries[1].offset), (0, 2048));
}

#[test]
fn each_rule_alone() {
    let x = |body: &str| [file(b'x', "x", body.as_bytes()), file(b'0', "a", b"")].concat();
    let with = |records: &[(&str, &str)]| [pax(b'x', records), file(b'0', "a", b"")].concat();
    let plain = Header::new(b'0', "a", 0);
    let negative = b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfb";
    let too_long = format!("{:011o}\0", (1 << 20) + 1);
    for (name, tar, rule) in [
        ("no header", vec![b'x'; 512], Rule::TarHeader),
        (
            "wrong checksum",
            plain.clone().block().into_iter().rev().collect(),
            Rule::TarHeader,
        ),
        ("bad size", plain.clone().with(124, b"x").block(), Rule::TarHeader),
        ("bad time", plain.clone().with(136, b"x").block(), Rule::TarHeader),
        ("bad device", plain.clone().with(329, b"x").block(), Rule::TarHeader),
        (
            "negative size",
            plain.clone().with(124, negative).block(),
            Rule::TarHeader,
        ),
        (
            "negative size of a link",
            Header::new(b'1', "a", 0).with(124, negative).block(),
            Rule::TarHeader,
        ),
        (
            "negative size of records",
            Header::new(b'x', "a", 0).with(124, negative).block(),
            Rule::TarHeader,
        ),
        ("negative pax size", with(&[("size", "-1")]), Rule::TarHeader),
        (
            "single block of zeros",
            [vec![0; 512], file(b'0', "a", b"")].concat(),
            Rule::TarHeader,
        ),
        ("no space", x("9path=abc\n"), Rule::TarExtension),
        ("no length", x(" path=abc\n"), Rule::TarExtension),
        ("length too large", x("13 path=abc\n"), Rule::TarExtension),
        ("length too small", x("10 path=abc\n"), Rule::TarExtension),
        ("length within itself", x("00000000000005 a=\n"), Rule::TarExtension),
        ("length of 2^64", x("18446744073709551616 a=\n"), Rule::TarExtension),
        ("no equals sign", x("9 path a\n"), Rule::TarExtension),
        ("no key", x("5 =a\n"), Rule::TarExtension),
        ("NUL in a path", x("10 path=a\0\n"), Rule::TarExtension),
        ("NUL in a key", x("8 k\0=aa\n"), Rule::TarExtension),
        ("bad uid", with(&[("uid", "1x")]), Rule::TarExtension),
        ("bad size record", with(&[("size", "x")]), Rule::TarExtension),
        ("bad time record", with(&[("mtime", "1.x")]), Rule::TarExtension),
        (
            "bad record of a global header",
            pax(b'g', &[("uid", "x")]),
            Rule::TarExtension,
        ),
        (
            "lone sparse length",
            with(&[("GNU.sparse.numbytes", "1")]),
            Rule::TarExtension,
        ),
        (
            "records too long",
            Header::new(b'x', "x", 0).with(124, too_long.as_bytes()).block(),
            Rule::TarExtensionLimit,
        ),
        (
            "long name too long",
            Header::new(b'L', "x", 0).with(124, too_long.as_bytes()).block(),
            Rule::TarExtensionLimit,
        ),
        (
            "half a header",
            plain.clone().block()[..100].to_vec(),
            Rule::TarTruncated,
        ),
        ("half a block of zeros", vec![0; 100], Rule::TarTruncated),
        ("one and a half blocks of zeros", vec![0; 700], Rule::TarTruncated),
        (
            "half a record",
            with(&[("path", "a")])[..515].to_vec(),
            Rule::TarTruncated,
        ),
        (
            "half of the content",
            file(b'0', "a", b"hello")[..514].to_vec(),
            Rule::TarTruncated,
        ),
        (
            "only an extension header",
            pax(b'x', &[("path", "a")]),
            Rule::TarTruncated,
        ),
        ("only an empty extension header", pax(b'x', &[]), Rule::TarTruncated),
        (
            "extension header without padding",
            pax(b'x', &[("path", "a")])[..522].to_vec(),
            Rule::TarTruncated,
        ),
        (
            "extension header with short padding",
            [file(b'0', "a", b"a"), long(b'L', "n")[..700].to_vec()].concat(),
            Rule::TarTruncated,
        ),
        ("long link name last", long(b'K', "n"), Rule::TarTruncated),
        (
            "extension header before the end",
            [pax(b'x', &[("path", "a")]), END.to_vec()].concat(),
            Rule::TarTruncated,
        ),
        (
            "long name before half an end",
            [long(b'L', "n"), vec![0; 512]].concat(),
            Rule::TarTruncated,
        ),
        (
            "half a record of a global header",
            pax(b'g', &[("comment", "a")])[..515].to_vec(),
            Rule::TarTruncated,
        ),
        (
            "old GNU sparse",
            Header::new(b'S', "a", 0).gnu().block(),
            Rule::TarSparse,
        ),
        (
            "GNU sparse 0.0",
            with(&[("GNU.sparse.offset", "0"), ("GNU.sparse.numbytes", "1")]),
            Rule::TarSparse,
        ),
        ("GNU sparse 0.1", with(&[("GNU.sparse.map", "0,1")]), Rule::TarSparse),
        (
            "GNU sparse 1.0",
            with(&[("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0")]),
            Rule::TarSparse,
        ),
    ] {
        assert_eq!(scan(&tar).rules, [rule], "{name}");
    }
}

#[test]
fn unknown_sparse_versions_are_plain_files() {
    let tar = [
        pax(b'x', &[("GNU.sparse.major", "2"), ("GNU.sparse.map", "0,1")]),
        file(b'0', "a", b""),
    ]
    .concat();
    assert_eq!(entry(&tar).name, b"a");
}

#[test]
fn content_can_be_skipped() {
    let tar = [file(b'0', "a", b"hello"), file(b'0', "b", b"")].concat();
    let mut names = Vec::new();
    let mut findings = Findings::new();
    let mut scanner = Scanner::new();
    let mut sink = |event: Event<'_>| {
        if let Event::Entry(entry) = event {
            names.push((entry.name, entry.offset));
        }
    };
    scanner.push(&tar[..512], &mut findings, &mut sink);
    assert_eq!(scanner.expecting(), Expecting::Content { left: 5 });
    assert_eq!(scanner.skip_content(), 5);
    assert_eq!(scanner.expecting(), Expecting::Padding { left: 507 });
    scanner.push(&tar[517..1030], &mut findings, &mut sink);
    assert_eq!(scanner.expecting(), Expecting::HeaderRest);
    scanner.push(&tar[1030..], &mut findings, &mut sink);
    assert_eq!(scanner.expecting(), Expecting::Header);
    scanner.push(&END, &mut findings, &mut sink);
    assert_eq!(scanner.expecting(), Expecting::Tail);
    assert_eq!(scanner.skip_content(), 0);
    assert_eq!(names, [(b"a".to_vec(), 0), (b"b".to_vec(), 1024)]);
    assert!(findings.is_empty());
}

#[test]
fn no_damage_panics() {
    for (_, tar) in odd_tars().into_iter().filter(|(_, tar)| tar.len() < 4096) {
        for length in (0..tar.len()).filter(|length| length % 512 < 9 || length % 7 == 0) {
            scan(&tar[..length]);
        }
        for (place, bit) in (0..tar.len()).zip((0..8).cycle()) {
            let mut tar = tar.clone();
            tar[place] ^= 1 << bit;
            scan(&tar);
        }
    }
}

#[test]
fn a_bare_header_after_content_is_found_by_its_offset() {
    let tar = with_content(Header::new(b'0', "a", 3), b"abc");
    let log = scan(&[tar.clone(), tar].concat());
    assert_eq!(log.entries()[1].offset, 1024);
}
