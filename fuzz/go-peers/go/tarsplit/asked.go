package tarsplit

import (
	"bytes"

	chunkproof "chunkproof.example/kit"
	"github.com/vbatts/tar-split/archive/tar"
)

// Operations are those of the adapter.
var Operations = map[string]chunkproof.Operation{
	"tarsplit/parse":    parse,
	"tarsplit/assemble": assemble,
	"tarsplit/disassemble": func(input *chunkproof.Input) (chunkproof.Object, error) {
		readHeaders(input.Tar)
		return disassemble(input)
	},
}

// readHeaders reads the headers as the library does in a goroutine of its own, where nobody can recover a panic.
func readHeaders(content []byte) {
	reader := tar.NewReader(bytes.NewReader(content))
	reader.RawAccounting = true
	for {
		if _, err := reader.Next(); err != nil {
			return
		}
		reader.RawBytes()
	}
}
