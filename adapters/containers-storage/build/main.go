// Builds the adapter for one version of the library.
//
//	go run ./build VERSION OUT [source]
//
// With `source` it puts the copies there and leaves building them to its caller, as the fuzz target go-peers does.
//
// The library does not export all that the adapter asks it, and the go command lets no -overlay reach into the module cache.
// So the build is of copies in OUT: the library, as the go command fetched and verified it, with the files of _inside and
// one line that keeps positions where they were parsed; and the adapter. Before v1.60 the library's path was another one,
// so the adapter's imports are renamed.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const newPath, oldPath = "go.podman.io/storage", "github.com/containers/storage"

// bounds are the versions 1.N that changed what the adapter relies on. Older builds have the tag before_1_N.
var bounds = []int{38, 46, 47, 49, 51, 52, 54, 56, 57, 59}

// positions are where the library has parsed positions and checked them: the line is put before the text, which is there once.
var positions = []struct {
	since int
	text  string
	line  string
}{
	{57, "\tstreamsOrErrors, err := getBlobAt(blobStream, chunks...)\n", `	ChunkproofPositions = []ChunkproofPosition{{manifestChunk.Offset, manifestChunk.Length, manifestLengthUncompressed}, {tarSplitChunk.Offset, tarSplitChunk.Length, tarSplitLengthUncompressed}}
`},
	{54, "\tparts, errs, err := blobStream.GetBlobAt(chunks)\n", `	ChunkproofPositions = []ChunkproofPosition{{manifestChunk.Offset, manifestChunk.Length, manifestLengthUncompressed}, {tarSplitChunk.Offset, tarSplitChunk.Length, tarSplitLengthUncompressed}}
`},
	{50, "\tparts, errs, err := blobStream.GetBlobAt(chunks)\n", `	ChunkproofPositions = []ChunkproofPosition{{footerData.Offset, footerData.LengthCompressed, footerData.LengthUncompressed}, {footerData.OffsetTarSplit, footerData.LengthCompressedTarSplit, footerData.LengthUncompressedTarSplit}}
`},
	{47, "\tparts, errs, err := blobStream.GetBlobAt(chunks)\n", `	ChunkproofPositions = []ChunkproofPosition{{offset, length, lengthUncompressed}, {offsetTarSplit, lengthTarSplit, lengthUncompressedTarSplit}}
`},
	{0, "\tchunk := ImageSourceChunk{\n\t\tOffset: offset,\n", `	ChunkproofPositions = []ChunkproofPosition{{offset, length, lengthUncompressed}}
`},
}

func main() {
	isSource := len(os.Args) == 4 && os.Args[3] == "source"
	if len(os.Args) != 3 && !isSource {
		fmt.Fprintln(os.Stderr, "usage: go run ./build VERSION OUT [source]")
		os.Exit(2)
	}
	if err := build(os.Args[1], os.Args[2], isSource); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func build(version, out string, isSource bool) error {
	var minor int
	if _, err := fmt.Sscanf(version, "v1.%d.", &minor); err != nil {
		return fmt.Errorf("version %s: %w", version, err)
	}
	path := newPath
	if minor < 60 {
		path = oldPath
	}
	rename := func(text []byte) []byte { return bytes.ReplaceAll(text, []byte(`"`+newPath), []byte(`"`+path)) }

	adapter, library := filepath.Join(out, "source", "adapter"), filepath.Join(out, "source", "library")
	if err := os.RemoveAll(filepath.Dir(adapter)); err != nil {
		return err
	}
	if err := copyFiles(".", adapter, "", rename); err != nil {
		return err
	}
	if err := copyFiles(filepath.Join("versions", version), adapter, "", nil); err != nil {
		return err
	}
	// Where go.mod has it, beside the adapter.
	if err := copyTree(filepath.Join("..", "kit", "go"), filepath.Join(out, "source", "kit", "go")); err != nil {
		return err
	}
	fetched, err := fetch(adapter, path)
	if err != nil {
		return err
	}
	// Files in the module cache cannot be written to, and neither could their copies.
	if err := copyTree(fetched, library); err != nil {
		return err
	}
	chunked := filepath.Join(library, "pkg", "chunked")
	if err := copyFiles(filepath.Join("_inside", "chunked"), chunked, "chunkproof_", rename); err != nil {
		return err
	}
	if err := keepPositions(chunked, minor); err != nil {
		return err
	}
	if _, err := goCommand(adapter, "mod", "edit", "-replace="+path+"=../library"); err != nil {
		return err
	}
	if isSource {
		return nil
	}
	tags := "inside,containers_image_openpgp,exclude_graphdriver_btrfs,exclude_graphdriver_devicemapper"
	for _, bound := range bounds {
		if minor < bound {
			tags += fmt.Sprintf(",before_1_%d", bound)
		}
	}
	binary, err := filepath.Abs(filepath.Join(out, "adapter"))
	if err != nil {
		return err
	}
	_, err = goCommand(adapter, "build", "-trimpath", "-tags="+tags, "-o", binary, ".")
	return err
}

// fetch is where the module is in the cache, once it is there and agrees with go.sum.
func fetch(adapter, path string) (string, error) {
	if _, err := goCommand(adapter, "mod", "download", path); err != nil {
		return "", err
	}
	return goCommand(adapter, "list", "-m", "-f={{.Dir}}", path)
}

func goCommand(folder string, arguments ...string) (string, error) {
	command := exec.Command("go", arguments...)
	command.Dir, command.Stderr = folder, os.Stderr
	output, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w", strings.Join(arguments, " "), err)
	}
	return strings.TrimSpace(string(output)), nil
}

// copyFiles copies the files of one folder, and what is to be changed in each.
func copyFiles(from, to, prefix string, change func([]byte) []byte) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	for _, entry := range entries {
		if !entry.Type().IsRegular() {
			continue
		}
		text, err := os.ReadFile(filepath.Join(from, entry.Name()))
		if err != nil {
			return err
		}
		if change != nil {
			text = change(text)
		}
		if err := os.WriteFile(filepath.Join(to, prefix+entry.Name()), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, entry os.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		inside, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		return copyFiles(path, filepath.Join(to, inside), "", nil)
	})
}

// keepPositions puts in the line that keeps the positions.
func keepPositions(chunked string, minor int) error {
	file := filepath.Join(chunked, "compression_linux.go")
	if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
		file = filepath.Join(chunked, "compression.go")
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	for _, position := range positions {
		if minor < position.since {
			continue
		}
		before, after, found := strings.Cut(string(text), position.text)
		if !found || strings.Contains(after, position.text) {
			return fmt.Errorf("%s: the place where positions are parsed is not found", file)
		}
		return os.WriteFile(file, []byte(before+position.line+position.text+after), 0o644)
	}
	return nil
}
