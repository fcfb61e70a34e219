package cueedit

import (
	"bytes"
	"strings"

	"cuelang.org/go/cue/ast"
)

// Remove takes a field out wherever it is written, with the comments that are about it, and says whether there was one. A
// field that held nothing else, written without braces, goes with it.
func (f *File) Remove(path ...string) (bool, error) {
	removed := false
	for {
		decl := outermost(f.syntax.Decls, path)
		if decl == nil {
			return removed, nil
		}
		from, to := f.extent(decl)
		if err := f.splice(from, to, ""); err != nil {
			return removed, err
		}
		removed = true
	}
}

// outermost is the first declaration of a path, or the one above it that says nothing else.
func outermost(decls []ast.Decl, path []string) ast.Decl {
	for _, decl := range open(decls) {
		field, name := named(decl)
		if field == nil || name != path[0] {
			continue
		}
		if len(path) == 1 {
			return decl
		}
		for _, s := range structs(field.Value) {
			inner := outermost(s.Elts, path[1:])
			if inner != nil && !s.Lbrace.IsValid() && inner == s.Elts[0] {
				return decl
			}
			if inner != nil {
				return inner
			}
		}
	}
	return nil
}

// extent is what goes with a declaration: its lines, or on a line with others the comma beside it.
func (f *File) extent(decl ast.Decl) (from, to int) {
	from, to = begin(decl), decl.End().Offset()
	line := to + bytes.IndexByte(append(f.text[to:len(f.text):len(f.text)], '\n'), '\n')
	rest := strings.TrimSpace(string(f.text[to:line]))
	first := strings.TrimSpace(f.lineUntil(from)) == ""
	if first && (isComment(rest) || strings.HasPrefix(rest, ",") && isComment(rest[1:])) {
		return from - len(f.lineUntil(from)), min(line+1, len(f.text))
	}
	if after := bytes.TrimLeft(f.text[to:], " \t"); bytes.HasPrefix(after, []byte(",")) {
		to = len(f.text) - len(after) + 1
		for to < len(f.text) && (f.text[to] == ' ' || f.text[to] == '\t') {
			to++
		}
		return from, to
	}
	before := bytes.TrimRight(f.text[:from], " \t")
	if bytes.HasSuffix(before, []byte(",")) {
		from = len(before) - 1
	}
	return from, to
}
