package kustomize

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"spokewright.dev/spokewright/internal/overlay"
)

// Whatever is more than objects one after the other is left to kustomize: each of these trees for one reason only.
func TestLeftToKustomize(t *testing.T) {
	const file = "-- a/kustomization.yaml --\nresources: [x.yaml]\nsortOptions: {order: fifo}\n-- a/x.yaml --\n"
	const function = "-- a/kustomization.yaml --\ngenerators: [x.yaml]\nsortOptions: {order: fifo}\n-- a/x.yaml --\n" +
		"{apiVersion: spokewright.dev/v1, kind: Pattern, metadata: {name: x}, spec: {objects: [OBJECT]}}\n"
	makes := func(object string) string { return strings.Replace(function, "OBJECT", object, 1) }
	object := "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n"
	cases := map[string]string{
		"no order":           strings.Replace(file, "sortOptions: {order: fifo}\n", "", 1) + object,
		"legacy order":       strings.Replace(file, "fifo", "legacy", 1) + object,
		"order with options": strings.Replace(file, "fifo", "legacy, legacySortOptions: {orderFirst: [ConfigMap]}", 1) + object,
		"a field":            strings.Replace(file, "sortO", "labels: []\nsortO", 1) + object,
		"a field in a base": "-- a/kustomization.yaml --\nresources: [b]\nsortOptions: {order: fifo}\n-- a/b/kustomization.yaml --\n" +
			"namePrefix: x-\nresources: [x.yaml]\n-- a/b/x.yaml --\n" + object,
		"a builtin plugin": strings.Replace(file, "sortO", "transformers: [t.yaml]\nsortO", 1) + object +
			"-- a/t.yaml --\n{apiVersion: builtin, kind: PrefixTransformer, metadata: {name: p}, prefix: x-}\n",
		"an empty list of functions": strings.Replace(file, "sortO", "generators: [e.yaml]\nsortO", 1) + object + "-- a/e.yaml --\n",
		"two with one name":          file + object + "---\n" + object,
		"local file":                 file + strings.Replace(object, "name: a", "name: a, annotations: {config.kubernetes.io/local-config: 'true'}", 1),
		"former name in a file":      file + strings.Replace(object, "name: a", "name: a, annotations: {internal.config.kubernetes.io/previousNames: b}", 1),
		"malformed file":             file + "a: [\n",
		"file without a name":        file + "{apiVersion: v1, kind: ConfigMap}\n",

		"local object":           makes("{apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: {config.kubernetes.io/local-config: 'true'}}}"),
		"former name":            makes("{apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: {internal.config.kubernetes.io/previousNames: b}}}"),
		"hash":                   makes("{apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: {kustomize.config.k8s.io/needs-hash: 'true'}}}"),
		"list":                   makes("{apiVersion: v1, kind: ConfigMapList, metadata: {name: a}, items: []}"),
		"no apiVersion":          makes("{kind: ConfigMap, metadata: {name: a}}"),
		"namespace is a number":  makes("{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: 1}}"),
		"label is a number":      makes("{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {a: 1}}}"),
		"annotation is a number": makes("{apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: {a: 1}}}"),
		"annotation is null":     makes("{apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: {a: null}}}"),
		"annotations are null":   makes("{apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: null}}"),
		"key of an annotation":   makes("{apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: {'1.0': b}}}"),
		"word of an annotation":  makes("{apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: {'Null': b}}}"),
		"control character":      makes(`{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: "\x7f"}}`),
		"reference that is none": makes("{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {volumes: a}}"),
	}
	for name, tree := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := stage(t, txtar.Parse([]byte(tree)))
			_, _, err := s.builder(t).quickly("a")
			require.ErrorIs(t, err, errNotPlain)
			through := s.builder(t)
			through.always = true
			want, wantErr := through.Build("a")
			got, gotErr := s.builder(t).Build("a")
			assert.Equal(t, fmt.Sprint(wantErr), fmt.Sprint(gotErr))
			assert.Equal(t, string(want.YAML), string(got.YAML))
		})
	}
}

// An odd object is shown to kustomize once; after that objects of its shape are known.
func TestShapes(t *testing.T) {
	builder := NewBuilder(fstest.MapFS{}, nil)
	account := func(name, secret string) item {
		return made(map[string]any{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": map[string]any{"name": name},
			"imagePullSecrets": []any{map[string]any{"name": secret}, map[string]any{"name": "b"}}})
	}
	assert.True(t, builder.trusted(account("a", "a")))
	assert.True(t, builder.trusted(account("b", "c")))
	assert.Len(t, builder.shapes.young, 1)
}

// A functionConfig in the usual words is what kustomize reads of it, and one in other words is not taken for one.
func TestUsualConfigIsWhatKustomizeReads(t *testing.T) {
	b := NewBuilder(fstest.MapFS{}, nil)
	usual := 0
	for _, name := range []string{"prod-eu", "a-1", "dev", "null", "true", "y-n", "1-2", "a-", "-a", "prod_eu", "prod-eu, x: y", "é-e", "A-b", "a-0x1"} {
		for _, files := range []map[string]string{overlay.Plain(name, "spoke", "hub"), overlay.Plain(name, "spoke", "spoke")} {
			var k struct{ Generators, Transformers []string }
			if yaml.Unmarshal([]byte(files["kustomization.yaml"]), &k) != nil {
				continue
			}
			for _, content := range append(k.Generators, k.Transformers...) {
				for _, text := range []string{content, content + "\n", content + " # note", strings.Replace(content, "plane: ", "plane:  ", 1), strings.Replace(content, "Guard", "Claims", 1), strings.Replace(content, ".cue", ".cue ", 1)} {
					c, is := usualConfig([]byte(text))
					if !is {
						continue
					}
					usual++
					objects, err := b.factory.NewResMapFromBytes([]byte(text))
					require.NoError(t, err, text)
					want, err := configs(objects)
					require.NoError(t, err, text)
					want[0].line = lines([]byte(text), 1)[0]
					require.Equal(t, want, []config{c}, text)
				}
			}
		}
	}
	require.Equal(t, 24, usual, "four names on two planes, and generators again where the word is not in them")
}
