package schema

import (
	"fmt"
	"slices"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/cue/format"
	"cuelang.org/go/cue/parser"
	"cuelang.org/go/cue/token"

	"spokewright.dev/spokewright/constraint"
)

// EditorPackage is the name of the CUE package that EditorCUE is the text of.
const EditorPackage = "schema"

// EditorCUE is the definitions #Environment and #Fleet as a file of their own, for editors and `cue vet`. It is weaker
// than what Reader judges by: a class or the fleet may bring nearly every field, so nearly none is required here.
func EditorCUE() ([]byte, error) {
	whole := &ast.File{Decls: []ast.Decl{&ast.Package{Name: ast.NewIdent(EditorPackage)}}}
	for _, name := range []string{"environment.cue", "fleet.cue"} {
		text, err := definitions.ReadFile(name)
		if err != nil {
			return nil, err
		}
		file, err := parser.ParseFile(name, text, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		for _, decl := range file.Decls {
			if _, clause := decl.(*ast.Package); !clause {
				relax(decl, nil)
				whole.Decls = append(whole.Decls, decl)
			}
		}
	}
	return format.Node(whole)
}

// EditorConstraint is a definition of EditorCUE, such as "#Environment", with the names of its fields.
func EditorConstraint(definition string) (*constraint.Constraint, error) {
	text, err := EditorCUE()
	if err != nil {
		return nil, err
	}
	value := cuecontext.New().CompileBytes(text)
	if err := value.Err(); err != nil {
		return nil, fmt.Errorf("the definitions for editors: %w", err)
	}
	return constraint.ParseDefinition(value.LookupPath(cue.ParsePath(definition)))
}

// relax makes fields optional that a default may bring.
func relax(decl ast.Decl, path []string) {
	field, ok := decl.(*ast.Field)
	if !ok {
		return
	}
	if name, _, err := ast.LabelName(field.Label); err == nil {
		path = append(slices.Clip(path), name)
	}
	if field.Constraint == token.NOT && !alwaysRequired(path) {
		field.Constraint = token.OPTION
	}
	if body, ok := field.Value.(*ast.StructLit); ok {
		for _, inner := range body.Elts {
			relax(inner, path)
		}
	}
}

// alwaysRequired says which fields no default can bring.
func alwaysRequired(path []string) bool {
	name := strings.Join(path, ".")
	return name == "#Environment.class" || name == "#Fleet.repository" || strings.HasPrefix(name, "#Repository.") ||
		strings.HasPrefix(name, "#ClaimKind.")
}
