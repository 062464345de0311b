//go:build !before_1_57

package chunked

import "go.podman.io/storage/pkg/chunked/internal/minimal"

// ChunkproofTOC is the library's TOC.
type ChunkproofTOC = minimal.TOC

// ChunkproofEntry is an entry of it.
type ChunkproofEntry = minimal.FileMetadata
