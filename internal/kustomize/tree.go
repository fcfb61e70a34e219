package kustomize

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"path"
	"spokewright.dev/spokewright/internal/finding"
	"strings"
)

// Limits of what a build reads. A file, or a tree, beyond them is refused before it is parsed.
const (
	maxFileSize       = 10 << 20  // bytes of one file
	maxDepth          = 32        // kustomizations between the one that is built and its deepest base
	maxKustomizations = 10_000    // kustomizations of one build, each counted as often as it is referred to
	maxAliases        = 1_000     // alias nodes of one YAML file
	maxNodes          = 1_000_000 // nodes of one YAML file when its aliases are written out
	maxLinks          = 40        // symbolic links on one path
)

// outside is about a link that leads out of the tree.
func outside(name string) error {
	return finding.At(finding.Position{File: name}, finding.Link, "leaves the tree through a symbolic link")
}

// tree is the only thing a build reads from.
type tree struct {
	fs.FS
	vetted *memo[error]
}

// stat gives the path of name with all symbolic links followed, because kustomize judges paths by where they really are,
// and says whether a folder is there. from is a folder whose path is known to be free of links.
func (t tree) stat(from, name string) (actual string, folder bool, err error) {
	links, ok := t.FS.(fs.ReadLinkFS)
	if !ok {
		return t.unlinked(path.Clean(name))
	}
	at, rest := shared(from, path.Clean(name))
	folder = true // at is one
	for hops := 0; len(rest) > 0; {
		next := path.Join(at, rest[0])
		if !fs.ValidPath(next) {
			return "", false, outside(name)
		}
		info, err := links.Lstat(next)
		if err != nil {
			return "", false, err
		}
		rest = rest[1:]
		if info.Mode()&fs.ModeSymlink == 0 {
			if at, folder = next, info.IsDir(); !folder && (len(rest) > 0 || !info.Mode().IsRegular()) {
				return "", false, errNeither(next)
			}
			continue
		}
		if hops++; hops > maxLinks {
			return "", false, finding.At(finding.Position{File: name}, finding.Link, "more than %d symbolic links on the way", maxLinks)
		}
		target, err := links.ReadLink(next)
		if err != nil {
			return "", false, err
		}
		if path.IsAbs(target) {
			return "", false, outside(name)
		}
		folder = true // what the link leads on from
		rest = append(strings.Split(target, "/"), rest...)
	}
	return at, folder, nil
}

// shared splits name into the longest part that is from or a folder above it, and the names below that.
func shared(from, name string) (string, []string) {
	rest := strings.Split(name, "/")
	if from == "." {
		return ".", rest
	}
	above := strings.Split(from, "/")
	n := 0
	for n < len(above) && n < len(rest) && above[n] == rest[n] {
		n++
	}
	return path.Join(append([]string{"."}, rest[:n]...)...), rest[n:]
}

// unlinked is stat for a tree without symbolic links.
func (t tree) unlinked(name string) (string, bool, error) {
	info, err := fs.Stat(t.FS, name)
	if err != nil {
		return "", false, err
	}
	if !info.IsDir() && !info.Mode().IsRegular() {
		return "", false, errNeither(name)
	}
	return name, info.IsDir(), nil
}

func errNeither(name string) error {
	return finding.At(finding.Position{File: name}, finding.Unreadable, "neither a file nor a folder")
}

// read reads a file within the limits.
func (t tree) read(name string) ([]byte, error) {
	file, err := t.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, finding.At(finding.Position{File: name}, finding.Unreadable, "not a file")
	}
	content := bytes.NewBuffer(make([]byte, 0, min(info.Size(), maxFileSize)+bytes.MinRead))
	if _, err := content.ReadFrom(io.LimitReader(file, maxFileSize+1)); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if content.Len() > maxFileSize {
		return nil, finding.At(finding.Position{File: name}, finding.TooLarge, "larger than %d MB", maxFileSize>>20)
	}
	if err := t.vet(name, content.Bytes()); err != nil {
		return nil, err
	}
	return content.Bytes(), nil
}
