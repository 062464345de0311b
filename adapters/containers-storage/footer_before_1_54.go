//go:build inside && before_1_54

package main

import (
	"errors"

	chunkproof "chunkproof.example/kit"
	"github.com/opencontainers/go-digest"
	"go.podman.io/storage/pkg/chunked"
)

// Later versions do not read footers.
func init() { operations["footer/parse"] = parseFooter }

// parseFooter leaves out the position in the annotations, so that the library looks for it in the footer.
func parseFooter(scratch string, asked *chunkproof.Input) (object, error) {
	done := make(chan struct{})
	defer close(done)
	tail := &end{source: source{asked.Tail, done}, start: asked.BlobSize - uint64(len(asked.Tail))}
	annotations := map[string]string{chunkedDigest(): digest.FromString("").String()}
	chunked.ChunkproofPositions = nil
	_, err := newDiffer(tolerant(scratch), digest.FromString(""), int64(asked.BlobSize), annotations, tail)
	if !errors.Is(err, errEnough) {
		return nil, err
	}
	layout := "v64"
	if minor() < 47 {
		layout = "v40"
	} else if minor() < 50 {
		layout = "v56"
	}
	output := object{"layout": layout, "toc": nil, "tar_split": nil}
	positions(output)
	return output, nil
}
