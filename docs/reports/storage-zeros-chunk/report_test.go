// Package report shows that a chunk of zeros is hashed whatever its size, before anything of it is compared.
package report

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestChunkOf1TiB(t *testing.T) {
	const size = 1 << 40
	made := child(t, 10*time.Second)
	if made == nil {
		head := header('0', "zeros", 0, func(made []byte) { copy(made[124:], "\x80\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00") })
		data := frame(head)
		digest := "sha256:" + strings.Repeat("0", 64)
		about := fmt.Sprintf(`,"digest":%q,"offset":%d,"endOffset":%d,"chunkSize":%d,"chunkDigest":%q,"chunkType":"zeros"`,
			digest, len(data), len(data), size, digest)
		lines := segment(head) + line(map[string]any{"type": 1, "name": "zeros", "size": size, "payload": make([]byte, 8)}) + segment(end)
		_, _, err := pull(t, makeLayer(data, lines, document(entry("zeros", size, about))))
		t.Logf("returned %v", err)
		return
	}
	if !made.timedOut {
		t.Fatalf("repaired: the layer is refused, or hashed without its zeros:\n%s", made.output)
	}
}
