package mutate

import (
	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/manifest"
)

// Repair changes as little of the object as it can until it keeps all rules. It gives what it could not mend.
func Repair(object manifest.Object, rules ...*constraint.Constraint) (manifest.Object, []constraint.Violation) {
	broken := violations(object, rules)
	for len(broken) > 0 {
		mended, left := repairOne(object, broken, rules)
		if len(left) >= len(broken) {
			return object, broken
		}
		object, broken = mended, left
	}
	return object, nil
}

func violations(object manifest.Object, rules []*constraint.Constraint) []constraint.Violation {
	var all []constraint.Violation
	for _, rule := range rules {
		all = append(all, rule.Judge(object)...)
	}
	return all
}

// repairOne gives the object with the fewest violations left, of all that mend one of them.
func repairOne(object manifest.Object, broken []constraint.Violation, rules []*constraint.Constraint) (manifest.Object, []constraint.Violation) {
	best, left := object, broken
	for _, violation := range broken {
		for _, change := range remedies(violation) {
			mended, is := manifest.With(object, violation.Path, change).(manifest.Object)
			if !is {
				continue
			}
			if still := violations(mended, rules); len(still) < len(left) {
				best, left = mended, still
			}
		}
	}
	return best, left
}

// remedies are changes that may mend a violation.
func remedies(violation constraint.Violation) []manifest.Change {
	switch violation.Reason {
	case constraint.ForbiddenField, constraint.UnknownField:
		return []manifest.Change{removed}
	}
	changes := []manifest.Change{to(Sample(violation.Want)), to(full(violation.Want))}
	arms := append([]*constraint.Constraint{violation.Want}, violation.Want.AnyOf...)
	for _, arm := range arms {
		if old, is := violation.Found.(string); is {
			for _, text := range texts(arm, old) {
				changes = append(changes, to(text))
			}
		}
		changes = append(changes, to(Sample(arm)))
	}
	return changes
}
