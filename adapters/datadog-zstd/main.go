// An adapter between chunkproof and github.com/DataDog/zstd.
//
// `datadog-zstd WAY` speaks docs/protocol.md; the ways of reading are in README.md.
package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"runtime"

	chunkproof "chunkproof.example/kit"
	"github.com/DataDog/zstd"
)

func main() {
	ways := map[string]func([]byte, io.Writer) error{"stream": stream, "decompress": decompress}
	if len(os.Args) != 2 || ways[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: datadog-zstd stream|decompress")
		os.Exit(2)
	}
	adapter := chunkproof.New("datadog-zstd", chunkproof.ModuleVersion("github.com/DataDog/zstd"))
	adapter.Operation("layer/decompress", chunkproof.Chunked, func(input *chunkproof.Input) (chunkproof.Object, error) {
		emptyPools()
		var tar chunkproof.Tar
		if err := ways[os.Args[1]](input.Blob, &tar); err != nil {
			return nil, err
		}
		return tar.Output(), nil
	})
	adapter.Run()
}

// emptyPools makes every case the first of its process. The library keeps the buffers of readers in a sync.Pool, at the
// size that the end of the last blob left them with, and how much a reader buffers decides what it can read.
func emptyPools() {
	// The first collection moves what is in a pool aside, the second drops it.
	runtime.GC()
	runtime.GC()
}

func stream(blob []byte, tar io.Writer) error {
	reader := zstd.NewReader(bytes.NewReader(blob))
	if _, err := io.Copy(tar, reader); err != nil {
		return err
	}
	return reader.Close()
}

func decompress(blob []byte, tar io.Writer) error {
	decompressed, err := zstd.Decompress(nil, blob)
	if err != nil {
		return err
	}
	_, err = tar.Write(decompressed)
	return err
}
