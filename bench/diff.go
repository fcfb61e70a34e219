package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// diff measures a review of one edited environment of the largest fleet, against a render of all. What the warm cache
// gives is compared with what no cache gives before anything is timed.
func (b *bench) diff() error {
	f := b.standard(slices.Max(b.environments))
	dir, err := b.lay(f)
	if err != nil {
		return err
	}
	if _, err := b.render(dir); err != nil {
		return err
	}
	undo, err := committed(dir)
	if err != nil {
		return err
	}
	defer undo()
	spec := filepath.Join(dir, "environments", f.name(f.environments/2)+".cue")
	restore, err := edited(spec, func(text string) string { return text + "namespaces: edited: {}\n" })
	if err != nil {
		return err
	}
	defer restore()
	folder, err := os.MkdirTemp(b.folder, "cache-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	none, _, err := b.review(dir, filepath.Join(os.DevNull, "none"))
	if err != nil {
		return err
	}
	cold, _, err := b.review(dir, folder)
	if err != nil {
		return err
	}
	if warm, _, err := b.review(dir, folder); err != nil || !bytes.Equal(none, warm) || !bytes.Equal(none, cold) || !bytes.Contains(none, []byte("edited")) {
		return errors.Join(err, fmt.Errorf("diff: without a cache it prints\n%s\nwith a warm one\n%s", none, warm))
	}
	costs, err := interleaved(b.often(f.environments),
		func() (cost, error) {
			_, c, err := b.review(dir, folder)
			return c, err
		},
		func() (cost, error) { return b.render(dir) })
	if err != nil {
		return err
	}
	again, err := edited(filepath.Join(dir, "environments", "fleet.cue"), func(text string) string { return strings.Replace(text, "platform", "harbour", 1) })
	if err != nil {
		return err
	}
	defer again()
	all, _, err := b.review(dir, folder)
	b.report.diff(f.environments, costs[0], costs[1], bytes.Count(all, []byte("\n")))
	return err
}

// review runs diff with a folder for its cache. That something changed is no failure.
func (b *bench) review(dir, cache string) ([]byte, cost, error) {
	if err := os.Setenv("SPOKEWRIGHT_CACHE", cache); err != nil {
		return nil, cost{}, err
	}
	out, err := os.CreateTemp(b.folder, "diff-")
	if err != nil {
		return nil, cost{}, err
	}
	defer os.Remove(out.Name())
	defer out.Close()
	c, err := process(dir, "", out, b.tools.spokewright, "diff")
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.ExitCode() > 2 {
		err = nil
	}
	text, unread := os.ReadFile(out.Name())
	return text, c, errors.Join(err, unread)
}

// committed makes a fleet a Git repository with one commit.
func committed(dir string) (undo func(), err error) {
	undo = func() { os.RemoveAll(filepath.Join(dir, ".git")) }
	for _, line := range []string{"init -q -b main", "add environments overlays bases golden", "-c user.name=bench -c user.email=bench@example.com commit -q -m fleet"} {
		if _, err := process(dir, "", nil, "git", strings.Fields(line)...); err != nil {
			return undo, err
		}
	}
	return undo, nil
}

// edited changes a file.
func edited(name string, change func(text string) string) (restore func(), err error) {
	before, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	restore = func() { os.WriteFile(name, before, 0o644) } //nolint:errcheck // the fleet is thrown away
	return restore, os.WriteFile(name, []byte(change(string(before))), 0o644)
}
