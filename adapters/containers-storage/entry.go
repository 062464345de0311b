//go:build inside && !before_1_54

package main

import "go.podman.io/storage/pkg/chunked"

func tarSplitDigest(toc *chunked.ChunkproofTOC) any { return orNull(toc.TarSplitDigest.String()) }
