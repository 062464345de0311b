// Package report shows what hard links to directories and chains of hard links do.
package report

import (
	"fmt"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/containerd/stargz-snapshotter/estargz"
)

func TestDirectoryInItself(t *testing.T) {
	made := child(t, 30*time.Second)
	if made == nil {
		// The default is 1 GB, and the end is the same.
		debug.SetMaxStack(16 << 20)
		toc := `{"version":1,"entries":[{"name":"d/","type":"dir"},{"name":"d/again","type":"hardlink","linkName":"d"}]}`
		reader, err := open(makeLayer(nil, toc))
		if err == nil {
			root, _ := reader.Lookup("")
			walk(root)
		}
		t.Logf("returned %v", err)
		return
	}
	if made.ended || !strings.Contains(made.output, "stack overflow") {
		t.Fatalf("repaired: the tree has an end:\n%s", made.output)
	}
}

// walk is what the snapshotter does before it mounts a layer.
func walk(directory *estargz.TOCEntry) {
	directory.ForeachChild(func(_ string, child *estargz.TOCEntry) bool {
		walk(child)
		return true
	})
}

// Eight times the links take about 64 times as long, and not 8 times. The limit is between the two.
func TestChain(t *testing.T) {
	short, long := opened(t, 500), opened(t, 4000)
	if ratio := float64(long) / float64(short); ratio < 20 {
		t.Fatalf("repaired: a chain that is 8 times as long takes %.1f times as long", ratio)
	}
}

// opened is the shortest of three times in which a layer with so many links is opened.
func opened(t *testing.T, links int) time.Duration {
	var toc strings.Builder
	toc.WriteString(`{"version":1,"entries":[{"name":"0","type":"reg"}`)
	for i := range links {
		fmt.Fprintf(&toc, `,{"name":"%d","type":"hardlink","linkName":"%d"}`, i+1, i)
	}
	toc.WriteString("]}")
	layer := makeLayer(nil, toc.String())
	least := time.Hour
	for range 3 {
		start := time.Now()
		if _, err := open(layer); err != nil {
			t.Fatalf("repaired: the chain is refused: %v", err)
		}
		least = min(least, time.Since(start))
	}
	return least
}
