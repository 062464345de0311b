package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"

	"go.podman.io/storage"
	graphdriver "go.podman.io/storage/drivers"
	"go.podman.io/storage/pkg/chunked"
)

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
	return streamsOf(chunks, s.done, func(chunk chunked.ImageSourceChunk) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(s.blob[chunk.Offset:min(chunk.Offset+chunk.Length, size)])), nil
	})
}

// streamsOf hands out a stream for each chunk as it is opened, until done is closed.
func streamsOf(chunks []chunked.ImageSourceChunk, done chan struct{}, open func(chunked.ImageSourceChunk) (io.ReadCloser, error)) (chan io.ReadCloser, chan error, error) {
	streams, errs := make(chan io.ReadCloser), make(chan error)
	// The reader takes whichever channel is ready, and one that is closed always is; so errs is closed when every stream is
	// with the reader.
	go func() {
		defer close(errs)
		defer close(streams)
		for _, chunk := range chunks {
			stream, err := open(chunk)
			if err != nil {
				select {
				case errs <- err:
				case <-done:
				}
				return
			}
			select {
			case streams <- stream:
			case <-done:
				return
			}
		}
	}()
	return streams, errs, nil
}

// readAnnotations reads annotations from a file of JSON.
func readAnnotations(path string) (map[string]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var annotations map[string]string
	err = json.Unmarshal(text, &annotations)
	return annotations, err
}

// store is one without layers, whose driver can take partial pulls. What else a store has is not called.
type store struct {
	storage.Store
	root    string
	options map[string]string
}

func (s *store) PullOptions() map[string]string           { return s.options }
func (s *store) GraphDriver() (graphdriver.Driver, error) { return driver{}, nil }
func (s *store) RunRoot() string                          { return s.root }
func (s *store) Layers() ([]storage.Layer, error)         { return nil, nil }

type driver struct{ graphdriver.DriverWithDiffer }
