//! Annotations from a file: a JSON map of them, or an OCI descriptor or image manifest that holds them.

use std::{collections::BTreeMap, fs::File, io::Read as _, path::Path};

use super::{Exit, Failure};
use crate::{
    format::{Digest, annotations, json::Reader, range::ReadAt},
    image::{
        self,
        document::{self, Described},
        json::{self, Fault, Parsed},
    },
};

/// What a file says about a layer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct AboutLayer {
    /// The annotations, of which at least one is of the format.
    pub(crate) annotations: BTreeMap<String, String>,
    /// The media type, where the file is a descriptor or a manifest.
    pub(crate) media_type: Option<String>,
}

/// What a file of annotations is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Map,
    Descriptor,
    Manifest,
}

/// What a file holds, before it is compared with a layer.
enum Content {
    Map(BTreeMap<String, String>),
    Descriptor(Described),
    Manifest(Vec<Described>),
}

/// Reads what `file` says about the layer `blob`.
///
/// A manifest's layer is the one with the digest of the blob. The digest and size of a descriptor are compared with the
/// blob, since annotations of another layer would only tell that something is wrong. Annotations without any key of the
/// format are refused as well: they would look like a check that was made.
/// A map of annotations is refused if it is given for several layers. What is of another blob is a layer that is rejected, as
/// in an image.
pub(super) fn read(file: &Path, blob: &dyn ReadAt, several: bool) -> Result<AboutLayer, Failure> {
    let about = open(file)
        .map_err(unusable)
        .and_then(|bytes| of_bytes(&bytes, blob, several));
    let about = about.and_then(|about| {
        if about.annotations.keys().any(|key| annotations::is_known(key)) {
            return Ok(about);
        }
        Err(unusable(
            "no annotation of zstd:chunked or eStargz, expected at least one; without --annotations the index is found \
             through the footer, which nothing authenticates",
        ))
    });
    about.map_err(|(exit, problem)| Failure::Message(exit, format!("{}: {problem}", file.display())))
}

/// What a file cannot be used for, and what that means for the command.
type Refusal = (Exit, String);

fn unusable(problem: impl Into<String>) -> Refusal {
    (Exit::Unusable, problem.into())
}

/// Reads a file that is a map of annotations and nothing else, whatever its keys are.
pub(crate) fn map(file: &Path) -> Result<BTreeMap<String, String>, String> {
    open(file)
        .and_then(|bytes| json::read(&bytes, json::strings))
        .map_err(|problem| format!("{}: {problem}", file.display()))
}

/// The bytes of a file, which is no longer than a manifest may be.
fn open(file: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let file = File::open(file).map_err(|error| error.to_string())?;
    file.take(document::LIMIT.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| error.to_string())?;
    if u64::try_from(bytes.len()).map_or(true, |length| length > document::LIMIT) {
        return Err(format!(
            "longer than {} bytes, which is too long for a manifest",
            document::LIMIT
        ));
    }
    Ok(bytes)
}

fn of_bytes(bytes: &[u8], blob: &dyn ReadAt, several: bool) -> Result<AboutLayer, Refusal> {
    let shape = json::read(bytes, shape).map_err(unusable)?;
    let described = match json::read(bytes, |reader| content(shape, reader)).map_err(unusable)? {
        Content::Map(_) if several => {
            return Err(unusable(
                "a map of annotations is about one layer, found several layers; a manifest is about all of its layers",
            ));
        }
        Content::Map(annotations) => {
            return Ok(AboutLayer {
                annotations,
                media_type: None,
            });
        }
        Content::Descriptor(described) => {
            check_identity(&described, blob)?;
            described
        }
        Content::Manifest(layers) => {
            let digest = digest(blob).map_err(unusable)?;
            let mut layers = layers.into_iter();
            layers
                .find(|layer| layer.digest == Some(digest))
                .ok_or_else(|| unusable(format!("no layer of the manifest has the digest of the file, {digest}")))?
        }
    };
    Ok(AboutLayer {
        annotations: described
            .annotations
            .ok_or_else(|| unusable("the layer's descriptor has no annotations"))?,
        media_type: described.media_type,
    })
}

/// Looks which keys there are, in whatever order. One that only differs in case from a known one is refused.
fn shape(reader: &mut Reader<'_, '_>) -> Parsed<Shape> {
    const FIELDS: &[(&str, Shape)] = &[
        ("layers", Shape::Manifest),
        ("annotations", Shape::Descriptor),
        ("mediaType", Shape::Descriptor),
    ];
    let mut shape = Shape::Map;
    if !reader.begin_object()? {
        return Err(Fault::Reported);
    }
    while let Some(found) = reader.next_field(FIELDS)? {
        if shape != Shape::Manifest {
            shape = found;
        }
        reader.skip()?;
    }
    Ok(shape)
}

fn content(shape: Shape, reader: &mut Reader<'_, '_>) -> Parsed<Content> {
    Ok(match shape {
        Shape::Map => Content::Map(json::strings(reader)?),
        Shape::Descriptor => Content::Descriptor(Described::read(reader)?),
        Shape::Manifest => {
            let mut layers = Vec::new();
            if !reader.begin_object()? {
                return Err(Fault::Reported);
            }
            while reader.next_field(&[("layers", ())])?.is_some() {
                layers = json::array(reader, Described::read)?;
            }
            Content::Manifest(layers)
        }
    })
}

fn check_identity(descriptor: &Described, blob: &dyn ReadAt) -> Result<(), Refusal> {
    let other = |problem: String| {
        let problem = format!("these are the annotations of another blob: the descriptor is of {problem}");
        Err((Exit::Failures, problem))
    };
    if let Some(size) = descriptor.size
        && size != blob.size()
    {
        return other(format!("{size} bytes, but the layer has {}", blob.size()));
    }
    if let Some(expected) = descriptor.digest {
        let found = digest(blob).map_err(unusable)?;
        if expected != found {
            return other(format!("{expected}, but the layer is {found}"));
        }
    }
    Ok(())
}

fn digest(blob: &dyn ReadAt) -> Result<Digest, String> {
    image::hash(blob).map_err(|error| format!("the layer cannot be read: {error}"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::of_bytes;
    use crate::format::Digest;

    fn read(text: &str) -> Result<usize, String> {
        of_bytes(text.as_bytes(), &b"blob".as_slice(), false)
            .map(|about| about.annotations.len())
            .map_err(|(_, problem)| problem)
    }

    #[test]
    fn three_shapes() {
        let digest = Digest::of(b"blob").to_string();
        let layer = json!({"digest": digest, "size": 4, "annotations": {"a": "b"}});
        let other = json!({"digest": Digest::of(b"").to_string(), "size": 0, "annotations": {"a": "b", "c": "d"}});
        for (value, expected) in [
            (json!({}), Ok(0)),
            (json!({"a": "b", "c": "d"}), Ok(2)),
            (layer.clone(), Ok(1)),
            (json!({"annotations": {}}), Ok(0)),
            (json!({"layers": [other, layer]}), Ok(1)),
            (json!({"mediaType": "x", "layers": [layer]}), Ok(1)),
            (json!({"a": 1}), Err("annotation \"a\" is not a string")),
            (
                json!({"mediaType": "x"}),
                Err("the layer's descriptor has no annotations"),
            ),
        ] {
            assert_eq!(read(&value.to_string()), expected.map_err(str::to_owned), "{value}");
        }
        for (value, part) in [
            (json!({"annotations": []}), "expected an object"),
            (json!({"layers": {}}), "expected an array"),
            (json!([]), "expected an object"),
            (json!({"layers": [other]}), "no layer of the manifest has the digest"),
            (other.clone(), "the descriptor is of 0 bytes, but the layer has 4"),
            (
                json!({"digest": Digest::of(b"").to_string(), "annotations": {}}),
                "annotations of another blob",
            ),
            (json!({"digest": "sha256:00", "annotations": {}}), "malformed digest"),
        ] {
            assert!(read(&value.to_string()).unwrap_err().contains(part), "{value}");
        }
    }

    #[test]
    fn several_layers_have_a_manifest() {
        let layer = json!({"digest": Digest::of(b"blob").to_string(), "size": 4, "annotations": {"a": "b"}});
        let read = |value: Value| of_bytes(value.to_string().as_bytes(), &b"blob".as_slice(), true).is_ok();
        assert!(read(json!({"layers": [layer]})));
        assert!(!read(json!({"a": "b"})));
    }

    #[test]
    fn what_two_parsers_read_in_two_ways_is_refused() {
        let deep = format!("{{\"annotations\":{{}},\"x\":{}{}}}", "[".repeat(70), "]".repeat(70));
        for text in [
            r#"{"a":"b","a":"c"}"#,
            r#"{"annotations":{"a":"b","a":"c"}}"#,
            r#"{"annotations":{"a":"b"},"annotations":{"a":"c"}}"#,
            r#"{"annotations":{"a":"b"},"Annotations":{"a":"c"}}"#,
            r#"{"Annotations":{"a":"c"},"annotations":{"a":"b"}}"#,
            r#"{"annotation\u017f":{"a":"c"},"annotations":{"a":"b"}}"#,
            r#"{"layers":[],"Layers":[]}"#,
            r#"{"annotations":{"a":"b"}} {}"#,
            r#"{"annotations":null}"#,
            r#"{"annotations":{"a":null}}"#,
            r#"{"annotations":{"a":"\ud800"}}"#,
            "\u{feff}{}",
            "",
            &deep,
        ] {
            let value: Result<Value, _> = serde_json::from_str(text);
            assert!(read(text).is_err(), "{text} {value:?}");
        }
    }
}
