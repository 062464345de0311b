//! Images on the command line, and which of their layers are selected.

use std::{path::Path, str::FromStr};

use super::remote;
use crate::{
    format::Digest,
    image::{self, ImageError, LayerRef, Platform, Store, layout::Layout, registry::Registry},
};

/// An image on the command line.
pub(super) enum ImageReference<'a> {
    /// An image layout: all of it, or what has this name or digest there.
    Layout {
        folder: &'a Path,
        name: Option<&'a str>,
        digest: Option<Digest>,
    },
    /// An image in a registry.
    Registry(Box<Registry>),
}

impl<'a> ImageReference<'a> {
    /// The image that an argument names; none if it is a blob.
    pub(super) fn of(argument: &'a Path) -> Option<Self> {
        let Some(layout) = argument.to_str().and_then(|text| text.strip_prefix("oci:")) else {
            return argument.is_dir().then_some(Self::Layout {
                folder: argument,
                name: None,
                digest: None,
            });
        };
        let by_digest = layout
            .rsplit_once('@')
            .and_then(|(folder, digest)| Some((folder, digest.parse().ok()?)));
        let (folder, name, digest) = match (by_digest, layout.split_once(':')) {
            (Some((folder, digest)), _) => (folder, None, Some(digest)),
            (None, Some((folder, name))) => (folder, Some(name), None),
            (None, None) => (layout, None, None),
        };
        Some(Self::Layout {
            folder: Path::new(folder),
            name,
            digest,
        })
    }

    /// What has the blobs, and the layers.
    pub(super) fn layers(self, platform: Option<&Platform>) -> Result<(Box<dyn Store>, Vec<LayerRef>), ImageError> {
        match self {
            Self::Layout { folder, name, digest } => {
                let layout = Layout::open(folder)?;
                let layers = image::layers(&layout, layout.top(name)?, digest, platform)?;
                Ok((Box::new(layout), layers))
            }
            Self::Registry(registry) => {
                let here = remote::host_platform();
                let layers = image::layers(registry.as_ref(), vec![registry.top()?], None, platform.or(Some(&here)))?;
                Ok((registry, layers))
            }
        }
    }
}

/// Which layer of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pick {
    Number(usize),
    Digest(String),
}

impl FromStr for Pick {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(number) if number > 0 => Ok(Self::Number(number)),
            _ if text.starts_with("sha256:") => Ok(Self::Digest(text.to_owned())),
            _ => Err("expected a number of at least 1, or a digest that begins with `sha256:`".to_owned()),
        }
    }
}

impl Pick {
    pub(super) fn of(&self, layers: Vec<LayerRef>) -> Vec<LayerRef> {
        match self {
            Self::Number(number) => layers.into_iter().nth(number - 1).into_iter().collect(),
            Self::Digest(start) => {
                let picked = |layer: &LayerRef| layer.descriptor.digest.to_string().starts_with(start);
                layers.into_iter().filter(picked).collect()
            }
        }
    }
}
