package report

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

const inChild = "REPORT_CHILD"

// child runs the test of this name once more, in a process of its own with 3 GiB of address space. In that process it returns nil,
// and the test goes on with what may crash. Otherwise it returns what became of the process.
func child(t *testing.T, limit time.Duration) *result {
	t.Helper()
	if os.Getenv(inChild) == t.Name() {
		return nil
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	within, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	limited := `ulimit -v 3145728 && exec "$0" "$@"`
	command := exec.CommandContext(within, "sh", "-c", limited, program, "-test.v", "-test.run=^"+t.Name()+"$")
	command.Env = append(os.Environ(), inChild+"="+t.Name(), "TMPDIR="+t.TempDir())
	output, err := command.CombinedOutput()
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited && within.Err() == nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(output), "=== RUN") {
		t.Fatalf("the child did not start: %s", output)
	}
	return &result{string(output), err == nil, within.Err() != nil}
}

// result is what a child printed, and how it ended: by itself without an error, or because its time was up.
type result struct {
	output   string
	ended    bool
	timedOut bool
}
