//! Landmarks in layers of stargz-snapshotter with zstd: g1 in the style of stargz.

use super::{Blobs, Builder, Plan, samples};
use crate::{
    forge::{EditInPlace, layer::Layer, tar::TarEntry},
    format::Dialect,
    rules::Rule,
    vectors::Tag,
};

/// The landmark without content to fetch first.
const NAME: &str = ".no.prefetch.landmark";

fn layer(landmarks: Vec<TarEntry>) -> Layer {
    let entries = samples::small().edit(|entries| drop(entries.splice(0..0, landmarks)));
    Plan::stargz(entries).layer()
}

impl Builder {
    pub(super) fn landmarks(&mut self, blobs: &mut Blobs) {
        const WHY: &str = "Any file of that name is taken for the mark up to which data is fetched first.";
        for (slug, title, name) in [
            (
                "g1-stargz-landmark",
                "a layer of stargz-snapshotter with a landmark",
                NAME,
            ),
            (
                "g1-stargz-prefetch-landmark",
                "a layer of stargz-snapshotter with the other landmark",
                ".prefetch.landmark",
            ),
        ] {
            self.valid(
                blobs,
                slug,
                title,
                "A landmark is not an entry like any other, or not in the tree that readers list.",
                &layer(vec![TarEntry::file(name, [0x0f])]),
            )
            .rules(&[Rule::Landmark])
            .dialects(&[Dialect::G1])
            .tags(&[Tag("interop")]);
        }
        for (slug, title, dialect, content) in [
            (
                "g1-landmark-name-empty",
                "an empty file with the name of a landmark, in a layer of g1 without content",
                Dialect::G1,
                "",
            ),
            (
                "g5-landmark-name",
                "a file with the name of a landmark in g5, which has none",
                Dialect::G5,
                "text\n",
            ),
        ] {
            let layer = Plan::new(dialect, vec![TarEntry::file(NAME, content)]).layer();
            self.valid(
                blobs,
                slug,
                title,
                "A good layer is refused for a file that is no mark in it.",
                &layer,
            )
            .rules(&[Rule::Landmark])
            .dialects(&[dialect])
            .tags(&[Tag("interop")]);
        }
        for (slug, change, landmarks) in [
            (
                "other-byte",
                "another byte in the landmark, with its digest",
                vec![TarEntry::file(NAME, [0x0e])],
            ),
            (
                "two-bytes",
                "a landmark of two bytes",
                vec![TarEntry::file(NAME, [0x0f, 0x0f])],
            ),
            ("empty", "a landmark without content", vec![TarEntry::file(NAME, "")]),
            (
                "symlink",
                "a symbolic link for a landmark",
                vec![TarEntry::symlink(NAME, "etc/motd")],
            ),
            (
                "twice",
                "the other landmark as well",
                vec![
                    TarEntry::file(NAME, [0x0f]),
                    TarEntry::file(".prefetch.landmark", [0x0f]),
                ],
            ),
        ] {
            self.invalid(
                blobs,
                &format!("g1-stargz-landmark-{slug}"),
                "g1-stargz-landmark",
                change,
                WHY,
                &[Rule::Landmark],
                &layer(landmarks),
            );
        }
    }
}
