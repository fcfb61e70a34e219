package manifest

import (
	"fmt"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// environment is the size of what one environment renders to: 60 objects, about 62 kB.
func environment() []Object {
	objects := make([]Object, 60)
	for i := range objects {
		name := fmt.Sprintf("prod-eu-%02d", i)
		object := New("policies.example.com/v1", "ValidatingPolicy", "fleet-prod", name)
		Label(object, map[string]string{"app.kubernetes.io/name": name, "app.kubernetes.io/version": "1.30", "environment": "prod-eu", "class": "production"})
		Annotate(object, map[string]string{"argocd.argoproj.io/sync-wave": "-5", "argocd.argoproj.io/sync-options": "Prune=confirm,Delete=confirm"})
		object["spec"] = map[string]any{
			"failurePolicy": "Fail", "enabled": true, "replicas": 3, "weight": 0.5, "region": "eu-west-1", "version": "1.34", "since": "2026-01-01",
			"image": "registry.example.com/shop/checkout:1.4.2",
			"matchConstraints": map[string]any{"resourceRules": []any{map[string]any{
				"apiGroups": []any{""}, "apiVersions": []any{"v1"}, "operations": []any{"CREATE", "UPDATE"}, "resources": []any{"pods", "deployments"}, "scope": "*",
			}}},
			"validations": []any{map[string]any{
				"expression": "object.spec.containers.all(container, container.image.startsWith('registry.example.com/') || container.image.startsWith('mirror.example.com/'))",
				"message":    "images come from the registries of this class, because nobody looks after the others",
			}},
			"nodes":  map[string]any{"min": 3, "max": 12, "labels": map[string]any{}, "taints": []any{}},
			"script": "#!/bin/sh\nset -e\necho \"start\"\nexec server --port 8080\n",
			"ports":  []any{map[string]any{"name": "http", "port": 80, "protocol": "TCP"}, map[string]any{"name": "metrics", "port": 9090, "protocol": "TCP"}},
		}
		objects[i] = object
	}
	return objects
}

// bare writes the same maps in byte order with no thought for quotes: the least an emitter can cost.
func bare(dst []byte, v any, indent int) []byte {
	switch v := v.(type) {
	case map[string]any:
		keys := make([]string, 0, len(v))
		for key := range v {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		for _, key := range keys {
			dst = append(dst, "\n                    "[:1+indent]...)
			dst = append(append(dst, key...), ": "...)
			dst = bare(dst, v[key], indent+2)
		}
	case []any:
		for _, item := range v {
			dst = append(append(dst, "\n                    "[:1+indent]...), "- "...)
			dst = bare(dst, item, indent+2)
		}
	case string:
		dst = append(dst, v...)
	case int:
		dst = strconv.AppendInt(dst, int64(v), 10)
	case float64:
		dst = strconv.AppendFloat(dst, v, 'g', -1, 64)
	case bool:
		dst = strconv.AppendBool(dst, v)
	}
	return dst
}

func BenchmarkStream(b *testing.B) {
	objects := environment()
	for _, object := range objects {
		want, err := yaml.Marshal(object)
		require.NoError(b, err)
		require.Equal(b, string(want), string(Append(nil, object)))
	}
	b.SetBytes(int64(len(Stream(objects))))
	b.ReportAllocs()
	for b.Loop() {
		Stream(objects)
	}
}

func BenchmarkBare(b *testing.B) {
	objects := environment()
	b.ReportAllocs()
	for b.Loop() {
		dst := make([]byte, 0, 1024*len(objects))
		for _, object := range objects {
			dst = bare(dst, object, 0)
		}
	}
}

func BenchmarkLibrary(b *testing.B) {
	objects := environment()
	b.ReportAllocs()
	for b.Loop() {
		for _, object := range objects {
			if _, err := yaml.Marshal(object); err != nil {
				b.Fatal(err)
			}
		}
	}
}
