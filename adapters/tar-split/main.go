// An adapter between chunkproof and github.com/vbatts/tar-split, the library that made the tar-split format.
//
// It speaks docs/protocol.md.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/debug"
)

const library = "github.com/vbatts/tar-split"

// Above this, what a request took is given back to the system before the library works on it.
const largeRequest = 1 << 20

type object = map[string]any

type blob struct {
	Base64 []byte `json:"base64"`
}

type request struct {
	Seq   int    `json:"seq"`
	Op    string `json:"op"`
	Input input  `json:"input"`
}

type input struct {
	JSON     blob   `json:"json"`
	Tar      blob   `json:"tar"`
	TarSplit blob   `json:"tar_split"`
	Files    []file `json:"files"`
}

type file struct {
	Name    blob `json:"name"`
	Content blob `json:"content"`
}

var operations = map[string]func(input) (object, error){
	"tarsplit/parse":       parse,
	"tarsplit/assemble":    assemble,
	"tarsplit/disassemble": disassemble,
}

func main() {
	if err := serve(bufio.NewReader(os.Stdin), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func serve(requests *bufio.Reader, to io.Writer) error {
	answers := json.NewEncoder(to)
	for {
		asked, err := receive(requests)
		if err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := answers.Encode(answer(asked)); err != nil {
			return err
		}
	}
}

func receive(requests *bufio.Reader) (request, error) {
	var asked request
	line, err := requests.ReadBytes('\n')
	if err != nil {
		return asked, err
	}
	size := len(line)
	err = json.Unmarshal(line, &asked)
	line = nil
	if size > largeRequest {
		// A limit on memory is to be one on the library, not on how requests are read here.
		debug.FreeOSMemory()
	}
	return asked, err
}

func answer(asked request) object {
	answer := object{"seq": asked.Seq}
	operation, known := operations[asked.Op]
	if asked.Op == "hello" {
		answer["hello"] = hello()
	} else if !known {
		answer["unsupported"] = object{"message": asked.Op}
	} else if output, err := operation(asked.Input); err != nil {
		answer["reject"] = object{"message": err.Error()}
	} else {
		answer["accept"] = output
	}
	return answer
}

// withTarSplit are the dialects that have a tar-split.
var withTarSplit = []string{"g3", "g4", "g5"}

func hello() object {
	version := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			if module.Path == library {
				version = module.Version
			}
		}
	}
	return object{
		"name": "tar-split", "version": version, "language": "go",
		"ops": object{"tarsplit/parse": withTarSplit, "tarsplit/assemble": withTarSplit, "tarsplit/disassemble": withTarSplit},
	}
}
