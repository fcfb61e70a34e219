package main

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/internal/overlay"
	"spokewright.dev/spokewright/schema"
)

// A check that remembers says what one says that does not, and so does a diff: after every step of any sequence of edits, of the whole
// fleet and of one environment, in a repository and out of one, of rendered files and of a plugin, and also once the disk's times tell
// that nobody wrote to most files. SPOKEWRIGHT_SEQUENCES says how many sequences to draw.
func TestWhatIsRememberedIsWhatIsFoundAnew(t *testing.T) {
	sequences, _ := strconv.Atoi(os.Getenv("SPOKEWRIGHT_SEQUENCES"))
	t.Setenv("SPOKEWRIGHT_CACHE", t.TempDir())
	t.Setenv("CI", "")
	fine, wrong := 0, 0
	differs := 0
	for seed := range uint64(max(sequences, 8)) {
		random := rand.New(rand.NewPCG(seed, 16))
		root := harbour(t)
		addEnvironment(t, root, "oslo", newEnvironment)
		if seed%8 == 7 {
			changedFile(t, root, "environments/fleet.cue", func(text string) string { return strings.Replace(text, `"plugin"`, `"rendered"`, 1) })
		}
		requireFine(t, root, "render")
		if seed%2 == 1 {
			needGit(t)
			committed(t, root)
		}
		if seed%4 == 3 {
			time.Sleep(settling)
			_, _, _ = spokewright(root, "diff", "--base", "HEAD")
		}
		y := edits{t, random, root, map[string][]byte{}}
		for range 5 {
			y.edit()
			for _, args := range [][]string{{"check"}, {"check", "oslo"}, {"check", "-o", "json"}, {"diff", "--base", "HEAD"}, {"diff", "--base", "HEAD", "oslo"}} {
				wantOut, wantErr, want := spokewright(root, append(args, "--no-cache")...)
				for range 2 {
					gotOut, gotErr, got := spokewright(root, args...)
					require.Equal(t, wantOut, gotOut, "sequence %d", seed)
					require.Equal(t, wantErr, gotErr, "sequence %d", seed)
					require.Equal(t, want, got, "sequence %d", seed)
				}
				switch {
				case args[0] == "diff" && want > exitWrong:
					differs++
				case args[0] == "diff":
				case want == exitFine:
					fine++
				default:
					wrong++
				}
			}
		}
	}
	require.Greater(t, fine, sequences)
	require.Greater(t, wrong, sequences)
	require.Greater(t, differs, sequences)
}

// settling is after how long the disk's times tell that nobody wrote to a file while it was read, and a little more.
const settling = 2100 * time.Millisecond

// edits changes a fleet as people and programs do.
type edits struct {
	*testing.T
	random *rand.Rand
	root   string
	before map[string][]byte // texts that an edit took away
}

func (y edits) edit() {
	if y.random.IntN(2) == 0 {
		y.undo()
	}
	var files []string
	require.NoError(y.T, filepath.WalkDir(y.root, func(name string, entry fs.DirEntry, err error) error {
		if entry.IsDir() && entry.Name() == ".git" {
			return filepath.SkipDir
		}
		if !entry.IsDir() {
			files = append(files, name)
		}
		return err
	}))
	name := files[y.random.IntN(len(files))]
	text, err := os.ReadFile(name)
	require.NoError(y.T, err)
	put := func(text string) {
		if _, known := y.before[name]; !known {
			y.before[name], _ = os.ReadFile(name)
		}
		require.NoError(y.T, os.MkdirAll(filepath.Dir(name), 0o755))
		require.NoError(y.T, os.WriteFile(name, []byte(text), 0o644))
	}
	switch y.random.IntN(12) {
	case 0: // taken away
		y.before[name] = text
		require.NoError(y.T, os.Remove(name))
	case 1:
		y.undo()
	case 2: // one letter, which changes neither size nor, by the clock of the file, anything
		info, err := os.Stat(name)
		require.NoError(y.T, err)
		if at := y.random.IntN(len(text) + 1); at < len(text) {
			put(string(text[:at]) + "x" + string(text[at+1:]))
		}
		require.NoError(y.T, os.Chtimes(name, info.ModTime(), info.ModTime()))
	case 3:
		put(string(text) + "\n")
	case 4: // touched
		put(string(text))
	case 5:
		name = filepath.Join(y.root, "environments", fmt.Sprintf("town-%d.cue", y.random.IntN(2)))
		put(newEnvironment)
	case 6: // rendered, where it can be
		_, _, _ = spokewright(y.root, "render")
	case 7:
		name = filepath.Join(y.root, "environments", "oslo.cue")
		put(newEnvironment + fmt.Sprintf("namespaces: n%d: {}\n", y.random.IntN(3)))
	case 9, 10, 11: // of one environment only another one's check can tell
		name = filepath.Join(y.root, "environments", "town-0.cue")
		put(newEnvironment + []string{"", "namespaces: n: {}\n", "id: \"harbour-oslo\"\n", "nonsense: 1\n"}[y.random.IntN(4)])
		for _, plane := range schema.Planes() {
			for file, text := range overlay.Plain("town-0", "spoke", plane) {
				name = filepath.Join(y.root, "overlays", "town-0", string(plane), file)
				put(text)
			}
		}
	case 8: // another file under its name
		y.before[name] = text
		require.NoError(y.T, os.Rename(name, name+".old"))
		put(string(text))
	}
}

// undo puts everything back as it was, and takes away what came.
func (y edits) undo() {
	for name, text := range y.before {
		if text == nil {
			require.NoError(y.T, os.RemoveAll(name))
			continue
		}
		require.NoError(y.T, os.MkdirAll(filepath.Dir(name), 0o755))
		require.NoError(y.T, os.WriteFile(name, text, 0o644))
	}
	clear(y.before)
}
