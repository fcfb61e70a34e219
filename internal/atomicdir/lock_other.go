//go:build !linux && !darwin

package atomicdir

import "os"

// lock does nothing here: of two processes that write at once, one may fail. No file is torn.
func lock(*os.Root, string) (release func() error, err error) {
	return func() error { return nil }, nil
}
