// Package chunked is the library's. The files here give the adapter what it does not export.
package chunked

import (
	"errors"

	graphdriver "go.podman.io/storage/drivers"
)

// ChunkproofPosition is one that was parsed from annotations or a footer.
type ChunkproofPosition struct{ Offset, Length, LengthUncompressed uint64 }

// ChunkproofPositions are those of TOC and tar-split that were parsed last. ./build adds the line that sets it.
var ChunkproofPositions []ChunkproofPosition

// ChunkproofIndex is what a new differ has read.
func ChunkproofIndex(differ graphdriver.Differ) (*ChunkproofTOC, error) {
	c, ok := differ.(*chunkedDiffer)
	if !ok {
		return nil, errors.New("not a chunkedDiffer")
	}
	return c.chunkproofTOC()
}

// ChunkproofParse reads a decompressed TOC.
func ChunkproofParse(json []byte, isEstargz bool) (*ChunkproofTOC, error) {
	c := chunkedDiffer{manifest: json, fileType: fileTypeZstdChunked}
	if isEstargz {
		c.fileType = fileTypeEstargz
	}
	return c.chunkproofTOC()
}

// chunkproofTOC does what ApplyDiff does with a TOC before it looks at any file.
func (c *chunkedDiffer) chunkproofTOC() (*ChunkproofTOC, error) {
	toc, err := chunkproofUnmarshal(c.manifest)
	if err != nil {
		return nil, err
	}
	// Old versions are built as Go 1.14, without package slices.
	read := append([]ChunkproofEntry(nil), toc.Entries...)
	if err := c.chunkproofMerge(toc); err != nil {
		return nil, err
	}
	if !chunkproofIsHandedOut {
		toc.Entries = read
	}
	for _, entry := range toc.Entries {
		if entry.Type == TypeChunk {
			continue
		}
		if _, err := typeToTarType(entry.Type); err != nil {
			return nil, err
		}
	}
	return toc, nil
}
