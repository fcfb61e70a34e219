package process

import (
	"context"
	"os/exec"
)

// Owner is whose life programs share: a test, or a command that stays up until it is told to end. A *testing.T is one.
type Owner interface {
	Helper()
	Context() context.Context
	Cleanup(func())
	Failed() bool
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Logf(format string, args ...any)
	TempDir() string
}

// Starter starts a program under a name.
type Starter func(name string, cmd *exec.Cmd) (*Process, error)

// For starts programs that end with the owner.
func For(t Owner) Starter {
	return func(name string, cmd *exec.Cmd) (*Process, error) { return Start(t, name, cmd), nil }
}
