package guard

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// value is what stands at a path of an object, its names divided by dots, or nil.
func value(object map[string]any, path string) any {
	if path == "" {
		return object
	}
	name, rest, more := strings.Cut(path, ".")
	if !more {
		return object[name]
	}
	inner, ok := object[name].(map[string]any)
	if !ok {
		return nil
	}
	return value(inner, rest)
}

// equal compares data, whatever Go types its numbers have.
func equal(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for name, v := range a {
			if other, there := b[name]; !there || !equal(v, other) {
				return false
			}
		}
		return true
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, equal)
	}
	x, isNumber := number(a)
	y, areNumbers := number(b)
	if isNumber || areNumbers {
		return isNumber && areNumbers && x == y
	}
	switch b.(type) {
	case map[string]any, []any: // not comparable
		return false
	}
	return a == b
}

// number reads a number of any Go type that data can hold.
func number(v any) (float64, bool) {
	switch v := v.(type) {
	case int:
		return float64(v), true
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
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
