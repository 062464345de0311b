//go:build before_1_59 && !before_1_47

package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/opencontainers/go-digest"
	graphdriver "go.podman.io/storage/drivers"
)

// tarSplitOf is nil if the layer came without one, which is not the same as an empty one.
func tarSplitOf(output graphdriver.DriverWithDifferOutput, annotations map[string]string) (io.Reader, error) {
	isMissing := output.TarSplit == nil
	if minor() < 56 && len(output.TarSplit) == 0 {
		// It is empty in both cases. A declared length of 0 tells them apart.
		isMissing = !strings.HasSuffix(annotations["io.github.containers.zstd-chunked.tarsplit-position"], ":0")
	}
	if isMissing {
		return nil, nil
	}
	return bytes.NewReader(output.TarSplit), nil
}

// compareTarDigest compares the digest of the tar that the library computed, where it did.
func compareTarDigest(output graphdriver.DriverWithDifferOutput, of digest.Digest) error {
	if output.UncompressedDigest != "" && output.UncompressedDigest != of {
		return fmt.Errorf("the library computed %q for the tar, which is %s", output.UncompressedDigest, of)
	}
	return nil
}
