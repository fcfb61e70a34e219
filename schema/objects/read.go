package objects

// object reads the map at a path; found is false if there is none.
func object(from map[string]any, path ...string) (value map[string]any, found bool) {
	value = from
	for _, name := range path {
		if value, found = value[name].(map[string]any); !found {
			return nil, false
		}
	}
	return value, true
}

// text reads the string at a path: empty if there is none.
func text(from map[string]any, path ...string) string {
	parent, _ := object(from, path[:len(path)-1]...)
	value, _ := parent[path[len(path)-1]].(string)
	return value
}

// list reads the list at a path: empty if there is none.
func list(from map[string]any, path ...string) []any {
	parent, _ := object(from, path[:len(path)-1]...)
	value, _ := parent[path[len(path)-1]].([]any)
	return value
}

// objectsIn reads those items of the list at a path that are maps.
func objectsIn(from map[string]any, path ...string) []map[string]any {
	var maps []map[string]any
	for _, item := range list(from, path...) {
		if value, ok := item.(map[string]any); ok {
			maps = append(maps, value)
		}
	}
	return maps
}

// is reads a boolean: false if there is none.
func is(from map[string]any, name string) bool {
	value, _ := from[name].(bool)
	return value
}

// clone copies JSON data deeply.
func clone(value any) any {
	switch value := value.(type) {
	case map[string]any:
		copied := make(map[string]any, len(value))
		for name, field := range value {
			copied[name] = clone(field)
		}
		return copied
	case []any:
		copied := make([]any, len(value))
		for i, item := range value {
			copied[i] = clone(item)
		}
		return copied
	default:
		return value
	}
}
