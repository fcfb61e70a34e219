// Package revision reads a Git repository as it lies on disk: names of revisions, history, and the files of a commit as a
// tree. It starts no process, opens no connection and writes nothing, and what it reads of a repository is bounded. What
// the files mean is not its concern.
package revision

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"spokewright.dev/spokewright/internal/finding"
)

// Repository is a Git repository on disk. Its methods may be called concurrently.
type Repository struct {
	Root string // the folder of the work tree; empty for a bare repository

	own    *os.Root // what belongs to this work tree alone: its HEAD
	shared *os.Root // what all work trees have together
	hash   int      // bytes of an ID: 20, or 32 where the repository is of SHA-256
	stores []*store

	packedRefs func() (map[string]ID, error)
	shallow    func() (map[ID]bool, error)
	decoded    cache
}

// ID is the name of an object, as Git computes it from what the object holds: its bytes, not in hexadecimal.
type ID string

func (id ID) String() string { return hex.EncodeToString([]byte(id)) }

// Short is the ID as people write it.
func (id ID) Short() string { return id.String()[:12] }

// The most that is read of the files beside the objects.
const maxText = 64 << 20

// Open finds the repository that a folder belongs to, upward from it.
func Open(dir string) (*Repository, error) {
	root, own, err := find(dir)
	if err != nil {
		return nil, err
	}
	return open(root, own)
}

// State tells one state of the references, and of what else decides which commit a word names, from any other. Objects never
// change. It is "" where there are more references than it looks at.
func (r *Repository) State() string {
	const most = 1000
	digest := sha256.New()
	for _, root := range []*os.Root{r.own, r.shared} {
		for _, name := range []string{"HEAD", "MERGE_HEAD", "FETCH_HEAD", "packed-refs", "config", "shallow"} {
			text, err := root.ReadFile(name)
			fmt.Fprintf(digest, "%s %v %d:%s", name, err == nil, len(text), text)
		}
		count := 0
		err := fs.WalkDir(root.FS(), "refs", func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			if count++; count > most {
				return errMany
			}
			text, err := root.ReadFile(name)
			fmt.Fprintf(digest, "%s %d:%s", name, len(text), text)
			return err
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return ""
		}
	}
	return string(digest.Sum(nil))
}

var errMany = errors.New("too many references")

// Place is where a folder lies in the work tree that it belongs to, with slashes: "." for the work tree's own root.
func Place(dir string) (string, error) {
	root, _, err := find(dir)
	if err != nil {
		return "", err
	}
	if root == "" {
		return "", finding.Wrong(finding.NoRepository, "no work tree here: %s lies in a bare repository", dir)
	}
	dir, err = resolved(dir)
	if err != nil {
		return "", err
	}
	inside, err := filepath.Rel(root, dir)
	return filepath.ToSlash(inside), err
}

// resolved is a folder's path without symbolic links.
func resolved(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	return dir, nil
}

// find goes upward from a folder to the root of its work tree, which is empty in a bare repository, and what Git keeps of it.
func find(dir string) (root, own string, err error) {
	dir, err = resolved(dir)
	if err != nil {
		return "", "", err
	}
	for at := dir; ; at = filepath.Dir(at) {
		own, err := gitFolder(filepath.Join(at, ".git"))
		if err == nil {
			return at, own, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", "", err
		}
		if isRepository(at) {
			return "", at, nil
		}
		if at == filepath.Dir(at) {
			return "", "", finding.Wrong(finding.NoRepository, "no Git repository here: neither %s nor a folder above it has .git", dir)
		}
	}
}

// gitFolder follows .git: a folder, a link to one, or in a linked work tree and a submodule a file that names one.
func gitFolder(name string) (string, error) {
	info, err := os.Stat(name)
	if err != nil {
		return "", err
	}
	if info.Mode().IsRegular() {
		text, err := readBounded(os.Open(name))
		if err != nil {
			return "", err
		}
		target, ok := strings.CutPrefix(strings.TrimSpace(string(text)), "gitdir: ")
		if !ok {
			return "", broken(name, "it does not say where the repository is")
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(name), target)
		}
		name = target
	}
	if !isRepository(name) {
		return "", broken(name, "this is no Git repository")
	}
	return name, nil
}

// isRepository reports whether a folder is what .git is.
func isRepository(dir string) bool {
	if _, err := os.Lstat(filepath.Join(dir, "HEAD")); err != nil {
		return false
	}
	for _, needed := range [][]string{{"commondir"}, {"objects", "refs"}} {
		has := true
		for _, name := range needed {
			_, err := os.Stat(filepath.Join(dir, name))
			has = has && err == nil
		}
		if has {
			return true
		}
	}
	return false
}

func open(root, own string) (*Repository, error) {
	r := &Repository{Root: root, hash: 20}
	var err error
	if r.own, err = os.OpenRoot(own); err != nil {
		return nil, err
	}
	r.shared = r.own
	shared := own
	if text, err := readBounded(r.own.Open("commondir")); err == nil {
		if shared = strings.TrimSpace(string(text)); !filepath.IsAbs(shared) {
			shared = filepath.Join(own, shared)
		}
		if r.shared, err = os.OpenRoot(shared); err != nil {
			return nil, err
		}
	}
	if err := r.configure(); err != nil {
		return nil, err
	}
	r.packedRefs = sync.OnceValues(r.readPackedRefs)
	r.shallow = sync.OnceValues(r.readShallow)
	return r, r.addStore(filepath.Join(shared, "objects"), 0)
}

// configure reads what the configuration says of the repository's own format.
func (r *Repository) configure() error {
	text, err := readBounded(r.shared.Open("config"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	section := ""
	for line := range strings.Lines(string(text)) {
		line = strings.ToLower(strings.TrimSpace(line))
		if strings.HasPrefix(line, "[") {
			section, _, _ = strings.Cut(strings.TrimPrefix(line, "["), "]")
			continue
		}
		key, value, _ := strings.Cut(line, "=")
		switch section + "." + strings.TrimSpace(key) + "=" + strings.TrimSpace(value) {
		case "extensions.objectformat=sha256":
			r.hash = 32
		case "extensions.refstorage=reftable":
			return finding.Wrong(finding.NoRepository, "the repository keeps its branches as reftable, allowed are files: git refs migrate --ref-format=files")
		}
	}
	return nil
}

// Close lets go of the files.
func (r *Repository) Close() {
	for _, s := range r.stores {
		s.close()
	}
	r.own.Close()
	r.shared.Close()
}

// Shallow reports whether history was cut off when the repository was cloned.
func (r *Repository) Shallow() bool {
	cut, err := r.shallow()
	return err == nil && len(cut) > 0
}

func (r *Repository) readShallow() (map[ID]bool, error) {
	text, err := readBounded(r.shared.Open("shallow"))
	if errors.Is(err, fs.ErrNotExist) {
		return map[ID]bool{}, nil
	}
	cut := map[ID]bool{}
	for line := range strings.Lines(string(text)) {
		if id, ok := r.parseID(strings.TrimSpace(line)); ok {
			cut[id] = true
		}
	}
	return cut, err
}

// parseID reads a whole ID.
func (r *Repository) parseID(text string) (ID, bool) {
	if len(text) != 2*r.hash {
		return "", false
	}
	id, err := hex.DecodeString(text)
	return ID(id), err == nil
}

// reference reads what a name such as refs/heads/main leads to; found is false where there is no such name.
func (r *Repository) reference(name string) (id ID, found bool, err error) {
	const maxSymbolic = 5 // as in Git
	for range maxSymbolic {
		if !fs.ValidPath(name) || strings.ContainsAny(name, "\\\x00") {
			return "", false, nil
		}
		text, err := r.readReference(name)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errFolder) {
			packed, err := r.packedRefs()
			id, found := packed[name]
			return id, found, err
		}
		if err != nil {
			return "", false, err
		}
		target, symbolic := strings.CutPrefix(text, "ref: ")
		if !symbolic {
			word, _, _ := strings.Cut(text, "\t") // FETCH_HEAD says more
			id, ok := r.parseID(word)
			if !ok {
				return "", false, broken(name, "it names no object")
			}
			return id, true, nil
		}
		name = strings.TrimSpace(target)
	}
	return "", false, broken(name, "names of revisions lead in a circle")
}

var errFolder = errors.New("a folder")

// readReference reads the first line of the file of a name.
func (r *Repository) readReference(name string) (string, error) {
	root := r.shared
	if !strings.HasPrefix(name, "refs/") || strings.HasPrefix(name, "refs/bisect/") || strings.HasPrefix(name, "refs/worktree/") {
		root = r.own
	}
	info, err := root.Stat(name)
	if err != nil {
		if below := (*fs.PathError)(nil); errors.As(err, &below) && !errors.Is(err, fs.ErrPermission) {
			return "", fs.ErrNotExist // a name may have another one as its folder
		}
		return "", err
	}
	if info.IsDir() {
		return "", errFolder
	}
	text, err := readBounded(root.Open(name))
	line, _, _ := strings.Cut(string(text), "\n")
	return strings.TrimRight(line, "\r "), err
}

func (r *Repository) readPackedRefs() (map[string]ID, error) {
	text, err := readBounded(r.shared.Open("packed-refs"))
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]ID{}, nil
	}
	packed := map[string]ID{}
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		word, name, ok := strings.Cut(lines.Text(), " ")
		if id, isID := r.parseID(word); ok && isID {
			packed[name] = id
		}
	}
	return packed, err
}

// readBounded reads a whole small file of the repository.
func readBounded(file *os.File, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, broken(file.Name(), "this is no file")
	}
	text, err := io.ReadAll(io.LimitReader(file, maxText+1))
	if err == nil && len(text) > maxText {
		err = broken(file.Name(), fmt.Sprintf("larger than %d MB", maxText>>20))
	}
	return text, err
}

// broken is the error of a repository that is not as Git leaves it.
func broken(name, what string) error {
	return finding.Wrong(finding.NoRepository, "the Git repository cannot be read: %s: %s", path.Base(filepath.ToSlash(name)), what)
}
