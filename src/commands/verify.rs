//! `chunkproof verify`

use std::num::NonZeroUsize;

use clap::ValueEnum;

use super::{
    Exit, Failure, estargz,
    layer::{Identity, LayerArgs, Seen, parse_digest},
    output::{To, print_json},
};
use crate::{
    format::{Digest, Findings, layer},
    report::{layer as report, sarif::sarif, streamed::Short},
    rules::{Rule, UnknownRule},
};

/// Report the rules that a layer breaks.
///
/// The layer is one of zstd:chunked, or of eStargz if it begins as a gzip member does. The whole blob is read. Footer,
/// annotations, frames, TOC, tar-split, content and plainly decoded tar are compared with each other, and every broken
/// rule that can be found is listed. The layers of an image are also compared with the digests, sizes and DiffIDs that it
/// gives.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chunkproof verify layer.tar.zst
  chunkproof verify layer.tar.zst --annotations manifest.json
  chunkproof verify layer.tar.zst --annotations annotations.json --format json
  chunkproof verify oci:images:latest
  chunkproof verify layer.tar.zst --annotations annotations.json --format sarif > layer.sarif
  chunkproof verify layer.tar.gz --annotations annotations.json
  chunkproof verify docker://localhost:5000/image:latest

Exit codes: 0 the layer is valid, 1 it is rejected, 2 it could not be read, 4 no layer of the image is zstd:chunked.")]
pub(super) struct Args {
    #[command(flatten)]
    layer: LayerArgs,
    /// The digest of the uncompressed tar that the image's configuration names.
    #[arg(long, value_name = "DIGEST", value_parser = parse_digest)]
    diff_id: Option<Digest>,
    /// Switch off the verdict of a rule, to see the findings of the others; can be given several times. Bounds and arithmetic
    /// guards stay on.
    #[arg(long = "skip-rule", value_name = "ID", value_parser = parse_skipped)]
    skipped: Vec<Rule>,
    /// In how many threads to decode. The findings are the same for any number. [default: one for each processor, at most 8]
    #[arg(long, value_name = "NUMBER")]
    threads: Option<NonZeroUsize>,
    /// How to print the verdict.
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Text for a terminal.
    Terminal,
    /// JSON.
    Json,
    /// SARIF 2.1.0, for services that show results of static analysis.
    Sarif,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let opened = args.layer.open()?;
    if args.diff_id.is_some() {
        opened.only("--diff-id")?;
    }
    let mut layers = Vec::new();
    let to = match args.format {
        Format::Terminal => To::Terminal,
        Format::Json => To::Json,
        Format::Sarif => To::List(&mut layers),
    };
    let exit = opened.each(to, Identity::Digest, |layer| {
        if layer.is_estargz()? {
            return estargz::verify(layer, &layer.source(args.diff_id), &args.skipped);
        }
        let mut source = layer.source(args.diff_id);
        source.threads = args.threads.unwrap_or(source.threads);
        let mut findings = Findings::skipping(&args.skipped);
        let verified = layer::verify(&source, &mut findings).map_err(|error| layer.unreadable(&error))?;
        layer.finish();
        let report = Short {
            text: report::verified(&layer.name, &verified, &findings),
            json: report::verified_json(&layer.name, &verified, &findings),
        };
        Ok(Seen::short(Exit::of(&findings), report))
    })?;
    if args.format == Format::Sarif {
        print_json(&sarif(&layers))?;
    }
    Ok(exit)
}

/// A rule whose verdict can be switched off.
fn parse_skipped(id: &str) -> Result<Rule, String> {
    let rule: Rule = id.parse().map_err(|error: UnknownRule| error.to_string())?;
    if rule.is_guard() {
        return Err(format!(
            "{rule} is a bound or an arithmetic guard, which cannot be switched off"
        ));
    }
    Ok(rule)
}
