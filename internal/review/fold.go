package review

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/change"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/word"
	"spokewright.dev/spokewright/schema"
)

// Placeholder stands for each environment's name in a change that many have.
const (
	placeholder        = "<ENV>"
	escapedPlaceholder = `\u003cENV\u003e` // in JSON
)

// masked is a change without its secrets.
type masked struct {
	change.Change
	fields []field
}

// field is what a change does to one field, or to the whole object where Path is empty.
type field struct {
	change.Effect
	masked  bool               // something in Old or New is
	written []finding.Position // of Position, in each place of a group that has one
	behind  []finding.Position // of Because, the same
}

// group is one change, of one object or of the same one in many environments. Names and values that differ only in the
// environment's name have the placeholder instead, where there are many.
type group struct {
	id         string // that of the first place
	plane      schema.Plane
	maker      string // the name of the Application that makes the object; empty for one of the plane itself
	object     finding.Object
	apiVersion string
	subject    string
	action     change.Action
	class      change.Class
	exit       int
	whole      bool // its environment goes, or is called otherwise, with all that is in it
	from       *change.Place
	declared   *change.Declaration
	allowed    []finding.Position // where it is declared, in each place
	fields     []field            // the worst first
	places     []change.Place     // at least one, in the fleet's order
	ids        []string           // of the places: the same from run to run, whatever else changes
}

// dangerous says whether the group is one of those that a reader must not overlook.
func (g *group) dangerous() bool { return dangerous(g.class) }

func dangerous(class change.Class) bool { return class.Destructive() || class == change.Refused }

// environments are the names of those in which the change happens.
func (g *group) environments() []string {
	var names []string
	for _, p := range g.places {
		if len(names) == 0 || names[len(names)-1] != p.Environment {
			names = append(names, p.Environment)
		}
	}
	return names
}

// fold puts the same change in many environments together, and the worst first.
func fold(changes []masked) []group {
	groups, at := []group{}, map[string]int{}
	for _, c := range changes {
		place := change.Place{Environment: c.Environment, Plane: c.Plane, Application: c.Application, Object: c.Object}
		own, common := asGroup(c), asGroup(general(c))
		key := common.key()
		if own.isLiteral() {
			common, key = own, c.Environment+own.key()
		}
		i, known := at[key]
		if !known {
			i = len(groups)
			at[key] = i
			groups = append(groups, own) // as it is, as long as it is alone
		} else if len(groups[i].places) == 1 {
			alone := groups[i]
			groups[i] = common
			groups[i].places = alone.places
			groups[i].collect(&alone)
		}
		groups[i].places = append(groups[i].places, place)
		groups[i].collect(&own)
	}
	slices.SortStableFunc(groups, func(a, b group) int {
		return cmp.Or(cmp.Compare(weight(b.exit), weight(a.exit)), cmp.Compare(rank(b.class), rank(a.class)))
	})
	identify(groups)
	return groups
}

// collect takes note of where one more place of the same change has it written.
func (g *group) collect(one *group) {
	if one.declared != nil {
		g.allowed = with(g.allowed, one.declared.Position)
	}
	for i := range g.fields {
		for _, position := range append(one.fields[i].written, one.fields[i].Position) {
			g.fields[i].written = with(g.fields[i].written, position)
		}
		for _, position := range slices.Concat(one.fields[i].behind, one.fields[i].Because) {
			g.fields[i].behind = with(g.fields[i].behind, position)
		}
	}
}

// because are the places that are behind all fields of a group, where they are the same.
func (g *group) because() []finding.Position {
	for i := range g.fields {
		if !slices.Equal(g.fields[i].behind, g.fields[0].behind) {
			return nil
		}
	}
	if len(g.fields) == 0 {
		return nil
	}
	return g.fields[0].behind
}

// own are the places that are behind a field, where they are others than those of the group's other fields.
func (g *group) own(f *field) []finding.Position {
	if g.because() != nil {
		return nil
	}
	return f.behind
}

// with are positions and one more, each once.
func with(all []finding.Position, one finding.Position) []finding.Position {
	if one.File == "" || slices.Contains(all, one) {
		return all
	}
	return append(all, one)
}

// identify gives every place its id: prod-eu/hub/Database/prod-eu/orders.
func identify(groups []group) {
	seen := map[string]int{}
	for i := range groups {
		g := &groups[i]
		for _, p := range g.places {
			id := idOf(p)
			seen[id]++
			if n := seen[id]; n > 1 {
				id += fmt.Sprintf("~%d", n)
			}
			g.ids = append(g.ids, id)
		}
		g.id = g.ids[0]
	}
}

// idOf is made of letters that a link may have as they are. Where others are left out, a digest tells ids apart.
func idOf(p change.Place) string {
	parts := []string{p.Environment, string(p.Plane), p.Application, p.Object.Kind, p.Object.Namespace, p.Object.Name}
	parts = slices.DeleteFunc(parts, func(part string) bool { return part == "" })
	id := strings.Join(parts, "/")
	plain := strings.Map(func(r rune) rune {
		if r < 0x80 && isWord(byte(r)) || strings.ContainsRune("-./", r) {
			return r
		}
		return '-'
	}, id)
	if plain != id || strings.Count(id, "/") != len(parts)-1 || len(plain) > 300 {
		sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
		plain = plain[:min(len(plain), 300)] + "~" + hex.EncodeToString(sum[:6])
	}
	return plain
}

func asGroup(c masked) group {
	g := group{plane: c.Plane, maker: c.Application, object: c.Object, apiVersion: c.APIVersion, subject: c.Subject, action: c.Action, class: c.Class,
		from: c.From, declared: c.Declared, exit: c.Exit(), whole: c.Whole, fields: slices.Clone(c.fields)}
	slices.SortStableFunc(g.fields, func(a, b field) int { return cmp.Compare(rank(b.Class), rank(a.Class)) })
	return g
}

// key is the same for changes that are told as one.
func (g *group) key() string {
	type told struct {
		Class          change.Class
		Path           finding.Path
		Old, New       any
		HasOld, HasNew bool
		Reason, Remedy string
	}
	var fields []told
	for _, f := range g.fields {
		fields = append(fields, told{f.Class, f.Path, f.Old, f.New, f.HasOld, f.HasNew, f.Reason, f.Remedy})
	}
	key, err := json.Marshal([]any{g.plane, g.maker, g.object, g.apiVersion, g.subject, g.action, g.class, g.from, g.declared != nil, fields})
	if err != nil { // no JSON data
		return fmt.Sprintf("%#v", fields)
	}
	return string(key)
}

// isLiteral says whether the change has the placeholder as text of its own, so that it must not be told with others.
func (g *group) isLiteral() bool { return strings.Contains(g.key(), escapedPlaceholder) }

// general is a change with the placeholder for its environment's name.
func general(c masked) masked {
	name := c.Environment
	c.Object, c.Application = generalObject(c.Object, name), withPlaceholder(c.Application, name)
	c.Subject = withPlaceholder(c.Subject, name)
	if c.From != nil {
		c.From = &change.Place{Environment: withPlaceholder(c.From.Environment, name), Plane: c.From.Plane, Application: withPlaceholder(c.From.Application, name), Object: generalObject(c.From.Object, name)}
	}
	fields := slices.Clone(c.fields)
	for i := range fields {
		f := &fields[i]
		f.Path = generalPath(f.Path, name)
		f.Old, f.New = generalValue(f.Old, name), generalValue(f.New, name)
		f.Reason, f.Remedy = withPlaceholder(f.Reason, name), withPlaceholder(f.Remedy, name)
	}
	c.fields = fields
	return c
}

func generalObject(o finding.Object, name string) finding.Object {
	return finding.Object{Kind: o.Kind, Namespace: withPlaceholder(o.Namespace, name), Name: withPlaceholder(o.Name, name)}
}

func generalPath(path finding.Path, name string) finding.Path {
	if name == "" || !strings.Contains(string(path), name) {
		return path
	}
	steps := path.Steps()
	for i := range steps {
		steps[i].Name = withPlaceholder(steps[i].Name, name)
	}
	return finding.FromSteps(steps...)
}

func generalValue(value any, name string) any {
	switch value := value.(type) {
	case string:
		return withPlaceholder(value, name)
	case map[string]any:
		general := make(map[string]any, len(value))
		for _, key := range slices.Sorted(maps.Keys(value)) {
			general[withPlaceholder(key, name)] = generalValue(value[key], name)
		}
		if len(general) < len(value) {
			return value // two keys would be one
		}
		return general
	case []any:
		general := make([]any, len(value))
		for i := range value {
			general[i] = generalValue(value[i], name)
		}
		return general
	}
	return value
}

// withPlaceholder has the placeholder for a name where that is a word of its own, or a part that a dash divides.
func withPlaceholder(text, name string) string { return word.Replace(text, name, placeholder) }

func isWord(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c >= 0x80
}
