package atomicdir

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// flush brings all that waits for the disk in the file system of a folder there: syncfs(2).
func flush(root *os.Root, folder string) error {
	file, err := root.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(unix.Syncfs(int(file.Fd())), file.Close())
}
