// An adapter between chunkproof and the zstd decoder of github.com/klauspost/compress.
//
// `klauspost-zstd WAY` speaks docs/protocol.md; the ways of reading are in README.md.
package main

import (
	"bytes"
	"fmt"
	"io"
	"os"

	chunkproof "chunkproof.example/kit"
	"github.com/klauspost/compress/zstd"
)

func main() {
	ways := map[string]func([]byte, io.Writer) error{"stream": stream, "decode-all": decodeAll}
	if len(os.Args) != 2 || ways[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: klauspost-zstd stream|decode-all")
		os.Exit(2)
	}
	adapter := chunkproof.New("klauspost-zstd", chunkproof.ModuleVersion("github.com/klauspost/compress"))
	adapter.Operation("layer/decompress", chunkproof.Chunked, func(input *chunkproof.Input) (chunkproof.Object, error) {
		var tar chunkproof.Tar
		if err := ways[os.Args[1]](input.Blob, &tar); err != nil {
			return nil, err
		}
		return tar.Output(), nil
	})
	adapter.Run()
}

func stream(blob []byte, tar io.Writer) error {
	decoder, err := zstd.NewReader(bytes.NewReader(blob))
	if err != nil {
		return err
	}
	defer decoder.Close()
	_, err = io.Copy(tar, decoder)
	return err
}

func decodeAll(blob []byte, tar io.Writer) error {
	decoder, err := zstd.NewReader(nil)
	if err != nil {
		return err
	}
	defer decoder.Close()
	decoded, err := decoder.DecodeAll(blob, nil)
	if err != nil {
		return err
	}
	_, err = tar.Write(decoded)
	return err
}
