// Package story is the life of a fleet on a whole hub, step by step, each an assertion: environments are born, changed,
// refused, taken down, and a hub is lost. It is not for running what it is about: that is the platform's.
package story

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"spokewright.dev/spokewright/conformance/platform"
)

// Story is what is known while it is told.
type Story struct {
	Platform *platform.Platform
	Hub      *platform.Hub
	Spare    *platform.Hub // the second of two that live
	Timeline *Timeline
	Page     *Page // of the hub
	Runbook  *Page // of an environment's end and its other name
	Losses   *Page // of what is rehearsed
	Say      func(format string, args ...any)

	quiet *quiet
	marks map[string]int  // of the book
	ended map[string]bool // environments that somebody asked to end, by all names that they had
}

// New begins a story.
func New(p *platform.Platform, page, runbook, losses *Page, say func(format string, args ...any)) *Story {
	return &Story{Platform: p, Page: page, Runbook: runbook, Losses: losses, Say: say, marks: map[string]int{}, ended: map[string]bool{}}
}

// Step is one assertion. It fails when it does not come true in time: several times what it takes on a machine that has
// nothing else to do.
type Step struct {
	Name   string
	Within time.Duration
	Run    func(ctx context.Context, s *Story) error
}

// Play runs a step and gives how long it took.
func (s *Story) Play(ctx context.Context, step Step) (time.Duration, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, step.Within, fmt.Errorf("not within %s", step.Within))
	defer cancel()
	began := time.Now()
	err := step.Run(ctx, s)
	return time.Since(began), err
}

// until asks twice a second until there is nothing to complain of; at the end of the time it gives the last complaint.
func until(ctx context.Context, complaint func() error) error {
	for {
		err := complaint()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), err)
		case <-time.After(500 * time.Millisecond):
		}
	}
}

// follow does what the page says under a heading, as somebody would who reads it with a checkout of the fleet before them.
// It gives what the commands said.
func (s *Story) follow(ctx context.Context, heading string) (string, error) {
	blocks, err := s.Page.Commands(heading)
	if err != nil {
		return "", err
	}
	var said strings.Builder
	for _, block := range blocks {
		output, err := s.shell(ctx, block)
		said.WriteString(output)
		if err != nil {
			return said.String(), fmt.Errorf("the page, under %q: %w\n%s", heading, err, output)
		}
	}
	return said.String(), nil
}

// shell runs a script in the fleet's checkout. What it pushes, Argo CD hears of.
func (s *Story) shell(ctx context.Context, script string) (string, error) {
	cmd := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", script)
	cmd.Dir = s.Platform.Fleet.Work
	cmd.Env = append(os.Environ(), "PATH="+s.Platform.Programs()+string(os.PathListSeparator)+os.Getenv("PATH"),
		"KUBECONFIG="+s.Hub.Kubeconfig, "HOME="+filepath.Dir(s.Platform.Fleet.Work), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
	output, err := cmd.CombinedOutput()
	if err == nil && strings.Contains(script, "git push") {
		err = s.Hub.Refresh(ctx)
	}
	return string(output), err
}

// head is the newest commit of the fleet's checkout.
func (s *Story) head(ctx context.Context) (string, error) {
	text, err := s.shell(ctx, "git rev-parse HEAD")
	return strings.TrimSpace(text), err
}
