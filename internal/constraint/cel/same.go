package cel

import (
	"fmt"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/constraint"
)

// Same is an expression of CEL that is true when all that c hangs on is the same in two objects of one kind that have the same
// fields at their roots, and whose types are those of its schema. Both names must be identifiers. The fields of the root
// are named as Kyverno looks for them: see has.
func Same(c *constraint.Constraint, one, other string) string {
	var terms []term
	for _, path := range c.Reads() {
		switch {
		case len(path) == 0, strings.HasPrefix(path[0], constraint.StepNames):
			return "false"
		case len(path) == 2 && path[1] == constraint.StepThere:
			continue
		}
		if re, is := strings.CutPrefix(path[len(path)-1], constraint.StepNames); is {
			terms = append(terms, entries(at(one, path[:len(path)-1]), at(other, path[:len(path)-1]), celLiteral(re)))
			continue
		}
		terms = append(terms, term{text: at(one, path) + " == " + at(other, path)})
	}
	return connect("&&", terms).text
}

// entries says that two maps, which may not be there, have the same under all names that match.
func entries(one, other, re string) term {
	const format = "[%[1]s].all(m, m.all(k, !k.matches(%[3]s) || %[2]s[?k] == optional.of(m[k]))) && %[2]s.all(k, !k.matches(%[3]s) || k in %[1]s)"
	return term{text: fmt.Sprintf(format, one+".orValue({})", other+".orValue({})", re), op: "&&"}
}

// at is what lies at a path of an object, as an optional value or, below a list, a list of such.
func at(root string, path []string) string {
	if !isIdentifier(path[0]) {
		return root + down(path)
	}
	field := root + "." + path[0]
	if len(path) == 1 {
		return "(has(" + field + ") ? optional.of(" + field + ") : optional.none())"
	}
	if path[0] == "spec" { // it is there wherever a rule speaks of it
		return field + down(path[1:])
	}
	if !slices.Contains(path, constraint.StepElements) && path[len(path)-1] != constraint.StepThere {
		return "(has(" + field + ") ? " + field + down(path[1:]) + " : optional.none())"
	}
	return "(has(" + field + ") ? dyn(" + field + down(path[1:]) + ") : dyn(null))"
}

func down(path []string) string {
	var b strings.Builder
	for i, name := range path {
		switch {
		case name == constraint.StepElements:
			return b.String() + ".orValue([]).map(e, e" + down(path[i+1:]) + ")"
		case name == constraint.StepThere:
			return b.String() + ".hasValue()"
		case isIdentifier(name):
			b.WriteString(".?" + name)
		default:
			b.WriteString("[?" + celLiteral(name) + "]")
		}
	}
	return b.String()
}
