package review

import (
	"maps"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
)

// secrecy is how far a value is a secret.
type secrecy int

const (
	open   secrecy = iota
	secret         // but for what leads to another place, as secret: {name: ...}
	sealed         // all of it, as the data of a Secret
)

// spot is where a value stands, as far as it tells whether the value is a secret.
type spot struct {
	kind string // of the object
	top  bool   // the value is the object itself
	key  string // the last name on the way
	how  secrecy

	before []any // of an element: those before it
}

// tells says whether a text that stands here is a secret.
func (s spot) tells(text string) bool {
	return text != "" && (s.how > open || betrays(s.key, text) || follows(s.before, text))
}

// below is the spot of what stands at a key.
func (s spot) below(key string) spot {
	next := spot{kind: s.kind, key: key, how: s.how}
	switch {
	case s.how == sealed:
	case s.top && s.kind == "Secret" && (key == "data" || key == "stringData"):
		next.how = sealed
	case s.kind == "ExternalSecret" && key == "secretKey": // the name of a key
		next.how = open
	case isSecretKey(key):
		next.how = secret
	case s.how == secret && isReference(key):
		next.how = open
	}
	return next
}

// among is the spot of an element that stands behind others.
func (s spot) among(before ...any) spot {
	s.top, s.before = false, before
	if len(before) > 0 {
		if flag, ok := before[len(before)-1].(string); ok && isFlag(flag) { // args: ["--password", "x"]
			s.how = max(s.how, secret)
		}
	}
	return s
}

// beside is the spot of what stands at a key in a map: env: [{name: "PASSWORD", value: "x"}], or the value of a JSON patch.
func (s spot) beside(key string, all map[string]any) spot {
	if pointer, ok := all["path"].(string); ok && key == "value" && all["op"] != nil {
		for _, token := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
			s = s.below(strings.NewReplacer("~1", "/", "~0", "~").Replace(token))
		}
		return s
	}
	next := s.below(key)
	if !holdsValue(key) {
		return next
	}
	for _, named := range []string{"name", "key"} {
		if name, ok := all[named].(string); ok && (isSecretKey(name) || isSuspicious(name)) {
			next.how = max(next.how, secret)
		}
	}
	return next
}

func holdsValue(key string) bool { return key == "value" || key == "default" }

// walker goes through a value and replaces what it meets.
type walker struct {
	leaf func(value any, at spot) any
	name func(key string) string
}

func (w walker) walk(value any, at spot) any {
	switch value := value.(type) {
	case map[string]any:
		fresh := make(map[string]any, len(value))
		for _, key := range slices.Sorted(maps.Keys(value)) {
			fresh[w.name(key)] = w.walk(value[key], at.beside(key, value))
		}
		return fresh
	case []any:
		fresh := make([]any, len(value))
		for i, element := range value {
			fresh[i] = w.walk(element, at.among(value[:i]...))
		}
		return fresh
	}
	return w.leaf(value, at)
}

// spotOf is where a field of an object stands. What stands beside it is looked up in the object; where that does not have
// the value there, so that nothing is known, a value beside a name that could be a secret's counts as one.
func spotOf(path finding.Path, kind string, object manifest.Object, value any) spot {
	steps, at := path.Steps(), spot{kind: kind, top: true}
	known := manifest.Equal(follow(object, steps), value)
	for i, step := range steps {
		here := follow(object, steps[:i])
		switch {
		case step.List:
			list, isList := here.([]any)
			switch {
			case known && isList && step.Index > 0:
				at = at.among(list[:min(step.Index, len(list))]...) // what is not there any more, or not yet, stands behind all others
			case !known && (at.key == "args" || at.key == "command"):
				at = at.among("--password")
			default:
				at = at.among()
			}
		default:
			fields, _ := here.(map[string]any)
			if !known && holdsValue(step.Name) && i > 0 {
				fields = map[string]any{"name": "password"}
			}
			at = at.beside(step.Name, fields)
		}
	}
	return at
}

// elementNames are the fields by which package change knows the elements of a list, whose names are steps then.
var elementNames = []string{"name", "key", "secretKey", "id", "type", "mountPath", "ip", "host"}

// follow is what stands at the end of some steps; nil where there is nothing.
func follow(object manifest.Object, steps []finding.Step) any {
	var value any = object
	for _, step := range steps {
		switch here := value.(type) {
		case map[string]any:
			value = here[step.Name]
		case []any:
			value = element(here, step)
		default:
			return nil
		}
	}
	return value
}

// element is one of a list, by its place or its name; nil where there is none.
func element(list []any, step finding.Step) any {
	if step.List {
		if step.Index < 0 || step.Index >= len(list) {
			return nil
		}
		return list[step.Index]
	}
	for _, naming := range elementNames {
		for _, one := range list {
			if fields, ok := one.(map[string]any); ok && fields[naming] == step.Name {
				return fields
			}
		}
	}
	return nil
}
