package schema

import (
	"fmt"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/token"
)

// The most nodes that a spec may have after evaluation.
const maxGrowth = 100_000

// checkGrowth refuses a spec whose evaluation would grow out of hand, before it is evaluated: CUE's evaluator
// cannot be stopped from inside. It adds up the size of every expression with references replaced by what they
// refer to; the sum is an upper bound for copies and concatenations. Loops and calls that repeat are refused.
func checkGrowth(file string, syntax *ast.File) Problems {
	g := growth{file: file, declared: map[string][]ast.Node{}, sizes: map[string]int{}, open: map[string]bool{}}
	ast.Walk(syntax, func(n ast.Node) bool { g.declare(n); return true }, nil)
	ast.Walk(syntax, g.visit, nil)
	return g.problems
}

type growth struct {
	file     string
	declared map[string][]ast.Node
	sizes    map[string]int
	open     map[string]bool
	problems Problems
}

// declare remembers what a name may stand for; equal names in different scopes count together.
func (g *growth) declare(n ast.Node) {
	switch n := n.(type) {
	case *ast.Field:
		if name, _, err := ast.LabelName(n.Label); err == nil {
			g.declared[name] = append(g.declared[name], n.Value)
		}
	case *ast.LetClause:
		g.declared[n.Ident.Name] = append(g.declared[n.Ident.Name], n.Expr)
	case *ast.Alias:
		g.declared[n.Ident.Name] = append(g.declared[n.Ident.Name], n.Expr)
	}
}

// visit reports the first place where the size passes the limit, and every loop and repeating call.
func (g *growth) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.ForClause:
		g.report(n, "a spec lists its things one by one: loops (for) are not evaluated")
	case *ast.CallExpr:
		if repeats(n) {
			g.report(n, "calls that make long lists or texts are not evaluated")
		}
	case *ast.BinaryExpr:
		if len(g.problems) == 0 && g.size(n) > maxGrowth {
			g.report(n, fmt.Sprintf("this grows to more than %d values when it is evaluated", maxGrowth))
		}
	case *ast.Field:
		if len(g.problems) == 0 && g.size(n.Value) > maxGrowth {
			g.report(n, fmt.Sprintf("this grows to more than %d values when it is evaluated", maxGrowth))
		}
	}
	return len(g.problems) == 0
}

func (g *growth) report(n ast.Node, message string) {
	g.problems = append(g.problems, Problem{position(g.file, n.Pos()), "", message})
}

// repeats says whether a call can make much out of little.
func repeats(call *ast.CallExpr) bool {
	selector, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	name, _, err := ast.LabelName(selector.Sel)
	if err != nil {
		return true
	}
	switch name {
	case "Repeat", "Range", "Replace", "Combinations", "Comb", "Join", "Pow", "Exp":
		return name != "Join" && name != "Replace"
	}
	return false
}

// size is an upper bound for the values that an expression stands for, cut off above the limit.
func (g *growth) size(n ast.Node) int {
	total := 0
	ast.Walk(n, func(child ast.Node) bool {
		if total > maxGrowth {
			return false
		}
		total++
		switch child := child.(type) {
		case *ast.BasicLit:
			total += len(child.Value) / 16
		case *ast.Ident:
			total += g.sizeOfName(child.Name)
		case *ast.Field:
			total += g.size(child.Value)
			return false
		case *ast.BinaryExpr:
			total += g.size(child.X) + g.size(child.Y) + g.arms(child)
			return false
		}
		return true
	}, nil)
	return min(total, maxGrowth+1)
}

// arms is how many alternatives an expression multiplies out to.
func (g *growth) arms(n ast.Node) int {
	switch n := n.(type) {
	case *ast.ParenExpr:
		return g.arms(n.X)
	case *ast.BinaryExpr:
		switch n.Op {
		case token.OR:
			return min(g.arms(n.X)+g.arms(n.Y), maxGrowth+1)
		case token.AND:
			return min(g.arms(n.X)*g.arms(n.Y), maxGrowth+1)
		}
	case *ast.Ident:
		if g.open[n.Name] {
			return 1
		}
		g.open[n.Name] = true
		defer delete(g.open, n.Name)
		most := 1
		for _, declared := range g.declared[n.Name] {
			most = max(most, g.arms(declared))
		}
		return most
	}
	return 1
}

// sizeOfName is the size of what a name refers to; a name within itself counts as too large only by its copies.
func (g *growth) sizeOfName(name string) int {
	if size, known := g.sizes[name]; known {
		return size
	}
	g.sizes[name] = 1
	total := 0
	for _, n := range g.declared[name] {
		total = min(total+g.size(n), maxGrowth+1)
	}
	g.sizes[name] = total
	return total
}
