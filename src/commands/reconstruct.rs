//! `chunkproof reconstruct`

use std::{
    io::{self, BufWriter, Write},
    num::NonZeroUsize,
    path::PathBuf,
};

use super::{
    Exit, Failure, Format,
    file::{Output, apart, is_stream, unwritable},
    layer::parse_digest,
    layers::LayerArgs,
    limits::parse_size,
    output::{print, print_to_stderr},
};
use crate::{
    format::{
        Digest, Findings,
        layer::{self, Reconstructed, Source},
    },
    outside::json,
    report::layer as report,
};

/// Rebuild the tar of a layer from its index alone.
///
/// Only TOC, tar-split and the ranges of the files are read, as by a client that pulls in part. A file appears only when
/// the whole tar has turned out right; into a pipe the tar goes as it comes, and the exit code tells.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chunkproof reconstruct layer.tar.zst --annotations annotations.json -o layer.tar
  chunkproof reconstruct layer.tar.zst -o - | tar -t

Exit codes: 0 the tar was rebuilt, 1 the layer is rejected, 2 it could not be read, or the tar could not be written, \
4 the layer of the image is not zstd:chunked.")]
pub(super) struct Args {
    #[command(flatten)]
    layer: LayerArgs,
    /// Where the tar goes; `-` is stdout, and the verdict then goes to stderr.
    #[arg(short, long, value_name = "TAR")]
    output: PathBuf,
    /// The digest of the uncompressed tar that the image's configuration names.
    #[arg(long, value_name = "DIGEST", value_parser = parse_digest)]
    diff_id: Option<Digest>,
    /// Longest tar that is written. A few kilobytes can describe a tar of any size.
    #[arg(long, help_heading = "Limits", value_name = "SIZE", value_parser = parse_size, default_value = "1TiB")]
    max_tar: u64,
    /// In how many threads to decode. The tar is the same for any number. [default: one for each processor, at most 8]
    #[arg(long, value_name = "NUMBER")]
    threads: Option<NonZeroUsize>,
    /// How to print the verdict.
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    format: Format,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    apart(&args.output, &args.layer.files())?;
    let layer = args.layer.open()?.only("reconstruct")?;
    if layer.is_estargz()? {
        let problem =
            "eStargz has no tar-split to rebuild the tar from; decompressing the layer gives it, as `gunzip` does";
        return Err(Failure::Message(Exit::Failures, format!("{}: {problem}", layer.name)));
    }
    let mut source = layer.source(args.diff_id);
    source.threads = args.threads.unwrap_or(source.threads);
    let mut findings = Findings::new();
    let rebuilt = rebuild_into(args, &source, &mut findings).map_err(|error| match error {
        RebuildError::Layer(error) => layer.unreadable(&error),
        RebuildError::Output(error) => unwritable(&args.output, &error),
    })?;
    layer::explain(&source, &mut findings).map_err(|error| layer.unreadable(&error))?;
    layer.finish();
    let verdict = match args.format {
        Format::Terminal => report::reconstructed(&layer.name, rebuilt.as_ref(), &findings),
        Format::Json => {
            let value = report::reconstructed_json(&layer.name, rebuilt.as_ref(), &findings);
            json(&format!("{value:#}\n")).into_owned()
        }
    };
    if is_stream(&args.output) {
        print_to_stderr(&verdict);
    } else {
        print(&verdict)?;
    }
    Ok(Exit::of(&findings))
}

/// Bytes that are written at once: what a pipe holds.
const BUFFER: usize = 64 << 10;

enum RebuildError {
    Layer(io::Error),
    Output(io::Error),
}

/// Writes the tar to where it goes. A file is kept only if all is right.
fn rebuild_into(
    args: &Args,
    source: &Source<'_>,
    findings: &mut Findings,
) -> Result<Option<Reconstructed>, RebuildError> {
    let mut output = Output::create(&args.output).map_err(RebuildError::Output)?;
    let rebuilt = rebuild(
        source,
        args.max_tar,
        findings,
        &mut BufWriter::with_capacity(BUFFER, &mut output),
    )?;
    if rebuilt.is_some() && findings.is_empty() {
        output.keep().map_err(RebuildError::Output)?;
    }
    Ok(rebuilt)
}

/// Rebuilds the tar and tells an output that fails from a layer that does.
fn rebuild<W: Write>(
    source: &Source<'_>,
    longest: u64,
    findings: &mut Findings,
    out: &mut BufWriter<W>,
) -> Result<Option<Reconstructed>, RebuildError> {
    let mut output = Watched {
        out,
        longest,
        written: 0,
        failed: false,
    };
    match layer::reconstruct(source, findings, &mut output) {
        Ok(rebuilt) => output.flush().map(|()| rebuilt).map_err(RebuildError::Output),
        Err(error) if output.failed => Err(RebuildError::Output(error)),
        Err(error) => Err(RebuildError::Layer(error)),
    }
}

struct Watched<W> {
    out: W,
    longest: u64,
    written: u64,
    failed: bool,
}

impl<W: Write> Write for Watched<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.written = self
            .written
            .saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        if self.written > self.longest {
            self.failed = true;
            let problem = format!("the tar is longer than {} bytes (--max-tar)", self.longest);
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, problem));
        }
        self.out.write_all(bytes).inspect_err(|_| self.failed = true)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
