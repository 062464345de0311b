//! Known-good layers with one fault each: every command reports its cause, and nothing that contradicts it.

use std::{collections::BTreeMap, fmt::Write as _, fs, io::Write as _, path::Path};

use serde_json::Value;

use crate::support::{chunkproof_in, root};

/// A known-good layer.
struct Layer {
    blob: Vec<u8>,
    annotations: BTreeMap<String, String>,
    prefix: &'static str,
}

impl Layer {
    fn of(name: &str) -> Self {
        let folder = root().join("corpus/known-good").join(name);
        let annotations: BTreeMap<String, String> =
            serde_json::from_slice(&fs::read(folder.join("annotations.json")).unwrap()).unwrap();
        let prefix = if annotations.keys().any(|key| key.starts_with("io.github.")) {
            "io.github.containers.zstd-chunked."
        } else {
            "io.containers.zstd-chunked."
        };
        Self {
            blob: fs::read(folder.join("layer.tar.zst")).unwrap(),
            annotations,
            prefix,
        }
    }

    fn key(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    /// Offset and length that a position annotation names.
    fn position(&self, key: &str) -> Option<(usize, usize)> {
        let text = self.annotations.get(&self.key(key))?;
        let mut numbers = text.split(':').map(|number| number.parse().unwrap());
        Some((numbers.next().unwrap(), numbers.next().unwrap()))
    }

    /// Where the frame of the footer begins.
    fn footer(&self) -> usize {
        let lengths = [40_usize, 56, 64];
        let starts = lengths.map(|length| (self.blob.len() - length - 8, length));
        let header = |at: usize| u32::from_le_bytes(self.blob[at + 4..at + 8].try_into().unwrap());
        starts
            .into_iter()
            .find(|&(at, length)| header(at) == u32::try_from(length).unwrap() && self.blob[at] == 0x50)
            .unwrap()
            .0
    }

    /// Where the last byte of the footer's magic is.
    fn magic(&self) -> usize {
        let at = self.footer() + 8;
        if self.blob.len() - at == 64 { at + 63 } else { at + 39 }
    }

    fn toc(&self) -> (usize, usize) {
        self.position("manifest-position").unwrap()
    }
}

/// What is done to a layer: its name and how.
type Fault = (&'static str, Box<dyn Fn(&mut Layer)>);

fn fault(name: &'static str, apply: impl Fn(&mut Layer) + 'static) -> Fault {
    (name, Box::new(apply))
}

/// The faults, the same for every layer.
fn faults() -> Vec<Fault> {
    vec![
        fault("whole", |_| {}),
        fault("first byte of the blob flipped", |l| l.blob[0] ^= 1),
        fault("block header of the first frame made longer", |l| l.blob[7] ^= 0x20),
        fault("byte in the middle of the data flipped", |l| {
            let at = l.toc().0 / 2;
            l.blob[at] ^= 1;
        }),
        fault("last byte of the data flipped", |l| {
            let at = l.toc().0 - 9;
            l.blob[at] ^= 1;
        }),
        fault("magic of the TOC's frame flipped", |l| {
            let at = l.toc().0 - 8;
            l.blob[at] ^= 0x80;
        }),
        fault("length of the TOC's frame flipped", |l| {
            let at = l.toc().0 - 4;
            l.blob[at] ^= 1;
        }),
        fault("byte of the TOC flipped", |l| {
            let (at, length) = l.toc();
            l.blob[at + length / 2] ^= 1;
        }),
        fault("byte of the tar-split flipped", |l| {
            if let Some((at, length)) = l.position("tarsplit-position") {
                l.blob[at + length / 2] ^= 1;
            }
        }),
        fault("header of the tar-split's frame flipped", |l| {
            if let Some((at, _)) = l.position("tarsplit-position") {
                l.blob[at - 3] ^= 1;
            }
        }),
        fault("frame header of the footer flipped", |l| {
            let at = l.footer();
            l.blob[at] ^= 1;
        }),
        fault("magic of the footer flipped", |l| {
            let at = l.magic();
            l.blob[at] ^= 1;
        }),
        fault("TOC offset in the footer changed", |l| {
            let at = l.footer() + 8;
            l.blob[at] ^= 1;
        }),
        fault("uncompressed length in the footer changed", |l| {
            let at = l.footer() + 24;
            l.blob[at] ^= 1;
        }),
        fault("cut in the data", |l| {
            let at = l.toc().0 / 2;
            l.blob.truncate(at);
        }),
        fault("cut before the TOC", |l| {
            let at = l.toc().0 - 8;
            l.blob.truncate(at);
        }),
        fault("cut in the TOC", |l| {
            let at = l.toc().0 + 10;
            l.blob.truncate(at);
        }),
        fault("cut after the TOC", |l| {
            let (at, length) = l.toc();
            l.blob.truncate(at + length);
        }),
        fault("cut in the footer", |l| {
            let at = l.blob.len() - 10;
            l.blob.truncate(at);
        }),
        fault("5 bytes added at the end", |l| l.blob.extend(b"12345")),
        fault("empty skippable frame added at the end", |l| {
            l.blob.extend(b"\x50\x2a\x4d\x18\0\0\0\0");
        }),
        fault("zeros added at the end", |l| l.blob.extend([0; 1000])),
        fault("5 bytes inserted at the beginning", |l| {
            l.blob.splice(0..0, *b"12345");
        }),
        fault("empty skippable frame inserted before the TOC", |l| {
            let at = l.toc().0 - 8;
            l.blob.splice(at..at, *b"\x50\x2a\x4d\x18\0\0\0\0");
        }),
        fault("first frame removed", |l| {
            l.blob.drain(..100);
        }),
        fault("manifest checksum of another TOC", |l| {
            let key = l.key("manifest-checksum");
            let checksum = l.annotations.get_mut(&key).unwrap();
            let last = if checksum.ends_with('0') { "1" } else { "0" };
            checksum.replace_range(checksum.len() - 1.., last);
        }),
        fault("annotations of another layer", |l| {
            l.annotations = Layer::of("mixed-skopeo118").annotations;
        }),
        fault("annotations of another layer, g1", |l| {
            l.annotations = Layer::of("hardxattr-storage1_37_3").annotations;
        }),
        fault("TOC position of another layer", |l| {
            let key = l.key("manifest-position");
            l.annotations.insert(key, "301494:1620:5043:1".to_owned());
            l.annotations.remove(&l.key("tarsplit-position"));
        }),
        fault("tar-split position 8 bytes early", |l| {
            if let Some((at, length)) = l.position("tarsplit-position") {
                let key = l.key("tarsplit-position");
                let text = l.annotations[&key].replacen(&format!("{at}:{length}"), &format!("{}:{length}", at - 8), 1);
                l.annotations.insert(key, text);
            }
        }),
        fault("annotation of the tar-split taken away", |l| {
            l.annotations.remove(&l.key("tarsplit-position"));
        }),
        fault("no annotations", |l| l.annotations.clear()),
        fault("no annotations, magic of the footer flipped", |l| {
            l.annotations.clear();
            let at = l.magic();
            l.blob[at] ^= 1;
        }),
        fault("no annotations, cut in the TOC", |l| {
            let at = l.toc().0 + 10;
            l.annotations.clear();
            l.blob.truncate(at);
        }),
        fault("no annotations, TOC offset in the footer changed", |l| {
            l.annotations.clear();
            let at = l.footer() + 8;
            l.blob[at] ^= 1;
        }),
    ]
}

fn run(folder: &Path, arguments: &[&str]) -> String {
    let output = chunkproof_in(folder, arguments);
    assert_eq!(output.stderr, b"");
    assert!(matches!(output.status.code(), Some(0 | 1)), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// What `verify` and the other commands report of a layer with each fault, and that no line of it denies another.
#[test]
fn one_fault_has_one_cause() {
    for name in [
        "gnulong-skopeo118",
        "hardxattr-storage1_50_2",
        "hardxattr-storage1_49_0",
        "hardxattr-storage1_43_2",
        "mixed-stargz",
    ] {
        let dir = tempfile::tempdir().unwrap();
        let mut text = String::new();
        for (fault, apply) in faults() {
            let mut layer = Layer::of(name);
            apply(&mut layer);
            fs::write(dir.path().join("layer"), &layer.blob).unwrap();
            fs::write(
                dir.path().join("annotations"),
                serde_json::to_vec(&layer.annotations).unwrap(),
            )
            .unwrap();
            let mut arguments = vec!["layer", "--annotations", "annotations"];
            if layer.annotations.is_empty() {
                arguments.truncate(1);
            }
            let verified = run(dir.path(), &[&["verify"], arguments.as_slice()].concat());
            let json = run(
                dir.path(),
                &[&["verify", "--format", "json"], arguments.as_slice()].concat(),
            );
            no_claim_is_denied(fault, &verified, &serde_json::from_str(&json).unwrap());
            write!(text, "--- {fault}\n{}", in_short(&verified)).unwrap();
            // What the other commands report differs with the reader, and not with the dialect.
            for command in ["inspect", "index", "reconstruct"] {
                if !["gnulong-skopeo118", "mixed-stargz"].contains(&name) {
                    continue;
                }
                let mut arguments = [&[command], arguments.as_slice()].concat();
                if command == "reconstruct" {
                    arguments.extend(["-o", "tar"]);
                }
                let reported = run(dir.path(), &arguments);
                for line in in_short(&reported)
                    .lines()
                    .filter(|line| !line.contains(" of TOC ") && !line.ends_with(" bytes"))
                    .filter(|line| !verified.contains(line) && !line.contains("LYR-08"))
                {
                    writeln!(text, "{command}: {line}").unwrap();
                }
            }
        }
        insta::assert_snapshot!(name, text);
    }
}

/// Without the sentences of the rules, entries and frames.
fn in_short(report: &str) -> String {
    let frames = |line: &str| line.starts_with("   ") || line.starts_with(['-', 'd', 'l', 'h', 'c', 'b', 'p']);
    let kept = report
        .lines()
        .filter(|line| !line.is_empty() && (!frames(line) || line.starts_with("layer:")));
    let kept: Vec<&str> = kept
        .filter(|line| {
            [
                "  entries",
                "  frames",
                "  segments",
                "  tar  ",
                "  toc  ",
                "  footer",
                "  rebuilt",
            ]
            .iter()
            .all(|start| !line.starts_with(start) || (line.contains(',') && line.starts_with("  toc")))
        })
        .collect();
    kept.iter().fold(String::new(), |text, line| text + line + "\n")
}

/// What is claimed of TOC, tar-split and DiffID is what no finding denies.
fn no_claim_is_denied(fault: &str, text: &str, json: &Value) {
    let findings = json["findings"].as_array().unwrap();
    let breaks = |id: &str| findings.iter().any(|finding| finding["rule"] == id);
    for (rules, claim, field) in [
        (
            &["TOC-01", "LYR-07", "ANN-09", "ANN-12"][..],
            "authenticated by the annotations",
            json["toc_authenticated"] == true,
        ),
        (
            &["LYR-04", "LYR-05", "LYR-06", "TOC-01"],
            "authenticated by the TOC",
            json["tar_split_authority"] == "toc",
        ),
        (&["CMP-04"], ", the DiffID", json["diff_id_matches"] == true),
    ] {
        assert_eq!(text.contains(claim), field, "{fault}: {text}");
        for rule in rules {
            assert!(!breaks(rule) || !field, "{fault}: {rule} denies: {text}");
        }
    }
    assert_eq!(json["valid"] == true, findings.is_empty(), "{fault}");
}

/// A file that is something else is named in one finding, whatever the annotations say.
#[test]
fn what_is_not_a_layer_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let zstd = |content: &[u8]| zstd::stream::encode_all(content, 3).unwrap();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let tar = vec![0; 10240];
    gzip.write_all(&tar).unwrap();
    let stale = serde_json::to_vec(&Layer::of("mixed-skopeo118").annotations).unwrap();
    fs::write(dir.path().join("annotations"), stale).unwrap();
    for (blob, kind) in [
        (Vec::new(), "an empty file"),
        (zstd(&tar), "a plain zstd-compressed tar; clients download it in full"),
        (
            gzip.finish().unwrap(),
            "a plain gzip-compressed tar; clients download it in full",
        ),
        (zstd(b"text"), "zstd-compressed data that is not a tar"),
        (b"PK\x03\x04zip".to_vec(), "a zip archive"),
        (
            b"{\"schemaVersion\": 2}".to_vec(),
            "a JSON document; a manifest or descriptor is given with --annotations",
        ),
        (
            b"\x1b[31mtext".to_vec(),
            "neither zstd, gzip nor a tar; the first bytes are `\\x1b[31mtex`",
        ),
    ] {
        let is_gzip = blob.starts_with(b"\x1f\x8b");
        fs::write(dir.path().join("layer"), blob).unwrap();
        for (annotated, though) in [
            (&[][..], ""),
            (
                &["--annotations", "annotations"][..],
                ", though the annotations name its index",
            ),
        ] {
            // What begins as gzip and is not annotated is eStargz, or meant to be.
            if is_gzip && annotated.is_empty() {
                continue;
            }
            for command in ["verify", "inspect", "index", "reconstruct"] {
                let mut arguments = [&[command, "layer"], annotated].concat();
                if command == "reconstruct" {
                    arguments.extend(["-o", "tar"]);
                }
                let reported = run(dir.path(), &arguments);
                let findings: Vec<&str> = reported
                    .lines()
                    .filter(|line| line.starts_with(char::is_uppercase) && line.contains(" blob"))
                    .collect();
                let expected = format!("FTR-01 blob: not a zstd:chunked layer{though}: {kind}");
                assert_eq!(findings, [expected.as_str()], "{arguments:?}: {reported}");
            }
        }
    }
}
