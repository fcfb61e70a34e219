package conformance

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/ast/astutil"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/cue/format"
	"cuelang.org/go/cue/parser"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// eachFunctionConfig writes the functionConfigs of all overlays of a fleet anew.
func eachFunctionConfig(t *testing.T, root string, text func(plane, kind string) string) {
	t.Helper()
	for _, plane := range planes(t) {
		name := filepath.Join(root, "overlays", plane, "kustomization.yaml")
		old, err := os.ReadFile(name)
		require.NoError(t, err)
		var kustomization map[string]any
		require.NoError(t, yaml.Unmarshal(old, &kustomization))
		for field, kind := range map[string]string{"generators": "Environment", "transformers": "Guard"} {
			require.Len(t, kustomization[field], 1, "%s: %s", name, field)
			kustomization[field] = []any{text(plane, kind)}
		}
		fresh, err := yaml.Marshal(kustomization)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(name, fresh, 0o644))
	}
}

// fleetInline is the sample as it stands in functionConfigs: data, with each rule's requirement as a text.
type fleetInline struct {
	fleet        any
	environments map[string]any // by name
}

func inlineFleet(t *testing.T) fleetInline {
	t.Helper()
	specs, err := filepath.Glob("../environments/*.cue")
	require.NoError(t, err)
	f := fleetInline{environments: map[string]any{}}
	for _, spec := range specs {
		if name := strings.TrimSuffix(filepath.Base(spec), ".cue"); name == "fleet" {
			f.fleet = inline(t, spec)
		} else {
			f.environments[name] = inline(t, spec)
		}
	}
	require.NotNil(t, f.fleet)
	return f
}

// inline reads a spec as data.
func inline(t *testing.T, spec string) any {
	t.Helper()
	file, err := parser.ParseFile(spec, nil)
	require.NoError(t, err)
	quoted := astutil.Apply(file, func(c astutil.Cursor) bool {
		field, isField := c.Node().(*ast.Field)
		if !isField {
			return true
		}
		if name, _, err := ast.LabelName(field.Label); err != nil || name != "require" {
			return true
		}
		decls := []ast.Decl{&ast.EmbedDecl{Expr: field.Value}}
		if requirement, plain := field.Value.(*ast.StructLit); plain {
			decls = requirement.Elts
		}
		text, err := format.Node(&ast.File{Decls: decls})
		require.NoError(t, err)
		field.Value = ast.NewString(string(text))
		return false
	}, nil)
	value := cuecontext.New().BuildFile(quoted.(*ast.File))
	text, err := value.MarshalJSON()
	require.NoError(t, err)
	var data any
	require.NoError(t, json.Unmarshal(text, &data))
	return data
}

// functionConfig is that of a container for an overlay: what the fleet's files say stands in it.
func (f fleetInline) functionConfig(t *testing.T, overlay, kind string) string {
	t.Helper()
	name, plane, _ := strings.Cut(overlay, "/")
	others := map[string]any{}
	for other, spec := range f.environments {
		if other != name {
			others[other] = spec
		}
	}
	text, err := yaml.Marshal(map[string]any{
		"apiVersion": "spokewright.dev/v1alpha1",
		"kind":       kind,
		"metadata": map[string]any{"name": name, "annotations": map[string]any{
			"config.kubernetes.io/function": "container: {image: " + image + "}\n",
		}},
		"spec": map[string]any{"plane": plane, "environment": f.environments[name], "fleet": f.fleet, "environments": others},
	})
	require.NoError(t, err)
	return string(text)
}
