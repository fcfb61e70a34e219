package schema

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/token"
)

// The most nodes that a spec may have after evaluation.
const maxGrowth = 100_000

// checkGrowth refuses a spec whose evaluation would grow out of hand, before it is evaluated: CUE's evaluator
// cannot be stopped from inside. It adds up the size of every expression with references replaced by what they
// refer to; the sum is an upper bound for copies and concatenations. Loops and calls that repeat are refused.
func checkGrowth(file string, syntax *ast.File) Problems {
	g := growth{file: file, imports: imports(syntax), called: map[ast.Node]bool{}, declared: map[string][]ast.Node{},
		sizes: map[string]int{}, open: map[string]bool{}}
	ast.Walk(syntax, func(n ast.Node) bool { g.declare(n); return true }, nil)
	ast.Walk(syntax, g.visit, nil)
	return g.problems
}

type growth struct {
	file     string
	imports  map[string]bool
	called   map[ast.Node]bool // functions that stand in front of their arguments
	declared map[string][]ast.Node
	sizes    map[string]int
	open     map[string]bool
	problems Problems
}

// imports are the names under which a file knows packages.
func imports(syntax *ast.File) map[string]bool {
	names := map[string]bool{}
	for spec := range syntax.ImportSpecs() {
		name := path.Base(strings.Trim(spec.Path.Value, `"`))
		if _, after, qualified := strings.Cut(name, ":"); qualified {
			name = after
		}
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = true
	}
	return names
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
		g.called[n.Fun] = true
	case *ast.IndexExpr:
		if name, _ := n.X.(*ast.Ident); name != nil && g.imports[name.Name] {
			g.report(n, "a function of a package is written PACKAGE.FUNCTION")
		}
	case *ast.SelectorExpr:
		if name := g.function(n); repeats(name) || multiplies(name) && !g.called[n] {
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

// function is the name of a package's function; empty where a selector selects something else.
func (g *growth) function(selector *ast.SelectorExpr) string {
	if x, ok := selector.X.(*ast.Ident); !ok || !g.imports[x.Name] {
		return ""
	}
	name, _, _ := ast.LabelName(selector.Sel)
	return name
}

// repeats says whether a function can make much out of little.
func repeats(function string) bool {
	return slices.Contains([]string{
		"Repeat", "Range", "Pow", "Exp", "Exp2", "Lsh", "Set", "FormatFloat", "Execute", "Indent", "ReplaceAll", "ReplaceAllLiteral",
	}, function)
}

// multiplies says whether what a function makes may be as large as the product of its arguments.
func multiplies(function string) bool { return function == "Join" || function == "Replace" }

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
		case *ast.CallExpr:
			if selector, ok := child.Fun.(*ast.SelectorExpr); ok && multiplies(g.function(selector)) {
				product := 1
				for _, argument := range child.Args {
					product = min(product*g.size(argument), maxGrowth+1)
				}
				total += product
				return false
			}
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
