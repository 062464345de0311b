//go:build !v0.3.0 && !v0.2.0

package main

import (
	"bytes"
	"errors"

	"github.com/containerd/stargz-snapshotter/estargz"
	"github.com/containerd/stargz-snapshotter/estargz/externaltoc"
	"github.com/opencontainers/go-digest"
)

type (
	reader = estargz.Reader
	entry  = estargz.TOCEntry
)

const tocName = estargz.TOCTarName

// layouts are the footers in the order in which estargz.Open tries them, with the one for an external TOC, which callers
// add, at the end.
var layouts = []struct {
	name string
	estargz.Decompressor
}{
	{"estargz", new(estargz.GzipDecompressor)},
	{"legacy", new(estargz.LegacyGzipDecompressor)},
	{"external", externaltoc.NewGzipDecompressor(nil)},
}

func parseFooter(tail []byte, _ int64) (layout string, offset int64, err error) {
	var errs []error
	for _, layout := range layouts {
		// What is left of a blob that is too small has the wrong length, and each of them compares the length.
		_, offset, _, err := layout.ParseFooter(tail[max(0, int64(len(tail))-layout.FooterSize()):])
		if err == nil {
			return layout.name, offset, nil
		}
		errs = append(errs, err)
	}
	return "", 0, errors.Join(errs...)
}

func open(layer []byte) (*reader, error) { return estargz.Open(section(layer)) }

func verify(opened *reader, _ []byte, annotations map[string]string) (string, error) {
	if named, ok := annotations[estargz.TOCJSONDigestAnnotation]; ok {
		parsed, err := digest.Parse(named)
		if err != nil {
			return "", err
		}
		if _, err := opened.VerifyTOC(parsed); err != nil {
			return "", err
		}
	}
	return opened.TOCDigest().String(), nil
}

func tocAsWritten(layer []byte) ([]*entry, error) {
	offset, footerSize, err := estargz.OpenFooter(section(layer))
	if err != nil {
		return nil, err
	}
	toc, _, err := new(estargz.GzipDecompressor).ParseTOC(bytes.NewReader(layer[offset : int64(len(layer))-footerSize]))
	if err != nil {
		return nil, err
	}
	return toc.Entries, nil
}

func innerOffset(chunk *entry) int64  { return chunk.InnerOffset }
func chunkDigest(chunk *entry) string { return chunk.ChunkDigest }
func pathOf(known *entry) string      { return known.Name }
