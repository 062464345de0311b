//go:build before_1_59 && !before_1_47

package main

import (
	"bytes"
	"io"
	"strings"

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
