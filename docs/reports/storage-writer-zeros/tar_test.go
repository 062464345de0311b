package report

import "fmt"

const block = 512

// header is a ustar header; edit changes fields before the checksum is computed.
func header(kind byte, name string, size int64, edit func([]byte)) []byte {
	made := make([]byte, block)
	copy(made, name)
	copy(made[100:], "0000644\x000000000\x000000000\x00")
	copy(made[124:], fmt.Sprintf("%011o\x00%011o\x00", size, 0))
	made[156] = kind
	copy(made[257:], "ustar\x0000")
	if edit != nil {
		edit(made)
	}
	copy(made[148:], "        ")
	sum := 0
	for _, value := range made {
		sum += int(value)
	}
	copy(made[148:], fmt.Sprintf("%06o\x00 ", sum))
	return made
}

// padded is content with zeros up to the end of its last block.
func padded(content string) []byte {
	return append([]byte(content), make([]byte, (block-len(content)%block)%block)...)
}

// join puts pieces of a tar together. Two blocks of zeros end one.
func join(pieces ...[]byte) []byte {
	var all []byte
	for _, piece := range pieces {
		all = append(all, piece...)
	}
	return all
}

var end = make([]byte, 2*block)
