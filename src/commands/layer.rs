//! Opening a layer, as `inspect`, `verify` and `reconstruct` do.

use std::{
    collections::BTreeMap,
    io,
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
};

use super::{Failure, descriptor, limits::LimitArgs};
use crate::{
    format::{
        Digest, Limits,
        layer::Source,
        range::{FileRange, ReadAt},
    },
    report::Line,
};

/// A layer on the command line.
#[derive(Debug, clap::Args)]
pub(super) struct LayerArgs {
    /// The compressed layer.
    layer: PathBuf,
    /// A JSON map of the annotations of its descriptor, or an OCI descriptor or manifest that holds them. Without it the
    /// footer is used, and nothing authenticates the index.
    #[arg(long, value_name = "FILE")]
    annotations: Option<PathBuf>,
    #[command(flatten)]
    limits: LimitArgs,
}

/// An open layer.
pub(super) struct Layer {
    /// The path, as it was given.
    pub(super) name: String,
    blob: Watched,
    annotations: Option<BTreeMap<String, String>>,
    limits: Limits,
}

impl LayerArgs {
    pub(super) fn open(&self) -> Result<Layer, Failure> {
        let name = self.layer.display().to_string();
        let blob = FileRange::open(&self.layer).map_err(|error| Failure::io(&name, &error))?;
        let annotations = match &self.annotations {
            Some(file) => Some(descriptor::annotations(file, &blob).map_err(Failure::unusable)?),
            None => None,
        };
        Ok(Layer {
            name,
            blob: Watched {
                blob,
                read: AtomicU64::new(0),
                line: Line::new(),
            },
            annotations,
            limits: self.limits.limits(),
        })
    }
}

impl Layer {
    pub(super) fn source(&self, diff_id: Option<Digest>) -> Source<'_> {
        Source {
            blob: &self.blob,
            annotations: self.annotations.as_ref(),
            diff_id,
            limits: self.limits,
        }
    }

    /// Takes the progress away, once the layer has been read and before something is printed.
    pub(super) fn finish(&self) {
        self.blob.line.clear();
    }

    /// The error of a layer that could be opened and not be read.
    pub(super) fn unreadable(&self, error: &io::Error) -> Failure {
        Failure::io(&self.name, error)
    }
}

/// A blob that shows how much of it has been read. A command may read some parts more than once.
struct Watched {
    blob: FileRange,
    read: AtomicU64,
    line: Line,
}

impl ReadAt for Watched {
    fn size(&self) -> u64 {
        self.blob.size()
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.blob.read_exact_at(buffer, offset)?;
        let length = u64::try_from(buffer.len()).unwrap_or(u64::MAX);
        let read = self.read.fetch_add(length, Ordering::Relaxed).saturating_add(length);
        self.line
            .show(|| format!("{} MiB read of a layer of {} MiB", read >> 20, self.size() >> 20));
        Ok(())
    }
}

/// Reads a DiffID.
pub(super) fn parse_digest(text: &str) -> Result<Digest, String> {
    text.parse()
        .map_err(|_| "expected `sha256:` and 64 lower-case hexadecimal digits".to_owned())
}
