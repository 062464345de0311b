//! The points at which tar readers differ, each a choice of TAR-07 or TAR-08 that shows in the tar.

use std::fmt;

use crate::rules::Rule;

/// One macro keeps the enum, the ids of the choices and the two readings together.
macro_rules! points {
    ($($variant:ident $choice:literal $rule:ident $reference:literal $others:literal)*) => {
        /// A point at which tar readers differ. Its id is the choice that the format leaves to a reader there.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Point {
            $(#[doc = concat!("`", $choice, "`: ", $others, ".")] $variant,)*
        }

        impl Point {
            /// Every point, in the order of the specification.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The id of the choice, such as `tar-two-names`.
            pub const fn choice(self) -> &'static str {
                match self { $(Self::$variant => $choice,)* }
            }

            /// The rule whose choice it is: TAR-07 for another reading of the bytes, TAR-08 for another tree of the entries.
            pub const fn rule(self) -> Rule {
                match self { $(Self::$variant => Rule::$rule,)* }
            }

            /// What Go does: its `archive/tar`, and for TAR-08 `Unpack` of containers/storage, which makes a tree of what that
            /// reads. A predicate.
            pub const fn go(self) -> &'static str {
                match self { $(Self::$variant => $reference,)* }
            }

            /// What others do, by name. A clause.
            pub const fn others(self) -> &'static str {
                match self { $(Self::$variant => $others,)* }
            }
        }
    };
}

points! {
    GlobalRecords "tar-global-records" TarReading
        "applies the records of a global PAX header to no entry"
        "GNU tar and Python apply them to all entries after it"
    GlobalSize "tar-global-size" TarReading
        "applies the size in a global PAX header to no entry"
        "GNU tar and Python apply it to all entries after it, so that GNU tar reads content as headers"
    GlobalSizeZero "tar-global-size-0" TarReading
        "applies a size of 0 in a global PAX header to no entry"
        "Python leaves the next file without content, and GNU tar rejects the tar"
    GlobalBetween "tar-global-between" TarReading
        "drops an extension header that a global PAX header follows"
        "GNU tar, bsdtar and Python apply it to the next entry"
    GlobalBetweenTwo "tar-global-between-two" TarReading
        "drops a PAX header that a global one follows"
        "Python joins its records with those of the PAX header after that, and bsdtar rejects the tar"
    SlashFile "tar-slash-file" TarReading
        "reads a regular file whose name ends with a slash as a file"
        "GNU tar and bsdtar make a directory and read the content as headers"
    SlashContent "tar-slash-content" TarReading
        "reads a regular file whose name ends with a slash as a file"
        "bsdtar makes a directory and skips the content, and GNU tar rejects the tar"
    LinkBody "tar-link-body" TarReading
        "reads no content after a hard link, whatever its size"
        "bsdtar reads what follows as content, since the tar has PAX headers"
    TwoNames "tar-two-names" TarReading
        "reads the GNU long name and not the PAX record"
        "GNU tar reads the PAX record, and Python and bsdtar the first of the two"
    NamesRepeated "tar-names-repeated" TarReading
        "reads the last of several GNU long names"
        "Python reads the first"
    PaxHeadersRepeated "tar-pax-headers-repeated" TarReading
        "reads the last of several PAX headers"
        "Python joins their records, and bsdtar rejects the tar"
    EmptyLongName "tar-empty-long-name" TarReading
        "reads the name in the header where the GNU long name is empty"
        "Python reads an empty name, and GNU tar and bsdtar reject the tar"
    EmptyLongLink "tar-empty-long-link" TarReading
        "reads the link target in the header where the GNU long link target is empty"
        "GNU tar, bsdtar and Python reject the tar"
    SignedValues "tar-signed-values" TarReading
        "reads a number with a plus sign in a PAX record"
        "bsdtar reads 0, and GNU tar rejects the tar"
    EmptyValues "tar-empty-values" TarReading
        "reads the number in the header where the PAX record is empty"
        "Python and bsdtar read 0, and GNU tar rejects the tar"
    EmptyLinkRecord "tar-empty-link-record" TarReading
        "reads the link target in the header where the PAX record is empty"
        "GNU tar and Python reject the tar"
    SparseName "tar-sparse-name" TarReading
        "ignores the record GNU.sparse.name of a file that is not sparse"
        "GNU tar, bsdtar and Python read it as the name"
    SparseSize "tar-sparse-size" TarReading
        "ignores the records GNU.sparse.size and GNU.sparse.realsize of a file that is not sparse"
        "GNU tar and Python read them as the size, and bsdtar rejects the tar"
    SparseMajor "tar-sparse-major" TarReading
        "reads a file with an unknown version of the sparse formats as an ordinary file"
        "GNU tar and bsdtar reject the tar"
    SparseMinor "tar-sparse-minor" TarReading
        "ignores the record GNU.sparse.minor without GNU.sparse.major"
        "bsdtar rejects the tar"
    StarRealsizeSmaller "tar-star-realsize-smaller" TarReading
        "ignores the record SCHILY.realsize"
        "bsdtar rejects a value below the size of the file"
    StarRealsizeLarger "tar-star-realsize-larger" TarReading
        "ignores the record SCHILY.realsize"
        "bsdtar fills the file with zeros up to that size"
    StarPrefix "tar-star-prefix" TarReading
        "reads a prefix of star that fills its field up to where the times begin"
        "GNU tar, bsdtar and Python read the times as the end of the prefix"
    GnuPrefix "tar-gnu-prefix" TarReading
        "reads text in the time fields of a GNU header as a prefix of the name"
        "GNU tar and bsdtar ignore it"
    ChecksumRest "tar-checksum-rest" TarReading
        "ignores what follows the NUL of the checksum"
        "bsdtar rejects some of these headers"
    LibarchiveXattrs "tar-libarchive-xattrs" TarReading
        "ignores the records LIBARCHIVE.xattr"
        "libarchive reads them as extended attributes"
    Escape "tar-escape" TarTree
        "rejects a name that leads out of the root"
        "readers that clean the name make it within the root"
    InnerDotDot "tar-inner-dot-dot" TarTree
        "cleans a name with .. in it"
        "GNU tar and bsdtar reject it"
    LongNames "tar-long-names" TarTree
        "rejects a name of more than 255 bytes, and a path or link target of more than 4,095, which Linux cannot make"
        "readers that only list a tar accept it"
    EmptyName "tar-empty-name" TarTree
        "leaves out an entry without a name"
        "GNU tar and bsdtar reject the tar"
    RootFile "tar-root-file" TarTree
        "leaves out a regular file in the place of the root"
        "GNU tar rejects the tar"
    RootEmptyFile "tar-root-empty-file" TarTree
        "leaves out an empty file in the place of the root"
        "GNU tar reads it as the root"
    RootOther "tar-root-other" TarTree
        "leaves out a link or a device in the place of the root"
        "GNU tar and bsdtar reject the tar"
    EmptyTarget "tar-empty-target" TarTree
        "rejects a symbolic link without a target"
        "bsdtar makes an empty file"
    MissingTarget "tar-missing-target" TarTree
        "rejects a hard link whose target is a directory or comes after it"
        "readers that leave the link out accept the tar"
    LinkToItself "tar-link-to-itself" TarTree
        "rejects a hard link of a name to itself"
        "GNU tar keeps the file"
    BelowFile "tar-below-file" TarTree
        "rejects an entry below what is not a directory"
        "readers that put a directory in its place accept the tar"
    BelowDangling "tar-below-dangling" TarTree
        "rejects an entry below a symbolic link that leads to no directory"
        "readers that put a directory in its place accept the tar"
    ReplacedDirectory "tar-replaced-directory" TarTree
        "replaces a directory and all that is in it"
        "GNU tar and bsdtar reject the tar"
    OtherTypes "tar-other-types" TarTree
        "rejects an entry of a type that POSIX does not name"
        "GNU tar and Python make a regular file"
    SolarisAcl "tar-solaris-acl" TarTree
        "rejects a Solaris access control list"
        "GNU tar and Python make a regular file"
    SolarisExtended "tar-solaris-extended" TarTree
        "rejects a Solaris extended header"
        "GNU tar, bsdtar and Python read it as a PAX header"
    VolumeLabel "tar-volume-label" TarTree
        "rejects a GNU volume label"
        "GNU tar and bsdtar leave it out, and Python makes a regular file"
    DirectoryListing "tar-directory-listing" TarTree
        "rejects the listing of a directory in a GNU incremental backup"
        "GNU tar and bsdtar make the directory, and Python a regular file"
    Continuation "tar-continuation" TarTree
        "rejects the continuation of a file from another GNU volume"
        "bsdtar and Python make a regular file"
    LargeOwner "tar-large-owner" TarTree
        "keeps an owner that is negative or needs more than 32 bits"
        "others use the lower 32 bits or reject the tar"
    LargeAttributes "tar-large-attributes" TarTree
        "rejects an extended attribute without a name, with a name of more than 255 bytes or with a value of more than 65,536, which Linux cannot make"
        "GNU tar makes the file without the attribute"
    WhiteoutName "tar-whiteout-names" TarTree
        "rejects a whiteout that names nothing, . or .."
        "containers/storage v1.60 removes the directory that it is in, or the one above, and tar readers make a file"
    WhiteoutBeside "tar-whiteout-beside" TarTree
        "rejects a whiteout after an entry of its name in the same layer, and keeps such an entry after the whiteout"
        "go-containerregistry follows the one that comes first"
    LateOpaque "tar-late-opaque" TarTree
        "keeps what the same layer has in a directory before the opaque whiteout of it"
        "composefs-oci removes it"
    BelowWhiteout "tar-below-whiteout" TarTree
        "makes a directory of the name of a whiteout for an entry below it"
        "composefs-oci rejects the layer"
    OverlayDevice "tar-overlay-devices" TarTree
        "makes a character device 0, 0, which overlayfs takes for a whiteout"
        "composefs hides it from overlayfs, so that the container has the device"
    OverlayAttribute "tar-overlay-attributes" TarTree
        "makes an attribute with which overlayfs hides or moves what other layers have"
        "composefs hides it from overlayfs"
}

impl Point {
    /// Adds the point to those of an entry, once.
    pub(in crate::format::tar) fn add_to(self, points: &mut Vec<Self>) {
        if !points.contains(&self) {
            points.push(self);
        }
    }

    /// Who does what [`Self::go`] states.
    const fn reference(self) -> &'static str {
        match self.rule() {
            Rule::TarTree => "containers/storage",
            _ => "Go's archive/tar",
        }
    }
}

/// Who reads what, as a sentence without a full stop.
impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}; {}", self.reference(), self.go(), self.others())
    }
}
