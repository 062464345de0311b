// Package report shows what the loops over the keys of a TOC make of an empty key, of null, and of a brace for a comma.
package report

import (
	"strings"
	"testing"
)

func layerWith(edit func(string) string) layer {
	return makeLayer(nil, segment(header('0', "a", 0, nil))+content("a", "")+segment(end), edit(document(entry("a", 0, ""))))
}

func isAccepted(t *testing.T, edit func(string) string) {
	if _, err := open(t, layerWith(edit)); err != nil {
		t.Fatalf("repaired: the malformed TOC is refused: %v", err)
	}
}

func isRefused(t *testing.T, edit func(string) string) {
	if _, err := open(t, layerWith(edit)); err == nil {
		t.Fatal("repaired: the TOC is accepted")
	}
}

func TestGoodTOC(t *testing.T) {
	if _, err := open(t, layerWith(func(toc string) string { return toc })); err != nil {
		t.Fatal(err)
	}
}

func TestCutAfterEmptyKey(t *testing.T) {
	isAccepted(t, func(toc string) string { return strings.TrimSuffix(toc, "}") + `,"":` })
}

func TestNullForBrace(t *testing.T) {
	isAccepted(t, func(toc string) string { return strings.TrimSuffix(toc, "}") + "null" })
}

func TestBraceForComma(t *testing.T) {
	isAccepted(t, func(toc string) string { return strings.Replace(toc, ",", "{", 1) })
}

// These are JSON, and have keys that no reader knows.

func TestEmptyKey(t *testing.T) {
	isRefused(t, func(toc string) string { return strings.Replace(toc, "{", `{"":0,`, 1) })
}

func TestEmptyKeyInEntry(t *testing.T) {
	isRefused(t, func(toc string) string { return strings.Replace(toc, `"name"`, `"":0,"name"`, 1) })
}

func TestLargeNumber(t *testing.T) {
	isRefused(t, func(toc string) string { return strings.Replace(toc, "{", `{"unknown":1e400,`, 1) })
}
