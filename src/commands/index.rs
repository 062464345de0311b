//! `chunkproof index`

use super::{
    Exit, Failure, Format, estargz,
    layer::{Identity, Seen},
    layers::LayersArgs,
};
use crate::{
    format::{Findings, layer},
    report::index as report,
};

/// List the files that a reader of the index would create.
///
/// Annotations or footer, TOC and tar-split are read and compared with each other; no data is read. Names are in quotes,
/// with escapes for characters that a terminal would act on. The files of an index that breaks a rule are not listed.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chunkproof index layer.tar.zst --annotations annotations.json
  chunkproof index oci:images:latest --layer 1 --format json
  chunkproof index docker://quay.io/fedora/fedora:latest

Exit codes: 0 the files are listed, 1 the index is rejected, 2 it could not be read, 4 no layer of the image is \
zstd:chunked.")]
pub(super) struct Args {
    #[command(flatten)]
    layers: LayersArgs,
    /// How to print them.
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    format: Format,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    args.layers.each(args.format, Identity::Size, "listed", |layer| {
        if layer.is_estargz()? {
            return estargz::index(layer);
        }
        let mut findings = Findings::new();
        let source = layer.source(None);
        let read = layer::read(&source, &mut findings)
            .and_then(|read| layer::explain(&source, &mut findings).map(|_| read))
            .map_err(|error| layer.unreadable(&error))?;
        layer.finish();
        Ok(Seen {
            exit: if read.is_some() {
                Exit::AsExpected
            } else {
                Exit::Failures
            },
            report: Box::new(report::Listing {
                name: &layer.name,
                listed: read.map(Into::into),
                findings,
            }),
        })
    })
}
