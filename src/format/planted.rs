//! Defects on purpose: does fuzzing find what is wrong?
//!
//! Each defect is a slip that an implementation had, or could have. With the feature `planted`, which no other feature
//! enables and which no release build takes, the environment variable `CHUNKPROOF_PLANTED` chooses one of them when the
//! program starts; `scripts/sensitivity` measures how long the fuzz target that is meant to find it takes. Without the
//! feature [`is`] is a constant, and nothing of this is left in the code.

/// Declares the defects: variant, id, fuzz target, bugs of real implementations that are like it, sentence.
macro_rules! defects {
    ($($variant:ident $id:literal $target:literal [$($bug:literal)*] $text:literal)*) => {
        /// A slip that can be put into the reference implementation.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Defect {
            $(#[doc = $text] $variant,)*
        }

        impl Defect {
            /// Every defect.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable id, which chooses it.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)* }
            }

            /// The fuzz target that is meant to find it.
            pub const fn target(self) -> &'static str {
                match self { $(Self::$variant => $target,)* }
            }

            /// Ids of bugs in the register of `vectors/bugs.json` of which it is one; none for one that nobody is known to
            /// have had in this form.
            pub const fn bugs(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($bug),*],)* }
            }

            /// What is wrong, in a sentence.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

defects! {
    FooterMagicAnywhere "footer-magic-anywhere" "magic-offsets" ["storage-footer-magic"]
        "The magic of a footer is accepted at any offset of its payload."
    FooterSumWraps "footer-sum-wraps" "footer" []
        "Offset and length of a footer are added without a check for overflow."
    FooterTrailing "footer-trailing" "magic-offsets" []
        "A byte behind the footer is passed over."
    FooterTypeIgnored "footer-type-ignored" "footer" []
        "The manifest type of a footer is not looked at."
    FooterLength32 "footer-length-32" "footer" []
        "The length of the TOC in a footer is cut to 32 bits."
    PositionSign "position-sign" "annotations" []
        "Numbers of a position may have a plus sign."
    PositionTrailing "position-trailing" "annotations" []
        "What follows the numbers of a position is passed over."
    TwoIndexes "two-indexes" "annotations" ["storage-two-indexes"]
        "Annotations that name a zstd:chunked and an eStargz index are accepted."
    SkippableOverrun "skippable-overrun" "frames" []
        "A skippable frame may be longer than what is left of the blob."
    FirstFrameOnly "first-frame-only" "generated" ["first-frame-only"]
        "A plain decoder stops after the first frame."
    FrameChecksumIgnored "frame-checksum-ignored" "decoders" ["ruzstd-unchecked" "fzstd-unchecked"]
        "The checksum at the end of a frame is not compared."
    PayloadFirstFrame "payload-first-frame" "generated" []
        "Of a TOC or tar-split in several frames the further ones are not reported."
    PayloadShort "payload-short" "generated" []
        "A TOC or tar-split may be shorter than declared."
    TocTrailing "toc-trailing" "toc" ["storage-trailing-data"]
        "Text behind the JSON of a TOC is passed over."
    TocDuplicateKeys "toc-duplicate-keys" "toc" []
        "Of two equal keys of a JSON object the last one counts."
    TocDuplicateNames "toc-duplicate-names" "toc" ["storage-metadata"]
        "Two entries of a TOC may have one path."
    TocEscapesKept "toc-escapes-kept" "toc" ["storage-escapes"]
        "A string with escapes is taken as it is written."
    ChunkOrder "chunk-order" "toc" []
        "The chunks of a file may leave gaps in it, and overlap."
    PathHidesFile "path-hides-file" "toc" ["estargz-names"]
        "A component of a path that begins with two dots is taken for the parent."
    TarChecksumIgnored "tar-checksum-ignored" "tar-headers" []
        "The checksum of a tar header is not compared."
    PaxSizeIgnored "pax-size-ignored" "tar-headers" ["tokio-tar-pax-size" "tar-rs-pax-size" "tar-split-large"]
        "The size in a PAX record does not count."
    LongNameCut "long-name-cut" "tar-headers" ["tar-split-long-link"]
        "A GNU long name is cut to the 100 bytes of the field in a header."
    Base256Sign "base256-sign" "tar-headers" ["tar-split-base-256"]
        "Negative numbers of base 256 are read without their sign."
    HeaderOnlySize "header-only-size" "tar-headers" ["tar-split-header-only" "link-with-size"]
        "The size of a directory counts as content that follows."
    ExtensionAllocated "extension-allocated" "tar-headers" ["tar-split-extension-limit"]
        "Memory for an extension header is allocated before its length is checked."
    CutExtension "cut-extension" "tar-headers" ["tar-split-zero-read"]
        "Of an extension header that comes in two reads only the last one counts."
    Base64Lenient "base64-lenient" "tarsplit" []
        "Base64 may lack its padding, and have bits set that belong to no byte."
    PositionGap "position-gap" "tarsplit" []
        "Positions of a tar-split may leave gaps."
    EmptyPayload "empty-payload" "tarsplit" ["tar-split-empty-segment"]
        "The last byte of a payload is looked at where there is none."
    SegmentCrc "segment-crc" "generated" []
        "The CRC of a file is not compared when the tar is put together."
    LayerCrc "layer-crc" "generated" []
        "The CRC of a tar-split is not compared with what the range of a file holds."
    TocDigest "toc-digest" "generated" []
        "The digest of the TOC is not compared."
    TarSplitDigest "tar-split-digest" "generated" ["storage-tar-split-by-annotation"]
        "The digest of the tar-split in the TOC is not compared."
    TarSplitStripped "tar-split-stripped" "generated" ["storage-tar-split-stripped"]
        "A tar-split whose position is given nowhere is not missed."
    ZerosNotChecked "zeros-not-checked" "generated" []
        "A chunk of type zeros may hold anything."
    ChunkDigest "chunk-digest" "generated" []
        "The digest of a chunk is not compared."
    OwnersNotCompared "owners-not-compared" "generated" ["storage-metadata" "storage-owners-lost"]
        "The owner in the TOC is not compared with that in the tar."
    EStargzExtra "estargz-extra" "estargz" ["estargz-no-extra"]
        "The length of the extra field of an eStargz footer is not compared."
    EStargzBounds "estargz-bounds" "estargz" []
        "The TOC of an eStargz footer may begin behind the footer."
}

/// Whether this defect is chosen, which without the feature `planted` none is.
#[cfg(not(feature = "planted"))]
pub const fn is(_: Defect) -> bool {
    false
}

#[cfg(feature = "planted")]
pub use self::chosen::is;

#[cfg(feature = "planted")]
mod chosen {
    use std::sync::OnceLock;

    use super::Defect;

    /// Whether this defect is chosen.
    pub fn is(defect: Defect) -> bool {
        static CHOSEN: OnceLock<Option<Defect>> = OnceLock::new();
        *CHOSEN.get_or_init(choose) == Some(defect)
    }

    /// What the environment chooses. A misspelt id would measure the code without a defect, so it ends the program.
    fn choose() -> Option<Defect> {
        let id = std::env::var("CHUNKPROOF_PLANTED").ok().filter(|id| !id.is_empty())?;
        let chosen = Defect::ALL.iter().copied().find(|defect| defect.id() == id);
        if chosen.is_none() {
            eprintln!("CHUNKPROOF_PLANTED: there is no defect {id:?}");
            std::process::exit(2);
        }
        chosen
    }
}

/// Ends in a panic where the defect is chosen and there is no last byte to look at.
#[expect(clippy::panic, reason = "a defect on purpose")]
pub(super) fn look_at_last_byte(defect: Defect, bytes: &[u8]) {
    if is(defect) && bytes.is_empty() {
        panic!("index out of bounds: the length is 0 but the index is {}", usize::MAX);
    }
}

/// Allocates what was declared where the defect is chosen.
pub(super) fn allocate(defect: Defect, declared: u64) {
    if is(defect) {
        let length = usize::try_from(declared).unwrap_or(usize::MAX);
        std::hint::black_box(Vec::<u8>::with_capacity(length));
    }
}

/// Base64 as careless readers take it.
pub(super) const CARELESS: base64::engine::GeneralPurpose = base64::engine::GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    base64::engine::GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent),
);

#[cfg(test)]
#[cfg(feature = "vectors")]
mod tests {
    use std::{collections::BTreeSet, fmt::Write as _, fs, path::Path};

    use super::Defect;
    use crate::vectors::bugs::Bug;

    fn root() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR"))
    }

    /// The text of every file of the format but this one.
    fn sources(folder: &Path, out: &mut String) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, out);
            } else if !path.ends_with("planted.rs") {
                out.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }

    #[test]
    fn every_defect_is_planted_once_described_and_of_a_known_kind() {
        let mut format = String::new();
        sources(&root().join("src/format"), &mut format);
        let ids: BTreeSet<&str> = Defect::ALL.iter().map(|defect| defect.id()).collect();
        assert_eq!(ids.len(), Defect::ALL.len(), "an id is there twice");
        for defect in Defect::ALL {
            assert!(
                format.contains(&format!("Defect::{defect:?})")) || format.contains(&format!("Defect::{defect:?},")),
                "{defect:?} is planted nowhere"
            );
            for bug in defect.bugs() {
                assert!(Bug::all().any(|known| known.id() == *bug), "{bug}");
            }
        }
    }

    /// `scripts/sensitivity` and the tables read the list from a file.
    #[test]
    fn the_list_is_that_of_the_documents() {
        let mut list = "id\ttarget\tbugs\ttext\n".to_owned();
        for defect in Defect::ALL {
            let (id, target, bugs, text) = (defect.id(), defect.target(), defect.bugs().join(" "), defect.text());
            writeln!(list, "{id}\t{target}\t{bugs}\t{text}").unwrap();
        }
        let path = root().join("docs/fuzzing/defects.tsv");
        if std::env::var_os("CHUNKPROOF_WRITE_DEFECTS").is_some() {
            fs::write(&path, &list).unwrap();
        }
        assert_eq!(
            fs::read_to_string(path).unwrap(),
            list,
            "write it anew with CHUNKPROOF_WRITE_DEFECTS=1"
        );
    }
}
