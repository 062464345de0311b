package main

import (
	"bytes"
	"io"

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
	root    string
	options map[string]string
}

func (s *store) PullOptions() map[string]string           { return s.options }
func (s *store) GraphDriver() (graphdriver.Driver, error) { return driver{}, nil }
func (s *store) RunRoot() string                          { return s.root }
func (s *store) Layers() ([]storage.Layer, error)         { return nil, nil }

type driver struct{ graphdriver.DriverWithDiffer }
