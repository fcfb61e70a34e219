package snapshot

import (
	"crypto/sha1"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/change"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/render"
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

// folder is not as Git computes it, and as good.
func folder(entries []revision.Entry) revision.ID {
	var text []byte
	for _, e := range entries {
		text = fmt.Appendf(text, "%s %t %s\n", e.Name(), e.IsDir(), e.ID)
	}
	return blob(text)
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
			camera := &Camera{Reader: reader, Blob: blob, Folder: folder, Store: store, Program: "test"}
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
		s, err := (&Camera{Reader: reader, Blob: blob, Folder: folder}).open(Moment{Tree: files})
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

// TestWhatAppsAreMadeOf follows an app into the repository: what is the same is not built, what differs is, by what it reaches.
func TestWhatAppsAreMadeOf(t *testing.T) {
	base := sample(t)
	more(base, "apps/web/kustomization.yaml", "resources: [../parts]\nnamePrefix: a-\n")
	more(base, "apps/parts/kustomization.yaml", "resources: [account.yaml]\n")
	more(base, "apps/parts/account.yaml", "{apiVersion: v1, kind: ServiceAccount, metadata: {name: web}, automountServiceAccountToken: true}\n")
	reader, err := schema.NewReader()
	require.NoError(t, err)
	store := rendercache.Open(t.TempDir(), 1<<30)
	defer store.Close()
	for edit, want := range map[string]int{"": 0, "README.md": 0, "apps/web/kustomization.yaml": 1, "apps/parts/account.yaml": 1} {
		head := maps.Clone(base)
		if edit != "" {
			more(head, edit, "\n")
		}
		for range 2 { // the second one knows the planes from the cache
			camera := &Camera{Reader: reader, Blob: blob, Folder: folder, Store: store, Program: "test"}
			pair, err := camera.Take(Moment{Name: "base", Tree: base, Repository: base}, Moment{Name: "head", Tree: head, Repository: head}, nil)
			require.NoError(t, err, edit)
			require.Empty(t, pair.Notes, edit)
			require.Len(t, pair.Head.Planes, want, edit)
			for _, plane := range pair.Head.Planes {
				require.Equal(t, schema.Spoke, plane.Plane)
				require.Equal(t, "dev-web", manifest.Identify(plane.Application.Object).Name)
				require.Equal(t, "a-web", manifest.Identify(plane.Objects[0].Object).Name)
				require.Equal(t, "web", manifest.Identify(plane.Objects[0].Object).Namespace)
			}
		}
	}
}

// commit is a tree that knows the IDs of what it holds, as one of Git does, and tells which files were read.
type commit struct {
	fstest.MapFS

	read map[string]bool
}

func (c commit) Lstat(name string) (fs.FileInfo, error) {
	info, err := c.MapFS.Lstat(name)
	if err != nil {
		return nil, err
	}
	plain := &listings{camera: &Camera{Blob: blob, Folder: folder}, tree: c.MapFS}
	id, err := plain.id(name)
	return known{info, revision.NewEntry(info.Name(), info.IsDir(), id)}, err
}

func (c commit) Open(name string) (fs.File, error) {
	c.read[name] = true
	return c.MapFS.Open(name)
}

func (c commit) ReadFile(name string) ([]byte, error) {
	c.read[name] = true
	return c.MapFS.ReadFile(name)
}

func (c commit) ReadDir(name string) ([]fs.DirEntry, error) {
	c.read[name] = true
	return c.MapFS.ReadDir(name)
}

// known is a description with an ID.
type known struct {
	fs.FileInfo

	entry revision.Entry
}

func (k known) Sys() any { return k.entry }

// TestWhatIsTheSameIsNotLookedInto: of a commit no file of an app is read where IDs tell that the working tree has the same; what
// changes outside of the app's folder, or how it is read, is found.
func TestWhatIsTheSameIsNotLookedInto(t *testing.T) {
	base := sample(t)
	more(base, "apps/web/kustomization.yaml", "resources: [../parts]\n")
	more(base, "apps/parts/kustomization.yaml", "resources: [account.yaml]\n")
	more(base, "apps/parts/account.yaml", "{apiVersion: v1, kind: ServiceAccount, metadata: {name: web}}\n")
	reader, err := schema.NewReader()
	require.NoError(t, err)
	for edit, want := range map[string]bool{"": false, "README.md": false, "environments/dev.cue": false, "apps/parts/account.yaml": true, "apps/web/new.yaml": true,
		"apps/web/.argocd-source.yaml": true} {
		head := maps.Clone(base)
		if edit != "" {
			more(head, edit, "\n")
		}
		was := commit{base, map[string]bool{}}
		camera := &Camera{Reader: reader, Blob: blob, Folder: folder, Program: "test"}
		_, err := camera.Take(Moment{Name: "base", Tree: base, Repository: was}, Moment{Name: "head", Tree: head, Repository: head}, nil)
		require.NoError(t, err, edit)
		assert.Equal(t, want, was.read["apps/web"], edit)
	}
}

// TestUnmovedIsSure: where an app may be made of more than its folder names, somebody has to look.
func TestUnmovedIsSure(t *testing.T) {
	tree := fstest.MapFS{}
	for name, text := range map[string]string{"plain/a.yaml": "kind: A", "chart/Chart.yaml": "name: x", "over/kustomization.yaml": "resources: []",
		"over/.argocd-source.yaml": "helm: {valueFiles: [/values/a.yaml]}", "escaped/a.yaml": `r: "\x2e"`, "values/a.yaml": "a: 1"} {
		more(tree, name, text)
	}
	sideOf := func() *side {
		camera := &Camera{Blob: blob, Folder: folder}
		s := &side{camera: camera, repository: &listings{camera: camera, tree: tree}, folder: "."}
		s.origin.Repository, s.origin.Tree = "https://git.example.com/harbour/fleet.git", tree
		return s
	}
	for name, c := range map[string]struct {
		source map[string]any
		want   bool
	}{
		"a folder":          {map[string]any{"path": "plain"}, true},
		"none that is ours": {map[string]any{"path": "golden/dev"}, true},
		"no folder":         {map[string]any{"path": "nowhere"}, false},
		"the root":          {map[string]any{"path": "."}, false},
		"a chart":           {map[string]any{"path": "chart", "helm": map[string]any{"valueFiles": []any{"/values/a.yaml"}}}, false},
		"values by a file":  {map[string]any{"path": "over"}, false},
		"a component":       {map[string]any{"path": "plain", "kustomize": map[string]any{"components": []any{"../over"}}}, false},
		"not certain":       {map[string]any{"path": "escaped"}, false},
	} {
		application := manifest.New("argoproj.io/v1alpha1", "Application", "argocd", "sample")
		c.source["repoURL"] = "https://git.example.com/harbour/fleet.git"
		application["spec"] = map[string]any{"source": c.source}
		o := change.Object{Object: application}
		assert.Equal(t, c.want, unmoved(sideOf(), sideOf(), o, o), name)
		other := sideOf()
		other.origin.Revisions = []string{"next"}
		assert.False(t, unmoved(sideOf(), other, o, o), "%s, of another revision", name)
	}
}

// watched is a tree that tells which files and folders were read. With listings it knows the IDs of what it holds, as a commit does.
type watched struct {
	fs.FS

	ids  *listings
	lock *sync.Mutex
	read map[string]bool
}

func watching(tree fs.FS) watched { return watched{tree, nil, &sync.Mutex{}, map[string]bool{}} }

func (w watched) note(name string) {
	w.lock.Lock()
	defer w.lock.Unlock()
	w.read[name] = true
}

func (w watched) Open(name string) (fs.File, error) {
	w.note(name)
	return w.FS.Open(name)
}

func (w watched) ReadFile(name string) ([]byte, error) {
	w.note(name)
	return fs.ReadFile(w.FS, name)
}

func (w watched) ReadDir(name string) ([]fs.DirEntry, error) {
	w.note(name)
	return fs.ReadDir(w.FS, name)
}

func (w watched) ReadLink(name string) (string, error) { return fs.ReadLink(w.FS, name) }

func (w watched) Stat(name string) (fs.FileInfo, error) { return fs.Stat(w.FS, name) }

func (w watched) Lstat(name string) (fs.FileInfo, error) {
	info, err := fs.Lstat(w.FS, name)
	if err != nil || w.ids == nil {
		return info, err
	}
	id, err := w.ids.id(name)
	return known{info, revision.NewEntry(info.Name(), info.IsDir(), id)}, err
}

// ofEnvironment says whether something in a folder of an environment, or its spec, was read.
func (w watched) ofEnvironment(name string) bool {
	for file := range w.read {
		if file == schema.SpecFile(name) || strings.HasPrefix(file, path.Join(render.Overlays, name)+"/") || strings.HasPrefix(file, path.Join(render.Golden, name)+"/") {
			return true
		}
	}
	return false
}

// TestAnAlbumChangesNothing edits a working tree at random, with the times of its files set back, and compares what is told by an album
// of it with what is told by none: of rendered files and of a plugin. Of what nobody edits nothing is read, on neither side.
func TestAnAlbumChangesNothing(t *testing.T) {
	reader, err := schema.NewReader()
	require.NoError(t, err)
	for _, delivery := range []string{"plugin", "rendered"} {
		base := sample(t)
		base[schema.FleetFile] = &fstest.MapFile{Data: []byte(strings.Replace(string(base[schema.FleetFile].Data), `"plugin"`, strconv.Quote(delivery), 1)), Mode: 0o644}
		fleet, err := reader.Fleet(base)
		require.NoError(t, err)
		rendered, err := render.All(base, reader, fleet, render.Targets(fleet.Names()), func() {})
		require.NoError(t, err)
		for _, r := range rendered {
			for file, text := range r.Files() {
				more(base, path.Join(render.Golden, file), string(text))
			}
		}
		d := desk{t, rand.New(rand.NewPCG(7, 7)), t.TempDir(), base}
		d.undo()
		store := rendercache.Open(t.TempDir(), 1<<30)
		defer store.Close()
		take := func(store *rendercache.Store) (*Pair, watched, watched) {
			was, is := watching(base), watching(os.DirFS(d.dir))
			was.ids = &listings{camera: &Camera{Blob: blob, Folder: folder}, tree: base}
			camera := &Camera{Reader: reader, Blob: blob, Folder: folder, Store: store, Program: "test", old: time.Hour}
			pair, err := camera.Take(Moment{Name: "base", Tree: was}, Moment{Name: "head", Tree: is, Place: d.dir}, nil)
			require.NoError(t, err)
			return pair, was, is
		}
		take(store)
		_, was, is := take(store)
		assert.False(t, was.ofEnvironment("dev"), "%s: %v", delivery, was.read)
		assert.False(t, is.ofEnvironment("dev"), "%s: %v", delivery, is.read)
		d.write("environments/dev.cue", string(base["environments/dev.cue"].Data)+"\nnamespaces: more: {}\n")
		_, was, is = take(store)
		assert.True(t, is.ofEnvironment("dev"), delivery)
		assert.False(t, was.ofEnvironment("hub"), "%s: %v", delivery, was.read)
		assert.False(t, is.ofEnvironment("hub"), "%s: %v", delivery, is.read)
		differ := 0
		for n := range 60 {
			edit := d.edit()
			want, _, _ := take(nil)
			for range 2 {
				got, _, _ := take(store)
				require.Equal(t, want.Base.Planes, got.Base.Planes, "%s %d: %s", delivery, n, edit)
				require.Equal(t, want.Head.Planes, got.Head.Planes, "%s %d: %s", delivery, n, edit)
				require.Equal(t, want.Notes, got.Notes, "%s %d: %s", delivery, n, edit)
				require.Equal(t, want.Environments, got.Environments, "%s %d: %s", delivery, n, edit)
				require.Equal(t, want.Head.Fleet.Names(), got.Head.Fleet.Names(), "%s %d: %s", delivery, n, edit)
			}
			if len(want.Head.Planes) > 0 {
				differ++
			}
		}
		require.Greater(t, differ, 15, delivery)
	}
}

// desk is a working tree on which somebody works.
type desk struct {
	*testing.T
	random *rand.Rand
	dir    string
	base   fstest.MapFS
}

// undo puts everything back.
func (d desk) undo() {
	require.NoError(d.T, fs.WalkDir(os.DirFS(d.dir), ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && d.base[name] == nil {
			return os.Remove(filepath.Join(d.dir, name))
		}
		return err
	}))
	for name, file := range d.base {
		if text, err := os.ReadFile(filepath.Join(d.dir, name)); err != nil || string(text) != string(file.Data) {
			d.write(name, string(file.Data))
		}
	}
}

// write writes a file that looks as if it had never been written to.
func (d desk) write(name, text string) {
	file := filepath.Join(d.dir, name)
	require.NoError(d.T, os.MkdirAll(filepath.Dir(file), 0o755))
	require.NoError(d.T, os.WriteFile(file, []byte(text), 0o644))
	long := time.Unix(1_700_000_000, 0)
	require.NoError(d.T, os.Chtimes(file, long, long))
	require.NoError(d.T, os.Chtimes(filepath.Dir(file), long, long))
}

func (d desk) edit() string {
	defer time.Sleep(10 * time.Millisecond) // more than a tick of the disk's clock
	n := d.random.IntN(10)
	with := func(name, text string) string {
		d.write(name, string(d.base[name].Data)+text)
		return name + text
	}
	switch d.random.IntN(8) {
	case 0, 1:
		return with("environments/dev.cue", fmt.Sprintf("\nnamespaces: \"n%d\": {}\n", n))
	case 2:
		return with("overlays/dev/hub/kustomization.yaml", fmt.Sprintf("commonAnnotations: {example.com/m: \"%d\"}\n", n))
	case 3:
		return with("bases/plane/kustomization.yaml", fmt.Sprintf("commonAnnotations: {example.com/n: \"%d\"}\n", n))
	case 4:
		return with("golden/dev/hub.yaml", fmt.Sprintf("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: n%d}\n", n))
	case 5:
		name := filepath.Join(d.dir, "golden/dev/spoke.yaml")
		require.NoError(d.T, os.RemoveAll(name))
		return "without " + name
	case 6:
		d.write("overlays/dev/spoke/more.yaml", fmt.Sprintf("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: n%d}\n", n))
		return with("overlays/dev/spoke/kustomization.yaml", "# and more\n")
	}
	d.undo()
	return "nothing"
}

// TestRenderedFilesAreReadOnce: of a working tree a rendered file is read again when somebody wrote to it, or might still.
func TestRenderedFilesAreReadOnce(t *testing.T) {
	store := rendercache.Open(t.TempDir(), 1<<30)
	defer store.Close()
	const file = "golden/dev/hub.yaml"
	one := desk{T: t, dir: t.TempDir()}
	two := desk{T: t, dir: t.TempDir()}
	for n, step := range []struct {
		at   desk
		text string // empty where nobody writes
		old  time.Duration
		read bool
	}{
		{one, "a: 1\n", time.Hour, true}, {one, "", time.Hour, false}, {two, "a: 1\n", time.Hour, true}, {one, "", 0, false}, {one, "a: 2\n", time.Hour, true},
		{one, "", time.Hour, false}, {one, "b: 2\n", 0, true}, {one, "", 0, true}, {one, "", time.Hour, true}, {one, "", time.Hour, false},
	} {
		if step.text != "" {
			step.at.write(file, step.text)
			time.Sleep(10 * time.Millisecond) // more than a tick of the disk's clock
		}
		tree := watching(os.DirFS(step.at.dir))
		c := &Camera{Blob: blob, Store: store, Program: "test", old: step.old}
		c.album = c.albumOf(step.at.dir)
		s := &side{camera: c, Moment: Moment{Tree: tree, Place: step.at.dir}, album: c.album}
		planes, err := s.golden(nil)
		require.NoError(t, err)
		c.album.keep()
		text, err := os.ReadFile(filepath.Join(step.at.dir, file))
		require.NoError(t, err)
		assert.Equal(t, blob(text), planes[render.Target{Environment: "dev", Plane: schema.Hub}].id, n)
		assert.Equal(t, step.read, tree.read[file], n)
	}
}

// TestACacheMayForget: where the cache has not any more what an album has the head of, it is rendered again.
func TestACacheMayForget(t *testing.T) {
	base := sample(t)
	reader, err := schema.NewReader()
	require.NoError(t, err)
	d := desk{t, nil, t.TempDir(), base}
	d.undo()
	d.write("environments/dev.cue", string(base["environments/dev.cue"].Data)+"\nnamespaces: more: {}\n")
	cache := t.TempDir()
	for n := range 3 {
		store := rendercache.Open(cache, 1<<30)
		camera := &Camera{Reader: reader, Blob: blob, Folder: folder, Store: store, Program: "test", old: time.Hour}
		if n == 1 { // all but the album
			album := rendercache.KeyOf("test", "album", d.dir, string(blob(nil))).String()
			require.NoError(t, filepath.WalkDir(cache, func(name string, entry fs.DirEntry, err error) error {
				if err == nil && !entry.IsDir() && !strings.HasSuffix(name, album[2:]) {
					return os.Remove(name)
				}
				return err
			}))
		}
		pair, err := camera.Take(Moment{Name: "base", Tree: base}, Moment{Name: "head", Tree: os.DirFS(d.dir), Place: d.dir}, nil)
		require.NoError(t, err)
		require.NotEmpty(t, pair.Head.Planes)
		require.Equal(t, n != 1, camera.album != nil, "%d", n)
		store.Close()
	}
}

// TestOptionsOfASource edits a kustomization as Argo CD has it edited.
func TestOptionsOfASource(t *testing.T) {
	got, err := editedText([]byte("namePrefix: old-\nimages: [{name: a, newName: b, newTag: \"1\"}, {name: c, newTag: \"1\"}]\ncommonLabels: {x: why}\nresources: [r.yaml]\n"), map[string]any{
		"namePrefix": "new-", "namespace": "n", "images": []any{"a:2", "d=e.example.com:443/f@sha256:0"}, "replicas": []any{map[string]any{"name": "w", "count": int64(2)}},
		"commonLabels": map[string]any{"z": "1"}, "commonAnnotations": map[string]any{"k": "v"}, "patches": []any{map[string]any{"path": "p.yaml"}}, "components": []any{"../c"},
	})
	require.NoError(t, err)
	assert.YAMLEq(t, `
namePrefix: new-
namespace: n
images: [{name: c, newTag: "1"}, {name: a, newTag: "2"}, {name: d, newName: "e.example.com:443/f", digest: "sha256:0"}]
replicas: [{name: w, count: 2}]
commonLabels: {x: why, z: "1"}
commonAnnotations: {k: v}
patches: [{path: p.yaml}]
components: [../c]
resources: [r.yaml]
`, string(got))
	got, err = editedText(nil, map[string]any{"commonLabels": map[string]any{"a": "b"}, "labelWithoutSelector": true})
	require.NoError(t, err)
	assert.YAMLEq(t, "labels: [{pairs: {a: b}, includeTemplates: false}]", string(got))
}

// TestAnEnvironmentIsItsOwn: what others say of themselves changes no key but those of hubs.
func TestAnEnvironmentIsItsOwn(t *testing.T) {
	files := sample(t)
	reader, err := schema.NewReader()
	require.NoError(t, err)
	keys := func() map[string]rendercache.Key {
		s, err := (&Camera{Reader: reader, Blob: blob, Folder: folder}).open(Moment{Tree: files})
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
