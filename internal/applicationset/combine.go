package applicationset

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"dario.cat/mergo"
	"spokewright.dev/spokewright/internal/finding"
)

// matrix gives each pair of what its two generators give, as one.
func (e *expansion) matrix(path finding.Path, g combination, depth int) ([]map[string]any, error) {
	if len(g.Generators) != 2 {
		return nil, fmt.Errorf("a matrix has %d generators: two are allowed", len(g.Generators))
	}
	first, err := e.inner(path.Keys("generators").Index(0), g.Generators[0], nil, depth)
	if err != nil {
		return nil, err
	}
	pairs := []map[string]any{}
	for _, a := range first {
		second, err := e.inner(path.Keys("generators").Index(1), g.Generators[1], a, depth)
		if err != nil {
			return nil, err
		}
		for _, b := range second {
			if err := e.texts.budget.spend(size(a) + size(b)); err != nil {
				return nil, err
			}
			pair, err := e.pair(a, b)
			if err != nil {
				return nil, err
			}
			pairs = append(pairs, pair)
		}
	}
	return pairs, nil
}

// pair is one pair of a matrix: of Go templates the first generator's words count, of others both must say the same.
func (e *expansion) pair(a, b map[string]any) (map[string]any, error) {
	pair := map[string]any{}
	if e.spec.GoTemplate {
		return pair, errors.Join(mergo.Merge(&pair, b, mergo.WithOverride), mergo.Merge(&pair, a, mergo.WithOverride))
	}
	for name, value := range a {
		pair[name] = fmt.Sprintf("%v", value)
	}
	for name, value := range b {
		text := fmt.Sprintf("%v", value)
		if other, twice := pair[name]; twice && other != text {
			return nil, fmt.Errorf("the generators of a matrix give %s two values, %s and %s", name, finding.Quote(other.(string)), finding.Quote(text))
		}
		pair[name] = text
	}
	return pair, nil
}

// merge lays what the other generators give over what the first one gives, where the keys of the merge are equal.
func (e *expansion) merge(path finding.Path, g combination, depth int) ([]map[string]any, error) {
	if len(g.Generators) < 2 {
		return nil, fmt.Errorf("a merge has %d generators: two or more are allowed", len(g.Generators))
	}
	var merged []map[string]any
	var place map[string]int
	for i, text := range g.Generators {
		params, err := e.inner(path.Keys("generators").Index(i), text, nil, depth)
		if err != nil {
			return nil, err
		}
		keys, err := e.keys(g.MergeKeys, params)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			merged, place = params, keys
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			at, ok := place[key]
			if !ok {
				continue
			}
			if !e.spec.GoTemplate {
				maps.Copy(merged[at], params[keys[key]])
			} else if err := mergo.Merge(&merged[at], params[keys[key]], mergo.WithOverride); err != nil {
				return nil, err
			}
		}
	}
	return merged, nil
}

// keys are where parameters stand by what they say of the keys of a merge.
func (e *expansion) keys(names []string, params []map[string]any) (map[string]int, error) {
	if len(names) == 0 {
		return nil, errors.New("a merge has no mergeKeys: one or more are needed")
	}
	found := map[string]int{}
	for i, one := range params {
		if err := e.texts.budget.spend(size(one)); err != nil {
			return nil, err
		}
		key := map[string]any{}
		for _, name := range names {
			key[name] = one[name]
		}
		text, err := json.Marshal(key)
		if err != nil {
			return nil, err
		}
		if _, twice := found[string(text)]; twice {
			return nil, fmt.Errorf("a generator of a merge gives %s twice: the mergeKeys must tell all apart", text)
		}
		found[string(text)] = i
	}
	return found, nil
}
