//! The media type of the descriptor of an eStargz layer.

use super::{
    super::Blobs,
    index::{input, layer, output},
};
use crate::{
    cases::family::Family,
    rules::Rule,
    vectors::{
        Choice, Tag,
        ops::{LayerIndexInput, LayerIndexOutput},
    },
};

type Cases = Family<LayerIndexInput, LayerIndexOutput>;

pub(super) fn add(cases: &mut Cases, blobs: &mut Blobs) {
    let with = |blobs: &mut Blobs, media_type: &str| LayerIndexInput {
        media_type: Some(media_type.to_owned()),
        ..input(blobs, &layer())
    };
    for (slug, title, media_type) in [
        (
            "estargz-media-type",
            "a layer of eStargz with the media type of the OCI specification for gzip",
            "application/vnd.oci.image.layer.v1.tar+gzip",
        ),
        (
            "estargz-media-type-docker",
            "a layer of eStargz with the media type of Docker for gzip",
            "application/vnd.docker.image.rootfs.diff.tar.gzip",
        ),
    ] {
        cases
            .valid(
                slug,
                title,
                "A reader that expects zstd because the layer has an index reads no layer of eStargz.",
                with(blobs, media_type),
                output(&layer()),
            )
            .rules(&[Rule::MediaType])
            .estargz()
            .tags(&[Tag("interop")]);
    }
    for (slug, title, media_type) in [
        (
            "estargz-media-type-zstd",
            "a layer of eStargz with the media type for zstd",
            "application/vnd.oci.image.layer.v1.tar+zstd",
        ),
        (
            "estargz-media-type-tar",
            "a layer of eStargz with the media type for a tar that is not compressed",
            "application/vnd.oci.image.layer.v1.tar",
        ),
    ] {
        cases
            .either(
                slug,
                title,
                "A reader that chooses its decoder by the media type does not see the layer that others see.",
                Choice("media-type"),
                with(blobs, media_type),
                output(&layer()),
            )
            .rules(&[Rule::MediaType])
            .estargz()
            .tags(&[Tag("interop")]);
    }
}
