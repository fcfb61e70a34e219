package cueedit

import (
	"bytes"
	"slices"
	"strings"

	"cuelang.org/go/cue/ast"
)

// Set writes a value, which is CUE, at a path: in the place of the one that stands there, or else as a new field behind
// those that go before it.
func (f *File) Set(path []string, value string, order Order) error {
	if old := f.fields(path); len(old) > 0 {
		for i := range slices.Backward(old) {
			field := f.fields(path)[i]
			if err := f.splice(field.Value.Pos().Offset(), field.Value.End().Offset(), value); err != nil {
				return err
			}
		}
		return nil
	}
	for depth := len(path) - 1; depth >= 0; depth-- {
		if s, found := f.body(path[:depth]); found {
			return f.insert(s, path[depth:], value, order(path[:depth]))
		}
	}
	return nil // the file itself is always there
}

// body is where fields of a struct are written: from its opening brace to its closing one. Without braces it
// holds one field.
type body struct {
	decls      []ast.Decl
	open, shut int // where the first field may begin, and where the last must have ended
	bare       bool
}

// body is the last struct with braces at a path, or else one without, where all stands on a line.
func (f *File) body(path []string) (found body, is bool) {
	if len(path) == 0 {
		for _, decl := range f.syntax.Decls {
			if embedded, is := decl.(*ast.EmbedDecl); is { // the whole file in braces
				for _, s := range structs(embedded.Expr) {
					return body{s.Elts, s.Lbrace.Offset() + 1, s.Rbrace.Offset(), false}, true
				}
			}
		}
		return body{f.syntax.Decls, 0, len(f.text), false}, true
	}
	for _, field := range f.fields(path) {
		for _, s := range structs(field.Value) {
			switch {
			case s.Lbrace.IsValid():
				found, is = body{s.Elts, s.Lbrace.Offset() + 1, s.Rbrace.Offset(), false}, true
			case !is && !f.spans(s.Pos().Offset(), s.End().Offset()):
				found, is = body{s.Elts, s.Pos().Offset(), s.End().Offset(), true}, true
			}
		}
	}
	return found, is
}

// spans says whether a range has more than a line.
func (f *File) spans(from, to int) bool { return bytes.IndexByte(f.text[from:to], '\n') >= 0 }

// insert writes a new field into a struct, behind those that the order puts before it.
func (f *File) insert(b body, path []string, value string, order []string) error {
	text := chain(path, value)
	before, after := neighbours(b.decls, path[0], order)
	if b.bare {
		one := string(f.text[b.open:b.shut])
		if before == nil {
			return f.splice(b.open, b.shut, "{"+text+", "+one+"}")
		}
		return f.splice(b.open, b.shut, "{"+one+", "+text+"}")
	}
	switch {
	case before == nil && after == nil:
		return f.splice(b.open, b.open, text+f.newlineOf(b))
	case before == nil:
		at := begin(after)
		if strings.TrimSpace(f.lineUntil(at)) != "" {
			return f.splice(at, at, text+", ")
		}
		return f.splice(at, at, text+"\n"+f.indent(at))
	}
	at := before.End().Offset()
	end := at + bytes.IndexByte(append(f.text[at:len(f.text):len(f.text)], '\n'), '\n')
	rest := strings.TrimLeft(string(f.text[at:min(end, b.shut)]), " \t")
	if end >= b.shut && b.shut < len(f.text) || strings.HasPrefix(rest, ",") && !isComment(rest[1:]) {
		return f.splice(at, at, ", "+text)
	}
	return f.splice(end, end, "\n"+f.indent(begin(before))+text)
}

func isComment(rest string) bool {
	rest = strings.TrimSpace(rest)
	return rest == "" || strings.HasPrefix(rest, "//")
}

// newlineOf ends the first field of a file.
func (f *File) newlineOf(b body) string {
	if b.open == 0 && b.shut == len(f.text) {
		return "\n"
	}
	return ""
}

// neighbours are the last declaration that goes before a field, and the first behind it where none goes before.
func neighbours(decls []ast.Decl, name string, order []string) (before, after ast.Decl) {
	own := slices.Index(order, name)
	for _, decl := range decls {
		field, other := named(decl)
		if field == nil {
			continue
		}
		if at := slices.Index(order, other); own < 0 || at <= own {
			before = decl
		} else if after == nil {
			after = decl
		}
	}
	return before, after
}

// begin is where a declaration begins, with the comments above it.
func begin(decl ast.Node) int {
	at := decl.Pos().Offset()
	for _, group := range ast.Comments(decl) {
		if group.Doc && group.Pos().Offset() < at {
			at = group.Pos().Offset()
		}
	}
	return at
}

// lineUntil is what stands on a line before a place.
func (f *File) lineUntil(at int) string {
	return string(f.text[bytes.LastIndexByte(f.text[:at], '\n')+1 : at])
}

// indent is the blank that the line of a place begins with.
func (f *File) indent(at int) string {
	line := f.text[bytes.LastIndexByte(f.text[:at], '\n')+1:]
	return string(line[:len(line)-len(bytes.TrimLeft(line, " \t"))])
}

// Append adds an element, which is CUE, to the list at a path, or begins one.
func (f *File) Append(path []string, element string, order Order) error {
	for _, field := range f.fields(path) {
		list, is := field.Value.(*ast.ListLit)
		if !is {
			continue
		}
		if len(list.Elts) == 0 {
			return f.splice(list.Lbrack.Offset(), list.Rbrack.Offset()+1, "["+element+"]")
		}
		at := list.Elts[len(list.Elts)-1].End().Offset()
		return f.splice(at, at, ", "+element)
	}
	return f.Set(path, "["+element+"]", order)
}
