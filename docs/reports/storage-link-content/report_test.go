// Package report shows that a hard link whose header has a size gets content in the tar that is put together.
package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/vbatts/tar-split/tar/asm"
	tarsplit "github.com/vbatts/tar-split/tar/storage"
	"go.podman.io/storage/pkg/chunked/compressor"
)

const text = "hello"

var (
	file = header('0', "file", int64(len(text)), nil)
	// A hard link has no content, whatever the size in its header is.
	link = header('1', "link", int64(len(text)), func(made []byte) { copy(made[157:], "file") })
)

// The tar that was written has no content for the link. With the checksum of the file's content it gets one.
func TestChecksumOfContent(t *testing.T) {
	lines := segment(file) + content("file", text) + segment(join(padded(text)[len(text):], link)) + content("link", text) + segment(end)
	data := frame([]byte("headers"))
	start := len(data)
	data = append(data, frame([]byte(text))...)
	toc := document(
		entry("file", int64(len(text)), stored(text, start, len(data))),
		fmt.Sprintf(`{"type":"hardlink","name":"link","linkName":"file","mode":420,"size":%d}`, len(text)))
	folder, tarSplit, err := pull(t, makeLayer(data, lines, toc))
	if err != nil {
		t.Fatalf("repaired: the layer is refused: %v", err)
	}
	var whole bytes.Buffer
	err = asm.WriteOutputTarStream(tarsplit.NewPathFileGetter(folder), tarsplit.NewJSONUnpacker(tarSplit), &whole)
	if count := bytes.Count(whole.Bytes(), []byte(text)); err != nil || count != 2 {
		t.Fatalf("repaired: the tar has the content %d times, %v", count, err)
	}
}

// The library's own writer makes this layer, and a pull refuses it.
func TestOwnWriter(t *testing.T) {
	var blob bytes.Buffer
	annotations := map[string]string{}
	writer, err := compressor.ZstdCompressor(&blob, annotations, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.Copy(writer, bytes.NewReader(join(file, padded(text), link, end)))
	if closed := writer.Close(); err != nil || closed != nil {
		t.Fatalf("repaired: the writer refuses the tar: %v, %v", err, closed)
	}
	if _, _, err := pull(t, layer{blob.Bytes(), annotations}); err == nil {
		t.Fatal("repaired: the layer is pulled")
	} else if !strings.Contains(err.Error(), "checksum") {
		t.Fatal(err)
	}
}
