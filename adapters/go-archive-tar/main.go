// An adapter between chunkproof and archive/tar of Go's standard library.
//
// It lists the entries of a tar and puts the tree together, as docs/protocol.md describes it for `tar/list`.
package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"

	chunkproof "chunkproof.example/kit"
)

func main() {
	adapter := chunkproof.New("go-archive-tar", strings.TrimPrefix(runtime.Version(), "go"))
	adapter.Operation("tar/list", chunkproof.Chunked, func(input *chunkproof.Input) (chunkproof.Object, error) {
		entries, err := list(input.Tar)
		if err != nil {
			return nil, err
		}
		return chunkproof.Object{"entries": entries}, nil
	})
	adapter.Run()
}

func list(archive []byte) ([]map[string]any, error) {
	tree := newTree()
	reader := tar.NewReader(bytes.NewReader(archive))
	for {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return tree.entries(), nil
		}
		if err != nil {
			return nil, err
		}
		if header.Typeflag == tar.TypeXGlobalHeader {
			continue
		}
		if header.Typeflag == tar.TypeLink {
			if err := tree.link(header.Name, header.Linkname); err != nil {
				return nil, err
			}
			continue
		}
		node, err := node(header, reader)
		if err != nil {
			return nil, err
		}
		if err := tree.put(header.Name, node); err != nil {
			return nil, err
		}
	}
}

func node(header *tar.Header, content io.Reader) (*entry, error) {
	found := &entry{target: header.Linkname, fields: map[string]any{
		"uid":   strconv.Itoa(header.Uid),
		"gid":   strconv.Itoa(header.Gid),
		"mtime": seconds(header.ModTime.Unix(), header.ModTime.Nanosecond()),
		"mode":  strconv.FormatInt(header.Mode&0o7777, 10),
	}}
	switch header.Typeflag {
	case tar.TypeReg, tar.TypeRegA, tar.TypeCont, tar.TypeGNUSparse:
		digest := sha256.New()
		size, err := io.Copy(digest, content)
		if err != nil {
			return nil, err
		}
		found.kind = "reg"
		found.fields["size"] = strconv.FormatInt(size, 10)
		found.fields["sha256"] = hex.EncodeToString(digest.Sum(nil))
	case tar.TypeDir:
		found.kind = "dir"
	case tar.TypeSymlink:
		found.kind = "symlink"
		found.fields["link"] = encode(header.Linkname)
		delete(found.fields, "mode")
	case tar.TypeChar, tar.TypeBlock:
		found.kind = "char"
		if header.Typeflag == tar.TypeBlock {
			found.kind = "block"
		}
		found.fields["dev_major"] = strconv.FormatInt(header.Devmajor, 10)
		found.fields["dev_minor"] = strconv.FormatInt(header.Devminor, 10)
	case tar.TypeFifo:
		found.kind = "fifo"
	default:
		return nil, fmt.Errorf("an entry of the type %q", header.Typeflag)
	}
	found.fields["type"] = found.kind
	attributes := map[string]string{}
	for key, value := range header.PAXRecords {
		if name, is := strings.CutPrefix(key, "SCHILY.xattr."); is {
			attributes[encode(name)] = encode(value)
		}
	}
	if len(attributes) > 0 {
		found.fields["xattrs"] = attributes
	}
	return found, nil
}

func seconds(whole int64, nanoseconds int) string {
	if nanoseconds == 0 {
		return strconv.FormatInt(whole, 10)
	}
	sign := ""
	if whole < 0 {
		sign, whole, nanoseconds = "-", -(whole + 1), 1_000_000_000-nanoseconds
	}
	return sign + strconv.FormatInt(whole, 10) + strings.TrimRight(fmt.Sprintf(".%09d", nanoseconds), "0")
}

func encode(text string) string {
	return base64.StdEncoding.EncodeToString([]byte(text))
}
