// An adapter between chunkproof and the library of podman, CRI-O and skopeo: go.podman.io/storage, before v1.60
// github.com/containers/storage.
//
// Without arguments, or with `default`, it speaks docs/protocol.md; with `insecure` it does so for layer/reconstruct alone, in the
// library's insecure mode. With `write TAR LAYER ANNOTATIONS` it writes a layer, with `pull URL DIGEST SIZE ANNOTATIONS` it
// pulls one from a server, and with `differ LAYER ANNOTATIONS [FOLDER]` from a file.
package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"syscall"
	"time"

	chunkproof "chunkproof.example/kit"
)

type object = chunkproof.Object

// operations are those of this build: files that the version under test has no use for add nothing.
var operations = map[string]operation{}

type operation = func(scratch string, asked *chunkproof.Input) (object, error)

// pullOptions are those of the store for layer/reconstruct.
var pullOptions = map[string]string{"enable_partial_images": "true"}

// isInsecure is whether the insecure mode is under test.
var isInsecure bool

// commands are what it does with arguments.
var commands = map[string]func(arguments []string) error{}

var errUsage = errors.New("usage: containers-storage [default | insecure | write TAR LAYER ANNOTATIONS | pull URL DIGEST SIZE ANNOTATIONS | differ LAYER ANNOTATIONS [FOLDER]]")

func main() {
	err := errUsage
	if len(os.Args) == 1 || len(os.Args) == 2 && os.Args[1] == "default" {
		err = serve()
	} else if len(os.Args) == 2 && os.Args[1] == "insecure" {
		isInsecure = true
		pullOptions["insecure_allow_unpredictable_image_contents"] = "true"
		// The other operations have this option anyway, or none.
		maps.DeleteFunc(operations, func(op string, _ operation) bool { return op != "layer/reconstruct" })
		err = serve()
	} else if command, ok := commands[os.Args[1]]; ok {
		err = command(os.Args[2:])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func serve() error {
	scratch, err := os.MkdirTemp("", "chunkproof-containers-storage-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	// Where all goroutines wait for each other, the runtime may end the process, or may not. The library's users go on waiting.
	go func() {
		for {
			time.Sleep(time.Hour)
		}
	}()
	adapter := chunkproof.New("containers-storage", version())
	for op, operation := range operations {
		adapter.Operation(op, dialects(op), func(asked *chunkproof.Input) (object, error) {
			output, err := operation(scratch, asked)
			if err != nil && isDecline(err) {
				err = chunkproof.Decline{Reason: err}
			}
			return output, err
		})
	}
	adapter.After = func(op string) error {
		if op != "layer/write" || minor() >= 52 {
			return nil
		}
		// Writers of these versions can leave goroutines with all their buffers behind, which would be the end of a later case.
		os.RemoveAll(scratch)
		return restart()
	}
	return adapter.Serve(os.Stdin, os.Stdout)
}

// restart begins anew in the same process. There is no request before the last one is answered, so none is lost.
func restart() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	return syscall.Exec(self, os.Args, os.Environ())
}

// version is the library's, as the build has it.
func version() string {
	return chunkproof.ModuleVersion("go.podman.io/storage", "github.com/containers/storage")
}

// minor is the second number of the version.
func minor() int {
	var minor int
	if _, err := fmt.Sscanf(version(), "v1.%d.", &minor); err != nil {
		panic(err)
	}
	return minor
}

// dialects are those that the version reads or writes in an operation.
func dialects(op string) []string {
	switch op {
	case "estargz/footer", "estargz/toc":
		return []string{"estargz"}
	case "layer/decompress":
		// Whatever the TOC, the tar is in zstd frames.
		return chunkproof.Chunked
	case "layer/index", "annotations/parse":
		return append(pulled(), "estargz")
	default:
		return pulled()
	}
}

// pulled are the dialects whose layers the version can pull in part. From v1.57 on that takes one more option for layers without
// an authenticated tar-split; before v1.54, g5 lacks an annotation that has to be there.
func pulled() []string {
	switch minor := minor(); {
	case minor < 44:
		return []string{"g1"}
	case minor < 47:
		return []string{"g2"}
	case minor < 54:
		return []string{"g2", "g3", "g4"}
	default:
		return []string{"g2", "g3", "g4", "g5"}
	}
}
