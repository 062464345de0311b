package estargz

import (
	"bytes"
	"encoding/json"
	"path"

	chunkproof "chunkproof.example/kit"
	"github.com/containerd/stargz-snapshotter/estargz"
)

// Operations are those of the adapter.
var Operations = map[string]chunkproof.Operation{
	"estargz/footer": footer,
	"estargz/toc":    toc,
	"layer/index":    index,
}

// mostChunks is how many chunks of a file the library may make room for.
const mostChunks = 1 << 20

// IsFatal tells whether the library ends the process for want of memory or stack: it makes room for as many chunks as a size and a
// chunk size come to, and a hard link to a directory is a tree without an end.
func IsFatal(op string, input *chunkproof.Input) bool {
	var listed []*entry
	switch op {
	case "estargz/toc":
		var toc estargz.JTOC
		// The library reads the first value alone, too. What it cannot read is an error there.
		_ = json.NewDecoder(bytes.NewReader(input.JSON)).Decode(&toc)
		listed = toc.Entries
	case "layer/index":
		listed, _ = tocAsWritten(input.Blob)
	}
	kinds, links := map[string]string{"": "dir"}, map[string]string{}
	for _, entry := range listed {
		if entry == nil {
			continue
		}
		if entry.ChunkSize > 0 && entry.Size/entry.ChunkSize > mostChunks {
			return true
		}
		name := cleaned(entry.Name)
		for parent := path.Dir("/" + name)[1:]; parent != ""; parent = path.Dir("/" + parent)[1:] {
			kinds[parent] = "dir"
		}
		if entry.Type == "hardlink" {
			links[name] = cleaned(entry.LinkName)
		} else if kinds[name] != "dir" {
			kinds[name] = entry.Type
		}
	}
	for _, target := range links {
		for range links {
			next, isLink := links[target]
			if !isLink {
				break
			}
			target = next
		}
		if _, isLink := links[target]; isLink || kinds[target] == "dir" {
			return true
		}
	}
	return false
}

func cleaned(name string) string { return path.Clean("/" + name)[1:] }
