package main

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// edit is a change of the fleet in testdata/edits/fleet, with what its author says of it. testdata/edits/README.md tells how
// it is written.
type edit struct {
	topic, name string
	classes     []string // what it is; any of them is right
	exit        int
	names       []named
	says        string // what must be told of it
	told        string // where specs or guard refuse the head already: what they say
	steps       []step
}

// named is something that a review must name: a subject of an environment, or anything of it.
type named struct{ environment, subject string }

// step changes a tree.
type step struct {
	verb       string // "replace", "append", "write", "remove", "rename", "environment"
	file, to   string
	old, fresh []string
}

// labels are the words that an author may say of an edit.
func labels() []string {
	return []string{"safe", "rename", "delete", "recreate", "refused", "delayed", "weaken", "loosen", "waive", "move", "regenerate"}
}

// dangerous says whether the edit is not to pass unseen.
func (e edit) dangerous() bool { return !slices.Contains(e.classes, "safe") }

// readEdits reads all edits, by topic and name.
func readEdits(t testing.TB) []edit {
	files, err := filepath.Glob("testdata/edits/*.edits")
	require.NoError(t, err)
	var edits []edit
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		require.NoError(t, err)
		for _, section := range archive.Files {
			e, err := readEdit(string(section.Data))
			require.NoError(t, err, "%s: %s", file, section.Name)
			e.topic, e.name = strings.TrimSuffix(filepath.Base(file), ".edits"), section.Name
			edits = append(edits, e)
		}
	}
	return edits
}

// readEdit reads one edit.
func readEdit(text string) (e edit, err error) {
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		word, rest, _ := strings.Cut(line, " ")
		switch word {
		case "", "#":
		case "is:":
			e.classes, e.exit, err = readLabel(rest)
		case "names:":
			for one := range strings.SplitSeq(rest, ", ") {
				environment, subject, _ := strings.Cut(one, " ")
				e.names = append(e.names, named{environment, subject})
			}
		case "says:":
			e.says = rest
		case "told:":
			e.told = rest
		case "write", "remove", "environment":
			e.steps = append(e.steps, step{verb: word, file: rest})
		case "rename":
			from, to, _ := strings.Cut(rest, " ")
			e.steps = append(e.steps, step{verb: word, file: from, to: to})
		case "-", "+":
			if len(e.steps) == 0 {
				return e, fmt.Errorf("no file is named before %q", line)
			}
			last := &e.steps[len(e.steps)-1]
			if word == "+" {
				last.fresh = append(last.fresh, rest)
			} else {
				last.old, last.verb = append(last.old, rest), "replace"
			}
		default:
			if rest != "" || !strings.Contains(word, "/") {
				return e, fmt.Errorf("found %q, which is no step", line)
			}
			e.steps = append(e.steps, step{verb: "append", file: word})
		}
		if err != nil {
			return e, err
		}
	}
	if len(e.classes) == 0 || len(e.steps) == 0 || e.dangerous() && len(e.names) == 0 {
		return e, fmt.Errorf("an edit says what it is and does something, and a dangerous one what it hits")
	}
	return e, nil
}

// readLabel reads words such as "delete|rename 4".
func readLabel(text string) ([]string, int, error) {
	words, number, _ := strings.Cut(text, " ")
	classes := strings.Split(words, "|")
	for _, class := range classes {
		if !slices.Contains(labels(), class) {
			return nil, 0, fmt.Errorf("found %q, which is no label", class)
		}
	}
	exit, err := strconv.Atoi(number)
	return classes, exit, err
}

// trees are files by their slash paths.
type trees map[string]string

// orchard is the fleet that edits are of, with the overlays that Spokewright itself would write where it has none of its own.
func orchard(t testing.TB) trees {
	tree := trees{}
	require.NoError(t, fs.WalkDir(os.DirFS("testdata/edits/fleet"), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join("testdata/edits/fleet", name))
		tree[name] = string(text)
		return err
	}))
	names, err := schema.List(tree.fs())
	require.NoError(t, err)
	for _, name := range names {
		tree.overlays(name)
	}
	return tree
}

// overlays adds the files of an environment's overlays that are not there.
func (tree trees) overlays(name string) {
	for _, plane := range []string{"hub", "spoke"} {
		for file, text := range overlayFiles(name, plane) {
			if file = path.Join("overlays", name, plane, file); tree[file] == "" {
				tree[file] = text
			}
		}
	}
}

func (tree trees) fs() fs.FS {
	files := fstest.MapFS{}
	for name, text := range tree {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

// apply is the tree after an edit, and which files it touched.
func (e edit) apply(base trees) (tree trees, touched []string, err error) {
	tree = maps.Clone(base)
	for _, s := range e.steps {
		if err := tree.do(s); err != nil {
			return nil, nil, fmt.Errorf("%s %s: %w", s.verb, s.file, err)
		}
	}
	for file := range base {
		if text, there := tree[file]; !there || text != base[file] {
			touched = append(touched, file)
		}
	}
	for file := range tree {
		if _, there := base[file]; !there {
			touched = append(touched, file)
		}
	}
	if slices.Sort(touched); len(touched) == 0 {
		return nil, nil, fmt.Errorf("nothing was changed")
	}
	return tree, touched, nil
}

func (tree trees) do(s step) error {
	text, there := tree[s.file]
	fresh := strings.Join(s.fresh, "\n")
	switch s.verb {
	case "replace":
		old := strings.Join(s.old, "\n")
		if n := strings.Count(text, old); n != 1 {
			return fmt.Errorf("found %q %d times, allowed is once", old, n)
		}
		tree[s.file] = strings.Replace(text, old, fresh, 1)
	case "append":
		if !there {
			return fs.ErrNotExist
		}
		tree[s.file] = text + fresh + "\n"
	case "write":
		if there {
			return fs.ErrExist
		}
		tree[s.file] = fresh + "\n"
	case "environment":
		tree["environments/"+s.file+".cue"] = fresh + "\n"
		tree.overlays(s.file)
	case "remove":
		if !tree.moved(func(name string) (string, bool) {
			return "", name == s.file || strings.HasPrefix(name, s.file+"/")
		}) {
			return fs.ErrNotExist
		}
	case "rename":
		if !tree.moved(func(name string) (string, bool) { return renamed(name, s.file, s.to) }) {
			return fs.ErrNotExist
		}
		for name, text := range tree {
			if strings.HasPrefix(name, "overlays/"+s.to+"/") {
				tree[name] = regexp.MustCompile(`\b`+s.file+`\b`).ReplaceAllString(text, s.to)
			}
		}
	}
	return nil
}

// moved gives files other names, or takes them away where the other name is empty.
func (tree trees) moved(other func(name string) (string, bool)) (any bool) {
	for name, text := range maps.Clone(tree) {
		if to, goes := other(name); goes {
			delete(tree, name)
			if to != "" {
				tree[to] = text
			}
			any = true
		}
	}
	return any
}

// renamed is what a file of one environment is called when it becomes another.
func renamed(name, from, to string) (string, bool) {
	for _, ending := range []string{".cue", ".names.cue"} {
		if name == "environments/"+from+ending {
			return "environments/" + to + ending, true
		}
	}
	rest, inside := strings.CutPrefix(name, "overlays/"+from+"/")
	return "overlays/" + to + "/" + rest, inside
}

// TestEditsAreEnough counts the edits: so many of each kind that it means something to find all of them.
func TestEditsAreEnough(t *testing.T) {
	count, seen := map[string]int{}, map[string]bool{}
	for _, e := range readEdits(t) {
		assert.False(t, seen[e.topic+"/"+e.name], "%s: %s stands there twice", e.topic, e.name)
		seen[e.topic+"/"+e.name] = true
		if e.topic == "overlays" {
			count["overlays"]++
			continue
		}
		count["all"]++
		count[e.classes[0]]++
		if e.dangerous() {
			count["dangerous"]++
		}
	}
	t.Logf("edits: %v", count)
	assert.GreaterOrEqual(t, count["all"], 200)
	assert.GreaterOrEqual(t, count["safe"], 80)
	assert.GreaterOrEqual(t, count["dangerous"], 100)
	assert.GreaterOrEqual(t, count["overlays"], 30)
	for _, label := range labels() {
		assert.NotZero(t, count[label], label)
	}
}

// isAbout says whether the author names a part of an environment itself, such as its class, of which no object tells.
func (e edit) isAbout(part string) bool {
	return slices.ContainsFunc(e.names, func(n named) bool { return n.subject == part })
}

// hit are the planes to render after an edit of some files: of what lies in overlays alone, those that they are of.
func (e edit) hit(fleet *schema.Fleet, touched []string) (planes []render.Target) {
	var names []string
	overlays := true
	for _, file := range touched {
		parts := strings.Split(file, "/")
		overlay := parts[0] == render.Overlays && len(parts) > 3
		if overlays = overlays && overlay; overlay {
			planes = append(planes, render.Target{Environment: parts[1], Plane: schema.Plane(parts[2])})
		}
		switch {
		case parts[0] == render.Overlays:
			names = append(names, parts[1])
		case file != schema.FleetFile && parts[0] == schema.Folder:
			names = append(names, schema.EnvironmentOfFile(parts[1]))
		case os.Getenv("SPOKEWRIGHT_THOROUGH") != "":
			names = append(names, fleet.Names()...)
		default:
			names = append(names, "lab", "play", "prod-us")
		}
	}
	if overlays {
		return planes
	}
	for _, n := range e.names {
		names = append(names, n.environment)
	}
	if slices.ContainsFunc(e.steps, func(s step) bool { return s.verb == "environment" || s.verb == "rename" || s.verb == "remove" }) {
		names = append(names, "hub") // which lists them
	}
	return render.Targets(names)
}
