package kustomize

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
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

// What a function finds is told where it says, or at its functionConfig; what fails in it is no fault of the input
// (fault 4), however deep it lies.
func TestErrorsOfFunctions(t *testing.T) {
	tree := fstest.MapFS{
		"a/kustomization.yaml": {Data: []byte("generators: [c.yaml]\n")},
		"a/c.yaml":             {Data: []byte(ours)},
	}
	build := func(reason error) error {
		_, err := NewBuilder(tree, func(manifest.Object, string, []manifest.Object) ([]manifest.Object, error) { return nil, reason }).Build("a")
		return err
	}
	broken := &fs.PathError{Op: "read", Path: "environments/prod.cue", Err: syscall.EIO}
	err := build(broken)
	require.ErrorIs(t, err, syscall.EIO)
	require.EqualError(t, err, "a/c.yaml:1: Pattern p: read environments/prod.cue: input/output error")
	assert.False(t, finding.IsInput(err))
	err = build(finding.Findings{{Position: finding.Position{File: "environments/prod.cue", Line: 3, Column: 1}, Message: "wrong"}, {Message: "too"}})
	require.EqualError(t, err, "a/c.yaml:1: too\nenvironments/prod.cue:3:1: wrong")
	assert.True(t, finding.IsInput(err))
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

// BenchmarkBuild builds an overlay of 60 objects: on the fast path and through kustomize's library, both without the work
// of our functions, and with a process of kustomize that runs them as others.
func BenchmarkBuild(b *testing.B) {
	s := overlayOf(b, 60)
	bin := installed(b)
	want, err := s.real(b, bin)
	require.NoError(b, err)
	premade := claims(60)
	run := func(config manifest.Object, dir string, items []manifest.Object) ([]manifest.Object, error) {
		if items == nil {
			return premade, nil
		}
		return example(config, dir, items)
	}
	for _, always := range []bool{false, true} {
		builder := s.builder(b)
		builder.always, builder.run = always, run
		b.Run(map[bool]string{false: "fast", true: "library"}[always], func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(want)))
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
		b.SetBytes(int64(len(want)))
		for b.Loop() {
			if _, err := s.real(b, bin); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("emit", func(b *testing.B) { // what no build can do without
		for b.Loop() {
			manifest.Stream(premade)
		}
	})
}

// overlayOf is an overlay with a base, a generator of so many claims, and a guard.
func overlayOf(t testing.TB, count int) scene {
	const exec = "annotations: {config.kubernetes.io/function: 'exec: {path: spokewright}'}"
	return stage(t, txtar.Parse(fmt.Appendf(nil, `build overlays/prod/hub
-- bases/hub/kustomization.yaml --
resources: [a.yaml]
-- bases/hub/a.yaml --
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
-- overlays/prod/hub/kustomization.yaml --
resources: [../../../bases/hub]
generators: [environment.yaml]
transformers: [guard.yaml]
sortOptions: {order: fifo}
-- overlays/prod/hub/environment.yaml --
{apiVersion: spokewright.dev/v1alpha1, kind: Pattern, metadata: {name: prod, %[1]s}, spec: {claims: %[2]d}}
-- overlays/prod/hub/guard.yaml --
{apiVersion: spokewright.dev/v1alpha1, kind: Guard, metadata: {name: guard, %[1]s}, spec: {drop: [Inventory]}}
`, exec, count)))
}
