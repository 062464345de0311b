// Package report shows that the checksum of a file without content is not compared.
package report

import (
	"bytes"
	"testing"

	"github.com/vbatts/tar-split/tar/asm"
	"github.com/vbatts/tar-split/tar/storage"
)

func TestChecksumOfOtherContent(t *testing.T) {
	var lines bytes.Buffer
	packer := storage.NewJSONPacker(&lines)
	for _, entry := range []storage.Entry{
		{Type: storage.SegmentType, Payload: header('0', "file", 0, nil)},
		{Type: storage.FileType, Name: "file", Payload: []byte("not zero")},
		{Type: storage.SegmentType, Payload: end},
	} {
		if _, err := packer.AddEntry(entry); err != nil {
			t.Fatal(err)
		}
	}
	err := asm.WriteOutputTarStream(storage.NewBufferFileGetPutter(), storage.NewJSONUnpacker(&lines), new(bytes.Buffer))
	if err != nil {
		t.Fatalf("repaired: the checksum is refused: %v", err)
	}
}
