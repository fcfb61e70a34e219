package overlay

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"spokewright.dev/spokewright/manifest"
)

// Builds at the same time do not see each other, not even those that bring a schema of their own.
func TestBuildsAtOnce(t *testing.T) {
	const builds = 100
	names := []string{"plain_generator_and_files", "slow_patches_on_generated", "openapi", "slow_names_and_namespaces",
		"configs_inline_and_folders", "slow_hashes"}
	builders, scenes, want := make([]*Builder, len(names)), make([]scene, len(names)), make([]string, len(names))
	for i, name := range names {
		scenes[i] = read(t, filepath.Join("testdata", name+".txtar"))
		alone, err := scenes[i].builder(t).Build(scenes[i].dir)
		require.NoError(t, err)
		builders[i], want[i] = scenes[i].builder(t), string(alone.YAML)
	}
	var group errgroup.Group
	for n := range builds {
		group.Go(func() error {
			i := n % len(names)
			result, err := builders[i].Build(scenes[i].dir)
			if err == nil && string(result.YAML) != want[i] {
				return fmt.Errorf("%s comes out differently:\n%s", names[i], result.YAML)
			}
			return err
		})
	}
	require.NoError(t, group.Wait())
}

// The fast path and the way through the library give one result, build after build.
func TestBuildsAgain(t *testing.T) {
	s := read(t, "testdata/plain_generator_and_files.txtar")
	builder, through := s.builder(t), s.builder(t)
	through.always = true
	first, err := builder.Build(s.dir)
	require.NoError(t, err)
	for range 20 {
		for _, b := range []*Builder{builder, through} {
			again, err := b.Build(s.dir)
			require.NoError(t, err)
			require.Equal(t, string(first.YAML), string(again.YAML))
		}
	}
}

// A build reads its files anew: what has changed since the last one shows.
func TestChangedFilesShow(t *testing.T) {
	tree := fstest.MapFS{
		"a/kustomization.yaml": {Data: []byte("resources: [x.yaml]\nsortOptions: {order: fifo}\n")},
		"a/x.yaml":             {Data: []byte("{apiVersion: v1, kind: ConfigMap, metadata: {name: before}}\n")},
	}
	builder := NewBuilder(tree, example)
	before, err := builder.Build("a")
	require.NoError(t, err)
	tree["a/x.yaml"].Data = []byte("{apiVersion: v1, kind: ConfigMap, metadata: {name: after}}\n")
	after, err := builder.Build("a")
	require.NoError(t, err)
	assert.Equal(t, "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: before\n", string(before.YAML))
	assert.Equal(t, "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: after\n", string(after.YAML))
}

// A tree that knows no symbolic links is as good as another.
func TestTreeWithoutLinks(t *testing.T) {
	s := read(t, "testdata/plain_generator_and_files.txtar")
	want, err := s.builder(t).Build(s.dir)
	require.NoError(t, err)
	plain := NewBuilder(struct{ fs.FS }{os.DirFS(s.root)}, example)
	got, err := plain.Build(s.dir)
	require.NoError(t, err)
	assert.Equal(t, string(want.YAML), string(got.YAML))
	_, err = plain.Build("overlays/nowhere")
	assert.EqualError(t, err, "overlays/nowhere: no such folder")
	_, err = plain.Build("../x")
	assert.EqualError(t, err, "../x: leaves the tree")
}

// A caller gets at the function's own error.
func TestFunctionError(t *testing.T) {
	reason := errors.New("environments/prod.cue:3:1: wrong")
	tree := fstest.MapFS{
		"a/kustomization.yaml": {Data: []byte("generators: [c.yaml]\n")},
		"a/c.yaml":             {Data: []byte(ours)},
	}
	_, err := NewBuilder(tree, func(manifest.Object, string, []manifest.Object) ([]manifest.Object, error) {
		return nil, reason
	}).Build("a")
	var failed *FunctionError
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, &FunctionError{Config: "a/c.yaml:1", Kind: "Pattern", Name: "p", Err: reason}, failed)
	require.ErrorIs(t, err, reason)
}

// A tree that is too deep, or too wide by referring to the same bases again and again, is refused.
func TestLimits(t *testing.T) {
	chain := func(depth int, line string) *Builder {
		tree := fstest.MapFS{}
		for i := range depth {
			tree[fmt.Sprintf("%d/kustomization.yaml", i)] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(line, "NEXT", fmt.Sprintf("../%d", i+1)))}
		}
		tree[fmt.Sprintf("%d/kustomization.yaml", depth)] = &fstest.MapFile{Data: []byte("resources: []\nsortOptions: {order: fifo}\n")}
		return NewBuilder(tree, example)
	}
	const once, twice = "resources: [NEXT]\nsortOptions: {order: fifo}\n", "resources: [NEXT, NEXT]\n"
	_, err := chain(maxDepth, once).Build("0")
	require.NoError(t, err)
	_, err = chain(maxDepth+1, once).Build("0")
	require.EqualError(t, err, "32/kustomization.yaml:1:13: resources: more than 32 kustomizations deep")
	_, err = chain(maxDepth, twice).Build("0")
	require.ErrorContains(t, err, "more than 10000 kustomizations in one build")
}

// BenchmarkBuild builds an overlay of 60 objects: on the fast path, through kustomize's library, and with a process of
// kustomize that runs our function as another.
func BenchmarkBuild(b *testing.B) {
	s := overlayOf(b, 60)
	want, err := s.real(b, installed(b))
	require.NoError(b, err)
	for _, always := range []bool{false, true} {
		builder := s.builder(b)
		builder.always = always
		b.Run(map[bool]string{false: "fast", true: "library"}[always], func(b *testing.B) {
			b.ReportAllocs()
			var result Result
			for b.Loop() {
				if result, err = builder.Build(s.dir); err != nil {
					b.Fatal(err)
				}
			}
			require.Equal(b, string(want), string(result.YAML))
		})
	}
	b.Run("process", func(b *testing.B) {
		bin := installed(b)
		for b.Loop() {
			if _, err := s.real(b, bin); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// overlayOf is an overlay with a base, a generator of so many objects of a kilobyte, and a guard.
func overlayOf(t testing.TB, objects int) scene {
	files := map[string]string{
		"bases/all/kustomization.yaml": "resources: [a.yaml]\n",
		"bases/all/a.yaml":             "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n",
		"overlays/prod/kustomization.yaml": "resources: [../../bases/all]\ngenerators: [g.yaml]\ntransformers: [j.yaml]\n" +
			"sortOptions: {order: fifo}\n",
		"overlays/prod/j.yaml": strings.Replace(judge, "name: g", "name: g, annotations: {config.kubernetes.io/function: 'exec: {path: spokewright}'}", 1),
	}
	made := &strings.Builder{}
	made.WriteString("apiVersion: spokewright.dev/v1alpha1\nkind: Pattern\nmetadata:\n  name: p\n" +
		"  annotations: {config.kubernetes.io/function: 'exec: {path: spokewright}'}\nspec:\n  objects:\n")
	for i := range objects {
		fmt.Fprintf(made, "  - {apiVersion: example.com/v1, kind: Claim, metadata: {name: claim-%d, namespace: prod, labels: {a: b, c: d}, "+
			"annotations: {argocd.argoproj.io/sync-wave: '-1'}}, spec: {", i)
		for field := range 24 {
			fmt.Fprintf(made, "field%d: {value: text of some length %d, size: %d}, ", field, field, field*i)
		}
		made.WriteString("last: true}}\n")
	}
	files["overlays/prod/g.yaml"] = made.String()
	s := scene{root: t.TempDir(), dir: "overlays/prod"}
	for name, text := range files {
		file := filepath.Join(s.root, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	}
	return s
}
