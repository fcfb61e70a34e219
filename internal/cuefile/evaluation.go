package cuefile

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"cuelang.org/go/cue/errors"
	"cuelang.org/go/cue/token"

	"spokewright.dev/spokewright/internal/finding"
)

// evaluation turns CUE's errors into findings, each at the user's value.
func (t *tracer) evaluation(err error) finding.Findings {
	var problems finding.Findings
	empty := map[finding.Path]bool{} // paths where no alternative fits
	for _, e := range errors.Errors(err) {
		format, _ := e.Msg()
		path := e.Path()
		if len(path) == 0 && len(problems) < MaxTold {
			path = t.path(t.root, e.Position())
		}
		field := finding.Tokens(path...)
		if empty[field] || format == "field is required but not present" {
			continue // told with the first, or by the builder
		}
		empty[field] = strings.Contains(format, "empty disjunction")
		code, message := t.evaluated(e)
		problem := finding.Finding{Code: code, Position: t.where(e), Path: field, Message: finding.Shorten(message, 220)}
		problem.Related = t.before(e)
		if format == "field not allowed" && len(path) > 0 {
			if in := t.root.at(path[:len(path)-1]); in != nil {
				problem.Suggestion = finding.Suggest(path[len(path)-1], slices.Concat(in.names, slices.Sorted(maps.Keys(in.optional))))
			}
		}
		if e.Position() == token.NoPos && len(e.InputPositions()) == 0 {
			problem.Position = t.place(t.root.at(path))
		}
		problems = append(problems, problem)
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
func (s source) where(e errors.Error) finding.Position {
	last := s.position(e.Position())
	for _, pos := range e.InputPositions() {
		if at := s.position(pos); at.Line > last.Line || at.Line == last.Line && at.Column > last.Column {
			last = at
		}
	}
	return last
}

// before is the first place that an error names, where that is another than where it is.
func (s source) before(e errors.Error) []finding.Related {
	here := s.where(e)
	first := here
	for _, pos := range e.InputPositions() {
		if at := s.position(pos); at.Line < first.Line || at.Line == first.Line && at.Column < first.Column {
			first = at
		}
	}
	if first == here {
		return nil
	}
	return []finding.Related{{Position: first, Message: "the other of the two"}}
}

// evaluated says what CUE found in a user's words. It compares with CUE's own format strings, for CUE has no codes: an
// upgrade that changes one shows in the scripts that pin these sentences.
func (s source) evaluated(e errors.Error) (finding.Code, string) {
	format, args := e.Msg()
	before := ""
	if related := s.before(e); len(related) > 0 {
		before = fmt.Sprintf(" (line %d, column %d)", related[0].Line, related[0].Column)
	}
	arg := func(i int) string {
		if i < len(args) {
			return shorten(strings.Join(strings.Fields(fmt.Sprint(args[i])), " "))
		}
		return ""
	}
	switch format {
	case "conflicting values %s and %s", "conflicting values %s and %s (mismatched types %s and %s)":
		return finding.Conflict, fmt.Sprintf("found both %s and %s%s, allowed is one value: a field that is written twice must say the same", arg(0), arg(1), before)
	case "invalid value %v (out of bound %s)":
		return finding.WrongValue, fmt.Sprintf("found %s, allowed is %s%s", arg(0), arg(1), before)
	case "field not allowed":
		return finding.UnknownField, "no such field in the definition that this is made from" + before
	case "undefined field: %s":
		return finding.Reference, fmt.Sprintf("found a reference to the field %s, which is not there", arg(0))
	case "incompatible list lengths (%d and %d)":
		return finding.Conflict, fmt.Sprintf("found lists of %s and %s elements for one field: a field that is written twice must say the same", arg(0), arg(1))
	case "structural cycle", "cyclic reference to field %s", "cycle with field: %v", "cycle with field %v":
		return finding.Reference, "found a value that contains or names itself; a text has quotes"
	case "explicit error (_|_ literal) in source":
		return finding.WrongValue, "found _|_, which no value can be"
	case "invalid interpolation", "invalid interpolation: %v":
		return finding.NotData, `found something in \(...) that is no text, number, true or false`
	}
	if strings.Contains(format, "requires concrete value") {
		return finding.NotData, "found a value that is computed from one that is not known here: write the value out"
	}
	if strings.HasPrefix(format, "incompatible") && strings.Contains(format, "bounds") {
		return finding.Conflict, fmt.Sprintf("found limits that no value keeps: %s and %s", arg(0), arg(1))
	}
	if strings.Contains(format, "empty disjunction") {
		return finding.WrongValue, "found a value that fits none of the alternatives written for it"
	}
	return finding.WrongValue, strings.Join(strings.Fields(strings.TrimSpace(fmt.Sprintf(format, args...))), " ")
}
