//go:build inside

package main

import (
	"errors"
	"io"
	"math"
	"path"
	"strconv"
	"time"

	chunkproof "chunkproof.example/kit"
	"github.com/opencontainers/go-digest"
	"go.podman.io/storage/pkg/chunked"
)

// The operations here need what ./build adds to the library: _inside.
func init() {
	operations["layer/index"] = index
	operations["toc/parse"] = func(_ string, asked *chunkproof.Input) (object, error) { return parseTOC(asked, false) }
	operations["estargz/toc"] = func(_ string, asked *chunkproof.Input) (object, error) {
		output, err := parseTOC(asked, true)
		delete(output, "tar_split_digest")
		return output, err
	}
	operations["estargz/footer"] = parseEstargzFooter
}

// tolerant is a store that takes layers without a tar-split, too.
func tolerant(scratch string) *store {
	return &store{root: scratch, options: map[string]string{
		"enable_partial_images":                       "true",
		"insecure_allow_unpredictable_image_contents": "true",
	}}
}

// index is what the library knows when it would begin to fetch files.
func index(scratch string, asked *chunkproof.Input) (object, error) {
	done := make(chan struct{})
	defer close(done)
	blob := asked.Blob
	differ, err := newDiffer(tolerant(scratch), digest.FromBytes(blob), int64(len(blob)), asked.Annotations, source{blob, done})
	if err != nil {
		return nil, err
	}
	defer closeDiffer(differ)
	toc, err := chunked.ChunkproofIndex(differ)
	if err != nil {
		return nil, err
	}
	_, tocDigest, err := indexOf(asked.Annotations)
	if err != nil {
		return nil, err
	}
	return object{"toc_digest": tocDigest, "entries": entriesOf(toc)}, nil
}

func parseTOC(asked *chunkproof.Input, isEstargz bool) (object, error) {
	toc, err := chunked.ChunkproofParse(asked.JSON, isEstargz)
	if err != nil {
		return nil, err
	}
	return object{"tar_split_digest": tarSplitDigest(toc), "entries": entriesOf(toc)}, nil
}

// entriesOf are the entries of the TOC as the library gives it to its caller, with the chunks in their files.
func entriesOf(toc *chunked.ChunkproofTOC) []object {
	entries := []object{}
	for rest := toc.Entries; len(rest) != 0; {
		parts := 1
		for parts < len(rest) && rest[parts].Type == "chunk" {
			parts++
		}
		entries = append(entries, entryOf(rest[:parts]))
		rest = rest[parts:]
	}
	return entries
}

func entryOf(parts []chunked.ChunkproofEntry) object {
	entry := &parts[0]
	output := object{
		"type": entry.Type,
		// As the library cleans it, and without the slash that it puts first.
		"name": path.Clean("/" + entry.Name)[1:],
		"mode": signed(entry.Mode), "size": decimal(entry.Size),
		"uid": signed(int64(entry.UID)), "gid": signed(int64(entry.GID)),
	}
	// The library has the fields of every type as the TOC has them, and acts on these by type.
	switch entry.Type {
	case "symlink", "hardlink":
		if entry.Linkname != "" {
			output["link_name"] = entry.Linkname
		}
	case "char", "block":
		output["dev_major"], output["dev_minor"] = signed(entry.Devmajor), signed(entry.Devminor)
	}
	if len(entry.Xattrs) != 0 {
		output["xattrs"] = entry.Xattrs
	}
	for name, at := range timesOf(entry) {
		// The library takes these two for no time at all.
		if at != nil && !at.IsZero() && !at.Equal(time.Unix(0, 0)) {
			output[name] = at.UTC().Format(time.RFC3339Nano)
		}
	}
	// From v1.51 on the library puts in the digest of nothing where an empty file has none.
	if isPutIn := entry.Size == 0 && minor() >= 51 && entry.Digest == digest.FromString("").String(); entry.Type == "reg" && entry.Digest != "" && !isPutIn {
		output["digest"] = entry.Digest
	}
	if entry.Type == "reg" && entry.Size != 0 {
		output["chunks"] = chunksOf(parts)
	}
	return output
}

func chunksOf(parts []chunked.ChunkproofEntry) []object {
	chunks, rest := []object{}, parts[0].Size
	for i := range parts {
		part := &parts[i]
		// As in ApplyDiff.
		size := rest
		if part.ChunkSize > 0 {
			size = part.ChunkSize
		}
		rest -= size
		output := object{
			"offset": decimal(part.Offset), "chunk_offset": decimal(part.ChunkOffset), "size": decimal(size), "zeros": isZeros(part),
		}
		if parts[0].EndOffset != 0 {
			end := parts[0].EndOffset
			if i+1 < len(parts) {
				end = parts[i+1].Offset
			}
			output["end_offset"] = decimal(end)
		}
		if part.ChunkDigest != "" {
			output["digest"] = part.ChunkDigest
		}
		chunks = append(chunks, output)
	}
	return chunks
}

// decimal has no sign: the library, too, asks for a range with a negative offset as for one with a huge offset.
func decimal(number int64) string { return strconv.FormatUint(uint64(number), 10) }

// signed is for fields that may be negative.
func signed(number int64) string { return strconv.FormatInt(number, 10) }

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// errEnough ends a reading at the first request that is not answered.
var errEnough = errors.New("no more of the blob is there")

// end is the end of a blob: requests for it are answered, the first other one is kept.
type end struct {
	source
	start uint64
	asked []chunked.ImageSourceChunk
}

func (e *end) GetBlobAt(chunks []chunked.ImageSourceChunk) (chan io.ReadCloser, chan error, error) {
	if len(chunks) == 1 && len(e.blob) != 0 && chunks[0].Offset >= e.start && e.asked == nil {
		inside := chunks[0]
		inside.Offset -= e.start
		e.start = math.MaxUint64
		return e.source.GetBlobAt([]chunked.ImageSourceChunk{inside})
	}
	e.asked = chunks
	return nil, nil, errEnough
}

const estargzDigest = "containerd.io/snapshot/stargz/toc.digest"

// parseEstargzFooter sees the offset in what is asked for after the footer.
func parseEstargzFooter(scratch string, asked *chunkproof.Input) (object, error) {
	done := make(chan struct{})
	defer close(done)
	tail := &end{source: source{asked.Tail, done}, start: asked.BlobSize - uint64(len(asked.Tail))}
	annotations := map[string]string{estargzDigest: digest.FromString("").String()}
	_, err := newDiffer(tolerant(scratch), digest.FromString(""), int64(asked.BlobSize), annotations, tail)
	if !errors.Is(err, errEnough) {
		return nil, err
	}
	return object{"layout": "estargz", "toc_offset": strconv.FormatUint(tail.asked[0].Offset, 10)}, nil
}

// positions puts those that the library parsed into an output.
func positions(output object) {
	for i, name := range []string{"toc", "tar_split"} {
		// The library takes an offset of 0 for no tar-split.
		if i < len(chunked.ChunkproofPositions) && (i == 0 || chunked.ChunkproofPositions[i].Offset > 0) {
			position := chunked.ChunkproofPositions[i]
			output[name] = object{
				"offset":       strconv.FormatUint(position.Offset, 10),
				"length":       strconv.FormatUint(position.Length, 10),
				"uncompressed": strconv.FormatUint(position.LengthUncompressed, 10),
			}
		}
	}
}

// chunkedDigest is the annotation by which the version under test knows a layer.
func chunkedDigest() string {
	if minor() < 44 {
		return "io.containers.zstd-chunked.manifest-checksum"
	}
	return "io.github.containers.zstd-chunked.manifest-checksum"
}
