// An adapter between chunkproof and example.
package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strconv"

	"example.org/adapter/chunkproof"
)

func main() {
	// TODO: the name and the version of your implementation.
	adapter := chunkproof.New("example", "v1")
	adapter.Operation("footer/parse", []string{"g4", "g5"}, footer)
	// TODO: an operation for each thing that your implementation does, such as this one. An error that is returned is a rejection.
	//
	//	adapter.Operation("layer/decompress", chunkproof.Chunked, func(input *chunkproof.Input) (chunkproof.Object, error) {
	//		var tar chunkproof.Tar
	//		if err := example.Decompress(&tar, input.Blob); err != nil {
	//			return nil, err
	//		}
	//		return tar.Output(), nil
	//	})
	adapter.Run()
}

// TODO: call your implementation. This reads footers of 64 bytes, to show how input and output look.
func footer(input *chunkproof.Input) (chunkproof.Object, error) {
	tail := input.Tail[max(0, len(input.Tail)-72):]
	if len(tail) < 72 || !bytes.HasPrefix(tail, []byte("\x50\x2a\x4d\x18\x40\x00\x00\x00")) || !bytes.HasSuffix(tail, []byte("GNUlInUx")) {
		return nil, errors.New("no 64-byte footer at the end")
	}
	var fields [7]uint64
	for i := range fields {
		fields[i] = binary.LittleEndian.Uint64(tail[8+8*i:])
	}
	toc, kind, tarSplit := fields[:3], fields[3], fields[4:]
	hasTarSplit := tarSplit[0]|tarSplit[1]|tarSplit[2] != 0
	last := toc
	if hasTarSplit {
		last = tarSplit
	}
	if kind != 1 || toc[0] < 8 || toc[1] == 0 || toc[2] == 0 || last[1] == 0 && last[2] > 0 {
		return nil, errors.New("the manifest type, an offset or a length is wrong")
	}
	if !ends(last, input.BlobSize-72) || hasTarSplit && !ends(toc, tarSplit[0]-8) {
		return nil, errors.New("TOC, tar-split and footer are not adjacent")
	}
	output := chunkproof.Object{"layout": "v64", "toc": position(toc), "tar_split": nil}
	if hasTarSplit {
		output["tar_split"] = position(tarSplit)
	}
	return output, nil
}

// ends is whether a span ends there. The sum of two numbers of a footer need not fit 64 bits.
func ends(span []uint64, end uint64) bool {
	return span[0] <= end && end-span[0] == span[1]
}

func position(span []uint64) chunkproof.Object {
	decimal := func(number uint64) string { return strconv.FormatUint(number, 10) }
	return chunkproof.Object{"offset": decimal(span[0]), "length": decimal(span[1]), "uncompressed": decimal(span[2])}
}
