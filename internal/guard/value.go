package guard

import (
	"maps"
	"slices"

	"spokewright.dev/spokewright/internal/finding"
)

// at is what stands at a path of an object; the object itself at none, nil where there is nothing.
func at(object map[string]any, path finding.Path) any {
	var value any = object
	for _, step := range path.Steps() {
		fields, _ := value.(map[string]any)
		value = fields[step.Name]
	}
	return value
}

func sorted(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }

// short shows a value, where there is one.
func short(v any) string {
	if v == nil {
		return "nothing"
	}
	return finding.Show(v)
}
