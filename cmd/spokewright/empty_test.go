package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
	"spokewright.dev/spokewright/internal/manifest"
)

// Whoever applies an empty render removes everything. door is one of the three places where one could come out.
type door string

const (
	commandLine door = "command line"
	thePlugin   door = "plugin"
	theGuard    door = "guard"
)

// call is the call through the door in a fleet. The guard is asked by kustomize, or alone, with what kustomize hands it.
func (d door) call(t *testing.T, root string, byKustomize bool) *exec.Cmd {
	t.Helper()
	overlay := filepath.Join(root, "overlays/dev/hub")
	command := exec.Command("spokewright", "cmp", "generate")
	switch {
	case d == commandLine:
		command = exec.Command("spokewright", "render", "-o", "-", "dev/hub")
		overlay = root
	case d == theGuard && byKustomize:
		command = exec.Command(kustomizeProgram(t), "build", "--enable-alpha-plugins", "--enable-exec", ".")
	case d == theGuard:
		command = exec.Command("spokewright", "fn")
		command.Stdin = strings.NewReader(guardedList(t))
	}
	command.Dir, command.Env = overlay, os.Environ()
	return command
}

// guardedList is what kustomize hands the guard when all is well: the tripwire and the objects of the plane.
func guardedList(t *testing.T) string {
	t.Helper()
	var guard manifest.Object
	require.NoError(t, yaml.Unmarshal([]byte(config("Guard", "dev", "hub")), &guard))
	var items []manifest.Object
	all := strings.TrimSuffix(notRendered, "\n") + "\n---\n" + requireFine(t, checkout{}.lay(t), "render", "-o", "-", "dev/hub")
	for text := range strings.SplitSeq(all, "\n---\n") {
		var object manifest.Object
		require.NoError(t, yaml.Unmarshal([]byte(text+"\n"), &object))
		items = append(items, object)
	}
	head, err := yaml.Marshal(map[string]any{"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "functionConfig": guard})
	require.NoError(t, err)
	rest, err := yaml.Marshal(map[string]any{"items": items})
	require.NoError(t, err)
	return string(head) + string(rest) // so that what is cut off lacks items first
}

// emptyWay is a way to end with an empty render.
type emptyWay struct {
	name string
	// change makes it in a fleet that was fine.
	change func(t *testing.T, root string)
	// run makes it in how a call is run. It gives what came out, and whether the call said that it went well.
	run func(t *testing.T, d door, root string) (stdout string, fine bool)
}

// emptyWays are twelve: what people forget and mistype, and what machines do to a program.
func emptyWays() []emptyWay {
	overlay := func(lines string) func(*testing.T, string) {
		return func(t *testing.T, root string) { writeText(t, root, "overlays/dev/hub/kustomization.yaml", lines) }
	}
	const noGenerator = "resources: [../../../bases/plane]\ntransformers: [guard.yaml]\nsortOptions: {order: fifo}\n"
	return []emptyWay{
		{name: "a missing flag", change: builtWithoutFlag},
		{name: "a missing generator", change: overlay(noGenerator)},
		{name: "a kind misspelt", change: func(t *testing.T, root string) {
			writeText(t, root, "overlays/dev/hub/environment.yaml", config("Enviroment", "dev", "hub"))
		}},
		{name: "an empty folder", change: func(t *testing.T, root string) {
			require.NoError(t, os.RemoveAll(filepath.Join(root, "overlays/dev/hub")))
			require.NoError(t, os.Mkdir(filepath.Join(root, "overlays/dev/hub"), 0o755))
		}},
		{name: "another working folder", run: inAnotherFolder},
		{name: "a pipe that hides the exit code", change: overlay(noGenerator), run: throughCat},
		{name: "a reader that is gone", run: withoutReader},
		{name: "SIGTERM on the way", run: terminated},
		{name: "a full disk", run: ontoFullDisk},
		{name: "input that ends in the middle", run: cutOff},
		{name: "a program that is not executable", run: notExecutable},
		{name: "a program for another processor", run: foreignProgram},
	}
}

// TestNoEmptyRender goes each way through each door: the exit code says that it failed, and nothing is on stdout.
func TestNoEmptyRender(t *testing.T) {
	t.Parallel()
	require.Len(t, emptyWays(), 12)
	for _, d := range []door{commandLine, thePlugin, theGuard} {
		for _, byKustomize := range []bool{false, true} {
			stdout, fine := plainly(d.call(t, checkout{}.lay(t), byKustomize))
			require.True(t, fine, "%s fails without a reason: %s", d, stdout)
			require.Contains(t, stdout, "kind: ApplicationSet")
		}
		for _, way := range emptyWays() {
			t.Run(string(d)+"/"+way.name, func(t *testing.T) {
				root := checkout{}.lay(t)
				if way.change != nil {
					way.change(t, root)
				}
				if way.run == nil {
					way.run = func(t *testing.T, d door, root string) (string, bool) { return plainly(d.call(t, root, true)) }
				}
				stdout, fine := way.run(t, d, root)
				assert.False(t, fine)
				assert.Empty(t, stdout)
			})
		}
	}
}

// plainly runs a call to its end.
func plainly(command *exec.Cmd) (stdout string, fine bool) {
	text, err := command.Output()
	return string(text), err == nil
}

// builtWithoutFlag puts into the overlay what kustomize gives without --enable-exec, and lets it stand for the render.
// Kustomize itself ends well there; what it gives is not empty, and of no kind that a cluster knows.
func builtWithoutFlag(t *testing.T, root string) {
	built, _, ok := tryKustomize(t, filepath.Join(root, "overlays/dev/hub"), "--enable-alpha-plugins")
	require.True(t, ok)
	require.Equal(t, 1, strings.Count(built, "kind: "))
	require.Contains(t, built, "kind: NotRendered\n")
	for name, text := range kustomization("resources: [built.yaml]", "generators: []").and("overlays/dev/hub/built.yaml", built) {
		writeText(t, root, name, text)
	}
}

func inAnotherFolder(t *testing.T, d door, root string) (string, bool) {
	command := d.call(t, root, false)
	command.Dir = t.TempDir()
	return plainly(command)
}

// throughCat gives what cat makes of it: its exit code is all that a shell looks at, and so it must get nothing.
func throughCat(t *testing.T, d door, root string) (string, bool) {
	command, cat := d.call(t, root, true), exec.Command("cat")
	read, write, err := os.Pipe()
	require.NoError(t, err)
	command.Stdout, cat.Stdin = write, read
	require.NoError(t, command.Start())
	require.NoError(t, write.Close())
	text, err := cat.Output()
	require.NoError(t, err)
	require.NoError(t, read.Close())
	return string(text), command.Wait() == nil
}

func withoutReader(t *testing.T, d door, root string) (string, bool) {
	read, write, err := os.Pipe()
	require.NoError(t, err)
	require.NoError(t, read.Close())
	defer write.Close()
	command := d.call(t, root, false)
	command.Stdout = write
	return "", command.Run() == nil
}

func ontoFullDisk(t *testing.T, d door, root string) (string, bool) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skipf("NOT CHECKED: no /dev/full here: %v", err)
	}
	defer full.Close()
	command := d.call(t, root, false)
	command.Stdout = full
	return "", command.Run() == nil
}

// terminated ends a call before it is done. One that was faster is tried again, with less time.
func terminated(t *testing.T, d door, root string) (string, bool) {
	began := time.Now()
	_, fine := plainly(d.call(t, root, false))
	require.True(t, fine)
	for wait := time.Since(began) / 2; ; wait /= 2 {
		command := d.call(t, root, false)
		var stdout bytes.Buffer
		command.Stdout = &stdout
		require.NoError(t, command.Start())
		time.Sleep(wait)
		require.NoError(t, command.Process.Signal(syscall.SIGTERM))
		if err := command.Wait(); err != nil || wait == 0 {
			return stdout.String(), err == nil
		}
	}
}

// cutOff ends the spec, or what the guard reads, at several places.
func cutOff(t *testing.T, d door, root string) (printed string, fine bool) {
	const pieces = 8
	spec, list := requireRead(t, filepath.Join(root, "environments/dev.cue")), guardedList(t)
	for i := range pieces {
		command := d.call(t, root, false)
		if d == theGuard {
			command.Stdin = strings.NewReader(list[:len(list)*i/pieces])
		} else {
			writeText(t, root, "environments/dev.cue", spec[:len(spec)*i/pieces])
		}
		stdout, well := plainly(command)
		printed, fine = printed+stdout, fine || well
	}
	return printed, fine
}

func requireRead(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(text)
}

func notExecutable(t *testing.T, d door, root string) (string, bool) {
	return byProgram(t, d, root, "#!/bin/sh\necho 'kind: Started'\n", 0o644)
}

// foreignProgram has the head of this one, with the number of a processor that there is not.
func foreignProgram(t *testing.T, d door, root string) (string, bool) {
	program, err := os.Executable()
	require.NoError(t, err)
	file, err := os.Open(program)
	require.NoError(t, err)
	defer file.Close()
	head := make([]byte, 4096)
	_, err = file.Read(head)
	require.NoError(t, err)
	const machine = 18 // where an ELF file says which (e_machine)
	head[machine], head[machine+1] = 0xff, 0xfe
	return byProgram(t, d, root, string(head), 0o755)
}

// byProgram makes the call with another program on PATH in place of this one.
func byProgram(t *testing.T, d door, root, text string, mode os.FileMode) (string, bool) {
	bin := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(bin, "spokewright"), []byte(text), mode))
	command := d.call(t, root, true)
	if d == theGuard {
		command.Env = append(command.Env, "PATH="+bin)
	} else {
		command.Path, command.Err = filepath.Join(bin, "spokewright"), nil
	}
	return plainly(command)
}
