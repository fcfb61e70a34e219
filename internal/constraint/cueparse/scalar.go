package cueparse

import (
	"fmt"
	"math"
	"math/big"
	"regexp"
	"strconv"

	"cuelang.org/go/cue"
	"spokewright.dev/spokewright/internal/constraint"
)

// plain reads a constant or a bare type.
func (p *parser) plain(v cue.Value, at place) *constraint.Constraint {
	kinds := kindsOf(v.IncompleteKind())
	switch {
	case v.IsConcrete():
		value, advice := literal(v)
		if f, ok := value.(float64); ok && f == math.Trunc(f) {
			advice = "JSON does not keep the fraction of a whole number; write it without, or as number & >=x & <=x"
		}
		if advice == "" && kinds != 0 {
			return &constraint.Constraint{Kinds: kinds, Enum: []any{value}}
		}
		p.refuse(v, at, advice)
	case kinds == constraint.Float:
		p.refuse(v, at, "JSON does not keep the fraction of a whole number; write number")
	case kinds == 0:
		p.refuse(v, at, "JSON has no such kind of value; write string, number, int, bool or null")
	default:
		return &constraint.Constraint{Kinds: kinds}
	}
	return &constraint.Constraint{Kinds: constraint.Any}
}

// kindsOf are the JSON kinds in a set of CUE's kinds.
func kindsOf(kind cue.Kind) constraint.Kinds {
	var kinds constraint.Kinds
	for _, pair := range []struct {
		cue  cue.Kind
		json constraint.Kinds
	}{
		{cue.NullKind, constraint.Null}, {cue.BoolKind, constraint.Bool}, {cue.IntKind, constraint.Int}, {cue.FloatKind, constraint.Float},
		{cue.StringKind, constraint.String}, {cue.ListKind, constraint.List}, {cue.StructKind, constraint.Map},
	} {
		if kind&pair.cue != 0 {
			kinds |= pair.json
		}
	}
	return kinds
}

// literal is the JSON value of a CUE constant, or advice when there is none that means exactly the same.
func literal(v cue.Value) (value any, advice string) {
	switch v.Kind() {
	case cue.NullKind:
		return nil, ""
	case cue.BoolKind:
		b, _ := v.Bool()
		return b, ""
	case cue.StringKind:
		s, _ := v.String()
		return s, ""
	case cue.IntKind:
		n, err := v.Int(nil)
		if err != nil || !n.IsInt64() {
			return nil, "Kubernetes has no whole numbers of more than 64 bits; write a smaller one"
		}
		return n.Int64(), ""
	case cue.FloatKind:
		return fraction(v)
	}
	return nil, "JSON has no such value; write a string, a number, a bool or null"
}

// fraction is the float64 that reads and prints as v does.
func fraction(v cue.Value) (any, string) {
	const advice = "a 64-bit number does not hold it exactly; write fewer digits"
	b, err := v.MarshalJSON()
	if err != nil {
		return nil, advice
	}
	f, err := strconv.ParseFloat(string(b), 64)
	if err != nil {
		return nil, advice
	}
	written, ok1 := new(big.Rat).SetString(string(b))
	held, ok2 := new(big.Rat).SetString(strconv.FormatFloat(f, 'g', -1, 64))
	if !ok1 || !ok2 || written.Cmp(held) != 0 {
		return nil, advice
	}
	return f, ""
}

// bound reads an operator with one operand: a bound, a regular expression, or what is ruled out. whole is the kind
// of the conjunction it stands in.
func (p *parser) bound(v cue.Value, op cue.Op, operand cue.Value, whole cue.Kind, at place) *constraint.Constraint {
	c := &constraint.Constraint{Kinds: kindsOf(v.IncompleteKind())}
	switch op {
	case cue.RegexMatchOp, cue.NotRegexMatchOp:
		expr, err := operand.String()
		if err != nil {
			p.refuse(v, at, "the regular expression is not given here; write it out")
			return c
		}
		re, err := regexp.Compile(expr)
		if err != nil {
			p.refuse(v, at, fmt.Sprintf("%v; write the regular expression in RE2's syntax", err))
			return c
		}
		if op == cue.RegexMatchOp {
			c.Match = append(c.Match, re)
		} else {
			c.NoMatch = append(c.NoMatch, re)
		}
		return c
	case cue.NotEqualOp:
		if operand.IsNull() {
			return c // its kinds say so already
		}
		value, advice := literal(operand)
		if advice == "" && c.Kinds&constraint.Number != 0 {
			value, advice = comparable(value, kindsOf(whole))
		}
		if advice != "" {
			p.refuse(v, at, advice)
		}
		c.Not = append(c.Not, value)
		return c
	case cue.GreaterThanOp, cue.GreaterThanEqualOp, cue.LessThanOp, cue.LessThanEqualOp:
		p.limit(c, v, op, operand, kindsOf(whole), at)
		return c
	}
	p.refuse(v, at, "write the constraint with &, |, bounds or regular expressions")
	return c
}

// limit reads a bound on numbers, which may be of the kinds given.
func (p *parser) limit(c *constraint.Constraint, v cue.Value, op cue.Op, operand cue.Value, kinds constraint.Kinds, at place) {
	if c.Kinds&^constraint.Number != 0 {
		p.refuse(v, at, "only numbers have an order here; write a regular expression with =~")
		return
	}
	upper := op == cue.LessThanOp || op == cue.LessThanEqualOp
	if kinds&constraint.Float == 0 && beyond(operand, upper) {
		return // every 64-bit integer keeps it
	}
	value, advice := literal(operand)
	if advice == "" {
		value, advice = comparable(value, kinds)
	}
	if advice != "" {
		p.refuse(v, at, advice)
		return
	}
	bound := &constraint.Bound{Value: value, Exclusive: op == cue.LessThanOp || op == cue.GreaterThanOp}
	if upper {
		c.Max = bound
	} else {
		c.Min = bound
	}
}

// beyond reports whether a whole number lies above (or, for a lower bound, below) all 64-bit integers.
func beyond(v cue.Value, above bool) bool {
	n, err := v.Int(nil)
	return err == nil && !n.IsInt64() && (n.Sign() > 0) == above
}

// comparable is the number as it is compared with numbers of the kinds given. A whole number must be exact in
// either form of JSON number, because CEL compares an int and a double as doubles.
func comparable(value any, kinds constraint.Kinds) (any, string) {
	const advice = "a double does not hold it exactly; write a rounder number, or int & before it"
	switch x := value.(type) {
	case int64:
		if kinds&constraint.Float != 0 && !exact(float64(x), x) {
			return nil, advice
		}
	case float64:
		if x != math.Trunc(x) {
			return x, ""
		}
		if math.Abs(x) >= 1<<63 {
			return nil, advice
		}
		return int64(x), ""
	}
	return value, ""
}

func exact(f float64, n int64) bool {
	return f < 1<<63 && int64(f) == n
}

// call reads a validator on a string.
func (p *parser) call(v cue.Value, args []cue.Value, at place) *constraint.Constraint {
	c := &constraint.Constraint{Kinds: kindsOf(v.IncompleteKind())}
	name, operand := callee(args)
	switch name {
	case "strings.MinRunes", "strings.MaxRunes":
		n, err := operand.Int64()
		if err != nil {
			break
		}
		size := int(max(n, -1))
		if name == "strings.MinRunes" {
			c.MinRunes = max(size, 0)
		} else {
			c.MaxRunes = &size
		}
		return c
	case "list.MinItems", "list.MaxItems":
		return c // the survey has counted them
	}
	p.refuse(v, at, Instead(name))
	return c
}

// Instead is what to write instead of a function.
func Instead(name string) string {
	switch name {
	case "strings.HasPrefix", "strings.HasSuffix", "strings.Contains":
		return `write a regular expression: =~"^prefix", =~"suffix$" or =~"part"`
	case "list.UniqueItems()":
		return "write a struct with the elements as names instead of a list"
	case "matchN()", "matchIf()", "list.MatchN()":
		return "write alternatives with |"
	}
	return "it cannot be said in CEL and OpenAPI; write it with &, |, bounds, =~, strings.MinRunes, " +
		"strings.MaxRunes, list.MinItems or list.MaxItems"
}
