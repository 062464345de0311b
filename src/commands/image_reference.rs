//! Images on the command line, and which of their layers are selected.

use std::{path::Path, str::FromStr};

use super::{remote, spool};
use crate::{
    format::Digest,
    image::{
        self, Archive, ImageError, LayerRef, Platform, Store, directory::Directory, docker_archive::DockerArchive,
        layout::Layout, registry::Registry,
    },
};

/// An image on the command line.
pub(super) enum ImageReference<'a> {
    /// An image layout: all of it, or what has this name or digest there.
    Layout {
        folder: &'a Path,
        name: Option<&'a str>,
        digest: Option<Digest>,
    },
    /// An image layout in a tar, likewise.
    OciArchive { file: &'a Path, name: Option<&'a str> },
    /// A directory as skopeo writes it.
    Directory(&'a Path),
    /// An archive of `docker save`: all of it, or what has this name there.
    DockerArchive { file: &'a Path, name: Option<&'a str> },
    /// An image in a registry.
    Registry(Box<Registry>),
}

/// What names something other than a file, for messages.
const TRANSPORTS: &str = "oci:DIR, oci-archive:FILE, dir:DIR, docker-archive:FILE, docker://HOST/NAME:TAG, http://, https://, \
                          or `-` for stdin";

/// What can be said about the name of a file that is not there: whether it looks like an image.
pub(super) fn transports(argument: &str) -> Option<String> {
    let is_word = |text: &str| {
        text.bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    };
    let first = argument.split('/').next().unwrap_or_default();
    let (host, port) = first.split_once(':').unwrap_or((first, "0"));
    let is_host = (host.contains('.') || host == "localhost" || first != host)
        && !host.starts_with('.')
        && port.bytes().all(|byte| byte.is_ascii_digit());
    if is_host && argument.contains('/') {
        return Some(format!("; an image in a registry is docker://{argument}"));
    }
    let (transport, rest) = argument.split_once(':')?;
    Some(if is_word(transport) && rest.contains(['/', ':']) {
        format!(
            "; unknown transport `{transport}:`, expected {TRANSPORTS}; `skopeo copy SOURCE oci:DIR` makes an image layout of \
             any image"
        )
    } else {
        format!("; a source other than a file is {TRANSPORTS}")
    })
}

impl<'a> ImageReference<'a> {
    /// The image that an argument names; none if it is a blob.
    pub(super) fn of(argument: &'a Path) -> Option<Self> {
        let text = argument.to_str().unwrap_or_default();
        let file_and_name = |rest: &'a str| match rest.split_once(':') {
            Some((file, name)) => (Path::new(file), Some(name)),
            None => (Path::new(rest), None),
        };
        if let Some(rest) = text.strip_prefix("docker-archive:") {
            let (file, name) = file_and_name(rest);
            return Some(Self::DockerArchive { file, name });
        }
        if let Some(rest) = text.strip_prefix("oci-archive:") {
            let (file, name) = file_and_name(rest);
            return Some(Self::OciArchive { file, name });
        }
        if let Some(folder) = text.strip_prefix("dir:") {
            return Some(Self::Directory(Path::new(folder)));
        }
        let Some(layout) = text.strip_prefix("oci:") else {
            return argument.is_dir().then_some(Self::Layout {
                folder: argument,
                name: None,
                digest: None,
            });
        };
        let by_digest = layout
            .rsplit_once('@')
            .and_then(|(folder, digest)| Some((folder, digest.parse().ok()?)));
        let (folder, name, digest) = match by_digest {
            Some((folder, digest)) => (Path::new(folder), None, Some(digest)),
            None => {
                let (folder, name) = file_and_name(layout);
                (folder, name, None)
            }
        };
        Some(Self::Layout { folder, name, digest })
    }

    /// What has the blobs, and the layers. An archive that has to be decompressed gives no more than `longest` bytes.
    pub(super) fn layers(
        self,
        platform: Option<&Platform>,
        longest: u64,
    ) -> Result<(Box<dyn Store>, Vec<LayerRef>), ImageError> {
        let archive = |file: &Path| {
            let what = file.display().to_string();
            let tar = spool::archive(file, longest).map_err(|error| ImageError::Io {
                what: what.clone(),
                error,
            })?;
            Ok((Archive::of(tar, &what)?, what))
        };
        match self {
            Self::Layout { folder, name, digest } => {
                let layout = Layout::open(folder)?;
                let layers = image::layers(&layout, layout.top(name)?, digest, platform)?;
                Ok((Box::new(layout), layers))
            }
            Self::OciArchive { file, name } => {
                let (archive, what) = archive(file)?;
                let layout = Layout::of_archive(archive, &what)?;
                let layers = image::layers(&layout, layout.top(name)?, None, platform)?;
                Ok((Box::new(layout), layers))
            }
            Self::Directory(folder) => {
                let directory = Directory::open(folder)?;
                let layers = image::layers(&directory, vec![directory.top().clone()], None, platform)?;
                Ok((Box::new(directory), layers))
            }
            Self::DockerArchive { file, name } => {
                let (archive, what) = archive(file)?;
                let mut archive = DockerArchive::of(archive, &what)?;
                let layers = archive.layers(name)?;
                Ok((Box::new(archive), layers))
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
