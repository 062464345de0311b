//! The register of bugs that released implementations had.
//!
//! Cases that were made after a bug name it by its id, and `vectors/bugs.json` has the list. Versions are those of public
//! releases: `last` has the bug, `fixed` is the first one that does not. What no operation can show has the reason
//! instead of cases. Where an adapter puts a release with the bug and one without it under test, `at` names it, and the two
//! if they are others or have other names there; `docs/history.md` is made of their results. If these do not show the bug,
//! `not shown` has the reason.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A bug as it is listed in `vectors/bugs.json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Record {
    /// The stable id.
    pub id: Bug,
    /// Whose bug it was.
    pub implementation: &'static str,
    /// The last release that has it.
    pub last: &'static str,
    /// The first release that is known to be without it; none if no release is known to be.
    pub fixed: Option<&'static str>,
    /// What happened, in one sentence.
    pub text: &'static str,
    /// Reports, changes and advisories.
    pub links: &'static [&'static str],
    /// Why no operation can show it; none for a bug that has cases.
    pub unreachable: Option<&'static str>,
    /// Where releases on both sides are under test; none if no adapter has them.
    pub tested: Option<Tested>,
    /// Why no adapter has releases on both sides, though a case would show the bug.
    pub untested: Option<&'static str>,
    /// Why the results of both sides do not show it; none if they do. It is about results, of which the vectors have none.
    #[serde(skip)]
    pub hidden: Option<&'static str>,
}

/// An adapter that puts the releases around a bug under test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Tested {
    /// The folder of the adapter below `adapters/`.
    pub adapter: &'static str,
    /// The last of its releases that has the bug.
    pub last: &'static str,
    /// The first of its releases without it; none if no release is known to be.
    pub fixed: Option<&'static str>,
}

/// As for rules and choices, one macro keeps ids and records together.
macro_rules! bugs {
    ($($variant:ident $id:literal $implementation:literal $last:literal => $fixed:tt
        $text:literal [$($link:literal)*] $((no case: $reason:literal))? $((not tested: $untested:literal))?
        $((at $adapter:literal $($at_last:literal => $at_fixed:tt)?) $((not shown: $hidden:literal))?)?)*) => {
        /// A bug that a released implementation had.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        #[non_exhaustive]
        pub enum Bug {
            $(#[doc = concat!($implementation, " up to ", $last, ": ", $text)] #[serde(rename = $id)] $variant,)*
        }

        impl Bug {
            /// Every bug.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// What is known of it.
            pub const fn record(self) -> Record {
                match self {
                    $(Self::$variant => Record {
                        id: self,
                        implementation: $implementation,
                        last: $last,
                        fixed: bugs!(@fixed $fixed),
                        text: $text,
                        links: &[$($link),*],
                        unreachable: bugs!(@reason $($reason)?),
                        tested: bugs!(@tested $last => $fixed; $($adapter $($at_last => $at_fixed)?)?),
                        untested: bugs!(@reason $($untested)?),
                        hidden: bugs!(@reason $($($hidden)?)?),
                    },)*
                }
            }

            /// The stable id.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)* }
            }
        }
    };
    (@fixed none) => { None };
    (@fixed $fixed:literal) => { Some($fixed) };
    (@reason $reason:literal) => { Some($reason) };
    (@reason) => { None };
    (@tested $last:literal => $fixed:tt;) => { None };
    (@tested $last:literal => $fixed:tt; $adapter:literal) => {
        bugs!(@tested $last => $fixed; $adapter $last => $fixed)
    };
    (@tested $last:literal => $fixed:tt; $adapter:literal $at_last:literal => $at_fixed:tt) => {
        Some(Tested { adapter: $adapter, last: $at_last, fixed: bugs!(@fixed $at_fixed) })
    };
}

bugs! {
    // containers/storage: footer, annotations, digests.
    StorageFooterWritten "storage-footer-written" "containers/storage" "v1.49.0" => "v1.50.0"
        "The writer of the 56-byte footer left its magic at 32, and the position of the tar-split out."
        ["https://github.com/containers/storage/pull/1627" "https://github.com/containers/storage/pull/1697"]
        (no case: "layers with that footer are the dialect g3, so a writer of it is right")
    StorageFooterMagic "storage-footer-magic" "containers/storage" "v1.49.0" => "v1.50.0"
        "The reader of the 56-byte footer looked for the magic at 48, refused its own footers and took the end of a 40-byte one for one of its own."
        ["https://github.com/containers/storage/pull/1697"] (at "containers-storage" "v1.49.0" => "v1.50.1")
        (not shown: "v1.49.0 refuses every valid footer and v1.50.1 every footer of 56 bytes, so a valid twin is refused on one side or the other")
    StorageTwoIndexes "storage-two-indexes" "containers/storage" "v1.51.2" => "v1.52.0"
        "A layer with the digests of a zstd:chunked TOC and of an eStargz one was accepted."
        ["https://github.com/containers/storage/pull/1778"] (at "containers-storage")
    StorageTwoDigests "storage-two-digests" "containers/storage" "v1.52.0" => "v1.53.0"
        "Of two TOC digests the function that names a layer reported the one that the reader does not use."
        ["https://github.com/containers/storage/pull/1778"] (at "containers-storage")
    StorageTarSplitByAnnotation "storage-tar-split-by-annotation" "containers/storage" "v1.53.0" => "v1.54.0"
        "The tar-split was authenticated by an annotation only, so that it could be exchanged under the same TOC digest."
        ["https://github.com/containers/storage/issues/1888" "https://github.com/containers/storage/pull/1902"] (at "containers-storage")
        (not shown: "the repair is a new dialect, g5, which v1.53.0 does not read; in g4 the annotation is all that authenticates the tar-split")
    StorageOldTarSplit "storage-old-tar-split" "containers/storage" "v1.54.0" => "v1.55.0"
        "Layers whose TOC has no digest of the tar-split were refused, because the empty string is no digest."
        ["https://github.com/containers/storage/pull/1936"] (at "containers-storage")
    StorageTarSplitNotRead "storage-tar-split-not-read" "containers/storage" "v1.54.1-0.20240603114849-6875c9fbcf1c" => "v1.55.0"
        "A tar-split that is not used was asked for and not read, and the reader waited for ever."
        ["https://github.com/containers/storage/pull/1942"]
        (no case: "it shows in how the parts of an answer are read, and in no release")
    StorageTarSplitStripped "storage-tar-split-stripped" "containers/storage" "v1.54.0" => "v1.55.0"
        "A layer whose tar-split position was taken away was accepted without its tar-split."
        ["https://github.com/containers/storage/pull/1967"] (at "containers-storage")
    StorageTocLimit "storage-toc-limit" "containers/storage" "v1.57.0" => "v1.57.1"
        "A TOC of more than 50 MiB was a failure and not a reason to fall back."
        ["https://github.com/containers/storage/pull/2230" "https://github.com/podman-container-tools/podman/issues/24885"] (at "containers-storage" "v1.56.1" => "v1.57.1")

    // containers/storage: the TOC.
    StorageOwnersLost "storage-owners-lost" "containers/storage" "v1.46.1" => "v1.47.0"
        "The reader looked for UID and GID, the writer wrote uid and gid, and every file belonged to root."
        ["https://github.com/containers/storage/commit/f3a7e9c1cead"] (at "containers-storage")
    StorageTimesLost "storage-times-lost" "containers/storage" "v1.46.1" => "v1.47.0"
        "The reader looked for ModTime, the writer wrote modtime, and no file had a time."
        ["https://github.com/containers/storage/commit/d53cea918d18"] (at "containers-storage")
    StorageEscapes "storage-escapes" "containers/storage" "v1.53.0" => "v1.54.0"
        "Escapes in JSON strings were not decoded, so that files came out under other names."
        ["https://github.com/containers/storage/issues/1878"] (at "containers-storage")
    StorageTrailingData "storage-trailing-data" "containers/storage" "v1.51.2" => "v1.52.0"
        "Anything after the TOC's JSON was accepted."
        ["https://github.com/containers/storage/commit/4d6767d0786c"] (at "containers-storage")
    StorageBrokenJson "storage-broken-json" "containers/storage" "v1.51.2" => "v1.52.0"
        "Broken and truncated JSON was accepted as far as it could be read."
        ["https://github.com/containers/storage/commit/4d6767d0786c"] (at "containers-storage")
    StorageEmptyFile "storage-empty-file" "containers/storage" "v1.50.2" => "v1.51.0"
        "Empty files, which have no digest, were left out in one mode."
        ["https://github.com/containers/storage/commit/b737dc6caf03"]
        (no case: "it shows in trees for composefs only, and no operation asks for one")
    StorageSizeOverwritten "storage-size-overwritten" "containers/storage" "v1.52.0" => "v1.53.0"
        "The size of a file was overwritten with its compressed length."
        ["https://github.com/containers/storage/commit/d800e0fae5b8"] (at "containers-storage")
    StorageLinksCleaned "storage-links-cleaned" "containers/storage" "v1.52.0" => "v1.53.0"
        "Targets of symbolic links were cleaned, which made a/../b another target."
        ["https://github.com/containers/storage/commit/69aeb17257e4"]
        (no case: "the target is changed on disk only, and what operations answer comes from TOC and tar-split")
    StorageParents "storage-parents" "containers/storage" "v1.37.3" => "v1.38.0"
        "A layer with a file whose directory is not in the layer failed."
        ["https://github.com/containers/storage/commit/501611fd510f"]
        (no case: "it shows in files on disk, and these versions had no tar-split to make a tar from")
    StorageRoot "storage-root" "containers/storage" "v1.56.1" => "v1.57.0"
        "Some spellings of the root were not taken for it."
        ["https://github.com/containers/storage/issues/2191"] (at "containers-storage" "v1.56.1" => "v1.57.1")

    // containers/storage: the layer as a whole.
    StorageMetadata "storage-metadata" "containers/storage" "v1.54.0" => "v1.55.0"
        "TOC and tar-split were not compared, so that what is inspected need not be what is pushed."
        ["https://github.com/containers/storage/issues/2014" "https://github.com/containers/storage/pull/2035"] (at "containers-storage")
    StorageDiffId "storage-diff-id" "containers/storage" "v1.56.1" => "v1.57.0"
        "The result of a partial pull was compared with no DiffID."
        ["https://github.com/containers/storage/pull/2155"]
        (no case: "a DiffID is compared by who calls the library, so either answer to the cases after it is right")
    StorageLayerSize "storage-layer-size" "containers/storage" "v1.55.2" => "v1.56.0"
        "The size of a layer was the sum of its files, without headers and padding."
        ["https://github.com/containers/storage/pull/2130"]
        (no case: "no operation asks for the size that a store keeps of a layer")
    StorageMissingParts "storage-missing-parts" "containers/storage" "v1.40.3" => "v1.41.0"
        "A server that sent fewer parts than were asked for was taken for success."
        ["https://github.com/containers/storage/commit/90fd24cd0539"]
        (no case: "it shows in the answers of a server, and operations get the whole blob")
    StorageStaleRanges "storage-stale-ranges" "containers/storage" "v1.40.3" => "v1.41.0"
        "After a refused request for many ranges the same ranges were asked for again."
        ["https://github.com/containers/storage/commit/75fd4d6c7bc8"]
        (no case: "it shows in the answers of a server, and operations get the whole blob")
    StorageConvertDigest "storage-convert-digest" "containers/storage" "v1.51.2" => "v1.52.0"
        "A layer that is converted on the way was not held against the digest of its blob."
        ["https://github.com/containers/storage/commit/fa794cb99774"]
        (no case: "the digest of the blob is checked by who fetches it, and no operation fetches")

    // containers/storage: writing.
    StorageTailLost "storage-tail-lost" "containers/storage" "v1.51.2" => "v1.52.0"
        "What follows the end-of-archive blocks was dropped, and the DiffID is another."
        ["https://github.com/containers/storage/issues/1771" "https://github.com/containers/storage/pull/1772"] (at "containers-storage")
    StorageWriterHangs "storage-writer-hangs" "containers/storage" "v1.51.2" => "v1.52.0"
        "The writer waited for ever for the end of a tar without end-of-archive blocks."
        ["https://github.com/containers/storage/pull/1772"] (at "containers-storage")

    // tar-split.
    TarSplitTail "tar-split-tail" "vbatts/tar-split" "v0.10.1" => "v0.10.2"
        "What follows the archive was read into memory in one piece (CVE-2017-14992)."
        ["https://github.com/vbatts/tar-split/issues/41" "https://github.com/moby/moby/issues/35075"] (at "tar-split")
    TarSplitEmptySegment "tar-split-empty-segment" "vbatts/tar-split" "v0.11.3" => "v0.11.4"
        "An empty segment was written at the end, which readers have to accept."
        ["https://github.com/vbatts/tar-split/issues/65"] (at "tar-split" "v0.11.3" => "v0.11.5")
        (not shown: "an empty segment is permitted, so the tar-splits that both write are right; the cases ask readers")
    TarSplitZeroRead "tar-split-zero-read" "vbatts/tar-split" "v0.11.4" => "v0.11.5"
        "A read that gives no bytes and no error was taken for the end, and padding was lost."
        ["https://github.com/vbatts/tar-split/issues/65"]
        (no case: "it shows in how the input is read, and operations get it whole")
    TarSplitNoEnd "tar-split-no-end" "vbatts/tar-split" "v0.9.13" => "v0.10.1"
        "A tar without end-of-archive blocks crashed the reader, and one with half of them came back changed or crashed it."
        ["https://github.com/vbatts/tar-split/commit/e527e70d2599"] (at "tar-split")
    TarSplitRawNames "tar-split-raw-names" "vbatts/tar-split" "v0.9.7" => "v0.9.8"
        "Names that are not UTF-8 were changed, and the file was looked up under another name."
        ["https://github.com/vbatts/tar-split/issues/17"]
        (not tested: "releases before v0.9.8 have another interface, which the adapter does not know")
    TarSplitLongLink "tar-split-long-link" "vbatts/tar-split" "v0.9.5" => "v0.9.6"
        "The raw bytes of GNU long names were lost, then overwritten."
        ["https://github.com/vbatts/tar-split/issues/7"]
        (not tested: "releases before v0.9.8 have another interface, which the adapter does not know")
    TarSplitNegativeSize "tar-split-negative-size" "vbatts/tar-split" "v0.9.6" => "v0.9.7"
        "A negative size crashed the reader."
        ["https://github.com/vbatts/tar-split/commit/576b27376207"]
        (not tested: "releases before v0.9.8 have another interface, which the adapter does not know")
    TarSplitPaxLength "tar-split-pax-length" "vbatts/tar-split" "v0.9.6" => "v0.9.7"
        "A PAX record whose length is not its own crashed the reader."
        ["https://github.com/vbatts/tar-split/commit/69de764807da"]
        (not tested: "releases before v0.9.8 have another interface, which the adapter does not know")
    TarSplitSparseLoop "tar-split-sparse-loop" "vbatts/tar-split" "v0.9.6" => "v0.9.7"
        "A malformed sparse map was read for ever."
        ["https://github.com/vbatts/tar-split/commit/55dceefe42a7"]
        (not tested: "releases before v0.9.8 have another interface, which the adapter does not know")
    TarSplitSparseCount "tar-split-sparse-count" "vbatts/tar-split" "v0.9.12" => "v0.9.13"
        "The number of parts of a sparse file overflowed and was allocated."
        ["https://github.com/vbatts/tar-split/commit/cf83c95de838"] (at "tar-split")
    TarSplitBase256 "tar-split-base-256" "vbatts/tar-split" "v0.9.12" => "v0.9.13"
        "Negative numbers in base 256 were misread, and large ones overflowed."
        ["https://github.com/vbatts/tar-split/commit/a04b4ddba428"] (at "tar-split")
    TarSplitHeaderOnly "tar-split-header-only" "vbatts/tar-split" "v0.9.12" => "v0.9.13"
        "Content was expected after headers of types that have none."
        ["https://github.com/vbatts/tar-split/commit/7500c932c721"] (at "tar-split")
    TarSplitLarge "tar-split-large" "vbatts/tar-split" "v0.10.2" => "v0.11.0"
        "Sizes of 8 GiB and more could not be read."
        ["https://github.com/vbatts/tar-split/issues/47" "https://github.com/moby/moby/issues/37581"] (at "tar-split")
    TarSplitExtensionLimit "tar-split-extension-limit" "vbatts/tar-split" "v0.11.6" => "v0.11.7"
        "Extension headers of any size were read into memory (CVE-2022-2879)."
        ["https://github.com/vbatts/tar-split/issues/76"] (at "tar-split")
    TarSplitSparseLimit "tar-split-sparse-limit" "vbatts/tar-split" "v0.12.1" => "v0.12.2"
        "Sparse maps of any size were read into memory (CVE-2025-58183)."
        ["https://github.com/moby/moby/pull/51471" "https://github.com/containers/storage/pull/2386"] (at "tar-split")

    TarSplitSparseChain "tar-split-sparse-chain" "vbatts/tar-split" "v0.12.2" => "v0.12.3"
        "The blocks of an old GNU sparse map were read into memory without a limit on their number."
        ["https://github.com/vbatts/tar-split/compare/v0.12.2...v0.12.3"] (at "tar-split" "v0.12.2" => "v0.12.3")
    TarSplitPaxRecords "tar-split-pax-records" "vbatts/tar-split" "v0.10.2" => "v0.11.0"
        "PAX records without a key, with a NUL or with no number where one is due were accepted, and sparse maps out of order."
        ["https://github.com/vbatts/tar-split/compare/v0.10.2...v0.11.0"] (at "tar-split" "v0.10.2" => "v0.11.0")
    TarSplitOldHeaders "tar-split-old-headers" "vbatts/tar-split" "v0.10.2" => "v0.11.0"
        "Times in an old GNU header, PAX records without a value and global PAX headers gave other names and files."
        ["https://github.com/vbatts/tar-split/compare/v0.10.2...v0.11.0"] (at "tar-split" "v0.10.2" => "v0.11.0")
    TarSplitShortPadding "tar-split-short-padding" "vbatts/tar-split" "v0.12.3" => none
        "From v0.11.0 on padding of the last file that the end of the tar cuts short is dropped, also where containers/storage writes a layer."
        ["https://github.com/podman-container-tools/container-libs/issues/391"] (at "tar-split" "v0.12.3" => none)

    // Readers of eStargz.
    EStargzRootLoop "estargz-root-loop" "containerd/stargz-snapshotter" "v0.2.0" => "estargz/v0.3.0"
        "An entry for the root became its own child."
        ["https://github.com/containerd/stargz-snapshotter/pull/221"] (at "estargz" "v0.2.0" => "v0.3.0")
    EStargzNames "estargz-names" "containerd/stargz-snapshotter" "v0.2.0" => "estargz/v0.3.0"
        "Names that begin with ./, / or ../ were looked up as they stand."
        ["https://github.com/containerd/stargz-snapshotter/pull/221"] (at "estargz" "v0.2.0" => "v0.3.0")

    EStargzNoExtra "estargz-no-extra" "containerd/stargz-snapshotter" "estargz/v0.18.2" => "estargz/v0.19.0"
        "A footer without an extra field crashed the reader."
        ["https://github.com/containerd/stargz-snapshotter/issues/2255"] (at "estargz" "v0.18.2" => "v0.19.0")
    EStargzHardLinkCircle "estargz-hard-link-circle" "containerd/stargz-snapshotter" "estargz/v0.18.2" => "estargz/v0.19.0"
        "A hard link that leads to itself was followed until the stack overflowed."
        ["https://github.com/containerd/stargz-snapshotter/compare/estargz/v0.18.2...estargz/v0.19.0"]
            (at "estargz" "v0.18.2" => "v0.19.0")
    EStargzEmptyLayer "estargz-empty-layer" "containerd/stargz-snapshotter" "estargz/v0.17.0" => "estargz/v0.18.0"
        "The root of a layer without entries could not be looked up."
        ["https://github.com/containerd/stargz-snapshotter/commit/9c317577a8f2"] (at "estargz" "v0.17.0" => "v0.18.0")
    EStargzTocTail "estargz-toc-tail" "containerd/stargz-snapshotter" "estargz/v0.19.1" => none
        "The digest of a TOC was taken of what the JSON parser had read, so that several TOCs had one digest."
        ["https://github.com/containerd/stargz-snapshotter/blob/estargz/v0.19.1/estargz/gzip.go"]
            (at "estargz" "v0.19.1" => none)

    // Decoders of zstd.
    FirstFrameOnly "first-frame-only" "composefs/composefs-rs" "v0.9.0" => "v0.9.1"
        "The decoder stopped at the end of the first frame and cut every layer short."
        ["https://github.com/composefs/composefs-rs/pull/381" "https://github.com/Nullus157/async-compression/issues/271" "https://github.com/bootc-dev/bootc/issues/2408"] (at "composefs-oci" "0.9.0" => "0.9.1")
    BrokenFrameLoop "broken-frame-loop" "Nullus157/async-compression" "0.4.42" => "0.4.43"
        "A damaged frame after the first was retried for ever."
        ["https://github.com/Nullus157/async-compression/pull/470"] (at "async-compression")
    FramesNotDrained "frames-not-drained" "ostreedev/ostree-rs-ext" "releases before March 2025" => none
        "A reader that stops at the end of the tar leaves the index unread, and whoever feeds it waits."
        ["https://github.com/bootc-dev/bootc/issues/1204" "https://github.com/bootc-dev/bootc/pull/1228"]
        (no case: "it shows in whether a pipe is drained, and operations get the blob whole")
    LibzstdEmptyBlock "libzstd-empty-block" "facebook/zstd" "v1.5.2" => "v1.5.4"
        "A compressed block without literals and sequences was refused."
        ["https://github.com/facebook/zstd/commit/43f21a600"]
        (not tested: "the reader of DataDog/zstd fails on these frames by itself, and no other adapter has both releases of libzstd")
    LibzstdFullBlock "libzstd-full-block" "facebook/zstd" "v1.5.2" => "v1.5.4"
        "A compressed block that takes exactly 128 KiB was refused."
        ["https://github.com/facebook/zstd/commit/ea2895cef" "https://github.com/facebook/zstd/pull/1689"] (at "datadog-zstd" "v1.5.2" => "v1.5.5")
    LibzstdNoSequences "libzstd-no-sequences" "facebook/zstd" "v1.5.5" => "v1.5.6"
        "A number of sequences of 0 that is written in two bytes was refused."
        ["https://github.com/facebook/zstd/commit/3732a08f5"]
        (not tested: "the reader of DataDog/zstd fails on these frames by itself, and no other adapter has both releases of libzstd")
    RuzstdNoSequences "ruzstd-no-sequences" "KillingSpark/zstd-rs" "v0.8.0" => "v0.8.1"
        "A number of sequences of 0 that is written in two bytes was refused."
        ["https://github.com/KillingSpark/zstd-rs/issues/83"] (at "ruzstd" "0.8.0" => "0.8.1")
    FzstdNoSequences "fzstd-no-sequences" "101arrowz/fzstd" "0.1.1" => none
        "A number of sequences of 0 that is written in two bytes is refused."
        ["https://github.com/101arrowz/fzstd"] (at "fzstd" "0.1.1" => none)
    LibzstdOffsetZero "libzstd-offset-zero" "facebook/zstd" "v1.5.5" => "v1.5.6"
        "A match whose offset comes to 0 was decoded with an offset of 1."
        ["https://github.com/facebook/zstd/commit/a9fb8d4c4" "https://github.com/facebook/zstd/commit/f06b18b3f"]
        (not tested: "the reader of DataDog/zstd fails on these frames by itself, and no other adapter has both releases of libzstd")
    LibzstdSequenceBits "libzstd-sequence-bits" "facebook/zstd" "v1.5.5" => "v1.5.6"
        "Bits of sequences that are missing were read as zeros."
        ["https://github.com/facebook/zstd/commit/ba5080702" "https://github.com/facebook/zstd/commit/b46236278"]
        (not tested: "the reader of DataDog/zstd fails on these frames by itself, and no other adapter has both releases of libzstd")
    KlauspostSequenceBits "klauspost-sequence-bits" "klauspost/compress" "v1.16.3" => "v1.16.4"
        "A multiple of 256 missing bits of sequences was read as zeros."
        ["https://github.com/klauspost/compress/pull/785"] (at "klauspost-zstd" "v1.16.3" => "v1.16.5")
    LibzstdReservedModes "libzstd-reserved-modes" "facebook/zstd" "v1.5.5" => "v1.5.6"
        "Reserved bits beside the modes of a block's tables were passed over."
        ["https://github.com/facebook/zstd/commit/468bb1737"]
        (not tested: "the reader of DataDog/zstd fails on these frames by itself, and no other adapter has both releases of libzstd")
    KlauspostReservedModes "klauspost-reserved-modes" "klauspost/compress" "v1.17.7" => "v1.17.8"
        "Reserved bits beside the modes of a block's tables were passed over."
        ["https://github.com/klauspost/compress/pull/885"] (at "klauspost-zstd")
    LibzstdWholeFrame "libzstd-whole-frame" "facebook/zstd" "v1.5.7" => none
        "The blocks of a frame that is given as a whole, with room for all of it, are not held against the window."
        ["https://github.com/facebook/zstd/blob/v1.5.7/lib/decompress/zstd_decompress.c"]
    KlauspostTinyTable "klauspost-tiny-table" "klauspost/compress" "v1.20.3" => none
        "An FSE table that ends less than 4 bytes before its block does is refused, as libzstd up to v1.3.4 did."
        ["https://github.com/facebook/zstd/pull/1146"] (at "klauspost-zstd" "v1.20.3" => none)
    KlauspostSizeZero "klauspost-size-zero" "klauspost/compress" "v1.15.0" => "v1.15.1"
        "A content size of 0 was taken for an unknown one."
        ["https://github.com/klauspost/compress/commit/96d0db7"] (at "klauspost-zstd")
    KlauspostBehindSequences "klauspost-behind-sequences" "klauspost/compress" "v1.15.0" => "v1.15.1"
        "Bytes of a block behind the number of sequences, where that is 0, were passed over."
        ["https://github.com/klauspost/compress/commit/531d692"] (at "klauspost-zstd")
    KlauspostBlockLimits "klauspost-block-limits" "klauspost/compress" "v1.14.4" => "v1.15.0"
        "Blocks above 128 KiB or above the window were decoded, missing bits of sequences were read as zeros, and one interface let a match reach into the frame before."
        ["https://github.com/klauspost/compress/commit/308a751"] (at "klauspost-zstd" "v1.14.4" => "v1.15.0")
    LegacyFrames "legacy-frames" "gyscos/zstd-rs and DataDog/zstd" "every release that is known" => none
        "Frames of zstd before v0.8 are decoded, since libzstd is built with them by default."
        ["https://github.com/gyscos/zstd-rs" "https://github.com/DataDog/zstd"]
    RuzstdUnchecked "ruzstd-unchecked" "KillingSpark/zstd-rs" "v0.9.1" => none
        "Checksum and content size of a frame are not compared with what it holds."
        ["https://github.com/KillingSpark/zstd-rs"] (at "ruzstd" "0.9.1" => none)
    FzstdUnchecked "fzstd-unchecked" "101arrowz/fzstd" "0.1.1" => none
        "Checksum, content size and dictionary id of a frame are not looked at, and input that is cut off is taken for whole."
        ["https://github.com/101arrowz/fzstd"] (at "fzstd" "0.1.1" => none)
    RuzstdWindow "ruzstd-window" "KillingSpark/zstd-rs" "v0.9.0" => "v0.9.1"
        "Windows above 100 MiB were refused, up to v0.8.3 in frames after the first only."
        ["https://github.com/KillingSpark/zstd-rs/issues/119"] (at "ruzstd" "0.9.0" => "0.9.1")
    PythonZstandardCut "python-zstandard-cut" "indygreg/python-zstandard" "0.25.0" => none
        "A reader of many frames ends without an error where its input is cut off."
        ["https://github.com/indygreg/python-zstandard"] (at "python-zstandard" "0.25.0" => none)
    SkippableFirst "skippable-first" "moby and containerd" "releases before autumn 2021" => none
        "A blob that begins with a skippable frame was not recognised as zstd."
        ["https://github.com/moby/moby/pull/42862" "https://github.com/containerd/containerd/pull/6177"]
    SkippableRefused "skippable-refused" "KillingSpark/zstd-rs" "0.3.0" => "0.3.1"
        "Skippable frames were an error."
        ["https://github.com/KillingSpark/zstd-rs/issues/33" "https://github.com/KillingSpark/zstd-rs/pull/37"] (at "ruzstd" "0.3.0" => "0.3.1")
    SkippableLast "skippable-last" "DataDog/zstd" "every release that is known" => none
        "A skippable frame at the end was an unexpected end of input."
        ["https://github.com/DataDog/zstd/issues/129"] (at "datadog-zstd" "v1.5.7" => none)

    // Readers of tar.
    LongNameNul "long-name-nul" "composefs/composefs-rs" "releases before v0.5.0" => "v0.5.0"
        "A GNU long name kept the NUL at its end."
        ["https://github.com/composefs/composefs-rs/commit/651b47f1396b"]
        (not tested: "releases before 0.7.0 read layers through the image proxy of skopeo only, and no function takes a blob")
    TokioTarPaxSize "tokio-tar-pax-size" "astral-sh/tokio-tar" "v0.5.5" => "v0.5.6"
        "The size in a PAX record did not count where the header has another, and content was read as headers (CVE-2025-62518)."
        ["https://github.com/advisories/GHSA-j5gw-2vrg-8fgx"]
        (not tested: "the crate reads tars and does nothing that an operation asks for, and no release that uses it has an adapter")
    TokioTarStateKept "tokio-tar-state-kept" "astral-sh/tokio-tar" "v0.6.0" => "v0.6.1"
        "The PAX size of one entry was kept for the next."
        ["https://github.com/advisories/GHSA-fp55-jw48-c537"]
        (not tested: "the crate reads tars and does nothing that an operation asks for, and no release that uses it has an adapter")
    TokioTarGnuSize "tokio-tar-gnu-size" "astral-sh/tokio-tar" "v0.6.1" => "v0.6.2"
        "The size in a PAX record was applied to the GNU long name behind it."
        ["https://github.com/advisories/GHSA-3cv2-h65g-fgmm" "https://github.com/composefs/tar-rs/pull/454"]
        (not tested: "the crate reads tars and does nothing that an operation asks for, and no release that uses it has an adapter")
    TokioTarRecordLines "tokio-tar-record-lines" "astral-sh/tokio-tar" "v0.6.2" => "v0.6.3"
        "PAX records were split at line feeds, which values may hold, and bytes behind the NUL of a GNU long name were kept."
        ["https://github.com/composefs/tar-rs/issues/428"]
        (not tested: "the crate reads tars and does nothing that an operation asks for, and no release that uses it has an adapter")
    TokioTarEmptyValue "tokio-tar-empty-value" "astral-sh/tokio-tar" "v0.6.3" => none
        "From v0.6.3 on a PAX record without a value is refused."
        ["https://github.com/confidential-containers/guest-components/issues/1737"]
    TarRsPaxSize "tar-rs-pax-size" "composefs/tar-rs" "0.4.44" => "0.4.45"
        "The size in a PAX record counted only where the header has none."
        ["https://github.com/composefs/tar-rs/commit/de1a587"]
        (not tested: "the crate reads tars and does nothing that an operation asks for, and no release that uses it has an adapter")
    ComposefsTail "composefs-tail" "composefs/composefs-rs" "v0.6.0" => "v0.7.0"
        "What follows the end-of-archive blocks was dropped on import."
        ["https://github.com/composefs/composefs-rs/issues/290"]
        (not tested: "releases before 0.7.0 read layers through the image proxy of skopeo only, and no function takes a blob")
    ComposefsGlobalHeader "composefs-global-header" "composefs/composefs-rs" "releases before v0.6.0" => "v0.6.0"
        "A global PAX header crashed the reader."
        ["https://github.com/composefs/composefs-rs/commit/6503023"]
        (not tested: "releases before 0.7.0 read layers through the image proxy of skopeo only, and no function takes a blob")
    LinkWithSize "link-with-size" "vbatts/tar-split" "v0.12.3" => none
        "The size of a header without content is kept, and assembling asks for content."
        ["https://github.com/bazel-contrib/rules_img/pull/63"] (at "tar-split")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Bug;

    #[test]
    fn records_are_complete() {
        let ids: BTreeSet<&str> = Bug::ALL.iter().map(|bug| bug.id()).collect();
        assert_eq!(ids.len(), Bug::ALL.len());
        for bug in Bug::ALL {
            let record = bug.record();
            assert!(
                record.text.ends_with('.') && !record.text.contains(". "),
                "{}",
                bug.id()
            );
            assert!(!record.links.is_empty(), "{}", bug.id());
            assert!(
                record.links.iter().all(|link| link.starts_with("https://github.com/")),
                "{}",
                bug.id()
            );
            assert_ne!(Some(record.last), record.fixed, "{}", bug.id());
        }
    }
}
