// Package chunkproof is the protocol of chunkproof for adapters in Go, without dependencies.
//
//	adapter := chunkproof.New("example", "v1.2.3")
//	adapter.Operation("layer/decompress", chunkproof.Chunked, func(input *chunkproof.Input) (chunkproof.Object, error) {
//		var tar chunkproof.Tar
//		if err := example.Decompress(&tar, input.Blob); err != nil {
//			return nil, err
//		}
//		return tar.Output(), nil
//	})
//	adapter.Run()
//
// An error that a function returns is a rejection, except [Decline], [Unsupported] and [Failure]. A panic ends the process: a crash
// is a crash, and never a rejection. What is written to [os.Stdout] goes to stderr, since stdout has nothing but answers.
//
// docs/protocol.md describes operations, inputs and outputs.
package chunkproof

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"runtime/debug"
	"strconv"
)

// Protocol is the version of the protocol.
const Protocol = 0

// Chunked are the dialects of zstd:chunked. A program that decompresses zstd reads all of them.
var Chunked = []string{"g1", "g2", "g3", "g4", "g5"}

// largeRequest is the length of a line above which what it took is given back to the system before the operation.
const largeRequest = 1 << 20

// Object is a JSON object. Numbers of outputs are strings of decimal digits; see [Bytes] for bytes.
type Object = map[string]any

// Input has the fields of the inputs of all operations.
type Input struct {
	Tail, JSON, Blob, Tar, TarSplit []byte
	BlobSize                        uint64
	Annotations                     map[string]string
	Files                           []File
	// Dialect, MediaType and DiffID are empty where the request has none.
	Dialect, MediaType, DiffID string
}

// File is a file for tarsplit/assemble.
type File struct{ Name, Content []byte }

// Operation answers a case.
type Operation = func(*Input) (Object, error)

// Reject is an error of the implementation that is known to be about a rule.
type Reject struct {
	Reason error
	Rule   string
}

// Decline is the error of an implementation that would download the layer in full.
type Decline struct{ Reason error }

// Unsupported is the error for what the implementation cannot do, although it declares the operation.
type Unsupported struct{ Reason error }

// Failure is an error of this machine, which says nothing about the input: it ends the process.
type Failure struct{ Reason error }

func (e Reject) Error() string      { return e.Reason.Error() }
func (e Decline) Error() string     { return e.Reason.Error() }
func (e Unsupported) Error() string { return e.Reason.Error() }
func (e Failure) Error() string     { return e.Reason.Error() }

// Unwrap gives the reason.
func (e Reject) Unwrap() error { return e.Reason }

// Unwrap gives the reason.
func (e Decline) Unwrap() error { return e.Reason }

// Unwrap gives the reason.
func (e Unsupported) Unwrap() error { return e.Reason }

// Unwrap gives the reason.
func (e Failure) Unwrap() error { return e.Reason }

// Adapter is an implementation under test: what it is, and a function for each operation.
type Adapter struct {
	Name, Version, Language string
	// Choices, Rules and Lacks are those of the handshake.
	Choices map[string]string
	Rules   bool
	Lacks   map[string][]string
	// After is called when an operation has been answered. An error ends the process.
	After func(op string) error

	dialects   map[string][]string
	operations map[string]Operation
}

// New is an adapter without operations.
func New(name, version string) *Adapter {
	return &Adapter{
		Name: name, Version: version, Language: "go",
		dialects: map[string][]string{}, operations: map[string]Operation{},
	}
}

// Operation declares an operation in these dialects.
func (a *Adapter) Operation(op string, dialects []string, operation Operation) {
	a.dialects[op], a.operations[op] = dialects, operation
}

// Run answers requests until the end of the input, and ends the process if that fails.
func (a *Adapter) Run() {
	answers := os.Stdout
	os.Stdout = os.Stderr
	if err := a.Serve(os.Stdin, answers); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

// Serve answers requests until their end.
func (a *Adapter) Serve(from io.Reader, to io.Writer) error {
	requests, answers := bufio.NewReader(from), json.NewEncoder(to)
	for {
		asked, err := receive(requests)
		if err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		answer, err := a.answer(asked)
		if err != nil {
			return err
		}
		answer["seq"] = asked.Seq
		if err := answers.Encode(answer); err != nil {
			return err
		}
		if a.After != nil && asked.Op != "hello" {
			if err := a.After(asked.Op); err != nil {
				return err
			}
		}
	}
}

func (a *Adapter) answer(asked *request) (Object, error) {
	if asked.Op == "hello" {
		return Object{"hello": a.hello()}, nil
	}
	operation, ok := a.operations[asked.Op]
	if !ok {
		return Object{"unsupported": Object{"message": asked.Op}}, nil
	}
	output, err := operation(asked.input())
	if err == nil {
		return Object{"accept": output}, nil
	}
	message := Object{"message": err.Error()}
	switch {
	case errors.As(err, new(Failure)):
		return nil, err
	case errors.As(err, new(Decline)):
		return Object{"decline": message}, nil
	case errors.As(err, new(Unsupported)):
		return Object{"unsupported": message}, nil
	default:
		var reject Reject
		if errors.As(err, &reject) && reject.Rule != "" {
			message["rule"] = reject.Rule
		}
		return Object{"reject": message}, nil
	}
}

func (a *Adapter) hello() Object {
	hello := Object{
		"chunkproof": Protocol, "name": a.Name, "version": a.Version, "language": a.Language, "ops": a.dialects,
	}
	if len(a.Choices) > 0 {
		hello["choices"] = a.Choices
	}
	if a.Rules {
		hello["rules"] = true
	}
	if len(a.Lacks) > 0 {
		hello["lacks"] = a.Lacks
	}
	return hello
}

// request is a line as it is written.
type request struct {
	Seq   uint64 `json:"seq"`
	Op    string `json:"op"`
	Input struct {
		Tail        content           `json:"tail"`
		JSON        content           `json:"json"`
		Blob        content           `json:"blob"`
		Tar         content           `json:"tar"`
		TarSplit    content           `json:"tar_split"`
		BlobSize    uint64            `json:"blob_size,string"`
		Annotations map[string]string `json:"annotations"`
		Files       []struct {
			Name    content `json:"name"`
			Content content `json:"content"`
		} `json:"files"`
		Dialect   string `json:"dialect"`
		MediaType string `json:"media_type"`
		DiffID    string `json:"diff_id"`
	} `json:"input"`
}

type content struct {
	Base64 []byte `json:"base64"`
}

func receive(requests *bufio.Reader) (*request, error) {
	line, err := requests.ReadBytes('\n')
	if err != nil {
		return nil, err
	}
	size := len(line)
	asked := new(request)
	err = json.Unmarshal(line, asked)
	line = nil
	if size > largeRequest {
		// A limit on memory is to be one on the implementation, not on how requests are read here.
		debug.FreeOSMemory()
	}
	return asked, err
}

func (r *request) input() *Input {
	input := &Input{
		Tail: r.Input.Tail.Base64, JSON: r.Input.JSON.Base64, Blob: r.Input.Blob.Base64, Tar: r.Input.Tar.Base64,
		TarSplit: r.Input.TarSplit.Base64, BlobSize: r.Input.BlobSize, Annotations: r.Input.Annotations,
		Dialect: r.Input.Dialect, MediaType: r.Input.MediaType, DiffID: r.Input.DiffID,
	}
	for _, file := range r.Input.Files {
		input.Files = append(input.Files, File{file.Name.Base64, file.Content.Base64})
	}
	return input
}

// Bytes are bytes as an output has them.
func Bytes(content []byte) Object {
	if content == nil {
		content = []byte{} // Nil would be null.
	}
	return Object{"base64": content}
}

// Tar is what is asked of a tar that nobody keeps: write it here.
type Tar struct {
	sha256 hash.Hash
	size   int64
}

// Write adds a part.
func (t *Tar) Write(part []byte) (int, error) {
	if t.sha256 == nil {
		t.sha256 = sha256.New()
	}
	t.size += int64(len(part))
	return t.sha256.Write(part)
}

// Output is digest and size of what was written.
func (t *Tar) Output() Object {
	if t.sha256 == nil {
		t.sha256 = sha256.New()
	}
	return Object{"sha256": hex.EncodeToString(t.sha256.Sum(nil)), "size": strconv.FormatInt(t.size, 10)}
}

// ModuleVersion is the version of the module that was built in, by its path; of the first where there are several.
func ModuleVersion(paths ...string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			for _, path := range paths {
				if module.Path == path {
					return module.Version
				}
			}
		}
	}
	return "unknown"
}
