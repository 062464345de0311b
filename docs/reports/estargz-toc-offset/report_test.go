// Package report shows that an offset of the TOC that is not before the footer panics.
package report

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func panics(t *testing.T, offset, message string) {
	made := child(t, 20*time.Second)
	if made == nil {
		layer := makeLayer(nil, `{"version":1,"entries":[]}`)
		end := footer(offset)
		_, err := open(append(bytes.Clone(layer[:len(layer)-len(end)]), end...))
		t.Logf("returned %v", err)
		return
	}
	if made.ended || !strings.Contains(made.output, message) {
		t.Fatalf("repaired: the offset %s does not panic any more:\n%s", offset, made.output)
	}
}

func TestAfterTheEnd(t *testing.T) { panics(t, "7fffffffffffffff", "slice bounds out of range") }

func TestWithinTheFooter(t *testing.T) { panics(t, "00000000000000ff", "slice bounds out of range") }

func TestBelowZero(t *testing.T) { panics(t, "-000000000000001", "nil pointer dereference") }
