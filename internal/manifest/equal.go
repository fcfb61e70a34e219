package manifest

import (
	"encoding/json"
	"slices"
)

// Equal compares data, whatever Go types its numbers have.
func Equal(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for name, v := range a {
			if other, there := b[name]; !there || !Equal(v, other) {
				return false
			}
		}
		return true
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, Equal)
	}
	if x, isLarge := a.(uint64); isLarge { // more digits than a float64 has
		if y, both := b.(uint64); both {
			return x == y
		}
	}
	x, isNumber := Number(a)
	y, areNumbers := Number(b)
	if isNumber || areNumbers {
		return isNumber && areNumbers && x == y
	}
	switch b.(type) {
	case map[string]any, []any: // not comparable
		return false
	}
	return a == b
}

// Number reads a number of any Go type that data can hold.
func Number(v any) (float64, bool) {
	switch v := v.(type) {
	case int:
		return float64(v), true
	case int64:
		return float64(v), true
	case uint64:
		return float64(v), true
	case float64:
		return v, true
	case json.Number:
		f, err := v.Float64()
		return f, err == nil
	}
	return 0, false
}

// WholeNumbers is data whose numbers without a fraction are int64, as everywhere in objects.
func WholeNumbers(value any) any {
	switch value := value.(type) {
	case float64:
		if whole := int64(value); float64(whole) == value {
			return whole
		}
	case []any:
		list := make([]any, len(value))
		for i, item := range value {
			list[i] = WholeNumbers(item)
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(value))
		for name, item := range value {
			object[name] = WholeNumbers(item)
		}
		return object
	}
	return value
}
