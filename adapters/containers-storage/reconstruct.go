//go:build !before_1_47

package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"

	chunkproof "chunkproof.example/kit"
	"github.com/opencontainers/go-digest"
	"github.com/vbatts/tar-split/tar/asm"
	tarsplit "github.com/vbatts/tar-split/tar/storage"
	"go.podman.io/storage/pkg/archive"
	"go.podman.io/storage/pkg/chunked"
)

func init() { operations["layer/reconstruct"] = reconstruct }

func reconstruct(scratch string, asked *chunkproof.Input) (object, error) {
	done := make(chan struct{})
	defer close(done)
	blob := asked.Blob
	return pull(scratch, digest.FromBytes(blob), int64(len(blob)), asked.Annotations, source{blob, done})
}

// pull pulls the layer into a folder as podman does, and puts the tar together from there.
func pull(scratch string, blob digest.Digest, size int64, annotations map[string]string, from chunked.ImageSourceSeekable) (object, error) {
	work, err := os.MkdirTemp(scratch, "layer-")
	if err != nil {
		return nil, chunkproof.Failure{Reason: err}
	}
	defer os.RemoveAll(work)
	dest := filepath.Join(work, "diff")
	if err := os.Mkdir(dest, 0o755); err != nil {
		return nil, chunkproof.Failure{Reason: err}
	}

	differ, err := newDiffer(&store{root: work, options: pullOptions}, blob, size, annotations, from)
	if err != nil {
		return nil, err
	}
	defer closeDiffer(differ)
	output, err := applyDiff(differ, dest, &archive.TarOptions{IgnoreChownErrors: os.Geteuid() != 0})
	if err != nil {
		return nil, err
	}
	metadata, err := tarSplitOf(output, annotations)
	if err != nil {
		return nil, err
	}
	if metadata == nil {
		return nil, errors.New("no tar-split")
	}
	root, err := os.OpenRoot(dest)
	if err != nil {
		return nil, chunkproof.Failure{Reason: err}
	}
	defer root.Close()
	hasher := sha256.New()
	var length int64
	if isInsecure {
		length, err = assembleUnchecked(hasher, files{root}, metadata)
	} else {
		tar := asm.NewOutputTarStream(files{root}, tarsplit.NewJSONUnpacker(metadata))
		defer tar.Close()
		length, err = io.Copy(hasher, tar)
	}
	if err != nil {
		return nil, err
	}
	if err := compareTarDigest(output, digest.NewDigest(digest.SHA256, hasher)); err != nil {
		return nil, err
	}
	return object{
		"toc_digest": output.TOCDigest.String(),
		"sha256":     hex.EncodeToString(hasher.Sum(nil)),
		"size":       strconv.FormatInt(length, 10),
	}, nil
}

// assembleUnchecked puts the tar together without comparing CRCs. In the insecure mode the library compares them when it pushes the
// layer and not when it pulls it, and here they would hide what the pull lets through.
func assembleUnchecked(to io.Writer, from files, metadata io.Reader) (int64, error) {
	unpacker := tarsplit.NewJSONUnpacker(metadata)
	var length int64
	for {
		entry, err := unpacker.Next()
		if err == io.EOF {
			return length, nil
		} else if err != nil {
			return length, err
		}
		switch {
		case entry.Type == tarsplit.SegmentType:
			written, err := to.Write(entry.Payload)
			length += int64(written)
			if err != nil {
				return length, err
			}
		case entry.Type == tarsplit.FileType && entry.Size != 0:
			file, err := from.Get(entry.GetName())
			if err != nil {
				return length, err
			}
			written, err := io.Copy(to, file)
			file.Close()
			length += written
			if err != nil {
				return length, err
			}
		}
	}
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
