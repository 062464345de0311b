package main

import (
	"encoding/base64"
	"errors"
	"reflect"
	"strconv"
	"time"
)

// entries lists what is in a layer that the library opened, in the order of its TOC.
//
// The snapshotter looks up the root and goes through all children before it mounts a layer (metadata/memory/reader.go), so
// the adapter does too. A root that is not there is an error there as well, and a tree that contains itself has no end.
func entries(opened *reader, layer []byte) ([]object, error) {
	root, ok := opened.Lookup("")
	if !ok {
		return nil, errors.New("the root cannot be looked up")
	}
	visit(root)
	written, err := tocAsWritten(layer)
	if err != nil {
		return nil, err
	}
	listed := []object{}
	// A reader has no function that gives its entries in order, or that gives a hard link and not what it leads to.
	fields := reflect.ValueOf(opened).Elem()
	inOrder, byName := fields.FieldByName("toc").Elem().FieldByName("Entries"), fields.FieldByName("m")
	for i := range inOrder.Len() {
		place := inOrder.Index(i)
		known := (*entry)(place.UnsafePointer())
		if known.Type == "chunk" || byName.MapIndex(reflect.ValueOf(known.Name)).UnsafePointer() != place.UnsafePointer() {
			continue // The reader has another entry of this name.
		}
		listed = append(listed, output(opened, known, written[i]))
	}
	return listed, nil
}

func visit(directory *entry) {
	directory.ForeachChild(func(_ string, child *entry) bool {
		visit(child)
		return true
	})
}

// output describes an entry as the reader has it, but with the names of owner and group only where the TOC has them: the
// reader has them everywhere.
func output(opened *reader, known, written *entry) object {
	described := object{
		"type": kind(known), "name": known.Name, "mode": signed(known.Mode), "size": unsigned(known.Size),
		"uid": signed(int64(known.UID)), "gid": signed(int64(known.GID)),
	}
	text := map[string]string{
		"user_name": written.Uname, "group_name": written.Gname,
		"modtime": moment(known.ModTime()),
	}
	// The reader has the fields of every type as the TOC has them, and acts on these by type.
	switch described["type"] {
	case "reg":
		text["digest"] = known.Digest
	case "symlink", "hardlink":
		text["link_name"] = known.LinkName
	case "char", "block":
		described["dev_major"], described["dev_minor"] = signed(int64(known.DevMajor)), signed(int64(known.DevMinor))
	}
	for field, value := range text {
		if value != "" {
			described[field] = value
		}
	}
	if len(known.Xattrs) > 0 {
		xattrs := object{}
		for name, value := range known.Xattrs {
			xattrs[name] = base64.StdEncoding.EncodeToString(value)
		}
		described["xattrs"] = xattrs
	}
	if chunks := chunks(opened, known); len(chunks) > 0 {
		described["chunks"] = chunks
	}
	return described
}

// chunks asks for the chunk of each byte that is not in the one before, as the snapshotter does to read a file.
func chunks(opened *reader, known *entry) []object {
	var listed []object
	if known.Type != "reg" {
		return nil
	}
	for reached := int64(0); reached < known.Size; {
		chunk, ok := opened.ChunkEntryForOffset(known.Name, reached)
		if !ok {
			break
		}
		described := object{
			"offset": unsigned(chunk.Offset), "chunk_offset": unsigned(chunk.ChunkOffset),
			"size": unsigned(chunk.ChunkSize), "zeros": false,
		}
		if inner := chunk.InnerOffset; inner != 0 {
			described["inner_offset"] = unsigned(inner)
		}
		if digest := chunk.ChunkDigest; digest != "" {
			described["digest"] = digest
		}
		listed = append(listed, described)
		end := chunk.ChunkOffset + chunk.ChunkSize
		if end <= reached {
			break
		}
		reached = end
	}
	return listed
}

// kind is the type of an entry. The library takes a type that it does not know for that of a regular file.
func kind(known *entry) string {
	switch known.Type {
	case "dir", "symlink", "hardlink", "char", "block", "fifo":
		return known.Type
	default:
		return "reg"
	}
}

func moment(when time.Time) string {
	if when.IsZero() || when.Unix() == 0 {
		return ""
	}
	return when.UTC().Format(time.RFC3339Nano)
}

func signed(number int64) string { return strconv.FormatInt(number, 10) }

// unsigned writes a number that the protocol has no sign for. What the library accepts below zero wraps around.
func unsigned(number int64) string { return strconv.FormatUint(uint64(number), 10) }
