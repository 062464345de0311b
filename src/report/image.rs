//! What the commands for layers report about those of an image.

use std::io;

use serde_json::{Value, json};

use super::{
    layer::SCHEMA,
    streamed::{LayerReport, Object, Short, Sink},
    style::{BOLD, DIM, ERROR, styled},
};
use crate::{format::BlobKind, image::LayerRef, outside::Outside};

/// A layer that is left out.
pub(crate) fn skipped(name: &str, kind: &BlobKind) -> Short {
    let reason = not_chunked(kind);
    Short {
        text: format!("{}: {}\n", styled(BOLD, name), styled(DIM, &reason)),
        json: json!({"layer": name, "skipped": reason}),
    }
}

fn not_chunked(kind: &BlobKind) -> String {
    format!("skipped, not a zstd:chunked layer: {kind}")
}

/// The remark about a zstd layer in a manifest of Docker.
const OF_DOCKER: &str =
    "remark: the manifest is one of Docker, which has no media type for zstd; podman and skopeo reject it";

/// A layer whose blob is not the one of its descriptor.
pub(crate) struct Mismatched<'a> {
    /// What the layer is called.
    pub(crate) name: &'a str,
    /// How the blob differs.
    pub(crate) problem: String,
    /// What is reported about the blob, where it breaks a rule.
    pub(crate) inner: Option<Box<dyn LayerReport + 'a>>,
}

impl LayerReport for Mismatched<'_> {
    fn text(&self, out: &mut Sink<'_>) -> io::Result<()> {
        let shown = Outside::sentence(&self.problem);
        let (name, rejected) = (styled(BOLD, self.name), styled(ERROR, "rejected"));
        out(&format!("{name}: {rejected}: {shown}\n"))?;
        match &self.inner {
            Some(inner) => inner.text(out),
            None => Ok(()),
        }
    }

    fn json(&self) -> Object<'_> {
        let mut object = match &self.inner {
            Some(inner) => inner.json(),
            None => Object::of(json!({"layer": self.name})),
        };
        object.set("valid", false.into());
        object.set("problem", self.problem.as_str().into());
        object
    }
}

/// What is reported about a layer of an image, with what its image says about it.
pub(crate) struct OfImage<'a> {
    /// The layer.
    pub(crate) layer: &'a LayerRef,
    /// What is reported about it.
    pub(crate) report: &'a dyn LayerReport,
    /// Whether it is a zstd layer in a manifest of Docker.
    pub(crate) is_odd: bool,
}

impl LayerReport for OfImage<'_> {
    fn text(&self, out: &mut Sink<'_>) -> io::Result<()> {
        self.report.text(out)?;
        if self.is_odd {
            out(&format!("  {}\n", styled(DIM, OF_DOCKER)))?;
        }
        Ok(())
    }

    fn json(&self) -> Object<'_> {
        let LayerRef {
            descriptor, diff_id, ..
        } = self.layer;
        let mut object = self.report.json();
        if self.is_odd {
            object.set("remark", OF_DOCKER.into());
        }
        object.set(
            "descriptor",
            json!({
                "media_type": descriptor.media_type,
                "digest": descriptor.digest.to_string(),
                "size": descriptor.size,
                "diff_id": diff_id.map(|digest| digest.to_string()),
            }),
        );
        object
    }
}

/// What is reported about the layers of an image as JSON, one layer after the other. It ends with [`json_end`].
pub(crate) fn json_begin(name: &str) -> String {
    format!("{{\n  \"image\": {},\n  \"layers\": [", Value::from(name))
}

/// The report of a layer in it, which may be the first one.
pub(crate) fn json_layer(layer: &OfImage<'_>, is_first: bool, out: &mut Sink<'_>) -> io::Result<()> {
    out(if is_first { "\n    " } else { ",\n    " })?;
    layer.json().write(2, out)
}

/// Its end. There is at least one layer.
pub(crate) fn json_end() -> String {
    format!("\n  ],\n  \"schema\": {SCHEMA}\n}}\n")
}
