//go:build !before_1_56

package main

import (
	"errors"

	"go.podman.io/storage/pkg/chunked"
)

// isDecline tells whether the library says that the layer is to be downloaded in full.
func isDecline(err error) bool {
	var fallback chunked.ErrFallbackToOrdinaryLayerDownload
	return errors.As(err, &fallback)
}
