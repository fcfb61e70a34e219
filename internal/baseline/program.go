// Package baseline compares the bases of a fleet with those that the program brings, and merges them: what a team changed
// stays, what it left alone follows the program. Texts are told apart by what they hold, never by a version. It knows nothing
// of what they say, and writes nothing.
package baseline

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"io/fs"
	"strings"

	"spokewright.dev/spokewright/bases"
)

// Folder is where a fleet has its bases, and Lock says what they were when they were written: "sha256sum -c" reads it there.
const (
	Folder = "bases"
	Lock   = Folder + "/spokewright.lock"
)

// Program is what one version of Spokewright brings.
type Program struct {
	files map[string]string // texts by their paths below the folder of bases
	past  *history
}

//go:embed history.zip
var released []byte

// Own is this very program.
func Own() (*Program, error) { return New(bases.Files, released) }

// New is a program that brings these files and knows what was released before.
func New(files fs.FS, released []byte) (*Program, error) {
	past, err := openHistory(released)
	if err != nil {
		return nil, err
	}
	texts, err := read(files)
	return &Program{texts, past}, err
}

// Files are what the program writes into a new fleet, by their paths from its root: all bases, and their lock.
func (p *Program) Files() map[string][]byte {
	files, locked := map[string][]byte{}, lock{}
	for name, text := range p.files {
		files[Folder+"/"+name] = []byte(text)
		locked[name] = digest(text)
	}
	files[Lock] = []byte(locked.String())
	return files
}

// read gives all texts of a tree.
func read(files fs.FS) (map[string]string, error) {
	texts := map[string]string{}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(name, ".go") {
			return err
		}
		text, err := fs.ReadFile(files, name)
		texts[name] = string(text)
		return err
	})
	return texts, err
}

// digest names a text by what it holds.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
