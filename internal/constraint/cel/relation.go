package cel

import (
	"strconv"

	"spokewright.dev/spokewright/internal/constraint"
)

// relations says how a scalar compares with others, which may not be there.
func (w celWriter) relations(c *constraint.Constraint, x string) []term {
	var terms []term
	for _, r := range c.Relations {
		other, there := w.reach(r.Levels, r.Path)
		terms = append(terms, there...)
		switch {
		case !r.Orders(): // the rule says of both what kind they are
			terms = append(terms, term{text: x + " " + r.Op + " " + other})
		case r.Quantities:
			one, two := measured(x, c.Kinds), measured(other, constraint.Number|constraint.String)
			terms = append(terms, one.form, typed(other, constraint.Number|constraint.String), two.form, term{text: one.amount + ".compareTo(" + two.amount + ") " + r.Op + " 0"})
		default:
			terms = append(terms, typed(other, constraint.Number), term{text: x + " " + r.Op + " " + other})
		}
	}
	return terms
}

// reach is the expression of a value down a path from what is up steps above, and what says that it is there.
func (w celWriter) reach(up int, path []string) (x string, there []term) {
	if up > len(w.around) { // c is a part of a constraint, written to be compared with another part
		x = "outside" + strconv.Itoa(up-len(w.around))
	} else {
		x = w.around[len(w.around)-up]
	}
	for i, name := range path {
		if i > 0 {
			there = append(there, typed(x, constraint.Map))
		}
		there = append(there, w.has(x, name))
		x = member(x, name)
	}
	return x, there
}

// conditional says what a map must be where the conditions hold, and that they can be decided.
func (w celWriter) conditional(c constraint.Conditional, x string, level int) []term {
	outside := celWriter{w.root, w.around[:len(w.around)-1]}
	rest := outside.write(c.Then, x, constraint.Map, level)
	for i := len(c.When) - 1; i >= 0; i-- {
		var terms []term
		for _, test := range c.When[i].Tests() {
			y, there := w.reach(test.Levels+1, test.Path)
			terms = append(append(terms, there...), typed(y, test.Kinds))
		}
		terms = append(terms, connect("||", []term{not(w.condition(c.When[i], level)), rest}))
		rest = connect("&&", terms)
	}
	return []term{rest}
}

// condition says that a condition which can be decided is true.
func (w celWriter) condition(c constraint.Condition, level int) term {
	switch c.Op {
	case "!":
		return not(w.condition(c.Of[0], level))
	case "&&", "||":
		var terms []term
		for _, of := range c.Of {
			terms = append(terms, w.condition(of, level))
		}
		return connect(c.Op, terms)
	}
	x, there := w.reach(c.Levels+1, c.Path)
	if c.Test == nil {
		return connect("&&", there)
	}
	return w.write(c.Test, x, c.Kinds, level)
}

// quantities says that x is a quantity within bounds.
func quantities(c *constraint.Constraint, x string) []term {
	if c.MinQuantity == nil && c.MaxQuantity == nil {
		return nil
	}
	measure := measured(x, c.Kinds)
	terms := []term{measure.form}
	for _, side := range []struct {
		bound *constraint.Bound
		sign  string
	}{{c.MinQuantity, ">"}, {c.MaxQuantity, "<"}} {
		if side.bound != nil {
			terms = append(terms, term{text: measure.amount + ".compareTo(quantity(" + celLiteral(side.bound.Value) + ")) " + order(side.bound, side.sign) + " 0"})
		}
	}
	return terms
}

// measure is a quantity in the words of Kubernetes' own library for CEL.
type measure struct {
	form   term // that the text is one: the library takes some odd texts for quantities
	amount string
}

// measured takes x, which is of one of the kinds, for a quantity.
func measured(x string, kinds constraint.Kinds) measure {
	if kinds != constraint.String {
		x = "string(" + dynamic(x) + ")"
	}
	return measure{term{text: x + ".matches(" + celLiteral(constraint.QuantityForm.String()) + ")"}, "quantity(" + x + ")"}
}
