package main

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// TestOneHash renders a fleet a hundred times, by one, two and eight threads, in any order of environments, from a file
// system that lists its files in any order. There is one result.
func TestOneHash(t *testing.T) {
	root := harbour(t)
	for i := range 3 {
		addEnvironment(t, root, fmt.Sprintf("pier-%d", i), `{class: "live", cluster: {cloud: "aws", region: "eu-west-1"}, databases: {b: {engine: "mysql", version: "8.4"}, a: engine: "postgres"}}`)
	}
	random := rand.New(rand.NewPCG(1, 2)) // used between renders, and by the one that lists the folder
	tree := shuffled{os.DirFS(root), random}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	hashes := map[string]int{}
	var reader *schema.Reader
	for i := range 100 {
		runtime.GOMAXPROCS([]int{1, 2, 8}[i%3])
		if i%10 == 0 {
			var err error
			reader, err = schema.NewReader()
			require.NoError(t, err)
		}
		fleet, err := reader.Fleet(tree)
		require.NoError(t, err)
		targets := render.Targets(slices.Collect(maps.Keys(fleet.Environments)))
		random.Shuffle(len(targets), func(i, j int) { targets[i], targets[j] = targets[j], targets[i] })
		rendered, err := render.All(tree, reader, fleet, targets, func() {})
		require.NoError(t, err)
		files := map[string]string{}
		for i, r := range rendered {
			require.Equal(t, targets[i], r.Target)
			files[r.File()] = string(r.YAML)
		}
		hashes[hash(files)]++
	}
	assert.Len(t, hashes, 1)
}

// shuffled is a file system whose folders list their files in any order, as those on disks do.
type shuffled struct {
	fs.FS
	random *rand.Rand
}

// Open opens a file, or a folder that lists its files in any order.
func (s shuffled) Open(name string) (fs.File, error) {
	file, err := s.FS.Open(name)
	if folder, ok := file.(fs.ReadDirFile); ok && err == nil {
		return shuffledFolder{folder, s.random}, nil
	}
	return file, err
}

type shuffledFolder struct {
	fs.ReadDirFile
	random *rand.Rand
}

// ReadDir lists the files in any order.
func (f shuffledFolder) ReadDir(n int) ([]fs.DirEntry, error) {
	entries, err := f.ReadDirFile.ReadDir(n)
	f.random.Shuffle(len(entries), func(i, j int) { entries[i], entries[j] = entries[j], entries[i] })
	return entries, err
}

// hash is one number for files with their names.
func hash(files map[string]string) string {
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(sum, "%s %d\n%s", name, len(files[name]), files[name])
	}
	return fmt.Sprintf("%x", sum.Sum(nil))
}

// TestOneHashAnywhere runs the program in other time zones, languages and folders, with other masks, arguments and
// threads. There is one result.
func TestOneHashAnywhere(t *testing.T) {
	t.Parallel()
	root := harbour(t)
	hashes := map[string][]string{}
	for i, c := range []struct{ dir, mask, environment, arguments string }{
		{".", "022", "TZ=UTC LANG=C", ""},
		{"overlays/berlin/hub", "077", "TZ=Asia/Kathmandu LANG=de_DE.UTF-8 LC_ALL=tr_TR.UTF-8", ""},
		{"environments", "000", "TZ=America/St_Johns GOMAXPROCS=1", "quay berlin"},
		{"golden", "027", "GOMAXPROCS=8 LC_NUMERIC=de_DE", "berlin/spoke quay/hub berlin/hub quay/spoke"},
		{"bases/plane", "002", "GOGC=1 HOME=/nowhere", "berlin quay/spoke quay/hub berlin"},
		{"strip", "077", "XDG_CONFIG_HOME=/nowhere TMPDIR=/nowhere PATH=", "quay berlin/hub berlin"},
	} {
		dir := filepath.Join(root, c.dir)
		require.NoError(t, os.MkdirAll(dir, 0o755))
		binary, err := exec.LookPath("spokewright")
		require.NoError(t, err)
		out := fmt.Sprintf("out-%d", i)
		command := exec.Command("sh", "-c", fmt.Sprintf("umask %s; exec env %s %s render -o %s %s", c.mask, c.environment, binary, out, c.arguments))
		command.Dir = dir
		text, err := command.CombinedOutput()
		require.NoError(t, err, string(text))
		files := readTree(t, filepath.Join(root, out))
		require.Len(t, files, 5)
		sum := hash(files)
		hashes[sum] = append(hashes[sum], strings.TrimSpace(c.dir+" "+c.environment))
	}
	assert.Len(t, hashes, 1, "%v", hashes)
}
