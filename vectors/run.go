package vectors

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Implementation is what is under test.
type Implementation struct {
	// Operations that it has. The others are reported as skipped.
	Operations []Part
	// Choices that it declares. One that is not declared has to be decided the same way in all its cases.
	Choices map[string]Decision
	// ExpectedFailures has the reasons of known failures by patterns of ids, in which * stops at a slash and ** does not. A case
	// that matches and does not fail is an error, and so is a pattern that matches no case.
	ExpectedFailures map[string]string
}

// Run judges an implementation, one subtest for each case. Nothing passes that was not judged: a case that does not apply or earns
// no credit, a known failure and an operation that is not implemented are subtests that are skipped with the reason, which go
// test -v and -json show. Run prints how many cases have each result, and returns their ids.
func Run(t *testing.T, i Implementation) map[Result][]string {
	t.Helper()
	j, err := NewJudge(i)
	if err != nil {
		t.Fatal(err)
	}
	patterns, err := compile(i.ExpectedFailures)
	if err != nil {
		t.Fatal(err)
	}
	results := map[Result][]string{}
	for _, op := range ops {
		if _, has := j.parts[op]; !has {
			t.Run(op, func(t *testing.T) { t.Skipf("%d cases are not asked: not implemented", count(op)) })
			continue
		}
		for _, c := range Cases(op) {
			reason, known := match(patterns, c.ID)
			t.Run(c.ID, func(t *testing.T) {
				result, note := j.Judge(c)
				results[result] = append(results[result], c.ID)
				report(t, c, result, note, reason, known)
			})
		}
	}
	for _, p := range patterns {
		if !p.used {
			t.Errorf("the expected failure %q matches no case of the operations", p.text)
		}
	}
	// A log would be shown for a failure only.
	fmt.Printf("chunkproof: %s\n", summary(results))
	return results
}

func report(t *testing.T, c *Case, result Result, note, reason string, known bool) {
	switch {
	case known && result.IsFailure():
		t.Skipf("expected failure, %s: %s", reason, result)
	case known && result != Unsupported && result != NotJudged:
		t.Errorf("%s: failure is expected and did not happen, %s", result, reason)
	case result.IsFailure():
		t.Errorf("%s: %s\ntitle: %s\nwhy: %s\nrules: %s\ntwin: %s\nchange: %s",
			result, note, c.Title, c.Why, strings.Join(c.Rules, " "), c.TwinID, c.Change)
	case !result.IsCredited():
		t.Skipf("%s: %s", result, note)
	}
}

func summary(results map[Result][]string) string {
	var counts []string
	for _, result := range slices.Sorted(maps.Keys(results)) {
		counts = append(counts, fmt.Sprintf("%d %s", len(results[result]), result))
	}
	return strings.Join(counts, ", ")
}

type pattern struct {
	text, reason string
	matches      *regexp.Regexp
	used         bool
}

func compile(expected map[string]string) ([]*pattern, error) {
	var patterns []*pattern
	for _, text := range slices.Sorted(maps.Keys(expected)) {
		if expected[text] == "" {
			return nil, fmt.Errorf("the expected failure %q has no reason", text)
		}
		quoted := regexp.QuoteMeta(text)
		quoted = strings.ReplaceAll(quoted, `\*\*`, ".*")
		quoted = strings.ReplaceAll(quoted, `\*`, "[^/]*")
		patterns = append(patterns, &pattern{text, expected[text], regexp.MustCompile("^" + quoted + "$"), false})
	}
	return patterns, nil
}

func match(patterns []*pattern, id string) (reason string, known bool) {
	for _, p := range patterns {
		if p.matches.MatchString(id) {
			p.used = true
			reason, known = p.reason, true
		}
	}
	return reason, known
}
