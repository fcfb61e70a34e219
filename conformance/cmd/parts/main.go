// Command parts builds the named programs where they are not there yet and prints where they lie, one a line. Without a
// name it lists what there is.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"spokewright.dev/spokewright/conformance/parts"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(names []string, stdout, stderr io.Writer) int {
	if len(names) == 0 {
		for _, part := range parts.Table() {
			fmt.Fprintln(stdout, part.Name, part.Version)
		}
		return 0
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := build(ctx, names, stdout, stderr); err != nil {
		fmt.Fprintln(stderr, "parts:", err)
		return 1
	}
	return 0
}

func build(ctx context.Context, names []string, stdout, stderr io.Writer) error {
	began := time.Now()
	cache, err := parts.Open(func(format string, args ...any) {
		fmt.Fprintf(stderr, "%4.0f s  %s\n", time.Since(began).Seconds(), fmt.Sprintf(format, args...))
	})
	if err != nil {
		return err
	}
	for _, name := range names {
		path, err := cache.Program(ctx, name)
		if err != nil {
			return err
		}
		fmt.Fprintln(stdout, path)
	}
	return nil
}
