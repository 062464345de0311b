//! `chunkproof inspect`

use std::io;

use super::{
    Exit, Failure, Format, estargz,
    layer::{Identity, Layer, Seen},
    layers::LayersArgs,
};
use crate::{
    format::{Findings, layer},
    report::layer as report,
};

/// Show the parts of a layer: footer, index, and a map of its frames.
///
/// Of a layer in a registry only the index is fetched, and there is no map.
///
/// What is broken is listed, and does not change the exit code as long as there is a part of a layer to show; `verify`
/// gives a verdict.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chunkproof inspect layer.tar.zst
  chunkproof inspect layer.tar.zst --annotations annotations.json --format json
  chunkproof inspect oci:images:latest --layer 1
  chunkproof inspect docker://quay.io/fedora/fedora:latest

Exit codes: 0 the parts are shown, 1 there is no frame or footer, 2 it could not be read, 4 no layer of the image \
is zstd:chunked.")]
pub(super) struct Args {
    #[command(flatten)]
    layers: LayersArgs,
    /// How to print them.
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    format: Format,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    args.layers.each(args.format, Identity::Size, "shown", |layer| {
        if layer.is_estargz()? {
            return estargz::inspect(layer);
        }
        inspect(layer).map_err(|error| layer.unreadable(&error))
    })
}

fn inspect(opened: &Layer) -> io::Result<Seen<'_>> {
    let source = opened.source(None);
    let mut findings = Findings::new();
    let mut has_frames = false;
    // Of a layer that is remote only the index is fetched.
    let inspected = layer::inspect(&source, !opened.is_remote, &mut findings, &mut |_| {
        has_frames = true;
        Ok(())
    })?;
    // Where there are frames, they are read again to be printed.
    opened.quiet();
    let nothing = !has_frames && inspected.located.is_none();
    Ok(Seen {
        exit: if nothing { Exit::Failures } else { Exit::AsExpected },
        report: Box::new(report::Parts {
            name: &opened.name,
            source,
            inspected,
            has_frames,
            findings,
        }),
    })
}
