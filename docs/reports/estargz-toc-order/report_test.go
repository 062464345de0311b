// Package report shows that a TOC out of the order of the data, or with a name twice, is opened and then read wrongly.
package report

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
)

// file is an entry of the TOC for a file in the member at this offset.
func file(name, content string, offset int, more string) string {
	sum := digest.FromString(content)
	return fmt.Sprintf(`{"name":%q,"type":"reg","size":%d,"offset":%d,"digest":%q,"chunkDigest":%q%s}`,
		name, len(content), offset, sum, sum, more)
}

func document(entries ...string) string {
	return `{"version":1,"entries":[` + strings.Join(entries, ",") + `]}`
}

// data are members with a byte, "first" and "second", and their offsets. A file at offset 0 would be one without an offset.
func data() (members []byte, first, second int) {
	members = member([]byte("."))
	first = len(members)
	members = append(members, member([]byte("first"))...)
	second = len(members)
	return append(members, member([]byte("second"))...), first, second
}

func read(t *testing.T, layer []byte, name string) (string, error) {
	reader, err := open(layer)
	if err != nil {
		t.Fatalf("repaired: the layer is refused: %v", err)
	}
	opened, err := reader.OpenFile(name)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(opened)
	return string(content), err
}

func TestOrder(t *testing.T) {
	members, first, second := data()
	inOrder := document(file("a", "first", first, ""), file("b", "second", second, ""))
	if content, err := read(t, makeLayer(members, inOrder), "b"); content != "second" || err != nil {
		t.Fatalf("a good layer: %q, %v", content, err)
	}
	exchanged := document(file("b", "second", second, ""), file("a", "first", first, ""))
	if _, err := read(t, makeLayer(members, exchanged), "b"); err == nil {
		t.Fatal("repaired: the file that is after another one in the data and before it in the TOC is read")
	}
}

func TestOneRange(t *testing.T) {
	members, first, _ := data()
	shared := document(file("a", "first", first, ""), file("b", "first", first, ""))
	if _, err := read(t, makeLayer(members, shared), "a"); err == nil {
		t.Fatal("repaired: the first of two files with one offset is read")
	}
}

func TestNameTwice(t *testing.T) {
	members := member([]byte("."))
	first := len(members)
	members = append(members, member([]byte("first"))...)
	second := len(members)
	members = append(members, member([]byte("other"))...)
	// The first file is in two chunks, so that the reader has a list of them under its name.
	toc := document(
		file("a", "first", first, `,"chunkSize":2`),
		fmt.Sprintf(`{"name":"a","type":"chunk","offset":%d,"innerOffset":2,"chunkOffset":2,"chunkSize":3}`, first),
		file("a", "other", second, ""))
	layer := makeLayer(members, toc)
	reader, err := open(layer)
	if err != nil {
		t.Fatalf("repaired: the layer is refused: %v", err)
	}
	entry, _ := reader.Lookup("a")
	if content, err := read(t, layer, "a"); entry.Digest != digest.FromString("other").String() || content != "first" {
		t.Fatalf("repaired: the entry with the digest %s has the content %q, %v", entry.Digest, content, err)
	}
}
