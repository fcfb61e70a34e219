package review

import (
	"maps"
	"slices"
	"strconv"
)

// Noticed are the paths of the texts in values that look like secrets, by their keys or by themselves: those that a review
// does not show.
func Noticed(values map[string]any) [][]string {
	var paths [][]string
	notice(values, cleanValue(values, spot{}, &cover{}), nil, func(path []string) { paths = append(paths, path) })
	return paths
}

// notice gives the paths at which a value is shown otherwise than it is.
func notice(value, shown any, at []string, give func(path []string)) {
	at = slices.Clip(at)
	switch value := value.(type) {
	case map[string]any:
		other, _ := shown.(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(value)) {
			notice(value[name], other[name], append(at, name), give)
		}
	case []any:
		other, _ := shown.([]any)
		for i := range value {
			if i < len(other) {
				notice(value[i], other[i], append(at, strconv.Itoa(i)), give)
			}
		}
	case string:
		if value != shown {
			give(at)
		}
	}
}
