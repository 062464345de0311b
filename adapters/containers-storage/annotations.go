//go:build inside && !before_1_47

package main

import (
	"errors"
	"math"

	chunkproof "chunkproof.example/kit"
	"github.com/opencontainers/go-digest"
	"go.podman.io/storage/pkg/chunked"
)

func init() { operations["annotations/parse"] = parseAnnotations }

func parseAnnotations(scratch string, asked *chunkproof.Input) (object, error) {
	kind, tocDigest, err := indexOf(asked.Annotations)
	if err != nil {
		return nil, err
	}
	output := object{"index": kind, "toc_digest": orNull(tocDigest), "toc": nil, "tar_split": nil}
	if kind != "zstd:chunked" {
		return output, nil
	}
	// The positions are parsed on the way to the first request.
	chunked.ChunkproofPositions = nil
	_, err = newDiffer(tolerant(scratch), digest.FromString(""), math.MaxInt64, asked.Annotations, &end{})
	if !errors.Is(err, errEnough) {
		return nil, err
	}
	positions(output)
	return output, nil
}

// indexOf is which index annotations name, and its digest.
func indexOf(annotations map[string]string) (kind, tocDigest string, err error) {
	found, err := getTOCDigest(annotations)
	if err != nil {
		return "", "", err
	} else if found == nil {
		return "none", "", nil
	}
	// The library looks for this one first.
	if _, ok := annotations[estargzDigest]; ok {
		return "estargz", found.String(), nil
	}
	return "zstd:chunked", found.String(), nil
}
