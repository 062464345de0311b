package report

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"hash/crc64"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/opencontainers/go-digest"
	tarsplit "github.com/vbatts/tar-split/tar/storage"
	"go.podman.io/storage"
	graphdriver "go.podman.io/storage/drivers"
	"go.podman.io/storage/pkg/archive"
	"go.podman.io/storage/pkg/chunked"
)

const key = "io.github.containers.zstd-chunked."

// layer is a blob, and the annotations of its descriptor.
type layer struct {
	blob        []byte
	annotations map[string]string
}

func frame(content []byte) []byte {
	encoder, err := zstd.NewWriter(nil)
	if err != nil {
		panic(err)
	}
	return encoder.EncodeAll(content, nil)
}

// makeLayer puts data frames, a tar-split and a TOC together. @ in the TOC becomes the digest of the tar-split.
func makeLayer(data []byte, tarSplit, toc string) layer {
	made := layer{blob: bytes.Clone(data), annotations: map[string]string{}}
	skippable := func(content string) (string, string) {
		packed := frame([]byte(content))
		size := len(packed)
		made.blob = append(made.blob, 0x50, 0x2a, 0x4d, 0x18, byte(size), byte(size>>8), byte(size>>16), byte(size>>24))
		position := fmt.Sprintf("%d:%d:%d", len(made.blob), size, len(content))
		made.blob = append(made.blob, packed...)
		return digest.FromBytes(packed).String(), position
	}
	checksum, position := skippable(tarSplit)
	made.annotations[key+"tarsplit-position"] = position
	checksum, position = skippable(strings.Replace(toc, "@", checksum, 1))
	made.annotations[key+"manifest-checksum"], made.annotations[key+"manifest-position"] = checksum, position+":1"
	return made
}

// segment is a line of the tar-split: bytes of the tar that are not content of files.
func segment(payload []byte) string {
	return line(map[string]any{"type": tarsplit.SegmentType, "payload": payload})
}

// content is a line of the tar-split for a file of this content.
func content(name, content string) string {
	sum := crc64.New(tarsplit.CRCTable)
	io.WriteString(sum, content)
	return line(map[string]any{"type": tarsplit.FileType, "name": name, "size": len(content), "payload": sum.Sum(nil)})
}

func line(fields map[string]any) string {
	text, err := json.Marshal(fields)
	if err != nil {
		panic(err)
	}
	return string(text) + "\n"
}

// entry is an entry of the TOC for a file of mode 0644, with the fields that follow in JSON.
func entry(name string, size int64, more string) string {
	return fmt.Sprintf(`{"type":"reg","name":%s,"mode":420,"size":%d%s}`, strconv.Quote(name), size, more)
}

// stored are the fields of an entry whose content is the frame at this offset.
func stored(content string, offset, end int) string {
	return fmt.Sprintf(`,"digest":%q,"offset":%d,"endOffset":%d`, digest.FromString(content).String(), offset, end)
}

func document(entries ...string) string {
	return `{"version":1,"entries":[` + strings.Join(entries, ",") + `],"tarSplitDigest":"@"}`
}

// open reads TOC and tar-split and compares them, as a partial pull begins.
func open(t *testing.T, from layer) (graphdriver.Differ, error) {
	differ, err := chunked.NewDiffer(context.Background(), &store{root: t.TempDir()}, digest.FromBytes(from.blob),
		int64(len(from.blob)), from.annotations, source(from.blob))
	if err == nil {
		t.Cleanup(func() { differ.Close() })
	}
	return differ, err
}

// pull unpacks the layer into a folder, and returns it with the tar-split.
func pull(t *testing.T, from layer) (folder string, tarSplit io.Reader, err error) {
	differ, err := open(t, from)
	if err != nil {
		return "", nil, err
	}
	folder = t.TempDir()
	output, err := differ.ApplyDiff(folder, &archive.TarOptions{IgnoreChownErrors: os.Geteuid() != 0},
		&graphdriver.DifferOptions{Format: graphdriver.DifferOutputFormatDir})
	if err != nil {
		return "", nil, err
	}
	_, err = output.TarSplit.Seek(0, io.SeekStart)
	return folder, output.TarSplit, err
}

// source is a blob from which ranges are fetched.
type source []byte

func (s source) GetBlobAt(chunks []chunked.ImageSourceChunk) (chan io.ReadCloser, chan error, error) {
	size := uint64(len(s))
	for _, chunk := range chunks {
		if chunk.Offset >= size {
			return nil, nil, chunked.ErrBadRequest{}
		}
	}
	streams, errs := make(chan io.ReadCloser), make(chan error)
	go func() {
		for _, chunk := range chunks {
			streams <- io.NopCloser(bytes.NewReader(s[chunk.Offset:][:min(chunk.Length, size-chunk.Offset)]))
		}
		close(streams)
		close(errs)
	}()
	return streams, errs, nil
}

// store is one without layers whose driver can take partial pulls.
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
