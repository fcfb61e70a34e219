//go:build linux

package conformance

import (
	"bytes"
	"context"
	"crypto/sha256"
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/conformance/process"
)

// What the image holds is one program that needs nothing beside it. Where there is no container engine, a folder with
// nothing else stands for the image: the program runs in it as the image's user, with nothing to write to.
func TestImageProgramNeedsNothingBesideIt(t *testing.T) {
	root := t.TempDir()
	program := filepath.Join(root, "spokewright")
	makeBinary(process.Context(t), t, "..", program)

	t.Run("it is static", func(t *testing.T) {
		file, err := elf.Open(program)
		require.NoError(t, err)
		defer file.Close()
		libraries, err := file.ImportedLibraries()
		require.NoError(t, err)
		require.Empty(t, libraries)
		for _, segment := range file.Progs {
			require.NotEqual(t, elf.PT_INTERP, segment.Type, "it asks for a dynamic loader")
		}
	})
	t.Run("it answers alone, as the image's user", func(t *testing.T) {
		if os.Getuid() != 0 {
			t.Skip("SKIPPED, NOT TESTED: changing the root folder and the user takes root")
		}
		// The test's own temporary folders are closed to others; this one is the new root.
		require.NoError(t, os.Chmod(root, 0o555))
		alone := func(stdin string) (string, string, error) {
			command := exec.Command("/spokewright", "fn")
			command.Dir, command.Env, command.Stdin = "/", []string{}, strings.NewReader(stdin)
			command.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: 999, Gid: 999}}
			var stdout, stderr bytes.Buffer
			command.Stdout, command.Stderr = &stdout, &stderr
			err := command.Run()
			return stdout.String(), stderr.String(), err
		}
		request := resourceList("Environment", "prod-eu", "hub")
		answer, said, err := alone(request)
		require.NoError(t, err, said)
		require.Empty(t, said)
		for _, want := range []string{"kind: ResourceList", "kind: ApplicationSet", "kind: Cluster\n", "kind: Database\n"} {
			require.Contains(t, answer, want)
		}
		command := exec.Command(program, "fn")
		command.Stdin = strings.NewReader(request)
		outside, err := command.Output()
		require.NoError(t, err)
		require.Equal(t, string(outside), answer, "the place does not matter")

		answer, said, err = alone(strings.Replace(request, "production", "productoin", 1))
		require.Error(t, err)
		require.Empty(t, answer)
		require.Contains(t, said, `did you mean "production"?`)

		entries, err := os.ReadDir(root)
		require.NoError(t, err)
		require.Len(t, entries, 1, "it left something behind")
	})
}

// Two people who build the same source get the same program: nothing of the folder, the time or the machine is in it.
// Each build has caches of its own, so that none is a copy of the other.
func TestTwoCleanBuildsAreTheSame(t *testing.T) {
	ctx := process.Context(t)
	trees := []string{filepath.Join(t.TempDir(), "first"), filepath.Join(t.TempDir(), "another/place/the-second")}
	for _, tree := range trees { // both before the first build: somebody may be working here
		copySource(t, tree)
	}
	var sums []string
	for _, tree := range trees {
		t.Setenv("GOCACHE", t.TempDir())
		program := filepath.Join(tree, "program")
		makeBinary(ctx, t, tree, program)
		text, err := os.ReadFile(program)
		require.NoError(t, err)
		require.NotContains(t, string(text), tree)
		sums = append(sums, fmt.Sprintf("%x", sha256.Sum256(text)))
	}
	t.Logf("both have the SHA-256 %s", sums[0])
	require.Equal(t, sums[0], sums[1])
}

// makeBinary builds the program by the rule that the Dockerfile uses, for this machine.
func makeBinary(ctx context.Context, t *testing.T, tree, program string) {
	built := filepath.Join("bin", "spokewright-linux-"+runtime.GOARCH)
	command := exec.CommandContext(ctx, "make", "--silent", "binary-linux-"+runtime.GOARCH)
	command.Dir = tree
	output, err := command.CombinedOutput()
	require.NoError(t, err, string(output))
	text, err := os.ReadFile(filepath.Join(tree, built))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(program, text, 0o755))
}

// copySource copies what Git has or would take.
func copySource(t *testing.T, to string) {
	list := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	list.Dir = ".."
	names, err := list.Output()
	require.NoError(t, err)
	for _, name := range strings.Split(strings.Trim(string(names), "\x00"), "\x00") {
		text, err := os.ReadFile(filepath.Join("..", name))
		if os.IsNotExist(err) { // removed, and not yet committed
			continue
		}
		require.NoError(t, err)
		target := filepath.Join(to, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(target), 0o755))
		require.NoError(t, os.WriteFile(target, text, 0o644))
	}
}

// resourceList is what a container function gets on stdin, with the spec in the functionConfig.
func resourceList(kind, name, plane string) string {
	return fmt.Sprintf(`apiVersion: config.kubernetes.io/v1
kind: ResourceList
items: []
functionConfig:
  apiVersion: spokewright.dev/v1alpha1
  kind: %s
  metadata: {name: %s}
  spec:
    plane: %s
    environment:
      class: production
      cluster: {cloud: aws, region: eu-west-1, network: {cidr: 10.40.0.0/16}}
      apps: {web: {path: apps/web}}
      databases: {orders: {engine: postgres, storageGB: 200}}
    fleet:
      name: lighthouse
      owner: platform
      repository: {url: "https://git.example.com/lighthouse/fleet.git", revision: main}
`, kind, name, plane)
}
