//go:build inside && before_1_47

package main

// indexOf is which index annotations name, and its digest: the library has no function for it yet.
func indexOf(annotations map[string]string) (kind, tocDigest string, err error) {
	if found, ok := annotations[chunkedDigest()]; ok {
		return "zstd:chunked", found, nil
	}
	return "estargz", annotations[estargzDigest], nil
}
