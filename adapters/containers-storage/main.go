// An adapter between chunkproof and go.podman.io/storage, the library of podman, CRI-O and skopeo.
//
// Without arguments it speaks docs/protocol.md. With `write TAR LAYER ANNOTATIONS` it writes a layer.
package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"

	"github.com/opencontainers/go-digest"
	"github.com/vbatts/tar-split/tar/asm"
	tarsplit "github.com/vbatts/tar-split/tar/storage"
	"go.podman.io/storage"
	graphdriver "go.podman.io/storage/drivers"
	"go.podman.io/storage/pkg/archive"
	"go.podman.io/storage/pkg/chunked"
	"go.podman.io/storage/pkg/chunked/compressor"
)

type object = map[string]any

type request struct {
	Seq   int    `json:"seq"`
	Op    string `json:"op"`
	Input struct {
		Blob struct {
			Base64 []byte `json:"base64"`
		} `json:"blob"`
		Annotations map[string]string `json:"annotations"`
	} `json:"input"`
}

func main() {
	var err error
	if len(os.Args) == 5 && os.Args[1] == "write" {
		err = write(os.Args[2], os.Args[3], os.Args[4])
	} else if len(os.Args) == 1 {
		err = serve()
	} else {
		err = errors.New("usage: containers-storage [write TAR LAYER ANNOTATIONS]")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func serve() error {
	scratch, err := os.MkdirTemp("", "chunkproof-containers-storage-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
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
		answer := object{"seq": asked.Seq}
		switch asked.Op {
		case "hello":
			answer["hello"] = hello()
		case "layer/reconstruct":
			output, err := reconstruct(scratch, asked.Input.Blob.Base64, asked.Input.Annotations)
			var local failure
			var fallback chunked.ErrFallbackToOrdinaryLayerDownload
			switch {
			case err == nil:
				answer["accept"] = output
			case errors.As(err, &local):
				return err
			case errors.As(err, &fallback):
				answer["decline"] = object{"message": err.Error()}
			default:
				answer["reject"] = object{"message": err.Error()}
			}
		default:
			answer["unsupported"] = object{"message": asked.Op}
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
			if module.Path == "go.podman.io/storage" {
				version = module.Version
			}
		}
	}
	return object{
		"name": "go.podman.io/storage", "version": version, "language": "go",
		"ops": []string{"layer/reconstruct"}, "dialects": []string{"g5"},
	}
}

// failure is an error of this machine, which says nothing about the layer.
type failure struct{ error }

// reconstruct pulls the layer into a folder as podman does, and puts the tar together from there.
func reconstruct(scratch string, blob []byte, annotations map[string]string) (object, error) {
	work, err := os.MkdirTemp(scratch, "layer-")
	if err != nil {
		return nil, failure{err}
	}
	defer os.RemoveAll(work)
	dest := filepath.Join(work, "diff")
	if err := os.Mkdir(dest, 0o755); err != nil {
		return nil, failure{err}
	}

	done := make(chan struct{})
	defer close(done)
	differ, err := chunked.NewDiffer(context.Background(), &store{root: work}, digest.FromBytes(blob), int64(len(blob)), annotations, source{blob, done})
	if err != nil {
		return nil, err
	}
	defer differ.Close()
	options := archive.TarOptions{IgnoreChownErrors: os.Geteuid() != 0}
	output, err := differ.ApplyDiff(dest, &options, &graphdriver.DifferOptions{Format: graphdriver.DifferOutputFormatDir})
	if err != nil {
		return nil, err
	}
	if output.TarSplit == nil {
		return nil, errors.New("no tar-split")
	}
	if _, err := output.TarSplit.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dest)
	if err != nil {
		return nil, failure{err}
	}
	defer root.Close()
	tar := asm.NewOutputTarStream(files{root}, tarsplit.NewJSONUnpacker(output.TarSplit))
	defer tar.Close()
	hasher := sha256.New()
	size, err := io.Copy(hasher, tar)
	if err != nil {
		return nil, err
	}
	return object{
		"toc_digest": output.TOCDigest.String(),
		"sha256":     hex.EncodeToString(hasher.Sum(nil)),
		"size":       strconv.FormatInt(size, 10),
	}, nil
}

// files are those that were unpacked. Links in the layer do not lead out of the folder.
type files struct{ root *os.Root }

func (f files) Get(name string) (io.ReadCloser, error) {
	inside, err := filepath.Rel("/", filepath.Join("/", name))
	if err != nil {
		return nil, err
	}
	return f.root.Open(inside)
}

// source is a blob behind range requests, until done is closed.
type source struct {
	blob []byte
	done chan struct{}
}

func (s source) GetBlobAt(chunks []chunked.ImageSourceChunk) (chan io.ReadCloser, chan error, error) {
	size := uint64(len(s.blob))
	for _, chunk := range chunks {
		// A server has no such range; one that begins in the blob and ends behind it is cut.
		if end := chunk.Offset + chunk.Length; chunk.Offset >= size || end < chunk.Offset {
			return nil, nil, chunked.ErrBadRequest{}
		}
	}
	streams, errs := make(chan io.ReadCloser), make(chan error)
	// The reader takes whichever channel is ready, and one that is closed always is; so errs is closed when every stream is
	// with the reader.
	go func() {
		defer close(errs)
		defer close(streams)
		for _, chunk := range chunks {
			stream := io.NopCloser(bytes.NewReader(s.blob[chunk.Offset:min(chunk.Offset+chunk.Length, size)]))
			select {
			case streams <- stream:
			case <-s.done:
				return
			}
		}
	}()
	return streams, errs, nil
}

// store is one without layers, whose driver can take partial pulls. What else a store has is not called.
type store struct {
	storage.Store
	root string
}

func (s *store) PullOptions() map[string]string {
	return map[string]string{"enable_partial_images": "true"}
}

func (s *store) GraphDriver() (graphdriver.Driver, error) { return driver{}, nil }
func (s *store) RunRoot() string                          { return s.root }
func (s *store) Layers() ([]storage.Layer, error)         { return nil, nil }

type driver struct{ graphdriver.DriverWithDiffer }

// write writes a layer with the writer of the library.
func write(from, to, annotationsTo string) error {
	tar, err := os.Open(from)
	if err != nil {
		return err
	}
	defer tar.Close()
	layer, err := os.Create(to)
	if err != nil {
		return err
	}
	defer layer.Close()
	annotations := map[string]string{}
	writer, err := compressor.ZstdCompressor(layer, annotations, nil)
	if err != nil {
		return err
	}
	if _, err := io.Copy(writer, tar); err != nil {
		return err
	}
	if err := errors.Join(writer.Close(), layer.Close()); err != nil {
		return err
	}
	text, err := json.MarshalIndent(annotations, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(annotationsTo, append(text, '\n'), 0o644)
}
