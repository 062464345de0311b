//go:build before_1_57

package chunked

import "go.podman.io/storage/pkg/chunked/internal"

// ChunkproofTOC is the library's TOC.
type ChunkproofTOC = internal.TOC

// ChunkproofEntry is an entry of it.
type ChunkproofEntry = internal.FileMetadata
