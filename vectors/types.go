package vectors

import (
	"crypto/sha256"
	"encoding/hex"
)

// FooterInput is the end of a zstd:chunked blob.
type FooterInput struct {
	// Tail is the last 72 bytes of the blob, or all of a smaller one.
	Tail     Bytes  `json:"tail"`
	BlobSize uint64 `json:"blob_size,string"`
}

// Position is where a payload is in the blob.
type Position struct {
	// Offset is that of the payload, 8 bytes past the start of its skippable frame.
	Offset       uint64 `json:"offset,string"`
	Length       uint64 `json:"length,string"`
	Uncompressed uint64 `json:"uncompressed,string"`
}

// FooterOutput is what a footer says.
type FooterOutput struct {
	// Layout is v40, v56 or v64.
	Layout string   `json:"layout"`
	TOC    Position `json:"toc"`
	// TarSplit is nil if the footer names none.
	TarSplit *Position `json:"tar_split"`
}

// AnnotationsInput is the annotations of a descriptor.
type AnnotationsInput struct {
	Annotations map[string]string `json:"annotations"`
}

// AnnotationsOutput is what annotations say.
type AnnotationsOutput struct {
	// Index is none, zstd:chunked or estargz.
	Index     string    `json:"index"`
	TOCDigest *string   `json:"toc_digest"`
	TOC       *Position `json:"toc"`
	TarSplit  *Position `json:"tar_split"`
}

// TOCInput is a decompressed TOC.
type TOCInput struct {
	JSON    Bytes  `json:"json"`
	Dialect string `json:"dialect"`
}

// TOCOutput is what a TOC says.
type TOCOutput struct {
	TarSplitDigest *string `json:"tar_split_digest"`
	Entries        []Entry `json:"entries"`
}

// Entry is an entry of a TOC.
type Entry struct {
	// Type is reg, dir, symlink, hardlink, char, block or fifo.
	Type string `json:"type"`
	// Name is the path from the root, cleaned.
	Name      string `json:"name"`
	LinkName  string `json:"link_name,omitempty"`
	Mode      int64  `json:"mode,string"`
	Size      uint64 `json:"size,string"`
	UID       int64  `json:"uid,string"`
	GID       int64  `json:"gid,string"`
	UserName  string `json:"user_name,omitempty"`
	GroupName string `json:"group_name,omitempty"`
	// ModTime is in UTC as in RFC 3339, with at most nine digits of a fraction and no trailing zeros in it.
	ModTime    string           `json:"modtime,omitempty"`
	AccessTime string           `json:"accesstime,omitempty"`
	ChangeTime string           `json:"changetime,omitempty"`
	DevMajor   int64            `json:"dev_major,omitempty,string"`
	DevMinor   int64            `json:"dev_minor,omitempty,string"`
	Xattrs     map[string]Bytes `json:"xattrs,omitempty"`
	Digest     string           `json:"digest,omitempty"`
	Chunks     []Chunk          `json:"chunks,omitempty"`
}

// Chunk is a chunk of a file.
type Chunk struct {
	// Offset is the start of its frames in the blob.
	Offset      uint64  `json:"offset,string"`
	EndOffset   *uint64 `json:"end_offset,omitempty,string"`
	InnerOffset *uint64 `json:"inner_offset,omitempty,string"`
	// ChunkOffset is the start in the file.
	ChunkOffset uint64 `json:"chunk_offset,string"`
	Size        uint64 `json:"size,string"`
	Digest      string `json:"digest,omitempty"`
	// Zeros is whether the chunk is known to be all zeros.
	Zeros bool `json:"zeros"`
}

// TarSplitInput is a decompressed tar-split.
type TarSplitInput struct {
	JSON Bytes `json:"json"`
}

// TarSplitOutput is what a tar-split says, without empty segments.
type TarSplitOutput struct {
	Entries []TarSplitEntry `json:"entries"`
}

// TarSplitEntry is one of the two.
type TarSplitEntry struct {
	// Segment is raw bytes of the tar.
	Segment *Bytes `json:"segment,omitempty"`
	// File is an entry of the tar.
	File *TarSplitFile `json:"file,omitempty"`
}

// TarSplitFile is a file entry of a tar-split.
type TarSplitFile struct {
	Name Bytes  `json:"name"`
	Size uint64 `json:"size,string"`
	// CRC64 is 16 lower-case hexadecimal digits, and empty without a payload.
	CRC64 string `json:"crc64,omitempty"`
}

// AssembleInput is a decompressed tar-split with the content of its files.
type AssembleInput struct {
	TarSplit Bytes  `json:"tar_split"`
	Files    []File `json:"files"`
}

// File is the content of a file.
type File struct {
	Name    Bytes `json:"name"`
	Content Bytes `json:"content"`
}

// TarInput is a tar.
type TarInput struct {
	Tar Bytes `json:"tar"`
}

// TarOutput is a tar by its digest.
type TarOutput struct {
	// SHA256 is 64 lower-case hexadecimal digits.
	SHA256 string `json:"sha256"`
	Size   uint64 `json:"size,string"`
}

// TarOf returns a tar as output.
func TarOf(tar []byte) TarOutput {
	digest := sha256.Sum256(tar)
	return TarOutput{hex.EncodeToString(digest[:]), uint64(len(tar))}
}

// DecompressInput is a compressed layer.
type DecompressInput struct {
	Blob Bytes `json:"blob"`
}

// IndexInput is a layer with what its descriptor says.
type IndexInput struct {
	Blob        Bytes             `json:"blob"`
	Annotations map[string]string `json:"annotations"`
	// MediaType is nil where the descriptor is not known.
	MediaType *string `json:"media_type"`
}

// IndexOutput is the index of a layer.
type IndexOutput struct {
	TOCDigest string  `json:"toc_digest"`
	Entries   []Entry `json:"entries"`
}

// ReconstructInput is a layer with what its descriptor and its image say.
type ReconstructInput struct {
	IndexInput
	// DiffID is nil where the image is not known.
	DiffID *string `json:"diff_id"`
}

// ReconstructOutput is the tar of a layer.
type ReconstructOutput struct {
	TOCDigest string `json:"toc_digest"`
	TarOutput
}

// EStargzFooterInput is the end of an eStargz blob.
type EStargzFooterInput struct {
	// Tail is the last 51 bytes of the blob, or all of a smaller one.
	Tail     Bytes  `json:"tail"`
	BlobSize uint64 `json:"blob_size,string"`
}

// EStargzFooterOutput is what a footer of eStargz says.
type EStargzFooterOutput struct {
	// Layout is estargz, legacy or external.
	Layout string `json:"layout"`
	// TOCOffset is nil if the TOC is external.
	TOCOffset *uint64 `json:"toc_offset,string"`
}

// EStargzTOCInput is a TOC of eStargz.
type EStargzTOCInput struct {
	JSON Bytes `json:"json"`
}

// EStargzTOCOutput is what a TOC of eStargz says.
type EStargzTOCOutput struct {
	Entries []Entry `json:"entries"`
}

// TreeOutput is the tree that a reader of tars creates.
type TreeOutput struct {
	// Entries are in the order of the bytes of their paths, each path once.
	Entries []TreeEntry `json:"entries"`
}

// TreeEntry is one path of a tree. What does not apply to its type is nil or empty.
type TreeEntry struct {
	// Path is from the root, cleaned, and empty for the root.
	Path Bytes `json:"path"`
	// Type is reg, dir, symlink, char, block or fifo.
	Type string `json:"type"`
	// Size and SHA256 are those of the content of a regular file, the digest as 64 lower-case hexadecimal digits.
	Size   *uint64 `json:"size,omitempty,string"`
	SHA256 string  `json:"sha256,omitempty"`
	// Link is the target of a symbolic link.
	Link *Bytes `json:"link,omitempty"`
	// Mode is nil of a symbolic link.
	Mode *int64 `json:"mode,omitempty,string"`
	UID  int64  `json:"uid,string"`
	GID  int64  `json:"gid,string"`
	// MTime is seconds since 1970 in decimal, with at most nine digits of a fraction and no trailing zeros in it.
	MTime string `json:"mtime"`
	// DevMajor and DevMinor are the numbers of a device.
	DevMajor *int64 `json:"dev_major,omitempty,string"`
	DevMinor *int64 `json:"dev_minor,omitempty,string"`
	// Xattrs are values by the base64 of their names.
	Xattrs map[string]Bytes `json:"xattrs,omitempty"`
}
