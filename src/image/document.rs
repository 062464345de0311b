//! Image indexes, manifests and configurations, as far as they say something of layers.
//!
//! Both generations are read: those of the OCI image specification, and those of Docker (schema 2), which have the same
//! shape. What decides is the media type of the descriptor that names a document; one that the document repeats has to
//! be the same, and a document that is index and manifest at once is refused, since readers would differ in what it is.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, Visitor},
};

use super::ImageError;
use crate::format::{Digest, DigestError};

/// Largest index, manifest or configuration, in bytes: 4 MiB, as registries and clients have it.
pub const LIMIT: u64 = 4 << 20;

/// Media type of an OCI image index.
pub const INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// Media type of an OCI image manifest.
pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// Media type of an OCI image configuration.
pub const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
/// Media type of Docker's manifest list.
pub const DOCKER_INDEX: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
/// Media type of Docker's manifest.
pub const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
/// Media type of Docker's configuration.
pub const DOCKER_CONFIG: &str = "application/vnd.docker.container.image.v1+json";
/// Media type of a layer that is a tar in zstd.
pub const LAYER_ZSTD: &str = "application/vnd.oci.image.layer.v1.tar+zstd";
/// Annotation of a descriptor in the index of a layout: what the image is called there, often a tag.
pub const REF_NAME: &str = "org.opencontainers.image.ref.name";

/// What names a blob.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// What the blob is.
    pub media_type: String,
    /// Its digest.
    #[serde(deserialize_with = "digest")]
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
    /// What else is said of it.
    #[serde(default, deserialize_with = "annotations")]
    pub annotations: Option<BTreeMap<String, String>>,
    /// What an image of an index runs on.
    #[serde(default)]
    pub platform: Option<Platform>,
}

impl Descriptor {
    /// Whether it names an image index.
    pub fn is_index(&self) -> bool {
        matches!(self.media_type.as_str(), INDEX | DOCKER_INDEX)
    }

    /// Whether it names an image manifest.
    pub fn is_manifest(&self) -> bool {
        matches!(self.media_type.as_str(), MANIFEST | DOCKER_MANIFEST)
    }

    /// Whether it names the configuration of an image, and not of something else that is kept as one.
    pub fn is_config(&self) -> bool {
        matches!(self.media_type.as_str(), CONFIG | DOCKER_CONFIG)
    }

    /// What it calls an image in the index of a layout.
    pub fn ref_name(&self) -> Option<&str> {
        self.annotations.as_ref()?.get(REF_NAME).map(String::as_str)
    }

    /// What is wrong with a blob of this size and digest, as a lower-case sentence.
    pub fn mismatch(&self, size: u64, digest: Option<Digest>) -> Option<String> {
        if size != self.size {
            return Some(format!(
                "the blob has {size} bytes, expected {} as in its descriptor",
                self.size
            ));
        }
        match digest {
            Some(digest) if digest != self.digest => Some(format!(
                "the blob has the digest {digest}, expected {} as in its descriptor",
                self.digest
            )),
            _ => None,
        }
    }

    /// Holds a document against size and digest.
    ///
    /// # Errors
    ///
    /// It is another one.
    pub fn check(&self, bytes: &[u8]) -> Result<(), ImageError> {
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        match self.mismatch(size, Some(Digest::of(bytes))) {
            Some(problem) => Err(ImageError::invalid(self.digest, problem)),
            None => Ok(()),
        }
    }
}

/// What an image runs on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
pub struct Platform {
    /// The operating system, in the terms of Go.
    pub os: String,
    /// The processor's architecture, in the terms of Go.
    pub architecture: String,
    /// Which of several of one architecture.
    #[serde(default)]
    pub variant: Option<String>,
}

impl Platform {
    /// Whether an image for `found` runs here. A variant counts where one is asked for.
    pub fn takes(&self, found: &Self) -> bool {
        self.os == found.os
            && self.architecture == found.architecture
            && (self.variant.is_none() || self.variant == found.variant)
    }
}

impl FromStr for Platform {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split('/').collect();
        let (os, architecture, variant) = match parts.as_slice() {
            [os, architecture] => (os, architecture, None),
            [os, architecture, variant] => (os, architecture, Some(variant)),
            _ => return Err("expected an operating system and an architecture, such as linux/amd64".to_owned()),
        };
        Ok(Self {
            os: (*os).to_owned(),
            architecture: (*architecture).to_owned(),
            variant: variant.map(|variant| (*variant).to_owned()),
        })
    }
}

/// An image manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The configuration.
    pub config: Descriptor,
    /// The layers, the lowest first.
    pub layers: Vec<Descriptor>,
}

/// Either kind of document, as it stands.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    schema_version: u64,
    #[serde(default)]
    media_type: Option<String>,
    #[serde(default)]
    manifests: Option<Vec<Descriptor>>,
    #[serde(default)]
    config: Option<Descriptor>,
    #[serde(default)]
    layers: Option<Vec<Descriptor>>,
}

fn raw(what: &str, bytes: &[u8], media_types: &[&str]) -> Result<Raw, ImageError> {
    let raw: Raw = serde_json::from_slice(bytes)
        .map_err(|error| ImageError::invalid(what, format!("not an image index or manifest: {error}")))?;
    if raw.schema_version != 2 {
        return Err(ImageError::invalid(
            what,
            format!("the schema version is {}, expected 2", raw.schema_version),
        ));
    }
    if let Some(found) = &raw.media_type
        && !media_types.contains(&found.as_str())
    {
        return Err(ImageError::invalid(
            what,
            format!("the media type is {found:?}, expected {}", media_types.join(" or ")),
        ));
    }
    if raw.manifests.is_some() && (raw.layers.is_some() || raw.config.is_some()) {
        return Err(ImageError::invalid(
            what,
            "index and manifest at once, expected one of the two",
        ));
    }
    Ok(raw)
}

/// Reads an image index: the descriptors of manifests and of further indexes. `what` is its name for people, and
/// `media_types` are those that it may give itself.
///
/// # Errors
///
/// It is none, of another media type, or also a manifest.
pub fn index(what: &str, bytes: &[u8], media_types: &[&str]) -> Result<Vec<Descriptor>, ImageError> {
    raw(what, bytes, media_types)?
        .manifests
        .ok_or_else(|| ImageError::invalid(what, "`manifests` is missing, expected an image index"))
}

/// Reads an image manifest.
///
/// # Errors
///
/// It is none, of another media type, or also an index.
pub fn manifest(what: &str, bytes: &[u8], media_types: &[&str]) -> Result<Manifest, ImageError> {
    let raw = raw(what, bytes, media_types)?;
    match (raw.config, raw.layers) {
        (Some(config), Some(layers)) => Ok(Manifest { config, layers }),
        _ => Err(ImageError::invalid(
            what,
            "`config` or `layers` is missing, expected an image manifest",
        )),
    }
}

/// Reads the DiffIDs of an image configuration: the digests of the uncompressed layers, the lowest first.
///
/// # Errors
///
/// It is no configuration.
pub fn diff_ids(what: &str, bytes: &[u8]) -> Result<Vec<Digest>, ImageError> {
    #[derive(Deserialize)]
    struct Config {
        rootfs: RootFs,
    }
    #[derive(Deserialize)]
    struct RootFs {
        diff_ids: Vec<DiffId>,
    }
    #[derive(Deserialize)]
    struct DiffId(#[serde(deserialize_with = "digest")] Digest);

    let config: Config = serde_json::from_slice(bytes)
        .map_err(|error| ImageError::invalid(what, format!("not an image configuration: {error}")))?;
    Ok(config
        .rootfs
        .diff_ids
        .into_iter()
        .map(|DiffId(digest)| digest)
        .collect())
}

fn digest<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Digest, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|error| {
        D::Error::custom(match error {
            DigestError::OtherAlgorithm => format!("the digest {text:?} is of another algorithm, expected sha256"),
            DigestError::Malformed => {
                format!("{text:?} is not a digest, expected `sha256:` and 64 lower-case hexadecimal digits")
            }
        })
    })
}

/// A map of strings in which no key stands twice: readers differ in which of the two counts.
fn annotations<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<BTreeMap<String, String>>, D::Error> {
    struct Unique;

    impl<'de> Visitor<'de> for Unique {
        type Value = Option<BTreeMap<String, String>>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map of strings")
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
            let mut map = BTreeMap::new();
            while let Some((key, value)) = access.next_entry::<String, String>()? {
                if map.contains_key(&key) {
                    return Err(A::Error::custom(format!("the annotation {key:?} stands twice")));
                }
                map.insert(key, value);
            }
            Ok(Some(map))
        }
    }

    deserializer.deserialize_any(Unique)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{CONFIG, DOCKER_MANIFEST, INDEX, LAYER_ZSTD, MANIFEST, diff_ids, index, manifest};
    use crate::format::Digest;

    fn descriptor() -> Value {
        json!({"mediaType": LAYER_ZSTD, "digest": Digest::of(b"a").to_string(), "size": 1, "annotations": {"a": "b"}})
    }

    fn document() -> Value {
        let config = json!({"mediaType": CONFIG, "digest": Digest::of(b"{}").to_string(), "size": 2});
        json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [descriptor()]})
    }

    #[test]
    fn manifests() {
        let read = |value: &Value| manifest("m", value.to_string().as_bytes(), &[MANIFEST]);
        let good = read(&document()).unwrap();
        assert_eq!(good.layers[0].digest, Digest::of(b"a"));
        assert_eq!(good.layers[0].annotations.as_ref().unwrap()["a"], "b");
        assert_eq!(good.config.annotations, None);
        for (pointer, value, problem) in [
            ("/schemaVersion", json!(1), "the schema version is 1, expected 2"),
            ("/mediaType", json!(DOCKER_MANIFEST), "the media type is"),
            ("/mediaType", json!(INDEX), "the media type is"),
            ("/layers", Value::Null, "`config` or `layers` is missing"),
            ("/config", Value::Null, "`config` or `layers` is missing"),
            ("/layers/0/size", json!(-1), "invalid value: integer `-1`"),
            ("/layers/0/size", json!(1.5), "invalid type: floating point"),
            ("/layers/0/digest", json!("sha256:../../etc"), "is not a digest"),
            (
                "/layers/0/digest",
                json!(format!("sha512:{}", "0".repeat(128))),
                "another algorithm",
            ),
            ("/layers/0/annotations", json!({"a": 1}), "invalid type: integer `1`"),
            ("/layers/0/annotations", json!([]), "expected a map of strings"),
        ] {
            let mut changed = document();
            *changed.pointer_mut(pointer).unwrap() = value;
            let error = read(&changed).unwrap_err().to_string();
            assert!(
                error.starts_with("m: ") && error.contains(problem),
                "{pointer}: {error}"
            );
        }
    }

    #[test]
    fn what_readers_would_read_in_two_ways_is_refused() {
        let mut both = document();
        both["manifests"] = json!([]);
        for read in [
            manifest("m", both.to_string().as_bytes(), &[MANIFEST]).map(drop),
            index("m", both.to_string().as_bytes(), &[MANIFEST]).map(drop),
        ] {
            assert!(read.unwrap_err().to_string().contains("at once"));
        }
        let text = document().to_string();
        for (once, twice, problem) in [
            (
                "\"annotations\":{",
                "\"annotations\":{\"a\":\"c\",",
                "the annotation \"a\" stands twice",
            ),
            ("\"layers\":[", "\"layers\":[],\"layers\":[", "duplicate field `layers`"),
        ] {
            let error = manifest("m", text.replacen(once, twice, 1).as_bytes(), &[MANIFEST]).unwrap_err();
            assert!(error.to_string().contains(problem), "{error}");
        }
    }

    #[test]
    fn configurations() {
        let digest = Digest::of(b"tar");
        let config = json!({"architecture": "amd64", "rootfs": {"type": "layers", "diff_ids": [digest.to_string()]}});
        assert_eq!(diff_ids("c", config.to_string().as_bytes()).unwrap(), [digest]);
        assert!(diff_ids("c", b"{\"rootfs\":{\"diff_ids\":[\"sha256:1\"]}}").is_err());
        assert!(diff_ids("c", b"{}").is_err());
    }
}
