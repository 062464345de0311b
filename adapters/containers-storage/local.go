//go:build !before_1_47

package main

import (
	"fmt"
	"io"
	"os"

	"github.com/opencontainers/go-digest"
	"go.podman.io/storage/pkg/archive"
	"go.podman.io/storage/pkg/chunked"
)

func init() { commands["differ"] = differLocal }

// differLocal is a pull from a file, for measurements: `differ LAYER ANNOTATIONS` makes a differ, which reads and compares TOC and
// tar-split; with a FOLDER, which has to be empty, it is applied there.
func differLocal(arguments []string) error {
	if len(arguments) != 2 && len(arguments) != 3 {
		return errUsage
	}
	layer, err := os.Open(arguments[0])
	if err != nil {
		return err
	}
	defer layer.Close()
	about, err := layer.Stat()
	if err != nil {
		return err
	}
	annotations, err := readAnnotations(arguments[1])
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
	// The library compares the digest of the blob with nothing.
	blob := digest.FromString("")
	differ, err := newDiffer(&store{root: scratch, options: pullOptions}, blob, about.Size(), annotations, local{layer, done})
	if err != nil {
		return err
	}
	defer closeDiffer(differ)
	if len(arguments) == 2 {
		return nil
	}
	output, err := applyDiff(differ, arguments[2], &archive.TarOptions{IgnoreChownErrors: os.Geteuid() != 0})
	if err != nil {
		return err
	}
	_, err = fmt.Println(output.TOCDigest)
	return err
}

// local is a blob in a file, until done is closed.
type local struct {
	blob *os.File
	done chan struct{}
}

func (l local) GetBlobAt(chunks []chunked.ImageSourceChunk) (chan io.ReadCloser, chan error, error) {
	return streamsOf(chunks, l.done, func(chunk chunked.ImageSourceChunk) (io.ReadCloser, error) {
		return io.NopCloser(io.NewSectionReader(l.blob, int64(chunk.Offset), int64(chunk.Length))), nil
	})
}
