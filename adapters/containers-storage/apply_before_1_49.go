//go:build before_1_49 && !before_1_47

package main

import (
	graphdriver "go.podman.io/storage/drivers"
	"go.podman.io/storage/pkg/archive"
)

func applyDiff(differ graphdriver.Differ, dest string, options *archive.TarOptions) (graphdriver.DriverWithDifferOutput, error) {
	return differ.ApplyDiff(dest, options)
}
