package cuefile

import (
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/token"

	"spokewright.dev/spokewright/internal/finding"
)

// The most that the evaluation of a spec may take, in values and in 64 bytes of text: a second's work at worst.
const maxGrowth = 100_000

// The deepest that values are followed; what is deeper contains itself, which CUE finds out.
const maxLevels = 200

// Longer texts are not told apart.
const maxText = 256 * maxGrowth

// expand opens a value and all below it. count is how many alternatives of what is above each of them meets.
func (t *tracer) expand(v *traced, level, count int) {
	outer := t.here
	t.here = v
	defer func() { t.here = outer }()
	t.open(v)
	t.spend(times(count, v.arms*v.arms/8)) // CUE compares the alternatives with each other
	count = times(count, v.arms)
	t.spend(times(count, v.own+t.measure(v)/64))
	if level > maxLevels {
		return
	}
	for _, name := range v.names {
		if t.over == nil {
			t.expand(v.fields[name], level+1, count)
		}
	}
	for _, item := range v.items {
		if t.over == nil {
			t.expand(item, level+1, count)
		}
	}
}

func (t *tracer) spend(n int) {
	if t.spent = min(t.spent+n, 2*maxGrowth); t.spent > maxGrowth && t.over == nil {
		t.over = problem(finding.TooLarge, t.place(t.here), "found more than %d values, with all that references and alternatives multiply to: write less", maxGrowth)
	}
}

// times multiplies two counts, cut off above the limit.
func times(a, b int) int { return min(min(a, 2*maxGrowth)*min(b, 2*maxGrowth), 2*maxGrowth) }

// alternatives is how many alternatives an expression multiplies out to.
func (t *tracer) alternatives(expr ast.Expr, in *frame, above map[key]bool) int {
	k := key{expr, in}
	if above[k] || t.over != nil {
		return 1
	}
	t.spend(1)
	above[k] = true
	defer delete(above, k)
	switch x := expr.(type) {
	case *ast.ParenExpr:
		return t.alternatives(x.X, in, above)
	case *ast.UnaryExpr:
		if x.Op == token.MUL {
			return t.alternatives(x.X, in, above)
		}
	case *ast.BinaryExpr:
		switch x.Op {
		case token.OR:
			return min(t.alternatives(x.X, in, above)+t.alternatives(x.Y, in, above), 2*maxGrowth)
		case token.AND:
			return times(t.alternatives(x.X, in, above), t.alternatives(x.Y, in, above))
		}
	case *ast.Ident, *ast.SelectorExpr, *ast.IndexExpr:
		count := 1
		if target := t.target(expr, in); target != nil {
			for _, root := range target.roots {
				count = times(count, t.alternatives(root.expr, root.in, above))
			}
		}
		return count
	}
	return 1
}

// measure is the length of the longest text that a value can be, in bytes.
func (t *tracer) measure(v *traced) int {
	if v == nil || v.busy || t.over != nil {
		return 0 // within itself
	}
	if !v.measured {
		v.busy = true
		t.open(v)
		for _, p := range v.parts {
			v.length = max(v.length, t.text(p.expr, p.in))
		}
		v.busy, v.measured = false, true
	}
	return v.length
}

// text is the length of the text that an expression makes.
func (t *tracer) text(expr ast.Expr, in *frame) int {
	t.spend(1)
	switch x := expr.(type) {
	case *ast.BasicLit:
		return len(x.Value)
	case *ast.ParenExpr:
		return t.text(x.X, in)
	case *ast.Interpolation:
		sum := 0
		for _, element := range x.Elts {
			sum = min(sum+t.text(element, in), maxText)
		}
		return sum
	case *ast.BinaryExpr:
		if x.Op == token.ADD {
			return min(t.text(x.X, in)+t.text(x.Y, in), maxText)
		}
		return max(t.text(x.X, in), t.text(x.Y, in))
	case *ast.Ident, *ast.SelectorExpr, *ast.IndexExpr:
		return t.measure(t.target(expr, in))
	}
	return 0
}
