// An adapter between chunkproof and the zstd:chunked half of github.com/containerd/stargz-snapshotter/estargz.
//
// It speaks docs/protocol.md. Nothing is recovered: where the library panics, the process ends.
package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strconv"

	chunkproof "chunkproof.example/kit"
	"github.com/containerd/stargz-snapshotter/estargz"
	"github.com/containerd/stargz-snapshotter/estargz/zstdchunked"
	"github.com/klauspost/compress/zstd"
	"github.com/opencontainers/go-digest"
)

type object = chunkproof.Object

// operations are what can be asked for. writeWith is estargz.Build if the program is started as `adapter build`.
var (
	operations = map[string]chunkproof.Operation{
		"footer/parse":     footer,
		"toc/parse":        toc,
		"layer/decompress": decompress,
		"layer/index":      index,
		"layer/write":      write,
	}
	writeWith = lossless
)

func main() {
	// A recursion without an end reaches this in a moment, and the 1 GB that Go allows only after seconds: a crash is one every
	// time, and no timeout.
	debug.SetMaxStack(64 << 20)
	if len(os.Args) == 2 && os.Args[1] == "build" {
		writeWith = build
	} else if len(os.Args) != 1 {
		fmt.Fprintln(os.Stderr, "usage: adapter [build]")
		os.Exit(2)
	}
	version := chunkproof.ModuleVersion("github.com/containerd/stargz-snapshotter/estargz")
	adapter := chunkproof.New("estargz-zstdchunked", version)
	for op, operation := range operations {
		dialects := []string{"g1"}
		if op == "layer/decompress" {
			// Whatever the TOC, the tar is in zstd frames.
			dialects = chunkproof.Chunked
		}
		adapter.Operation(op, dialects, operation)
	}
	adapter.Run()
}

// footer has estargz.Unpack find the footer and hand it over, since a decompressor reckons with one that is whole.
func footer(asked *chunkproof.Input) (object, error) {
	tail := asked.Tail
	var read footerReader
	if _, err := estargz.Unpack(section(tail), &read); err != nil {
		return nil, err
	}
	// The library does not look at the length after decompression, so it stands here as it does in the footer.
	uncompressed := binary.LittleEndian.Uint64(tail[int64(len(tail))-read.FooterSize()+16:])
	return object{"layout": "v40", "tar_split": nil, "toc": object{
		"offset": unsigned(read.offset), "length": unsigned(read.length), "uncompressed": strconv.FormatUint(uncompressed, 10),
	}}, nil
}

// footerReader is the decompressor of the library, but keeps what stands in the footer and reads no data.
type footerReader struct {
	zstdchunked.Decompressor
	offset, length int64
}

func (f *footerReader) ParseFooter(footer []byte) (payload, offset, length int64, err error) {
	payload, f.offset, f.length, err = f.Decompressor.ParseFooter(footer)
	return payload, f.offset, f.length, err
}

func (f *footerReader) Reader(io.Reader) (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(nil)), nil
}

// toc opens a layer that is nothing but its TOC, since the library has no function for the JSON alone.
func toc(asked *chunkproof.Input) (object, error) {
	document := asked.JSON
	encoder, err := zstd.NewWriter(nil, zstd.WithZeroFrames(true))
	if err != nil {
		panic(err) // The options are right.
	}
	defer encoder.Close()
	compressed := encoder.EncodeAll(document, nil)
	end := binary.LittleEndian.AppendUint64(nil, 8)
	for _, field := range []int{len(compressed), len(document), 1} {
		end = binary.LittleEndian.AppendUint64(end, uint64(field))
	}
	layer := append(skippable(compressed), skippable(append(end, "GnUlInUx"...))...)
	opened, err := open(layer)
	if err != nil {
		return nil, err
	}
	listed, err := entries(opened, layer)
	if err != nil {
		return nil, err
	}
	return object{"tar_split_digest": nil, "entries": listed}, nil
}

func skippable(payload []byte) []byte {
	header := binary.LittleEndian.AppendUint32([]byte{0x50, 0x2a, 0x4d, 0x18}, uint32(len(payload)))
	return append(header, payload...)
}

// index holds the TOC against the one annotation that the library reads.
func index(asked *chunkproof.Input) (object, error) {
	layer := asked.Blob
	opened, err := open(layer)
	if err != nil {
		return nil, err
	}
	if named, ok := asked.Annotations[estargz.TOCJSONDigestAnnotation]; ok {
		parsed, err := digest.Parse(named)
		if err != nil {
			return nil, err
		}
		if _, err := opened.VerifyTOC(parsed); err != nil {
			return nil, err
		}
	}
	listed, err := entries(opened, layer)
	if err != nil {
		return nil, err
	}
	return object{"toc_digest": opened.TOCDigest().String(), "entries": listed}, nil
}

// decompress reads the whole blob as estargz.Build does for the DiffID.
func decompress(asked *chunkproof.Input) (object, error) {
	tar, err := new(zstdchunked.Decompressor).Reader(bytes.NewReader(asked.Blob))
	if err != nil {
		return nil, err
	}
	defer tar.Close()
	var read chunkproof.Tar
	if _, err := io.Copy(&read, tar); err != nil {
		return nil, err
	}
	return read.Output(), nil
}

// write gives the annotations that nativeconverter/zstdchunked of the snapshotter sets.
func write(asked *chunkproof.Input) (object, error) {
	compressor := zstdchunked.Compressor{CompressionLevel: zstd.SpeedDefault, Metadata: map[string]string{}}
	layer, tocDigest, err := writeWith(asked.Tar, &compressor)
	if err != nil {
		return nil, err
	}
	compressor.Metadata[estargz.TOCJSONDigestAnnotation] = tocDigest.String()
	return object{"blob": chunkproof.Bytes(layer), "annotations": compressor.Metadata}, nil
}

// lossless writes the tar as it is.
func lossless(tar []byte, compressor *zstdchunked.Compressor) ([]byte, digest.Digest, error) {
	var layer bytes.Buffer
	writer := estargz.NewWriterWithCompressor(&layer, compressor)
	if err := writer.AppendTarLossLess(bytes.NewReader(tar)); err != nil {
		return nil, "", err
	}
	tocDigest, err := writer.Close()
	return layer.Bytes(), tocDigest, err
}

// build writes another tar, which has the files in another order and a landmark among them.
func build(tar []byte, compressor *zstdchunked.Compressor) ([]byte, digest.Digest, error) {
	built, err := estargz.Build(section(tar), estargz.WithCompression(struct {
		*zstdchunked.Compressor
		*zstdchunked.Decompressor
	}{compressor, new(zstdchunked.Decompressor)}))
	if err != nil {
		return nil, "", err
	}
	layer, err := io.ReadAll(built)
	return layer, built.TOCDigest(), errors.Join(err, built.Close())
}

func open(layer []byte) (*reader, error) {
	return estargz.Open(section(layer), estargz.WithDecompressors(new(zstdchunked.Decompressor)))
}

// tocAsWritten reads the TOC once more: opening it has filled in what the entries do not say.
func tocAsWritten(layer []byte) ([]*entry, error) {
	decompressor := new(zstdchunked.Decompressor)
	_, offset, length, err := decompressor.ParseFooter(layer[int64(len(layer))-decompressor.FooterSize():])
	if err != nil {
		return nil, err
	}
	if length <= 0 {
		length = int64(len(layer)) - offset - decompressor.FooterSize() // As in Open.
	}
	toc, _, err := decompressor.ParseTOC(io.NewSectionReader(bytes.NewReader(layer), offset, length))
	if err != nil {
		return nil, err
	}
	return toc.Entries, nil
}

func section(content []byte) *io.SectionReader {
	return io.NewSectionReader(bytes.NewReader(content), 0, int64(len(content)))
}

type (
	reader = estargz.Reader
	entry  = estargz.TOCEntry
)
