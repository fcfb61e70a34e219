package guard

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
)

// keeping finds where a field that holds found does not keep what was promised. Both are nil where the field is not.
type keeping func(field finding.Path, promised, found any) []flaw

// flaw is a promise that is not kept.
type flaw struct {
	field   finding.Path
	message string
}

// same keeps what is exactly as promised, or as absent. It points to each plain value that is not.
func same(field finding.Path, promised, found any) []flaw {
	switch p := promised.(type) {
	case map[string]any:
		if f, ok := found.(map[string]any); ok {
			var flaws []flaw
			names := maps.Clone(p)
			maps.Copy(names, f)
			for _, name := range sorted(names) {
				flaws = append(flaws, same(field.Keys(name), p[name], f[name])...)
			}
			return flaws
		}
	case []any:
		if f, ok := found.([]any); ok && len(f) == len(p) {
			var flaws []flaw
			for i := range p {
				flaws = append(flaws, same(field.Index(i), p[i], f[i])...)
			}
			return flaws
		}
	}
	if manifest.Equal(promised, found) {
		return nil
	}
	return []flaw{{field, fmt.Sprintf("found %s, promised %s", short(found), short(promised))}}
}

// wholly keeps an object that is exactly as promised, but for its metadata and for what its API fills in anyway.
func wholly(defaults map[string]any) keeping {
	return func(field finding.Path, promised, found any) []flaw {
		want, have := maps.Clone(promised.(map[string]any)), maps.Clone(found.(map[string]any))
		delete(want, "metadata")
		delete(have, "metadata")
		return same(field, want, given(want, have, defaults))
	}
}

// kept keeps what is exactly as promised, and asks nothing where nothing was.
func kept(field finding.Path, promised, found any) []flaw {
	if promised == nil {
		return nil
	}
	return same(field, promised, found)
}

// some keeps whatever there is, as long as there is something.
func some(field finding.Path, promised, found any) []flaw {
	if found != nil {
		return nil
	}
	return same(field, promised, found)
}

// atLeast keeps a number that is no smaller, and true.
func atLeast(field finding.Path, promised, found any) []flaw {
	p, isNumber := manifest.Number(promised)
	f, ok := manifest.Number(found)
	switch {
	case isNumber && ok && f >= p, promised == false && found == true:
		return nil
	case isNumber:
		return []flaw{{field, fmt.Sprintf("found %s, promised %s or more", short(found), short(promised))}}
	}
	return same(field, promised, found)
}

// off keeps a switch that is off, and asks nothing where it is on.
func off(field finding.Path, promised, found any) []flaw {
	if promised == true || found == nil {
		return nil
	}
	return same(field, promised, found)
}

// entries keeps a mapping that still has every promised entry; more may come.
func entries(field finding.Path, promised, found any) []flaw {
	want, _ := promised.(map[string]any)
	have, ok := found.(map[string]any)
	if !ok {
		return same(field, promised, found)
	}
	var flaws []flaw
	for _, name := range sorted(want) {
		flaws = append(flaws, same(field.Keys(name), want[name], have[name])...)
	}
	return flaws
}

// members keeps a list that still has every promised item; more may come.
func members(field finding.Path, promised, found any) []flaw {
	want, _ := promised.([]any)
	have, _ := found.([]any)
	var flaws []flaw
	for _, item := range want {
		if !slices.ContainsFunc(have, func(other any) bool { return manifest.Equal(item, other) }) {
			flaws = append(flaws, flaw{field, fmt.Sprintf("%v is gone", item)})
		}
	}
	return flaws
}

// rights keeps a list of what is allowed to which nothing came: a right may be taken away or made narrower, where "*" stood.
func rights(field finding.Path, promised, found any) []flaw {
	want, _ := promised.([]any)
	have, isList := found.([]any)
	if !isList && found != nil {
		return same(field, promised, found)
	}
	var flaws []flaw
	for i, item := range have {
		if !slices.ContainsFunc(want, func(right any) bool { return covers(right, item) }) {
			flaws = append(flaws, flaw{field.Index(i), fmt.Sprintf("found %s, which is more than was promised: %s", short(item), short(promised))})
		}
	}
	return flaws
}

// covers says whether a right holds all that another one does.
func covers(right, other any) bool {
	wide, isMap := right.(map[string]any)
	narrow, isMapToo := other.(map[string]any)
	if !isMap || !isMapToo || len(wide) != len(narrow) {
		return manifest.Equal(right, other)
	}
	for name, value := range wide {
		if _, isText := narrow[name].(string); !manifest.Equal(value, narrow[name]) && (value != "*" || !isText) {
			return false
		}
	}
	return true
}

// literals keeps a list to which nothing came that stands for many.
func literals(field finding.Path, promised, found any) []flaw {
	var flaws []flaw
	want, _ := promised.([]any)
	have, _ := found.([]any)
	for _, item := range have {
		text, isText := item.(string)
		if isText && !slices.Contains(want, item) && strings.ContainsAny(text, `*?[{!\`) {
			flaws = append(flaws, flaw{field, fmt.Sprintf("found %q, allowed is one repository by its address", text)})
		}
	}
	return flaws
}
