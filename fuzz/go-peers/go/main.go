// The implementations in Go that the fuzz target go-peers asks, as a library for C.
//
// They are asked by the code of their adapters, of which build.rs puts copies beside the files here, as packages with other names.
package main

/*
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
*/
import "C"

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"unsafe"

	"chunkproof.example/fuzz/go-peers/estargz"
	"chunkproof.example/fuzz/go-peers/storage"
	"chunkproof.example/fuzz/go-peers/tarsplit"
	chunkproof "chunkproof.example/kit"
)

// What an answer begins with.
const (
	accepts     = 'a'
	rejects     = 'r'
	declines    = 'd'
	unsupported = 'u'
	panics      = 'p'
	filtered    = 'f'
)

func init() {
	// An endless recursion reaches this in a moment, and the 1 GB that Go allows only after seconds.
	debug.SetMaxStack(64 << 20)
	// What cannot be recovered ends the process by a signal, at which libFuzzer keeps the input. By an exit it would be lost.
	debug.SetTraceback("crash")
	// Most of the time went into handing goroutines from thread to thread and into collecting a small heap.
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(400)
}

func main() {}

// scratch is where the library of podman keeps a tar-split while it reads it: in memory, if the system has such a folder.
var scratch = func() string {
	if about, err := os.Stat("/dev/shm"); err == nil && about.IsDir() {
		return "/dev/shm"
	}
	return os.TempDir()
}()

//export chunkproof_go_ask
func chunkproof_go_ask(request *C.uint8_t, length C.size_t, answerLength *C.size_t) *C.uint8_t {
	answer := ask(C.GoBytes(unsafe.Pointer(request), C.int(length)))
	*answerLength = C.size_t(len(answer))
	return (*C.uint8_t)(C.CBytes(answer))
}

func ask(request []byte) (answer []byte) {
	defer func() {
		if reason := recover(); reason != nil {
			answer = panicked(reason, string(debug.Stack()))
		}
	}()
	implementation, op, input := read(request)
	var output chunkproof.Object
	var err error
	switch implementation {
	case "containers-storage":
		if storage.IsFatal(input) {
			return []byte{filtered}
		}
		output, err = storage.Ask(op, scratch, input)
	case "tar-split":
		if tarsplit.IsFatal(op, input) {
			return []byte{filtered}
		}
		output, err = tarsplit.Operations[op](input)
	case "estargz":
		if estargz.IsFatal(op, input) {
			return []byte{filtered}
		}
		output, err = estargz.Operations[op](input)
	}
	if err == nil {
		text, err := json.Marshal(output)
		if err != nil {
			panic(err)
		}
		return append([]byte{accepts}, text...)
	}
	kind := byte(rejects)
	switch {
	case errors.As(err, new(chunkproof.Failure)):
		panic(err)
	case errors.As(err, new(chunkproof.Decline)):
		kind = declines
	case errors.As(err, new(chunkproof.Unsupported)):
		kind = unsupported
	}
	return append([]byte{kind}, err.Error()...)
}

// panicked is what the process would have written, from the function that panicked on, without the arguments of functions.
func panicked(reason any, stack string) []byte {
	if _, rest, ok := strings.Cut(stack, "\npanic("); ok {
		stack = "panic(" + rest
	}
	lines := strings.Split(stack, "\n")
	for i, line := range lines {
		if at := strings.LastIndexByte(line, '('); at > 0 && line[0] != '\t' {
			lines[i] = line[:at] + "()"
		}
	}
	stack = strings.Join(lines, "\n")
	return fmt.Appendf([]byte{panics}, "panic: %v\n\ngoroutine 1 [running]:\n%s", reason, stack)
}

// read takes a request apart: fields of a letter, a length and so many bytes.
func read(request []byte) (implementation, op string, input *chunkproof.Input) {
	input = &chunkproof.Input{Annotations: map[string]string{}}
	var key string
	for len(request) > 0 {
		letter, length := request[0], binary.LittleEndian.Uint32(request[1:])
		field := request[5 : 5+length : 5+length]
		request = request[5+length:]
		switch letter {
		case 'i':
			implementation = string(field)
		case 'o':
			op = string(field)
		case 't':
			input.Tail = field
		case 'j':
			input.JSON = field
		case 'b':
			input.Blob = field
		case 'a':
			input.Tar = field
		case 's':
			input.TarSplit = field
		case 'z':
			input.BlobSize = binary.LittleEndian.Uint64(field)
		case 'k':
			key = string(field)
		case 'v':
			input.Annotations[key] = string(field)
		case 'n':
			input.Files = append(input.Files, chunkproof.File{Name: field})
		case 'c':
			input.Files[len(input.Files)-1].Content = field
		case 'd':
			input.Dialect = string(field)
		}
	}
	return implementation, op, input
}
