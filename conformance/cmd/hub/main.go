// Command hub brings a whole hub alive on this machine, from the fleet of this tree, and keeps it up to be looked at until
// it is interrupted.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"spokewright.dev/spokewright/conformance/parts"
	"spokewright.dev/spokewright/conformance/platform"
	"spokewright.dev/spokewright/conformance/process"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("hub", flag.ContinueOnError)
	flags.SetOutput(stderr)
	tree := flags.String("tree", "..", "the checkout whose fleet it is")
	all := flags.Bool("all", false, "the whole sample, with all three clouds, instead of one cloud and two environments")
	folder := flags.String("folder", "", "where all lies; default: a new one in the folder for temporary files")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	scope := platform.Quick()
	if *all {
		scope = platform.All()
	}
	home, err := place(*folder)
	if err != nil {
		fmt.Fprintln(stderr, "hub:", err)
		return 1
	}
	if !process.RunCommand(ctx, filepath.Join(home, "own"), stderr, func(c *process.Command) {
		if err := stay(ctx, c, scope, *tree, home, stdout); err != nil && ctx.Err() == nil {
			c.Fatal("hub: ", err)
		}
	}) {
		return 1
	}
	return 0
}

// place gives the folder for all that is made, whole.
func place(folder string) (string, error) {
	if folder == "" {
		return os.MkdirTemp("", "spokewright-hub-")
	}
	folder, err := filepath.Abs(folder)
	if err != nil {
		return "", err
	}
	return folder, os.MkdirAll(folder, 0o700)
}

// stay brings the hub up and tells how far it is until somebody ends it.
func stay(ctx context.Context, c *process.Command, scope platform.Scope, tree, home string, out io.Writer) error {
	began := time.Now()
	say := func(format string, args ...any) {
		fmt.Fprintf(out, "%6.1f s  %s\n", time.Since(began).Seconds(), fmt.Sprintf(format, args...))
	}
	cache, err := parts.Open(say)
	if err != nil {
		return err
	}
	for _, line := range platform.StandIns(scope) {
		say("stand-in: %s", line)
	}
	for _, line := range platform.Settings() {
		say("shortened: %s", line)
	}
	tree, err = filepath.Abs(tree)
	if err != nil {
		return err
	}
	p, err := platform.Open(ctx, c, cache, scope, tree, home)
	if err != nil {
		return err
	}
	say("the world outside: %s, %s", p.Fleet.URL, p.Apps.URL)
	hub, err := p.Start(ctx, "hub", "hub")
	if err != nil {
		return err
	}
	say("a hub with Argo CD and nothing else: export KUBECONFIG=%s", hub.Kubeconfig)
	if err := p.ApplyRoot(ctx, hub); err != nil {
		return err
	}
	say("the root is applied; commits are made in %s and pushed to origin", p.Fleet.Work)
	hub.Changes(ctx, func(line string) { say("%s", line) })
	return nil
}
