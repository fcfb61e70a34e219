package mutate

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/manifest"
)

// operator is a way to change a value. changes gives none where it does not fit.
type operator struct {
	name    string
	changes func(site) []manifest.Change
}

// operators are the ways to change one value, in order.
func operators() []operator {
	return slices.Concat([]operator{
		{"delete a field", present(func(value any) []manifest.Change {
			if isMap(value) {
				return nil
			}
			return []manifest.Change{removed}
		})},
		{"delete a map", present(func(value any) []manifest.Change {
			if !isMap(value) {
				return nil
			}
			return []manifest.Change{removed}
		})},
		{"null", present(func(any) []manifest.Change { return []manifest.Change{to(nil)} })},
		{"wrong type", present(wrongType)},
		{"add a field", added},
		{"rename a field", present(fields(func(name string) string { return name + "s" }))},
		{"case of a field", present(fields(strings.ToUpper))},
		{"empty a map", typed(func(map[string]any) []any { return []any{map[string]any{}} })},
		{"unknown field", typed(func(m map[string]any) []any { return []any{manifest.With(m, []string{"strayField"}, to("x"))} })},
		{"flip a boolean", typed(func(b bool) []any { return []any{!b} })},
		{"boolean as string", typed(func(b bool) []any { return []any{strconv.FormatBool(b)} })},
		{"boolean as number", typed(func(b bool) []any { return []any{map[bool]int64{true: 1}[b]} })},
	}, numberOperators(), stringOperators(), listOperators())
}

func numberOperators() []operator {
	return []operator{
		{"boundary and one less", bounded(-1)},
		{"boundary and one more", bounded(1)},
		{"zero and less", typed(func(int64) []any { return []any{int64(0), int64(-1)} })},
		{"fraction", typed(func(n int64) []any { return []any{float64(n) + 0.5, float64(n) - 0.5} })},
		{"huge number", typed(func(int64) []any { return []any{int64(math.MaxInt32), int64(1) << 53} })},
		{"number as string", typed(func(n int64) []any { return []any{strconv.FormatInt(n, 10)} })},
	}
}

// quantity is what Kubernetes reads as an amount, in part: digits and a unit.
var quantity = regexp.MustCompile(`^([0-9]+)(m|Ki|Mi|Gi|Ti|k|M|G|T)?$`)

// numberIn is a number in a text.
var numberIn = regexp.MustCompile(`[0-9]{1,4}`)

func stringOperators() []operator {
	return []operator{
		{"other choice", choices(func(allowed any) any { return allowed })},
		{"near a choice", choices(func(allowed any) any {
			if text, is := allowed.(string); is {
				return text + "x"
			}
			return nil
		})},
		{"string as number", typed(func(text string) []any {
			if n, err := strconv.ParseInt(text, 10, 64); err == nil {
				return []any{n}
			}
			return nil
		})},
		{"string as list", typed(func(text string) []any { return []any{[]any{text}} })},
		{"other version", typed(func(text string) []any {
			found := numberIn.FindAllStringIndex(text, -1)
			if len(found) == 0 {
				return nil
			}
			digits := found[len(found)-1]
			n, _ := strconv.Atoi(text[digits[0]:digits[1]]) // at most four digits
			var others []any
			for _, other := range []int{n - 1, n - 4, n + 1, 0, 99} {
				others = append(others, text[:digits[0]]+strconv.Itoa(max(other, 0))+text[digits[1]:])
			}
			return others
		})},
		{"another word", choices(func(any) any { return nil }, "Unconfined", "LoadBalancer", "Unmasked", "SYS_ADMIN")},
		{"empty string", typed(func(string) []any { return []any{""} })},
		{"upper case", typed(func(text string) []any { return []any{strings.ToUpper(text)} })},
		{"spaces around", typed(func(text string) []any { return []any{" " + text, text + " "} })},
		{"line break", typed(func(text string) []any { return []any{text + "\n", "x\n" + text} })},
		{"text before", typed(func(text string) []any { return []any{"x" + text, "evil.example.net/" + text} })},
		{"text after", typed(func(text string) []any { return []any{text + "x", text + ".evil.example.net/x:1"} })},
		{"other tag", typed(func(text string) []any {
			name, _, tagged := strings.Cut(text, ":")
			if !tagged {
				return nil
			}
			return []any{name, name + ":latest", name + ":", name + ":1.0.1", name + "@sha256:" + strings.Repeat("0", 64)}
		})},
		{"other host", typed(func(text string) []any {
			host, rest, found := strings.Cut(text, "/")
			if !found {
				return nil
			}
			return []any{rest, "evil.example.net/" + rest, host + ".evil.example.net/" + rest, strings.ReplaceAll(host, ".", "x") + "/" + rest}
		})},
		{"other unit", typed(func(text string) []any {
			parts := quantity.FindStringSubmatch(text)
			if parts == nil {
				return nil
			}
			return []any{parts[1], parts[1] + "m", parts[1] + "Ki", parts[1] + "Ti", "0", "0Gi"}
		})},
	}
}

func listOperators() []operator {
	return []operator{
		{"empty list", typed(func([]any) []any { return []any{[]any{}} })},
		{"extra item", typed(func(list []any) []any {
			if len(list) == 0 {
				return nil
			}
			return []any{append(slices.Clip(list), list[0])}
		})},
		{"drop an item", typed(func(list []any) []any {
			if len(list) < 2 {
				return nil
			}
			return []any{list[1:], list[:len(list)-1]}
		})},
		{"list as item", typed(func(list []any) []any {
			if len(list) == 0 {
				return nil
			}
			return []any{list[0]}
		})},
		{"null as second item", typed(func(list []any) []any { return []any{append(slices.Clip(list), nil)} })},
	}
}

// present gives changes of what is there.
func present(changes func(any) []manifest.Change) func(site) []manifest.Change {
	return func(at site) []manifest.Change {
		if !at.there {
			return nil
		}
		return changes(at.value)
	}
}

// typed gives other values for one of a type.
func typed[T any](others func(T) []any) func(site) []manifest.Change {
	return present(func(value any) []manifest.Change {
		if n, is := value.(int); is {
			value = int64(n)
		}
		fitting, is := value.(T)
		if !is {
			return nil
		}
		var changes []manifest.Change
		for _, other := range others(fitting) {
			changes = append(changes, to(other))
		}
		return changes
	})
}

func isMap(value any) bool {
	_, is := value.(map[string]any)
	return is
}

func wrongType(value any) []manifest.Change {
	switch value.(type) {
	case map[string]any, []any:
		return []manifest.Change{to("text"), to(int64(7))}
	}
	return []manifest.Change{to(map[string]any{"wrong": "type"}), to([]any{})}
}

// fields gives maps in which one field has another name.
func fields(rename func(string) string) func(any) []manifest.Change {
	return func(value any) []manifest.Change {
		m, _ := value.(map[string]any)
		var changes []manifest.Change
		for _, name := range sortedNames(m) {
			if rename(name) != name {
				moved := manifest.With(manifest.With(m, []string{name}, removed), []string{rename(name)}, to(m[name]))
				changes = append(changes, to(moved))
			}
		}
		return changes
	}
}

// added gives what may or may not stand where nothing stands.
func added(at site) []manifest.Change {
	if at.there {
		return nil
	}
	values := []any{true, false, "text", int64(0), map[string]any{}, []any{}}
	if at.want != nil {
		values = append(values, Sample(at.want), full(at.want))
	}
	var changes []manifest.Change
	for _, value := range values {
		changes = append(changes, to(value))
	}
	return changes
}

// bounded gives the bounds themselves, and numbers beside them.
func bounded(step int64) func(site) []manifest.Change {
	return func(at site) []manifest.Change {
		if at.want == nil || !at.there {
			return nil
		}
		var changes []manifest.Change
		for _, bound := range []*constraint.Bound{at.want.Min, at.want.Max, at.want.MinQuantity, at.want.MaxQuantity} {
			if bound == nil {
				continue
			}
			switch n := bound.Value.(type) {
			case string:
				changes = append(changes, to(n))
			case int64:
				changes = append(changes, to(n), to(n+step))
			case float64:
				changes = append(changes, to(n), to(n+float64(step)))
			}
		}
		return changes
	}
}

// choices gives what is made of each value that is allowed, and more values where some are.
func choices(of func(any) any, more ...string) func(site) []manifest.Change {
	return func(at site) []manifest.Change {
		if at.want == nil || !at.there {
			return nil
		}
		var changes []manifest.Change
		for _, allowed := range at.want.Enum {
			if value := of(allowed); value != nil {
				changes = append(changes, to(value))
			}
		}
		for _, word := range more {
			if len(at.want.Enum) > 0 {
				changes = append(changes, to(word))
			}
		}
		return changes
	}
}
