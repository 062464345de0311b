package vectors

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// Result is the result of a case, by the names of docs/protocol.md.
type Result string

// The results.
const (
	Pass           Result = "pass"            // accepted with the right output, or rejected rightly
	Lenient        Result = "lenient"         // an either case, accepted with a right output
	Strict         Result = "strict"          // an either case, rejected or declined
	Declined       Result = "declined"        // a valid case, declined: no credit, no failure
	Vacuous        Result = "vacuous"         // rejected, but the twin is not accepted: no credit, no failure
	Unsupported    Result = "unsupported"     // not asked, since the part has none of the dialects
	NotJudged      Result = "not-judged"      // this version of the package cannot judge the case
	WrongVerdict   Result = "wrong-verdict"   // a valid case rejected, or an invalid one accepted
	WrongOutput    Result = "wrong-output"    // accepted with another output
	ChoiceConflict Result = "choice-conflict" // a choice decided in another way than declared or elsewhere
	Crash          Result = "crash"           // a panic
	Timeout        Result = "timeout"         // answered after the time that the case allows
)

// IsFailure reports whether the implementation is wrong.
func (r Result) IsFailure() bool {
	return slices.Contains([]Result{WrongVerdict, WrongOutput, ChoiceConflict, Crash, Timeout}, r)
}

// IsCredited reports whether the case counts as passed.
func (r Result) IsCredited() bool { return r == Pass || r == Lenient || r == Strict }

// Decision is how an implementation decides a choice: by one of these or, by its name, as one of the readings of the choice.
type Decision string

// The decisions that every choice has.
const (
	Accept Decision = "accept"
	Reject Decision = "reject"
)

// Part is an operation as it is implemented; [Operation.By] makes it.
type Part struct {
	op       string
	dialects []string
	answer   func(*Case) answer
}

type decline struct{ error }

func (d decline) Unwrap() error { return d.error }

// Decline marks an error as one after which the implementation falls back to a full download.
func Decline(err error) error { return decline{err} }

type kind int

const (
	accepted kind = iota
	rejected
	declined
	crashed
	unreadable
)

type answer struct {
	kind    kind
	output  any
	message string
	took    time.Duration
}

// ask calls the implementation. A panic is a crash and never a rejection.
func ask(f func() (any, error)) (given answer) {
	start := time.Now()
	defer func() {
		if cause := recover(); cause != nil {
			given = answer{kind: crashed, message: fmt.Sprintf("panic: %v\n%s", cause, debug.Stack())}
		}
		given.took = time.Since(start)
	}()
	output, err := f()
	if errors.As(err, &decline{}) {
		return answer{kind: declined, message: err.Error()}
	}
	if err != nil {
		return answer{kind: rejected, message: err.Error()}
	}
	return answer{kind: accepted, output: output}
}

// Judge has the results of an implementation. It asks when a result is needed, and once for each case.
type Judge struct {
	parts   map[string]Part
	choices map[string]Decision
	asked   map[*Case]judged
	either  map[string][]*Case
}

type judged struct {
	answer
	result Result
	note   string
	// decisions are those that the answer to an either case fits.
	decisions []Decision
}

// NewJudge returns a judge of an implementation.
func NewJudge(i Implementation) (*Judge, error) {
	j := &Judge{map[string]Part{}, i.Choices, map[*Case]judged{}, map[string][]*Case{}}
	for _, part := range i.Operations {
		if _, again := j.parts[part.op]; again {
			return nil, fmt.Errorf("two implementations of %s", part.op)
		}
		j.parts[part.op] = part
	}
	known := Choices()
	for _, name := range slices.Sorted(maps.Keys(i.Choices)) {
		at := slices.IndexFunc(known, func(c Choice) bool { return c.ID == name })
		if at < 0 {
			return nil, fmt.Errorf("unknown choice %s", name)
		}
		decision := i.Choices[name]
		if _, is := known[at].Readings[string(decision)]; !is && decision != Accept && decision != Reject {
			return nil, fmt.Errorf("the choice %s has no reading %q", name, decision)
		}
	}
	for _, op := range ops {
		if _, has := j.parts[op]; has {
			for _, c := range Cases(op) {
				if c.Expect.Choice != "" {
					j.either[c.Expect.Choice] = append(j.either[c.Expect.Choice], c)
				}
			}
		}
	}
	return j, nil
}

// Judge returns the result of a case, and what there is to say about it.
func (j *Judge) Judge(c *Case) (Result, string) {
	own := j.alone(c)
	switch own.result {
	case Pass:
		if twin := c.Twin(); twin != nil && j.alone(twin).kind != accepted {
			return Vacuous, fmt.Sprintf("the twin %s is not accepted, so the rejection shows nothing: %s", twin.ID, own.message)
		}
	case Lenient, Strict:
		fitting, source := j.decided(c)
		if source != "" && len(both(fitting, own.decisions)) == 0 {
			return ChoiceConflict, fmt.Sprintf("the choice %s is decided as %s here, while %s %s",
				c.Expect.Choice, names(own.decisions), source, names(fitting))
		}
	}
	return own.result, own.note
}

// decided returns the decisions of a choice that fit what is declared, or else the cases before this one, and what shows them first.
// An answer that several readings give leaves open which one it is.
func (j *Judge) decided(c *Case) (fitting []Decision, source string) {
	if declared, is := j.choices[c.Expect.Choice]; is {
		return []Decision{declared}, "the implementation declares"
	}
	for _, earlier := range j.either[c.Expect.Choice] {
		if earlier == c {
			break
		}
		found := j.alone(earlier)
		if found.result != Lenient && found.result != Strict {
			continue
		}
		if source == "" {
			fitting, source = found.decisions, earlier.ID+" shows"
		} else if both := both(fitting, found.decisions); len(both) > 0 {
			fitting = both
		}
	}
	return fitting, source
}

func both(one, other []Decision) []Decision {
	return slices.DeleteFunc(slices.Clone(one), func(d Decision) bool { return !slices.Contains(other, d) })
}

func names(decisions []Decision) string {
	var names []string
	for _, decision := range decisions {
		names = append(names, string(decision))
	}
	return strings.Join(names, " or ")
}

// alone judges a case without its twin and the others of its choice.
func (j *Judge) alone(c *Case) judged {
	if known, asked := j.asked[c]; asked {
		return known
	}
	own := j.ask(c)
	j.asked[c] = own
	return own
}

func (j *Judge) ask(c *Case) judged {
	without := answer{kind: unreadable}
	part, has := j.parts[c.Op]
	if !has {
		return judged{answer: without, result: Unsupported, note: c.Op + " is not implemented"}
	}
	if part.dialects != nil && !slices.ContainsFunc(c.Dialects, func(d string) bool { return slices.Contains(part.dialects, d) }) {
		return judged{answer: without, result: Unsupported, note: fmt.Sprintf("none of the dialects %v", c.Dialects)}
	}
	expect := c.Expect
	isKnown := expect.Verdict == Invalid || (expect.Verdict == Valid || expect.Verdict == Either) && expect.Output != nil
	if !isKnown {
		return judged{answer: without, result: NotJudged, note: fmt.Sprintf("verdict %q is not known in this form", expect.Verdict)}
	}
	given := part.answer(c)
	fitting := decisions(expect, given)
	result, note := verdict(expect, given, fitting)
	if c.Limits != nil && !result.IsFailure() && given.took > time.Duration(c.Limits.Seconds)*time.Second {
		given.kind = crashed
		return judged{answer: given, result: Timeout, note: fmt.Sprintf("took %v, the limit is %d s", given.took, c.Limits.Seconds)}
	}
	return judged{given, result, note, fitting}
}

// decisions returns the decisions of the choice that the answer to an either case fits: several where readings agree about the case,
// none where it is another answer.
func decisions(expect Expect, given answer) []Decision {
	var fitting []Decision
	switch {
	case expect.Verdict != Either:
	case given.kind == rejected || given.kind == declined:
		fitting = append(fitting, Reject)
	case given.kind == accepted:
		if compare(given.output, expect.Output) == "" {
			fitting = append(fitting, Accept)
		}
		for _, name := range slices.Sorted(maps.Keys(expect.Readings)) {
			if compare(given.output, expect.Readings[name]) == "" {
				fitting = append(fitting, Decision(name))
			}
		}
	}
	return fitting
}

func verdict(expect Expect, given answer, fitting []Decision) (Result, string) {
	switch given.kind {
	case unreadable:
		return NotJudged, given.message
	case crashed:
		return Crash, given.message
	case accepted:
		if expect.Verdict == Invalid {
			return WrongVerdict, fmt.Sprintf("accepted with %s", short(given.output))
		}
		if len(fitting) > 0 {
			return Lenient, ""
		}
		if difference := compare(given.output, expect.Output); difference != "" {
			return WrongOutput, difference
		}
		return Pass, ""
	}
	switch {
	case expect.Verdict == Invalid:
		return Pass, given.message
	case expect.Verdict == Either:
		return Strict, given.message
	case given.kind == declined:
		return Declined, given.message
	}
	return WrongVerdict, "rejected: " + given.message
}

// compare returns where the output differs from what is expected.
func compare(output any, expected json.RawMessage) string {
	text, err := json.Marshal(output)
	if err != nil {
		return fmt.Sprintf("the output is not JSON: %v", err)
	}
	return difference("", value(text), value(expected))
}

// value is JSON without the members that hold nothing, which may be absent.
func value(text []byte) any {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return err
	}
	return withoutEmpty(value)
}

func withoutEmpty(value any) any {
	switch value := value.(type) {
	case map[string]any:
		maps.DeleteFunc(value, func(_ string, member any) bool {
			switch member := withoutEmpty(member).(type) {
			case nil:
				return true
			case map[string]any:
				return len(member) == 0
			case []any:
				return len(member) == 0
			}
			return false
		})
	case []any:
		for _, item := range value {
			withoutEmpty(item)
		}
	}
	return value
}

// difference returns the first place in which two values differ, as a JSON pointer with both values.
func difference(at string, actual, expected any) string {
	if reflect.DeepEqual(actual, expected) {
		return ""
	}
	switch expected := expected.(type) {
	case map[string]any:
		if actual, same := actual.(map[string]any); same {
			keys := slices.AppendSeq(slices.Collect(maps.Keys(expected)), maps.Keys(actual))
			slices.Sort(keys)
			for _, key := range keys {
				if found := difference(at+"/"+key, actual[key], expected[key]); found != "" {
					return found
				}
			}
		}
	case []any:
		if actual, same := actual.([]any); same && len(actual) == len(expected) {
			for i := range expected {
				if found := difference(fmt.Sprintf("%s/%d", at, i), actual[i], expected[i]); found != "" {
					return found
				}
			}
		}
	}
	return fmt.Sprintf("%s: found %s, expected %s", at, short(actual), short(expected))
}

func short(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	if len(text) > 300 {
		return string(text[:300]) + "..."
	}
	return string(text)
}
