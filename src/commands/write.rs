//! `chunkproof write`

use std::{
    io::{self, BufWriter, Read, Write as _},
    num::NonZeroUsize,
    path::{Path, PathBuf},
    thread,
};

use clap::{ValueHint, builder::PossibleValuesParser, builder::TypedValueParser as _};

use super::{
    Exit, Failure,
    file::{Output, apart, input, is_stream, unwritable},
    image::Target,
    output::{print, print_json, print_to_stderr},
};
use crate::{
    format::{
        Dialect, Findings,
        tar::{Ambiguities, Inspector},
        writer::{Level, Options, Writer, Written},
    },
    report::layer as report,
};

/// Write a layer from a tar.
///
/// The layer decodes to the tar byte for byte, and passes every check of `verify`. A tar that the format cannot hold, or
/// that is cut short, is refused with the rules that are broken. So is an ambiguous one, of which tar readers make several trees
/// (TAR-07) or one that cannot be made (TAR-08). Files appear when they are complete.
///
/// `-o oci:DIR:NAME` writes an image of this one layer, for linux on amd64, into an OCI image layout, which is made if there
/// is none. Images that are there stay, except for one of the same name.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chunkproof write layer.tar -o layer.tar.zst --annotations annotations.json
  chunkproof write layer.tar -o layer.tar.zst --dialect g1 --level 19 > annotations.json
  tar -c folder | chunkproof write - -o layer.tar.zst --annotations annotations.json
  chunkproof write layer.tar -o oci:images:latest

Exit codes: 0 the layer was written, 1 the tar is refused, 2 the tar could not be read or the layer not be written.")]
pub(super) struct Args {
    /// The tar; `-` is stdin.
    #[arg(value_hint = ValueHint::FilePath)]
    tar: PathBuf,
    /// Where the layer goes; `-` is stdout, and the annotations then need a file. `oci:DIR` or `oci:DIR:NAME` is an image
    /// layout.
    #[arg(short, long, value_name = "LAYER", value_hint = ValueHint::FilePath)]
    output: PathBuf,
    /// Where the annotations of the layer's descriptor go, as a JSON map. Without it they are printed.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    annotations: Option<PathBuf>,
    /// The generation of the format: g1 to g5.
    #[arg(long, default_value = "g5", value_parser = dialects(), hide_possible_values = true)]
    dialect: Dialect,
    /// The compression level of zstd: 1 to 22. Above 19 a reader needs more than the usual 8 MiB for a frame.
    #[arg(long, value_name = "NUMBER", default_value = "3", value_parser = level)]
    level: Level,
    /// Write a layer of an ambiguous tar all the same, and report as notes what tar readers differ about.
    #[arg(long)]
    allow_ambiguous_tar: bool,
    /// In how many threads to compress. The layer is the same for any number. [default: one for each processor]
    #[arg(long, value_name = "NUMBER")]
    threads: Option<NonZeroUsize>,
}

fn dialects() -> impl clap::builder::TypedValueParser<Value = Dialect> {
    PossibleValuesParser::new(Dialect::ALL.iter().map(|dialect| dialect.name())).try_map(|name| {
        let named = |dialect: &&Dialect| dialect.name() == name;
        Dialect::ALL
            .iter()
            .copied()
            .find(|dialect| named(&dialect))
            .ok_or("no such dialect")
    })
}

fn level(text: &str) -> Result<Level, String> {
    text.parse()
        .ok()
        .and_then(Level::new)
        .ok_or_else(|| format!("expected a number from {} to {}", Level::MIN.get(), Level::MAX.get()))
}

/// What was found in the tar.
#[derive(Default)]
struct Found {
    findings: Findings,
    /// What tar readers differ about, where that is accepted and so no finding.
    noted: Ambiguities,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let to_stdout = is_stream(&args.output);
    if to_stdout && args.annotations.is_none() {
        return Err(Failure::unusable(
            "the layer goes to stdout, so give a file for the annotations with --annotations",
        ));
    }
    if let Some(target) = Target::of(&args.output)? {
        return write_image(args, target);
    }
    apart(&args.output, &[&args.tar])?;
    if let Some(annotations) = &args.annotations {
        apart(annotations, &[&args.tar, &args.output])?;
    }
    let mut found = Found::default();
    let written = write_layer(args, &mut found)?;
    let verdict = verdict(args, written.as_ref(), &found);
    match (&written, &args.annotations) {
        (Some(written), None) => print_json(&serde_json::json!(written.annotations))?,
        (_, Some(_)) if !to_stdout => print(&verdict)?,
        // Stdout is for other things.
        _ => print_to_stderr(&verdict),
    }
    Ok(Exit::of(&found.findings))
}

/// What is printed about a layer, or about the tar of which none is written.
fn verdict(args: &Args, written: Option<&Written>, found: &Found) -> String {
    let subject = if written.is_some() { &args.output } else { &args.tar };
    report::written(&subject.display().to_string(), written, &found.findings, &found.noted)
}

/// Writes an image of the layer into a layout.
fn write_image(args: &Args, target: Target) -> Result<Exit, Failure> {
    if args.annotations.is_some() {
        return Err(Failure::unusable(
            "the annotations go into the manifest of the image, not into a file",
        ));
    }
    let mut found = Found::default();
    let mut layer = target.layer()?;
    let written = compress(args, &mut found, &mut BufWriter::new(&mut layer))?;
    let manifest = match &written {
        Some(written) => Some(target.finish(layer, written)?),
        None => None,
    };
    let mut verdict = verdict(args, written.as_ref(), &found);
    if let Some(digest) = manifest {
        verdict += &format!("  manifest   {digest}\n");
    }
    print(&verdict)?;
    Ok(Exit::of(&found.findings))
}

/// Writes layer and annotations. The place of the annotations is tried first, so that there is no layer without them.
fn write_layer(args: &Args, found: &mut Found) -> Result<Option<Written>, Failure> {
    let mut annotations = match &args.annotations {
        Some(file) => Some((file, create(file)?)),
        None => None,
    };
    let mut layer = create(&args.output)?;
    let Some(written) = compress(args, found, &mut BufWriter::new(&mut layer))? else {
        return Ok(None);
    };
    if let Some((file, out)) = &mut annotations {
        writeln!(out, "{:#}", serde_json::json!(written.annotations)).map_err(|error| unwritable(file, &error))?;
    }
    layer.keep().map_err(|error| unwritable(&args.output, &error))?;
    if let Some((file, out)) = annotations {
        out.keep().map_err(|error| unwritable(file, &error))?;
    }
    Ok(Some(written))
}

fn create(file: &Path) -> Result<Output, Failure> {
    Output::create(file).map_err(|error| unwritable(file, &error))
}

/// Writes a layer; none if it is not to be kept.
fn compress(args: &Args, found: &mut Found, out: &mut dyn io::Write) -> Result<Option<Written>, Failure> {
    const PIECE: usize = 128 << 10;
    let tar_failed = |error| Failure::io(&args.tar.display().to_string(), &error);
    let out_failed = |error: io::Error| unwritable(&args.output, &error);
    let mut tar = input(&args.tar).map_err(tar_failed)?;
    let options = Options {
        dialect: args.dialect,
        level: args.level,
        threads: args
            .threads
            .or_else(|| thread::available_parallelism().ok())
            .unwrap_or(NonZeroUsize::MIN),
    };
    let mut writer = Writer::new(&mut *out, options).map_err(out_failed)?;
    let mut inspector = Inspector::new();
    let mut buffer = vec![0; PIECE];
    let findings = &mut found.findings;
    loop {
        let length = fill(tar.as_mut(), &mut buffer).map_err(tar_failed)?;
        let piece = buffer.get(..length).unwrap_or_default();
        inspector.push(piece);
        if piece.is_empty() || !writer.push(piece, findings).map_err(out_failed)? {
            break;
        }
    }
    let written = writer.finish(findings).map_err(out_failed)?;
    let ambiguities = inspector.finish();
    if args.allow_ambiguous_tar {
        found.noted = ambiguities;
    } else {
        ambiguities.report(findings);
    }
    let written = written.filter(|_| findings.is_empty());
    out.flush().map(|()| written).map_err(out_failed)
}

/// Reads until the buffer is full or the input ends.
fn fill(input: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while let Some(rest) = buffer.get_mut(length..).filter(|rest| !rest.is_empty()) {
        match input.read(rest) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}
