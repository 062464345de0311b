//go:build before_1_52

package main

import (
	"context"

	"github.com/opencontainers/go-digest"
	graphdriver "go.podman.io/storage/drivers"
	"go.podman.io/storage/pkg/chunked"
)

func newDiffer(s *store, _ digest.Digest, size int64, annotations map[string]string, source chunked.ImageSourceSeekable) (graphdriver.Differ, error) {
	return chunked.GetDiffer(context.Background(), s, size, annotations, source)
}

func closeDiffer(graphdriver.Differ) {}
