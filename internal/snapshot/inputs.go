package snapshot

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/internal/rendercache"
	"spokewright.dev/spokewright/internal/revision"
	"spokewright.dev/spokewright/schema"
)

// key of an environment's own files: fleet.cue, its spec and its recorded names.
func (s *side) specKey(name string) (rendercache.Key, error) {
	parts := []string{s.camera.Program, "spec", name}
	for _, file := range []string{schema.FleetFile, schema.SpecFile(name), schema.NamesFile(name)} {
		id, err := s.blob(file)
		if err != nil && !missing(err) {
			return rendercache.Key{}, err
		}
		parts = append(parts, string(id))
	}
	return rendercache.KeyOf(parts...), nil
}

// environment reads one environment alone, once for both sides where they say the same of it.
func (s *side) environment(name string) (schema.Environment, error) {
	read, _ := s.camera.read.LoadOrStore(s.specKeys[name], sync.OnceValues(func() (schema.Environment, error) {
		return s.camera.Reader.Alone(s.Tree, s.config, name)
	}))
	return read.(func() (schema.Environment, error))()
}

// readFacts finds what each environment must know of the others. It reads only the specs of which nothing is kept.
func (s *side) readFacts() ([]schema.Facts, error) {
	facts, problems := make([]schema.Facts, len(s.names)), make([]finding.Findings, len(s.names))
	err := each(len(s.names), func(i int) error {
		key := s.specKeys[s.names[i]]
		if json.Unmarshal(s.camera.Store.Head(key), &facts[i]) == nil && facts[i].Name == s.names[i] {
			return nil
		}
		e, err := s.environment(s.names[i])
		if errors.As(err, &problems[i]) {
			return nil
		}
		if err != nil {
			return err
		}
		facts[i] = schema.FactsOf(e)
		if text, err := json.Marshal(facts[i]); err == nil {
			s.camera.Store.Put(key, text, nil)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return facts, slices.Concat(problems...).Err()
}

// each does work for all numbers below n, several at a time.
func each(n int, work func(i int) error) error {
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range n {
		group.Go(func() error { return work(i) })
	}
	return group.Wait()
}

// part is the fleet with some environments read.
func (s *side) part(names []string) (*schema.Fleet, error) {
	facts, err := s.facts()
	if err != nil {
		return nil, err
	}
	read, problems := make([]schema.Environment, len(names)), make([]finding.Findings, len(names))
	err = each(len(names), func(i int) (err error) {
		if read[i], err = s.environment(names[i]); errors.As(err, &problems[i]) {
			return nil
		}
		return err
	})
	if err == nil {
		err = slices.Concat(problems...).Err()
	}
	if err != nil {
		return nil, err
	}
	return s.config.Fleet(read, facts)
}

// inputs are what a render of an environment reads.
type inputs struct {
	digest  string
	certain bool     // that this is all; where it is not, nothing is kept
	others  []string // environments whose specs are read as well
}

// inputs finds what a render of an environment reads beside the facts of the others. It may find too much: a file that
// an overlay names in a comment.
func (s *side) inputs(name string) (inputs, error) {
	own := path.Join(render.Overlays, name)
	w := walker{side: s, own: own, seen: map[string]bool{}, certain: true}
	if err := w.walk(own); err != nil {
		return inputs{}, err
	}
	for len(w.todo) > 0 && w.certain {
		next := w.todo[0]
		w.todo = w.todo[1:]
		if err := w.reach(next); err != nil {
			return inputs{}, err
		}
	}
	return inputs{w.text.String(), w.certain, w.others}, nil
}

// walker collects what an overlay is made of.
type walker struct {
	*side
	own     string
	text    strings.Builder
	seen    map[string]bool
	todo    []string // paths out of the overlay that are still to be looked at
	certain bool
	others  []string
}

// walk takes a file, or a folder with all below it.
func (w *walker) walk(name string) error {
	if w.seen[name] {
		return nil
	}
	w.seen[name] = true
	listed, err := w.listed(name)
	if missing(err) {
		w.certain = false // this may be no path, and the true one be in another part of the text
		return nil
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(&w.text, "%d:%s%s", len(name), name, listed.digest)
	w.certain = w.certain && listed.certain
	for _, reference := range listed.references {
		if target := path.Join(path.Dir(name), reference); !within(target, w.own) && !w.seen[target] {
			w.todo = append(w.todo, target)
		}
	}
	for _, below := range listed.below {
		if err := w.walk(path.Join(name, below)); err != nil {
			return err
		}
	}
	return nil
}

// reach takes what the overlay names outside of itself.
func (w *walker) reach(target string) error {
	folder, rest, _ := strings.Cut(target, "/")
	if name := schema.EnvironmentOfFile(rest); folder == schema.Folder && slices.Contains(w.names, name) && target == schema.SpecFile(name) {
		if key := w.specKeys[name]; !w.seen[target] {
			w.seen[target] = true
			w.text.Write(key[:])
			w.others = append(w.others, name)
		}
		return nil
	}
	if !fs.ValidPath(target) || target == "." || slices.Contains([]string{schema.Folder, render.Overlays, render.Golden}, target) {
		w.certain = false
		return nil
	}
	return w.walk(target)
}

func within(name, folder string) bool { return name == folder || strings.HasPrefix(name, folder+"/") }

// listing is what one file or folder is, without what is below it.
type listing struct {
	digest     string
	certain    bool
	references []string // paths out of the file's folder
	below      []string
}

// listed looks at a file or a folder, once.
func (s *side) listed(name string) (listing, error) {
	known, _ := s.listings.LoadOrStore(name, sync.OnceValues(func() (listing, error) { return s.list(name) }))
	return known.(func() (listing, error))()
}

func (s *side) list(name string) (listing, error) {
	info, err := fs.Lstat(s.Tree, name)
	switch {
	case err != nil:
		return listing{}, err
	case info.IsDir():
		entries, err := fs.ReadDir(s.Tree, name)
		l := listing{digest: fmt.Sprintf("folder %d\n", len(entries)), certain: true}
		for _, entry := range entries {
			l.below = append(l.below, entry.Name())
		}
		return l, err
	case !info.Mode().IsRegular():
		return listing{digest: info.Mode().Type().String(), certain: false}, nil // a link: it could lead anywhere
	}
	var text []byte
	id := revision.ID("")
	if e, ok := info.Sys().(revision.Entry); ok {
		id = e.ID
	} else {
		if text, err = fs.ReadFile(s.Tree, name); err != nil {
			return listing{}, err
		}
		id = s.camera.Blob(text)
	}
	found, _ := s.camera.referred.LoadOrStore(id, sync.OnceValues(func() (listing, error) {
		if text == nil {
			if text, err = fs.ReadFile(s.Tree, name); err != nil {
				return listing{}, err
			}
		}
		l := listing{digest: string(id), certain: true}
		l.references, l.certain = references(text)
		return l, nil
	}))
	return found.(func() (listing, error))()
}

// A path that leads upward ends where YAML, JSON or a list of NAME=PATH could end it.
func upward() *regexp.Regexp {
	return regexp.MustCompile(`[^\s"'` + "`" + `,;:=|<>(){}\[\]]*\.\.[^\s"'` + "`" + `,;:=|<>(){}\[\]]*`)
}

// references are the paths out of its folder that a file names. It is not certain of a text that could write a path in
// another way than it stands there, or that goes on where a path seems to end.
func references(text []byte) (paths []string, certain bool) {
	if escaped(text) {
		return nil, false
	}
	if !bytes.Contains(text, []byte("..")) {
		return nil, true
	}
	for _, at := range upward().FindAllIndex(text, -1) {
		found := string(text[at[0]:at[1]])
		clean := path.Clean(found)
		switch {
		case !strings.Contains("/"+found+"/", "/../"): // three dots, or two in a name
		case clean != ".." && !strings.HasPrefix(clean, "../"), !ends(text[at[1]:]):
			return nil, false
		default:
			paths = append(paths, clean)
		}
	}
	return paths, true
}

// ends says whether a path that ends here surely does.
func ends(rest []byte) bool {
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	line = bytes.TrimRight(line, "\r \t")
	if len(line) == 0 {
		return true
	}
	next := bytes.TrimLeft(line[1:], " \t")
	switch line[0] {
	case ' ', '\t':
		return len(next) > 0 && (next[0] == '#' || next[0] == ']' || next[0] == '}')
	case ',':
		return len(line) == 1 || line[1] == ' '
	case ']', '}':
		return true
	case '"', '\'':
		return len(line) == 1 || bytes.ContainsRune([]byte(" ,]}"), rune(line[1]))
	}
	return false
}

// escaped says whether a YAML text may hold other characters than it shows.
func escaped(text []byte) bool {
	for _, escape := range []string{`\x`, `\u`, `\U`, `\/`, "\\\n", "\\\r"} {
		if bytes.Contains(text, []byte(escape)) {
			return true
		}
	}
	return false
}
