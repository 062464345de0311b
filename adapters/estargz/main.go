// An adapter between chunkproof and github.com/containerd/stargz-snapshotter/estargz, the library of eStargz.
//
// It speaks docs/protocol.md. Nothing is recovered: where the library panics, the process ends.
package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"math"
	"runtime/debug"
	"strconv"

	chunkproof "chunkproof.example/kit"
)

type object = chunkproof.Object

// errCannot is for what the version under test has no function for.
var errCannot = chunkproof.Unsupported{Reason: errors.New("this version has no function for it")}

func main() {
	// A recursion without an end reaches this in a moment, and the 1 GB that Go allows only after seconds: a crash is one every
	// time, and no timeout.
	debug.SetMaxStack(64 << 20)
	// Before estargz/v0.3.0 the package was in the module of the snapshotter.
	version := chunkproof.ModuleVersion("github.com/containerd/stargz-snapshotter/estargz", "github.com/containerd/stargz-snapshotter")
	adapter := chunkproof.New("estargz", version)
	dialects := []string{"estargz"}
	adapter.Operation("estargz/footer", dialects, footer)
	adapter.Operation("estargz/toc", dialects, toc)
	adapter.Operation("layer/index", dialects, index)
	adapter.Run()
}

func footer(input *chunkproof.Input) (object, error) {
	if input.BlobSize > math.MaxInt64 {
		return nil, errCannot
	}
	layout, offset, err := parseFooter(input.Tail, int64(input.BlobSize))
	if err != nil {
		return nil, err
	}
	var tocOffset any
	// The library says with a negative offset that the TOC is external, whichever footer it stands in.
	if offset >= 0 {
		tocOffset = strconv.FormatInt(offset, 10)
	}
	return object{"layout": layout, "toc_offset": tocOffset}, nil
}

// toc opens a layer that is nothing but its TOC, since the library has no function for the JSON alone.
func toc(input *chunkproof.Input) (object, error) {
	document := input.JSON
	var layer bytes.Buffer
	member := gzip.NewWriter(&layer)
	archive := tar.NewWriter(member)
	header := tar.Header{Typeflag: tar.TypeReg, Name: tocName, Size: int64(len(document))}
	err := archive.WriteHeader(&header)
	if err == nil {
		_, err = archive.Write(document)
	}
	if err := errors.Join(err, archive.Close(), member.Close()); err != nil {
		panic(err) // Nothing that is written to memory fails.
	}
	layer.WriteString("\x1f\x8b\x08\x04\x00\x00\x00\x00\x00\xff\x1a\x00SG\x16\x000000000000000000STARGZ\x01\x00\x00\xff\xff")
	layer.Write(make([]byte, 8))
	opened, err := open(layer.Bytes())
	if err != nil {
		return nil, err
	}
	listed, err := entries(opened, layer.Bytes())
	if err != nil {
		return nil, err
	}
	return object{"entries": listed}, nil
}

func index(input *chunkproof.Input) (object, error) {
	layer := input.Blob
	opened, err := open(layer)
	if err != nil {
		return nil, err
	}
	digest, err := verify(opened, layer, input.Annotations)
	if err != nil {
		return nil, err
	}
	listed, err := entries(opened, layer)
	if err != nil {
		return nil, err
	}
	return object{"toc_digest": digest, "entries": listed}, nil
}

func section(layer []byte) *io.SectionReader {
	return io.NewSectionReader(bytes.NewReader(layer), 0, int64(len(layer)))
}
