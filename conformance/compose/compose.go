// Package compose renders composites as Crossplane would: with its own command line tool and the real composition
// functions as local processes. It is not for judging what comes out.
package compose

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/conformance/parts"
	"spokewright.dev/spokewright/conformance/process"
	"spokewright.dev/spokewright/internal/manifest"
)

// Renderer has the functions running.
type Renderer struct {
	crank, functions string
}

// Functions are the composition functions that it knows, by the names that Compositions call them.
func Functions() []string { return []string{"function-patch-and-transform", "function-auto-ready"} }

// Start runs the functions until the test is over.
func Start(ctx context.Context, t *testing.T, cache *parts.Cache) *Renderer {
	t.Helper()
	names := Functions()
	addresses := process.Addresses(t, len(names))
	var objects []manifest.Object
	for i, name := range names {
		program := find(ctx, t, cache, name)
		running := process.Start(t, name, exec.Command(program, "--insecure", "--address", addresses[i]))
		err := running.Await(ctx, func(ctx context.Context) error {
			connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", addresses[i])
			if err == nil {
				err = connection.Close()
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		objects = append(objects, function(name, addresses[i]))
	}
	r := &Renderer{crank: find(ctx, t, cache, "crank"), functions: filepath.Join(t.TempDir(), "functions.yaml")}
	if err := os.WriteFile(r.functions, manifest.Stream(objects), 0o600); err != nil {
		t.Fatal(err)
	}
	return r
}

func find(ctx context.Context, t *testing.T, cache *parts.Cache, name string) string {
	t.Helper()
	program, err := cache.Program(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	return program
}

// function tells the command line tool to ask a process that runs already, instead of starting a container.
func function(name, address string) manifest.Object {
	object := manifest.New("pkg.crossplane.io/v1", "Function", "", name)
	manifest.Annotate(object, map[string]string{
		"render.crossplane.io/runtime":                    "Development",
		"render.crossplane.io/runtime-development-target": address,
	})
	object["spec"] = map[string]any{"package": "registry.example.com/" + name + ":v0"}
	return object
}

// Render gives the composite's new status and everything composed, given what of it is observed already.
func (r *Renderer) Render(ctx context.Context, t *testing.T, composite, composition manifest.Object, observed []manifest.Object) ([]documents.Document, error) {
	t.Helper()
	folder := t.TempDir()
	args := []string{"render", filepath.Join(folder, "composite.yaml"), filepath.Join(folder, "composition.yaml"), r.functions}
	files := map[string][]manifest.Object{"composite.yaml": {composite}, "composition.yaml": {composition}}
	if len(observed) > 0 {
		files["observed.yaml"] = observed
		args = append(args, "--observed-resources", filepath.Join(folder, "observed.yaml"))
	}
	for name, objects := range files {
		if err := write(filepath.Join(folder, name), objects); err != nil {
			return nil, err
		}
	}
	command := exec.CommandContext(ctx, r.crank, args...)
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("rendering %s: %w: %s", manifest.Identify(composite), err, strings.TrimSpace(errs.String()))
	}
	rendered := filepath.Join(folder, "rendered.yaml")
	if err := os.WriteFile(rendered, out.Bytes(), 0o600); err != nil {
		return nil, err
	}
	return documents.Read(rendered)
}

func write(file string, objects []manifest.Object) error {
	var text []byte
	for _, object := range objects {
		one, err := yaml.Marshal(object)
		if err != nil {
			return err
		}
		text = append(append(text, "---\n"...), one...)
	}
	return os.WriteFile(file, text, 0o600)
}
