package cuefile

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"cuelang.org/go/cue/errors"
	"cuelang.org/go/cue/token"
)

// evaluation turns CUE's errors into problems, each at the user's value.
func (t *tracer) evaluation(err error) Problems {
	var problems Problems
	empty := map[string]bool{} // paths where no alternative fits
	for _, e := range errors.Errors(err) {
		format, _ := e.Msg()
		path := e.Path()
		if len(path) == 0 && len(problems) < maxTold {
			path = t.path(t.root, e.Position())
		}
		field := FieldPath(path...)
		if empty[field] || format == "field is required but not present" {
			continue // told with the first, or by the builder
		}
		empty[field] = strings.Contains(format, "empty disjunction")
		message := t.evaluated(e)
		if format == "field not allowed" && len(path) > 0 {
			if in := t.root.at(path[:len(path)-1]); in != nil {
				message += DidYouMean(path[len(path)-1], slices.Concat(in.names, slices.Sorted(maps.Keys(in.optional))))
			}
		}
		at := t.where(e)
		if e.Position() == token.NoPos && len(e.InputPositions()) == 0 {
			at = t.place(t.root.at(path))
		}
		problems = append(problems, Problem{at, field, ShortenTo(message, 220)})
	}
	return problems
}

// path is the way down to the value that is written at a position, or nil.
func (t *tracer) path(in *traced, pos token.Pos) []string {
	for _, name := range in.names {
		below := in.fields[name]
		for _, p := range below.parts {
			if p.expr.Pos() == pos {
				return []string{name}
			}
		}
		if path := t.path(below, pos); path != nil {
			return append([]string{name}, path...)
		}
	}
	return nil
}

// where is the last place in the user's file that an error names: CUE names rules before values.
func (s source) where(e errors.Error) Position {
	last := s.position(e.Position())
	for _, pos := range e.InputPositions() {
		if at := s.position(pos); at.Line > last.Line || at.Line == last.Line && at.Column > last.Column {
			last = at
		}
	}
	return last
}

// before is the first place that an error names, to be said beside where it is; nothing where that is the same.
func (s source) before(e errors.Error) string {
	here := s.where(e)
	first := here
	for _, pos := range e.InputPositions() {
		if at := s.position(pos); at.Line < first.Line || at.Line == first.Line && at.Column < first.Column {
			first = at
		}
	}
	if first == here {
		return ""
	}
	return fmt.Sprintf(" (line %d, column %d)", first.Line, first.Column)
}

// evaluated says what CUE found in a user's words.
func (s source) evaluated(e errors.Error) string {
	format, args := e.Msg()
	arg := func(i int) string {
		if i < len(args) {
			return Shorten(strings.Join(strings.Fields(fmt.Sprint(args[i])), " "))
		}
		return ""
	}
	switch format {
	case "conflicting values %s and %s", "conflicting values %s and %s (mismatched types %s and %s)":
		return fmt.Sprintf("found both %s and %s%s, allowed is one value: a field that is written twice must say the same", arg(0), arg(1), s.before(e))
	case "invalid value %v (out of bound %s)":
		return fmt.Sprintf("found %s, allowed is %s%s", arg(0), arg(1), s.before(e))
	case "field not allowed":
		return "no such field in the definition that this is made from" + s.before(e)
	case "undefined field: %s":
		return fmt.Sprintf("found a reference to the field %s, which is not there", arg(0))
	case "incompatible list lengths (%d and %d)":
		return fmt.Sprintf("found lists of %s and %s elements for one field: a field that is written twice must say the same", arg(0), arg(1))
	case "structural cycle", "cyclic reference to field %s", "cycle with field: %v", "cycle with field %v":
		return "found a value that contains or names itself; a text has quotes"
	case "explicit error (_|_ literal) in source":
		return "found _|_, which no value can be"
	case "invalid interpolation", "invalid interpolation: %v":
		return `found something in \(...) that is no text, number, true or false`
	}
	if strings.Contains(format, "requires concrete value") {
		return "found a value that is computed from one that is not known here: write the value out"
	}
	if strings.HasPrefix(format, "incompatible") && strings.Contains(format, "bounds") {
		return fmt.Sprintf("found limits that no value keeps: %s and %s", arg(0), arg(1))
	}
	if strings.Contains(format, "empty disjunction") {
		return "found a value that fits none of the alternatives written for it"
	}
	return strings.Join(strings.Fields(strings.TrimSpace(fmt.Sprintf(format, args...))), " ")
}
