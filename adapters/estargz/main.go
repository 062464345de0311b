// An adapter between chunkproof and github.com/containerd/stargz-snapshotter/estargz, the library of eStargz.
//
// It speaks docs/protocol.md. Nothing is recovered: where the library panics, the process ends.
package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
)

type object = map[string]any

type blob struct {
	Base64 []byte `json:"base64"`
}

type request struct {
	Seq   int    `json:"seq"`
	Op    string `json:"op"`
	Input struct {
		Tail        blob              `json:"tail"`
		BlobSize    string            `json:"blob_size"`
		JSON        blob              `json:"json"`
		Blob        blob              `json:"blob"`
		Annotations map[string]string `json:"annotations"`
	} `json:"input"`
}

// errCannot is for what the version under test has no function for.
var errCannot = errors.New("this version has no function for it")

func main() {
	// A recursion without an end reaches this in a moment, and the 1 GB that Go allows only after seconds: a crash is one every
	// time, and no timeout.
	debug.SetMaxStack(64 << 20)
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func serve() error {
	requests, answers := bufio.NewReader(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		line, err := requests.ReadBytes('\n')
		if err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		var asked request
		if err := json.Unmarshal(line, &asked); err != nil {
			return err
		}
		var output object
		switch asked.Op {
		case "hello":
			if err := answers.Encode(object{"seq": asked.Seq, "hello": hello()}); err != nil {
				return err
			}
			continue
		case "estargz/footer":
			output, err = footer(asked.Input.Tail.Base64, asked.Input.BlobSize)
		case "estargz/toc":
			output, err = toc(asked.Input.JSON.Base64)
		case "layer/index":
			output, err = index(asked.Input.Blob.Base64, asked.Input.Annotations)
		default:
			err = errCannot
		}
		answer := object{"seq": asked.Seq}
		switch {
		case err == nil:
			answer["accept"] = output
		case errors.Is(err, errCannot):
			answer["unsupported"] = object{"message": err.Error()}
		default:
			answer["reject"] = object{"message": err.Error()}
		}
		if err := answers.Encode(answer); err != nil {
			return err
		}
	}
}

func hello() object {
	version := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			// Before estargz/v0.3.0 the package was in the module of the snapshotter.
			if strings.HasPrefix(module.Path, "github.com/containerd/stargz-snapshotter") {
				version = module.Version
			}
		}
	}
	return object{
		"name": "estargz", "version": version, "language": "go",
		"ops": object{
			"estargz/footer": []string{"estargz"}, "estargz/toc": []string{"estargz"}, "layer/index": []string{"estargz"},
		},
	}
}

func footer(tail []byte, size string) (object, error) {
	blobSize, err := strconv.ParseInt(size, 10, 64)
	if err != nil {
		return nil, errCannot
	}
	layout, offset, err := parseFooter(tail, blobSize)
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
func toc(document []byte) (object, error) {
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

func index(layer []byte, annotations map[string]string) (object, error) {
	opened, err := open(layer)
	if err != nil {
		return nil, err
	}
	digest, err := verify(opened, layer, annotations)
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
