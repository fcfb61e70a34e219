package terminal

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// Pager is where a person reads what may be longer than a screen: the program that PAGER names, or else less, where there
// is one; stdout itself where nobody reads, or NO_PAGER says so. finish waits until it was read; how the pager ended is its own
// affair.
func Pager(stdout, stderr io.Writer) (out io.Writer, finish func() error, err error) {
	command, named := os.LookupEnv("PAGER")
	if !named {
		command = "less -FRX"
	}
	nothing := func() error { return nil }
	if command == "" || command == "cat" || os.Getenv("NO_PAGER") != "" || !Is(stdout) {
		return stdout, nothing, nil
	}
	if _, err := exec.LookPath(strings.Fields(command + " x")[0]); err != nil {
		return stdout, nothing, nil //nolint:nilerr // without one, all is printed
	}
	process := exec.Command("sh", "-c", command) //nolint:noctx // it ends when its reader wants it to
	process.Stdout, process.Stderr = stdout, stderr
	if os.Getenv("LESS") == "" {
		process.Env = append(os.Environ(), "LESS=FRX") // less shows colours, and ends where all fits on a screen
	}
	to, err := process.StdinPipe()
	if err == nil {
		err = process.Start()
	}
	return quiet{to}, func() error {
		_ = to.Close() // the pager may have ended
		err := process.Wait()
		if ended := (*exec.ExitError)(nil); errors.As(err, &ended) {
			return nil
		}
		return err
	}, err
}

// quiet takes what a reader no longer wants.
type quiet struct{ io.Writer }

func (q quiet) Write(text []byte) (int, error) {
	n, err := q.Writer.Write(text)
	if errors.Is(err, syscall.EPIPE) {
		return len(text), nil
	}
	return n, err
}
