package guard

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/manifest"
)

// at is what stands at a path of an object, its names divided by dots; the object itself at none, nil where there is nothing.
func at(object map[string]any, path string) any {
	if path == "" {
		return object
	}
	value, _ := manifest.Get(object, strings.Split(path, ".")...)
	return value
}

func sorted(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }

// named is the path of a key in a field.
func named(field, key string) string {
	if field == "" {
		return key
	}
	if strings.ContainsAny(key, "./") {
		return field + "[" + key + "]"
	}
	return field + "." + key
}

// short shows a value as JSON, cut where it is long.
func short(v any) string {
	if v == nil {
		return "nothing"
	}
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	if s := string(text); len(s) > 120 {
		return strings.ToValidUTF8(s[:117], "") + "..."
	}
	return string(text)
}
