package cause

import (
	"slices"
	"strconv"

	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/cuefile"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// leaf is one thing that specs say, or that Spokewright brings: a value, or a name.
type leaf struct {
	file    string
	literal cuefile.Literal
	brought *schema.Default // nil for what is written

	supposed []supposition // what comes of other values
	known    bool
	guessed  [][]manifest.Object // what is made of other values, legal or not
}

// supposition is another value for a leaf, and what is rendered then.
type supposition struct {
	words string
	state state
}

// written are all leaves that may say something to the plane, in the order of their files, and behind them what
// Spokewright brings.
func (p *Plane) written(names []string) []*leaf {
	files := []string{schema.SpecFile(p.Target.Environment), schema.NamesFile(p.Target.Environment), schema.FleetFile}
	for _, name := range names {
		if name != p.Target.Environment {
			files = append(files, schema.SpecFile(name))
		}
	}
	var all []*leaf
	for _, file := range files {
		for _, literal := range cuefile.Literals(file, p.supposed.Text(file)) {
			if !p.fixed(file, literal) {
				all = append(all, &leaf{file: file, literal: literal})
			}
		}
	}
	class := p.base.environment.Class.Name
	if p.base.environment.Role == "hub" { // which guards those of every class
		class = ""
	}
	for _, brought := range p.supposed.Defaults(class) {
		all = append(all, &leaf{brought: &brought})
	}
	return all
}

// suppositions are what comes of other values for a leaf: of legal ones, where there are any. Those are left out of which nothing
// comes.
func (p *Plane) suppositions(l *leaf) []supposition {
	if l.known {
		return l.supposed
	}
	l.known = true
	var legal, other []supposition
	tried := 0
	for _, attempt := range p.attempts(l) {
		if tried == enough {
			break
		}
		specs, readable := attempt.specs()
		if !readable {
			continue
		}
		judged := l.brought != nil || specs.Judge(p.Target.Environment) == nil
		if !judged && (tried > 0 || len(other) == enough) {
			continue
		}
		to, same, err := p.suppose(specs)
		if err != nil {
			continue
		}
		if judged {
			tried++
		}
		switch made := (supposition{attempt.words, to}); {
		case same:
		case judged:
			legal = append(legal, made)
		default:
			other = append(other, made)
		}
	}
	if l.supposed = legal; tried == 0 {
		l.supposed = other
	}
	return l.supposed
}

// enough other values show what follows from a value.
const enough = 5

// attempt is a try of another value.
type attempt struct {
	words string
	specs func() (specs schema.Supposed, readable bool)
}

func (p *Plane) attempts(l *leaf) []attempt {
	var all []attempt
	if l.brought != nil {
		for _, value := range instead(*l.brought, p.reader.Allowed(schema.FleetFile, l.brought.Path)) {
			all = append(all, attempt{finding.Show(value), func() (schema.Supposed, bool) { return p.supposed.WithDefault(l.brought.Path, value) }})
		}
		return all
	}
	path := l.literal.Path
	want := p.reader.Allowed(l.file, path)
	text := p.supposed.Text(l.file)
	for _, words := range others(l.literal, want, p.supposed.Words(path)) {
		all = append(all, attempt{words, func() (schema.Supposed, bool) { return p.supposed.WithText(l.file, l.literal.With(text, words)) }})
	}
	return all
}

// fixed says whether a literal is a name that a definition has, so that none other may stand there.
func (p *Plane) fixed(file string, l cuefile.Literal) bool {
	if !l.Name {
		return false
	}
	last := len(l.Path) - 1
	within := p.reader.Allowed(file, l.Path[:last])
	return within != nil && slices.ContainsFunc(within.Fields, func(f constraint.Field) bool { return f.Name == l.Path[last] })
}

// instead are other values for what Spokewright brings. A rule becomes another one in all that it says.
func instead(brought schema.Default, want *constraint.Constraint) []any {
	if brought.Rule {
		rule, _ := brought.Value.(map[string]any)
		other := map[string]any{}
		for name, value := range rule {
			other[name] = value
		}
		other["message"], other["action"] = "another", "audit"
		other["require"] = &constraint.Constraint{Kinds: constraint.Map, Fields: []constraint.Field{{Name: "another", Presence: constraint.Required, Value: constraint.OneOf(true)}}}
		return []any{other}
	}
	literal := cuefile.Literal{Text: finding.Show(brought.Value), Kind: cuefile.Quoted}
	switch value := brought.Value.(type) {
	case bool:
		return []any{!value}
	case int64:
		literal.Kind, literal.Text = cuefile.Whole, strconv.FormatInt(value, 10)
		var all []any
		for _, words := range others(literal, want, nil) {
			n, _ := strconv.ParseInt(words, 10, 64)
			all = append(all, n)
		}
		return all
	case string:
		literal.Text = strconv.Quote(value)
		var all []any
		for _, words := range others(literal, want, nil) {
			if text, err := strconv.Unquote(words); err == nil {
				all = append(all, text)
			}
		}
		return all
	}
	return nil
}
