// Package report shows that the zstd:chunked writer never ends where a tar is cut within a file, after 1 KiB of zeros.
package report

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"time"

	"go.podman.io/storage/pkg/chunked/compressor"
)

// limited fails as a full disk does.
type limited struct{ left int }

var errFull = errors.New("the disk is full")

func (l *limited) Write(part []byte) (int, error) {
	if l.left -= len(part); l.left < 0 {
		return 0, errFull
	}
	return len(part), nil
}

func TestTarEndsAfterZeros(t *testing.T) {
	// The header declares 2 KiB of content, and the tar ends after 1 KiB of zeros.
	tar := join(header('0', "file", 2048, nil), make([]byte, 1024))
	made := child(t, 10*time.Second)
	if made == nil {
		writer, err := compressor.ZstdCompressor(&limited{8 << 10}, map[string]string{}, nil)
		if err == nil {
			_, err = io.Copy(writer, bytes.NewReader(tar))
			err = errors.Join(err, writer.Close())
		}
		t.Logf("returned %v", err)
		if errors.Is(err, errFull) {
			t.Log("8 KiB were written")
		}
		return
	}
	if !made.timedOut && !bytes.Contains([]byte(made.output), []byte("8 KiB were written")) {
		t.Fatalf("repaired: the writer ends, and writes less than 8 KiB for a tar of %d bytes:\n%s", len(tar), made.output)
	}
}
