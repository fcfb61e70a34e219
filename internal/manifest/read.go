package manifest

// MapAt reads the map at a path; found is false if there is none.
func MapAt(from map[string]any, path ...string) (value map[string]any, found bool) {
	value = from
	for _, name := range path {
		if value, found = value[name].(map[string]any); !found {
			return nil, false
		}
	}
	return value, true
}

// TextAt reads the string at a path: empty if there is none.
func TextAt(from map[string]any, path ...string) string {
	parent, _ := MapAt(from, path[:len(path)-1]...)
	value, _ := parent[path[len(path)-1]].(string)
	return value
}

// ListAt reads the list at a path: empty if there is none.
func ListAt(from map[string]any, path ...string) []any {
	parent, _ := MapAt(from, path[:len(path)-1]...)
	value, _ := parent[path[len(path)-1]].([]any)
	return value
}

// MapsAt reads those items of the list at a path that are maps.
func MapsAt(from map[string]any, path ...string) []map[string]any {
	var maps []map[string]any
	for _, item := range ListAt(from, path...) {
		if value, ok := item.(map[string]any); ok {
			maps = append(maps, value)
		}
	}
	return maps
}

// IsTrue reads a boolean: false if there is none.
func IsTrue(from map[string]any, name string) bool {
	value, _ := from[name].(bool)
	return value
}
