// An adapter between chunkproof and github.com/DataDog/zstd.
//
// `datadog-zstd WAY` speaks docs/protocol.md; the ways of reading are in README.md.
package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"

	"github.com/DataDog/zstd"
)

type object = map[string]any

type request struct {
	Seq   int    `json:"seq"`
	Op    string `json:"op"`
	Input struct {
		Blob struct {
			Base64 []byte `json:"base64"`
		} `json:"blob"`
	} `json:"input"`
}

func main() {
	if err := serve(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func serve(args []string) error {
	ways := map[string]func([]byte, io.Writer) error{"stream": stream, "decompress": decompress}
	if len(args) != 1 || ways[args[0]] == nil {
		return errors.New("usage: datadog-zstd stream|decompress")
	}
	requests, answers := bufio.NewReader(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		line, err := requests.ReadBytes('\n')
		if err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		var asked request
		if err := json.Unmarshal(line, &asked); err != nil {
			return err
		}
		answer := object{"seq": asked.Seq}
		switch asked.Op {
		case "hello":
			answer["hello"] = hello()
		case "layer/decompress":
			emptyPools()
			tar := sum{sha256.New(), 0}
			if err := ways[args[0]](asked.Input.Blob.Base64, &tar); err != nil {
				answer["reject"] = object{"message": err.Error()}
			} else {
				answer["accept"] = tar.output()
			}
		default:
			answer["unsupported"] = object{"message": asked.Op}
		}
		if err := answers.Encode(answer); err != nil {
			return err
		}
	}
}

func hello() object {
	version := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			if module.Path == "github.com/DataDog/zstd" {
				version = module.Version
			}
		}
	}
	return object{
		"name": "datadog-zstd", "version": version, "language": "go",
		"ops": object{"layer/decompress": []string{"g1", "g2", "g3", "g4", "g5"}},
	}
}

// emptyPools makes every case the first of its process. The library keeps the buffers of readers in a sync.Pool, at the
// size that the end of the last blob left them with, and how much a reader buffers decides what it can read.
func emptyPools() {
	// The first collection moves what is in a pool aside, the second drops it.
	runtime.GC()
	runtime.GC()
}

func stream(blob []byte, tar io.Writer) error {
	reader := zstd.NewReader(bytes.NewReader(blob))
	if _, err := io.Copy(tar, reader); err != nil {
		return err
	}
	return reader.Close()
}

func decompress(blob []byte, tar io.Writer) error {
	decompressed, err := zstd.Decompress(nil, blob)
	if err != nil {
		return err
	}
	_, err = tar.Write(decompressed)
	return err
}

// sum is what is asked for of a tar that nobody keeps.
type sum struct {
	sha256 interface {
		io.Writer
		Sum([]byte) []byte
	}
	size int64
}

func (tar *sum) Write(part []byte) (int, error) {
	tar.size += int64(len(part))
	return tar.sha256.Write(part)
}

func (tar *sum) output() object {
	return object{"sha256": hex.EncodeToString(tar.sha256.Sum(nil)), "size": strconv.FormatInt(tar.size, 10)}
}
