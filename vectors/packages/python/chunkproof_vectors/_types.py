"""Inputs and outputs of the operations. Fields have the names of the case files; a field with a default may hold nothing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field


@dataclass(frozen=True)
class FooterInput:
    tail: bytes
    """The last 72 bytes of the blob, or all of a smaller one."""
    blob_size: int


@dataclass(frozen=True)
class Position:
    offset: int
    """That of the payload, 8 bytes past the start of its skippable frame."""
    length: int
    uncompressed: int


@dataclass(frozen=True)
class FooterOutput:
    layout: str
    """v40, v56 or v64."""
    toc: Position
    tar_split: Position | None = None


@dataclass(frozen=True)
class AnnotationsInput:
    annotations: dict[str, str]


@dataclass(frozen=True)
class AnnotationsOutput:
    index: str
    """none, zstd:chunked or estargz."""
    toc_digest: str | None = None
    toc: Position | None = None
    tar_split: Position | None = None


@dataclass(frozen=True)
class TocInput:
    json: bytes
    dialect: str


@dataclass(frozen=True)
class Chunk:
    offset: int
    """The start of its frames in the blob."""
    chunk_offset: int
    """The start in the file."""
    size: int
    zeros: bool
    """Whether it is known to be all zeros."""
    end_offset: int | None = None
    inner_offset: int | None = None
    digest: str = ""


@dataclass(frozen=True)
class Entry:
    type: str
    """reg, dir, symlink, hardlink, char, block or fifo."""
    name: str
    """The path from the root, cleaned."""
    mode: int
    size: int
    uid: int
    gid: int
    link_name: str = ""
    user_name: str = ""
    group_name: str = ""
    modtime: str = ""
    """UTC as in RFC 3339, with at most nine digits of a fraction and no trailing zeros in it."""
    accesstime: str = ""
    changetime: str = ""
    dev_major: int = 0
    dev_minor: int = 0
    xattrs: dict[str, bytes] = field(default_factory=dict)
    digest: str = ""
    chunks: list[Chunk] = field(default_factory=list)


@dataclass(frozen=True)
class TocOutput:
    entries: list[Entry]
    tar_split_digest: str | None = None


@dataclass(frozen=True)
class TarSplitInput:
    json: bytes


@dataclass(frozen=True)
class TarSplitFile:
    name: bytes
    size: int
    crc64: str = ""
    """16 lower-case hexadecimal digits, and empty without a payload."""


@dataclass(frozen=True)
class TarSplitEntry:
    """One of the two."""

    segment: bytes | None = None
    file: TarSplitFile | None = None


@dataclass(frozen=True)
class TarSplitOutput:
    entries: list[TarSplitEntry]
    """Without empty segments."""


@dataclass(frozen=True)
class File:
    name: bytes
    content: bytes


@dataclass(frozen=True)
class AssembleInput:
    tar_split: bytes
    files: list[File]


@dataclass(frozen=True)
class TarInput:
    tar: bytes


@dataclass(frozen=True)
class TarOutput:
    sha256: str
    """64 lower-case hexadecimal digits."""
    size: int

    @classmethod
    def of(cls, tar: bytes) -> TarOutput:
        """A tar as output."""
        return cls(hashlib.sha256(tar).hexdigest(), len(tar))


@dataclass(frozen=True)
class DecompressInput:
    blob: bytes


@dataclass(frozen=True)
class IndexInput:
    blob: bytes
    annotations: dict[str, str]
    media_type: str | None = None
    """None where the descriptor is not known."""


@dataclass(frozen=True)
class IndexOutput:
    toc_digest: str
    entries: list[Entry]


@dataclass(frozen=True)
class ReconstructInput:
    blob: bytes
    annotations: dict[str, str]
    media_type: str | None = None
    diff_id: str | None = None
    """None where the image is not known."""


@dataclass(frozen=True)
class ReconstructOutput:
    toc_digest: str
    sha256: str
    size: int


@dataclass(frozen=True)
class EStargzFooterInput:
    tail: bytes
    """The last 51 bytes of the blob, or all of a smaller one."""
    blob_size: int


@dataclass(frozen=True)
class EStargzFooterOutput:
    layout: str
    """estargz, legacy or external."""
    toc_offset: int | None = None
    """None if the TOC is external."""


@dataclass(frozen=True)
class EStargzTocInput:
    json: bytes


@dataclass(frozen=True)
class EStargzTocOutput:
    entries: list[Entry]


@dataclass(frozen=True)
class TreeEntry:
    """One path of a tree. What does not apply to its type is None or empty."""

    path: bytes
    """From the root, cleaned, and empty for the root."""
    type: str
    """reg, dir, symlink, char, block or fifo."""
    uid: int
    gid: int
    mtime: str
    """Seconds since 1970 in decimal, with at most nine digits of a fraction and no trailing zeros in it."""
    mode: int | None = None
    """None of a symbolic link."""
    size: int | None = None
    sha256: str = ""
    """Of the content of a regular file, 64 lower-case hexadecimal digits."""
    link: bytes | None = None
    """The target of a symbolic link."""
    dev_major: int | None = None
    dev_minor: int | None = None
    xattrs: dict[str, bytes] = field(default_factory=dict)
    """Values by the base64 of their names."""


@dataclass(frozen=True)
class TreeOutput:
    entries: list[TreeEntry]
    """In the order of the bytes of their paths, each path once."""
