//go:build !before_1_59

package main

import (
	"context"
	"fmt"
	"io"

	"github.com/opencontainers/go-digest"
	graphdriver "go.podman.io/storage/drivers"
	"go.podman.io/storage/pkg/chunked"
)

func newDiffer(s *store, blobDigest digest.Digest, size int64, annotations map[string]string, source chunked.ImageSourceSeekable) (graphdriver.Differ, error) {
	return chunked.NewDiffer(context.Background(), s, blobDigest, size, annotations, source)
}

func closeDiffer(differ graphdriver.Differ) { differ.Close() }

// tarSplitOf is nil if the layer came without one.
func tarSplitOf(output graphdriver.DriverWithDifferOutput, _ map[string]string) (io.Reader, error) {
	if output.TarSplit == nil {
		return nil, nil
	}
	if _, err := output.TarSplit.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return output.TarSplit, nil
}

// compareTarDigest compares the digest of the tar that the library computed, which podman compares with the DiffID. In the insecure
// mode there is none.
func compareTarDigest(output graphdriver.DriverWithDifferOutput, of digest.Digest) error {
	if output.UncompressedDigest != of && !isInsecure {
		return fmt.Errorf("the library computed %q for the tar, which is %s", output.UncompressedDigest, of)
	}
	return nil
}
