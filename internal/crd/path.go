package crd

import (
	"net/url"
	"strconv"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
)

// tokens splits a JSON pointer as the schema library writes it, percent-encoded.
func tokens(pointer string) []string {
	if pointer == "" {
		return nil
	}
	parts := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for i, part := range parts {
		if plain, err := url.PathUnescape(part); err == nil {
			part = plain
		}
		parts[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
	}
	return parts
}

// follow walks from a value along a JSON pointer: the path taken, the last name in it and the value at its end.
func follow(value any, pointer string) (path finding.Path, name string, at any) {
	for _, token := range tokens(pointer) {
		switch parent := value.(type) {
		case map[string]any:
			path, name, value = path.Keys(token), token, parent[token]
		case []any:
			index, err := strconv.Atoi(token)
			if err != nil || index < 0 || index >= len(parent) {
				return path, name, nil
			}
			path, name, value = path.Index(index), token, parent[index]
		}
	}
	return path, name, value
}
