//! The choices that the format leaves to a reader.
//!
//! Each is named, so that an `either` verdict says what was decided, and an implementation is held to deciding it the
//! same way everywhere.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// As for the rules, one macro keeps names, ids and texts together.
macro_rules! choices {
    ($($variant:ident $id:literal accept $accept:literal reject $reject:literal)*) => {
        /// A point on which readers may differ.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        #[non_exhaustive]
        pub enum Choice {
            $(#[doc = concat!("Accept: ", $accept, " Reject: ", $reject)] #[serde(rename = $id)] $variant,)*
        }

        impl Choice {
            /// Every choice.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable name.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)* }
            }

            /// What those who accept do.
            pub const fn accept(self) -> &'static str {
                match self { $(Self::$variant => $accept,)* }
            }

            /// What those who reject do.
            pub const fn reject(self) -> &'static str {
                match self { $(Self::$variant => $reject,)* }
            }
        }
    };
}

choices! {
    V56Footer "v56-footer"
        accept "The 56-byte footer of g3 is read."
        reject "The 56-byte footer of g3 is recognised and rejected."
    DeclaredLengthLimit "declared-length-limit"
        accept "A length above the reader's limit is returned, and the payload is rejected when it is to be read."
        reject "A length above the reader's limit is rejected at once."
    DigestAlgorithm "digest-algorithm"
        accept "A checksum of another registered algorithm than sha256 is used."
        reject "A checksum of another registered algorithm than sha256 is rejected."
    FooterCompared "footer-compared"
        accept "The footer is not read where annotations are present, so a difference does not matter."
        reject "The footer is compared with the annotations, and a difference is rejected."
    PlainCompared "plain-compared"
        accept "Ranges alone are read, so that data frames which decode to something else show only in the DiffID."
        reject "The blob is decoded as a whole too, and a difference is rejected."
    FooterOnly "footer-only"
        accept "A layer without annotations is read through its footer, unauthenticated."
        reject "A layer without annotations is not read in part."
    MediaType "media-type"
        accept "The compression is recognised from the blob, whatever the media type of the descriptor names."
        reject "A media type that does not name the compression of the blob is rejected."
    IndexFrames "index-frames"
        accept "A TOC or tar-split payload of several frames is decoded whole."
        reject "A TOC or tar-split payload of several frames is rejected."
    DuplicateKeys "duplicate-keys"
        accept "Of a key that an object has twice, the last value counts."
        reject "An object with a key twice is rejected."
    FoldedKeys "folded-keys"
        accept "A key that differs from a known one only in case is read as that key."
        reject "A key that differs from a known one only in case is rejected."
    UnfoldedKeys "unfolded-keys"
        accept "A key that differs from a known one only in case is unknown, and ignored."
        reject "A key that differs from a known one only in case is rejected."
    LoneSurrogates "lone-surrogates"
        accept "The escape of a lone surrogate becomes U+FFFD."
        reject "The escape of a lone surrogate is rejected."
    DeepJson "deep-json"
        accept "Values under unknown keys may nest to any depth."
        reject "Values that nest more than 64 deep are rejected."
    VeryDeepJson "very-deep-json"
        accept "Values under unknown keys may nest a million levels deep."
        reject "Values that nest so deep that a parser may run out of stack are rejected."
    NullFields "null-fields"
        accept "Null under a known key is as if the key were absent."
        reject "Null under a known key is rejected."
    RepeatedNames "repeated-names"
        accept "In g1 and g2 the last entry of a repeated name counts."
        reject "A repeated name is rejected."
    LowerCaseTimes "lower-case-times"
        accept "A time may have `t` and `z` in lower case, as RFC 3339 allows."
        reject "A time with `t` or `z` in lower case is rejected."
    LeapSeconds "leap-seconds"
        accept "Second 60 at the end of a minute that has a leap second is the second after it."
        reject "A time with a second 60 is rejected."
    HardLinkCircles "hard-link-circles"
        accept "A hard link that leads to itself is listed like any other."
        reject "A hard link that leads to itself is rejected."
    HardLinkDirectories "hard-link-directories"
        accept "A hard link to a directory is listed like any other."
        reject "A hard link to a directory is rejected."
    HardLinkTargets "hard-link-targets"
        accept "A hard link to a name that is not in the TOC is listed like any other."
        reject "A hard link to a name that is not in the TOC is rejected."
    EscapingNames "escaping-names"
        accept "A name that leads out of the root is clamped to the root."
        reject "A name that leads out of the root is rejected."
    EmptyNames "empty-names"
        accept "An empty name is the root."
        reject "An empty name is rejected."
    SharedRanges "shared-ranges"
        accept "Two files may name the same range of the blob."
        reject "A range that two files name is rejected."
    BlankLines "blank-lines"
        accept "Blank lines in a tar-split are passed over."
        reject "Blank lines in a tar-split are rejected."
    CarriageReturns "carriage-returns"
        accept "A carriage return before a line feed of a tar-split is white space."
        reject "A carriage return in a tar-split is rejected."
    ObjectsOnALine "objects-on-a-line"
        accept "Several objects on one line of a tar-split are read one after the other."
        reject "More than one object on a line of a tar-split is rejected."
    ObjectOverLines "object-over-lines"
        accept "An object over several lines of a tar-split is read."
        reject "An object over several lines of a tar-split is rejected."
    MissingLineFeed "missing-line-feed"
        accept "The last line of a tar-split needs no line feed."
        reject "A last line without a line feed is rejected."
    SpacesAroundObjects "spaces-around-objects"
        accept "Spaces and tabs before or after an object of a tar-split are passed over."
        reject "Spaces and tabs before or after an object of a tar-split are rejected."
    TrailingBits "trailing-bits"
        accept "Bits of the last base64 character that are not used need not be zero."
        reject "Base64 whose last character has bits that are not used and not zero is rejected."
    TwoNames "two-names"
        accept "Of `name` and `name_raw` in one entry, `name_raw` counts."
        reject "An entry with both `name` and `name_raw` is rejected."
    RawNames "raw-names"
        accept "A name that is UTF-8 may be in `name_raw`."
        reject "An entry whose `name_raw` is UTF-8 is rejected."
    UnknownTarSplitKeys "unknown-tarsplit-keys"
        accept "A key of a tar-split entry that the reader does not know is ignored."
        reject "A key of a tar-split entry that the reader does not know is rejected."
    WrongPosition "wrong-position"
        accept "The position of a tar-split entry is not looked at."
        reject "A position that does not count from 0 is rejected."
    TailBytes "tail-bytes"
        accept "Bytes after the end-of-archive blocks that are not zero are kept."
        reject "Bytes after the end-of-archive blocks that are not zero are rejected."
    TarSplitChecksum "tarsplit-checksum"
        accept "A tar-split that only the tarsplit-checksum annotation names is used, and what it gives is unauthenticated."
        reject "A tar-split without a digest in the TOC is not used."
    GlobalHeader "global-header"
        accept "A tar with a global PAX header is accepted: the header is in the tar-split, and no entry of the TOC."
        reject "A tar with a global PAX header is rejected."
    ExtensionChains "extension-chains"
        accept "Extension headers before one header may add up to more than 4 MiB."
        reject "Extension headers before one header that add up to more than 4 MiB are rejected."
    LargeWindow "large-window"
        accept "A frame with a window of 144 MiB is decoded."
        reject "A frame with a window above 128 MiB is rejected."
    VeryLargeWindow "very-large-window"
        accept "A frame with a window of 1 GiB is decoded."
        reject "A frame with a window of 1 GiB is rejected."
    OffsetZero "offset-zero"
        accept "A match whose offset is 0 is decoded as if it were 1."
        reject "A match whose offset is 0 is rejected."
    SkippableInRange "skippable-in-range"
        accept "A skippable frame among the data frames of a range is passed over."
        reject "A range with a skippable frame is rejected."
    ZerosUnread "zeros-unread"
        accept "The range of a chunk of zeros is not read, so that what is wrong with its frame does not matter."
        reject "The range of a chunk of zeros is read like any other, and what is wrong with its frame is rejected."
    OverlappingRanges "overlapping-ranges"
        accept "Ranges may overlap, however many bytes they have together."
        reject "Ranges that overlap and together have more than four times the bytes of the data are rejected."
}
