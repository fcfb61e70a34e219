package parts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Module is a published module in Go's module cache.
type Module struct {
	Dir   string // its files, read-only
	GoMod string // its go.mod, apart from Dir
}

// Download fetches a module at an exact version, its checksum verified, into Go's module cache; one that is there
// costs nothing.
func Download(ctx context.Context, path, version string) (Module, error) {
	work, err := os.MkdirTemp("", "download-")
	if err != nil {
		return Module{}, err
	}
	defer os.RemoveAll(work)
	output, err := command(ctx, work, "mod", "download", "-json", path+"@"+version).Output()
	var answer struct {
		Module
		Error string
	}
	if broken := json.Unmarshal(output, &answer); broken != nil {
		return Module{}, fmt.Errorf("go mod download %s@%s: %w", path, version, errors.Join(err, broken, said(err)))
	}
	if answer.Error != "" {
		return Module{}, fmt.Errorf("go mod download %s@%s: %s", path, version, answer.Error)
	}
	return answer.Module, err
}

// command is a go command in a folder outside any module of ours. Where the module proxy has no answer it fails at
// once: no version control is asked.
func command(ctx context.Context, folder string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod -buildvcs=false", "GOWORK=off", "GOVCS=*:off", "CGO_ENABLED=0")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

// said is what a failed command wrote to stderr.
func said(err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) && len(exit.Stderr) > 0 {
		return errors.New(strings.TrimSpace(string(exit.Stderr)))
	}
	return nil
}
