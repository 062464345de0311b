//go:build v0.3.0

package main

import (
	"io"

	"github.com/containerd/stargz-snapshotter/estargz"
	"github.com/opencontainers/go-digest"
)

type (
	reader = estargz.Reader
	entry  = estargz.TOCEntry
)

const tocName = estargz.TOCTarName

func open(layer []byte) (*reader, error) { return estargz.Open(section(layer)) }

func openFooter(blob *io.SectionReader) (offset, footerSize int64, err error) {
	return estargz.OpenFooter(blob)
}

// verify knows no digest of a TOC but the one that it is told.
func verify(opened *reader, _ []byte, annotations map[string]string) (string, error) {
	named, ok := annotations[estargz.TOCJSONDigestAnnotation]
	if !ok {
		return "", errCannot
	}
	parsed, err := digest.Parse(named)
	if err != nil {
		return "", err
	}
	_, err = opened.VerifyTOC(parsed)
	return named, err
}

func chunkDigest(chunk *entry) string { return chunk.ChunkDigest }

func pathOf(known *entry) string { return known.Name }
