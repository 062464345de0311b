//! The strict library, as a program that depends on it without default features sees it.

use std::{
    collections::BTreeMap,
    env,
    ffi::OsStr,
    fs,
    io::{self, BufRead as _, Read as _, Write as _},
    path::PathBuf,
    process::{Command, Output},
    sync::Arc,
};

use chunkproof::{
    Authority, Dialect, Digest, EntryKind, Error, ErrorKind, FileRange, Layer, Limits, OpenOptions, Prefetched, ReadAt,
    WriteOptions, Writer, rules::Rule, verify, write_layer,
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
    regular.map(|entry| entry.path.clone()).collect()
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
        let error = error(layer.file(&of_kind(kind).path));
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
    let linked = content(&layer, &link.path).unwrap();
    assert_eq!(linked, content(&layer, &link.link_name).unwrap());
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
fn a_blob_is_bytes_or_a_file_or_a_pointer_to_one() {
    let known = Known::read("hardxattr-skopeo118");
    let authority = Authority::Annotations(&known.annotations);
    let digest = known.open().toc_digest();
    let path = known.folder.join("layer.tar.zst");
    let shared: Arc<[u8]> = known.blob.as_slice().into();
    let boxed: Box<dyn ReadAt + Sync> = Box::new(known.blob.clone());
    assert_eq!(Layer::open(known.blob.clone(), authority).unwrap().toc_digest(), digest);
    assert_eq!(Layer::open(&*known.blob, authority).unwrap().toc_digest(), digest);
    assert_eq!(Layer::open(&&known.blob, authority).unwrap().toc_digest(), digest);
    assert_eq!(Layer::open(shared, authority).unwrap().toc_digest(), digest);
    assert_eq!(Layer::open(boxed, authority).unwrap().toc_digest(), digest);
    #[cfg(unix)]
    {
        let file = Layer::open(fs::File::open(&path).unwrap(), authority).unwrap();
        assert_eq!(file.toc_digest(), digest);
        let file = Layer::open(Arc::new(FileRange::open(&path).unwrap()), authority).unwrap();
        assert_eq!(file.blob().size(), known.blob.size());
    }
}

#[test]
fn ranges_are_enough_for_an_index_and_its_files() {
    for known in Known::all() {
        let authority = Authority::Annotations(&known.annotations);
        let mut fetched = 0;
        let blob = Prefetched::new(known.blob.size());
        let mut fetch = |extent: chunkproof::Extent| {
            fetched += extent.length();
            blob.insert(extent.offset(), &known.blob.read_extent(extent).unwrap())
                .unwrap();
        };
        let index = OpenOptions::new().index_extents(known.blob.size(), authority).unwrap();
        assert_eq!(index.len(), 1, "{}: the index is at the end of the blob", known.name);
        index.into_iter().for_each(&mut fetch);
        let layer = Layer::open(&blob, authority).unwrap_or_else(|error| panic!("{}: {error}", known.name));
        for path in regular(&layer) {
            let before = layer.file(&path).unwrap().finish();
            let is_empty = layer.entry(&path).unwrap().size == 0;
            assert_eq!(before.is_ok(), is_empty, "{} {path}", known.name);
            layer.ranges(&path).unwrap().into_iter().for_each(&mut fetch);
            // Where ranges have no end, those that are given can be too short for reading ahead.
            let good = content(&known.open(), &path).unwrap();
            let read = loop {
                match content(&layer, &path) {
                    Err(error) if known.name == "mixed-stargz" => fetch(error.missing().unwrap()),
                    read => break read.unwrap(),
                }
            };
            assert!(read == good, "{} {path}", known.name);
            blob.clear();
        }
    }
}

/// A client that knows nothing in advance, keeps nothing that it had the use of, and goes on where it stopped.
#[test]
fn what_is_missing_can_be_fetched_piece_by_piece() {
    let known = Known::read("bigchunks-skopeo118");
    let mut limits = Limits::default();
    let blob = Prefetched::new(known.blob.size());
    let fetch = |error: Error| {
        let missing = error.missing().unwrap_or_else(|| panic!("{error}"));
        let bytes = known.blob.read_extent(missing).unwrap();
        blob.insert(missing.offset(), &bytes).unwrap();
    };
    for limit in [0, 16 << 20] {
        limits.chunk = limit;
        for authority in [
            Authority::UnauthenticatedFooter,
            Authority::Annotations(&known.annotations),
        ] {
            blob.clear();
            let options = OpenOptions::new().limits(limits);
            let layer = loop {
                match options.open(&blob, authority) {
                    Ok(layer) => break layer,
                    Err(error) => fetch(error),
                }
            };
            for path in regular(&layer) {
                let (mut file, mut out) = (layer.file(&path).unwrap(), Vec::new());
                loop {
                    let length = match file.fill_buf() {
                        Ok([]) => break,
                        Ok(bytes) => {
                            out.extend_from_slice(bytes);
                            blob.clear();
                            bytes.len()
                        }
                        Err(error) => {
                            fetch(error.into());
                            0
                        }
                    };
                    file.consume(length);
                }
                assert!(out == content(&known.open(), &path).unwrap(), "{path}");
            }
        }
    }
}

/// A reader or a writer that fails.
struct Failing;

impl io::Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::ConnectionReset.into())
    }
}

impl io::Write for Failing {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn io_kind(error: &Error) -> Option<io::ErrorKind> {
    assert_eq!((error.kind(), error.rule()), (ErrorKind::Io, None));
    let source = std::error::Error::source(error)?.downcast_ref::<io::Error>()?;
    Some(source.kind())
}

#[test]
fn reading_and_writing_that_fails_is_no_broken_rule() {
    let known = Known::read("mixed-skopeo118");
    let error_of_tar = error(known.open().to_tar(&mut Failing));
    assert_eq!(io_kind(&error_of_tar), Some(io::ErrorKind::StorageFull));
    let tar = known.tar();
    let options = WriteOptions::default();
    let written = error(write_layer(tar.as_slice(), Failing, options));
    assert_eq!(io_kind(&written), Some(io::ErrorKind::StorageFull));
    let read = error(write_layer(Failing, io::sink(), options));
    assert_eq!(io_kind(&read), Some(io::ErrorKind::ConnectionReset));
    let empty = Prefetched::new(100);
    assert!(
        error(verify(&empty, Authority::UnauthenticatedFooter))
            .missing()
            .is_some()
    );
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

fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// The crates that are built for the library without features, it included.
#[test]
fn a_program_that_reads_layers_builds_few_crates() {
    let tree = cargo()
        .args([
            "tree",
            "--offline",
            "--no-default-features",
            "--edges=normal,build",
            "--prefix=none",
        ])
        .args(["--format={p}", "--manifest-path"])
        .arg(root().join("Cargo.toml"))
        .output()
        .unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8(tree.stdout).unwrap();
    let crates: std::collections::BTreeSet<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(
        crates.contains("chunkproof") && crates.contains("zstd-sys"),
        "{crates:?}"
    );
    assert!(crates.len() <= 1 + 24, "{} crates: {crates:?}", crates.len());
    for unwanted in ["serde", "serde_core", "serde_json", "schemars"] {
        assert!(!crates.contains(unwanted), "{unwanted}");
    }
}

/// The examples, built as programs of a crate of their own that depends on the library without default features.
struct Outside {
    programs: PathBuf,
}

impl Outside {
    fn build() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let names = ["list", "extract", "convert", "verify_image"];
        let path = |path: PathBuf| Value::from(path.to_str().unwrap()).to_string();
        let mut manifest = format!(
            "[package]\nname = \"outside\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
             chunkproof = {{ path = {}, default-features = false }}\nserde_json = \"1.0\"\n\
             sha2 = {{ version = \"0.11\", default-features = false }}\n\n\
             [profile.dev.package]\nsha2.opt-level = 3\nzstd-sys.opt-level = 3\n",
            path(root().to_owned())
        );
        for name in names {
            let source = path(root().join("examples").join(name).with_extension("rs"));
            manifest += &format!("\n[[bin]]\nname = \"outside-{name}\"\npath = {source}\n");
        }
        fs::write(folder.path().join("Cargo.toml"), manifest).unwrap();
        // The versions that are there, since nothing may be downloaded.
        fs::copy(root().join("Cargo.lock"), folder.path().join("Cargo.lock")).unwrap();
        // Beside this program, so that the dependencies that are built already are not built again.
        let program = env::current_exe().unwrap();
        let profile = program.ancestors().nth(2).unwrap();
        let release = profile.file_name() == Some(OsStr::new("release"));
        let build = cargo()
            .args(["build", "--offline", "--quiet"])
            .args(release.then_some("--release"))
            .arg("--target-dir")
            .arg(profile.parent().unwrap())
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(build.status.success(), "{}", String::from_utf8_lossy(&build.stderr));
        Self {
            programs: profile.to_owned(),
        }
    }

    fn run(&self, name: &str, arguments: &[&dyn AsRef<OsStr>]) -> Output {
        Command::new(self.programs.join(format!("outside-{name}{}", env::consts::EXE_SUFFIX)))
            .args(arguments)
            .output()
            .unwrap()
    }

    fn accept(&self, name: &str, arguments: &[&dyn AsRef<OsStr>]) -> Vec<u8> {
        let output = self.run(name, arguments);
        assert!(
            output.status.success(),
            "{name}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        output.stdout
    }

    /// What it says.
    fn refuse(&self, name: &str, arguments: &[&dyn AsRef<OsStr>]) -> String {
        let output = self.run(name, arguments);
        assert_eq!(output.status.code(), Some(1), "{name}");
        // `extract` has written what it had of the file.
        [output.stderr, output.stdout]
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .concat()
    }
}

#[test]
fn a_crate_without_default_features_lists_extracts_converts_verifies_and_refuses() {
    let outside = Outside::build();
    let known = Known::read("mixed-skopeo118");
    let layer = known.folder.join("layer.tar.zst");
    let annotations = known.folder.join("annotations.json");
    let scratch = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &[u8]| {
        let path = scratch.path().join(name);
        fs::write(&path, content).unwrap();
        path
    };

    let opened = known.open();
    let listed = outside.accept("list", &[&layer, &annotations]);
    assert_eq!(listed, outside.accept("list", &[&layer]));
    assert_eq!(
        String::from_utf8(listed).unwrap().lines().count(),
        opened.entries().len()
    );

    let files = regular(&opened);
    for path in &files {
        let extracted = outside.run("extract", &[&layer, &annotations, path]);
        assert!(
            extracted.status.success(),
            "{}",
            String::from_utf8_lossy(&extracted.stderr)
        );
        assert!(extracted.stdout == content(&opened, path).unwrap(), "{path}");
        // One request for the index, and one for each range.
        let requests = String::from_utf8(extracted.stderr).unwrap().lines().count();
        assert_eq!(requests, 1 + opened.ranges(path).unwrap().len(), "{path}");
    }

    // Damage in a file, in the TOC, and a tar-split that is taken away.
    let largest = files
        .iter()
        .max_by_key(|path| opened.entry(path).unwrap().size)
        .unwrap();
    let mut blob = known.blob.clone();
    blob[usize::try_from(opened.ranges(largest).unwrap()[0].end()).unwrap() - 1] ^= 1;
    let damaged = file("damaged", &blob);
    let said = outside.refuse("extract", &[&damaged, &annotations, largest]);
    assert!(said.contains("FRM-") || said.contains("DAT-"), "{said}");
    let mut stripped = known.annotations.clone();
    stripped
        .remove("io.github.containers.zstd-chunked.tarsplit-position")
        .unwrap();
    let stripped = file("stripped", &serde_json::to_vec(&stripped).unwrap());
    let said = outside.refuse("list", &[&layer, &stripped]);
    assert!(said.contains(Rule::TarSplitStripped.id()), "{said}");
    let said = outside.refuse("list", &[&layer, &file("empty", b"{}")]);
    assert!(said.contains("name no zstd:chunked index"), "{said}");

    // A layout with a converted layer.
    let tar = file("tar", &known.tar());
    let converted = scratch.path().join("converted");
    let said: Value = serde_json::from_slice(&outside.accept("convert", &[&tar, &converted])).unwrap();
    let layout = |name: &str, diff_id: &str| {
        let folder = scratch.path().join(name);
        fs::create_dir_all(folder.join("blobs/sha256")).unwrap();
        let put = |bytes: &[u8]| {
            let digest = Digest::of(bytes);
            fs::write(folder.join("blobs/sha256").join(digest.hex()), bytes).unwrap();
            json!({"digest": digest.to_string(), "size": bytes.len()})
        };
        put(&fs::read(&converted).unwrap());
        let config = put(json!({"rootfs": {"diff_ids": [diff_id]}}).to_string().as_bytes());
        let manifest = json!({"config": config, "layers": [said["descriptor"]]});
        let manifest = put(manifest.to_string().as_bytes());
        fs::write(folder.join("index.json"), json!({"manifests": [manifest]}).to_string()).unwrap();
        folder
    };
    outside.accept("verify_image", &[&layout("right", said["diff_id"].as_str().unwrap())]);
    let wrong = outside.refuse(
        "verify_image",
        &[&layout("wrong", &Digest::of(b"another tar").to_string())],
    );
    assert!(wrong.contains(Rule::DiffId.id()), "{wrong}");
    let text = file("text", &b"this is no tar".repeat(100));
    let said = outside.refuse("convert", &[&text, &scratch.path().join("none")]);
    assert!(said.contains("TAR-"), "{said}");
    assert!(!scratch.path().join("none").exists());
}
