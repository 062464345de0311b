//! Layers behind addresses and images in registries, on the command line.

use std::{
    env, io,
    path::{Path, PathBuf},
    time::Duration,
};

use url::Url;

use super::{Failure, limits::parse_size};
use crate::image::{
    ImageError, Platform,
    http::{Client, Options},
    registry::{ImageReference, Registry, auth::Credentials},
};

/// How to talk to servers.
#[derive(Debug, clap::Args)]
pub(super) struct RemoteArgs {
    /// Allow plain HTTP to every host; by default only to loopback addresses.
    #[arg(long, help_heading = "Servers")]
    plain_http: bool,
    /// File with the credentials for a registry, as `podman login` and `docker login` write it; by default the files that
    /// these write.
    #[arg(long, help_heading = "Servers", value_name = "FILE")]
    authfile: Option<PathBuf>,
    /// Seconds to wait for a server that sends nothing.
    #[arg(long, help_heading = "Servers", value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,
    /// Seconds that all requests may take together.
    #[arg(long, help_heading = "Servers", value_name = "SECONDS", default_value_t = 21_600, value_parser = clap::value_parser!(u64).range(1..=604_800))]
    max_time: u64,
    /// Longest layer or archive in a temporary file: one that is fetched whole, read from stdin, or decompressed.
    #[arg(long, help_heading = "Servers", value_name = "SIZE", value_parser = parse_size, default_value = "64GiB")]
    max_blob: u64,
}

impl RemoteArgs {
    pub(super) fn client(&self) -> Client {
        Client::new(Options {
            patience: Duration::from_secs(self.timeout),
            total: Duration::from_secs(self.max_time),
            plain_http: self.plain_http,
        })
    }

    /// Most bytes of a layer that are fetched.
    pub(super) const fn longest(&self) -> u64 {
        self.max_blob
    }

    /// The registry of an image.
    pub(super) fn registry(&self, reference: ImageReference) -> Result<Registry, Failure> {
        let credentials = self.credentials(&reference).map_err(Failure::unusable)?;
        Registry::new(self.client(), reference, credentials).map_err(Failure::unusable)
    }

    fn credentials(&self, reference: &ImageReference) -> Result<Option<Credentials>, ImageError> {
        let (host, repository) = (reference.host(), reference.repository());
        if let Some(file) = &self.authfile {
            return Credentials::from_file(file, host, repository);
        }
        for file in usual_files() {
            match Credentials::from_file(&file, host, repository) {
                Ok(None) => {}
                Err(ImageError::Io { error, .. }) if error.kind() == io::ErrorKind::NotFound => {}
                found => return found,
            }
        }
        Ok(None)
    }
}

/// Where other clients look for credentials, in their order.
fn usual_files() -> impl Iterator<Item = PathBuf> {
    let below = |variable: &str, path: &str| env::var_os(variable).map(|folder| Path::new(&folder).join(path));
    [
        env::var_os("REGISTRY_AUTH_FILE").map(PathBuf::from),
        below("XDG_RUNTIME_DIR", "containers/auth.json"),
        below("HOME", ".config/containers/auth.json"),
        below("DOCKER_CONFIG", "config.json"),
        below("HOME", ".docker/config.json"),
    ]
    .into_iter()
    .flatten()
}

/// The address of a blob, if an argument is one.
pub(super) fn address(argument: &str) -> Option<Result<Url, Failure>> {
    let is_address = ["http://", "https://"]
        .iter()
        .any(|scheme| argument.starts_with(scheme));
    is_address.then(|| {
        Url::parse(argument).map_err(|error| Failure::unusable(format!("malformed URL of the layer: {error}")))
    })
}

/// The image in a registry, if an argument names one.
pub(super) fn reference(argument: &str) -> Option<Result<ImageReference, Failure>> {
    argument
        .starts_with("docker://")
        .then(|| argument.parse().map_err(Failure::unusable))
}

/// The platform of this machine; of images for Linux, as other clients have it on every system.
pub(super) fn host_platform() -> Platform {
    let architecture = match env::consts::ARCH {
        "x86_64" => "amd64",
        "x86" => "386",
        "aarch64" => "arm64",
        "powerpc64" => "ppc64le",
        other => other,
    };
    Platform {
        os: "linux".to_owned(),
        architecture: architecture.to_owned(),
        variant: None,
    }
}
