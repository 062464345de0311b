// Package report shows what a length or an offset of the TOC in a zstd:chunked footer does that does not fit the layer.
package report

import (
	"bytes"
	"encoding/binary"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/containerd/stargz-snapshotter/estargz"
	"github.com/containerd/stargz-snapshotter/estargz/zstdchunked"
)

// footer is the payload of the skippable frame of 40 bytes at the end.
func footer(offset, length uint64) []byte {
	end := []byte("\x50\x2a\x4d\x18\x20\x00\x00\x00")
	for _, field := range []uint64{offset, length, 100, 1} {
		end = binary.LittleEndian.AppendUint64(end, field)
	}
	end = append(end, "GnUlInUx"...)
	end[4] = byte(len(end) - 8)
	return end
}

func panics(t *testing.T, offset, length uint64, messages ...string) {
	made := child(t, 20*time.Second)
	if made == nil {
		layer := append(make([]byte, 100), footer(offset, length)...)
		_, err := estargz.Open(io.NewSectionReader(bytes.NewReader(layer), 0, int64(len(layer))),
			estargz.WithDecompressors(new(zstdchunked.Decompressor)))
		t.Logf("returned %v", err)
		return
	}
	for _, message := range messages {
		if !made.ended && strings.Contains(made.output, message) {
			return
		}
	}
	t.Fatalf("repaired: an offset of %d and a length of %d do not end the process any more:\n%s", offset, length, made.output)
}

func TestLengthOf2To62(t *testing.T) { panics(t, 8, 1<<62, "makeslice: len out of range") }

// The process has 3 GiB of address space, so that 1 TiB cannot be had.
func TestLengthOf1TiB(t *testing.T) { panics(t, 8, 1<<40, "out of memory", "cannot allocate memory") }

func TestNoLengthAfterTheEnd(t *testing.T) { panics(t, 1<<20, 0, "slice bounds out of range") }
