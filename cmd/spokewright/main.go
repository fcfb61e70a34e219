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

	"spokewright.dev/spokewright/internal/cuefile"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/krm"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/internal/watchdog"
)

// Exit codes.
const (
	exitFine   = 0
	exitFailed = 1 // the tool failed
	exitWrong  = 2 // the input or a check is wrong
)

func main() {
	startCollectorLate()
	if isPlugin(os.Args[0], os.Args[1:]) {
		os.Exit(finish(runPlugin(os.Args[1], os.Stdin, os.Stdout), os.Stderr))
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
	runtime.AddCleanup(sentinel, func(percent int) { debug.SetGCPercent(percent) }, 100)
}

// run is the whole program: what it writes to stdout is data, everything else goes to stderr.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	command := root()
	command.SetArgs(args)
	command.SetIn(stdin)
	command.SetOut(stdout)
	command.SetErr(stderr)
	return finish(command.Execute(), stderr)
}

// finish says what went wrong, once, and gives the exit code.
func finish(err error, stderr io.Writer) int {
	if err == nil {
		return exitFine
	}
	err = readable(err)
	code := exitCode(err)
	if found, failures := finding.Of(err); len(found) > 0 && len(failures) == 0 {
		err = found // without the words around them
	}
	if !errors.Is(err, errReported) {
		fmt.Fprintln(stderr, err)
	}
	return code
}

// errReported is the error of a command that printed its findings itself: all that is left is the exit code.
var errReported = errors.New("said already")

// exitCode is a shell's own code for a program that a signal ended, such as 130.
func exitCode(err error) int {
	if ended := (*watchdog.Ended)(nil); errors.As(err, &ended) {
		return ended.ExitCode()
	}
	if errors.Is(err, errReported) || isAny[cuefile.Problems](err) || isAny[krm.Refusal](err) || isAny[*krm.Invalid](err) ||
		isAny[render.Errors](err) || isAny[*inputError](err) || finding.IsInput(err) {
		return exitWrong
	}
	return exitFailed
}

func isAny[E error](err error) bool {
	var target E
	return errors.As(err, &target)
}

// inputError is a command line that is wrong.
type inputError struct{ error }

func (e *inputError) Unwrap() error { return e.error }
