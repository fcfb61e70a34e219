//go:build !linux

package atomicdir

import (
	"errors"
	"os"
)

// flush cannot be done here.
func flush(*os.Root, string) error { return errors.ErrUnsupported }
