//! Writing a layer.

use std::io::{self, Read, Write};

use super::Error;
use crate::format::{
    Findings,
    writer::{self, Options, Written},
};

/// Takes a tar through [`Write`], and writes its layer.
///
/// A layer is whole only once [`finish`](Self::finish) returned what was [written](Written). On an error, and when the writer is
/// dropped before, what was written is to be thrown away. A tar that the format cannot hold is an error with the rule that its
/// layer would break.
///
/// ```
/// use std::io::Write as _;
///
/// use chunkproof::{WriteOptions, Writer};
///
/// let mut layer = Vec::new();
/// let mut writer = Writer::new(&mut layer, WriteOptions::default())?;
/// // A tar without entries.
/// writer.write_all(&[0; 1024])?;
/// let written = writer.finish()?;
/// assert_eq!(written.tar_size, 1024);
/// assert_eq!(written.size, u64::try_from(layer.len())?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Writer<'a> {
    inner: writer::Writer<'a>,
    failed: Option<Error>,
}

impl<'a> Writer<'a> {
    /// A writer at the start of a tar. What it writes is not buffered.
    ///
    /// # Errors
    ///
    /// libzstd cannot be set up.
    pub fn new(out: &'a mut dyn Write, options: Options) -> Result<Self, Error> {
        let inner = writer::Writer::new(out, options)
            .map_err(|error| Error::io("the compressor could not be set up", error))?;
        Ok(Self { inner, failed: None })
    }

    /// Says that the tar ends here, and writes the index.
    ///
    /// # Errors
    ///
    /// The tar is cut short, its index is larger than readers accept, writing failed, or there was an error before.
    pub fn finish(self) -> Result<Written, Error> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let mut findings = Findings::new();
        match self.inner.finish(&mut findings) {
            Ok(Some(written)) if findings.is_empty() => Ok(written),
            Ok(_) => Err(Error::invalid(findings)),
            Err(error) => Err(unwritable(error)),
        }
    }

    fn push(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let mut findings = Findings::new();
        let result = match self.inner.push(bytes, &mut findings) {
            Err(error) => Err(unwritable(error)),
            Ok(_) if !findings.is_empty() => Err(Error::invalid(findings)),
            Ok(_) => Ok(()),
        };
        // What was written of these bytes is not known, so nothing can follow.
        self.failed = result.as_ref().err().cloned();
        result
    }
}

impl Write for Writer<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.push(bytes)?;
        Ok(bytes.len())
    }

    /// Does nothing: the layer is written as its frames are full.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn unwritable(error: io::Error) -> Error {
    Error::io("the layer could not be written", error)
}

/// Writes the layer of a tar.
///
/// # Errors
///
/// The tar cannot be read, is none, or cannot be held by the format; or the layer cannot be written. What was written is then to
/// be thrown away.
///
/// ```
/// use chunkproof::{Authority, Layer, WriteOptions, write_layer};
///
/// let tar = [0; 1024];
/// let mut blob = Vec::new();
/// let written = write_layer(tar.as_slice(), &mut blob, WriteOptions::default())?;
/// let layer = Layer::open(&blob, Authority::Annotations(&written.annotations))?;
/// assert_eq!(layer.verify_diff_id(written.diff_id)?.size, 1024);
/// # Ok::<(), chunkproof::Error>(())
/// ```
pub fn write_layer(mut tar: impl Read, mut out: impl Write, options: Options) -> Result<Written, Error> {
    let mut writer = Writer::new(&mut out, options)?;
    let mut buffer = vec![0; PIECE];
    loop {
        let length = match tar.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Error::io("the tar could not be read", error)),
        };
        writer.push(buffer.get(..length).unwrap_or(&buffer))?;
    }
    let written = writer.finish()?;
    out.flush().map_err(unwritable)?;
    Ok(written)
}

/// Bytes of the tar that are read at once.
const PIECE: usize = 128 << 10;
