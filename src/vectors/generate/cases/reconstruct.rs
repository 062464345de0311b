//! `layer/reconstruct`.

mod compared;
mod data;
mod headers;
mod index;
mod layers;
mod segments;

use super::{Blobs, Family, samples, tar_output};
use crate::{
    format::Dialect::{G3, G4, G5},
    rules::Rule,
    vectors::{
        Choice, Tag,
        generate::{
            build::{
                Edit, SKIPPABLE, annotations as keys,
                footer::{Footer, Span},
                layer::{Claim, Layer, Parts, Payloads, Placed, Plan},
                len, skippable,
                tar::{self, Entry},
                tarsplit::{Line, document},
                zstd::frame,
            },
            draft::Added,
        },
        ops::{ReconstructInput, ReconstructOutput},
    },
};

type Cases = Family<ReconstructInput, ReconstructOutput>;
type Case<'a> = Added<'a, ReconstructInput, ReconstructOutput>;

/// Adds cases, keeping their large inputs.
struct Bench<'a> {
    cases: Cases,
    blobs: &'a mut Blobs,
}

pub(in super::super) fn cases(blobs: &mut Blobs) -> Cases {
    let mut bench = Bench {
        cases: Cases::new("reconstruct"),
        blobs,
    };
    bench.layers();
    bench.kinds_of_header();
    bench.index();
    bench.data();
    bench.compared();
    bench.segments();
    bench.cases
}

/// The layer that most cases change: a directory, `etc/hostname` and `etc/motd`.
fn small() -> Plan {
    Plan::new(G5, samples::small())
}

/// A layer with a file in four chunks, the third of them zeros. Its TOC entry is the fourth.
fn chunked() -> Plan {
    Plan::new(G5, samples::small().edit(|entries| entries.push(samples::chunked())))
}

/// The layer of these parts.
fn sealed(parts: Parts) -> Layer {
    parts.payloads().place().layer()
}

fn output(layer: &Layer) -> ReconstructOutput {
    let tar = tar_output(&layer.tar);
    ReconstructOutput {
        toc_digest: layer.toc_digest.clone(),
        sha256: tar.sha256,
        size: tar.size,
    }
}

impl Bench<'_> {
    fn input(&mut self, layer: &Layer) -> ReconstructInput {
        ReconstructInput {
            blob: self.blobs.place(&layer.blob),
            annotations: layer.annotations.clone(),
        }
    }

    fn valid(&mut self, slug: &str, title: &str, why: &str, rule: Rule, layer: &Layer) -> Case<'_> {
        let input = self.input(layer);
        self.cases
            .valid(slug, title, why, input, output(layer))
            .rules(&[rule])
            .dialects(&[G5])
    }

    fn either(&mut self, slug: &str, title: &str, why: &str, choice: Choice, rule: Rule, layer: &Layer) -> Case<'_> {
        let input = self.input(layer);
        self.cases
            .either(slug, title, why, choice, input, output(layer))
            .rules(&[rule])
            .dialects(&[G5])
    }

    fn invalid(&mut self, slug: &str, twin: &str, change: &str, why: &str, rules: &[Rule], layer: &Layer) -> Case<'_> {
        let input = self.input(layer);
        self.cases
            .invalid(slug, twin, change, why, rules, input)
            .tags(&[Tag::Security])
    }
}
