package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"strconv"

	chunkproof "chunkproof.example/kit"
	"go.podman.io/storage/pkg/archive"
)

func init() {
	operations["layer/decompress"] = decompress
	// The library has zstd do it, where there is one.
	os.Unsetenv("PATH")
}

// decompress does with the blob what the store does before it unpacks a layer that was downloaded in full.
func decompress(_ string, asked *chunkproof.Input) (object, error) {
	tar, err := archive.DecompressStream(bytes.NewReader(asked.Blob))
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
