package constraint

import "strconv"

// relations says how a number compares with others, which may not be there.
func (w celWriter) relations(c *Constraint, x string) []term {
	var terms []term
	for _, r := range c.Than {
		other, there := w.reach(r.Up, r.Path)
		terms = append(terms, there...)
		terms = append(terms, typed(other, Number), term{text: x + " " + r.Op + " " + other})
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
			there = append(there, typed(x, Map))
		}
		there = append(there, w.has(x, name))
		x = member(x, name)
	}
	return x, there
}

// conditional says what a map must be where the conditions hold, and that they can be decided.
func (w celWriter) conditional(c Conditional, x string, level int) []term {
	var decided, unless []term
	for _, when := range c.When {
		y, there := w.reach(when.Up+1, when.Path)
		decided = append(append(decided, there...), typed(y, when.Kinds))
		unless = append(unless, not(w.write(when.Test, y, when.Kinds, level)))
	}
	outside := celWriter{w.root, w.around[:len(w.around)-1]}
	return append(decided, connect("||", append(unless, outside.write(c.Then, x, Map, level))))
}

// quantities says that x is a quantity within bounds, in the words of Kubernetes' own library for CEL. The form is
// asked for first: that library takes some odd texts for quantities.
func quantities(c *Constraint, x string) []term {
	if c.MinQuantity == nil && c.MaxQuantity == nil {
		return nil
	}
	if c.Kinds != String {
		x = "string(" + dynamic(x) + ")"
	}
	terms := []term{{text: x + ".matches(" + celLiteral(quantityForm.String()) + ")"}}
	for _, side := range []struct {
		bound *Bound
		sign  string
	}{{c.MinQuantity, ">"}, {c.MaxQuantity, "<"}} {
		if side.bound != nil {
			terms = append(terms, term{text: "quantity(" + x + ").compareTo(quantity(" + celLiteral(side.bound.Value) + ")) " + order(side.bound, side.sign) + " 0"})
		}
	}
	return terms
}
