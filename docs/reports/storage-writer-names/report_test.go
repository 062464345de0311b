// Package report shows that names that are not UTF-8 become others in the TOC.
package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"testing"

	"github.com/klauspost/compress/zstd"
	"go.podman.io/storage/pkg/chunked/compressor"
)

func TestNames(t *testing.T) {
	var blob bytes.Buffer
	annotations := map[string]string{}
	writer, err := compressor.ZstdCompressor(&blob, annotations, nil)
	if err != nil {
		t.Fatal(err)
	}
	tar := join(header('0', "a\xe4", 0, nil), header('2', "a\xf6", 0, func(made []byte) { made[157] = 0xe4 }), end)
	_, err = io.Copy(writer, bytes.NewReader(tar))
	if closed := writer.Close(); err != nil || closed != nil {
		t.Fatalf("repaired: the writer refuses the tar: %v, %v", err, closed)
	}
	var offset, length, uncompressed, kind int
	position := annotations["io.github.containers.zstd-chunked.manifest-position"]
	if _, err := fmt.Sscanf(position, "%d:%d:%d:%d", &offset, &length, &uncompressed, &kind); err != nil {
		t.Fatal(err)
	}
	decoder, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	document, err := decoder.DecodeAll(blob.Bytes()[offset:offset+length], nil)
	if err != nil {
		t.Fatal(err)
	}
	var toc struct {
		Entries []struct{ Name, LinkName string }
	}
	if err := json.Unmarshal(document, &toc); err != nil {
		t.Fatal(err)
	}
	entries := toc.Entries
	if len(entries) != 2 || entries[0].Name != "a\ufffd" || entries[1].Name != "a\ufffd" || entries[1].LinkName != "\ufffd" {
		t.Fatalf("repaired: the TOC has %q", entries)
	}
}
