package manifest

// Get is the value at a path of an object.
func Get(object map[string]any, path []string) (any, bool) {
	value, ok := object[path[0]]
	if !ok || len(path) == 1 {
		return value, ok
	}
	inner, ok := value.(map[string]any)
	if !ok {
		return nil, false
	}
	return Get(inner, path[1:])
}

// Set sets the value at a path of an object, and makes the maps on the way there.
func Set(object map[string]any, path []string, value any) {
	if len(path) == 1 {
		object[path[0]] = value
		return
	}
	inner, ok := object[path[0]].(map[string]any)
	if !ok {
		inner = map[string]any{}
		object[path[0]] = inner
	}
	Set(inner, path[1:], value)
}
