package process

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
)

// Command is the owner of programs that stay up until its context ends.
type Command struct {
	ctx    context.Context
	folder string
	output io.Writer

	lock     sync.Mutex
	cleanups []func()
	failed   bool
	folders  int
}

// RunCommand has a function own programs, and ends these when it returns. What goes wrong is written to the output; it
// tells whether all went well. What programs leave lies in the folder.
func RunCommand(ctx context.Context, folder string, output io.Writer, run func(*Command)) bool {
	c := &Command{ctx: ctx, folder: folder, output: output}
	done := make(chan struct{})
	go func() { // Fatal ends it, wherever it is
		defer close(done)
		run(c)
	}()
	<-done
	for _, cleanup := range slices.Backward(c.cleanups) {
		cleanup()
	}
	return !c.failed
}

// Helper does nothing: nobody counts lines here.
func (c *Command) Helper() {}

// Context ends with the command.
func (c *Command) Context() context.Context { return c.ctx }

// Cleanup is called when the command ends, the latest first.
func (c *Command) Cleanup(cleanup func()) {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.cleanups = append(c.cleanups, cleanup)
}

// Failed tells whether something went wrong.
func (c *Command) Failed() bool {
	c.lock.Lock()
	defer c.lock.Unlock()
	return c.failed
}

// Fatal says what went wrong and ends the calling goroutine.
func (c *Command) Fatal(args ...any) {
	c.lock.Lock()
	c.failed = true
	fmt.Fprintln(c.output, args...)
	c.lock.Unlock()
	runtime.Goexit()
}

// Fatalf is Fatal with a format.
func (c *Command) Fatalf(format string, args ...any) { c.Fatal(fmt.Sprintf(format, args...)) }

// Logf writes a line.
func (c *Command) Logf(format string, args ...any) {
	c.lock.Lock()
	defer c.lock.Unlock()
	fmt.Fprintf(c.output, format+"\n", args...)
}

// TempDir makes a folder of its own.
func (c *Command) TempDir() string {
	c.lock.Lock()
	c.folders++
	folder := filepath.Join(c.folder, fmt.Sprint(c.folders))
	c.lock.Unlock()
	if err := os.MkdirAll(folder, 0o700); err != nil {
		c.Fatal(err)
	}
	return folder
}
