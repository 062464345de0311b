//go:build !before_1_47

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"

	"github.com/opencontainers/go-digest"
	"go.podman.io/storage/pkg/chunked"
)

func init() { commands["pull"] = pullRemote }

// pullRemote pulls a layer from a server, and prints what came of it: `pull URL DIGEST SIZE ANNOTATIONS`.
func pullRemote(arguments []string) error {
	if len(arguments) != 4 {
		return errUsage
	}
	size, err := strconv.ParseInt(arguments[2], 10, 64)
	if err != nil {
		return err
	}
	annotations, err := readAnnotations(arguments[3])
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "chunkproof-containers-storage-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	done := make(chan struct{})
	defer close(done)
	server := &server{url: arguments[0], done: done}
	output, err := pull(scratch, digest.Digest(arguments[1]), size, annotations, server)
	if err != nil {
		return err
	}
	output["fetched"] = strconv.FormatInt(server.fetched, 10)
	return json.NewEncoder(os.Stdout).Encode(output)
}

// server has a blob, and answers requests for ranges of it. Each range is one request.
type server struct {
	url     string
	done    chan struct{}
	fetched int64
}

func (s *server) GetBlobAt(chunks []chunked.ImageSourceChunk) (chan io.ReadCloser, chan error, error) {
	return streamsOf(chunks, s.done, s.fetch)
}

func (s *server) fetch(chunk chunked.ImageSourceChunk) (io.ReadCloser, error) {
	request, err := http.NewRequest(http.MethodGet, s.url, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", chunk.Offset, chunk.Offset+chunk.Length-1))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusPartialContent {
		response.Body.Close()
		return nil, fmt.Errorf("%s: %s, expected a range", s.url, response.Status)
	}
	s.fetched += response.ContentLength
	return response.Body, nil
}
