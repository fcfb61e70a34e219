// Package cel writes constraints as expressions of CEL, as Kyverno reads them. It evaluates none.
package cel

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"spokewright.dev/spokewright/internal/constraint"
)

// Expression is an expression of standard CEL that is true exactly when the value of the expression root satisfies c, and
// false for any other JSON value: it never ends in an evaluation error. root must be of type dyn.
func Expression(c *constraint.Constraint, root string) string {
	w := celWriter{root: root}
	return w.write(c, root, constraint.Any, 1).text
}

// celWriter writes about a value; around are the expressions of the values around it, from the outside in.
type celWriter struct {
	root   string
	around []string
}

// inside writes about what lies in x.
func (w celWriter) inside(x string) celWriter {
	w.around = append(slices.Clip(w.around), x)
	return w
}

// write says that x satisfies c, where the kind of x is known to be one of kinds. level counts the macros around it.
func (w celWriter) write(c *constraint.Constraint, x string, kinds constraint.Kinds, level int) term {
	if c.Free() {
		return always
	}
	if len(c.AnyOf) > 0 {
		var arms []term
		for _, arm := range c.AnyOf {
			arms = append(arms, w.write(arm, x, kinds, level))
		}
		return connect("||", arms)
	}
	if c.Enum != nil {
		return connect("&&", append([]term{oneOf(x, c.Enum)}, w.relations(c, x)...))
	}
	var terms []term
	if c.Kinds&kinds != kinds {
		terms = append(terms, typed(x, c.Kinds))
	}
	for _, value := range c.Not {
		terms = append(terms, term{text: x + " != " + celLiteral(value)})
	}
	terms = append(terms, limits(c, x)...)
	terms = append(terms, w.relations(c, x)...)
	switch c.Kinds {
	case constraint.Map:
		terms = append(terms, w.inside(x).mapping(c, x, level)...)
	case constraint.List:
		terms = append(terms, w.inside(x).list(c, x, level)...)
	}
	return connect("&&", terms)
}

// typed says that x is of one of the kinds.
func typed(x string, kinds constraint.Kinds) term {
	if kinds == constraint.Any {
		return always
	}
	if kinds == constraint.Any&^constraint.Null {
		return term{text: x + " != null"}
	}
	if kinds&constraint.Number == constraint.Int {
		return connect("||", whole(x, kinds))
	}
	var terms []term
	for _, pair := range []struct {
		kind constraint.Kinds
		name string
	}{{constraint.Null, "null_type"}, {constraint.Bool, "bool"}, {constraint.Int, "int"}, {constraint.Float, "double"}, {constraint.String, "string"}, {constraint.List, "list"}, {constraint.Map, "map"}} {
		if kinds&pair.kind != 0 {
			terms = append(terms, term{text: "type(" + x + ") == " + pair.name})
		}
	}
	if terms == nil {
		return term{text: "false"}
	}
	return connect("||", terms)
}

// whole says that x is of one of the kinds, of which numbers are whole, in whichever way they are held: Kubernetes hands
// on 7 as an int, Kyverno's command line as a double.
func whole(x string, kinds constraint.Kinds) []term {
	var terms []term
	if others := kinds &^ constraint.Int; others != 0 {
		terms = append(terms, typed(x, others))
	}
	const format = "type(%[1]s) == double && %[1]s > -9.2e18 && %[1]s < 9.2e18 && int(%[2]s) == %[1]s"
	return append(terms, term{text: "type(" + x + ") == int"}, term{text: fmt.Sprintf(format, x, dynamic(x)), op: "&&"})
}

// oneOf says that x is one of the values. CEL takes 7 and 7.0 for equal, as JSON does.
func oneOf(x string, values []any) term {
	var others, whole, fractions []string
	var terms []term
	null := false
	for _, value := range values {
		switch value.(type) {
		case nil:
			null = true
		case int64:
			whole = append(whole, celLiteral(value))
		case float64:
			fractions = append(fractions, celLiteral(value))
		case string:
			others = append(others, celLiteral(value))
		case bool:
			terms = append(terms, term{text: x + " == " + celLiteral(value)})
		}
	}
	terms = append(among(x, others), terms...)
	terms = append(append(terms, among(x, whole)...), among(x, fractions)...)
	if null {
		terms = append(terms, term{text: x + " == null"})
	}
	return connect("||", terms)
}

// among says that x equals one of some literals of one type.
func among(x string, literals []string) []term {
	switch len(literals) {
	case 0:
		return nil
	case 1:
		return []term{{text: x + " == " + literals[0]}}
	}
	return []term{{text: x + " in [" + strings.Join(literals, ", ") + "]"}}
}

// limits says what c says of a number, a string or the length of a list.
func limits(c *constraint.Constraint, x string) []term {
	var terms []term
	add := func(format string, args ...any) {
		terms = append(terms, term{text: fmt.Sprintf(format, args...)})
	}
	if c.Min != nil {
		add("%s %s %s", x, order(c.Min, ">"), celLiteral(c.Min.Value))
	}
	if c.Max != nil {
		add("%s %s %s", x, order(c.Max, "<"), celLiteral(c.Max.Value))
	}
	least, most := c.MinRunes, c.MaxRunes
	if c.Kinds == constraint.List {
		least, most = c.MinItems, c.MaxItems
	}
	switch {
	case most != nil && *most == least:
		add("size(%s) == %d", x, least)
	default:
		if least > 0 {
			add("size(%s) >= %d", x, least)
		}
		if most != nil {
			add("size(%s) <= %d", x, *most)
		}
	}
	terms = append(terms, quantities(c, x)...)
	for _, re := range c.Match {
		add("%s.matches(%s)", x, celLiteral(re.String()))
	}
	for _, re := range c.NoMatch {
		add("!%s.matches(%s)", x, celLiteral(re.String()))
	}
	return terms
}

func order(bound *constraint.Bound, sign string) string {
	if bound.Exclusive {
		return sign
	}
	return sign + "="
}

func (w celWriter) mapping(c *constraint.Constraint, x string, level int) []term {
	var terms []term
	for _, field := range c.Fields {
		has := w.has(x, field.Name)
		switch field.Presence {
		case constraint.Forbidden:
			terms = append(terms, not(has))
		case constraint.Required:
			terms = append(terms, has, w.write(field.Value, member(x, field.Name), constraint.Any, level))
		case constraint.Optional:
			value := w.write(field.Value, member(x, field.Name), constraint.Any, level)
			terms = append(terms, connect("||", []term{not(has), value}))
		}
	}
	name := w.variable("k", level)
	known := among(name, literalsOf(c.Names()))
	for _, pattern := range c.Patterns {
		matches := w.write(pattern.Name, name, constraint.String, level+1)
		known = append(known, matches)
		value := w.write(pattern.Value, x+"["+name+"]", constraint.Any, level+1)
		unless := append(among(name, literalsOf(c.Matched(pattern))), not(matches), value)
		terms = append(terms, all(x, name, connect("||", unless)))
	}
	switch {
	case c.Closed && len(known) == 0:
		terms = append(terms, term{text: "size(" + x + ") == 0"})
	case c.Closed:
		terms = append(terms, all(x, name, connect("||", known)))
	}
	for _, conditional := range c.If {
		terms = append(terms, w.conditional(conditional, x, level)...)
	}
	return terms
}

func (w celWriter) list(c *constraint.Constraint, x string, level int) []term {
	var terms []term
	for i, item := range c.Items {
		terms = append(terms, w.write(item, fmt.Sprintf("%s[%d]", x, i), constraint.Any, level))
	}
	if c.Elements.Free() {
		return terms
	}
	name := w.variable("e", level)
	each := w.write(c.Elements, name, constraint.Any, level+1)
	if len(c.Items) == 0 {
		return append(terms, all(x, name, each))
	}
	// Standard CEL has no slices. But the elements after the first few all pass when the whole list holds as many
	// that fail as its beginning does.
	var first []string
	for i := range c.Items {
		first = append(first, fmt.Sprintf("dyn(%s[%d])", x, i))
	}
	fail := ".filter(" + name + ", " + not(each).text + ")"
	return append(terms, term{text: "size(" + x + fail + ") == size([" + strings.Join(first, ", ") + "]" + fail + ")"})
}

// has says that a map has a field. Of the root it says so by the field itself: Kyverno judges what makes pods by
// putting the path to the pods for object.spec and object.metadata wherever they are written.
func (w celWriter) has(x, name string) term {
	if x == w.root && isIdentifier(name) {
		return term{text: "has(" + member(x, name) + ")"}
	}
	return term{text: celLiteral(name) + " in " + x}
}

// variable names the variable of a macro, unlike any around it and any that root may hold.
func (w celWriter) variable(letter string, level int) string {
	name := letter + strconv.Itoa(level)
	for strings.Contains(w.root, name) {
		name = letter + name
	}
	return name
}
