package applicationset

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/conformance/parts"
	"spokewright.dev/spokewright/conformance/process"
)

// The types of an Application in internal/applicationset are those of the Argo CD that these tests run, and beside them
// the fields that only a newer one has. SPOKEWRIGHT_UPDATE=1 writes them anew.
func TestApplicationTypesAreArgoCDs(t *testing.T) {
	const file = "../../internal/applicationset/application.json"
	ctx := process.Context(t)
	types := goTypes{}
	for _, version := range []string{"v3.2.6", "v3.5.6"} { // of the newest, the definition alone: it does not build
		module, err := parts.Download(ctx, "github.com/argoproj/argo-cd/v3", version)
		require.NoError(t, err)
		more := readTypes(t, filepath.Join(module.Dir, "pkg/apis/application/v1alpha1/types.go"))
		for name, fields := range more.reachable("ApplicationSpec", "Operation") {
			for field, is := range fields {
				if _, known := types[name][field]; known {
					continue
				}
				if types[name] == nil {
					types[name] = map[string]string{}
				}
				types[name][field] = is
			}
		}
	}
	want, err := json.MarshalIndent(types, "", "\t")
	require.NoError(t, err)
	if os.Getenv("SPOKEWRIGHT_UPDATE") != "" {
		require.NoError(t, os.WriteFile(file, append(want, '\n'), 0o644))
	}
	got, err := os.ReadFile(file)
	require.NoError(t, err, "SPOKEWRIGHT_UPDATE=1 writes it")
	require.Equal(t, string(append(want, '\n')), string(got), "SPOKEWRIGHT_UPDATE=1 writes it anew")
}

// goTypes are structs by their names: what JSON calls a field, and its type with the options of its tag.
type goTypes map[string]map[string]string

// reachable are the structs that some lead to.
func (all goTypes) reachable(names ...string) goTypes {
	found := goTypes{}
	for len(names) > 0 {
		name := strings.TrimLeft(names[0], "*[]")
		names = names[1:]
		if all[name] == nil || found[name] != nil {
			continue
		}
		found[name] = all[name]
		for _, is := range all[name] {
			is, _, _ := strings.Cut(is, ",")
			names = append(names, is)
		}
	}
	return found
}

// readTypes reads the types of a Go file. Names for other types are written out, and embedded structs are laid open.
func readTypes(t *testing.T, file string) goTypes {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	require.NoError(t, err)
	declared := map[string]ast.Expr{}
	ast.Inspect(parsed, func(n ast.Node) bool {
		if spec, ok := n.(*ast.TypeSpec); ok {
			declared[spec.Name.Name] = spec.Type
		}
		return true
	})
	types := goTypes{}
	for name, is := range declared {
		if structure, ok := is.(*ast.StructType); ok {
			types[name] = map[string]string{}
			addFields(t, types[name], declared, structure)
		}
	}
	return types
}

func addFields(t *testing.T, fields map[string]string, declared map[string]ast.Expr, structure *ast.StructType) {
	t.Helper()
	for _, field := range structure.Fields.List {
		tag := ""
		if field.Tag != nil {
			text, err := strconv.Unquote(field.Tag.Value)
			require.NoError(t, err)
			tag = reflect.StructTag(text).Get("json")
		}
		name, options, _ := strings.Cut(tag, ",")
		star, isPointer := field.Type.(*ast.StarExpr)
		switch {
		case name == "-":
		case name != "":
			fields[name] = strings.TrimSuffix(typeOf(declared, field.Type)+","+options, ",")
		case len(field.Names) > 0:
			fields[field.Names[0].Name] = typeOf(declared, field.Type)
		case isPointer: // there or not, with what it holds
			inner := map[string]string{}
			addFields(t, inner, declared, structOf(declared, star.X))
			for name, is := range inner {
				fields[name] = "*" + is + ",omitempty"
			}
		default:
			addFields(t, fields, declared, structOf(declared, field.Type))
		}
	}
}

// structOf is a struct of the file; one without fields where it is of another file.
func structOf(declared map[string]ast.Expr, is ast.Expr) *ast.StructType {
	if name, ok := is.(*ast.Ident); ok {
		if structure, ok := declared[name.Name].(*ast.StructType); ok {
			return structure
		}
	}
	return &ast.StructType{Fields: &ast.FieldList{}}
}

func typeOf(declared map[string]ast.Expr, is ast.Expr) string {
	switch is := is.(type) {
	case *ast.StarExpr:
		return "*" + typeOf(declared, is.X)
	case *ast.ArrayType:
		return "[]" + typeOf(declared, is.Elt)
	case *ast.MapType:
		return "map[" + typeOf(declared, is.Key) + "]" + typeOf(declared, is.Value)
	case *ast.SelectorExpr:
		return fmt.Sprintf("%s.%s", is.X, is.Sel.Name)
	case *ast.Ident:
		if other, ok := declared[is.Name]; ok {
			if _, isStruct := other.(*ast.StructType); !isStruct {
				return typeOf(declared, other)
			}
		}
		return is.Name
	}
	return fmt.Sprintf("%T", is)
}
