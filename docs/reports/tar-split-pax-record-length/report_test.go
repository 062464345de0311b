// Package report shows that a PAX record whose length has zeros before it panics in a goroutine of tar-split.
package report

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/vbatts/tar-split/tar/asm"
	"github.com/vbatts/tar-split/tar/storage"
)

func TestRecordEndsWithinItsLength(t *testing.T) {
	// The length is 5, and is written in nine digits: the record ends before the space that follows them.
	record := "000000005 a=b\n"
	tar := join(header('x', "pax", int64(len(record)), nil), padded(record), header('0', "file", 0, nil), end)
	made := child(t, 20*time.Second)
	if made == nil {
		stream, err := asm.NewInputTarStream(bytes.NewReader(tar), storage.NewJSONPacker(io.Discard), nil)
		if err == nil {
			// The panic is in a goroutine that tar-split has started, where this one cannot recover it.
			defer func() { _ = recover() }()
			_, err = io.Copy(io.Discard, stream)
		}
		t.Logf("returned %v", err)
		return
	}
	if made.ended || !strings.Contains(made.output, "parsePAXRecord") {
		t.Fatalf("repaired: tar-split does not panic in parsePAXRecord any more:\n%s", made.output)
	}
}
