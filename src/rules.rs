//! The register of rules.
//!
//! Every check of the reference implementation reports one of these rules, every vector names the rules that it is
//! about, and every rule has a section in `docs/spec.md`, whose anchor is its id in lower case. The ids are stable: a
//! rule that is dropped takes its id with it.
//!
//! ```
//! use chunkproof::rules::{Level, Rule};
//!
//! let rule: Rule = "FTR-02".parse().unwrap();
//! assert_eq!(rule, Rule::FooterMagic);
//! assert_eq!(rule.level(), Level::Must);
//! ```

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How binding a rule is for a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Input that breaks the rule is rejected (or declined in favour of a plain full download).
    Must,
    /// Input that breaks the rule is best rejected; implementations differ, so it is a named choice. The reference rejects
    /// where it sees it.
    Should,
    /// Either behaviour is right; it is a named choice. The reference does what the rule's text says first.
    May,
}

impl Level {
    /// The level as it is printed and written in documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Must => "MUST",
            Self::Should => "SHOULD",
            Self::May => "MAY",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One macro keeps the enum, the table and the parser of ids from drifting apart: a rule cannot exist without its id,
/// level and text.
macro_rules! register {
    ($($(#[$guard:ident])? $variant:ident $id:literal $level:ident $text:literal)*) => {
        /// A rule of the format, by name. Its id is the stable code that errors, vectors and documents use.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Rule {
            $(#[doc = concat!("`", $id, "`: ", $text)] $variant,)*
        }

        impl Rule {
            /// Every rule, in the order of the specification.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable id, such as `FTR-02`.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)* }
            }

            /// How binding the rule is.
            pub const fn level(self) -> Level {
                match self { $(Self::$variant => Level::$level,)* }
            }

            /// The rule in one sentence.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// Whether the rule is a bound or an arithmetic guard, whose check can never be switched off.
            pub const fn is_guard(self) -> bool {
                match self { $(Self::$variant => register!(@guard $($guard)?),)* }
            }
        }
    };
    (@guard guard) => { true };
    (@guard) => { false };
}

register! {
    // The footer.
    #[guard] FooterFrame "FTR-01" Must
        "The blob ends with a skippable frame of magic 0x184D2A50 whose payload of 40, 56 or 64 bytes is the footer; nothing follows it."
    FooterMagic "FTR-02" Must
        "The payload length of the footer fixes the place and the spelling of its magic: `GnUlInUx` at 32 in 40 and 56 bytes, `GNUlInUx` at 56 in 64 bytes."
    FooterType "FTR-03" Must
        "The manifest type in the footer is 1."
    #[guard] FooterBounds "FTR-04" Must
        "Each payload that the footer names starts at byte 8 or later and ends, computed without overflow, where the footer frame begins or before."
    FooterAdjacent "FTR-05" Must
        "In a footer of 40 or 64 bytes, TOC, tar-split and footer are adjacent: 8 bytes lie between one payload and the next, and none between the last payload and the footer frame."
    FooterTocLength "FTR-06" Must
        "The compressed and the uncompressed length of the TOC in the footer are not zero."
    FooterTarSplitLength "FTR-07" Must
        "Where the compressed length of the tar-split in the footer is zero, the uncompressed one is too."
    FooterReserved "FTR-08" Must
        "The last 16 bytes of a 56-byte footer are zero."
    FooterV56 "FTR-09" May
        "A reader reads the 56-byte footer, or knows and refuses it."

    // Annotations on the layer's descriptor.
    PositionGrammar "ANN-01" Must
        "A position is decimal numbers joined by `:`, four for the TOC and three for the tar-split, without sign, space, leading zero or further text."
    #[guard] PositionRange "ANN-02" Must
        "Each number of a position is below 2^63."
    #[guard] PositionBounds "ANN-03" Must
        "A position's offset is at least 8, and offset plus length is below 2^63."
    PositionType "ANN-04" Must
        "The manifest type in a TOC position is 1."
    PositionLengths "ANN-05" Must
        "The lengths of the TOC in its position are not zero; where the compressed length of the tar-split is zero, the uncompressed one is too."
    PositionsAdjacent "ANN-06" Must
        "The tar-split's offset is the TOC's offset plus its compressed length plus 8."
    AnnotationDigest "ANN-07" Must
        "A checksum annotation is an OCI digest: `sha256:` and 64 lower-case hexadecimal digits."
    DigestAlgorithm "ANN-08" Should
        "A digest of another registered algorithm than sha256, in an annotation or in the TOC, is refused."
    TwoIndexes "ANN-09" Must
        "A manifest checksum of the prefix `io.github.containers.zstd-chunked.` does not appear beside an eStargz TOC digest."
    ChecksumWithoutPosition "ANN-10" Must
        "A checksum annotation appears beside the position annotation of the same part under the same prefix."
    PositionWithoutChecksum "ANN-11" Must
        "A position is used only where a manifest checksum under the same prefix authenticates the TOC."
    PrefixesAgree "ANN-12" Must
        "A key that is present under both prefixes has the same value under both."

    // Frames of the blob.
    #[guard] FrameMagic "FRM-01" Must
        "The blob is a sequence of zstd frames and skippable frames with nothing before, between or after them."
    #[guard] FrameContent "FRM-02" Must
        "Every frame is whole and decodes as RFC 8878 says, to its declared content size where it has one."
    FrameChecksum "FRM-03" Must
        "The content checksum of a frame, where present, is verified."
    FrameDictionary "FRM-04" Must
        "No frame needs a dictionary."
    #[guard] FrameWindow "FRM-05" Should
        "A frame whose window is larger than 128 MiB is refused."

    // The payloads of the index: TOC and tar-split.
    #[guard] IndexLimit "IDX-01" Should
        "A TOC or tar-split that is larger than the reader's limit, compressed or uncompressed, is refused before it is read."
    IndexFrame "IDX-02" Must
        "The payload of TOC and tar-split is a zstd frame that decodes; raw JSON is none, and only a tar-split of length zero has an empty payload."
    IndexFrames "IDX-03" Should
        "The payload of TOC and tar-split is one zstd frame, and no further or skippable frame."
    #[guard] IndexLength "IDX-04" Must
        "TOC and tar-split decode to exactly their declared uncompressed length."

    // JSON, as both documents use it.
    #[guard] JsonSyntax "JSN-01" Must
        "The document is well-formed JSON in UTF-8 without a byte order mark."
    JsonTrailing "JSN-02" Must
        "Nothing but white space follows the JSON value."
    JsonDuplicateKey "JSN-03" Should
        "No object has the same key twice."
    JsonFoldedKey "JSN-04" Should
        "No key differs from a known one only in the case of its letters."
    #[guard] JsonDepth "JSN-05" Should
        "Values nest at most 64 deep."
    JsonUnicode "JSN-06" Should
        "A string has no escape of a lone surrogate."
    JsonInteger "JSN-07" Must
        "A known number is an integer, written without fraction or exponent, that fits into 64 bits with sign."
    JsonType "JSN-08" Must
        "A known key holds a value of its type."
    JsonNull "JSN-09" Should
        "A known key does not hold null, except `entries` in a TOC and `payload` in a tar-split."

    // The TOC.
    TocChecksum "TOC-01" Must
        "The manifest checksum is the digest of the compressed TOC payload."
    TocVersion "TOC-02" Must
        "The version of a TOC is the integer 1."
    TocEntries "TOC-03" Must
        "A TOC is an object with an array `entries`, where null stands for an empty one."
    EntryType "TOC-04" Must
        "The type of an entry is one of reg, dir, symlink, hardlink, char, block, fifo and chunk."
    EntryCount "TOC-05" Must
        "Sizes and offsets are not negative."
    EntryName "TOC-06" Must
        "An entry has a name, and neither its name nor its link name has a NUL byte."
    EntryUnique "TOC-07" Must
        "Names, cleaned as paths from the root, are unique in g3 to g5."
    EntryRepeated "TOC-08" May
        "In g1 and g2 the last entry of a repeated name counts, or the layer is refused."
    EntryEscape "TOC-09" May
        "A name that leads out of the root is clamped to the root, or refused."
    EntryEmptyName "TOC-10" May
        "An empty name is the root, or refused."
    FileIndexed "TOC-11" Must
        "A regular file that is not empty has a digest, an offset and, except in TOCs of stargz, an end offset after it."
    EntryDigest "TOC-12" Must
        "A digest in the TOC is an OCI digest: of sha256, `sha256:` and 64 lower-case hexadecimal digits."
    ChunkFollows "TOC-13" Must
        "A chunk follows its regular file or that file's chunk before it, and has the same name."
    ChunkSequence "TOC-14" Must
        "The chunks of a file begin at 0, are contiguous, and add up to its size."
    ChunkType "TOC-15" Must
        "The type of a chunk is empty or `zeros`."
    ChunkRange "TOC-16" Must
        "The chunks of a file begin at ascending offsets below the file's end offset."
    EntryXattr "TOC-17" Must
        "The value of an extended attribute is padded standard base64."
    EntryTime "TOC-18" Must
        "A time is written as RFC 3339 says."
    HardLinkTarget "TOC-19" May
        "A hard link whose target is itself, another hard link that leads back to it, a directory, or not in the TOC is listed as it is, or the layer is refused."

    // The tar-split.
    TarSplitLines "TSP-01" Should
        "A tar-split is one JSON object a line, each ended by a line feed, with no blank line."
    TarSplitType "TSP-02" Must
        "The type of a tar-split entry is 1 (file) or 2 (segment)."
    TarSplitSize "TSP-03" Must
        "The size of a tar-split entry is not negative."
    TarSplitPayload "TSP-04" Must
        "The payload and the raw name of a tar-split entry are padded standard base64; the payload of a file with content is the 8 bytes of its CRC."
    TarSplitUnique "TSP-05" Must
        "The names of file entries are different after they are cleaned as Go's `filepath.Clean` does."
    TarSplitPosition "TSP-06" Should
        "The positions of tar-split entries count from 0."
    TarSplitTwoNames "TSP-07" Should
        "A tar-split entry has `name` or `name_raw`, not both."
    TarSplitKeys "TSP-08" May
        "A key of a tar-split entry that is not known is ignored, or refused."
    TarSplitRawName "TSP-09" Should
        "A name that is UTF-8 is written in `name`, and `name_raw` holds only names that are not."

    // Assembling a tar from a tar-split and the content of files.
    FileMissing "ASM-01" Must
        "Each tar-split entry with content has its file."
    FileSize "ASM-02" Must
        "The content of a file is as long as its tar-split entry says."
    FileCrc "ASM-03" Must
        "The CRC-64 of a file's content is the one in its tar-split entry."

    // Tar.
    TarHeader "TAR-01" Must
        "A tar header is a whole 512-byte block with a valid checksum and numbers that can be read."
    TarExtension "TAR-02" Must
        "The records of an extension header (PAX, GNU long name) are well formed."
    #[guard] TarExtensionLimit "TAR-03" Must
        "An extension header's body is at most 1 MiB."
    TarTruncated "TAR-04" Must
        "The archive does not end inside a header, inside a file's content, or between an extension header and the header that it extends."
    TarSparse "TAR-05" Must
        "A sparse file, which tar-split cannot give back, is refused."
    #[guard] TarExtensionChain "TAR-06" Should
        "The extension headers before one header, with their bodies and padding, are at most 4 MiB together."

    // Tar-split and tar.
    SegmentHeader "SEG-01" Must
        "A segment before a file entry holds the padding due after the file before it and exactly one header with its extension records."
    SegmentFile "SEG-02" Must
        "Each header in a segment is followed by one file entry of the same name and size, and each file entry follows its header."
    SegmentTail "SEG-03" May
        "Bytes that are not zero after the end-of-archive blocks are kept, or the layer is refused."

    // The layer as a whole.
    FooterAgrees "LYR-01" Should
        "Footer and annotations name the same positions."
    PositionFrame "LYR-02" Must
        "The 8 bytes before a position are the header of a skippable frame of magic 0x184D2A50 whose length is the position's."
    FramesLast "LYR-03" Should
        "The frames of TOC, tar-split and footer are the last ones of the blob."
    TarSplitDigest "LYR-04" Must
        "The tarSplitDigest of the TOC is the digest of the compressed tar-split payload."
    TarSplitStripped "LYR-05" Must
        "A TOC with a tarSplitDigest comes with the position of a tar-split."
    TarSplitChecksum "LYR-06" Must
        "The tarsplit-checksum annotation of g3 and g4 is the digest of the compressed tar-split payload."
    EStargzDigest "LYR-07" Must
        "The eStargz TOC digest is the digest of the uncompressed TOC."
    NoTarSplit "LYR-08" Must
        "A tar-split that neither the TOC nor an annotation has the digest of is not used: a reader declines."
    FooterOnly "LYR-09" May
        "A layer without annotations is read through its footer, with nothing authenticated, or not read in part."
    MediaType "LYR-10" Should
        "The media type of the layer's descriptor names the compression of the blob."

    // The data that the TOC describes.
    RangeFrames "DAT-01" Must
        "The range of a file or chunk is whole frames before the TOC."
    RangeSize "DAT-02" Must
        "The range of a file or chunk decodes to exactly its size; in TOCs of stargz it begins with that many bytes."
    FileDigest "DAT-03" Must
        "The digest of a file is that of its content."
    ChunkDigest "DAT-04" Must
        "The digest of a chunk is that of its content."
    ZerosChunk "DAT-05" Must
        "A chunk of type `zeros` holds nothing but zeros."
    SharedRange "DAT-06" May
        "Two files may have the same range of the blob, or such a layer is refused."
    RangeSkippable "DAT-07" Should
        "The range of a file or chunk has no skippable frame."

    // eStargz.
    #[guard] EStargzFooter "ESG-01" Must
        "The blob ends with an empty gzip member of 51, 47 or 46 bytes without time or name, whose extra field fills it; nothing follows it."
    EStargzSubfield "ESG-02" Must
        "The extra field holds the TOC's offset in 16 lower-case hexadecimal digits and `STARGZ`, after the subfield header `SG` in 51 bytes, or `STARGZEXTERNALTOC` in 46 bytes."
    #[guard] EStargzBounds "ESG-03" Must
        "The TOC's offset is before the footer."
    EStargzToc "ESG-04" Must
        "The TOC is the only file, `stargz.index.json`, of a tar in one gzip member, which reaches from the TOC's offset to the footer or is the blob of an external TOC; in the tar of the layer it is an entry of its own, or follows the end-of-archive blocks."
    Landmark "ESG-05" Must
        "A landmark is a regular file at the root that holds the byte 0x0f, and a layer has one at most."
    #[guard] EStargzMembers "ESG-06" Must
        "The blob is a sequence of whole gzip members with nothing before, between or after them."
    EStargzName "ESG-07" Must
        "No entry of the TOC is named `stargz.index.json` at the root."
    EStargzOrder "ESG-08" Must
        "In the order of the TOC, each file or chunk with content begins after the end of the one before it: at a higher offset, or further on in the same member."

    // The descriptions compared with each other.
    EntrySets "CMP-01" Must
        "TOC and tar have the same entries, each as often in the one as in the other."
    EntryMetadata "CMP-02" Must
        "An entry of the TOC and its tar header agree in type, link, mode, size, ids, times, device numbers and extended attributes."
    PlainTar "CMP-03" Should
        "The tar that TOC and tar-split give is the one that plain decoding gives."
    DiffId "CMP-04" Must
        "The tar has the digest that the image names as its DiffID, where one is known."
    EntryOrder "CMP-05" Must
        "The TOC lists the entries in the order in which the tar has them."
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for Rule {
    type Err = UnknownRule;

    fn from_str(id: &str) -> Result<Self, UnknownRule> {
        Self::ALL
            .iter()
            .copied()
            .find(|rule| rule.id().eq_ignore_ascii_case(id))
            .ok_or_else(|| UnknownRule(id.to_owned()))
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Rule {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Rule".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "The id of a rule of docs/spec.md.",
            "type": "string",
            "pattern": "^[A-Z]{3}-[0-9]{2}$",
        })
    }
}

/// The text is not the id of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownRule(String);

impl fmt::Display for UnknownRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no rule has the id `{}`", self.0)
    }
}

impl std::error::Error for UnknownRule {}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Rule;

    #[test]
    fn ids_are_unique_and_well_formed() {
        let ids: BTreeSet<&str> = Rule::ALL.iter().map(|rule| rule.id()).collect();
        assert_eq!(ids.len(), Rule::ALL.len());
        for id in ids {
            let (group, number) = id.split_once('-').unwrap();
            assert!(
                group.len() == 3 && group.bytes().all(|b| b.is_ascii_uppercase()),
                "{id}"
            );
            assert!(number.len() == 2 && number.bytes().all(|b| b.is_ascii_digit()), "{id}");
        }
    }

    #[test]
    fn every_text_is_one_sentence() {
        for rule in Rule::ALL {
            let text = rule.text();
            assert!(text.ends_with('.') && !text.contains(". "), "{rule}: {text}");
        }
    }
}
