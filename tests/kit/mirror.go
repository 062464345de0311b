package main

import (
	"errors"
	"fmt"
	"strconv"

	"example.org/adapter/chunkproof"
)

type (
	input  = chunkproof.Input
	object = chunkproof.Object
)

func main() {
	adapter := chunkproof.New("mirror", "1")
	adapter.Operation("layer/decompress", []string{"g4", "g5"}, func(input *input) (object, error) {
		fmt.Println("junk")
		var tar chunkproof.Tar
		half := len(input.Blob) / 2
		for _, part := range [][]byte{input.Blob[:half], input.Blob[half:]} {
			if _, err := tar.Write(part); err != nil {
				return nil, err
			}
		}
		return tar.Output(), nil
	})
	adapter.Operation("footer/parse", []string{"g5"}, func(input *input) (object, error) {
		size := strconv.FormatUint(input.BlobSize, 10)
		return object{"tail": chunkproof.Bytes(input.Tail), "size": size, "list": []any{nil, true}}, nil
	})
	adapter.Operation("annotations/parse", []string{"g5"}, func(input *input) (object, error) {
		if own, ok := input.Annotations["own"]; ok {
			return nil, errors.New(own)
		}
		return nil, chunkproof.Reject{Reason: errors.New(input.Annotations["base64"]), Rule: "ANN-01"}
	})
	adapter.Operation("toc/parse", []string{"g5"}, func(input *input) (object, error) {
		if input.Dialect == "g1" {
			return nil, chunkproof.Decline{Reason: errors.New(input.Dialect)}
		}
		return nil, fmt.Errorf("%w", chunkproof.Unsupported{Reason: errors.New(input.Dialect)})
	})
	adapter.Operation("tarsplit/assemble", []string{"g5"}, func(input *input) (object, error) {
		parts := []object{}
		for _, file := range input.Files {
			parts = append(parts, chunkproof.Bytes(file.Name), chunkproof.Bytes(file.Content))
		}
		return object{"files": parts}, nil
	})
	adapter.Operation("layer/index", []string{"g5"}, func(*input) (object, error) {
		panic("no rejection")
	})
	adapter.Run()
}
