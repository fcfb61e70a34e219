package cueparse

import (
	"fmt"
	"slices"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/token"

	"spokewright.dev/spokewright/internal/finding"
)

// Unsupported is a piece of a constraint that cannot be said in all four words, and so is refused.
type Unsupported struct {
	Pos    token.Pos
	Path   []string // the field, from the parsed value down; "[]" stands for the elements of a list
	Text   string   // the piece as it is written
	Advice string   // what is wrong with it, and what to write instead
}

func (u *Unsupported) Error() string {
	var b strings.Builder
	if u.Pos.IsValid() {
		b.WriteString(u.Pos.String() + ": ")
	}
	if len(u.Path) > 0 {
		b.WriteString(string(finding.Tokens(u.Path...)) + ": ")
	}
	return b.String() + u.Text + ": " + u.Advice
}

// Errors are all the pieces of one constraint that are refused, in the order they were met.
type Errors []*Unsupported

func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, u := range e {
		lines[i] = u.Error()
	}
	return strings.Join(lines, "\n")
}

func (e Errors) Unwrap() []error {
	list := make([]error, len(e))
	for i, u := range e {
		list[i] = u
	}
	return list
}

// refuse records that v cannot be said.
func (p *parser) refuse(v cue.Value, at place, advice string) {
	pos := v.Pos()
	if !pos.IsValid() {
		pos = at.pos
	}
	p.add(&Unsupported{Pos: pos, Path: at.path, Text: p.text(v), Advice: advice})
}

// add records an error; the same piece is told once.
func (p *parser) add(u *Unsupported) {
	same := func(known *Unsupported) bool { return known.Pos == u.Pos && known.Text == u.Text }
	if !slices.ContainsFunc(p.errs, same) {
		p.errs = append(p.errs, u)
	}
}

// text is v as it is written, on one line and not too long.
func (p *parser) text(v cue.Value) string {
	written := fmt.Sprint(v)
	if source := expression(v.Source()); source != nil {
		if text, err := p.marks.text(source); err == nil {
			written = text
		}
	}
	return finding.Shorten(strings.Join(strings.Fields(written), " "), 80)
}

// expression is the expression a node stands for: a field's value, without parentheses and aliases.
func expression(node ast.Node) ast.Node {
	for {
		switch x := node.(type) {
		case *ast.Field:
			node = x.Value
		case *ast.EmbedDecl:
			node = x.Expr
		case *ast.Alias:
			node = x.Expr
		case *ast.ParenExpr:
			node = x.X
		default:
			return node
		}
	}
}
