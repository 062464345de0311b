// An adapter between chunkproof and the zstd decoder of github.com/klauspost/compress.
//
// `klauspost-zstd WAY` speaks docs/protocol.md; the ways of reading are in README.md.
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
	"runtime/debug"
	"strconv"

	"github.com/klauspost/compress/zstd"
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
	ways := map[string]func([]byte, io.Writer) error{"stream": stream, "decode-all": decodeAll}
	if len(args) != 1 || ways[args[0]] == nil {
		return errors.New("usage: klauspost-zstd stream|decode-all")
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
			if module.Path == "github.com/klauspost/compress" {
				version = module.Version
			}
		}
	}
	return object{
		"name": "klauspost-zstd", "version": version, "language": "go",
		"ops": object{"layer/decompress": []string{"g1", "g2", "g3", "g4", "g5"}},
	}
}

func stream(blob []byte, tar io.Writer) error {
	decoder, err := zstd.NewReader(bytes.NewReader(blob))
	if err != nil {
		return err
	}
	defer decoder.Close()
	_, err = io.Copy(tar, decoder)
	return err
}

func decodeAll(blob []byte, tar io.Writer) error {
	decoder, err := zstd.NewReader(nil)
	if err != nil {
		return err
	}
	defer decoder.Close()
	decoded, err := decoder.DecodeAll(blob, nil)
	if err != nil {
		return err
	}
	_, err = tar.Write(decoded)
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
