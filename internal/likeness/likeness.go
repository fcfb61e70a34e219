// Package likeness tells two environments of a fleet apart: in what their specs come to, defaults filled in, and in what
// is rendered of them beside that, which only their overlays can explain. What must differ between two, such as names and
// what follows from them, is no difference. It reads no files; whether a difference is meant is for people to say.
package likeness

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"spokewright.dev/spokewright/functions"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// Difference is a field that two environments have otherwise.
type Difference struct {
	// Object is empty for a field of the spec, else PLANE/KIND/NAME or PLANE/KIND/NAMESPACE/NAME of what is rendered. The name of
	// either environment stands there as <env>.
	Object string `json:"object,omitempty"`
	Field  string `json:"field"`
	First  any    `json:"first"` // absent is nil
	Second any    `json:"second"`
}

// Side is one of two environments with what is rendered of it.
type Side struct {
	schema.Environment
	Rendered map[schema.Plane][]manifest.Object
}

// Compare gives the differences of two environments, those of the specs first.
func Compare(a, b Side) ([]Difference, error) {
	first, second := namesOf(a.Environment, b.Name), namesOf(b.Environment, a.Name)
	specs := [2]map[string]any{}
	for i, e := range []schema.Environment{a.Environment, b.Environment} {
		spec, err := specOf(e)
		if err != nil {
			return nil, err
		}
		specs[i] = flat(spec)
	}
	all := differing("", specs[0], specs[1], first, second)
	for _, plane := range schema.Planes() {
		explained := map[string]bool{}
		for _, d := range objects(plane, functions.Expand(a.Environment, plane), functions.Expand(b.Environment, plane), first, second) {
			explained[key(d)] = true
		}
		for _, d := range objects(plane, a.Rendered[plane], b.Rendered[plane], first, second) {
			if !explained[key(d)] {
				all = append(all, d)
			}
		}
	}
	return all, nil
}

func key(d Difference) string {
	return fmt.Sprintf("%s %s %#v %#v", d.Object, d.Field, d.First, d.Second)
}

// specOf is what a spec comes to, as data: without what is an environment's own by its nature, or a word about one change.
func specOf(e schema.Environment) (map[string]any, error) {
	text, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	var spec map[string]any
	if err := json.Unmarshal(text, &spec); err != nil {
		return nil, err
	}
	spec["class"] = e.Class.Name
	for _, own := range []string{"description", "names", "moved", "removed"} {
		delete(spec, own)
	}
	if said, ours := e.SaidOfAutoscaler(); ours { // the rest follows from the cluster
		manifest.Set(spec, said, "addons", "autoscaler")
	}
	if e.Lifetime != nil {
		spec["lifetime"] = "has a last day"
	}
	if e.Cluster != nil {
		cidr := netip.MustParsePrefix(e.Cluster.Network.CIDR) // legal already
		manifest.Set(spec, fmt.Sprintf("a range of /%d", cidr.Bits()), "cluster", "network", "cidr")
		adopted(spec, e.Cluster.Adopt, "cluster")
		peers := map[string]any{} // in whatever order
		for _, peer := range e.Cluster.Network.Peers {
			peers[peer] = "joined"
		}
		manifest.Set(spec, peers, "cluster", "network", "peers")
	}
	for name, database := range e.Databases {
		adopted(spec, database.Adopt, "databases", name)
	}
	return spec, nil
}

// adopted leaves of an adoption how far it goes: two never adopt the same thing.
func adopted(spec map[string]any, adopt *schema.Adopt, path ...string) {
	if adopt != nil {
		manifest.Set(spec, "adopted: "+adopt.Management(), append(slices.Clip(path), "adopt")...)
	}
}

// flat gives the scalars in a value by their paths, and what is empty as such.
func flat(value any) map[string]any {
	all := map[string]any{}
	var walk func(at finding.Path, value any)
	walk = func(at finding.Path, value any) {
		switch v := value.(type) {
		case map[string]any:
			for name, below := range v {
				walk(at.Keys(name), below)
			}
		case []any:
			for i, below := range v {
				walk(element(at, i, below), below)
			}
		case nil:
		default:
			all[string(at)] = v
		}
	}
	walk("", value)
	return all
}

// element is the path of an element of a list: by its name, where it has one, so that one more is one difference.
func element(at finding.Path, i int, value any) finding.Path {
	object, _ := value.(map[string]any)
	for _, field := range []string{"name", "environment", "app", "addon", "key"} {
		if name, is := object[field].(string); is && name != "" {
			return at.Keys(field + "=" + name)
		}
	}
	return at.Index(i)
}

// differing compares two sides field by field. Of what one side has alone, the topmost is told.
func differing(object string, a, b map[string]any, first, second names) []Difference {
	here, there := normalized(a, first), normalized(b, second)
	parents, others := sync.OnceValue(func() map[string]bool { return above(here) }), sync.OnceValue(func() map[string]bool { return above(there) })
	found := map[string]Difference{}
	for _, field := range slices.Sorted(maps.Keys(here)) {
		value := here[field]
		other, both := there[field]
		switch {
		case !both:
			top, whole := topmost(field, others())
			found[top] = Difference{Object: object, Field: top, First: part(value, whole)}
		case !same(object+field, value, other, first, second):
			found[field] = Difference{object, field, value, other}
		}
	}
	for _, field := range slices.Sorted(maps.Keys(there)) {
		if _, both := here[field]; !both {
			top, whole := topmost(field, parents())
			found[top] = Difference{Object: object, Field: top, Second: part(there[field], whole)}
		}
	}
	return slices.SortedFunc(maps.Values(found), func(x, y Difference) int { return cmp.Compare(x.Field, y.Field) })
}

// part is what stands for something of one side alone: its value, or that it is there where it has fields of its own.
func part(value any, whole bool) any {
	if whole {
		return value
	}
	return "is there"
}

// normalized are fields by their paths, with the environment's names in them as such.
func normalized(fields map[string]any, n names) map[string]any {
	all := make(map[string]any, len(fields))
	for path, value := range fields {
		steps := finding.Path(path).Steps()
		for i := range steps {
			steps[i].Name = n.normal(steps[i].Name)
		}
		all[string(finding.FromSteps(steps...))] = value
	}
	return all
}

// above are the paths of all that fields lie in.
func above(fields map[string]any) map[string]bool {
	all := map[string]bool{}
	for field := range fields {
		steps := finding.Path(field).Steps()
		for i := range steps {
			all[string(finding.FromSteps(steps[:i+1]...))] = true
		}
	}
	return all
}

// topmost is the first part of a path that the other side does not have; whole says that this is all of it.
func topmost(field string, others map[string]bool) (top string, whole bool) {
	steps := finding.Path(field).Steps()
	for i := range steps {
		if top := string(finding.FromSteps(steps[:i+1]...)); !others[top] {
			return top, i == len(steps)-1
		}
	}
	return field, true
}

// same says whether two values say the same of their environments. What is one text in both does not, where it leads to what
// is one environment's alone.
func same(field string, a, b any, first, second names) bool {
	x, isText := a.(string)
	y, too := b.(string)
	if !isText || !too || field == "class" { // which is nobody's name, though an environment may be called like its class
		return manifest.Equal(a, b)
	}
	if first.normal(x) == second.normal(y) {
		return true
	}
	return x == y && (!schema.LeadsToPlaces(finding.Path(field).Tokens()...) || !first.isPlaceOf(x) && !second.isPlaceOf(x))
}

// objects compares what is rendered of one plane.
func objects(plane schema.Plane, a, b []manifest.Object, first, second names) []Difference {
	firsts, seconds := byIdentity(plane, a, first), byIdentity(plane, b, second)
	ids := maps.Clone(firsts)
	maps.Copy(ids, seconds)
	var all []Difference
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		x, here := firsts[id]
		y, there := seconds[id]
		switch {
		case here && there && first.normal(string(manifest.Append(nil, x))) == second.normal(string(manifest.Append(nil, y))): // as most are
		case here && there:
			all = append(all, differing(id, flat(x), flat(y), first, second)...)
		case here:
			all = append(all, Difference{Object: id, First: "is there"})
		default:
			all = append(all, Difference{Object: id, Second: "is there"})
		}
	}
	return all
}

// byIdentity are objects by what they are and are called, with the environment's name as <env>. What is expanded and what is
// rendered differ in how texts are written: values are compared.
func byIdentity(plane schema.Plane, objects []manifest.Object, n names) map[string]map[string]any {
	all := map[string]map[string]any{}
	for _, object := range objects {
		id := manifest.Identify(object)
		parts := []string{string(plane), id.Kind}
		if id.Namespace != "" {
			parts = append(parts, n.normal(id.Namespace))
		}
		all[strings.Join(append(parts, n.normal(id.Name)), "/")] = object
	}
	return all
}
