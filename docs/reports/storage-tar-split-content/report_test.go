// Package report shows what a partial pull accepts in a tar-split, so that the tar of the layer has other files than the folder.
package report

import (
	"archive/tar"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vbatts/tar-split/tar/asm"
	tarsplit "github.com/vbatts/tar-split/tar/storage"
)

// assembled pulls a layer, and returns the folder and the tar that is made of folder and tar-split when the layer is pushed.
func assembled(t *testing.T, from layer) (folder string, made []byte) {
	folder, lines, err := pull(t, from)
	if err != nil {
		t.Fatalf("repaired: the layer is refused: %v", err)
	}
	var whole bytes.Buffer
	err = asm.WriteOutputTarStream(tarsplit.NewPathFileGetter(folder), tarsplit.NewJSONUnpacker(lines), &whole)
	if err != nil {
		t.Fatalf("repaired: no tar can be put together: %v", err)
	}
	return folder, whole.Bytes()
}

// with is a layer that has these files, in frames of their own, with entries for all of them in the TOC.
func with(lines string, files ...[2]string) layer {
	data := frame([]byte("headers"))
	var entries []string
	for _, file := range files {
		start := len(data)
		data = append(data, frame([]byte(file[1]))...)
		entries = append(entries, entry(file[0], int64(len(file[1])), stored(file[1], start, len(data))))
	}
	return makeLayer(data, lines, document(entries...))
}

func contentIn(t *testing.T, made []byte, name string) string {
	reader := tar.NewReader(bytes.NewReader(made))
	for {
		header, err := reader.Next()
		if err != nil {
			t.Fatalf("%s is not in the tar: %v", name, err)
		}
		if header.Name == name {
			content, _ := io.ReadAll(reader)
			return string(content)
		}
	}
}

// The segment of a header has other content of the file, too.
func TestContentInSegment(t *testing.T) {
	good, other := strings.Repeat("g", block), strings.Repeat("o", block)
	head := segment(join(header('0', "file", block, nil), []byte(other)))
	for name, lines := range map[string]string{
		"entry without size": head + line(map[string]any{"type": 1, "name": "file"}) + segment(end),
		"no entry":           head + segment(end),
	} {
		folder, made := assembled(t, with(lines, [2]string{"file", good}))
		inFolder, err := os.ReadFile(filepath.Join(folder, "file"))
		if inTar := contentIn(t, made, "file"); err != nil || string(inFolder) != good || inTar != other {
			t.Fatalf("%s: %.9q in the folder, %.9q in the tar, %v", name, inFolder, inTar, err)
		}
	}
}

// The segment of a header has a second header, which the TOC does not have.
func TestEntryInSegment(t *testing.T) {
	lines := segment(join(header('0', "file", 0, nil), header('0', "hidden", 0, nil))) + content("file", "") + segment(end)
	folder, made := assembled(t, with(lines, [2]string{"file", ""}))
	contentIn(t, made, "hidden")
	if _, err := os.Stat(filepath.Join(folder, "hidden")); !os.IsNotExist(err) {
		t.Fatalf("the folder has the file: %v", err)
	}
}

// The entry of a file has no size, so that its content is left out of the tar.
func TestFileWithoutSize(t *testing.T) {
	text := strings.Repeat("g", block)
	lines := segment(header('0', "file", block, nil)) + line(map[string]any{"type": 1, "name": "file"}) + segment(end)
	if _, made := assembled(t, with(lines, [2]string{"file", text})); len(made) != 3*block {
		t.Fatalf("repaired: the tar has %d bytes", len(made))
	}
}

// The last segment has the type of a file, and is left out.
func TestSegmentAsFile(t *testing.T) {
	lines := segment(header('0', "file", 0, nil)) + content("file", "") + line(map[string]any{"type": 1, "payload": end})
	if _, made := assembled(t, with(lines, [2]string{"file", ""})); len(made) != block {
		t.Fatalf("repaired: the tar has %d bytes", len(made))
	}
}

// The entries of two files of one size are in each other's place.
func TestFilesExchanged(t *testing.T) {
	first, second := strings.Repeat("1", block), strings.Repeat("2", block)
	lines := segment(header('0', "a", block, nil)) + content("b", second) +
		segment(header('0', "b", block, nil)) + content("a", first) + segment(end)
	_, made := assembled(t, with(lines, [2]string{"a", first}, [2]string{"b", second}))
	if contentIn(t, made, "a") != second {
		t.Fatal("repaired: the file has its own content in the tar")
	}
}
