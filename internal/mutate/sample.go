package mutate

import (
	"slices"

	"spokewright.dev/spokewright/internal/constraint"
)

// Sample is a plain value that satisfies the constraint, with no optional fields, where one is easily found: [Judge]
// of the constraint says whether it was.
func Sample(want *constraint.Constraint) any { return value(want, false) }

// full has optional fields too.
func full(want *constraint.Constraint) any { return value(want, true) }

func value(want *constraint.Constraint, optional bool) any {
	if want == nil {
		return "text"
	}
	for _, arm := range want.AnyOf {
		if found := value(arm, optional); len(arm.Judge(found)) == 0 {
			return found
		}
	}
	switch kinds := want.Kinds; {
	case len(want.Enum) > 0:
		return want.Enum[0]
	case kinds == constraint.Any:
		return "text"
	case kinds&constraint.Map != 0:
		return fieldsOf(want, optional)
	case kinds&constraint.List != 0:
		return listOf(want, optional)
	case want.MinQuantity != nil:
		return want.MinQuantity.Value
	case want.MaxQuantity != nil:
		return want.MaxQuantity.Value
	case kinds&constraint.String != 0:
		return textOf(want)
	case kinds&constraint.Number != 0:
		return numberOf(want)
	case kinds&constraint.Bool != 0:
		return !slices.Contains(want.Not, any(true))
	}
	return nil
}

func fieldsOf(want *constraint.Constraint, optional bool) any {
	m := map[string]any{}
	for _, field := range want.Fields {
		if field.Presence == constraint.Required || field.Presence == constraint.Optional && optional {
			m[field.Name] = value(field.Value, optional)
		}
	}
	return m
}

func listOf(want *constraint.Constraint, optional bool) any {
	list := []any{}
	for _, item := range want.Items {
		list = append(list, value(item, optional))
	}
	for len(list) < want.MinItems || len(list) == 0 && optional && (want.MaxItems == nil || *want.MaxItems > 0) {
		list = append(list, value(want.Elements, optional))
	}
	return list
}

func textOf(want *constraint.Constraint) any {
	for _, text := range texts(want, "") {
		if len(want.Judge(text)) == 0 {
			return text
		}
	}
	return "text"
}

// numberOf tries the bounds and what is beside them.
func numberOf(want *constraint.Constraint) any {
	candidates := []any{int64(1), int64(0)}
	for _, bound := range []*constraint.Bound{want.Max, want.Min} {
		if bound == nil {
			continue
		}
		switch n := bound.Value.(type) {
		case int64:
			candidates = append([]any{n, n + 1, n - 1}, candidates...)
		case float64:
			whole := int64(n)
			candidates = append([]any{n, whole, whole + 1, whole - 1}, candidates...)
		}
	}
	for _, n := range candidates {
		if len(want.Judge(n)) == 0 {
			return n
		}
	}
	return candidates[0]
}
