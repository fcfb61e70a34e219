//go:build linux || darwin

package atomicdir

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// lock waits until no other process writes to a folder, and keeps others waiting until it is released. A process that is
// killed holds no lock.
func lock(root *os.Root, folder string) (release func() error, err error) {
	file, err := root.Open(folder)
	if err != nil {
		return nil, err
	}
	for {
		if err = unix.Flock(int(file.Fd()), unix.LOCK_EX); !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return file.Close, nil
}
