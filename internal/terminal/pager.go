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
// is one; stdout itself where nobody reads. finish waits until it was read.
func Pager(stdout, stderr io.Writer) (out io.Writer, finish func() error, err error) {
	command, named := os.LookupEnv("PAGER")
	if !named {
		command = "less -FRX"
	}
	nothing := func() error { return nil }
	if command == "" || command == "cat" || !Is(stdout) {
		return stdout, nothing, nil
	}
	if _, err := exec.LookPath(strings.Fields(command + " x")[0]); err != nil {
		return stdout, nothing, nil //nolint:nilerr // without one, all is printed
	}
	process := exec.Command("sh", "-c", command) //nolint:noctx // it ends when its reader wants it to
	process.Stdout, process.Stderr = stdout, stderr
	to, err := process.StdinPipe()
	if err == nil {
		err = process.Start()
	}
	return quiet{to}, func() error {
		_ = to.Close() // the pager may have ended
		return process.Wait()
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
