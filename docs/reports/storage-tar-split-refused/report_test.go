// Package report shows good layers whose tar-split a partial pull refuses.
package report

import (
	"bytes"
	"io"
	"testing"

	"go.podman.io/storage/pkg/chunked/compressor"
)

func isRefused(t *testing.T, good layer) {
	if _, err := open(t, good); err == nil {
		t.Fatal("repaired: the layer is accepted")
	} else {
		t.Log(err)
	}
}

// The library's own writer makes this layer of a tar with 100 bytes of zeros after its end.
func TestTailOf100Bytes(t *testing.T) {
	var blob bytes.Buffer
	annotations := map[string]string{}
	writer, err := compressor.ZstdCompressor(&blob, annotations, nil)
	if err != nil {
		t.Fatal(err)
	}
	io.Copy(writer, bytes.NewReader(join(header('0', "a", 0, nil), end, make([]byte, 100))))
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	isRefused(t, layer{blob.Bytes(), annotations})
}

func TestEmptySegment(t *testing.T) {
	data := frame([]byte("hello"))
	toc := document(entry("a", 5, stored("hello", 0, len(data))))
	head, tail := segment(header('0', "a", 5, nil))+content("a", "hello"), segment(join(padded("hello")[5:], end))
	if _, err := open(t, makeLayer(data, head+tail, toc)); err != nil {
		t.Fatal(err)
	}
	isRefused(t, makeLayer(data, head+segment(nil)+tail, toc))
}

// Up to v1.53 the library's writers left attributes without a value out of the TOC.
func TestEmptyAttribute(t *testing.T) {
	record := "24 SCHILY.xattr.user.a=\n"
	head := join(header('x', "pax", int64(len(record)), nil), padded(record), header('0', "a", 0, nil))
	lines := segment(head) + content("a", "") + segment(end)
	if _, err := open(t, makeLayer(nil, lines, document(entry("a", 0, `,"xattrs":{"user.a":""}`)))); err != nil {
		t.Fatal(err)
	}
	isRefused(t, makeLayer(nil, lines, document(entry("a", 0, ""))))
}
