package constraint

import (
	"slices"

	"cuelang.org/go/cue/token"
)

// Relation says how a scalar compares with another field of the judged value, which must be there: which of two numbers
// or quantities is more, or whether two scalars are the same.
type Relation struct {
	Op         string   // ">=", ">", "<=", "<", "==" or "!="
	Levels     int      // steps up from the value, to what holds both
	Path       []string // from there down to the other
	Quantities bool     // both are quantities, which a string or a number can be
	Pos        token.Pos
}

// Orders tells whether the relation asks which of the two is more.
func (r Relation) Orders() bool { return r.Op != "==" && r.Op != "!=" }

// keeps reports whether a value stands to another as the relation says.
func (r Relation) keeps(value any, o origin) bool {
	other, ok := o.find(r.Levels, r.Path)
	if n, isInt := other.(int); isInt {
		other = int64(n)
	}
	if !ok || kindOf(other)&Scalar == 0 {
		return false
	}
	if !r.Orders() {
		return same(value, other) == (r.Op == "==")
	}
	order, ok := compareMeasures(value, other, r.Quantities)
	if !ok {
		return false
	}
	switch r.Op {
	case ">=":
		return order >= 0
	case ">":
		return order > 0
	case "<=":
		return order <= 0
	}
	return order < 0
}

// compareMeasures orders two numbers, or two quantities; false where one of them is none.
func compareMeasures(a, b any, quantities bool) (int, bool) {
	if !quantities {
		if kindOf(a)&Number == 0 || kindOf(b)&Number == 0 {
			return 0, false
		}
		return compare(a, b), true
	}
	x, ok1 := quantityOf(a)
	y, ok2 := quantityOf(b)
	if !ok1 || !ok2 {
		return 0, false
	}
	return x.Cmp(y), true
}

// origin is where a value lies that is judged: its path, and the values around it from the outside in.
type origin struct {
	path   []string
	around []any
}

func (o origin) down(parent any, name string) origin {
	return origin{append(slices.Clip(o.path), name), append(slices.Clip(o.around), parent)}
}

// find is the value that lies down a path from what is up steps above.
func (o origin) find(up int, path []string) (any, bool) {
	if up < 1 || up > len(o.around) {
		return nil, false
	}
	value := o.around[len(o.around)-up]
	for _, name := range path {
		m, isMap := value.(map[string]any)
		inner, there := m[name]
		if !isMap || !there {
			return nil, false
		}
		value = inner
	}
	return value, true
}

// to is the path of the value that find finds.
func (o origin) to(up int, path []string) []string {
	return append(slices.Clip(o.path[:max(len(o.path)-up, 0)]), path...)
}

// compares reports whether a value keeps every relation of c.
func (c *Constraint) compares(value any, o origin) bool {
	if n, isInt := value.(int); isInt {
		value = int64(n)
	}
	return !slices.ContainsFunc(c.Relations, func(r Relation) bool { return !r.keeps(value, o) })
}
