//! Opening a layer, as `inspect`, `verify` and `reconstruct` do.

use std::{collections::BTreeMap, path::PathBuf};

use super::{Failure, descriptor};
use crate::format::{Digest, Limits, layer::Source, range::FileRange};

/// A layer on the command line.
#[derive(Debug, clap::Args)]
pub(super) struct LayerArgs {
    /// The compressed layer.
    layer: PathBuf,
    /// A JSON map of the annotations of its descriptor, or an OCI descriptor or manifest that holds them. Without it the
    /// footer is used, and nothing authenticates the index.
    #[arg(long, value_name = "FILE")]
    annotations: Option<PathBuf>,
}

/// An open layer.
pub(super) struct Layer {
    /// The path, as it was given.
    pub(super) name: String,
    blob: FileRange,
    annotations: Option<BTreeMap<String, String>>,
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
            blob,
            annotations,
        })
    }
}

impl Layer {
    pub(super) fn source(&self, diff_id: Option<Digest>) -> Source<'_> {
        Source {
            blob: &self.blob,
            annotations: self.annotations.as_ref(),
            diff_id,
            limits: Limits::default(),
        }
    }

    /// The error of a layer that could be opened and not be read.
    pub(super) fn unreadable(&self, error: &std::io::Error) -> Failure {
        Failure::io(&self.name, error)
    }
}

/// Reads a DiffID.
pub(super) fn parse_digest(text: &str) -> Result<Digest, String> {
    text.parse()
        .map_err(|_| "expected `sha256:` and 64 lower-case hexadecimal digits".to_owned())
}
