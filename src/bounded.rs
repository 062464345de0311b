//! Files that are read whole, as far as they are no longer than such files are: a device or a pipe may have no end.

use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
};

/// Longest document that is read, in bytes: results, lists of expectations, cases, findings of fuzzing.
#[cfg(feature = "set")]
pub(crate) const DOCUMENT: u64 = 256 << 20;

/// The bytes of a file that has at most `limit` of them.
///
/// # Errors
///
/// The file cannot be read, or is longer ([`io::ErrorKind::FileTooLarge`]).
pub(crate) fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).map_or(true, |length| length > limit) {
        let problem = format!("longer than {limit} bytes, expected at most that many");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, problem));
    }
    Ok(bytes)
}

/// The same of text.
///
/// # Errors
///
/// Those of [`read`], and bytes that are not UTF-8.
#[cfg(feature = "set")]
pub(crate) fn read_text(path: &Path) -> io::Result<String> {
    let invalid = |_| io::Error::new(io::ErrorKind::InvalidData, "not UTF-8");
    String::from_utf8(read(path, DOCUMENT)?).map_err(invalid)
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::read;

    #[test]
    fn a_file_of_any_length_takes_no_more_than_the_limit() {
        let path = std::path::Path::new("Cargo.toml");
        let bytes = std::fs::read(path).unwrap();
        let length = u64::try_from(bytes.len()).unwrap();
        assert_eq!(read(path, length).unwrap(), bytes);
        assert_eq!(read(path, length - 1).unwrap_err().kind(), ErrorKind::FileTooLarge);
        let endless = std::path::Path::new("/dev/zero");
        assert_eq!(read(endless, 100).unwrap_err().kind(), ErrorKind::FileTooLarge);
    }
}
