// Package report shows that a frame is refused whose FSE table ends less than 4 bytes before its block does.
package report

import (
	"testing"

	"github.com/klauspost/compress/zstd"
)

// The frame has 39 bytes, which libzstd from v1.3.5 on decodes.
const frame = "\x28\xb5\x2f\xfd\x20\x27\xc5\x00\x00\x80\xf3\xf1\xf0\xec\xeb\xc6\xc5\xc7\xf0\x9d\x43\x00\x00\x00\xe0\xe0\x06\x58\x01\x00\x60\x3e\x52"

func TestTinyTable(t *testing.T) {
	decoder, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	if content, err := decoder.DecodeAll([]byte(frame), nil); err == nil {
		t.Fatalf("repaired: the frame has %d bytes", len(content))
	}
}
