package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/testscript"
	ownbases "spokewright.dev/spokewright/bases"
	"spokewright.dev/spokewright/internal/baseline"
	"spokewright.dev/spokewright/internal/krm"
	"spokewright.dev/spokewright/internal/overlay"
	"spokewright.dev/spokewright/schema"
)

// TestMain makes the test binary a spokewright of its own: scripts and real kustomize find it on PATH.
func TestMain(m *testing.M) {
	commands := map[string]func(){"spokewright": main, "spokewright-next": next}
	for _, kind := range krm.Kinds() { // kustomize starts a link of the kind's name
		commands[kind] = main
	}
	testscript.Main(m, commands)
}

// next is a program as it could be released after this one: its bases are those of this one with some changes.
func next() {
	released, err := baseline.Release(nil, "0.1.0", ownbases.Files)
	exitOn(err)
	files := fstest.MapFS{}
	exitOn(fs.WalkDir(ownbases.Files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := ownbases.Files.ReadFile(name)
		files[name] = &fstest.MapFile{Data: text}
		return err
	}))
	priority, access := files["spoke/priority.yaml"], files["hub/access.yaml"]
	priority.Data = bytes.Replace(priority.Data, []byte("apps that people wait for"), []byte("apps that somebody waits for"), 1)
	access.Data = append([]byte("# Read access.\n"), access.Data...)
	files["spoke/batch.yaml"] = &fstest.MapFile{Data: bytes.Replace(bytes.Replace(priority.Data, []byte("name: serving"), []byte("name: batch"), 1), []byte("100000"), []byte("10"), 1)}
	files["spoke/kustomization.yaml"].Data = bytes.Replace(files["spoke/kustomization.yaml"].Data, []byte("priority.yaml"), []byte("priority.yaml, batch.yaml"), 1)
	delete(files, "hub/packages/opentofu/namespaced/activation.yaml")
	program, err := baseline.New(files, released)
	exitOn(err)
	os.Exit(runWith(&options{bases: program}, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitFailed)
	}
}

// TestScripts runs what a user does and sees, a text a behaviour. Each starts from the fleet in testdata/fleet, with
// the script's own files over it. SPOKEWRIGHT_UPDATE=1 writes the expected texts anew.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       os.Getenv("SPOKEWRIGHT_UPDATE") != "",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("SPOKEWRIGHT_KUSTOMIZE", os.Getenv("SPOKEWRIGHT_KUSTOMIZE"))
			env.Setenv("SPOKEWRIGHT_CACHE", filepath.Join(env.WorkDir, ".tmp", "cache")) // out of the way of what a script looks at
			return lay(env.WorkDir, "testdata/fleet")
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"overlay": overlayFor},
	})
}

// lay copies a tree to where it is not yet.
func lay(to, from string) error {
	return filepath.WalkDir(from, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		inside, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		target := filepath.Join(to, inside)
		if _, err := os.Stat(target); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		return os.WriteFile(target, text, 0o644)
	})
}

// overlayFor is the command `overlay NAME...`: the overlays of environments, as a user would write them.
func overlayFor(ts *testscript.TestScript, neg bool, names []string) {
	if neg || len(names) == 0 {
		ts.Fatalf("usage: overlay NAME...")
	}
	for _, name := range names {
		for _, plane := range []string{"hub", "spoke"} {
			ts.Check(writeOverlay(ts.MkAbs("."), name, plane))
		}
	}
}

func writeOverlay(root, name, plane string) error {
	dir := filepath.Join(root, "overlays", name, plane)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for file, text := range overlayFiles(name, plane) {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// overlayFiles are the files of an overlay. The fleets of tests have one base.
func overlayFiles(name, plane string) map[string]string {
	files := overlay.Plain(name, "spoke", schema.Plane(plane))
	files["kustomization.yaml"] = strings.Replace(files["kustomization.yaml"], "bases/spoke", "bases/plane", 1)
	return files
}

func config(kind, name, plane string) string {
	return fmt.Sprintf(`apiVersion: spokewright.dev/v1alpha1
kind: %s
metadata:
  name: %s
  annotations:
    config.kubernetes.io/function: |
      exec: {path: spokewright, args: [fn]}
spec: {file: ../../../environments/%s.cue, plane: %s}
`, kind, name, name, plane)
}
