// Package report shows that a list is allocated for as many chunks as size and chunkSize of an entry give.
package report

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func isAllocated(t *testing.T, size int64, messages ...string) {
	made := child(t, 20*time.Second)
	if made == nil {
		toc := fmt.Sprintf(`{"version":1,"entries":[{"name":"file","type":"reg","size":%d,"chunkSize":1}]}`, size)
		_, err := open(makeLayer(nil, toc))
		t.Logf("returned %v", err)
		return
	}
	for _, message := range messages {
		if !made.ended && strings.Contains(made.output, message) {
			return
		}
	}
	t.Fatalf("repaired: a file of %d bytes in chunks of one byte does not end the process any more:\n%s", size, made.output)
}

func Test2To62Chunks(t *testing.T) { isAllocated(t, 1<<62, "makeslice: cap out of range") }

// The list has 8 bytes for each chunk, which are 64 GiB here. The process has 3 GiB of address space.
func Test2To33Chunks(t *testing.T) { isAllocated(t, 1<<33, "out of memory", "cannot allocate memory") }
