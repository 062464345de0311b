//! The strict library, as a program that depends on it without default features sees it.

mod outside;
mod sources;

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Read as _, Write as _},
    path::PathBuf,
};

use chunkproof::{
    Authority, Dialect, Digest, EntryKind, Error, ErrorKind, Layer, Limits, OpenOptions, ReadAt, WriteOptions, Writer,
    rules::Rule, verify, write_layer,
};
use serde_json::{Value, json};

use crate::support::root;

/// A layer that a real tool wrote.
struct Known {
    name: String,
    folder: PathBuf,
    blob: Vec<u8>,
    annotations: BTreeMap<String, String>,
    provenance: Value,
}

impl Known {
    fn read(name: &str) -> Self {
        let folder = root().join("corpus/known-good").join(name);
        let json = |file: &str| fs::read(folder.join(file)).unwrap();
        Self {
            name: name.to_owned(),
            blob: json("layer.tar.zst"),
            annotations: serde_json::from_slice(&json("annotations.json")).unwrap(),
            provenance: serde_json::from_slice(&json("provenance.json")).unwrap(),
            folder,
        }
    }

    fn all() -> Vec<Self> {
        let entries = fs::read_dir(root().join("corpus/known-good")).unwrap();
        let folders = entries
            .map(|entry| entry.unwrap())
            .filter(|entry| entry.path().is_dir());
        let known: Vec<Self> = folders
            .map(|folder| Self::read(folder.file_name().to_str().unwrap()))
            .collect();
        assert!(known.len() >= 25, "a layer is missing");
        known
    }

    fn open(&self) -> Layer<&[u8]> {
        Layer::open(self.blob.as_slice(), Authority::Annotations(&self.annotations)).unwrap()
    }

    /// The tar, by a decoder that knows nothing of the index.
    fn tar(&self) -> Vec<u8> {
        zstd::stream::decode_all(self.blob.as_slice()).unwrap()
    }
}

fn regular<B: ReadAt + Sync>(layer: &Layer<B>) -> Vec<String> {
    let regular = layer.entries().filter(|entry| entry.kind == EntryKind::Regular);
    regular.map(|entry| entry.path().to_owned()).collect()
}

fn content<B: ReadAt + Sync>(layer: &Layer<B>, path: &str) -> Result<Vec<u8>, Error> {
    let mut content = Vec::new();
    layer.file(path)?.read_to_end(&mut content)?;
    Ok(content)
}

fn error<T>(result: Result<T, Error>) -> Error {
    match result {
        Ok(_) => panic!("it was accepted"),
        Err(error) => error,
    }
}

#[test]
fn every_layer_is_listed_extracted_and_rebuilt() {
    let (mut files, mut rebuilt) = (0, 0);
    for known in Known::all() {
        let name = &known.name;
        let layer = known.open();
        assert!(layer.is_authenticated(), "{name}");
        assert_eq!(
            layer.dialect().map(Dialect::name),
            known.provenance["dialect"].as_str(),
            "{name}"
        );
        let tar = known.tar();
        for path in regular(&layer) {
            let entry = layer.entry(&path).unwrap();
            let bytes = content(&layer, &path).unwrap();
            assert_eq!(u64::try_from(bytes.len()).unwrap(), entry.size, "{name} {path}");
            assert!(
                bytes.is_empty() || tar.windows(bytes.len()).any(|part| part == bytes),
                "{name} {path}"
            );
            let digest = layer.file(&path).unwrap().finish().unwrap();
            assert_eq!(digest, Digest::of(&bytes), "{name} {path}");
            files += 1;
        }
        let mut out = Vec::new();
        match layer.to_tar(&mut out) {
            Ok(written) => {
                assert!(layer.has_tar_split(), "{name}");
                assert!(out == tar, "{name}");
                assert_eq!(
                    (written.diff_id, written.size),
                    (Digest::of(&tar), tar.size()),
                    "{name}"
                );
                let expected = known.provenance["tar"]["sha256"].as_str().unwrap();
                assert_eq!(written.diff_id.hex(), expected, "{name}");
                rebuilt += 1;
            }
            Err(error) => {
                assert!(!layer.has_tar_split(), "{name}: {error}");
                assert_eq!(error.kind(), ErrorKind::NoTarSplit, "{name}");
                assert_eq!(error.rule(), Some(Rule::NoTarSplit), "{name}");
                assert!(out.is_empty(), "{name}");
            }
        }
        let verified = verify(&known.blob, Authority::Annotations(&known.annotations)).unwrap();
        assert!(verified.is_valid(), "{name}: {verified}");
        assert_eq!(
            verified.into_result().unwrap().tar_digest,
            Some(Digest::of(&tar)),
            "{name}"
        );
    }
    assert!(files > 50 && rebuilt > 12, "{files} files, {rebuilt} tars");
}

#[test]
fn the_footer_is_used_only_where_the_caller_says_so() {
    let known = Known::read("mixed-skopeo118");
    let layer = Layer::open(&known.blob, Authority::UnauthenticatedFooter).unwrap();
    assert!(!layer.is_authenticated());

    // Annotations of others name no index, and the intact footer does not stand in for them.
    let others = BTreeMap::from([("org.example".to_owned(), "1".to_owned())]);
    for annotations in [BTreeMap::new(), others] {
        let authority = Authority::Annotations(&annotations);
        for error in [
            error(Layer::open(&known.blob, authority)),
            error(OpenOptions::new().index_extents(8, authority)),
            error(verify(&known.blob, authority).unwrap().into_result()),
        ] {
            assert_eq!(
                (error.kind(), error.rule()),
                (ErrorKind::Unauthenticated, None),
                "{error}"
            );
        }
        assert!(!verify(&known.blob, authority).unwrap().is_valid());
    }
}

#[test]
fn another_diff_id_is_an_error() {
    let known = Known::read("mixed-podman1_65_0");
    let (right, wrong) = (Digest::of(&known.tar()), Digest::of(b"another tar"));
    let authority = Authority::Annotations(&known.annotations);

    let layer = OpenOptions::new().diff_id(right).open(&known.blob, authority).unwrap();
    assert_eq!(layer.to_tar(&mut io::sink()).unwrap().diff_id, right);
    assert_eq!(layer.verify_diff_id(right).unwrap().diff_id, right);

    let options = OpenOptions::new().diff_id(wrong);
    let layer = options.open(&known.blob, authority).unwrap();
    for error in [
        error(layer.to_tar(&mut io::sink())),
        error(known.open().verify_diff_id(wrong)),
    ] {
        assert_eq!((error.kind(), error.rule()), (ErrorKind::Invalid, Some(Rule::DiffId)));
        assert_eq!(error.found(), Some(right.to_string().as_str()));
        assert_eq!(error.expected(), Some(wrong.to_string().as_str()));
    }
    let diagnosis = options.verify(&known.blob, authority).unwrap();
    assert!(!diagnosis.is_valid());
    assert_eq!(error(diagnosis.into_result()).rule(), Some(Rule::DiffId));
}

#[test]
fn another_toc_is_an_error() {
    let known = Known::read("mixed-skopeo118");
    let other = Known::read("mixed-podman1_65_0");
    let key = "io.github.containers.zstd-chunked.manifest-checksum";
    let mut annotations = known.annotations.clone();
    annotations.insert(key.to_owned(), other.annotations[key].clone());
    let error = error(Layer::open(&known.blob, Authority::Annotations(&annotations)));
    assert_eq!(
        (error.kind(), error.rule()),
        (ErrorKind::Invalid, Some(Rule::TocChecksum))
    );
    assert_eq!(error.found(), Some(known.annotations[key].as_str()));
    assert_eq!(error.expected(), Some(other.annotations[key].as_str()));
}

#[test]
fn a_tar_split_that_was_taken_away_is_an_error() {
    let known = Known::read("mixed-skopeo118");
    let mut annotations = known.annotations.clone();
    annotations
        .remove("io.github.containers.zstd-chunked.tarsplit-position")
        .unwrap();
    let error = error(Layer::open(&known.blob, Authority::Annotations(&annotations)));
    assert_eq!(error.rule(), Some(Rule::TarSplitStripped), "{error}");
    assert_eq!(error.place().unwrap().to_string(), "toc at /tarSplitDigest");
}

/// A frame without a checksum, so that only the digests tell one content from another: `content`, stored.
fn stored(content: &[u8]) -> Vec<u8> {
    let mut frame = b"\x28\xb5\x2f\xfd\x00\x58".to_vec();
    let mut blocks = content.chunks(128 << 10).peekable();
    while let Some(block) = blocks.next() {
        let header = u32::try_from(block.len()).unwrap() << 3 | u32::from(blocks.peek().is_none());
        frame.extend(&header.to_le_bytes()[..3]);
        frame.extend(block);
    }
    frame
}

/// A layer of one file that is stored in `chunks`, each with its digest or without, in the dialect without a tar-split.
fn layer_of(chunks: &[Vec<u8>], digests: bool) -> (Vec<u8>, BTreeMap<String, String>) {
    let whole = chunks.concat();
    let (mut blob, mut entries, mut at) = (Vec::new(), Vec::new(), 0);
    for chunk in chunks {
        let mut entry =
            json!({"type": "chunk", "name": "file", "offset": blob.len(), "chunkOffset": at, "chunkSize": chunk.len()});
        if digests {
            entry["chunkDigest"] = Digest::of(chunk).to_string().into();
        }
        at += chunk.len();
        blob.extend(stored(chunk));
        entries.push(entry);
    }
    entries[0]["type"] = "reg".into();
    entries[0].as_object_mut().unwrap().remove("chunkOffset");
    entries[0]["size"] = whole.len().into();
    entries[0]["digest"] = Digest::of(&whole).to_string().into();
    entries[0]["endOffset"] = blob.len().into();
    let toc = json!({"version": 1, "entries": entries}).to_string();
    let payload = zstd::stream::encode_all(toc.as_bytes(), 3).unwrap();
    let offset = blob.len() + 8;
    blob.extend(b"\x50\x2a\x4d\x18");
    blob.extend(u32::try_from(payload.len()).unwrap().to_le_bytes());
    blob.extend(&payload);
    blob.extend(b"\x50\x2a\x4d\x18\x28\0\0\0");
    for number in [offset, payload.len(), toc.len(), 1] {
        blob.extend(u64::try_from(number).unwrap().to_le_bytes());
    }
    blob.extend(b"GnUlInUx");
    let prefix = "io.github.containers.zstd-chunked.manifest-";
    let annotations = BTreeMap::from([
        (format!("{prefix}checksum"), Digest::of(&payload).to_string()),
        (
            format!("{prefix}position"),
            format!("{offset}:{}:{}:1", payload.len(), toc.len()),
        ),
    ]);
    (blob, annotations)
}

/// What is handed out of a file before the error, or all of it.
fn handed_out(blob: &[u8], annotations: &BTreeMap<String, String>, limit: u64) -> (Vec<u8>, Option<Error>) {
    let mut limits = Limits::default();
    limits.chunk = limit;
    let options = OpenOptions::new().limits(limits);
    let layer = options.open(blob, Authority::Annotations(annotations)).unwrap();
    let mut file = layer.file("file").unwrap();
    let mut out = Vec::new();
    loop {
        let mut piece = [0; 1000];
        match file.read(&mut piece) {
            Ok(0) => {
                assert_eq!(file.finish().unwrap(), Digest::of(&out));
                return (out, None);
            }
            Ok(length) => out.extend(&piece[..length]),
            Err(error) => {
                let error = Error::from(error);
                // It stays.
                let again = Error::from(file.read(&mut piece).unwrap_err());
                assert_eq!((again.rule(), again.detail()), (error.rule(), error.detail()));
                assert_eq!(file.finish().unwrap_err().rule(), error.rule());
                return (out, Some(error));
            }
        }
    }
}

#[test]
fn no_byte_of_a_chunk_is_handed_out_before_it_is_checked() {
    let chunks: Vec<Vec<u8>> = [300_000, 200_000, 100_000]
        .iter()
        .zip(1_u8..)
        .map(|(&length, seed)| {
            (0..length)
                .map(|n: u32| u8::try_from(n / 7 % 256).unwrap() ^ seed)
                .collect()
        })
        .collect();
    let whole = chunks.concat();
    // Chunks with digests or without; the largest chunk that is held; how much may be handed out of a file with a wrong byte in
    // its second chunk, and of one with a wrong byte at its end; and the broken rule.
    let block = 128 << 10;
    for (digests, limit, second, last, rule) in [
        (true, 16 << 20, 300_000, 500_000, Rule::ChunkDigest),
        (true, 0, 500_000 - 1, 600_000 - 1, Rule::ChunkDigest),
        (false, 16 << 20, 600_000 - 1, 600_000 - 1, Rule::FileDigest),
    ] {
        let (blob, annotations) = layer_of(&chunks, digests);
        assert_eq!(handed_out(&blob, &annotations, limit).0, whole);
        for (at, most) in [(400_000, second), (599_999, last)] {
            // Each chunk has a header of 6 bytes, and each block one of 3.
            let mut damaged = blob.clone();
            let position = damaged
                .windows(64)
                .position(|part| part == &whole[at - 63..=at])
                .unwrap()
                + 63;
            damaged[position] ^= 1;
            let (out, error) = handed_out(&damaged, &annotations, limit);
            let error = error.unwrap();
            assert_eq!((error.kind(), error.rule()), (ErrorKind::Invalid, Some(rule)));
            assert_eq!(error.place().unwrap().to_string(), "file \"file\"");
            assert!(error.found().is_some() && error.expected().is_some());
            assert!(out.len() <= most, "{digests} {limit} {at}: {} bytes", out.len());
            // A caller who counts the bytes never gets the last one.
            assert!(out.len() < whole.len());
            // It is a stream nevertheless.
            assert!(
                out.len() + 2 * block >= most,
                "{digests} {limit} {at}: {} bytes",
                out.len()
            );
        }
    }
    // A file that is one chunk is checked before its first byte, as long as it may be held.
    for (limit, most) in [(whole.size(), 0), (whole.size() - 1, whole.len() - 1)] {
        let (mut blob, annotations) = layer_of(std::slice::from_ref(&whole), false);
        blob[6 + 3 + 1000] ^= 1;
        let (out, error) = handed_out(&blob, &annotations, limit);
        assert_eq!(error.unwrap().rule(), Some(Rule::FileDigest));
        assert!(out.len() <= most, "{limit}: {} bytes", out.len());
    }
}

#[test]
fn paths_that_are_no_file_are_errors_and_hard_links_are_followed() {
    let known = Known::read("mixed-skopeo118");
    let layer = known.open();
    let of_kind = |kind: EntryKind| layer.entries().find(|entry| entry.kind == kind).unwrap();
    for kind in [EntryKind::Directory, EntryKind::Symlink, EntryKind::Fifo] {
        let error = error(layer.file(of_kind(kind).path()));
        assert_eq!((error.kind(), error.found()), (ErrorKind::NotAFile, Some(kind.name())));
    }
    for path in ["", "no/such/file", "/"] {
        let error = error(layer.file(path));
        assert!(
            matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotAFile),
            "{error}"
        );
        assert_eq!(error.rule(), None);
    }
    let link = of_kind(EntryKind::Hardlink);
    let linked = content(&layer, link.path()).unwrap();
    assert_eq!(linked, content(&layer, link.link_name()).unwrap());
}

#[test]
fn no_damaged_byte_changes_what_is_accepted() {
    for name in ["empty-skopeo118", "gnulong-skopeo118"] {
        let known = Known::read(name);
        let tar = known.tar();
        let intact = known.open();
        let mut accepted = 0;
        for at in 0..known.blob.len() {
            let mut blob = known.blob.clone();
            blob[at] ^= 0x11;
            let Ok(layer) = Layer::open(&blob, Authority::Annotations(&known.annotations)) else {
                continue;
            };
            for path in regular(&layer) {
                let good = content(&intact, &path).unwrap();
                assert!(
                    content(&layer, &path).map_or(true, |content| content == good),
                    "{name} at {at}"
                );
            }
            let mut out = Vec::new();
            if layer.to_tar(&mut out).is_ok() {
                assert!(out == tar, "{name} at {at}");
                accepted += 1;
            }
        }
        // Frames that are not in the range of a file are only there for plain decoders.
        assert!(accepted < known.blob.len(), "{name}");
        for length in 0..known.blob.len() {
            let blob = &known.blob[..length];
            assert!(
                Layer::open(blob, Authority::Annotations(&known.annotations)).is_err(),
                "{length}"
            );
            assert!(Layer::open(blob, Authority::UnauthenticatedFooter).is_err(), "{length}");
        }
    }
}

#[test]
fn what_is_written_is_opened_and_what_is_no_tar_is_refused() {
    for known in Known::all() {
        let tar = known.tar();
        let mut blob = Vec::new();
        let written = write_layer(tar.as_slice(), &mut blob, WriteOptions::default()).unwrap();
        assert_eq!((written.digest, written.size), (Digest::of(&blob), blob.size()));
        let layer = Layer::open(&blob, Authority::Annotations(&written.annotations)).unwrap();
        let mut out = Vec::new();
        assert_eq!(
            layer.to_tar(&mut out).unwrap().diff_id,
            written.diff_id,
            "{}",
            known.name
        );
        assert!(out == tar, "{}", known.name);
    }

    let options = WriteOptions::default();
    let text = error(write_layer(
        b"this is no tar".repeat(100).as_slice(),
        io::sink(),
        options,
    ));
    assert_eq!(text.kind(), ErrorKind::Invalid);
    assert!(text.rule().unwrap().id().starts_with("TAR-"), "{text}");
    let tar = Known::read("mixed-skopeo118").tar();
    let cut = error(write_layer(&tar[..1000], io::sink(), options));
    assert!(cut.rule().unwrap().id().starts_with("TAR-"), "{cut}");

    // An error stays, and `finish` gives no layer.
    let mut out = Vec::new();
    let mut writer = Writer::new(&mut out, options).unwrap();
    let first = Error::from(writer.write_all(&[1; 512]).unwrap_err());
    assert_eq!(first.kind(), ErrorKind::Invalid);
    assert!(writer.write_all(&[0; 1024]).is_err());
    assert_eq!(error(writer.finish()).rule(), first.rule());
}
