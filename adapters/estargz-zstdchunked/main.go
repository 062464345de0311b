// An adapter between chunkproof and the zstd:chunked half of github.com/containerd/stargz-snapshotter/estargz.
//
// It speaks docs/protocol.md. Nothing is recovered: where the library panics, the process ends.
package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strconv"

	"github.com/containerd/stargz-snapshotter/estargz"
	"github.com/containerd/stargz-snapshotter/estargz/zstdchunked"
	"github.com/klauspost/compress/zstd"
	"github.com/opencontainers/go-digest"
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
		JSON        blob              `json:"json"`
		Blob        blob              `json:"blob"`
		Tar         blob              `json:"tar"`
		Annotations map[string]string `json:"annotations"`
	} `json:"input"`
}

// operations are what can be asked for. writeWith is estargz.Build if the program is started as `adapter build`.
var (
	operations = map[string]func(*request) (object, error){
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
		answer := object{"seq": asked.Seq}
		if asked.Op == "hello" {
			answer["hello"] = hello()
		} else if operation, ok := operations[asked.Op]; !ok {
			answer["unsupported"] = object{"message": asked.Op}
		} else if output, err := operation(&asked); err != nil {
			answer["reject"] = object{"message": err.Error()}
		} else {
			answer["accept"] = output
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
			if module.Path == "github.com/containerd/stargz-snapshotter/estargz" {
				version = module.Version
			}
		}
	}
	ops := object{}
	for op := range operations {
		ops[op] = []string{"g1"}
	}
	// Whatever the TOC, the tar is in zstd frames.
	ops["layer/decompress"] = []string{"g1", "g2", "g3", "g4", "g5"}
	return object{"name": "estargz-zstdchunked", "version": version, "language": "go", "ops": ops}
}

// footer has estargz.Unpack find the footer and hand it over, since a decompressor reckons with one that is whole.
func footer(asked *request) (object, error) {
	tail := asked.Input.Tail.Base64
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
func toc(asked *request) (object, error) {
	document := asked.Input.JSON.Base64
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
func index(asked *request) (object, error) {
	layer := asked.Input.Blob.Base64
	opened, err := open(layer)
	if err != nil {
		return nil, err
	}
	if named, ok := asked.Input.Annotations[estargz.TOCJSONDigestAnnotation]; ok {
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
func decompress(asked *request) (object, error) {
	tar, err := new(zstdchunked.Decompressor).Reader(bytes.NewReader(asked.Input.Blob.Base64))
	if err != nil {
		return nil, err
	}
	defer tar.Close()
	hasher := sha256.New()
	size, err := io.Copy(hasher, tar)
	if err != nil {
		return nil, err
	}
	return object{"sha256": hex.EncodeToString(hasher.Sum(nil)), "size": strconv.FormatInt(size, 10)}, nil
}

// write gives the annotations that nativeconverter/zstdchunked of the snapshotter sets.
func write(asked *request) (object, error) {
	compressor := zstdchunked.Compressor{CompressionLevel: zstd.SpeedDefault, Metadata: map[string]string{}}
	layer, tocDigest, err := writeWith(asked.Input.Tar.Base64, &compressor)
	if err != nil {
		return nil, err
	}
	compressor.Metadata[estargz.TOCJSONDigestAnnotation] = tocDigest.String()
	return object{"blob": blob{layer}, "annotations": compressor.Metadata}, nil
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
