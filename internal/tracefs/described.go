package tracefs

import (
	"crypto/sha256"
	"encoding/binary"
	"path/filepath"
	"slices"
	"time"
)

// Described tells how the disk describes paths below root from how it would if one of them were written to, came, went or became another.
// It is empty where the disk does not say, or where one is neither a file nor a folder. What is in a folder is for its own description to
// tell, but not what is in what is in it. settled says that nothing was written to any of them shortly before a moment or since: what
// was read after it is then what is described.
func Described(root string, paths []string, moment time.Time) (description string, settled bool) {
	digest, line := sha256.New(), []byte(nil)
	settled = true
	for _, name := range paths {
		is := describe(filepath.Join(root, filepath.FromSlash(name)))
		if is.sort == 0 || is.sort != absent && is.changed == 0 {
			return "", false
		}
		settled = settled && is.settled(moment)
		line = append(binary.AppendUvarint(line[:0], uint64(len(name))), name...)
		line = append(line, byte(is.sort))
		for _, n := range []int64{is.size, is.written, is.changed, is.number} {
			line = binary.LittleEndian.AppendUint64(line, uint64(n)) //nolint:gosec // it is only compared
		}
		digest.Write(line)
	}
	return string(digest.Sum(nil)), settled
}

// Unlinked says that each of some paths below root is a folder, or that nothing is there: no link leads on from them.
func Unlinked(root string, paths ...string) bool {
	return !slices.ContainsFunc(paths, func(name string) bool {
		is := describe(filepath.Join(root, filepath.FromSlash(name)))
		return is.sort != folder && is.sort != absent
	})
}

// settled says that nothing was written to it shortly before a moment, or since.
func (d disk) settled(moment time.Time) bool { return d.changed <= moment.Add(-settled).UnixNano() }
