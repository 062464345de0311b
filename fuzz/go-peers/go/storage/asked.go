package storage

import (
	"fmt"
	"math"
	"strings"

	chunkproof "chunkproof.example/kit"
)

// Ask answers an operation of the adapter, with this folder for the files that the library makes.
func Ask(op, scratch string, input *chunkproof.Input) (chunkproof.Object, error) {
	output, err := operations[op](scratch, input)
	if err != nil && isDecline(err) {
		err = chunkproof.Decline{Reason: err}
	}
	return output, err
}

// IsFatal tells whether the library allocates a buffer of a length that the annotations claim and the system may not have, which
// ends the process. A length above what a slice can have is a panic, which does not.
func IsFatal(input *chunkproof.Input) bool {
	for key, value := range input.Annotations {
		var offset, length uint64
		if strings.HasSuffix(key, "tarsplit-position") {
			// As the library reads it.
			fmt.Sscanf(value, "%d:%d", &offset, &length)
		}
		if length > 64<<20 && length <= math.MaxInt64 {
			return true
		}
	}
	return false
}
