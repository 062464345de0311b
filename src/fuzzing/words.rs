//! Words of the format, for those that read it a second time and those that change it.

/// The keys of an entry of a TOC.
pub(crate) const TOC_KEYS: [&str; 23] = [
    "type",
    "name",
    "linkName",
    "mode",
    "size",
    "uid",
    "gid",
    "userName",
    "groupName",
    "modtime",
    "accesstime",
    "changetime",
    "devMajor",
    "devMinor",
    "xattrs",
    "digest",
    "offset",
    "endOffset",
    "chunkSize",
    "chunkOffset",
    "chunkDigest",
    "chunkType",
    "innerOffset",
];

/// The types of an entry and of a chunk.
pub(crate) const TOC_TYPES: [&str; 9] = [
    "reg", "dir", "symlink", "hardlink", "char", "block", "fifo", "chunk", "zeros",
];

/// Keys of PAX records, and two that only look like some.
pub(crate) const PAX_KEYS: [&str; 22] = [
    "path",
    "linkpath",
    "size",
    "uid",
    "gid",
    "uname",
    "gname",
    "mtime",
    "atime",
    "ctime",
    "SCHILY.xattr.user.a",
    "LIBARCHIVE.xattr.user.a",
    "GNU.sparse.major",
    "GNU.sparse.minor",
    "GNU.sparse.name",
    "GNU.sparse.realsize",
    "GNU.sparse.numblocks",
    "GNU.sparse.map",
    "GNU.sparse.size",
    "comment",
    "",
    "SCHILY.xattr.",
];
