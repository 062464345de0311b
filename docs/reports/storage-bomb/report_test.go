// Package report shows that TOC and tar-split are decompressed without a limit.
package report

import (
	"strings"
	"testing"
)

// The cases have 4 GiB; 64 MiB show the same.
var spaces = strings.Repeat(" ", 64<<20)

// declare sets the size of the decompressed document in an annotation to 1000.
func declare(in layer, name string) layer {
	position := strings.Split(in.annotations[key+name], ":")
	position[2] = "1000"
	in.annotations[key+name] = strings.Join(position, ":")
	return in
}

func isRead(t *testing.T, bomb layer) {
	if len(bomb.blob) > 64<<10 {
		t.Fatalf("the layer has %d bytes", len(bomb.blob))
	}
	if _, err := open(t, bomb); err != nil {
		t.Fatalf("repaired: 64 MiB where 1000 bytes are declared: %v", err)
	}
}

func TestTOC(t *testing.T) {
	isRead(t, declare(makeLayer(nil, segment(end), document()+spaces), "manifest-position"))
}

func TestTarSplit(t *testing.T) {
	isRead(t, declare(makeLayer(nil, segment(end)+spaces, document()), "tarsplit-position"))
}
