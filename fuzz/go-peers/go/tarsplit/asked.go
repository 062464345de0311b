package tarsplit

import (
	"bytes"

	chunkproof "chunkproof.example/kit"
	"github.com/vbatts/tar-split/archive/tar"
)

// Operations are those of the adapter.
var Operations = map[string]chunkproof.Operation{
	"tarsplit/parse":       parse,
	"tarsplit/assemble":    assemble,
	"tarsplit/disassemble": disassemble,
}

// mostZeros is how long a sparse file may be, whose holes the library reads as zeros.
const mostZeros = 16 << 20

// IsFatal tells whether the library reads the hole of a sparse file for longer than an input may take. It reads the headers as the
// library does in a goroutine of its own, where nobody can recover a panic: here it is one of the caller.
func IsFatal(op string, input *chunkproof.Input) bool {
	if op != "tarsplit/disassemble" {
		return false
	}
	reader := tar.NewReader(bytes.NewReader(input.Tar))
	reader.RawAccounting = true
	for {
		header, err := reader.Next()
		if err != nil {
			return false
		}
		isSparse := header.Typeflag == tar.TypeGNUSparse || header.PAXRecords["GNU.sparse.major"] != "" ||
			header.PAXRecords["GNU.sparse.map"] != ""
		if isSparse && header.Size > mostZeros {
			return true
		}
		reader.RawBytes()
	}
}
