package kustomize

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// scene is a tree of testdata, with what its comment says about it:
//
//	build DIR      the kustomization to build
//	fast           the fast path must do (without this line it must not)
//	fails TEXT     both kustomize and we fail; our error holds TEXT
//	refuses TEXT   we fail with an error of one line that holds TEXT; kustomize is not asked
//	plugin         the functions are exec plugins of kustomize: their configs have no annotation
//
// Other lines are for people.
type scene struct {
	dir            string // to build
	root           string // of the tree on disk
	fast, plugin   bool
	fails, refuses string
}

func read(t testing.TB, file string) scene {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	require.NoError(t, err)
	s := stage(t, archive)
	require.NotEmpty(t, s.dir, "%s: no line that says what to build", file)
	return s
}

func stage(t testing.TB, archive *txtar.Archive) scene {
	t.Helper()
	s := scene{root: t.TempDir()}
	for line := range strings.Lines(string(archive.Comment)) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch word {
		case "build":
			s.dir = rest
		case "fast":
			s.fast = true
		case "plugin":
			s.plugin = true
		case "fails":
			s.fails = rest
		case "refuses":
			s.refuses = rest
		}
	}
	for _, f := range archive.Files {
		name := filepath.Join(s.root, f.Name)
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
		if target, ok := strings.CutPrefix(string(f.Data), "-> "); ok {
			require.NoError(t, os.Symlink(strings.TrimSpace(target), name))
			continue
		}
		require.NoError(t, os.WriteFile(name, f.Data, 0o644))
	}
	return s
}

// builder makes a Builder on the scene's tree.
func (s scene) builder(t testing.TB) *Builder {
	t.Helper()
	root, err := os.OpenRoot(s.root)
	require.NoError(t, err)
	t.Cleanup(func() { root.Close() })
	return NewBuilder(root.FS(), example)
}

// kustomize finds the real kustomize.
func kustomize(t testing.TB) string {
	t.Helper()
	if file := os.Getenv("SPOKEWRIGHT_KUSTOMIZE"); file != "" {
		return file
	}
	file, err := exec.LookPath("kustomize")
	if err != nil {
		t.Fatal("there is no kustomize to compare with: `make tools` installs it")
	}
	return file
}

// installed puts the test binary where kustomize finds it as a function, and as an exec plugin.
func installed(t testing.TB) string {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, os.Symlink(self, filepath.Join(dir, functionName)))
	for _, kind := range []string{"Pattern", "Guard"} {
		plugin := filepath.Join(dir, "plugins", Group, "v1alpha1", strings.ToLower(kind))
		require.NoError(t, os.MkdirAll(plugin, 0o755))
		require.NoError(t, os.Symlink(self, filepath.Join(plugin, kind)))
	}
	return dir
}

// real is what a process of kustomize prints.
func (s scene) real(t testing.TB, bin string) ([]byte, error) {
	t.Helper()
	args := []string{"build", "--enable-alpha-plugins", "--enable-exec", filepath.Join(s.root, s.dir)}
	if s.plugin {
		args = []string{"build", "--enable-alpha-plugins", filepath.Join(s.root, s.dir)}
	}
	command := exec.Command(kustomize(t), args...)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	command.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), rootVariable+"="+s.root,
		"KUSTOMIZE_PLUGIN_HOME="+filepath.Join(bin, "plugins"))
	out, err := command.Output()
	if err != nil {
		return nil, errors.Join(err, errors.New(stderr.String()))
	}
	return out, nil
}

// Every scene comes out the same on the fast path, on the way through kustomize's library, and from kustomize itself with
// the function as a process.
func TestScenes(t *testing.T) {
	kustomize(t)
	bin := installed(t)
	scenes, err := filepath.Glob("testdata/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, scenes)
	for _, file := range scenes {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			read(t, file).play(t, bin)
		})
	}
}

func (s scene) play(t *testing.T, bin string) {
	_, _, err := s.builder(t).quickly(s.dir)
	assert.Equal(t, s.fast, err == nil, "the fast path does it: %v", err)

	quick, quickErr := s.builder(t).Build(s.dir)
	through := s.builder(t)
	through.always = true
	slow, slowErr := through.Build(s.dir)
	if s.refuses != "" {
		require.ErrorContains(t, quickErr, s.refuses)
		require.ErrorContains(t, slowErr, s.refuses)
		assert.NotContains(t, quickErr.Error(), "\n")
		return
	}
	real, realErr := s.real(t, bin)
	if s.fails != "" {
		require.Error(t, realErr, "kustomize itself builds it:\n%s", real)
		require.ErrorContains(t, quickErr, s.fails)
		require.ErrorContains(t, slowErr, s.fails)
		assert.NotContains(t, quickErr.Error(), mount)
		return
	}
	require.NoError(t, realErr)
	require.NoError(t, quickErr)
	require.NoError(t, slowErr)
	assert.Equal(t, string(real), string(slow.YAML), "through kustomize's library")
	assert.Equal(t, string(real), string(quick.YAML), "on the fast path, where it applies")
	assert.Equal(t, slow.Objects, quick.Objects)
}
