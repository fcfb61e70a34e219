// Command spokewright turns one small CUE file per environment into everything a hub-and-spoke GitOps platform needs
// to run it. This package is the edge: verbs, flags, files and exit codes. What is rendered is made elsewhere.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/watchdog"
)

// Exit codes.
const (
	exitFine   = 0
	exitFailed = 1 // the tool failed
	exitWrong  = 2 // the input or a check is wrong; what a diff gives beside these, package change says
)

func main() {
	startCollectorLate()
	if isPlugin(os.Args[0], os.Args[1:]) {
		os.Exit(finish(runPlugin(os.Args[1], os.Stdin, os.Stdout), finding.Text{}, os.Stderr))
	}
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// startCollectorLate lets a small command end before the garbage collector begins: it would collect the first 64 MB eight
// times over. From its first collection on it keeps its usual pace. Whoever sets GOGC decides himself.
func startCollectorLate() {
	if os.Getenv("GOGC") != "" {
		return
	}
	debug.SetGCPercent(1600) // of the 4 MB at which the runtime begins
	sentinel := new([32]byte)
	runtime.AddCleanup(sentinel, func(percent int) { debug.SetGCPercent(percent) }, 200)
}

// run is the whole program: what it writes to stdout is data, everything else goes to stderr.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return runWith(&options{}, args, stdin, stdout, stderr)
}

func runWith(o *options, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	command := root(o)
	command.SetArgs(args)
	command.SetIn(stdin)
	command.SetOut(stdout)
	command.SetErr(stderr)
	if code := finish(command.Execute(), finding.Text{Verbose: o.verbose}, stderr); code != exitFine {
		return code
	}
	return o.outcome
}

// finish says what went wrong, once, and gives the exit code: findings, then what failed in the tool itself.
func finish(err error, how finding.Text, stderr io.Writer) int {
	if err == nil {
		return exitFine
	}
	found, failures := finding.Of(err)
	for i, failure := range failures {
		failures[i] = readable(failure)
	}
	more, failures := finding.Of(errors.Join(failures...))
	how.Write(stderr, append(found, more...)) //nolint:errcheck // there is nobody else to tell
	for _, failure := range failures {
		fmt.Fprintln(stderr, failure)
	}
	if len(failures) > 0 {
		return exitCode(errors.Join(failures...))
	}
	return exitWrong
}

// errReported is the error of a command that printed its findings itself: all that is left is the exit code.
func errReported() error { return finding.Findings{} }

// exitCode is that of a failure: a shell's own code for a program that a signal ended, such as 130.
func exitCode(failure error) int {
	if ended := (*watchdog.Ended)(nil); errors.As(failure, &ended) {
		return ended.ExitCode()
	}
	return exitFailed
}
