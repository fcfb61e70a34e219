// Package merge merges rendered files by what they hold: three versions of a file in, one out. Objects are the same by
// identity, their fields by name, elements of lists by their own name, so that neither needs to know how the specs were
// merged. It gives what a render of the merged specs would give, or says where it cannot. Git is its caller's business.
package merge

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
)

// Conflict is a place that both sides changed, each in its own way.
type Conflict struct {
	Object manifest.ID
	Path   finding.Path // empty for the whole object
}

// ErrNotRendered says that a version of a file is not as a render writes it, so that nothing can be said of it.
var ErrNotRendered = errors.New("not as a render writes it")

// Files merges two versions of a rendered file that began as one; base is empty where it is new on both sides. Where both
// changed the same thing, ours stands in the result.
func Files(base, ours, theirs []byte) (merged []byte, conflicts []Conflict, err error) {
	var versions [3]version
	for i, text := range [][]byte{base, ours, theirs} {
		if versions[i], err = read(text); err != nil {
			return nil, nil, err
		}
	}
	m := &merger{}
	head := versions[1].head
	if head == versions[0].head {
		head = versions[2].head
	}
	objects := m.objects(versions[0].objects, versions[1].objects, versions[2].objects)
	return append([]byte(head), manifest.Stream(objects)...), m.conflicts, nil
}

// version is one version of a file.
type version struct {
	head    string // comments before the first object
	objects []manifest.Object
}

// read reads a version, and makes sure that it would be printed as it is.
func read(text []byte) (version, error) {
	var v version
	for rest := text; bytes.HasPrefix(rest, []byte("#")); {
		line, after, _ := bytes.Cut(rest, []byte("\n"))
		v.head += string(line) + "\n"
		rest = after
	}
	objects, err := manifest.Objects(text)
	if err != nil {
		return v, errors.Join(ErrNotRendered, err)
	}
	v.objects = objects
	if len(text) > 0 && !bytes.Equal(append([]byte(v.head), manifest.Stream(objects)...), text) {
		return v, ErrNotRendered
	}
	return v, nil
}

// merger merges one file, and remembers where it could not.
type merger struct {
	object    manifest.ID
	conflicts []Conflict
}

// below gives the elements of a list their places.
func below(path finding.Path) func(string) finding.Path {
	return func(key string) finding.Path { return path.Keys(key) }
}

func (m *merger) objects(base, ours, theirs []manifest.Object) []manifest.Object {
	var versions [3]keyed
	for i, objects := range [][]manifest.Object{base, ours, theirs} {
		versions[i] = keyed{values: map[string]any{}}
		for _, object := range objects {
			versions[i].add(manifest.Identify(object).String(), object)
		}
	}
	whole := func(id string) finding.Path {
		object, there := versions[1].values[id]
		if !there {
			object = versions[2].values[id]
		}
		m.object = manifest.Identify(object.(manifest.Object))
		return ""
	}
	var merged []manifest.Object
	for _, object := range m.elements(versions[0], versions[1], versions[2], whole) {
		merged = append(merged, object.(manifest.Object))
	}
	return merged
}

// keyed are the elements of a list that have keys, in their order.
type keyed struct {
	keys   []string
	values map[string]any
}

// add gives an element its key; false where another has it.
func (k *keyed) add(key string, value any) bool {
	if _, taken := k.values[key]; taken {
		return false
	}
	k.keys = append(k.keys, key)
	k.values[key] = value
	return true
}

func (k keyed) at(key string) side {
	value, there := k.values[key]
	return side{value, there}
}

// elements merges lists whose elements have keys; at is the place of each.
func (m *merger) elements(base, ours, theirs keyed, at func(key string) finding.Path) []any {
	kept := map[string]any{}
	for _, key := range slices.Concat(ours.keys, theirs.keys) {
		if _, done := kept[key]; done {
			continue
		}
		if value, there := m.value(base.at(key), ours.at(key), theirs.at(key), at(key)); there {
			kept[key] = value
		}
	}
	merged := make([]any, 0, len(kept))
	for _, key := range inOrder(base.keys, ours.keys, theirs.keys, kept) {
		merged = append(merged, kept[key])
	}
	return merged
}

// inOrder puts the keys that are kept into the order of ours, with those that are theirs alone where they stand there. What
// is sorted on both sides stays so.
func inOrder(base, ours, theirs []string, kept map[string]any) []string {
	in := func(keys []string) []string {
		return slices.DeleteFunc(slices.Clone(keys), func(key string) bool { _, is := kept[key]; return !is })
	}
	merged, more := in(ours), in(theirs)
	if slices.IsSorted(ours) && slices.IsSorted(theirs) {
		merged = append(merged, more...)
		slices.Sort(merged)
		return slices.Compact(merged)
	}
	place := 0
	for _, key := range more {
		if at := slices.Index(merged, key); at >= 0 {
			place = at + 1
			continue
		}
		// Beside what ours alone has put there, names decide.
		for place < len(merged) && merged[place] < key && !slices.Contains(base, merged[place]) && !slices.Contains(theirs, merged[place]) {
			place++
		}
		merged = slices.Insert(merged, place, key)
		place++
	}
	return merged
}

// side is a value of one version, if it is there.
type side struct {
	value any
	there bool
}

func (s side) equal(other side) bool {
	return s.there == other.there && (!s.there || manifest.Equal(s.value, other.value))
}

// value merges a value; there is false where it goes.
func (m *merger) value(base, ours, theirs side, path finding.Path) (merged any, there bool) {
	switch {
	case ours.equal(theirs), base.equal(theirs):
		return ours.value, ours.there
	case base.equal(ours):
		return theirs.value, theirs.there
	case ours.there && theirs.there:
		if merged, ok := m.both(base.value, ours.value, theirs.value, path); ok {
			return merged, true
		}
	}
	m.conflicts = append(m.conflicts, Conflict{m.object, path})
	return ours.value, ours.there
}

// both merges a value that both sides changed or added; false where no merge of such values is known.
func (m *merger) both(base, ours, theirs any, path finding.Path) (any, bool) {
	switch ours := ours.(type) {
	case map[string]any:
		if theirs, ok := theirs.(map[string]any); ok {
			was, _ := base.(map[string]any)
			return m.fields(was, ours, theirs, path), true
		}
	case []any:
		if theirs, ok := theirs.([]any); ok {
			was, _ := base.([]any)
			return m.list(was, ours, theirs, path)
		}
	case string:
		was, hadBase := base.(string)
		if theirs, ok := theirs.(string); ok && hadBase {
			return expression(was, ours, theirs)
		}
	}
	return nil, false
}

func (m *merger) fields(base, ours, theirs map[string]any, path finding.Path) map[string]any {
	merged := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(union(ours, theirs))) {
		was, hadBase := base[name]
		our, hasOurs := ours[name]
		their, hasTheirs := theirs[name]
		if value, there := m.value(side{was, hadBase}, side{our, hasOurs}, side{their, hasTheirs}, path.Keys(name)); there {
			merged[name] = value
		}
	}
	return merged
}

func union(a, b map[string]any) map[string]any {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// list merges lists by the names of their elements, by their places where these have none and neither side added any, and
// else as sets.
func (m *merger) list(base, ours, theirs []any, path finding.Path) (any, bool) {
	for _, name := range []string{"name", "environment", "key", "id"} {
		if lists, ok := named(name, base, ours, theirs); ok {
			return m.elements(lists[0], lists[1], lists[2], below(path)), true
		}
	}
	if len(ours) == len(base) && len(theirs) == len(base) && objectsAlone(base, ours, theirs) {
		merged := make([]any, len(base))
		for i := range base {
			merged[i], _ = m.value(side{base[i], true}, side{ours[i], true}, side{theirs[i], true}, path.Index(i))
		}
		return merged, true
	}
	var sets [3]keyed
	for i, list := range [][]any{base, ours, theirs} {
		sets[i] = keyed{values: map[string]any{}}
		for _, element := range list {
			if !sets[i].add(key(element), element) {
				return nil, false
			}
		}
	}
	if objectsAlone(base, ours, theirs) && loses(sets[0], sets[1]) && loses(sets[0], sets[2]) {
		return nil, false // the same element may have changed on both sides
	}
	return m.elements(sets[0], sets[1], sets[2], below(path)), true
}

// objectsAlone says whether lists hold nothing but objects.
func objectsAlone(lists ...[]any) bool {
	return !slices.ContainsFunc(slices.Concat(lists...), func(element any) bool { _, is := element.(map[string]any); return !is })
}

// loses says whether a list lacks an element that the other has.
func loses(base, list keyed) bool {
	return slices.ContainsFunc(base.keys, func(key string) bool { return !list.at(key).there })
}

// named are lists by a field that each of their elements has, with a value of its own.
func named(name string, lists ...[]any) (by [3]keyed, ok bool) {
	for i, list := range lists {
		by[i] = keyed{values: map[string]any{}}
		for _, element := range list {
			object, isObject := element.(map[string]any)
			value, isText := object[name].(string)
			if !isObject || !isText || !by[i].add(value, element) {
				return by, false
			}
		}
	}
	return by, true
}

// key is an element of a list that is its own name.
func key(element any) string {
	if text, isText := element.(string); isText {
		return text
	}
	return strings.TrimSuffix(string(manifest.Append(nil, manifest.Object{"element": element})), "\n")
}
