//! eStargz: layers that its library wrote, and layers that break one rule each.

use std::{
    collections::BTreeMap,
    fs,
    io::{Read as _, Write as _},
    path::PathBuf,
};

use chunkproof::format::{
    Digest, Findings,
    estargz::{self, Verified},
    layer::Source,
};
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

use crate::support::{program, root, tar_header};

type Annotations = BTreeMap<String, String>;

const TOC_DIGEST: &str = "containerd.io/snapshot/stargz/toc.digest";

fn folder(name: &str) -> PathBuf {
    root().join("corpus/known-good-estargz").join(name)
}

const KNOWN: [&str; 9] = [
    "external",
    "lossless",
    "lossless-empty",
    "lossless-minchunk",
    "lossless-tail",
    "minchunk",
    "mixed",
    "prefetch",
    "prefetch-minchunk",
];

fn verify(blob: &[u8], annotations: Option<&Annotations>, toc: Option<&[u8]>) -> (Verified, Vec<String>) {
    let mut findings = Findings::new();
    let source = Source::new(&blob, annotations);
    let verified = match &toc {
        Some(toc) => estargz::verify(&source, Some(toc), &mut findings),
        None => estargz::verify(&source, None, &mut findings),
    }
    .unwrap();
    let rules = findings
        .list()
        .iter()
        .map(|finding| finding.rule.id().to_owned())
        .collect();
    (verified, rules)
}

#[test]
fn known_good_layers_hold_and_look_as_they_did() {
    for name in KNOWN {
        let folder = folder(name);
        let read = |file: &str| fs::read(folder.join(file));
        let blob = read("layer.tar.gz").unwrap();
        let annotations: Annotations = serde_json::from_slice(&read("annotations.json").unwrap()).unwrap();
        let provenance: Value = serde_json::from_slice(&read("provenance.json").unwrap()).unwrap();
        let toc = read("toc.tar.gz").ok();
        assert_eq!(provenance["layer"]["sha256"], Digest::of(&blob).hex(), "{name}");
        for annotations in [Some(&annotations), None] {
            let (verified, rules) = verify(&blob, annotations, toc.as_deref());
            assert_eq!(rules, [""; 0], "{name}");
            assert!(verified.ambiguities.is_empty(), "{name}");
            assert_eq!(
                verified.tar_digest.unwrap().hex(),
                provenance["tar"]["sha256"],
                "{name}"
            );
            assert_eq!(verified.tar_size.unwrap(), provenance["tar"]["size"], "{name}");
            assert_eq!(
                verified.index.unwrap().is_authenticated(),
                annotations.is_some(),
                "{name}"
            );
        }
        for command in ["verify", "inspect", "index"] {
            let mut program = program();
            program.args([command, "layer.tar.gz", "--annotations", "annotations.json"]);
            if toc.is_some() {
                program.args(["--toc", "toc.tar.gz"]);
            }
            let output = program.current_dir(&folder).output().unwrap();
            assert!(output.status.success(), "{name}: {output:?}");
            insta::assert_snapshot!(format!("{name}@{command}"), String::from_utf8(output.stdout).unwrap());
        }
    }
}

/// No byte of a layer can change without a finding, but for those of gzip headers that mean nothing.
#[test]
fn no_flipped_byte_and_no_cut_goes_unnoticed() {
    let blob = fs::read(folder("prefetch").join("layer.tar.gz")).unwrap();
    let annotations: Annotations =
        serde_json::from_slice(&fs::read(folder("prefetch").join("annotations.json")).unwrap()).unwrap();
    let right = verify(&blob, Some(&annotations), None).0.tar_digest;
    let mut unnoticed = 0;
    for place in 0..blob.len() {
        let mut changed = blob.clone();
        changed[place] ^= 1 << (place % 8);
        let (verified, rules) = verify(&changed, Some(&annotations), None);
        if rules.is_empty() {
            assert_eq!(verified.tar_digest, right, "byte {place}");
            unnoticed += 1;
        }
    }
    // Time, flags for compressors and operating system of the members before the footer.
    assert!(unnoticed < 200, "{unnoticed} of {}", blob.len());
    for length in 0..blob.len() {
        assert!(
            !verify(&blob[..length], Some(&annotations), None).1.is_empty(),
            "cut to {length}"
        );
    }
}

/// A layer by its parts, before they are compressed.
#[derive(Clone)]
struct Plan {
    /// What each member before the TOC decodes to.
    members: Vec<Vec<u8>>,
    toc: Value,
    /// The name of the TOC in its tar.
    name: String,
    /// Its type flag there.
    flag: u8,
    /// Bytes between TOC and footer.
    gap: Vec<u8>,
    annotation: Option<String>,
}

const CONTENT: &[u8] = b"content of a file\n";

/// The name of the TOC in its tar.
const TOC: &str = "stargz.index.json";

fn padded(content: &[u8]) -> Vec<u8> {
    let mut bytes = content.to_vec();
    bytes.resize(content.len().next_multiple_of(512), 0);
    bytes
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

impl Plan {
    /// A landmark and a file in two chunks, each in a member of its own.
    fn new() -> Self {
        let time = "2023-11-14T22:13:20Z";
        let entry =
            |name: &str, size: usize| json!({"name": name, "type": "reg", "size": size, "mode": 420, "modtime": time});
        let landmark = tar_header(".no.prefetch.landmark", b'0', 1);
        let file = tar_header("file", b'0', CONTENT.len());
        let mut first = entry(".no.prefetch.landmark", 1);
        first["digest"] = json!(Digest::of(&[0x0f]).to_string());
        let mut second = entry("file", CONTENT.len());
        second["digest"] = json!(Digest::of(CONTENT).to_string());
        second["chunkSize"] = json!(10);
        second["chunkDigest"] = json!(Digest::of(&CONTENT[..10]).to_string());
        let chunk = json!({
            "name": "file", "type": "chunk", "chunkOffset": 10, "chunkDigest": Digest::of(&CONTENT[10..]).to_string(),
        });
        let rest = padded(CONTENT)[10..].to_vec();
        let plan = Self {
            members: vec![landmark, [padded(&[0x0f]), file].concat(), CONTENT[..10].to_vec(), rest],
            toc: json!({"version": 1, "entries": [first, second, chunk]}),
            name: TOC.to_owned(),
            flag: b'0',
            gap: Vec::new(),
            annotation: None,
        };
        plan.placed()
    }

    /// The same layer with other bytes in its members.
    fn placed(mut self) -> Self {
        for (entry, member) in [(0, 1), (1, 2), (2, 3)] {
            self.toc["entries"][entry]["offset"] = json!(self.offset(member));
        }
        self
    }

    fn offset(&self, member: usize) -> usize {
        self.members[..member].iter().map(|bytes| gzip(bytes).len()).sum()
    }

    fn blob(&self) -> (Vec<u8>, Annotations) {
        let mut blob: Vec<u8> = self.members.iter().flat_map(|bytes| gzip(bytes)).collect();
        let offset = blob.len();
        let json = self.toc.to_string().into_bytes();
        blob.extend(gzip(
            &[
                tar_header(&self.name, self.flag, json.len()),
                padded(&json),
                vec![0; 1024],
            ]
            .concat(),
        ));
        blob.extend(&self.gap);
        blob.extend(b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x1a\0SG\x16\0");
        blob.extend(format!("{offset:016x}STARGZ").as_bytes());
        blob.extend(b"\x01\0\0\xff\xff\0\0\0\0\0\0\0\0");
        let digest = self.annotation.clone().unwrap_or_else(|| Digest::of(&json).to_string());
        (blob, [(TOC_DIGEST.to_owned(), digest)].into())
    }
}

#[test]
fn an_ambiguous_tar_is_no_finding_of_the_library_and_one_of_the_command() {
    let mut plan = Plan::new();
    // After the NUL of a checksum.
    plan.members[0][155] = b'x';
    let (blob, annotations) = plan.placed().blob();
    let (verified, rules) = verify(&blob, Some(&annotations), None);
    assert_eq!(rules, [""; 0]);
    let found = verified.ambiguities.list().iter();
    let found: Vec<&str> = found.map(|ambiguity| ambiguity.point.choice()).collect();
    assert_eq!(found, ["tar-checksum-rest"]);

    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("layer.tar.gz"), &blob).unwrap();
    for (option, code) in [(&[][..], 1), (&["--allow-ambiguous-tar"], 0)] {
        let mut program = program();
        program.args(["verify", "layer.tar.gz"]).args(option);
        let output = program.current_dir(folder.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(code));
        assert!(
            String::from_utf8(output.stdout)
                .unwrap()
                .contains("TAR-07 tar at byte 0")
        );
    }
}

/// Of one name the last entry counts.
#[test]
fn an_empty_file_replaces_one_with_content() {
    let mut plan = Plan::new();
    plan.members[3].extend(tar_header("file", b'0', 0));
    let entries = plan.toc["entries"].as_array_mut().unwrap();
    let mut last = entries[1].clone();
    for field in ["size", "chunkSize", "chunkDigest"] {
        last.as_object_mut().unwrap().remove(field);
    }
    last["digest"] = json!(Digest::of(b"").to_string());
    entries.push(last);
    let (blob, annotations) = plan.placed().blob();
    assert_eq!(verify(&blob, Some(&annotations), None).1, [""; 0]);
}

#[test]
fn each_rule_alone() {
    type Change = fn(&mut Plan);
    let rows: &[(&str, &[&str], Change)] = &[
        ("nothing", &[], |_| {}),
        ("another name of the TOC", &["ESG-04"], |plan| {
            plan.name = "stargz.index.JSON".into();
        }),
        ("a byte between TOC and footer", &["ESG-04", "ESG-06"], |plan| {
            plan.gap = vec![0];
        }),
        ("a member between TOC and footer", &["ESG-04"], |plan| {
            plan.gap = gzip(b"");
        }),
        ("another digest in the annotation", &["LYR-07"], |plan| {
            plan.annotation = Some(Digest::of(b"other").to_string());
        }),
        ("another content of the landmark", &["CMP-03", "DAT-03"], |plan| {
            plan.members[1][0] = 0x0e;
        }),
        ("a landmark of another byte, with its digest", &["ESG-05"], |plan| {
            plan.members[1][0] = 0x0e;
            plan.toc["entries"][0]["digest"] = json!(Digest::of(&[0x0e]).to_string());
        }),
        ("the end of the archive before the TOC", &[], |plan| {
            plan.members.push(vec![0; 1024]);
        }),
        ("odd bytes after the end of the archive", &[], |plan| {
            plan.members.push([vec![0; 1024], b"odd".to_vec()].concat());
        }),
        ("a TOC of no entries after the end of the archive", &[], |plan| {
            plan.members
                .push([vec![0; 1024], tar_header(TOC, b'0', 2), padded(b"{}")].concat());
        }),
        ("one block of zeros before the TOC", &["TAR-01"], |plan| {
            plan.members.push(vec![0; 512]);
        }),
        (
            "a symbolic link named as the TOC before the end of the archive",
            &["CMP-01"],
            |plan| {
                plan.members.push([tar_header(TOC, b'2', 0), vec![0; 1024]].concat());
            },
        ),
        (
            "another file named as the TOC before the end of the archive",
            &["CMP-01"],
            |plan| {
                plan.members
                    .push([tar_header(TOC, b'0', 2), padded(b"{}"), vec![0; 1024]].concat());
            },
        ),
        ("a file named as the TOC before it", &["CMP-01"], |plan| {
            plan.members.push([tar_header(TOC, b'0', 2), padded(b"{}")].concat());
        }),
        ("the same, and the TOC lists it", &["ESG-07"], |plan| {
            plan.members.push(tar_header(TOC, b'0', 0));
            let entries = plan.toc["entries"].as_array_mut().unwrap();
            entries.push(json!({"name": TOC, "type": "reg", "mode": 420, "modtime": "2023-11-14T22:13:20Z"}));
        }),
        (
            "an extension header that renames the TOC",
            &["ESG-04", "CMP-01"],
            |plan| {
                plan.members
                    .push([tar_header("x", b'x', 14), padded(b"14 path=other\n")].concat());
            },
        ),
        ("a file whose content is the TOC", &["ESG-04", "CMP-01"], |plan| {
            let toc = padded(plan.toc.to_string().as_bytes()).len();
            plan.members.push(tar_header("hidden", b'0', 512 + toc + 1024));
        }),
        ("the entries of two files exchanged", &["ESG-08", "CMP-05"], |plan| {
            plan.toc["entries"].as_array_mut().unwrap().rotate_left(1);
        }),
        ("the TOC as a symbolic link", &["ESG-04", "TAR-01"], |plan| {
            plan.flag = b'2';
        }),
        ("an offset within a member", &["DAT-01"], |plan| {
            let offset = plan.offset(2) + 1;
            plan.toc["entries"][1]["offset"] = json!(offset);
        }),
        ("an offset in the TOC", &["DAT-01"], |plan| {
            let offset = plan.offset(4);
            plan.toc["entries"][2]["offset"] = json!(offset);
        }),
        ("an inner offset that leaves too little", &["DAT-02"], |plan| {
            plan.toc["entries"][2]["innerOffset"] = json!(500);
        }),
        ("another digest of the file", &["CMP-03", "DAT-03"], |plan| {
            plan.toc["entries"][1]["digest"] = json!(Digest::of(b"other").to_string());
        }),
        ("another digest of a chunk", &["DAT-04"], |plan| {
            plan.toc["entries"][2]["chunkDigest"] = json!(Digest::of(b"other").to_string());
        }),
        ("another mode", &["CMP-02"], |plan| {
            plan.toc["entries"][1]["mode"] = json!(0o4755);
        }),
        ("an entry more", &["CMP-01"], |plan| {
            let entries = plan.toc["entries"].as_array_mut().unwrap();
            entries.push(json!({"name": "d", "type": "dir"}));
        }),
        ("an entry less", &["CMP-01"], |plan| {
            plan.toc["entries"].as_array_mut().unwrap().truncate(1);
        }),
        ("a header that is none", &["TAR-01"], |plan| plan.members[0][0] ^= 1),
    ];
    for (name, expected, change) in rows {
        let mut plan = Plan::new();
        change(&mut plan);
        let (blob, annotations) = plan.blob();
        assert_eq!(verify(&blob, Some(&annotations), None).1, *expected, "{name}");
    }
    let (blob, annotations) = Plan::new().blob();
    let broken = |from: usize, with: &[u8]| {
        let mut blob = blob.clone();
        blob.splice(from..from, with.iter().copied());
        verify(&blob, Some(&annotations), None).1
    };
    assert!(broken(0, b"x").contains(&"ESG-06".to_owned()));
    let mut findings = Findings::new();
    let bytes = blob.as_slice();
    let mut source = Source::new(&bytes, Some(&annotations));
    source.diff_id = Some(Digest::of(b"other"));
    drop(estargz::verify(&source, None, &mut findings).unwrap());
    assert_eq!(findings.list()[0].rule.id(), "CMP-04");
    source.limits.toc = 100;
    let mut findings = Findings::new();
    estargz::load(&source, None, &mut findings).unwrap();
    assert_eq!(findings.list()[0].rule.id(), "IDX-01");
}

/// 4 GiB of zeros in 4 MiB, as a TOC that says to be of that size and as one that says to be small.
#[test]
fn a_toc_that_is_a_bomb() {
    let mut zeros = GzEncoder::new(Vec::new(), Compression::fast());
    std::io::copy(&mut std::io::repeat(0).take(1 << 28), &mut zeros).unwrap();
    let zeros = zeros.finish().unwrap();
    for (size, rule) in [(1 << 28, "IDX-01"), (100, "ESG-04")] {
        let mut blob = gzip(&tar_header("stargz.index.json", b'0', size));
        let offset = 0;
        blob.extend(&zeros);
        blob.extend(b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x1a\0SG\x16\0");
        blob.extend(format!("{offset:016x}STARGZ").as_bytes());
        blob.extend(b"\x01\0\0\xff\xff\0\0\0\0\0\0\0\0");
        let mut findings = Findings::new();
        let bytes = blob.as_slice();
        estargz::load(&Source::new(&bytes, None), None, &mut findings).unwrap();
        assert_eq!(findings.list()[0].rule.id(), rule);
    }
}

#[test]
fn what_the_commands_say_of_it() {
    let run = |arguments: &[&str]| {
        program()
            .args(arguments)
            .current_dir(folder("external"))
            .output()
            .unwrap()
    };
    for (arguments, code, said) in [
        (&["verify", "layer.tar.gz"][..], 1, "ESG-04"),
        (&["verify", "layer.tar.gz", "--toc", "missing"], 2, "missing"),
        (&["verify", "layer.tar.gz", "--toc", "layer.tar.gz"], 1, "ESG-04"),
        (&["reconstruct", "layer.tar.gz", "-o", "-"], 1, "has no tar-split"),
        (
            &["verify", "layer.tar.gz", "--toc", "toc.tar.gz", "--skip-rule", "ESG-06"],
            2,
            "cannot be switched off",
        ),
    ] {
        let output = run(arguments);
        let all = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        assert_eq!(output.status.code(), Some(code), "{all}");
        assert!(all.contains(said), "{said:?} is not in {all:?}");
    }
    let mut decoded = Vec::new();
    flate2::read::MultiGzDecoder::new(fs::File::open(folder("external").join("layer.tar.gz")).unwrap())
        .read_to_end(&mut decoded)
        .unwrap();
    let output = run(&["verify", "layer.tar.gz", "--toc", "toc.tar.gz", "--format", "json"]);
    let verdict: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(verdict["tar_digest"], Digest::of(&decoded).to_string());
}

/// What a finding denies, and what cannot be known, is not claimed.
#[test]
fn nothing_is_claimed_that_is_not_so() {
    let dir = tempfile::tempdir().unwrap();
    let run = |blob: &[u8], annotations: &Annotations, command: &str, format: &str| {
        fs::write(dir.path().join("blob"), blob).unwrap();
        fs::write(dir.path().join("annotations"), json!(annotations).to_string()).unwrap();
        let mut program = program();
        program.args([command, "blob", "--format", format]);
        if !annotations.is_empty() {
            program.args(["--annotations", "annotations"]);
        }
        let output = program.current_dir(dir.path()).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let none = Annotations::new();
    let (blob, annotations) = Plan::new().blob();
    let other: Annotations = [(TOC_DIGEST.to_owned(), Digest::of(b"other").to_string())].into();

    // A plain tar.gz, alone and with the annotation of another blob.
    let plain = gzip(&[tar_header("file", b'0', CONTENT.len()), padded(CONTENT), vec![0; 1024]].concat());
    for command in ["verify", "inspect"] {
        let text = run(&plain, &none, command, "terminal");
        assert!(!text.contains("dialect") && text.contains("ESG-01"), "{text}");
        let json: Value = serde_json::from_str(&run(&plain, &none, command, "json")).unwrap();
        assert_eq!(json["dialect"], Value::Null);
    }
    let text = run(&plain, &none, "verify", "terminal");
    assert!(
        text.contains("a plain gzip-compressed tar; clients download it in full"),
        "{text}"
    );
    let text = run(&plain, &other, "verify", "terminal");
    assert!(
        text.contains("the annotation names an eStargz TOC, but the blob is a plain gzip-compressed tar"),
        "{text}"
    );
    // Something in gzip that is no tar is not called one.
    let text = run(&gzip(b"no tar"), &none, "verify", "terminal");
    assert!(
        text.contains("ESG-01") && !text.contains("plain gzip-compressed tar"),
        "{text}"
    );

    // A good layer, and the same with the digest of another TOC in the annotation.
    for (annotations, authenticated, said) in [
        (&annotations, true, "authenticated by the annotation"),
        (&none, false, "nothing authenticates it"),
        (&other, false, "contradicted by the annotation"),
    ] {
        for command in ["verify", "inspect"] {
            let text = run(&blob, annotations, command, "terminal");
            assert!(text.contains(said) && text.contains("dialect    estargz"), "{text}");
            let json: Value = serde_json::from_str(&run(&blob, annotations, command, "json")).unwrap();
            assert_eq!(json["toc_authenticated"], authenticated);
        }
    }

    // A blob that was given as the TOC of a layer that has its own.
    fs::write(dir.path().join("blob"), &blob).unwrap();
    for command in ["verify", "inspect", "index"] {
        let output = program()
            .args([command, "blob", "--toc", "blob"])
            .current_dir(dir.path())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("--toc is for a layer with an external TOC"), "{said}");
    }
}
