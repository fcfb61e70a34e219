package snapshot

import (
	"crypto/sha1"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/rendercache"
	"spokewright.dev/spokewright/internal/revision"
	"spokewright.dev/spokewright/schema"
)

// sample is the small fleet of the program's scripts, delivered by the plugin: both sides are rendered.
func sample(t *testing.T) fstest.MapFS {
	t.Helper()
	files, disk := fstest.MapFS{}, os.DirFS("../../cmd/spokewright/testdata/fleet")
	require.NoError(t, fs.WalkDir(disk, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(disk, name)
		files[name] = &fstest.MapFile{Data: text, Mode: 0o644}
		return err
	}))
	more(files, schema.FleetFile, "\ndelivery: \"plugin\"\n")
	return files
}

func more(files fstest.MapFS, name, text string) {
	before := ""
	if file := files[name]; file != nil {
		before = string(file.Data)
	}
	files[name] = &fstest.MapFile{Data: []byte(before + text), Mode: 0o644}
}

func blob(text []byte) revision.ID {
	sum := sha1.Sum(text)
	return revision.ID(sum[:])
}

// TestACacheChangesNothing edits a fleet at random, and compares what is told with a cache that has seen it all with what
// is told without one.
func TestACacheChangesNothing(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	edits := map[string]func(files fstest.MapFS, n int){
		"a field of a spec": func(f fstest.MapFS, n int) {
			more(f, "environments/dev.cue", fmt.Sprintf("\nnamespaces: \"n%d\": {}\n", n))
		},
		"what hubs list": func(f fstest.MapFS, n int) {
			if n%2 == 0 {
				f["environments/dev.cue"].Data = append(f["environments/dev.cue"].Data, "\n// again\n"...)
				return
			}
			more(f, "environments/dev.cue", "\nowner: \"harbour\"\n")
		},
		"what all share": func(f fstest.MapFS, n int) { more(f, schema.FleetFile, fmt.Sprintf("\n// %d\n", n)) },
		"a base": func(f fstest.MapFS, n int) {
			more(f, "bases/plane/kustomization.yaml", fmt.Sprintf("commonAnnotations: {example.com/n: \"%d\"}\n", n))
		},
		"a file of an overlay": func(f fstest.MapFS, n int) {
			file := f["overlays/dev/hub/kustomization.yaml"]
			file.Data = append([]byte(nil), file.Data...)
			more(f, "overlays/dev/hub/kustomization.yaml", fmt.Sprintf("commonAnnotations: {example.com/m: \"%d\"}\n", n))
		},
		"a file that nothing reads": func(f fstest.MapFS, n int) { more(f, "README.md", fmt.Sprint(n)) },
	}
	names := []string{"a field of a spec", "what hubs list", "what all share", "a base", "a file of an overlay", "a file that nothing reads"}
	reader, err := schema.NewReader()
	require.NoError(t, err)
	store := rendercache.Open(t.TempDir(), 1<<30)
	defer store.Close()
	hits := 0
	for n := range 25 {
		base := sample(t)
		head := maps.Clone(base)
		for name, file := range head {
			copied := *file
			head[name] = &copied
		}
		name := names[random.IntN(len(names))]
		edits[name](head, random.IntN(3))
		take := func(store *rendercache.Store) *Pair {
			camera := &Camera{Reader: reader, Blob: blob, Store: store, Program: "test"}
			pair, err := camera.Take(Moment{Name: "base", Tree: base}, Moment{Name: "head", Tree: head}, nil)
			require.NoError(t, err, name)
			return pair
		}
		want, got := take(nil), take(store)
		require.Equal(t, want.Base.Planes, got.Base.Planes, "%d: %s", n, name)
		require.Equal(t, want.Head.Planes, got.Head.Planes, "%d: %s", n, name)
		require.Equal(t, want.Notes, got.Notes, "%d: %s", n, name)
		require.Equal(t, want.Head.Fleet.Names(), got.Head.Fleet.Names(), "%d: %s", n, name)
		hits += len(want.Head.Planes)
	}
	require.NotZero(t, hits, "some edits must show")
}

func TestReferences(t *testing.T) {
	for text, want := range map[string][]string{
		"resources: [../../../bases/plane]\n":                     {"../../../bases/plane"},
		"spec: {file: ../../../environments/dev.cue, plane: x}\n": {"../../../environments/dev.cue"},
		"- ../a\n- ../b/c.yaml # why\n- d\n":                      {"../a", "../b/c.yaml"},
		"files: [\"x=../y\"]\n":                                   {"../y"},
		"nothing: here\n":                                         nil,
		"three: ... dots, v1..v2\n":                               nil,
	} {
		got, certain := references([]byte(text))
		assert.True(t, certain, text)
		assert.Equal(t, want, got, text)
	}
	for _, text := range []string{`r: "\x2e\x2e/bases"`, `r: "\u002e\u002e/bases"`, "r: \"..\\/bases\"", "r: ../my bases", "r: a/../b", "r: [../a,../b]", "r: ../a:b"} {
		_, certain := references([]byte(text))
		assert.False(t, certain, text)
	}
}

// TestWhatAnOverlayReads finds the base that it names, and is not certain of what a link hides.
func TestWhatAnOverlayReads(t *testing.T) {
	files := sample(t)
	reader, err := schema.NewReader()
	require.NoError(t, err)
	open := func() *side {
		s, err := (&Camera{Reader: reader, Blob: blob}).open(Moment{Tree: files})
		require.NoError(t, err)
		return s
	}
	before, err := open().inputs("dev")
	require.NoError(t, err)
	require.True(t, before.certain)
	for name := range files {
		if path.Dir(name) != "bases/plane" {
			continue
		}
		old := files[name]
		more(files, name, "# more\n")
		after, err := open().inputs("dev")
		require.NoError(t, err)
		assert.NotEqual(t, before.digest, after.digest, name)
		files[name] = old
	}
	files["overlays/dev/hub/link"] = &fstest.MapFile{Data: []byte("../../../bases"), Mode: fs.ModeSymlink}
	after, err := open().inputs("dev")
	require.NoError(t, err)
	require.False(t, after.certain)
}

// TestAnEnvironmentIsItsOwn: what others say of themselves changes no key but those of hubs.
func TestAnEnvironmentIsItsOwn(t *testing.T) {
	files := sample(t)
	reader, err := schema.NewReader()
	require.NoError(t, err)
	keys := func() map[string]rendercache.Key {
		s, err := (&Camera{Reader: reader, Blob: blob}).open(Moment{Tree: files})
		require.NoError(t, err)
		facts, err := s.facts()
		require.NoError(t, err)
		all := map[string]rendercache.Key{}
		for _, target := range s.targets(nil) {
			n, err := s.need(target, sharedFacts(facts))
			require.NoError(t, err)
			require.Equal(t, target.Environment != "new", n.keep, "of a missing overlay nothing is known")
			all[target.File()] = n.key
		}
		return all
	}
	before := keys()
	more(files, "environments/new.cue", "class: \"development\"\ncluster: {cloud: \"aws\", region: \"eu-west-1\"}\n")
	after := keys()
	assert.Equal(t, before["dev/hub.yaml"], after["dev/hub.yaml"])
	assert.Equal(t, before["dev/spoke.yaml"], after["dev/spoke.yaml"])
	assert.NotEqual(t, before["hub/hub.yaml"], after["hub/hub.yaml"])
}
