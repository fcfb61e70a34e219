package crd

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
)

// mutant is an object with one thing changed.
type mutant struct {
	path   string
	change string
	object manifest.Object
}

// mutants changes one value of an object after the other, in each way there is for it.
func mutants(object manifest.Object) iter.Seq[mutant] {
	return func(yield func(mutant) bool) {
		for _, path := range paths(object, "") {
			copied, _ := manifest.CopyOf(object).(map[string]any)
			set, original := slot(copied, path)
			for change, value := range changes(original) {
				set(value)
				if !yield(mutant{string(path), change, copied}) {
					return
				}
			}
		}
	}
}

// paths lists every value in an object, the object itself excepted.
func paths(value any, at finding.Path) []finding.Path {
	var all []finding.Path
	add := func(path finding.Path, inner any) {
		all = append(all, path)
		all = append(all, paths(inner, path)...)
	}
	switch value := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			add(at.Keys(name), value[name])
		}
	case []any:
		for i, item := range value {
			add(at.Index(i), item)
		}
	}
	return all
}

// slot gives a function that puts a value in the place a path leads to, and what is there now.
func slot(object map[string]any, path finding.Path) (set func(any), value any) {
	value = object
	for _, step := range path.Steps() {
		switch parent := value.(type) {
		case map[string]any:
			set, value = func(v any) { parent[step.Name] = v }, parent[step.Name]
		case []any:
			set, value = func(v any) { parent[step.Index] = v }, parent[step.Index]
		}
	}
	return set, value
}

const unknownField = "unknown field"

// changes are the ways to change a value; none has an effect on the value itself.
func changes(value any) map[string]any {
	all := map[string]any{"text": "sprocket", "number": int64(-7), "fraction": 2.5, "true": true, "null": nil}
	switch value := value.(type) {
	case map[string]any:
		all["empty"] = map[string]any{}
		all[unknownField] = with(value, "sprocket", "a")
		all["odd name"] = with(value, "-Odd Name/x/y", "a")
		for name := range value {
			less := maps.Clone(value)
			delete(less, name)
			all["without "+name] = less
		}
	case []any:
		all["empty"] = []any{}
		if len(value) > 0 {
			all["doubled"] = append(slices.Clone(value), value...)
		}
	case string:
		all["empty"], all["long"], all["upper"] = "", strings.Repeat("a", 300), strings.ToUpper(value)
		all["list"], all["object"] = []any{value}, map[string]any{"a": value}
	default:
		all["zero"], all["large"], all["list"] = int64(0), int64(1)<<62, []any{value}
	}
	return all
}

func with(fields map[string]any, name string, value any) map[string]any {
	more := maps.Clone(fields)
	more[name] = value
	return more
}
