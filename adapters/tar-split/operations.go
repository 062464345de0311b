package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strconv"

	chunkproof "chunkproof.example/kit"
	"github.com/vbatts/tar-split/tar/asm"
	"github.com/vbatts/tar-split/tar/storage"
)

// parse reads the entries as those who assemble a tar do: until io.EOF, and nothing else is looked at.
func parse(asked *chunkproof.Input) (object, error) {
	unpacker := storage.NewJSONUnpacker(bytes.NewReader(asked.JSON))
	entries := []object{}
	for {
		entry, err := unpacker.Next()
		if err == io.EOF {
			return object{"entries": entries}, nil
		} else if err != nil {
			return nil, err
		}
		switch entry.Type {
		case storage.SegmentType:
			if len(entry.Payload) > 0 {
				entries = append(entries, object{"segment": entry.Payload})
			}
		case storage.FileType:
			entries = append(entries, object{"file": fileEntry(entry)})
		default:
			// asm.WriteOutputTarStream takes no notice of other types either.
		}
	}
}

func fileEntry(entry *storage.Entry) object {
	// The output knows no negative sizes, the library does: they become the number with the same bits.
	output := object{"name": entry.GetNameBytes(), "size": strconv.FormatUint(uint64(entry.Size), 10)}
	if len(entry.Payload) > 0 {
		output["crc64"] = hex.EncodeToString(entry.Payload)
	}
	return output
}

func assemble(asked *chunkproof.Input) (object, error) {
	files := storage.NewBufferFileGetPutter()
	for _, file := range asked.Files {
		if _, _, err := files.Put(string(file.Name), bytes.NewReader(file.Content)); err != nil {
			return nil, err
		}
	}
	tar := asm.NewOutputTarStream(files, storage.NewJSONUnpacker(bytes.NewReader(asked.TarSplit)))
	defer tar.Close()
	hasher := sha256.New()
	size, err := io.Copy(hasher, tar)
	if err != nil {
		return nil, err
	}
	return object{"sha256": hex.EncodeToString(hasher.Sum(nil)), "size": strconv.FormatInt(size, 10)}, nil
}

// Since v0.12.3 a panic of the goroutine behind the stream is an error of the stream first, and ends the process a moment
// later. It is not to pass for a rejection in that moment.
const panicked = "panic in runInputTarStream"

func disassemble(asked *chunkproof.Input) (object, error) {
	var tarSplit bytes.Buffer
	tar, err := asm.NewInputTarStream(bytes.NewReader(asked.Tar), storage.NewJSONPacker(&tarSplit), nil)
	if err != nil {
		return nil, err
	}
	if _, err := io.Copy(io.Discard, tar); err != nil {
		if err.Error() == panicked {
			select {}
		}
		return nil, err
	}
	// A buffer that nothing was written to has nil for its bytes, which JSON would have as null.
	return object{"tar_split": chunkproof.Bytes(tarSplit.Bytes())}, nil
}
