package crd

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// fieldPath leads from an object to a value in it: each step is a field's name or an item's index (int).
type fieldPath []any

var plainName = regexp.MustCompile(`^[A-Za-z_$][A-Za-z0-9_$-]*$`)

// String writes a path as in spec.generators[0] or metadata.labels["example.com/tier"].
func (p fieldPath) String() string {
	var written strings.Builder
	for _, step := range p {
		switch step := step.(type) {
		case int:
			written.WriteString("[" + strconv.Itoa(step) + "]")
		case string:
			switch {
			case !plainName.MatchString(step):
				written.WriteString("[" + strconv.Quote(step) + "]")
			case written.Len() == 0:
				written.WriteString(step)
			default:
				written.WriteString("." + step)
			}
		}
	}
	return written.String()
}

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

// follow walks from a value along a JSON pointer: the path taken, and the value at its end.
func follow(value any, pointer string) (fieldPath, any) {
	var path fieldPath
	for _, token := range tokens(pointer) {
		switch parent := value.(type) {
		case map[string]any:
			path, value = append(path, token), parent[token]
		case []any:
			index, err := strconv.Atoi(token)
			if err != nil || index < 0 || index >= len(parent) {
				return path, nil
			}
			path, value = append(path, index), parent[index]
		}
	}
	return path, value
}
