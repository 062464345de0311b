// Package report shows that null in the place of the TOC or of an entry is dereferenced.
package report

import (
	"strings"
	"testing"
	"time"
)

func panics(t *testing.T, toc string) {
	made := child(t, 20*time.Second)
	if made == nil {
		_, err := open(makeLayer(nil, toc))
		t.Logf("returned %v", err)
		return
	}
	if made.ended || !strings.Contains(made.output, "nil pointer dereference") {
		t.Fatalf("repaired: %s does not panic any more:\n%s", toc, made.output)
	}
}

func TestDocument(t *testing.T) { panics(t, "null") }

func TestEntry(t *testing.T) { panics(t, `{"version":1,"entries":[null]}`) }
