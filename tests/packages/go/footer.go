// Package footer reads 64-byte footers.
package footer

import (
	"bytes"
	"encoding/binary"
	"errors"

	"example.invalid/chunkproof/vectors"
)

var errBad = errors.New("no good footer of 64 bytes")

// Parse is what is under test.
func Parse(in vectors.FooterInput) (vectors.FooterOutput, error) {
	var out vectors.FooterOutput
	if len(in.Tail) < 72 {
		return out, errBad
	}
	tail := in.Tail[len(in.Tail)-72:]
	if !bytes.HasPrefix(tail, []byte("\x50\x2a\x4d\x18\x40\x00\x00\x00")) || !bytes.HasSuffix(tail, []byte("GNUlInUx")) {
		return out, errBad
	}
	var n [7]uint64
	for i := range n {
		n[i] = binary.LittleEndian.Uint64(tail[8+8*i:])
	}
	kind, end, hasTarSplit := n[3], in.BlobSize-72, n[4] != 0 || n[5] != 0 || n[6] != 0
	if kind != 1 || n[0] < 8 || n[1] == 0 || n[2] == 0 || n[0] > end || n[1] > end-n[0] {
		return out, errBad
	}
	out = vectors.FooterOutput{Layout: "v64", TOC: vectors.Position{Offset: n[0], Length: n[1], Uncompressed: n[2]}}
	if !hasTarSplit {
		if n[0]+n[1] != end {
			return out, errBad
		}
		return out, nil
	}
	if n[5] == 0 && n[6] != 0 || n[4] != n[0]+n[1]+8 || n[4] > end || n[5] != end-n[4] {
		return out, errBad
	}
	out.TarSplit = &vectors.Position{Offset: n[4], Length: n[5], Uncompressed: n[6]}
	return out, nil
}
