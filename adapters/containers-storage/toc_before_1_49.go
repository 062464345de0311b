//go:build inside && before_1_49 && !before_1_47

package main

import (
	"github.com/opencontainers/go-digest"
	"go.podman.io/storage/pkg/chunked"
)

func getTOCDigest(annotations map[string]string) (*digest.Digest, error) {
	return chunked.GetTOCDigest(annotations)
}
