package report

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"

	"github.com/containerd/stargz-snapshotter/estargz"
)

// member is a gzip member with these bytes.
func member(content []byte) []byte {
	var made bytes.Buffer
	writer := gzip.NewWriter(&made)
	writer.Write(content)
	writer.Close()
	return made.Bytes()
}

// footer is the footer of 51 bytes, with an extra field of eStargz.
func footer(offset string) []byte {
	return estargz.CreateGzipFooter([]byte("SG\x16\x00" + offset + "STARGZ"))
}

// makeLayer is an eStargz layer with these members, and a TOC after them.
func makeLayer(data []byte, toc string) []byte {
	var archive bytes.Buffer
	writer := tar.NewWriter(&archive)
	writer.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: estargz.TOCTarName, Size: int64(len(toc))})
	io.WriteString(writer, toc)
	writer.Close()
	layer := append(bytes.Clone(data), member(archive.Bytes())...)
	return append(layer, footer(fmt.Sprintf("%016x", len(data)))...)
}

func open(layer []byte, options ...estargz.OpenOption) (*estargz.Reader, error) {
	return estargz.Open(io.NewSectionReader(bytes.NewReader(layer), 0, int64(len(layer))), options...)
}
