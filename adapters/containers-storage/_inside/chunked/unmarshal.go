//go:build !before_1_38

package chunked

func chunkproofUnmarshal(manifest []byte) (*ChunkproofTOC, error) { return unmarshalToc(manifest) }
