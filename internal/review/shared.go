package review

import (
	"cmp"
	"encoding/json"
	"slices"

	"spokewright.dev/spokewright/internal/change"
)

// shared is one harmless change of a field that many different objects have: a label of the whole fleet, say.
type shared struct {
	field   field
	objects int
	kinds   []string // of the objects, the most frequent first
	names   []string // of the environments, in the fleet's order
	counts  map[string]int
}

// manyGroups is how many different objects make a change one that is told once.
const manyGroups = 5

// sharedFields are the changes of fields that many harmless groups have, by what they do, and in the order in which they
// are met.
func (r *Report) sharedFields() (byKey map[string]*shared, list []*shared) {
	byKey = map[string]*shared{}
	groups := map[string]int{}
	for i := range r.groups {
		g := &r.groups[i]
		for _, f := range g.fields {
			key := sharedKey(g, f)
			if key == "" {
				continue
			}
			s := byKey[key]
			if s == nil {
				s = &shared{field: f, counts: map[string]int{}}
				byKey[key], list = s, append(list, s)
			}
			groups[key]++
			s.add(g)
		}
	}
	for key, s := range byKey {
		if groups[key] < manyGroups {
			delete(byKey, key)
			list = slices.DeleteFunc(list, func(other *shared) bool { return other == s })
		}
	}
	for _, s := range list {
		s.finish(r)
	}
	return byKey, list
}

func (s *shared) add(g *group) {
	s.objects += len(g.places)
	s.counts[g.object.Kind] += len(g.places)
	s.names = append(s.names, g.environments()...)
}

// finish sorts kinds and environments.
func (s *shared) finish(r *Report) {
	for kind := range s.counts {
		s.kinds = append(s.kinds, kind)
	}
	slices.SortFunc(s.kinds, func(a, b string) int { return cmp.Or(cmp.Compare(s.counts[b], s.counts[a]), cmp.Compare(a, b)) })
	met := map[string]bool{}
	for _, name := range s.names {
		met[name] = true
	}
	s.names = nil
	for _, e := range r.environments {
		if met[e.name] {
			s.names = append(s.names, e.name)
		}
	}
}

// sharedKey is the same for fields that may be told as one; empty for what a reader must see at its object.
func sharedKey(g *group, f field) string {
	if g.dangerous() || g.action != change.Changed || f.Path == "" || f.Reason != "" || f.Remedy != "" {
		return ""
	}
	key, err := json.Marshal([]any{f.Class, f.Path, f.Old, f.New, f.HasOld, f.HasNew})
	if err != nil {
		return ""
	}
	return string(key)
}
