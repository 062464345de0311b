//go:build inside && !before_1_38

package main

import (
	"time"

	"go.podman.io/storage/pkg/chunked"
)

func timesOf(entry *chunked.ChunkproofEntry) map[string]*time.Time {
	return map[string]*time.Time{"modtime": entry.ModTime, "accesstime": entry.AccessTime, "changetime": entry.ChangeTime}
}

func isZeros(entry *chunked.ChunkproofEntry) bool { return entry.ChunkType == "zeros" }
