//! From the top of an image to its layers.

use std::collections::{BTreeSet, VecDeque};

use super::{
    Descriptor, ImageError, Platform, Store,
    document::{self, Manifest},
};
use crate::format::Digest;

/// How far an index may be from the top; real ones are there or one below.
const DEPTH: usize = 8;

/// Most indexes and manifests that are read.
const DOCUMENTS: usize = 1000;

/// What an image says about a layer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LayerRef {
    /// Digest, size, media type and annotations of the blob, from the manifest.
    pub descriptor: Descriptor,
    /// The digest of the uncompressed tar, from the configuration; none if the manifest has no configuration of an image.
    pub diff_id: Option<Digest>,
    /// Whether the manifest is one of Docker (schema 2), which specifies no media type for zstd.
    pub of_docker: bool,
}

/// Walks from these descriptors through indexes and manifests, and lists the layers in the order in which they are met,
/// each once. With `only`, those of the index or manifest of this digest.
///
/// What is neither index nor manifest is ignored, as the image specification asks. With `platform`, so is what an index
/// gives another platform.
///
/// # Errors
///
/// A document is missing, malformed or not what its descriptor says, or there are too many.
pub fn layers(
    store: &dyn Store,
    top: Vec<Descriptor>,
    only: Option<Digest>,
    platform: Option<&Platform>,
) -> Result<Vec<LayerRef>, ImageError> {
    let mut work: VecDeque<(Descriptor, usize, bool)> = top
        .into_iter()
        .map(|descriptor| (descriptor, 0, only.is_none()))
        .collect();
    let mut seen = BTreeSet::new();
    let mut known = BTreeSet::new();
    let mut layers = Vec::new();
    while let Some((descriptor, depth, wanted)) = work.pop_front() {
        let wanted = wanted || Some(descriptor.digest) == only;
        let useful = descriptor.is_index() || (descriptor.is_manifest() && wanted);
        if !useful || !seen.insert((descriptor.digest, wanted)) {
            continue;
        }
        let what = descriptor.digest.to_string();
        if depth > DEPTH {
            let problem = format!("nested in {depth} indexes, expected at most {DEPTH}");
            return Err(ImageError::invalid(what, problem));
        }
        if seen.len() > DOCUMENTS {
            let problem = format!("more than {DOCUMENTS} indexes and manifests, expected at most that");
            return Err(ImageError::invalid(what, problem));
        }
        check_length(&descriptor)?;
        let bytes = store.manifest(&descriptor)?;
        descriptor.check(&bytes)?;
        let media_types = &[descriptor.media_type.as_str()];
        if descriptor.is_index() {
            let inner = document::index(&what, &bytes, media_types)?;
            let fits = |inner: &Descriptor| match (platform, &inner.platform) {
                (Some(platform), Some(found)) => platform.takes(found),
                _ => true,
            };
            work.extend(inner.into_iter().filter(fits).map(|inner| (inner, depth + 1, wanted)));
        } else {
            let manifest = document::manifest(&what, &bytes, media_types)?;
            for mut layer in of_manifest(store, &what, manifest)? {
                layer.of_docker = descriptor.media_type == document::DOCKER_MANIFEST;
                if known.insert(layer.clone()) {
                    layers.push(layer);
                }
            }
        }
    }
    Ok(layers)
}

fn of_manifest(store: &dyn Store, what: &str, manifest: Manifest) -> Result<Vec<LayerRef>, ImageError> {
    let Manifest { config, layers } = manifest;
    if !config.is_config() {
        let plain = |descriptor| LayerRef {
            descriptor,
            diff_id: None,
            of_docker: false,
        };
        return Ok(layers.into_iter().map(plain).collect());
    }
    check_length(&config)?;
    let bytes = store.config(&config)?;
    config.check(&bytes)?;
    let diff_ids = document::diff_ids(&config.digest.to_string(), &bytes)?;
    if diff_ids.len() != layers.len() {
        let problem = format!(
            "the configuration has {} DiffIDs for {} layers, expected one for each layer",
            diff_ids.len(),
            layers.len()
        );
        return Err(ImageError::invalid(what, problem));
    }
    let pair = |(descriptor, diff_id)| LayerRef {
        descriptor,
        diff_id: Some(diff_id),
        of_docker: false,
    };
    Ok(layers.into_iter().zip(diff_ids).map(pair).collect())
}

/// Compares the length of a document with the bound, before it is read.
fn check_length(descriptor: &Descriptor) -> Result<(), ImageError> {
    if descriptor.size > document::LIMIT {
        let problem = format!(
            "the descriptor is of {} bytes, expected at most {} for an index, manifest or configuration",
            descriptor.size,
            document::LIMIT
        );
        return Err(ImageError::invalid(descriptor.digest, problem));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, collections::BTreeMap};

    use serde_json::{Value, json};

    use super::{super::Blob, Descriptor, ImageError, LayerRef, Store, document, layers};
    use crate::format::Digest;

    /// Documents in memory.
    #[derive(Default)]
    struct Memory(RefCell<BTreeMap<Digest, Vec<u8>>>);

    impl Memory {
        fn add(&self, media_type: &str, value: &Value) -> Value {
            let bytes = value.to_string().into_bytes();
            let digest = Digest::of(&bytes);
            let descriptor = json!({"mediaType": media_type, "digest": digest.to_string(), "size": bytes.len()});
            self.0.borrow_mut().insert(digest, bytes);
            descriptor
        }

        fn image(&self, layers: &[&str]) -> Value {
            let ids: Vec<String> = layers
                .iter()
                .map(|name| Digest::of(name.as_bytes()).to_string())
                .collect();
            let config = self.add(document::CONFIG, &json!({"rootfs": {"diff_ids": ids}}));
            let layer = |name: &&str| {
                let digest = Digest::of(format!("{name}.zst").as_bytes()).to_string();
                json!({"mediaType": document::LAYER_ZSTD, "digest": digest, "size": 9})
            };
            let layers: Vec<Value> = layers.iter().map(layer).collect();
            self.add(
                document::MANIFEST,
                &json!({"schemaVersion": 2, "config": config, "layers": layers}),
            )
        }

        fn index(&self, manifests: &[Value]) -> Value {
            self.add(document::INDEX, &json!({"schemaVersion": 2, "manifests": manifests}))
        }

        fn get(&self, descriptor: &Descriptor) -> Result<Vec<u8>, ImageError> {
            let found = self.0.borrow().get(&descriptor.digest).cloned();
            found.ok_or_else(|| ImageError::invalid(descriptor.digest, "not there"))
        }

        fn walk(&self, top: &[&Value], only: Option<&Value>) -> Result<Vec<LayerRef>, ImageError> {
            let top = top.iter().map(|value| parsed(value));
            let only = only.map(|value| value["digest"].as_str().unwrap().parse().unwrap());
            layers(self, top.collect(), only, None)
        }
    }

    impl Store for Memory {
        fn manifest(&self, descriptor: &Descriptor) -> Result<Vec<u8>, ImageError> {
            self.get(descriptor)
        }

        fn config(&self, descriptor: &Descriptor) -> Result<Vec<u8>, ImageError> {
            self.get(descriptor)
        }

        fn blob(&self, descriptor: &Descriptor) -> Result<Blob, ImageError> {
            Err(ImageError::invalid(descriptor.digest, "not asked for"))
        }
    }

    /// The descriptor as an index has it.
    fn parsed(descriptor: &Value) -> Descriptor {
        let index = json!({"schemaVersion": 2, "manifests": [descriptor]}).to_string();
        document::index("top", index.as_bytes(), &[]).unwrap().remove(0)
    }

    fn diff_ids(layers: &[LayerRef]) -> Vec<Digest> {
        layers.iter().map(|layer| layer.diff_id.unwrap()).collect()
    }

    #[test]
    fn every_layer_once() {
        let store = Memory::default();
        let (one, two) = (store.image(&["a", "b"]), store.image(&["a", "c"]));
        let other = json!({"mediaType": "text/plain", "digest": Digest::of(b"x").to_string(), "size": 1});
        let top = store.index(&[store.index(std::slice::from_ref(&one)), two.clone(), other]);
        let [a, b, c] = [b"a", b"b", b"c"].map(|name| Digest::of(name));
        assert_eq!(diff_ids(&store.walk(&[&top], None).unwrap()), [a, c, b]);
        assert_eq!(diff_ids(&store.walk(&[&one, &two], None).unwrap()), [a, b, c]);
        assert_eq!(diff_ids(&store.walk(&[&top], Some(&one)).unwrap()), [a, b]);
        assert_eq!(diff_ids(&store.walk(&[&top], Some(&two)).unwrap()), [a, c]);
    }

    #[test]
    fn images_of_other_platforms_are_ignored() {
        let store = Memory::default();
        let on = |name: &str, platform: Value| {
            let mut image = store.image(&[name]);
            image["platform"] = platform;
            image
        };
        let top = store.index(&[
            on("a", json!({"os": "linux", "architecture": "amd64"})),
            on("b", json!({"os": "linux", "architecture": "arm", "variant": "v7"})),
            on("c", json!({"os": "linux", "architecture": "arm", "variant": "v6"})),
            on("d", json!({"os": "unknown", "architecture": "unknown"})),
        ]);
        for (platform, expected) in [
            ("linux/amd64", &[b"a"][..]),
            ("linux/arm", &[b"b", b"c"]),
            ("linux/arm/v6", &[b"c"]),
            ("windows/amd64", &[]),
        ] {
            let top = vec![parsed(&top)];
            let platform = platform.parse().unwrap();
            let found = layers(&store, top, None, Some(&platform)).unwrap();
            let expected: Vec<Digest> = expected.iter().map(|name| Digest::of(*name)).collect();
            assert_eq!(diff_ids(&found), expected, "{platform:?}");
        }
    }

    #[test]
    fn the_walk_is_bounded() {
        let store = Memory::default();
        let mut top = store.image(&["a"]);
        for depth in 1..=9 {
            top = store.index(&[top]);
            assert_eq!(store.walk(&[&top], None).is_ok(), depth <= 8, "{depth}");
        }
        let many: Vec<Value> = (0..1001).map(|number| store.image(&[&number.to_string()])).collect();
        let error = store.walk(&[&store.index(&many)], None).unwrap_err().to_string();
        assert!(error.contains("more than 1000 indexes and manifests"), "{error}");
        assert!(store.walk(&[&store.index(&many[..999])], None).is_ok());
    }

    #[test]
    fn documents_are_those_of_their_descriptors() {
        let store = Memory::default();
        let image = store.image(&["a"]);
        for (key, value, problem) in [
            ("size", json!(1), "does not match the size 1 of its descriptor"),
            ("size", json!(document::LIMIT + 1), "expected at most 4194304"),
            ("digest", json!(Digest::of(b"gone").to_string()), "not there"),
            ("mediaType", json!(document::INDEX), "not an image index"),
        ] {
            let mut changed = image.clone();
            changed[key] = value;
            let error = store.walk(&[&changed], None).unwrap_err().to_string();
            assert!(error.contains(problem), "{error}");
        }
        let digest: Digest = image["digest"].as_str().unwrap().parse().unwrap();
        store.0.borrow_mut().get_mut(&digest).unwrap()[0] = b' ';
        let error = store.walk(&[&image], None).unwrap_err().to_string();
        assert!(error.contains("blob digest"), "{error}");
    }

    #[test]
    fn each_layer_has_a_diff_id() {
        let store = Memory::default();
        let config = store.add(document::CONFIG, &json!({"rootfs": {"diff_ids": []}}));
        let layer = json!({"mediaType": "x", "digest": Digest::of(b"a").to_string(), "size": 1});
        let manifest = |config| json!({"schemaVersion": 2, "config": config, "layers": [layer]});
        let image = store.add(document::MANIFEST, &manifest(&config));
        let error = store.walk(&[&image], None).unwrap_err().to_string();
        assert!(error.contains("0 DiffIDs for 1 layers"), "{error}");
        let empty = json!({"mediaType": "application/vnd.oci.empty.v1+json", "digest": Digest::of(b"{}").to_string(), "size": 2});
        let artifact = store.add(document::MANIFEST, &manifest(&empty));
        assert_eq!(store.walk(&[&artifact], None).unwrap()[0].diff_id, None);
    }
}
