package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// repository is a fleet in a Git repository of its own, with the driver.
type repository struct {
	t    *testing.T
	root string
}

func (r repository) git(args ...string) string {
	r.t.Helper()
	command := exec.Command("git", append([]string{"-C", r.root}, args...)...)
	command.Env = append(os.Environ(), "HOME="+r.root, "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_AUTHOR_NAME=one", "GIT_AUTHOR_EMAIL=one@example.com",
		"GIT_COMMITTER_NAME=one", "GIT_COMMITTER_EMAIL=one@example.com")
	output, err := command.CombinedOutput()
	require.NoError(r.t, err, "git %s: %s", strings.Join(args, " "), output)
	return string(output)
}

func (r repository) spokewright(args ...string) {
	r.t.Helper()
	var stdout, stderr bytes.Buffer
	require.Zero(r.t, run(append([]string{"-C", r.root}, args...), strings.NewReader(""), &stdout, &stderr), "%s: %s", strings.Join(args, " "), &stderr)
}

func (r repository) write(name, text string) {
	r.t.Helper()
	require.NoError(r.t, os.WriteFile(filepath.Join(r.root, name), []byte(text), 0o644))
}

// editable is an environment that changes can be made to, each in a part of the file of its own.
func editable(number int, parts ...string) string {
	text := fmt.Sprintf("class: \"development\"\ncluster: {cloud: \"gcp\", region: \"europe-west1\", network: cidr: \"10.%d.0.0/16\"}\n", number)
	for _, part := range []string{"apps", "databases", "namespaces"} {
		text += "\n// The " + part + " of this environment.\n//\n//\n"
		for _, line := range parts {
			if strings.HasPrefix(line, part) {
				text += line + "\n"
			}
		}
	}
	return text
}

// branchEdit is a change of a fleet, on environments and on a part of them that it takes from those that are free, so that two
// branchEdits are not about the same lines.
type branchEdit func(r repository, random *rand.Rand, free *[]string, number int)

// branchEdits are what people do: environments come and go, and change.
func branchEdits() []branchEdit {
	take := func(random *rand.Rand, free *[]string) string {
		i := random.IntN(len(*free))
		name := (*free)[i]
		*free = append((*free)[:i:i], (*free)[i+1:]...)
		return name
	}
	return []branchEdit{
		func(r repository, random *rand.Rand, _ *[]string, number int) {
			name := fmt.Sprintf("%c%d", 'a'+rune(random.IntN(26)), number)
			r.write("environments/"+name+".cue", editable(100+number, "databases: orders: engine: \"postgres\""))
			for _, plane := range []string{"hub", "spoke"} {
				require.NoError(r.t, writeOverlay(r.root, name, plane))
			}
		},
		func(r repository, random *rand.Rand, free *[]string, _ int) {
			name := take(random, free)
			require.NoError(r.t, os.Remove(filepath.Join(r.root, "environments", name+".cue")))
			require.NoError(r.t, os.RemoveAll(filepath.Join(r.root, "overlays", name)))
		},
		func(r repository, random *rand.Rand, free *[]string, number int) {
			name := take(random, free)
			part := []string{"apps: shop: path: \"apps/shop\"", "databases: stock: engine: \"mysql\"", "namespaces: batch: {}"}[random.IntN(3)]
			old, err := os.ReadFile(filepath.Join(r.root, "environments", name+".cue"))
			require.NoError(r.t, err)
			r.write("environments/"+name+".cue", strings.Replace(string(old), "// The "+strings.SplitN(part, ":", 2)[0]+" of", part+"\n// The "+strings.SplitN(part, ":", 2)[0]+" of", 1))
		},
		// Both sides may change a part of the same environment, in lines of their own.
		func(r repository, _ *rand.Rand, _ *[]string, number int) {
			part := []string{"apps: till: path: \"apps/till\"", "databases: tills: engine: \"postgres\""}[number%2]
			old, err := os.ReadFile(filepath.Join(r.root, "environments/dev.cue"))
			require.NoError(r.t, err)
			mark := "// The " + strings.SplitN(part, ":", 2)[0] + " of"
			r.write("environments/dev.cue", strings.Replace(string(old), mark, part+"\n"+mark, 1))
		},
	}
}

// Twenty pairs of branches, each with a change drawn by a seed, merge in real Git without a hand, to what a render of the
// merged specs gives.
func TestRandomChangesMergeToWhatARenderGives(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("NOT CHECKED: git is not on PATH")
	}
	r := repository{t, t.TempDir()}
	require.NoError(t, lay(r.root, "testdata/fleet"))
	names := []string{"east", "north", "south", "west"}
	r.write("environments/dev.cue", editable(20, "apps: web: path: \"apps/web\"", "databases: orders: engine: \"postgres\""))
	for i, name := range names {
		r.write("environments/"+name+".cue", editable(30+i, "apps: web: path: \"apps/web\"", "databases: orders: engine: \"postgres\""))
		for _, plane := range []string{"hub", "spoke"} {
			require.NoError(t, writeOverlay(r.root, name, plane))
		}
	}
	r.git("init", "-q", "-b", "main")
	r.spokewright("merge-golden", "--install")
	r.spokewright("render")
	r.git("add", "-A")
	r.git("commit", "-q", "-m", "base")
	random := rand.New(rand.NewPCG(12, 7))
	for pair := range 20 {
		free := append([]string{}, names...)
		for number, branch := range []string{"left", "right"} {
			r.git("switch", "-q", "-C", branch, "main")
			branchEdits()[random.IntN(len(branchEdits()))](r, random, &free, number+1)
			r.spokewright("render")
			r.git("add", "-A")
			r.git("commit", "-q", "-m", branch)
		}
		changed := r.git("diff", "--stat", "main", "left", "--", "environments") + r.git("diff", "--stat", "main", "right", "--", "environments")
		r.git("merge", "-q", "--no-edit", "left")
		var stderr bytes.Buffer
		require.Zero(t, run([]string{"-C", r.root, "check"}, strings.NewReader(""), &stderr, &stderr), "pair %d:\n%s\n%s", pair, changed, &stderr)
	}
}
