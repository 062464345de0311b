//go:build v0.2.0

// No later version has the package estargz/stargz, so `go mod tidy` wants -e.

package main

import (
	"io"
	"strings"

	"github.com/containerd/stargz-snapshotter/estargz"
	"github.com/containerd/stargz-snapshotter/estargz/stargz"
	"github.com/opencontainers/go-digest"
)

type (
	reader = stargz.Reader
	entry  = stargz.TOCEntry
)

const tocName = stargz.TOCTarName

func open(layer []byte) (*reader, error) { return stargz.Open(section(layer)) }

func openFooter(blob *io.SectionReader) (offset, footerSize int64, err error) {
	return stargz.OpenFooter(blob)
}

// verify knows no digest of a TOC but the one that it is told.
func verify(_ *reader, layer []byte, annotations map[string]string) (string, error) {
	named, ok := annotations[estargz.TOCJSONDigestAnnotation]
	if !ok {
		return "", errCannot
	}
	parsed, err := digest.Parse(named)
	if err != nil {
		return "", err
	}
	_, err = estargz.VerifyStargzTOC(section(layer), parsed)
	return named, err
}

// The reader's entries had no digests of chunks yet.
func chunkDigest(*entry) string { return "" }

// pathOf is what a reader of this version finds an entry by, which is not its name.
func pathOf(known *entry) string {
	if known.Type == "dir" {
		return strings.TrimSuffix(known.Name, "/")
	}
	return known.Name
}
