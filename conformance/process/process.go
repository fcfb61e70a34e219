// Package process runs programs for the time of one test, or of a command that stays, and leaves nothing of them behind. It
// is not for programs that end by themselves.
package process

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// Process is a running program.
type Process struct {
	name  string
	log   string // the file with what it writes to stdout and stderr
	cmd   *exec.Cmd
	ended chan struct{} // closed when it has ended
}

// Start runs the command until its owner's life is over; whatever is started later ends earlier. Its output goes to a file
// whose end is shown when a test fails.
func Start(t Owner, name string, cmd *exec.Cmd) *Process {
	t.Helper()
	p, err := launch(name, filepath.Join(t.TempDir(), name+".log"), cmd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() { // before it tells of its end
			t.Logf("the end of what %s wrote:\n%s", name, p.Tail(10))
		}
		p.stop()
	})
	return p
}

// launch runs the command until it is stopped; its output is added to the file log.
func launch(name, log string, cmd *exec.Cmd) (*Process, error) {
	p := &Process{name: name, log: log, cmd: cmd, ended: make(chan struct{})}
	output, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer output.Close()
	cmd.Stdout, cmd.Stderr = output, output
	endWithParent(cmd)
	started := make(chan error)
	go func() {
		// The kernel ends the program with the thread that started it: this one must last as long.
		runtime.LockOSThread()
		defer close(p.ended)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended does not matter here; that it ended does
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	return p, nil
}

// Ended is closed when the program has ended.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// Tail gives the last lines that the program wrote.
func (p *Process) Tail(lines int) string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// Await asks ready ten times a second until it says yes; it gives up when the context or the program ends.
func (p *Process) Await(ctx context.Context, ready func(context.Context) error) error {
	for {
		err := ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-p.ended:
			return fmt.Errorf("%s ended: %s", p.name, p.Tail(3))
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready: %w (%w)", p.name, err, ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// stop asks twice before it kills: argocd-cmp-server only removes its socket at the first SIGTERM. Whoever takes longer than
// the first wait, as an API server that lets its clients finish, ends at once at the second.
func (p *Process) stop() {
	for _, step := range []struct {
		signal os.Signal
		wait   time.Duration
	}{{syscall.SIGTERM, 2 * time.Second}, {syscall.SIGTERM, 10 * time.Second}, {syscall.SIGKILL, 10 * time.Second}} {
		_ = p.cmd.Process.Signal(step.signal) // it may have ended already
		select {
		case <-p.ended:
			return
		case <-time.After(step.wait):
		}
	}
}

// grace is what remains of a test's time for ending its programs.
const grace = 40 * time.Second

// Context ends before the test's time is up, so that the test fails by itself, with its clean-up done, rather than be torn
// down.
func Context(t Owner) context.Context {
	test, timed := t.(interface{ Deadline() (time.Time, bool) })
	if !timed {
		return t.Context()
	}
	deadline, limited := test.Deadline()
	if !limited {
		return t.Context()
	}
	enough := min(grace, time.Until(deadline)/2)
	ctx, cancel := context.WithDeadline(t.Context(), deadline.Add(-enough))
	t.Cleanup(cancel)
	return ctx
}
