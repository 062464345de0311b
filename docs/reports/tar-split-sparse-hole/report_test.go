// Package report shows that tar-split reads the hole of a sparse file, whatever its size.
package report

import (
	"bytes"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/vbatts/tar-split/tar/asm"
	"github.com/vbatts/tar-split/tar/storage"
)

// sparseGNU is an old GNU sparse file of 2^60 bytes without a part: a hole and nothing else.
func sparseGNU() []byte {
	return join(header('S', "file", 0, func(made []byte) {
		copy(made[257:], "ustar  \x00")
		// The size of the whole file, in base 256.
		copy(made[483:], "\x80\x00\x00\x00\x10\x00\x00\x00\x00\x00\x00\x00")
	}), end)
}

// sparsePAX is the same file in PAX format 0.1.
func sparsePAX() []byte {
	var records string
	for _, record := range []string{"major=0", "minor=1", "size=1152921504606846976", "numblocks=0", "map="} {
		// The length counts its own two digits, the space and the newline.
		record = "GNU.sparse." + record
		records += fmt.Sprintf("%d %s\n", len(record)+4, record)
	}
	return join(header('x', "pax", int64(len(records)), nil), padded(records), header('0', "file", 0, nil), end)
}

func isReadForEver(t *testing.T, tar []byte) {
	made := child(t, 5*time.Second)
	if made == nil {
		stream, err := asm.NewInputTarStream(bytes.NewReader(tar), storage.NewJSONPacker(io.Discard), nil)
		if err == nil {
			_, err = io.Copy(io.Discard, stream)
		}
		t.Logf("returned %v", err)
		return
	}
	if !made.timedOut {
		t.Fatalf("repaired: tar-split reads a tar of %d bytes to its end:\n%s", len(tar), made.output)
	}
}

func TestGNUSparseHole(t *testing.T) { isReadForEver(t, sparseGNU()) }

func TestPAXSparseHole(t *testing.T) { isReadForEver(t, sparsePAX()) }
