// Package report shows that a tar that ends after an extension header is taken for a whole one.
package report

import (
	"bytes"
	"io"
	"testing"

	"github.com/vbatts/tar-split/tar/asm"
	"github.com/vbatts/tar-split/tar/storage"
)

const record = "18 comment=nobody\n"

// again takes a tar apart and puts it together.
func again(t *testing.T, tar []byte) []byte {
	var lines, made bytes.Buffer
	stream, err := asm.NewInputTarStream(bytes.NewReader(tar), storage.NewJSONPacker(&lines), nil)
	if err == nil {
		_, err = io.Copy(io.Discard, stream)
	}
	if err != nil {
		t.Fatalf("repaired: the tar is refused: %v", err)
	}
	files := storage.NewBufferFileGetPutter()
	if err := asm.WriteOutputTarStream(files, storage.NewJSONUnpacker(&lines), &made); err != nil {
		t.Fatal(err)
	}
	return made.Bytes()
}

// The entry that the records belong to is missing.
func TestAfterPAXHeader(t *testing.T) {
	again(t, join(header('0', "a", 0, nil), header('x', "pax", int64(len(record)), nil), padded(record)))
}

// The tar is not given back as it was.
func TestInPaddingOfPAXHeader(t *testing.T) {
	tar := join(header('x', "pax", int64(len(record)), nil), padded(record)[:100])
	if made := again(t, tar); bytes.Equal(made, tar) {
		t.Fatal("repaired: the tar is kept")
	}
}

func TestInPaddingOfGNUName(t *testing.T) {
	tar := join(header('L', "././@LongLink", 5, nil), padded("name\x00")[:100])
	if made := again(t, tar); bytes.Equal(made, tar) {
		t.Fatal("repaired: the tar is kept")
	}
}
