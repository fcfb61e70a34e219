package manifest

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/kustomize/api/provider"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/resource"
)

// dressed makes a resource that kustomize accepts.
func dressed(spec any) Object {
	return Object{"apiVersion": "v1", "kind": "Thing", "metadata": map[string]any{"name": "x"}, "spec": spec}
}

func kustomizes(t *testing.T, factory *resource.Factory, object Object) {
	t.Helper()
	made, err := factory.FromMap(object)
	require.NoError(t, err, "%#v", object)
	want, err := made.AsYAML()
	require.NoError(t, err, "%#v", object)
	require.Equal(t, string(want), string(Append(nil, object)), "%#v", object)
}

func TestAppendLikeKustomize(t *testing.T) {
	factory := provider.NewDefaultDepProvider().GetResourceFactory()
	unreadable := "\ta\n" // go.yaml.in/yaml/v3 writes it so that it cannot read it back
	_, err := factory.FromMap(dressed(unreadable))
	require.Error(t, err)
	for _, s := range slices.Concat(nasty, changed, every(7, long())) {
		if s != unreadable {
			kustomizes(t, factory, dressed(boxed(rooms(s))))
		}
	}
	for _, s := range slices.Concat(nasty, every(7, readable())) {
		if s != unreadable && s != "<<" { // kustomize takes this key for a merge
			kustomizes(t, factory, dressed(boxed(keyed(s))))
		}
	}
}

func boxed(objects []Object) []any {
	items := make([]any, len(objects))
	for i, object := range objects {
		items[i] = object
	}
	return items
}

func every(n int, all []string) []string {
	var some []string
	for i := 0; i < len(all); i += n {
		some = append(some, all[i])
	}
	return some
}

func TestNumbersLikeKustomize(t *testing.T) {
	factory := provider.NewDefaultDepProvider().GetResourceFactory()
	for _, v := range numbers {
		kustomizes(t, factory, dressed([]any{v, map[string]any{"a": v}}))
	}
}

func TestStream(t *testing.T) {
	factory := provider.NewDefaultDepProvider().GetResourceFactory()
	var objects []Object
	resources := resmap.New()
	for _, s := range []string{"text", "a\n", "a\n\n", "a\n\u2028", "a\u2028"} {
		object := dressed(s)
		object["metadata"] = map[string]any{"name": s}
		objects = append(objects, object)
		made, err := factory.FromMap(object)
		require.NoError(t, err)
		require.NoError(t, resources.Append(made))
		want, err := resources.AsYaml()
		require.NoError(t, err)
		require.Equal(t, string(want), string(Stream(objects)))
	}
	assert.Empty(t, Stream(nil))
	assert.Equal(t, "a: 1\n---\nb: |\n  x\n---\n{}\n", string(Stream([]Object{{"a": 1}, {"b": "x\n"}, {}})))
}
