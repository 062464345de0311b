//go:build ignore

// Writes the tree of the current folder as a tar with archive/tar, for scripts/survey: survey-tar FORMAT FILE.
package main

import (
	"archive/tar"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

var formats = map[string]tar.Format{"PAX": tar.FormatPAX, "GNU": tar.FormatGNU, "USTAR": tar.FormatUSTAR}

func main() {
	if err := write(formats[os.Args[1]], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write(format tar.Format, name string) error {
	out, err := os.Create(name)
	if err != nil {
		return err
	}
	defer out.Close()
	tw := tar.NewWriter(out)
	err = filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == "." {
			return err
		}
		return add(tw, format, path, entry)
	})
	if err != nil {
		return err
	}
	if err := tw.Close(); err != nil {
		return err
	}
	return out.Close()
}

func add(tw *tar.Writer, format tar.Format, path string, entry fs.DirEntry) error {
	info, err := entry.Info()
	if err != nil {
		return err
	}
	target := ""
	if info.Mode()&fs.ModeSymlink != 0 {
		if target, err = os.Readlink(path); err != nil {
			return err
		}
	}
	header, err := tar.FileInfoHeader(info, target)
	if err != nil {
		return err
	}
	header.Name = path
	if entry.IsDir() {
		header.Name += "/"
	}
	header.Format = format
	if format != tar.FormatPAX {
		// The others have neither fractions of times nor, all of them, more than one time.
		header.ModTime = header.ModTime.Truncate(time.Second)
		header.AccessTime, header.ChangeTime = time.Time{}, time.Time{}
	}
	if err := tw.WriteHeader(header); err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return nil
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.Copy(tw, file)
	return err
}
