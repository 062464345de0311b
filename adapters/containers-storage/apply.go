//go:build !before_1_49

package main

import (
	graphdriver "go.podman.io/storage/drivers"
	"go.podman.io/storage/pkg/archive"
)

func applyDiff(differ graphdriver.Differ, dest string, options *archive.TarOptions) (graphdriver.DriverWithDifferOutput, error) {
	return differ.ApplyDiff(dest, options, &graphdriver.DifferOptions{Format: graphdriver.DifferOutputFormatDir})
}
