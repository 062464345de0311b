//! Where the bytes of a blob are read from, and what happens if that fails.

use std::{
    fs,
    io::{self, BufRead as _},
    sync::Arc,
};

use chunkproof::{
    Authority, Error, ErrorKind, FileRange, Layer, Limits, OpenOptions, Prefetched, ReadAt, WriteOptions, verify,
    write_layer,
};

use super::{Known, content, error, regular};

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
