package main

import (
	"errors"
	"slices"
	"sort"
	"strings"
)

// An entry of the tree. Without fields it is a directory that the tar does not name.
type entry struct {
	kind   string
	target string
	fields map[string]any
}

// The tree that the entries of a tar make, by path: as containers/storage unpacks them.
type tree map[string]*entry

func newTree() tree { return tree{"": {kind: "dir"}} }

// Puts an entry that is no hard link.
func (t tree) put(name string, found *entry) error {
	path, err := components(name)
	if err != nil {
		return err
	}
	if len(path) == 0 {
		if found.kind == "dir" {
			t[""] = found
		}
		return nil
	}
	at, err := t.directory(path[:len(path)-1], true)
	if err != nil {
		return err
	}
	at = join(at, path[len(path)-1])
	if err := checkLength(at); err != nil {
		return err
	}
	if found.kind == "symlink" {
		if err := checkTarget(at, found.target); err != nil {
			return err
		}
	}
	t.replace(at, found)
	return nil
}

// Makes a hard link, which is what its target is.
func (t tree) link(name, target string) error {
	path, err := components(name)
	if err != nil {
		return err
	}
	from, err := components(target)
	if err != nil {
		return err
	}
	if len(path) == 0 {
		return nil
	}
	if len(from) == 0 {
		return errors.New("a hard link to the root")
	}
	at, err := t.directory(path[:len(path)-1], true)
	if err != nil {
		return err
	}
	to, err := t.directory(from[:len(from)-1], false)
	if err != nil {
		return err
	}
	if join(to, from[len(from)-1]) == join(at, path[len(path)-1]) {
		return errors.New("a hard link to itself")
	}
	found := t[join(to, from[len(from)-1])]
	if found == nil || found.kind == "dir" {
		return errors.New("the target of a hard link is not a file before it")
	}
	at = join(at, path[len(path)-1])
	if err := checkLength(at); err != nil {
		return err
	}
	t.replace(at, found)
	return nil
}

func (t tree) replace(path string, found *entry) {
	before := t[path]
	if before != nil && (before.kind != "dir" || found.kind != "dir") {
		for other := range t {
			if strings.HasPrefix(other, path+"/") {
				delete(t, other)
			}
		}
	}
	t[path] = found
}

// The path of a directory with its symbolic links followed.
func (t tree) directory(path []string, isMade bool) (string, error) {
	at, links := "", 0
	left := slices.Clone(path)
	for len(left) > 0 {
		part := left[0]
		left = left[1:]
		switch part {
		case "", ".":
			continue
		case "..":
			at = at[:max(strings.LastIndexByte(at, '/'), 0)]
			continue
		}
		step := join(at, part)
		found := t[step]
		if found == nil {
			if !isMade || links > 0 {
				return "", errors.New("a directory is not there")
			}
			if err := checkLength(step); err != nil {
				return "", err
			}
			found = &entry{kind: "dir"}
			t[step] = found
		}
		switch {
		case found.kind == "dir":
			at = step
		case found.kind == "symlink" && links < 40:
			links++
			if strings.HasPrefix(found.target, "/") {
				at = ""
			}
			left = append(strings.Split(found.target, "/"), left...)
		default:
			return "", errors.New("an entry below what is not a directory")
		}
	}
	return at, nil
}

func (t tree) entries() []map[string]any {
	paths := []string{}
	for path, found := range t {
		if found.fields != nil {
			paths = append(paths, path)
		}
	}
	sort.Strings(paths)
	entries := []map[string]any{}
	for _, path := range paths {
		fields := map[string]any{"path": encode(path)}
		for name, value := range t[path].fields {
			fields[name] = value
		}
		entries = append(entries, fields)
	}
	return entries
}

func join(folder, name string) string {
	if folder == "" {
		return name
	}
	return folder + "/" + name
}

func components(name string) ([]string, error) {
	path := []string{}
	for _, part := range strings.Split(name, "/") {
		switch part {
		case "", ".":
		case "..":
			if len(path) > 0 {
				path = path[:len(path)-1]
			} else if !strings.HasPrefix(name, "/") {
				return nil, errors.New("a name leads out of the root")
			}
		default:
			path = append(path, part)
		}
	}
	return path, nil
}

func checkLength(path string) error {
	if len(path) > 4095 || len(path[strings.LastIndexByte(path, '/')+1:]) > 255 {
		return errors.New("a name is too long")
	}
	return nil
}

func checkTarget(path, target string) error {
	if target == "" || len(target) > 4095 {
		return errors.New("the target of a symbolic link is empty or too long")
	}
	depth := strings.Count(path, "/")
	if strings.HasPrefix(target, "/") {
		return nil
	}
	for _, part := range strings.Split(target, "/") {
		switch part {
		case "", ".":
		case "..":
			depth--
		default:
			depth++
		}
		if depth < 0 {
			return errors.New("the target of a symbolic link leads out of the root")
		}
	}
	return nil
}
