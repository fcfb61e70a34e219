package cuefile

import (
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/literal"
	"cuelang.org/go/cue/parser"

	"spokewright.dev/spokewright/internal/finding"
)

// TextField is a field at the top of a file whose value is written there as a text, and where the text stands. Nothing is
// evaluated and no mistake is told, so that a file for a newer program can be asked which one. It is "" where there is none.
func TextField(file string, text []byte, name string) (string, finding.Position) {
	s := source{file, text}
	if len(text) > maxSourceBytes || len(checkTokens(s)) > 0 {
		return "", finding.Position{}
	}
	syntax, _ := parser.ParseFile(file, text) // of a broken file, what stands before the mistake
	if syntax == nil {
		return "", finding.Position{}
	}
	for _, decl := range syntax.Decls {
		field, ok := decl.(*ast.Field)
		if !ok {
			continue
		}
		value, ok := field.Value.(*ast.BasicLit)
		if label, _, err := ast.LabelName(field.Label); err != nil || label != name || !ok {
			continue
		}
		if found, err := literal.Unquote(value.Value); err == nil {
			return found, s.position(value.Pos())
		}
	}
	return "", finding.Position{}
}
