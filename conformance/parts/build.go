package parts

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/modfile"
)

// build makes the part's program and moves it into its home, whole or not at all. Its lock is held.
func (c *Cache) build(ctx context.Context, part Part, home string) error {
	work := home + ".new" // a build that was killed may have left it
	if err := os.RemoveAll(work); err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if err := prepare(ctx, part, work); err != nil {
		return err
	}
	began := time.Now()
	program := filepath.Join(work, part.Name)
	if err := c.compile(ctx, part, work, program); err != nil {
		return err
	}
	size, err := os.Stat(program)
	if err != nil {
		return err
	}
	if err := os.Rename(program, filepath.Join(home, part.Name)); err != nil {
		return err
	}
	for _, link := range part.Links {
		if err := os.Symlink(part.Name, filepath.Join(home, link)); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	c.log("built %s %s in %.0f s, %d MB", part.Name, part.Version, time.Since(began).Seconds(), size.Size()>>20)
	return nil
}

// prepare fetches the part's module and makes the wrapper module in the folder work.
func prepare(ctx context.Context, part Part, work string) error {
	module, err := Download(ctx, part.Module, part.Version)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(module.GoMod)
	if err != nil {
		return err
	}
	upstream, err := modfile.Parse(module.GoMod, text, nil)
	if err != nil {
		return err
	}
	gomod, err := wrapper(part, upstream)
	if err != nil {
		return err
	}
	sums, err := os.ReadFile(filepath.Join(module.Dir, "go.sum"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return errors.Join(
		os.MkdirAll(work, 0o755),
		os.WriteFile(filepath.Join(work, "go.mod"), gomod, 0o644),
		os.WriteFile(filepath.Join(work, "go.sum"), sums, 0o644),
	)
}

// compile runs go build in the wrapper module, saying twice a minute that it is still at it.
func (c *Cache) compile(ctx context.Context, part Part, work, program string) error {
	flags := []string{"-s", "-w"}
	for _, set := range part.Set {
		flags = append(flags, "-X", set)
	}
	cmd := command(ctx, work, "build", "-trimpath", "-ldflags", strings.Join(flags, " "), "-o", program, part.Package)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	c.log("building %s %s", part.Name, part.Version)
	stop := c.tick(part.Name)
	defer stop()
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("go build %s: %w\n%s", part.Package, errors.Join(err, ctx.Err()), complaint(output.String()))
	}
	return nil
}

// tick says every half minute for how long the build has run, until it is stopped.
func (c *Cache) tick(name string) (stop func()) {
	began, done := time.Now(), make(chan struct{})
	ticker := time.NewTicker(30 * time.Second)
	go func() {
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				c.log("building %s: %.0f s", name, time.Since(began).Seconds())
			case <-done:
				return
			}
		}
	}()
	return func() { close(done) }
}

// complaint is the end of what a failed go build said, without its progress.
func complaint(output string) string {
	var lines []string
	for line := range strings.Lines(output) {
		if !strings.HasPrefix(line, "go: downloading ") && !strings.HasPrefix(line, "go: added ") && !strings.HasPrefix(line, "go: finding ") {
			lines = append(lines, line)
		}
	}
	const most = 15
	return strings.Join(lines[max(0, len(lines)-most):], "")
}
