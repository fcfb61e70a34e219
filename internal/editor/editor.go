// Package editor makes what an editor needs to complete and check specs: the definitions, relaxed to what a file alone must
// hold. It judges nothing: what Spokewright accepts is for package schema to say.
package editor

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/cue/format"
	"cuelang.org/go/cue/parser"
	"cuelang.org/go/cue/token"
	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/constraint/cueparse"
	"spokewright.dev/spokewright/schema"
)

// EditorCUE is a definition, "#Environment" or "#Fleet", as a file that stands beside a spec in one CUE package: what
// editors and `cue vet` know a spec by. The definition's fields are the file's own, since a definition that is embedded
// into a file allows more fields, at any depth. It is weaker than what Reader judges by: a class or the fleet may bring
// nearly every field, so nearly none is required here.
func EditorCUE(definition, packageName string) ([]byte, error) {
	decls, err := relaxedDefinitions()
	if err != nil {
		return nil, err
	}
	file := &ast.File{Decls: []ast.Decl{&ast.Package{Name: ast.NewIdent(packageName)}}}
	var others []ast.Decl
	for _, decl := range decls {
		field, ok := decl.(*ast.Field)
		if !ok {
			if imports, is := decl.(*ast.ImportDecl); is && len(file.Decls) == 1 { // environment.cue comes first, with its own
				file.Decls = append(file.Decls, imports)
			}
			continue
		}
		switch name, _, _ := ast.LabelName(field.Label); name {
		case definition:
			body := field.Value.(*ast.StructLit).Elts
			file.Decls = append(append(file.Decls, noOther(body)), body...)
		case "#Environment", "#Fleet":
		default:
			others = append(others, decl)
		}
	}
	if !slices.ContainsFunc(file.Decls, func(decl ast.Decl) bool { _, is := decl.(*ast.Field); return is }) {
		return nil, errors.New("no such definition: " + definition)
	}
	file.Decls = append(file.Decls, others...)
	return format.Node(file)
}

// EditorConstraint is what EditorCUE says of a whole spec.
func EditorConstraint(definition string) (*constraint.Constraint, error) {
	decls, err := relaxedDefinitions()
	if err != nil {
		return nil, err
	}
	value := cuecontext.New().BuildFile(&ast.File{Decls: decls})
	if err := value.Err(); err != nil {
		return nil, fmt.Errorf("the definitions for editors: %w", err)
	}
	return cueparse.ParseDefinition(value.LookupPath(cue.ParsePath(definition)))
}

// noOther refuses fields of other names than those of a struct: a file cannot be closed.
func noOther(body []ast.Decl) ast.Decl {
	var names []string
	for _, decl := range body {
		if field, ok := decl.(*ast.Field); ok {
			name, _, _ := ast.LabelName(field.Label)
			names = append(names, name)
		}
	}
	pattern := &ast.UnaryExpr{Op: token.NMAT, X: &ast.BasicLit{Kind: token.STRING, Value: strconv.Quote("^(" + strings.Join(names, "|") + ")$")}}
	message := "no such field: allowed are " + strings.Join(names, ", ")
	refusal := ast.NewCall(ast.NewIdent("error"), &ast.BasicLit{Kind: token.STRING, Value: strconv.Quote(message)})
	return &ast.Field{Label: ast.NewList(pattern), Value: refusal}
}

// relaxedDefinitions are those of environments and of fleets, read anew. Where a default may bring a field, it is optional.
func relaxedDefinitions() ([]ast.Decl, error) {
	var decls []ast.Decl
	for _, name := range []string{"environment.cue", "fleet.cue"} {
		text, err := schema.Definitions.ReadFile("definitions/" + name)
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
				decls = append(decls, decl)
			}
		}
	}
	return decls, nil
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
	field.Attrs = nil // what is said to people is not for editors
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
	switch strings.Join(path, ".") {
	case "#Environment.class", "#Fleet.repository":
		return true
	}
	return slices.Contains([]string{"#Repository", "#OwnRepository", "#ClaimKind", "#Moved", "#Removed", "#MovedOfFleet", "#RemovedOfFleet"}, path[0]) && len(path) > 1
}
