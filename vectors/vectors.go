// Package vectors has the test cases of chunkproof for zstd:chunked container layers, and judges implementations by them.
//
// [Run] runs them under go test. An [Operation] lists its cases with typed inputs and outputs. docs/vectors.md describes the cases.
package vectors

import (
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Schema is the version of the shape of the files that this package reads.
const Schema = 1

//go:embed *-*.json index.json rules.json choices.json tags.json bugs.json tombstones.json blobs
var files embed.FS

// Verdict is what is right.
type Verdict string

// The verdicts. Others may be added; their cases are reported as not judged.
const (
	Valid   Verdict = "valid"   // accept with the output
	Invalid Verdict = "invalid" // reject, or decline
	Either  Verdict = "either"  // a choice: reject, or accept with the output or that of a reading
)

// Case is a test case.
type Case struct {
	// ID is the stable name.
	ID string `json:"id"`
	// Op is the operation.
	Op string `json:"-"`
	// Title is what the case is, in a few words.
	Title string `json:"title"`
	// Why is what goes wrong in an implementation that answers wrongly.
	Why string `json:"why"`
	// Rules are ids of rules, the primary one first.
	Rules []string `json:"rules"`
	// Dialects are those in which the case means something.
	Dialects []string `json:"dialects"`
	// Tags are labels to select by.
	Tags []string `json:"tags"`
	// TwinID is the accepted case from which an invalid one differs by one change.
	TwinID string `json:"twin"`
	// Change is that change.
	Change string `json:"change"`
	// Severity is the class of harm that a wrong answer does.
	Severity string `json:"-"`
	// Input is the input as JSON; [Operation.Input] decodes it.
	Input json.RawMessage `json:"input"`
	// Limits is what an answer may take; nil of most cases.
	Limits *Limits `json:"limits"`
	// Expect is what to answer.
	Expect Expect `json:"expect"`
	// Provenance is where the case comes from, as JSON.
	Provenance json.RawMessage `json:"provenance"`
}

// Limits is what an answer may take.
type Limits struct {
	// Seconds from the question to the answer. Judging compares them.
	Seconds int `json:"seconds"`
	// Memory in bytes. This package does not measure it; chunkproof run does.
	Memory uint64 `json:"memory,string"`
}

// Expect is what to answer to a case.
type Expect struct {
	Verdict Verdict `json:"verdict"`
	// Choice is the name of the choice of an either case.
	Choice string `json:"choice"`
	// Output is what those who accept answer, as JSON; [Operation.Output] decodes it.
	Output json.RawMessage `json:"output"`
	// Readings are further right outputs of an either case, by the names of readings.
	Readings map[string]json.RawMessage `json:"readings"`
}

// Twin returns the accepted case from which this one differs by one change, or nil.
func (c *Case) Twin() *Case {
	if c.TwinID == "" {
		return nil
	}
	return Find(c.TwinID)
}

// Rule is a rule of the format.
type Rule struct{ ID, Level, Severity, Text string }

// Choice is a point on which readers may differ.
type Choice struct {
	ID, Accept, Reject, Reference string
	// Readings is what those do who accept and read the input in another way, by the names of readings.
	Readings map[string]string
}

// Tag is a label of cases.
type Tag struct{ ID, Text string }

// Tombstone is a case that was retired.
type Tombstone struct {
	ID, Reason string
	ReplacedBy *string `json:"replaced_by"`
}

// Bug is a bug that released implementations had.
type Bug struct {
	ID, Implementation, Last string
	Fixed                    *string
	Text                     string
	Links                    []string
}

// Rules returns the rules in the order of the specification.
func Rules() []Rule { return list[Rule]("rules") }

// Choices returns the choices that the format leaves to a reader.
func Choices() []Choice { return list[Choice]("choices") }

// Tags returns the labels of cases.
func Tags() []Tag { return list[Tag]("tags") }

// Bugs returns bugs that released implementations had.
func Bugs() []Bug { return list[Bug]("bugs") }

// Tombstones returns the cases that were retired.
func Tombstones() []Tombstone { return list[Tombstone]("tombstones") }

// Ops returns the names of the operations, in the order of the set.
func Ops() []string { return append([]string(nil), ops...) }

// Cases returns the cases of an operation in the order of their ids, and nil for an operation that this package does not have.
func Cases(op string) []*Case {
	loaded.Lock()
	defer loaded.Unlock()
	if _, done := loaded.cases[op]; !done && slices.Contains(ops, op) {
		loaded.cases[op] = load(op)
	}
	return loaded.cases[op]
}

// count returns how many cases an operation has, without reading them.
func count(op string) int {
	count := 0
	for _, line := range index() {
		if line.Op == op {
			count++
		}
	}
	return count
}

// Find returns the case with an id, or nil.
func Find(id string) *Case {
	for _, c := range Cases(index()[id].Op) {
		if c.ID == id {
			return c
		}
	}
	return nil
}

// loaded has the files that were needed so far: all of them together take seconds.
var loaded = struct {
	sync.Mutex
	cases map[string][]*Case
}{cases: map[string][]*Case{}}

// The files are part of the package and its tests read all of them, so that a failure is a mistake in the package.
func load(op string) []*Case {
	var file struct {
		Schema int
		Op     string
		Cases  []*Case
	}
	read(strings.ReplaceAll(op, "/", "-"), &file)
	if file.Schema != Schema || file.Op != op {
		panic(fmt.Sprintf("vectors: the file of %s has schema %d of %s, expected %d", op, file.Schema, file.Op, Schema))
	}
	for _, c := range file.Cases {
		c.Op, c.Severity = op, index()[c.ID].Severity
	}
	return file.Cases
}

type indexLine struct{ ID, Op, Severity string }

var index = sync.OnceValue(func() map[string]indexLine {
	lines := map[string]indexLine{}
	for _, line := range list[indexLine]("index") {
		lines[line.ID] = line
	}
	return lines
})

func list[T any](stem string) []T {
	var list []T
	read(stem, &list)
	return list
}

func read(stem string, value any) {
	text, err := files.ReadFile(stem + ".json")
	if err == nil {
		err = json.Unmarshal(text, value)
	}
	if err != nil {
		panic(fmt.Sprintf("vectors: %s.json: %v", stem, err))
	}
}
