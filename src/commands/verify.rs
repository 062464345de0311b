//! `chunkproof verify`

use std::num::NonZeroUsize;

use clap::ValueEnum;

use super::{
    Exit, Failure, complain, estargz,
    layer::{Identity, Layer, Seen, parse_digest},
    layers::LayersArgs,
    output::print_json,
};
use crate::{
    format::{
        Digest, Findings, Place, Region,
        layer::{self, TocAuthority},
    },
    report::{layer as report, sarif::sarif, streamed::Short},
    rules::{Rule, UnknownRule},
};

/// Report the rules that layers break.
///
/// A layer is one of zstd:chunked, or of eStargz if it begins as a gzip member does. The whole blob is read. Footer,
/// annotations, frames, TOC, tar-split, content and plainly decoded tar are compared with each other, and every broken
/// rule that can be found is listed. So is each entry of the tar that Go, GNU tar, bsdtar and Python read differently, or that no
/// tree can have. The layers of an image are also compared with the digests, sizes and DiffIDs that it
/// gives.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chunkproof verify layer.tar.zst
  chunkproof verify layer.tar.zst --annotations manifest.json
  chunkproof verify layer.tar.zst --annotations annotations.json --format json
  chunkproof verify layer.tar.zst --annotations annotations.json --format sarif > layer.sarif
  chunkproof verify blobs/* --annotations manifest.json
  curl -L https://example.com/layer | chunkproof verify -
  chunkproof verify layer.tar.gz --annotations annotations.json
  chunkproof verify oci:images:latest --require-annotations
  chunkproof verify dir:image docker-archive:image.tar
  chunkproof verify docker://localhost:5000/image:latest

Exit codes: 0 the layer is valid, 1 it is rejected, 2 it could not be read, 4 no layer of the image is zstd:chunked. \
Of several layers or images the worst counts: 2, then 1, then 4.")]
pub(super) struct Args {
    #[command(flatten)]
    layers: LayersArgs,
    /// Reject a layer whose index no annotation names (LYR-09): only its footer leads to it then, and nothing authenticates what
    /// it contains.
    #[arg(long)]
    pub(super) require_annotations: bool,
    /// Accept a layer whose tar is ambiguous, and report that as notes: tar readers make several trees of it (TAR-07), or one that
    /// cannot be made (TAR-08).
    #[arg(long)]
    pub(super) allow_ambiguous_tar: bool,
    /// The digest of the uncompressed tar that the image's configuration names.
    #[arg(long, value_name = "DIGEST", value_parser = parse_digest)]
    diff_id: Option<Digest>,
    /// Switch off the verdict of a rule, to see the findings of the others; can be given several times. Bounds and arithmetic
    /// guards stay on.
    #[arg(long = "skip-rule", value_name = "ID", value_parser = parse_skipped)]
    pub(super) skipped: Vec<Rule>,
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
    if args.diff_id.is_some() {
        args.layers.is_one("--diff-id")?;
    }
    let format = match args.format {
        Format::Terminal => super::Format::Terminal,
        Format::Json => super::Format::Json,
        Format::Sarif => {
            let (exit, reports) = args
                .layers
                .reports(Identity::Digest, "valid", |layer| look(args, layer))?;
            for report in &reports {
                if let Some(problem) = report["error"].as_str() {
                    complain(problem);
                }
            }
            print_json(&sarif(&reports))?;
            return Ok(exit);
        }
    };
    args.layers
        .each(format, Identity::Digest, "valid", |layer| look(args, layer))
}

fn look<'l>(args: &Args, layer: &'l Layer) -> Result<Seen<'l>, Failure> {
    if layer.is_estargz()? {
        let source = layer.source(args.diff_id);
        return estargz::verify(layer, &source, args);
    }
    let mut source = layer.source(args.diff_id);
    source.threads = args.threads.unwrap_or(source.threads);
    let mut findings = Findings::skipping(&args.skipped);
    let verified = layer::verify(&source, &mut findings).map_err(|error| layer.unreadable(&error))?;
    layer.finish();
    if args.require_annotations {
        require_annotations(verified.toc_authority == Some(TocAuthority::Footer), &mut findings);
    }
    let allowed = args.allow_ambiguous_tar;
    if !allowed {
        verified.ambiguities.report(&mut findings);
    }
    let report = Short {
        text: report::verified(&layer.name, &verified, &findings, allowed),
        json: report::verified_json(&layer.name, &verified, &findings, allowed),
    };
    Ok(Seen::short(Exit::of(&findings), report))
}

/// Reports an index that only the footer names.
pub(super) fn require_annotations(is_of_footer: bool, findings: &mut Findings) {
    if is_of_footer {
        findings.report(
            Rule::FooterOnly,
            Place::Whole(Region::Annotations),
            "only the footer names the index, expected annotations, which authenticate it",
        );
    }
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
