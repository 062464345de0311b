//! `layer/reconstruct`, and those cases of `layer/index` whose answer the index alone decides in the same way.

mod alone;
mod around;
mod checksums;
mod compared;
mod damaged;
mod data;
mod descriptors;
mod diff_id;
mod ends;
mod everyday;
mod extensions;
mod footers;
mod frames;
mod headers;
mod index;
mod layers;
mod names;
mod older;
mod overlaps;
mod readings;
mod resources;
mod segments;
mod unread;

pub(super) use self::around::moved;
use super::{Blobs, Family, samples, tar_output};
use crate::{
    cases::family::Added,
    forge::{
        EditInPlace, SKIPPABLE, annotations as keys,
        footer::{Footer, Span},
        layer::{Layer, NamedDigest, Parts, Payloads, Placed, Plan},
        len, skippable,
        tar::{self, TarEntry},
        tarsplit::{Line, document},
        zstd::frame,
    },
    format::Dialect::{self, G3, G4, G5},
    rules::Rule,
    vectors::{
        Bug, Choice, Tag,
        ops::{LayerIndexInput, LayerIndexOutput, ReconstructInput, ReconstructOutput},
    },
};

type Cases = Family<ReconstructInput, ReconstructOutput>;

/// Adds cases, keeping their large inputs.
struct Builder<'a> {
    cases: Cases,
    index: super::index::Builder,
    /// Whether cases that are added are for `layer/index` as well.
    shared: bool,
    blobs: &'a mut Blobs,
}

/// The cases of `layer/index` and those of `layer/reconstruct`.
pub(in super::super) fn cases(blobs: &mut Blobs) -> (Family<LayerIndexInput, LayerIndexOutput>, Cases) {
    let mut builder = Builder {
        cases: Cases::new("reconstruct"),
        index: super::index::Builder::new(),
        shared: true,
        blobs,
    };
    builder.layers();
    builder.everyday();
    builder.documents();
    builder.kinds_of_header();
    builder.extensions();
    builder.index();
    builder.checks_alone();
    builder.data();
    builder.late_checksums();
    builder.overlaps();
    builder.frames_of_files();
    builder.compared();
    builder.segments();
    builder.readings();
    builder.diff_id();
    builder.around();
    builder.resources();
    builder.index.alone(builder.blobs);
    builder.ends_of_tars();
    builder.older();
    builder.footers_alone();
    builder.descriptors();
    builder.damaged_frames();
    builder.names();
    builder.unread_frames();
    (builder.index.into_cases(), builder.cases)
}

/// A case that was just added, to one operation or to both.
struct Case<'a> {
    reconstruct: Added<'a, ReconstructInput, ReconstructOutput>,
    index: Option<super::index::Case<'a>>,
}

impl Case<'_> {
    fn rules(self, rules: &[Rule]) -> Self {
        Self {
            reconstruct: self.reconstruct.rules(rules),
            index: self.index.map(|case| case.rules(rules)),
        }
    }

    fn dialects(self, dialects: &[Dialect]) -> Self {
        Self {
            reconstruct: self.reconstruct.dialects(dialects),
            index: self.index.map(|case| case.dialects(dialects)),
        }
    }

    fn tags(self, tags: &[Tag]) -> Self {
        Self {
            reconstruct: self.reconstruct.tags(tags),
            index: self.index.map(|case| case.tags(tags)),
        }
    }

    fn limits(self, seconds: u32, mebibytes: u64) -> Self {
        Self {
            reconstruct: self.reconstruct.limits(seconds, mebibytes),
            index: self.index.map(|case| case.limits(seconds, mebibytes)),
        }
    }

    fn bugs(self, bugs: &[Bug]) -> Self {
        Self {
            reconstruct: self.reconstruct.bugs(bugs),
            index: self.index.map(|case| case.bugs(bugs)),
        }
    }
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

impl Builder<'_> {
    fn input(&mut self, layer: &Layer) -> ReconstructInput {
        ReconstructInput {
            blob: self.blobs.place(&layer.blob),
            annotations: layer.annotations.clone(),
            media_type: None,
            diff_id: None,
        }
    }

    /// Keeps the plan of the layer of a case of both operations.
    fn keep_plan(&mut self, slug: &str, plan: &Plan) {
        self.cases.keep_plan(slug, plan);
        self.index.keep_plan(slug, plan);
    }

    /// Adds cases for `layer/reconstruct` alone: the index does not decide them, or decides otherwise.
    fn alone(&mut self, add: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.shared, false);
        add(self);
        self.shared = before;
    }

    fn valid(&mut self, slug: &str, title: &str, why: &str, rule: Rule, layer: &Layer) -> Case<'_> {
        let input = self.input(layer);
        let index = self
            .shared
            .then(|| self.index.valid(self.blobs, slug, title, why, layer));
        let reconstruct = self.cases.valid(slug, title, why, input, output(layer));
        Case { reconstruct, index }.rules(&[rule]).dialects(&[G5])
    }

    /// A layer of this dialect that is read. In g3 and g4 that is a choice.
    fn accepted(
        &mut self,
        dialect: Dialect,
        slug: &str,
        title: &str,
        why: &str,
        rule: Rule,
        layer: &Layer,
    ) -> Case<'_> {
        if dialect == G5 {
            return self.valid(slug, title, why, rule, layer);
        }
        let title = format!("{title}, in {dialect}");
        let choice = Choice("tarsplit-checksum");
        self.either(slug, &title, why, choice, Rule::TarSplitChecksum, layer)
            .dialects(&[dialect])
    }

    fn either(&mut self, slug: &str, title: &str, why: &str, choice: Choice, rule: Rule, layer: &Layer) -> Case<'_> {
        let input = self.input(layer);
        let index = self
            .shared
            .then(|| self.index.either(self.blobs, slug, title, why, choice, layer));
        let reconstruct = self.cases.either(slug, title, why, choice, input, output(layer));
        Case { reconstruct, index }.rules(&[rule]).dialects(&[G5])
    }

    fn invalid(&mut self, slug: &str, twin: &str, change: &str, why: &str, rules: &[Rule], layer: &Layer) -> Case<'_> {
        let input = self.input(layer);
        let index = self
            .shared
            .then(|| self.index.invalid(self.blobs, slug, twin, change, why, rules, layer));
        let reconstruct = self.cases.invalid(slug, twin, change, why, rules, input);
        Case { reconstruct, index }.tags(&[Tag("security")])
    }
}
