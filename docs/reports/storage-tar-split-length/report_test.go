// Package report shows that the length of the tar-split in the annotations of a layer is allocated without a limit.
package report

import (
	"strings"
	"testing"
	"time"
)

func isAllocated(t *testing.T, length string, messages ...string) {
	made := child(t, 20*time.Second)
	if made == nil {
		small := makeLayer(nil, segment(end), document())
		position := strings.Split(small.annotations[key+"tarsplit-position"], ":")
		position[1] = length
		small.annotations[key+"tarsplit-position"] = strings.Join(position, ":")
		_, err := open(t, small)
		t.Logf("returned %v", err)
		return
	}
	for _, message := range messages {
		if !made.ended && strings.Contains(made.output, message) {
			return
		}
	}
	t.Fatalf("repaired: a tar-split of %s bytes is refused before it is allocated:\n%s", length, made.output)
}

func TestLengthOf2To62(t *testing.T) {
	isAllocated(t, "4611686018427387904", "makeslice: len out of range")
}

// The process has 3 GiB of address space, so that these 64 GiB cannot be had.
func TestLengthOf64GiB(t *testing.T) {
	isAllocated(t, "68719476736", "out of memory", "cannot allocate memory")
}
