package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"

	chunkproof "chunkproof.example/kit"
	"go.podman.io/storage/pkg/chunked/compressor"
)

func init() {
	operations["layer/write"] = writeLayer
	commands["write"] = write
}

func writeLayer(_ string, asked *chunkproof.Input) (object, error) {
	var layer bytes.Buffer
	annotations := map[string]string{}
	if err := compress(&layer, annotations, bytes.NewReader(asked.Tar)); err != nil {
		return nil, err
	}
	return object{"blob": chunkproof.Bytes(layer.Bytes()), "annotations": annotations}, nil
}

// compress writes a layer with the writer of the library, at its default level.
func compress(layer io.Writer, annotations map[string]string, tar io.Reader) error {
	writer, err := compressor.ZstdCompressor(layer, annotations, nil)
	if err != nil {
		return err
	}
	if _, err := io.Copy(writer, tar); err != nil {
		return err
	}
	return writer.Close()
}

// write writes a layer from and to files: `write TAR LAYER ANNOTATIONS`.
func write(arguments []string) error {
	if len(arguments) != 3 {
		return errUsage
	}
	from, to, annotationsTo := arguments[0], arguments[1], arguments[2]
	tar, err := os.Open(from)
	if err != nil {
		return err
	}
	defer tar.Close()
	layer, err := os.Create(to)
	if err != nil {
		return err
	}
	defer layer.Close()
	annotations := map[string]string{}
	if err := errors.Join(compress(layer, annotations, tar), layer.Close()); err != nil {
		return err
	}
	text, err := json.MarshalIndent(annotations, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(annotationsTo, append(text, '\n'), 0o644)
}
