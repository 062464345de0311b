//go:build inside && !before_1_49

package main

import (
	"github.com/opencontainers/go-digest"
	"go.podman.io/storage/pkg/chunked/toc"
)

func getTOCDigest(annotations map[string]string) (*digest.Digest, error) {
	return toc.GetTOCDigest(annotations)
}
