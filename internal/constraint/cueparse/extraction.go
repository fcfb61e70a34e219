package cueparse

import (
	"slices"
	"strconv"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/format"
	"cuelang.org/go/cue/token"
	"spokewright.dev/spokewright/internal/constraint"
)

// Extraction remember what was taken out of the text of a rule: what CUE can evaluate only where the judged data is there.
// These are other fields of the rule, alone or in bounds (name: id, max: >=min), bounds on quantities (<="4Gi") and
// conditions on fields of the rule (if engine == "mysql" {...}).
type Extraction struct {
	relations  map[ast.Node]constraint.Relation
	quantities map[ast.Node]quantityBound
	conditions map[ast.Node][]condition // by the struct that they stand in
	written    map[*ast.Ident]string    // the text that stood where now nothing stands
	count      int
}

// condition is an if whose body has become the hidden field called label.
type condition struct {
	label string
	pos   token.Pos
	when  []constraint.Condition
}

type quantityBound struct {
	upper bool
	pos   token.Pos
	constraint.Bound
}

// Extract takes such pieces out of an expression, which is the rule: what it refers to outside is left to CUE. A file
// must be resolved already, as [parser.ParseFile] does, and must not be built yet.
func (m *Extraction) Extract(rule ast.Expr) ast.Expr {
	return m.extractor().expr(rule, 0)
}

// ExtractFile does the same to a file that holds nothing but one rule.
func (m *Extraction) ExtractFile(file *ast.File) {
	e := m.extractor()
	e.depth[file] = 0
	file.Decls = e.declarations(file, file.Decls, 0)
}

func (m *Extraction) extractor() *extractor {
	if m.relations == nil {
		m.relations, m.quantities, m.conditions = map[ast.Node]constraint.Relation{}, map[ast.Node]quantityBound{}, map[ast.Node][]condition{}
		m.written = map[*ast.Ident]string{}
	}
	return &extractor{marks: m, depth: map[ast.Node]int{}}
}

// within are the places of all that was taken out of the text of v.
func (m *Extraction) within(v cue.Value) []token.Pos {
	source := v.Source()
	if source == nil {
		return nil
	}
	var all []token.Pos
	add := func(pos token.Pos) {
		if from, to := source.Pos(), source.End(); pos.Filename() == from.Filename() && from.Offset() <= pos.Offset() && pos.Offset() < to.Offset() {
			all = append(all, pos)
		}
	}
	for _, relation := range m.relations {
		add(relation.Pos)
	}
	for _, bound := range m.quantities {
		add(bound.pos)
	}
	for _, in := range m.conditions {
		for _, condition := range in {
			add(condition.pos)
		}
	}
	slices.SortFunc(all, token.Pos.Compare)
	return all
}

// Parse reads v as [Parse] does, with what was taken out of its text.
func (m *Extraction) Parse(v cue.Value) (*constraint.Constraint, error) {
	return m.parse(v, false)
}

// text is an expression as it was written.
func (m *Extraction) text(node ast.Node) (string, error) {
	var names []*ast.Ident
	ast.Walk(node, func(n ast.Node) bool {
		if name, is := n.(*ast.Ident); is && m.written[name] != "" {
			names = append(names, name)
		}
		return true
	}, nil)
	var restored []string
	for i, name := range names {
		name.Name = "taken_out_" + strconv.Itoa(i) + "_"
		restored = append(restored, "("+name.Name+")", m.written[name], name.Name, m.written[name])
	}
	text, err := format.Node(node, format.Simplify())
	for _, name := range names {
		name.Name = "_"
	}
	return strings.NewReplacer(restored...).Replace(string(text)), err
}
