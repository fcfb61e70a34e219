package kustomize

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/kio"
	"spokewright.dev/spokewright/internal/manifest"

	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"
)

// TestMain makes the test binary play the function that a real kustomize runs, when it is called by that name.
func TestMain(m *testing.M) {
	if name := filepath.Base(os.Args[0]); name == functionName || name == "Pattern" || name == "Guard" {
		if err := process(os.Args[1:], os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

const (
	functionName = "spokewright"
	rootVariable = "SPOKEWRIGHT_TEST_ROOT"
)

// example is the Function of the tests. Pattern makes what its spec holds, Guard drops, changes, adds or complains.
func example(config manifest.Object, dir string, items []manifest.Object) ([]manifest.Object, error) {
	spec, _ := config["spec"].(map[string]any)
	if message, ok := spec["fail"].(string); ok {
		return nil, errors.New(message)
	}
	switch config["kind"] {
	case "Pattern":
		if items != nil {
			return nil, errors.New("a generator was given items")
		}
		objects := objectList(spec["objects"])
		if count, ok := spec["claims"].(int64); ok {
			objects = append(objects, claims(int(count))...)
		}
		if name, ok := spec["tell"].(string); ok {
			told := manifest.New("v1", "ConfigMap", "", name)
			told["data"] = map[string]any{"dir": dir, "config": fmt.Sprint(spec["note"])}
			objects = append(objects, told)
		}
		return objects, nil
	case "Guard":
		if items == nil {
			return nil, errors.New("a transformer was given no items")
		}
		return guard(spec, items)
	}
	return nil, fmt.Errorf("no function for %v", config["kind"])
}

// claims are objects of a kilobyte each.
func claims(count int) []manifest.Object {
	var objects []manifest.Object
	for i := range count {
		claim := manifest.New("example.com/v1", "Claim", "prod", fmt.Sprintf("claim-%d", i))
		manifest.Annotate(claim, map[string]string{"argocd.argoproj.io/sync-wave": "-1"})
		spec := map[string]any{}
		for field := range 16 {
			spec[fmt.Sprintf("field%d", field)] = map[string]any{"value": fmt.Sprintf("text of some length %d", field), "size": field * i}
		}
		claim["spec"] = spec
		objects = append(objects, claim)
	}
	return objects
}

func guard(spec map[string]any, items []manifest.Object) ([]manifest.Object, error) {
	if first, ok := spec["first"].(int64); ok {
		items = items[:first]
	}
	var out []manifest.Object
	for _, object := range items {
		kind := object["kind"]
		switch {
		case slices.Contains(list(spec["drop"]), kind):
		case slices.Contains(list(spec["deny"]), kind):
			return nil, fmt.Errorf("%s is denied", manifest.Identify(object))
		case slices.Contains(list(spec["touch"]), kind):
			object = maps.Clone(object)
			object["touched"] = true
			out = append(out, object)
		default:
			out = append(out, object)
		}
	}
	out = append(out, objectList(spec["add"])...)
	if spec["reverse"] == true {
		slices.Reverse(out)
	}
	if spec["twice"] == true {
		out = append(out, out...)
	}
	return out, nil
}

func list(value any) []any {
	items, _ := value.([]any)
	return items
}

func objectList(value any) []manifest.Object {
	var objects []manifest.Object
	for _, item := range list(value) {
		object, _ := item.(map[string]any)
		objects = append(objects, object)
	}
	return objects
}

// process is the function as kustomize runs it: with a ResourceList on stdin, or, as an exec plugin, with a config file
// and a stream of objects.
func process(args []string, stdin io.Reader, stdout io.Writer) error {
	input, err := io.ReadAll(stdin)
	if err != nil {
		return err
	}
	reader := kio.ByteReader{Reader: bytes.NewReader(input), OmitReaderAnnotations: true}
	nodes, err := reader.Read()
	if err != nil {
		return err
	}
	config := reader.FunctionConfig
	if len(args) > 0 {
		if config, err = kyaml.ReadFile(args[0]); err != nil {
			return err
		}
	}
	nodes, err = apply(config, nodes)
	if err != nil {
		return err
	}
	writer := kio.ByteWriter{Writer: stdout, KeepReaderAnnotations: true}
	if len(args) == 0 {
		writer.WrappingKind, writer.WrappingAPIVersion = kio.ResourceListKind, kio.ResourceListAPIVersion
	}
	return writer.Write(nodes)
}

// apply runs the example. What a transformer hands on goes on as it came, with the annotations that kustomize uses.
func apply(config *kyaml.RNode, nodes []*kyaml.RNode) ([]*kyaml.RNode, error) {
	settings, err := plainObject(config)
	if err != nil {
		return nil, err
	}
	var items []manifest.Object
	origin := map[manifest.ID]*kyaml.RNode{}
	given := map[manifest.ID]manifest.Object{}
	if settings["kind"] == "Guard" {
		items = []manifest.Object{}
		for _, node := range nodes {
			object, err := plainObject(node)
			if err != nil {
				return nil, err
			}
			object = visible(object)
			items = append(items, object)
			origin[manifest.Identify(object)], given[manifest.Identify(object)] = node, object
		}
	}
	dir, err := where()
	if err != nil {
		return nil, err
	}
	objects, err := example(settings, dir, items)
	if err != nil {
		return nil, err
	}
	var out []*kyaml.RNode
	for _, object := range objects {
		if id := manifest.Identify(object); address(object) == address(given[id]) {
			out = append(out, origin[id])
			continue
		}
		node, err := kyaml.Parse(string(manifest.Append(nil, object)))
		if err != nil {
			return nil, err
		}
		if from, ok := origin[manifest.Identify(object)]; ok {
			if err := node.SetAnnotations(from.GetAnnotations()); err != nil {
				return nil, err
			}
		}
		out = append(out, node)
	}
	return out, nil
}

// visible is an object without the annotations that kustomize shows to functions only.
func visible(object manifest.Object) manifest.Object {
	annotations := maps.Clone(annotationsOf(object))
	maps.DeleteFunc(annotations, func(name string, _ any) bool {
		return strings.HasPrefix(name, "internal.config.kubernetes.io/") || slices.Contains(pipeline, name) ||
			name == "kustomize.config.k8s.io/id"
	})
	return annotated(object, annotations)
}

func plainObject(node *kyaml.RNode) (manifest.Object, error) {
	text, err := node.MarshalJSON()
	if err != nil {
		return nil, err
	}
	return decode(text)
}

func where() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	dir, err = filepath.Rel(os.Getenv(rootVariable), dir)
	return strings.TrimSpace(filepath.ToSlash(dir)), err
}
