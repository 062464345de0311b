// Package report shows that a layer that begins with a skippable frame is taken for a tar that is not compressed.
package report

import (
	"bytes"
	"io"
	"testing"

	"go.podman.io/storage/pkg/archive"
)

func TestSkippableFrameFirst(t *testing.T) {
	skippable := "\x50\x2a\x4d\x18\x04\x00\x00\x00\x00\x00\x00\x00"
	// A frame with the five bytes "hello".
	layer := []byte(skippable + "\x28\xb5\x2f\xfd\x20\x05\x29\x00\x00hello")
	stream, err := archive.DecompressStream(bytes.NewReader(layer))
	if err != nil {
		t.Fatalf("the layer is refused: %v", err)
	}
	defer stream.Close()
	content, err := io.ReadAll(stream)
	if err != nil || !bytes.Equal(content, layer) {
		t.Fatalf("repaired: the layer decompresses to %q, %v", content, err)
	}
}
