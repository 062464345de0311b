package vectors

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// Each case of the index is in a file, and its input and output are of the types of its operation.
func TestEveryCaseIsTyped(t *testing.T) {
	count := len(roundTrip(t, FooterParse)) + len(roundTrip(t, AnnotationsParse)) + len(roundTrip(t, TOCParse)) +
		len(roundTrip(t, TarSplitParse)) + len(roundTrip(t, TarSplitAssemble)) + len(roundTrip(t, TarSplitDisassemble)) +
		len(roundTrip(t, LayerDecompress)) + len(roundTrip(t, LayerIndex)) + len(roundTrip(t, LayerReconstruct)) +
		len(roundTrip(t, LayerWrite)) + len(roundTrip(t, EStargzFooter)) + len(roundTrip(t, EStargzTOC)) +
		len(roundTrip(t, TarList))
	lines := index()
	if len(lines) == 0 || count != len(lines) {
		t.Fatalf("%d cases, expected %d", count, len(lines))
	}
	for _, line := range lines {
		if !slices.ContainsFunc(Cases(line.Op), func(c *Case) bool { return c.ID == line.ID && c.Severity == line.Severity }) {
			t.Errorf("%s is not as in the index", line.ID)
		}
	}
}

func roundTrip[I, O any](t *testing.T, op Operation[I, O]) []*Case {
	for _, c := range op.Cases() {
		var input I
		if err := strict(c.Input, &input); err != nil {
			t.Errorf("%s: %v", c.ID, err)
		}
		if (c.Twin() == nil) != (c.Expect.Verdict != Invalid) {
			t.Errorf("%s: twin %q", c.ID, c.TwinID)
		}
		outputs := slices.Collect(maps.Values(c.Expect.Readings))
		if c.Expect.Output != nil {
			outputs = append(outputs, c.Expect.Output)
		}
		for _, expected := range outputs {
			var output O
			if err := strict(expected, &output); err != nil {
				t.Errorf("%s: %v", c.ID, err)
			}
			if found := compare(output, expected); found != "" {
				t.Errorf("%s: %s", c.ID, found)
			}
		}
	}
	return op.Cases()
}

func strict(text []byte, value any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	return decoder.Decode(value)
}

func TestListsAreRead(t *testing.T) {
	rules, choices, tags, bugs, tombstones := Rules(), Choices(), Tags(), Bugs(), Tombstones()
	for _, c := range choices {
		if c.Accept == "" || c.Reject == "" || c.Reference == "" {
			t.Errorf("%+v", c)
		}
	}
	for _, r := range rules {
		if r.Level == "" || r.Severity == "" || r.Text == "" {
			t.Errorf("%+v", r)
		}
	}
	if len(rules) == 0 || len(choices) == 0 || len(tags) == 0 || len(bugs) == 0 || len(tombstones) == 0 {
		t.Error("an empty list")
	}
}

// scenario is answers with the results that they have. Of a valid case the default is the right output, of others a rejection.
type scenario struct {
	Name    string
	Ops     map[string][]string
	Choices map[string]Decision
	Answers map[string]string
	Results map[string]Result
}

func (s scenario) answer(c *Case) answer {
	kind, named := s.Answers[c.ID]
	if !named && c.Expect.Verdict == Valid {
		kind = "accept"
	}
	if reading, is := strings.CutPrefix(kind, "reading:"); is {
		return answer{kind: accepted, output: c.Expect.Readings[reading]}
	}
	switch kind {
	case "accept":
		return answer{kind: accepted, output: c.Expect.Output}
	case "accept-wrongly":
		return answer{kind: accepted, output: map[string]string{"wrong": "output"}}
	case "decline":
		return answer{kind: declined}
	case "crash":
		return ask(func() (any, error) { panic("crash") })
	}
	return answer{kind: rejected}
}

func (s scenario) result(c *Case) Result {
	if !slices.ContainsFunc(c.Dialects, func(d string) bool { return slices.Contains(s.Ops[c.Op], d) }) {
		return Unsupported
	}
	for _, key := range []string{c.ID, "twin:" + c.TwinID, "choice:" + c.Expect.Choice} {
		if result, named := s.Results[key]; named {
			return result
		}
	}
	if c.Expect.Verdict == Either {
		return Strict
	}
	return Pass
}

// The runner and the packages of other languages have the same test.
func TestAnswersAreJudgedAsTheRunnerDoes(t *testing.T) {
	text, err := os.ReadFile("packages/judging.json")
	if err != nil {
		t.Fatal(err)
	}
	var scenarios []scenario
	if err := json.Unmarshal(text, &scenarios); err != nil || len(scenarios) == 0 {
		t.Fatal(err)
	}
	for _, s := range scenarios {
		var parts []Part
		for op, dialects := range s.Ops {
			parts = append(parts, Part{op, dialects, s.answer})
		}
		j, err := NewJudge(Implementation{Operations: parts, Choices: s.Choices})
		if err != nil {
			t.Fatal(err)
		}
		for op := range s.Ops {
			for _, c := range Cases(op) {
				if result, note := j.Judge(c); result != s.result(c) {
					t.Errorf("%s: %s is %s, expected %s (%s)", s.Name, c.ID, result, s.result(c), note)
				}
			}
		}
	}
}

func TestBytesInEveryNotation(t *testing.T) {
	for text, expected := range map[string]string{
		`{"text":"a\u0000"}`: "a\x00",
		`{"hex":"00ff"}`:     "\x00\xff",
		`{"base64":"AP8="}`:  "\x00\xff",
		`{"parts":[{"base64":"YQ==","times":"2"},{"base64":"Yg==","times":"2","number":"9","then":"Yw=="}]}`: "aab9cb10c",
	} {
		var b Bytes
		if err := json.Unmarshal([]byte(text), &b); err != nil || string(b) != expected {
			t.Errorf("%s: %q, %v", text, b, err)
		}
	}
	var b Bytes
	if err := json.Unmarshal([]byte(`{"morse":"..."}`), &b); err == nil {
		t.Error("an unknown notation is read")
	}
}

// What a later set can add is reported and not passed.
func TestWhatIsNotKnownIsNotJudged(t *testing.T) {
	j, err := NewJudge(Implementation{Operations: []Part{FooterParse.By(func(FooterInput) (FooterOutput, error) {
		return FooterOutput{}, nil
	})}})
	if err != nil {
		t.Fatal(err)
	}
	input := json.RawMessage(`{"tail":{"hex":""},"blob_size":"0","later":1}`)
	for _, c := range []*Case{
		{ID: "a/verdict", Input: input, Expect: Expect{Verdict: "later", Output: json.RawMessage("{}")}},
		{ID: "a/no-output", Input: input, Expect: Expect{Verdict: Either, Choice: "x"}},
		{ID: "a/notation", Input: json.RawMessage(`{"tail":{"morse":""},"blob_size":"0"}`), Expect: Expect{Verdict: Invalid}},
	} {
		c.Op, c.Dialects = "footer/parse", []string{"g9"}
		if result, note := j.Judge(c); result != NotJudged {
			t.Errorf("%s is %s: %s", c.ID, result, note)
		}
	}
}

func TestADeclaredDecisionIsOneOfItsChoice(t *testing.T) {
	for decision, known := range map[Decision]bool{Accept: true, Reject: true, "posix": true, "bits-32": false} {
		if _, err := NewJudge(Implementation{Choices: map[string]Decision{"tar-global-records": decision}}); (err == nil) != known {
			t.Errorf("%s: %v", decision, err)
		}
	}
}

func TestPatternsStopAtASlash(t *testing.T) {
	for _, row := range []struct {
		pattern, id string
		matches     bool
	}{{"a/*", "a/b", true}, {"*", "a/b", false}, {"**", "a/b", true}, {"a/b", "a/bc", false}, {"a/b.", "a/bc", false}} {
		patterns, err := compile(map[string]string{row.pattern: "reason"})
		if err != nil {
			t.Fatal(err)
		}
		if _, matches := match(patterns, row.id); matches != row.matches {
			t.Errorf("%+v", row)
		}
	}
	if _, err := compile(map[string]string{"a": ""}); err == nil {
		t.Error("a reason may be missing")
	}
}

func TestDifferencesAreFound(t *testing.T) {
	output := FooterOutput{Layout: "v64", TarSplit: &Position{1, 2, 3}}
	if found := compare(output, json.RawMessage(`{"layout":"v64","toc":{"offset":"0","length":"0","uncompressed":"0"},
		"tar_split":{"offset":"1","length":"2","uncompressed":"4"}}`)); found != `/tar_split/uncompressed: found "3", expected "4"` {
		t.Error(found)
	}
	if !reflect.DeepEqual(value([]byte(`{"a":null,"b":[],"c":{"d":{}},"e":[{"f":null}],"g":""}`)),
		value([]byte(`{"e":[{}],"g":""}`))) {
		t.Error("members that hold nothing differ from absent ones")
	}
}

func TestOpsAreInTheOrderOfTheSet(t *testing.T) {
	if ops := Ops(); len(ops) != 13 || ops[0] != "footer/parse" || ops[12] != "tar/list" {
		t.Error(ops)
	}
}
