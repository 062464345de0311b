//! Layers whose TOC is in a member with something else, or where no member is.

use super::{
    super::Blobs,
    index::{CONTENT, Cases, input, input_of, layer, listed, output_at},
};
use crate::{
    forge::{
        EditInPlace,
        estargz::{Footer, Layer, member},
        number,
        tar::{self, TarEntry},
    },
    format::Digest,
    rules::Rule,
    vectors::{Decimal, Tag, ops::LayerIndexInput},
};

pub(super) fn add(cases: &mut Cases, blobs: &mut Blobs) {
    within(cases, blobs);
    beside(cases, blobs);
    claimed(cases, blobs);
    external(cases, blobs);
}

/// The bytes of a member are the content of a file, as they are in the tar of any package of such layers.
fn within(cases: &mut Cases, blobs: &mut Blobs) {
    let plain = layer();
    let inner = member(&plain.toc_tar());
    let package = TarEntry::file("package", &inner);
    // A stored block of a member begins 15 bytes after the member does.
    let digest = Digest::of(&inner).to_string();
    let size = inner.len();
    let holding = Layer::new(
        vec![
            plain.members[0].clone(),
            plain.members[1].clone(),
            member(&package.header()),
            member(&[&inner[..], &tar::padding(size)].concat()),
        ],
        &format!(
            r#"{},{{"name":"package","type":"reg","size":{size},"modtime":"2023-11-14T22:13:20Z","mode":420,"offset":{{3}},"digest":"{digest}","chunkDigest":"{digest}"}}"#,
            listed("\"offset\":{1}")
        ),
    );
    let offset = |members: usize| number(holding.members[..members].iter().map(Vec::len).sum());
    let mut expected = output_at(&holding, offset(1), None);
    let mut package = expected.entries[0].clone();
    package.name = "package".into();
    package.size = Decimal(number(size));
    package.digest = Some(digest.clone());
    package.chunks[0].offset = Decimal(offset(3));
    package.chunks[0].size = package.size;
    package.chunks[0].digest = Some(digest);
    expected.entries.push(package);
    cases
        .valid(
            "estargz-toc-in-file",
            "a layer with a file whose content is the member of another TOC",
            "The TOC is looked for by what it looks like, and the one in the file is found.",
            input(blobs, &holding),
            expected,
        )
        .rules(&[Rule::EStargzToc])
        .estargz()
        .tags(&[Tag("interop")]);
    // The annotation is that of the TOC in the file: its digest does not tell.
    let inside = offset(3) + 15;
    let blob = [
        holding.members.concat(),
        member(&holding.toc_tar()),
        Footer::estargz(&format!("{inside:016x}STARGZ")).bytes(),
    ]
    .concat();
    let input = LayerIndexInput {
        blob: blobs.place(&blob),
        ..input_of(blobs, &plain, &inner)
    };
    cases
        .invalid(
            "estargz-toc-within-member",
            "estargz-toc-in-file",
            "the offset of that member in the footer, and its digest in the annotation",
            "A reader that decodes from the offset on sees a TOC that is the content of a file to every other reader, and that \
             the author of the file has chosen.",
            &[Rule::EStargzToc],
            input,
        )
        .tags(&[Tag("security")]);
}

/// Other entries in the member of the TOC, before it.
fn beside(cases: &mut Cases, blobs: &mut Blobs) {
    let plain = layer();
    let toc = plain.toc_tar();
    let padding = tar::padding(CONTENT.len());
    let file = TarEntry::file("file", CONTENT);
    for (slug, change, members, before) in [
        (
            "toc-after-directory",
            "a directory before the TOC in its member",
            plain.members.clone(),
            TarEntry::dir("d/").header(),
        ),
        (
            "toc-after-file",
            "the file and then the TOC in one member",
            vec![plain.members[0].clone(), member(b"")],
            [file.content.clone(), padding.clone()].concat(),
        ),
        (
            "toc-after-padding",
            "the padding of the file and then the TOC in one member",
            vec![plain.members[0].clone(), member(CONTENT)],
            padding,
        ),
        (
            "toc-after-end",
            "the end-of-archive blocks and then the TOC in one member",
            plain.members.clone(),
            tar::end(),
        ),
    ] {
        let changed = plain.clone().edit(|layer| layer.members = members);
        let whole = member(&[before, toc.clone()].concat());
        let input = input_of(blobs, &changed, &whole);
        cases
            .invalid(
                &format!("estargz-{slug}"),
                "estargz",
                change,
                "The member is more than the TOC, and readers disagree where the TOC begins.",
                &[Rule::EStargzToc],
                input,
            )
            .tags(&[Tag("security")]);
    }
}

/// The limit of the TOC is 150 MiB, and a header that gives as much is within it.
fn claimed(cases: &mut Cases, blobs: &mut Blobs) {
    let plain = layer();
    let mut header = plain.toc_tar();
    header.truncate(512);
    header[124..136].copy_from_slice(b"01130000000\0");
    tar::seal(&mut header);
    let input = input_of(blobs, &plain, &member(&header));
    cases
        .invalid(
            "estargz-toc-claims-150-mib",
            "estargz",
            "a header of the TOC that gives 150 MiB, the usual limit, and nothing after it",
            "A reader makes room for what the header gives before it knows that nothing follows.",
            &[Rule::EStargzToc, Rule::IndexLimit],
            input,
        )
        .tags(&[Tag("robustness"), Tag("boundary")]);
}

/// An input of `layer/index` has no place for the blob of an external TOC.
fn external(cases: &mut Cases, blobs: &mut Blobs) {
    let plain = layer();
    let blob = [plain.members.concat(), Footer::external("STARGZEXTERNALTOC").bytes()].concat();
    let input = LayerIndexInput {
        blob: blobs.place(&blob),
        ..input(blobs, &plain)
    };
    cases
        .invalid(
            "estargz-toc-external",
            "estargz",
            "no TOC in the blob, and a footer that says that it is elsewhere",
            "The layer is listed as one without files, or what is before the footer is taken for the TOC.",
            &[Rule::EStargzToc],
            input,
        )
        .tags(&[Tag("robustness")]);
}
