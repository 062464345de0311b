// Package report shows that a footer whose extra field is short panics.
package report

import (
	"strings"
	"testing"
	"time"

	"github.com/containerd/stargz-snapshotter/estargz"
	"github.com/containerd/stargz-snapshotter/estargz/externaltoc"
)

func panics(t *testing.T, parser estargz.Decompressor, head, message string) {
	made := child(t, 20*time.Second)
	if made == nil {
		_, _, _, err := parser.ParseFooter([]byte(head + strings.Repeat("\x00", int(parser.FooterSize())-len(head))))
		t.Logf("returned %v", err)
		return
	}
	if made.ended || !strings.Contains(made.output, message) {
		t.Fatalf("repaired: the footer does not panic any more:\n%s", made.output)
	}
}

// The extra field has the header of a subfield of 22 bytes, and no subfield.
func TestShortExtraField(t *testing.T) {
	panics(t, new(estargz.GzipDecompressor), "\x1f\x8b\x08\x04\x00\x00\x00\x00\x00\xff\x04\x00SG\x16\x00", "slice bounds out of range")
}

// A header of gzip without an extra field.
func TestNoExtraField(t *testing.T) {
	panics(t, externaltoc.NewGzipDecompressor(nil), "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff", "slice bounds out of range")
}
