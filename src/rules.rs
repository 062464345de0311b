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

mod severity;

use std::{fmt, str::FromStr};

pub use self::severity::Severity;

/// How binding a rule is for a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// A reader has to reject input that breaks the rule, or decline it in favour of a plain full download.
    Must,
    /// A reader had better reject input that breaks the rule. Readers differ, so it is a named choice. The reference rejects
    /// such input wherever it reads it.
    Should,
    /// A reader may do either of the two things that the rule names; it is a named choice. The reference does the first.
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
    (
        $($(#[$guard:ident])? $variant:ident $id:literal $level:ident $severity:ident $text:literal)*
        ; $($draft:ident $draft_id:literal $draft_level:ident $draft_severity:ident $draft_text:literal)*
    ) => {
        /// A rule of the format, by name. Its id is the stable code that errors, vectors and documents use.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Rule {
            $(#[doc = concat!("`", $id, "`: ", $text)] $variant,)*
            $(#[cfg(feature = "vectors")] #[doc(hidden)] $draft,)*
        }

        impl Rule {
            /// Every rule, in the order of the specification.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The rules of drafts, in the order of `docs/drafts.md`. Their ids begin with `X` and are no contract.
            #[doc(hidden)]
            pub const DRAFTS: &'static [Self] = &[$(#[cfg(feature = "vectors")] Self::$draft,)*];

            /// The stable id, such as `FTR-02`.
            pub const fn id(self) -> &'static str {
                match self {
                    $(Self::$variant => $id,)*
                    $(#[cfg(feature = "vectors")] Self::$draft => $draft_id,)*
                }
            }

            /// How binding the rule is.
            pub const fn level(self) -> Level {
                match self {
                    $(Self::$variant => Level::$level,)*
                    $(#[cfg(feature = "vectors")] Self::$draft => Level::$draft_level,)*
                }
            }

            /// The harm that a reader does which accepts input that breaks the rule.
            pub const fn severity(self) -> Severity {
                match self {
                    $(Self::$variant => Severity::$severity,)*
                    $(#[cfg(feature = "vectors")] Self::$draft => Severity::$draft_severity,)*
                }
            }

            /// The rule in one sentence.
            pub const fn text(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                    $(#[cfg(feature = "vectors")] Self::$draft => $draft_text,)*
                }
            }

            /// Whether the rule is a bound or an arithmetic guard, whose check can never be switched off.
            pub const fn is_guard(self) -> bool {
                match self {
                    $(Self::$variant => register!(@guard $($guard)?),)*
                    $(#[cfg(feature = "vectors")] Self::$draft => false,)*
                }
            }
        }
    };
    (@guard guard) => { true };
    (@guard) => { false };
}

register! {
    // The footer.
    #[guard] FooterFrame "FTR-01" Must ViewSplit
        "The blob MUST end with a skippable frame of magic 0x184D2A50 whose payload of 40, 56 or 64 bytes is the footer; nothing follows it."
    FooterMagic "FTR-02" Must ViewSplit
        "The magic of the footer MUST have the place and the spelling that belong to the payload length: `GnUlInUx` at 32 in 40 and 56 bytes, `GNUlInUx` at 56 in 64 bytes."
    FooterType "FTR-03" Must Hygiene
        "The manifest type in the footer MUST be 1."
    #[guard] FooterBounds "FTR-04" Must Crash
        "Each payload that the footer names MUST start at byte 8 or later and end, computed without overflow, no later than the start of the footer frame."
    FooterAdjacent "FTR-05" Must Hygiene
        "In a footer of 40 or 64 bytes, TOC, tar-split and footer MUST be adjacent: 8 bytes lie between one payload and the next, and none between the last payload and the footer frame."
    FooterTocLength "FTR-06" Must Hygiene
        "The compressed and the uncompressed length of the TOC in the footer MUST NOT be zero."
    FooterTarSplitLength "FTR-07" Must Hygiene
        "Where the compressed length of the tar-split in the footer is zero, the uncompressed length MUST be zero too."
    FooterReserved "FTR-08" Must Hygiene
        "The last 16 bytes of a 56-byte footer MUST be zero."
    FooterV56 "FTR-09" May Hygiene
        "A reader MAY read the 56-byte footer, or recognise and reject it."

    // Annotations on the layer's descriptor.
    PositionGrammar "ANN-01" Must ViewSplit
        "A position MUST consist of decimal numbers joined by `:`, four for the TOC and three for the tar-split, without sign, space, leading zero or further text."
    #[guard] PositionRange "ANN-02" Must Crash
        "Each number of a position MUST be below 2^63."
    #[guard] PositionBounds "ANN-03" Must Crash
        "The offset of a position MUST be at least 8, and the sum of offset and length MUST be below 2^63."
    PositionType "ANN-04" Must Hygiene
        "The manifest type in a TOC position MUST be 1."
    PositionLengths "ANN-05" Must Hygiene
        "The lengths of the TOC in its position MUST NOT be zero; where the compressed length of the tar-split is zero, the uncompressed length MUST be zero too."
    PositionsAdjacent "ANN-06" Must Hygiene
        "The offset of the tar-split MUST be the offset of the TOC plus its compressed length plus 8."
    AnnotationDigest "ANN-07" Must Integrity
        "A checksum annotation MUST be an OCI digest: `sha256:` and 64 lower-case hexadecimal digits."
    DigestAlgorithm "ANN-08" Should Integrity
        "A reader SHOULD reject a digest of another registered algorithm than sha256, in an annotation or in the TOC."
    TwoIndexes "ANN-09" Must ViewSplit
        "A manifest checksum of the prefix `io.github.containers.zstd-chunked.` MUST NOT appear beside an eStargz TOC digest."
    ChecksumWithoutPosition "ANN-10" Must Integrity
        "A checksum annotation MUST appear beside the position annotation of the same part under the same prefix."
    PositionWithoutChecksum "ANN-11" Must Integrity
        "A reader MUST use a position only where a manifest checksum under the same prefix authenticates the TOC."
    PrefixesAgree "ANN-12" Must ViewSplit
        "A key that is present under both prefixes MUST have the same value under both."

    // Frames of the blob.
    #[guard] FrameMagic "FRM-01" Must ViewSplit
        "The blob MUST be a sequence of zstd frames and skippable frames with nothing before, between or after them."
    #[guard] FrameContent "FRM-02" Must Integrity
        "Every frame MUST be complete and decode as RFC 8878 says, to its declared content size where it has one."
    FrameChecksum "FRM-03" Must Integrity
        "A reader MUST compare the content checksum of a frame, where the frame has one."
    FrameDictionary "FRM-04" Must Integrity
        "A frame MUST NOT need a dictionary."
    #[guard] FrameWindow "FRM-05" Should Resources
        "A reader SHOULD reject a frame whose window is larger than 128 MiB."

    // The payloads of the index: TOC and tar-split.
    #[guard] IndexLimit "IDX-01" Should Resources
        "A reader SHOULD reject a TOC or tar-split that is larger than its limit, compressed or uncompressed, before it reads it."
    IndexFrame "IDX-02" Must ViewSplit
        "The payload of TOC and tar-split MUST be a zstd frame that decodes; raw JSON is not permitted, and only a tar-split of length zero has an empty payload."
    IndexFrames "IDX-03" Should Hygiene
        "The payload of TOC and tar-split SHOULD be one zstd frame, without a further or a skippable frame."
    #[guard] IndexLength "IDX-04" Must Crash
        "TOC and tar-split MUST decode to exactly their declared uncompressed length."

    // JSON, as both documents use it.
    #[guard] JsonSyntax "JSN-01" Must ViewSplit
        "The document MUST be well-formed JSON in UTF-8 without a byte order mark."
    JsonTrailing "JSN-02" Must ViewSplit
        "The JSON value MUST NOT be followed by anything but white space."
    JsonDuplicateKey "JSN-03" Should ViewSplit
        "An object SHOULD NOT have the same key twice."
    JsonFoldedKey "JSN-04" Should ViewSplit
        "A key SHOULD NOT differ from a known one only in the case of its letters."
    #[guard] JsonDepth "JSN-05" Should Crash
        "Values SHOULD nest at most 64 deep."
    JsonUnicode "JSN-06" Should ViewSplit
        "A string SHOULD NOT have an escape of a lone surrogate."
    JsonInteger "JSN-07" Must ViewSplit
        "A known number MUST be an integer, written without fraction or exponent, that fits into 64 bits with sign."
    JsonType "JSN-08" Must ViewSplit
        "A known key MUST have a value of its type."
    JsonNull "JSN-09" Should Hygiene
        "A known key SHOULD NOT have the value null, except `entries` in a TOC and `payload` in a tar-split."

    // The TOC.
    TocChecksum "TOC-01" Must Integrity
        "The manifest checksum MUST be the digest of the compressed TOC payload."
    TocVersion "TOC-02" Must Hygiene
        "The version of a TOC MUST be the integer 1."
    TocEntries "TOC-03" Must ViewSplit
        "A TOC MUST be an object with an array `entries`, or with null in its place, which means an empty array."
    EntryType "TOC-04" Must ViewSplit
        "The type of an entry MUST be one of reg, dir, symlink, hardlink, char, block, fifo and chunk."
    EntryCount "TOC-05" Must Crash
        "Sizes and offsets MUST NOT be negative."
    EntryName "TOC-06" Must ViewSplit
        "An entry MUST have a name, and its name and link name MUST NOT contain a NUL byte."
    EntryUnique "TOC-07" Must ViewSplit
        "Names, cleaned as paths from the root, MUST be unique in g3 to g5."
    EntryRepeated "TOC-08" May ViewSplit
        "In g1 and g2 a reader MAY use the last entry of a repeated name, or reject the layer."
    EntryEscape "TOC-09" May ViewSplit
        "A reader MAY clamp a name that leads out of the root to the root, or reject it."
    EntryEmptyName "TOC-10" May Hygiene
        "A reader MAY treat an empty name as the root, or reject it."
    FileIndexed "TOC-11" Must Integrity
        "A regular file that is not empty MUST have a digest, an offset and, except in TOCs of stargz, an end offset after it."
    EntryDigest "TOC-12" Must Integrity
        "A digest in the TOC MUST be an OCI digest: of sha256, `sha256:` and 64 lower-case hexadecimal digits."
    ChunkFollows "TOC-13" Must ViewSplit
        "A chunk MUST follow its regular file or that file's chunk before it, and have the same name."
    ChunkSequence "TOC-14" Must ViewSplit
        "The chunks of a file MUST begin at 0, be contiguous, and add up to its size."
    ChunkType "TOC-15" Must ViewSplit
        "The type of a chunk MUST be empty or `zeros`."
    ChunkRange "TOC-16" Must ViewSplit
        "The chunks of a file MUST begin at ascending offsets below the file's end offset."
    EntryXattr "TOC-17" Must ViewSplit
        "The value of an extended attribute MUST be padded standard base64."
    EntryTime "TOC-18" Must Hygiene
        "A time MUST be written as RFC 3339 says."
    HardLinkTarget "TOC-19" May Crash
        "A reader MAY list a hard link whose target is itself, another hard link that leads back to it, a directory, or not in the TOC as it is, or reject the layer."

    // The tar-split.
    TarSplitLines "TSP-01" Should Hygiene
        "A tar-split SHOULD be one JSON object a line, each ended by a line feed, with no blank line."
    TarSplitType "TSP-02" Must ViewSplit
        "The type of a tar-split entry MUST be 1 (file) or 2 (segment)."
    TarSplitSize "TSP-03" Must Crash
        "The size of a tar-split entry MUST NOT be negative."
    TarSplitPayload "TSP-04" Must ViewSplit
        "The payload and the raw name of a tar-split entry MUST be padded standard base64; the payload of a file with content MUST be the 8 bytes of its CRC."
    TarSplitUnique "TSP-05" Must ViewSplit
        "The names of file entries MUST be different after they are cleaned as Go's `filepath.Clean` does."
    TarSplitPosition "TSP-06" Should Hygiene
        "The positions of tar-split entries SHOULD count from 0."
    TarSplitTwoNames "TSP-07" Should ViewSplit
        "A tar-split entry SHOULD have `name` or `name_raw`, not both."
    TarSplitKeys "TSP-08" May Hygiene
        "A reader MAY ignore a key of a tar-split entry that it does not know, or reject it."
    TarSplitRawName "TSP-09" Should ViewSplit
        "A name that is UTF-8 SHOULD be in `name`, and `name_raw` SHOULD contain only names that are not."

    // Assembling a tar from a tar-split and the content of files.
    FileMissing "ASM-01" Must Integrity
        "Each tar-split entry with content MUST have its file."
    FileSize "ASM-02" Must Integrity
        "The content of a file MUST be as long as its tar-split entry says."
    FileCrc "ASM-03" Must Integrity
        "The CRC-64 of a file's content MUST be the one in its tar-split entry."

    // Tar.
    TarHeader "TAR-01" Must ViewSplit
        "A tar header MUST be a whole 512-byte block with a valid checksum and numbers that can be read."
    TarExtension "TAR-02" Must ViewSplit
        "The records of an extension header (PAX, GNU long name) MUST be well formed."
    #[guard] TarExtensionLimit "TAR-03" Must Resources
        "The body of an extension header MUST be at most 1 MiB."
    TarTruncated "TAR-04" Must ViewSplit
        "The archive MUST NOT end inside a header, inside a file's content, or between an extension header and the header that it extends."
    TarSparse "TAR-05" Must ViewSplit
        "A reader MUST reject a sparse file, which tar-split cannot reproduce."
    #[guard] TarExtensionChain "TAR-06" Should Resources
        "The extension headers before one header, with their bodies and padding, SHOULD be at most 4 MiB together."
    TarReading "TAR-07" May ViewSplit
        "A reader MAY read a tar that other tar readers read as another tree, as long as it reads all such tars in one way, or reject it."
    TarTree "TAR-08" May ViewSplit
        "A reader MAY reject a tar whose entries make no tree as they are, or leave out, move or replace what is in the way."

    // Tar-split and tar.
    SegmentHeader "SEG-01" Must ViewSplit
        "A segment before a file entry MUST contain the padding due after the file before it and exactly one header with its extension records."
    SegmentFile "SEG-02" Must ViewSplit
        "Each header in a segment MUST be followed by one file entry of the same name and size, and each file entry MUST follow its header."
    SegmentTail "SEG-03" May ViewSplit
        "A reader MAY keep bytes that are not zero after the end-of-archive blocks, or reject the layer."

    // The layer as a whole.
    FooterAgrees "LYR-01" Should ViewSplit
        "Footer and annotations SHOULD name the same positions."
    PositionFrame "LYR-02" Must ViewSplit
        "The 8 bytes before a position MUST be the header of a skippable frame of magic 0x184D2A50 whose length is the position's."
    FramesLast "LYR-03" Should ViewSplit
        "The frames of TOC, tar-split and footer SHOULD be the last ones of the blob."
    TarSplitDigest "LYR-04" Must Integrity
        "The tarSplitDigest of the TOC MUST be the digest of the compressed tar-split payload."
    TarSplitStripped "LYR-05" Must ViewSplit
        "A TOC with a tarSplitDigest MUST come with the position of a tar-split."
    TarSplitChecksum "LYR-06" Must Integrity
        "The tarsplit-checksum annotation of g3 and g4 MUST be the digest of the compressed tar-split payload."
    EStargzDigest "LYR-07" Must Integrity
        "The eStargz TOC digest MUST be the digest of the uncompressed TOC."
    NoTarSplit "LYR-08" Must Integrity
        "A reader MUST NOT use a tar-split whose digest is neither in the TOC nor in an annotation; it declines."
    FooterOnly "LYR-09" May Integrity
        "A reader MAY read a layer without annotations through its footer, with nothing authenticated, or not read it in part."
    MediaType "LYR-10" Should Hygiene
        "The media type of the layer's descriptor SHOULD name the compression of the blob."

    // The data that the TOC describes.
    RangeFrames "DAT-01" Must Integrity
        "The range of a file or chunk MUST be whole frames before the TOC."
    RangeSize "DAT-02" Must Integrity
        "The range of a file or chunk MUST decode to exactly its size; in TOCs of stargz the decoded bytes MUST begin with that many bytes of content."
    FileDigest "DAT-03" Must Integrity
        "The digest of a file MUST be that of its content."
    ChunkDigest "DAT-04" Must Integrity
        "The digest of a chunk MUST be that of its content."
    ZerosChunk "DAT-05" Must Integrity
        "A chunk of type `zeros` MUST contain nothing but zeros."
    SharedRange "DAT-06" May Resources
        "A reader MAY accept two files with the same range of the blob, or reject the layer."
    RangeSkippable "DAT-07" Should ViewSplit
        "The range of a file or chunk SHOULD NOT contain a skippable frame."

    // eStargz.
    #[guard] EStargzFooter "ESG-01" Must ViewSplit
        "The blob MUST end with an empty gzip member of 51, 47 or 46 bytes without time or name, whose extra field fills it; nothing follows it."
    EStargzSubfield "ESG-02" Must ViewSplit
        "The extra field MUST contain the TOC's offset in 16 lower-case hexadecimal digits and `STARGZ`, after the subfield header `SG` in 51 bytes, or `STARGZEXTERNALTOC` in 46 bytes."
    #[guard] EStargzBounds "ESG-03" Must Crash
        "The TOC's offset MUST be before the footer."
    EStargzToc "ESG-04" Must ViewSplit
        "The TOC MUST be the only file, `stargz.index.json`, of a tar in one gzip member, which reaches from the TOC's offset to the footer or is the blob of an external TOC; in the tar of the layer it is an entry of its own, or follows the end-of-archive blocks."
    Landmark "ESG-05" Must Hygiene
        "A landmark MUST be a regular file at the root that contains the byte 0x0f, and a layer MUST have at most one."
    #[guard] EStargzMembers "ESG-06" Must ViewSplit
        "The blob MUST be a sequence of whole gzip members with nothing before, between or after them."
    EStargzName "ESG-07" Must ViewSplit
        "An entry of the TOC MUST NOT be named `stargz.index.json` at the root."
    EStargzOrder "ESG-08" Must ViewSplit
        "In the order of the TOC, each file or chunk with content MUST begin after the end of the one before it: at a higher offset, or further on in the same member."

    // The descriptions compared with each other.
    EntrySets "CMP-01" Must ViewSplit
        "TOC and tar MUST have the same entries, each as often in the one as in the other."
    EntryMetadata "CMP-02" Must ViewSplit
        "An entry of the TOC and its tar header MUST agree in type, link, mode, size, ids, times, device numbers and extended attributes."
    PlainTar "CMP-03" Should ViewSplit
        "The tar from TOC and tar-split SHOULD be the one that plain decoding gives."
    DiffId "CMP-04" Must Integrity
        "The tar MUST have the digest that the image names as its DiffID, where one is known."
    EntryOrder "CMP-05" Must ViewSplit
        "The TOC MUST list the entries in the order in which the tar has them."

    ;

    // Drafts. The sentinel.
    DraftSentinelPlace "XSN-01" Must ViewSplit
        "A sentinel MUST be the first layer of a manifest, and the only one of its media type."
    DraftSentinelContent "XSN-02" Must ViewSplit
        "The blob of a sentinel MUST be 512 bytes that are no tar header: a NUL at 0, 0xFF from 148 to 156, and `NOTTAR` at 257."
    DraftSentinelText "XSN-03" May Hygiene
        "A reader MAY accept a sentinel with another text than that of the draft, or reject it."
    DraftSentinelDiffId "XSN-04" Must Integrity
        "The configuration of a manifest with a sentinel MUST have one DiffID for each layer, and the first MUST be the digest of the sentinel's blob."
    DraftSentinelToc "XSN-05" Must ViewSplit
        "Each other layer of a manifest with a sentinel MUST have annotations that name a TOC of zstd:chunked, and a reader MUST NOT download such a layer in full instead."
    DraftSentinelViews "XSN-06" Must ViewSplit
        "A reader that omits the digest of the tar MUST reject a layer whose tar-split, compared with its TOC, breaks SEG-01, SEG-02, CMP-01, CMP-02 or CMP-05."
    DraftSentinelDigest "XSN-07" May ViewSplit
        "In a manifest with a sentinel, a reader MAY omit the digest of the tar, or compute it and compare it with the DiffID."
    DraftSentinelTarSplit "XSN-08" May Hygiene
        "In a manifest with a sentinel, a reader MAY use a layer that has no tar-split, or reject it."
    DraftSentinelSource "XSN-09" Must Integrity
        "A reader MUST omit the digest of the tar only if the manifest itself has a sentinel, whatever an index says of the manifest."
    DraftSentinelSelection "XSN-10" May Hygiene
        "Of two manifests for one platform, a reader MAY use the one that the index marks as having a sentinel, or the other."
}

impl Rule {
    /// Whether the rule is one of a draft, which `docs/drafts.md` has and `docs/spec.md` has not.
    #[doc(hidden)]
    pub fn is_draft(self) -> bool {
        Self::DRAFTS.contains(&self)
    }
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
            .chain(Self::DRAFTS)
            .copied()
            .find(|rule| rule.id().eq_ignore_ascii_case(id))
            .ok_or_else(|| UnknownRule(id.to_owned()))
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Rule {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Rule {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "schema")]
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

    fn all() -> impl Iterator<Item = Rule> {
        Rule::ALL.iter().chain(Rule::DRAFTS).copied()
    }

    /// A rule of a draft has another id once it is part of the format, so that no id changes its meaning.
    #[test]
    fn ids_show_which_rules_are_of_drafts() {
        for rule in all() {
            assert_eq!(rule.id().starts_with('X'), rule.is_draft(), "{rule}");
            assert_eq!(rule.id().parse(), Ok(rule));
        }
        assert!(Rule::ALL.iter().all(|rule| !rule.is_draft()));
    }

    #[test]
    fn ids_are_unique_and_well_formed() {
        let ids: BTreeSet<&str> = all().map(Rule::id).collect();
        assert_eq!(ids.len(), all().count());
        for id in ids {
            let (group, number) = id.split_once('-').unwrap();
            assert!(
                group.len() == 3 && group.bytes().all(|b| b.is_ascii_uppercase()),
                "{id}"
            );
            assert!(number.len() == 2 && number.bytes().all(|b| b.is_ascii_digit()), "{id}");
        }
    }

    /// The words of BCP 14 in a rule are its level's, so that a sentence that is quoted alone is as binding.
    #[test]
    fn every_text_has_the_word_of_its_level_and_no_other() {
        for rule in all() {
            let words: BTreeSet<&str> = rule
                .text()
                .split(|c: char| !c.is_ascii_uppercase())
                .filter(|word| ["MUST", "SHOULD", "MAY", "SHALL", "REQUIRED", "OPTIONAL"].contains(word))
                .collect();
            assert!(words.iter().eq([&rule.level().name()]), "{rule}: {}", rule.text());
        }
    }

    #[test]
    fn every_text_is_one_sentence() {
        for rule in all() {
            let text = rule.text();
            assert!(text.ends_with('.') && !text.contains(". "), "{rule}: {text}");
        }
    }
}
