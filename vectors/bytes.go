package vectors

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// errUnknown is about a notation of bytes that this version of the package does not know.
var errUnknown = errors.New("notation of bytes that this version of the package does not know")

// Bytes are bytes of an input in any notation of the case files, recipes of large inputs included, or those of an output in base64.
type Bytes []byte

// part is a piece of a recipe.
type part struct {
	Base64 []byte
	Times  uint64  `json:",string"`
	Number *uint64 `json:",string"`
	Then   []byte
}

// UnmarshalJSON decodes any notation.
func (b *Bytes) UnmarshalJSON(text []byte) error {
	if text[0] == '"' {
		return json.Unmarshal(text, (*[]byte)(b))
	}
	var notation struct {
		Text, Hex, Base64, Blob *string
		Parts                   []part
	}
	if err := json.Unmarshal(text, &notation); err != nil {
		return err
	}
	var err error
	switch {
	case notation.Text != nil:
		*b = []byte(*notation.Text)
	case notation.Hex != nil:
		*b, err = hex.DecodeString(*notation.Hex)
	case notation.Base64 != nil:
		*b, err = base64.StdEncoding.DecodeString(*notation.Base64)
	case notation.Blob != nil:
		*b, err = files.ReadFile("blobs/" + *notation.Blob)
	case notation.Parts != nil:
		*b = Bytes{}
		for _, part := range notation.Parts {
			*b = part.appendTo(*b)
		}
	default:
		err = fmt.Errorf("%w: %.100s", errUnknown, text)
	}
	return err
}

func (p part) appendTo(b []byte) []byte {
	if p.Number == nil {
		turn := slices.Concat(p.Base64, p.Then)
		return append(b, bytes.Repeat(turn, int(p.Times))...)
	}
	for i := uint64(0); i < p.Times; i++ {
		b = append(b, p.Base64...)
		b = strconv.AppendUint(b, *p.Number+i, 10)
		b = append(b, p.Then...)
	}
	return b
}

// MarshalJSON encodes as base64, the notation of outputs.
func (b Bytes) MarshalJSON() ([]byte, error) {
	return json.Marshal(base64.StdEncoding.EncodeToString(b))
}
