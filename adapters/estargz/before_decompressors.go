//go:build v0.3.0 || v0.2.0

package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
)

func parseFooter(tail []byte, blobSize int64) (layout string, offset int64, err error) {
	end := footerOnly{bytes.NewReader(tail), blobSize - int64(len(tail))}
	offset, footerSize, err := openFooter(io.NewSectionReader(end, 0, blobSize))
	if err != nil {
		return "", 0, err
	}
	return map[int64]string{51: "estargz", 47: "legacy"}[footerSize], offset, nil
}

// footerOnly is a blob of which only the end is there.
type footerOnly struct {
	tail  *bytes.Reader
	start int64
}

func (f footerOnly) ReadAt(p []byte, offset int64) (int, error) {
	return f.tail.ReadAt(p, offset-f.start)
}

// tocAsWritten reads the TOC again, with the library's type for its entries, as Open does.
func tocAsWritten(layer []byte) ([]*entry, error) {
	offset, footerSize, err := openFooter(section(layer))
	if err != nil {
		return nil, err
	}
	member, err := gzip.NewReader(bytes.NewReader(layer[offset : int64(len(layer))-footerSize]))
	if err != nil {
		return nil, err
	}
	member.Multistream(false)
	archive := tar.NewReader(member)
	if _, err := archive.Next(); err != nil {
		return nil, err
	}
	var toc struct {
		Entries []*entry `json:"entries"`
	}
	if err := json.NewDecoder(archive).Decode(&toc); err != nil {
		return nil, err
	}
	return toc.Entries, nil
}

// Files did not share members yet.
func innerOffset(*entry) int64 { return 0 }
