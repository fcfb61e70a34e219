package conformance

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/internal/manifest"
)

// mustRefuseBroken breaks an object in every way that fits it, one at a time. An unknown field and a wrong scope are always
// refused. A wrong type is accepted where a schema leaves a field open, such as the elements of a list generator; a kind
// where all are accepted is not judged at all.
func mustRefuseBroken(ctx context.Context, t *testing.T, server *hub.Hub, whole documents.Document) {
	t.Helper()
	const stray = "strayField"
	mustRefuse(ctx, t, server, "an unknown field", broken(t, whole, path{stray}, "x"), stray)
	mustRefuse(ctx, t, server, "an unknown field in metadata", broken(t, whole, path{"metadata", stray}, "x"), stray)
	if _, has := whole.Object["spec"].(map[string]any); has {
		mustRefuse(ctx, t, server, "an unknown field in spec", broken(t, whole, path{"spec", stray}, "x"), stray)
	}
	mustRefuse(ctx, t, server, "a number as label", broken(t, whole, path{"metadata", "labels"}, map[string]any{stray: 7}), stray)
	if whole.ID().Namespace == "" {
		mustRefuse(ctx, t, server, "a namespace", broken(t, whole, path{"metadata", "namespace"}, "default"), "must not be there")
	} else {
		mustRefuse(ctx, t, server, "no namespace", broken(t, whole, path{"metadata", "namespace"}, nil), "is missing")
	}

	var open []string
	leaves := leaves(whole.Object)
	for _, leaf := range leaves {
		_, err := server.Judge(ctx, broken(t, whole, leaf, map[string]any{"wrong": "type"}))
		if err == nil {
			open = append(open, leaf.String())
			continue
		}
		assert.Contains(t, said(err), leaf.name(), "%s is refused for another reason", leaf)
	}
	t.Logf("%d of %d wrong types refused; open: %s", len(leaves)-len(open), len(leaves), strings.Join(open, " "))
	if len(leaves) > 0 {
		assert.Less(t, len(open), len(leaves), "no wrong type in %s is refused", whole.ID())
	}
}

// path leads to a value in an object, by the names of fields and the indices of list items.
type path []any

func (p path) String() string {
	var text strings.Builder
	for _, step := range p {
		if index, is := step.(int); is {
			fmt.Fprintf(&text, "[%d]", index)
		} else {
			fmt.Fprintf(&text, ".%v", step)
		}
	}
	return text.String()
}

// name is the last field's name on the path.
func (p path) name() string {
	for _, step := range slices.Backward(p) {
		if name, is := step.(string); is {
			return name
		}
	}
	return ""
}

// broken is the document with another value at the path; nil removes it.
func broken(t *testing.T, whole documents.Document, at path, value any) documents.Document {
	t.Helper()
	var copied manifest.Object
	require.NoError(t, yaml.Unmarshal(whole.Text, &copied))
	var place any = copied
	for _, step := range at[:len(at)-1] {
		place = child(place, step)
	}
	switch last := at[len(at)-1].(type) {
	case int:
		place.([]any)[last] = value
	case string:
		if value == nil {
			delete(place.(map[string]any), last)
		} else {
			place.(map[string]any)[last] = value
		}
	}
	document, err := documents.Of(whole.Source, copied)
	require.NoError(t, err)
	return document
}

func child(parent, step any) any {
	if index, is := step.(int); is {
		return parent.([]any)[index]
	}
	return parent.(map[string]any)[step.(string)]
}

// leaves gives the paths of all single values that say what the object wants, in order.
func leaves(object manifest.Object) []path {
	var found []path
	var walk func(value any, at path)
	walk = func(value any, at path) {
		switch value := value.(type) {
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(value)) {
				walk(value[name], append(slices.Clone(at), name))
			}
		case []any:
			for index, item := range value {
				walk(item, append(slices.Clone(at), index))
			}
		default:
			found = append(found, at)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if name != "apiVersion" && name != "kind" && name != "metadata" {
			walk(object[name], path{name})
		}
	}
	return found
}
