// Package report shows that layers with different TOCs have one digest of the TOC.
package report

import (
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
)

// A TOC of 512 bytes fills its block in the tar and the first buffer of the JSON decoder, which ends there.
func haveOneDigest(t *testing.T, more string) {
	toc := `{"version":1,"entries":[]}`
	toc += strings.Repeat(" ", 512-len(toc))
	reader, err := open(makeLayer(nil, toc+more))
	if err != nil {
		t.Fatalf("repaired: a TOC with more after it is refused: %v", err)
	}
	if _, err := reader.VerifyTOC(digest.FromString(toc)); err != nil {
		t.Fatalf("repaired: the digest is not that of the first 512 bytes any more: %v", err)
	}
}

func TestSpaces(t *testing.T) { haveOneDigest(t, strings.Repeat(" ", 100)) }

func TestLetters(t *testing.T) { haveOneDigest(t, strings.Repeat("x", 100)) }
