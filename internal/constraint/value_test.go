package constraint_test

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"pgregory.net/rapid"
)

func anyValue(t *rapid.T) any {
	return pick(t, []any{nil, true, false, int64(0), int64(7), 7.0, 0.5, "", "a", []any{}, []any{"a"}, map[string]any{}, map[string]any{"a": int64(1)}})
}

// bend changes a value in one random place.
func bend(t *rapid.T, value any) any {
	switch x := value.(type) {
	case map[string]any:
		return bendMap(t, x)
	case []any:
		if len(x) > 0 && chance(t, 60) {
			i := rapid.IntRange(0, len(x)-1).Draw(t, "i")
			x = slices.Clone(x)
			x[i] = bend(t, x[i])
			return x
		}
		return pick(t, []any{append(slices.Clone(x), anyValue(t)), x[:len(x)/2], "a"})
	case int64:
		return pick(t, []any{x + 1, x - 1, float64(x), float64(x) + 0.5, strconv.FormatInt(x, 10)})
	case float64:
		return pick(t, []any{x + 0.25, math.Trunc(x), int64(x)})
	case string:
		return pick(t, []any{x + "a", "a" + x, strings.TrimSuffix(x, "a"), []any{x}})
	}
	return anyValue(t)
}

func bendMap(t *rapid.T, m map[string]any) any {
	m = maps.Clone(m)
	keys := slices.Sorted(maps.Keys(m))
	if len(keys) == 0 || chance(t, 20) {
		m[pick(t, append(names, words...))] = anyValue(t)
		return m
	}
	key := pick(t, keys)
	if chance(t, 25) {
		delete(m, key)
		return m
	}
	if chance(t, 10) {
		return anyValue(t)
	}
	m[key] = bend(t, m[key])
	return m
}
