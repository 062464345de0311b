//! Bytes that arrive in order, in a file without a name that is read at offsets.

use std::{
    io::{self, BufReader, Read},
    path::Path,
};

use flate2::read::MultiGzDecoder;

use crate::format::{estargz, layer::Compression, range::FileRange};

/// What an input gives, up to a limit.
///
/// # Errors
///
/// The input cannot be read or is longer, or the file cannot be written.
pub(super) fn spool(input: &mut dyn Read, longest: u64) -> io::Result<FileRange> {
    let mut file = tempfile::tempfile()?;
    let copied = io::copy(&mut input.take(longest.saturating_add(1)), &mut file)?;
    if copied > longest {
        let problem = format!("longer than {longest} bytes, expected at most that (--max-blob)");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, problem));
    }
    FileRange::of(file)
}

/// An archive of images, which is decompressed if need be, up to a limit.
///
/// # Errors
///
/// It cannot be read or decompressed, or is longer.
pub(super) fn archive(path: &Path, longest: u64) -> io::Result<FileRange> {
    let file = FileRange::open(path)?;
    let read = || std::fs::File::open(path).map(BufReader::new);
    if estargz::is_gzip(&file)? {
        return spool(&mut MultiGzDecoder::new(read()?), longest);
    }
    if Compression::of_blob(&file)? == Some(Compression::Zstd) {
        return spool(&mut zstd::stream::read::Decoder::with_buffer(read()?)?, longest);
    }
    Ok(file)
}
