//! The JSON around layers: any bytes as an image index, a manifest, a configuration, and a map of annotations.
//!
//! A second reading goes through a tree that another parser of JSON made, and says what has to come out: these descriptors,
//! DiffIDs or annotations, or a refusal. Documents that two parsers read in two ways are refused, as in a TOC.

use std::collections::BTreeMap;

use super::{
    object::{Broken, Object},
    tree::{Opinion, Tree, read},
};
use crate::{
    format::{Digest, json::MAX_DEPTH},
    image::{
        Descriptor, ImageError, Platform,
        document::{self, DOCKER_INDEX, DOCKER_MANIFEST, INDEX, MANIFEST, Manifest},
        json,
    },
};

/// Runs the fuzz target.
///
/// # Panics
///
/// On a disagreement, which is a finding for the fuzzer.
pub fn run(bytes: &[u8]) {
    let tree = match read(bytes) {
        Opinion::Tree(tree) if tree.has_minus_zero() => return,
        Opinion::Tree(tree) if tree.depth() <= MAX_DEPTH && !tree.repeats_a_key() => Ok(tree),
        Opinion::Tree(_) | Opinion::NotJson => Err(Broken),
        Opinion::Unknown => return,
    };
    let naively = |reading: fn(&Tree) -> Result<Read, Broken>| tree.as_ref().map_err(|_| Broken).and_then(reading);
    let index = document::index("document", bytes, &[INDEX, DOCKER_INDEX]).map(Read::Index);
    compare(bytes, "an index", index.map_err(sentence), naively(naive_index));
    let manifest = document::manifest("document", bytes, &[MANIFEST, DOCKER_MANIFEST]).map(Read::Manifest);
    compare(bytes, "a manifest", manifest.map_err(sentence), naively(naive_manifest));
    let diff_ids = document::diff_ids("document", bytes).map(Read::DiffIds);
    compare(
        bytes,
        "a configuration",
        diff_ids.map_err(sentence),
        naively(naive_diff_ids),
    );
    let annotations = json::read(bytes, json::strings).map(Read::Annotations);
    compare(
        bytes,
        "annotations",
        annotations,
        naively(|tree| annotations_of(tree).map(Read::Annotations)),
    );
}

/// What a document says.
#[derive(Debug, PartialEq, Eq)]
enum Read {
    Index(Vec<Descriptor>),
    Manifest(Manifest),
    DiffIds(Vec<Digest>),
    Annotations(BTreeMap<String, String>),
}

fn sentence(error: ImageError) -> String {
    match error {
        ImageError::Io { error, .. } => error.to_string(),
        ImageError::Invalid { problem, .. } => problem,
    }
}

#[expect(clippy::panic, reason = "a panic is how a fuzz target reports a finding")]
fn compare(bytes: &[u8], what: &str, found: Result<Read, String>, naive: Result<Read, Broken>) {
    let text = bytes.escape_ascii();
    match (&found, &naive) {
        (Ok(found), Ok(naive)) if found == naive => {}
        (Err(sentence), Err(Broken)) => {
            let is_sentence =
                !sentence.is_empty() && !sentence.ends_with('.') && !sentence.starts_with(char::is_uppercase);
            if !is_sentence || sentence.chars().any(char::is_control) {
                panic!("{text} as {what}: {sentence:?} is no sentence");
            }
        }
        _ => panic!("{text} as {what}: read as {found:?}, naively as {naive:?}"),
    }
}

/// The two kinds of documents say which they are by what they have.
fn object_of<'a>(tree: &'a Tree, own: &[&str]) -> Result<Object<'a>, Broken> {
    let object = Object::of(tree, &["schemaVersion", "mediaType", "manifests", "config", "layers"])?;
    if object.count("schemaVersion")? != Some(2) {
        return Err(Broken);
    }
    match object.text("mediaType")? {
        Some(found) if !own.contains(&found) => Err(Broken),
        _ => Ok(object),
    }
}

fn naive_index(tree: &Tree) -> Result<Read, Broken> {
    let object = object_of(tree, &[INDEX, DOCKER_INDEX])?;
    let (config, layers) = (object.get("config"), object.get("layers"));
    match (list(object.get("manifests"), descriptor)?, config, layers) {
        (Some(list), None, None) => Ok(Read::Index(list)),
        _ => Err(Broken),
    }
}

fn naive_manifest(tree: &Tree) -> Result<Read, Broken> {
    let object = object_of(tree, &[MANIFEST, DOCKER_MANIFEST])?;
    let config = object.get("config").map(descriptor).transpose()?;
    match (config, list(object.get("layers"), descriptor)?, object.get("manifests")) {
        (Some(config), Some(layers), None) => Ok(Read::Manifest(Manifest { config, layers })),
        _ => Err(Broken),
    }
}

fn naive_diff_ids(tree: &Tree) -> Result<Read, Broken> {
    let object = Object::of(tree, &["rootfs"])?;
    let rootfs = Object::of(object.get("rootfs").ok_or(Broken)?, &["diff_ids"])?;
    let digests = list(rootfs.get("diff_ids"), digest)?;
    digests.map(Read::DiffIds).ok_or(Broken)
}

/// An array, or null, which is an empty one.
fn list<T>(tree: Option<&Tree>, element: fn(&Tree) -> Result<T, Broken>) -> Result<Option<Vec<T>>, Broken> {
    match tree {
        None => Ok(None),
        Some(Tree::Null) => Ok(Some(Vec::new())),
        Some(Tree::Array(items)) => items.iter().map(element).collect::<Result<_, _>>().map(Some),
        Some(_) => Err(Broken),
    }
}

fn digest(tree: &Tree) -> Result<Digest, Broken> {
    match tree {
        Tree::Text(text) => super::annotations::reading::digest(text).ok_or(Broken),
        _ => Err(Broken),
    }
}

fn descriptor(tree: &Tree) -> Result<Descriptor, Broken> {
    let object = Object::of(tree, &["mediaType", "digest", "size", "annotations", "platform"])?;
    Ok(Descriptor {
        media_type: object.text("mediaType")?.ok_or(Broken)?.to_owned(),
        digest: object.digest("digest")?.ok_or(Broken)?,
        size: object.count("size")?.ok_or(Broken)?,
        annotations: object.get("annotations").map(annotations_of).transpose()?,
        platform: object.get("platform").map(platform).transpose()?,
    })
}

fn platform(tree: &Tree) -> Result<Platform, Broken> {
    let object = Object::of(tree, &["os", "architecture", "variant"])?;
    Ok(Platform {
        os: object.text("os")?.ok_or(Broken)?.to_owned(),
        architecture: object.text("architecture")?.ok_or(Broken)?.to_owned(),
        variant: object.text("variant")?.map(str::to_owned),
    })
}

fn annotations_of(tree: &Tree) -> Result<BTreeMap<String, String>, Broken> {
    let Tree::Object(members) = tree else {
        return Err(Broken);
    };
    let text = |(key, value): &(String, Tree)| match value {
        Tree::Text(text) => Ok((key.clone(), text.clone())),
        _ => Err(Broken),
    };
    members.iter().map(text).collect()
}
