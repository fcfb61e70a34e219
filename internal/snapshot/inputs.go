package snapshot

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/sync/errgroup"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/internal/rendercache"
	"spokewright.dev/spokewright/internal/revision"
	"spokewright.dev/spokewright/schema"
)

// specKey is of the files of an environment's own: fleet.cue, whose ID is given, its spec and its recorded names.
func (s *side) specKey(fleet revision.ID, name string, files own) rendercache.Key {
	return rendercache.KeyOf(s.camera.Program, "spec", name, string(fleet), string(files.Spec), string(files.Names))
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
		if known, ok := s.camera.facts.Load(key); ok {
			facts[i] = known.(schema.Facts)
			return nil
		}
		if json.Unmarshal(s.camera.head(key), &facts[i]) == nil && facts[i].Name == s.names[i] { //nolint:musttag // this program alone reads what it wrote
			s.camera.facts.Store(key, facts[i])
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
		s.camera.facts.Store(key, facts[i])
		if text, err := json.Marshal(facts[i]); err == nil { //nolint:musttag // as above
			s.camera.put(key, text, nil)
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
	fleet, err := s.config.Fleet(read, facts)
	if err != nil {
		return nil, err
	}
	return fleet, s.joined(fleet)
}

// joined gives those environments that ask for it the network of their hub.
func (s *side) joined(fleet *schema.Fleet) error {
	for _, name := range fleet.Names() {
		e := fleet.Environments[name]
		if !e.JoinsHub() {
			continue
		}
		hub, err := s.environment(e.Hub)
		if err != nil {
			return err
		}
		e, found := e.Joined(hub)
		if err := found.Err(); err != nil {
			return err
		}
		fleet.Environments[name] = e
	}
	return nil
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
	w := walker{listings: s.files, own: path.Join(render.Overlays, name), seen: map[string]bool{}, certain: true}
	if err := s.overlays(name, &w); err != nil {
		return inputs{}, err
	}
	var others []string
	err := w.beyond(func(target string) error {
		if key, known := s.specOf(target); known {
			if own := path.Join(render.Overlays, schema.EnvironmentOfFile(path.Base(target))); !w.seen[target] && own != w.own {
				w.seen[target] = true
				w.text.Write(key[:])
				others = append(others, schema.EnvironmentOfFile(path.Base(target)))
			}
			return nil
		}
		if slices.Contains([]string{schema.Folder, render.Overlays, render.Golden}, target) {
			w.certain = false
			return nil
		}
		return w.reach(target)
	})
	return inputs{w.text.String(), w.certain, others}, err
}

// specOf is the key of the environment whose spec a file is.
func (s *side) specOf(file string) (rendercache.Key, bool) {
	name := schema.EnvironmentOfFile(path.Base(file))
	key, known := s.specKeys[name]
	return key, known && file == schema.SpecFile(name)
}

// walker collects what a folder is made of: all that is in it, and what that names outside of it.
type walker struct {
	*listings

	own     string
	text    strings.Builder
	seen    map[string]bool
	todo    []string // paths out of the folder that are still to be looked at
	reached []string // and those that were
	certain bool
	values  bool              // whether a file of it may name files of values, which can lie anywhere
	found   map[string]string // the digests of files; nil where nobody asks
	left    int               // bytes that may still be found; 0 for no limit
}

// all takes the folder and all that it reaches outside of itself, as reach says.
func (w *walker) all(reach func(target string) error) error {
	if err := w.walk(w.own, nil); err != nil {
		return err
	}
	return w.beyond(reach)
}

// beyond takes what is reached outside of the folder.
func (w *walker) beyond(reach func(target string) error) error {
	for len(w.todo) > 0 && w.certain {
		next := w.todo[0]
		w.todo = w.todo[1:]
		if err := reach(next); err != nil {
			return err
		}
	}
	return nil
}

// reach takes what is outside of the folder.
func (w *walker) reach(target string) error {
	if !fs.ValidPath(target) || target == "." {
		w.certain = false
		return nil
	}
	w.reached = append(w.reached, target)
	return w.walk(target, nil)
}

// walk takes a file, or a folder with all below it. entry is what its folder says of it, where that was read.
func (w *walker) walk(name string, entry fs.DirEntry) error {
	if w.seen[name] {
		return nil
	}
	w.seen[name] = true
	listed, err := w.listed(name, entry)
	if missing(err) {
		w.certain = false // this may be no path, and the true one be in another part of the text
		return nil
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(&w.text, "%d:%s%s", len(name), name, listed.digest)
	if err := w.count(name, listed); err != nil {
		return err
	}
	w.certain, w.values = w.certain && listed.certain, w.values || listed.values
	for _, reference := range listed.references {
		if target := path.Join(path.Dir(name), reference); !within(target, w.own) && !w.seen[target] {
			w.todo = append(w.todo, target)
		}
	}
	for _, below := range listed.below {
		if err := w.walk(path.Join(name, below.Name()), below); err != nil {
			return err
		}
	}
	return nil
}

// count takes note of a file, within the limits.
func (w *walker) count(name string, l listing) error {
	if w.found != nil && l.file {
		w.found[name] = hex.EncodeToString([]byte(l.digest))
	}
	if w.left == 0 {
		return nil
	}
	if w.left -= leastSize + l.size; w.left <= 0 {
		return finding.At(finding.Position{File: w.own}, finding.TooLarge, "with what it names it holds more than is read of one Application")
	}
	return nil
}

func within(name, folder string) bool {
	return folder == "." || name == folder || strings.HasPrefix(name, folder+"/")
}

// listing is what one file or folder is, without what is below it.
type listing struct {
	digest     string
	certain    bool
	values     bool // it may name files of values
	file       bool
	size       int      // bytes
	references []string // paths out of the file's folder
	below      []fs.DirEntry
}

// listings are the files and folders of a tree that were looked at.
type listings struct {
	camera *Camera
	tree   fs.FS
	known  sync.Map // func() (listing, error), by name
	ids    sync.Map // revision.ID, by name
}

// listed looks at a file or a folder, once.
func (s *listings) listed(name string, entry fs.DirEntry) (listing, error) {
	known, _ := s.known.LoadOrStore(name, sync.OnceValues(func() (listing, error) { return s.list(name, entry) }))
	return known.(func() (listing, error))()
}

func (s *listings) list(name string, entry fs.DirEntry) (listing, error) {
	if entry == nil {
		info, err := fs.Lstat(s.tree, name)
		if err != nil {
			return listing{}, err
		}
		entry = fs.FileInfoToDirEntry(info)
		if known, ok := info.Sys().(revision.Entry); ok {
			entry = known
		}
	}
	if entry.IsDir() {
		entries, err := fs.ReadDir(s.tree, name)
		return listing{digest: fmt.Sprintf("folder %d\n", len(entries)), certain: true, below: entries}, err
	}
	if !entry.Type().IsRegular() {
		return listing{digest: entry.Type().String(), certain: false}, nil // a link: it could lead anywhere
	}
	var text []byte
	id := revision.ID("")
	if e, ok := entry.(revision.Entry); ok {
		id = e.ID
	} else {
		var err error
		if text, err = fs.ReadFile(s.tree, name); err != nil {
			return listing{}, err
		}
		id = s.camera.Blob(text)
	}
	found, _ := s.camera.referred.LoadOrStore(id, sync.OnceValues(func() (listing, error) {
		if text == nil {
			var err error
			if text, err = fs.ReadFile(s.tree, name); err != nil {
				return listing{}, err
			}
		}
		l := listing{digest: string(id), certain: true, file: true, size: len(text), values: bytes.Contains(text, []byte("valueFiles"))}
		l.references, l.certain = references(text)
		return l, nil
	}))
	return found.(func() (listing, error))()
}

// references are the paths out of its folder that a file names. It is not certain of a text that could write a path in
// another way than it stands there, or that goes on where a path seems to end.
func references(text []byte) (paths []string, certain bool) {
	if escaped(text) {
		return nil, false
	}
	for begin := 0; ; {
		at := bytes.Index(text[begin:], []byte(".."))
		if at < 0 {
			return paths, true
		}
		first := bytes.LastIndexFunc(text[:begin+at], delimits) + 1
		last := bytes.IndexFunc(text[begin+at:], delimits)
		if last += begin + at; last < begin+at {
			last = len(text)
		}
		begin = last
		found := string(text[first:last])
		clean := path.Clean(found)
		switch {
		case !strings.Contains("/"+found+"/", "/../"): // three dots, or two in a name
		case clean != ".." && !strings.HasPrefix(clean, "../"), !ends(text[last:]):
			return nil, false
		default:
			paths = append(paths, clean)
		}
	}
}

// delimits says whether a path ends here, in YAML, JSON or a list of NAME=PATH.
func delimits(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("\"'`,;:=|<>(){}[]", r) }

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
		return len(line) == 1 || strings.IndexByte(" ,]}", line[1]) >= 0
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
