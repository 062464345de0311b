// Package report shows entries of a TOC whose fields do not fit together, and with which a pull begins.
package report

import "testing"

func isAccepted(t *testing.T, size int64, entries ...string) {
	lines := segment(header('0', "a", size, nil)) + content("a", string(make([]byte, size)))
	if size > 0 {
		lines += segment(join(make([]byte, block-size), end))
	} else {
		lines += segment(end)
	}
	if _, err := open(t, makeLayer(frame(make([]byte, size)), lines, document(entries...))); err != nil {
		t.Fatalf("repaired: the layer is refused: %v", err)
	}
}

func TestChunkOfEmptyFile(t *testing.T) {
	isAccepted(t, 0, entry("a", 0, ""), `{"type":"chunk","name":"a"}`)
}

func TestFileWithoutOffsets(t *testing.T) { isAccepted(t, 5, entry("a", 5, `,"digest":"sha256:00"`)) }

func TestEmptyDigest(t *testing.T) { isAccepted(t, 0, entry("a", 0, `,"digest":""`)) }
