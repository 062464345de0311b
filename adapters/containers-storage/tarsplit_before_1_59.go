//go:build before_1_59 && !before_1_47

package main

import (
	"bytes"
	"io"

	graphdriver "go.podman.io/storage/drivers"
)

// tarSplitOf is nil if the layer came without one.
func tarSplitOf(output graphdriver.DriverWithDifferOutput) (io.Reader, error) {
	if len(output.TarSplit) == 0 {
		return nil, nil
	}
	return bytes.NewReader(output.TarSplit), nil
}
