//go:build before_1_38

package chunked

import "encoding/json"

// chunkproofUnmarshal is a line of ApplyDiff.
func chunkproofUnmarshal(manifest []byte) (*ChunkproofTOC, error) {
	var toc ChunkproofTOC
	if err := json.Unmarshal(manifest, &toc); err != nil {
		return nil, err
	}
	return &toc, nil
}
