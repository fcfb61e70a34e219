package change

import (
	"fmt"
	"slices"

	"spokewright.dev/spokewright/internal/manifest"
)

// opened says whether the rules of a NetworkPolicy let everything through that did not; peers is where a rule names whom.
func opened(peers string) func(old, new any) bool {
	wide := func(value any) bool {
		rules, _ := value.([]any)
		return slices.ContainsFunc(rules, func(rule any) bool {
			value, _ := manifest.Get(rule, peers)
			list, _ := value.([]any)
			return len(list) == 0 || slices.ContainsFunc(list, isEverywhere)
		})
	}
	return func(old, new any) bool { return wide(new) && !wide(old) }
}

// isEverywhere says whether a peer of a NetworkPolicy is every address, or every namespace.
func isEverywhere(peer any) bool {
	if block, _ := manifest.Get(peer, "ipBlock", "cidr"); block == "0.0.0.0/0" || block == "::/0" {
		return true
	}
	namespaces, there := manifest.Get(peer, "namespaceSelector")
	_, narrowed := manifest.Get(peer, "podSelector")
	return there && !narrowed && selectsAll(namespaces)
}

// selectsAll says whether a selector asks for no label.
func selectsAll(selector any) bool {
	labels, _ := manifest.Get(selector, "matchLabels")
	expressions, _ := manifest.Get(selector, "matchExpressions")
	named, _ := labels.(map[string]any)
	asked, _ := expressions.([]any)
	return len(named)+len(asked) == 0
}

// fewerSelected says whether a selector may leave out what another one selected: it asks for something that the other did not.
func fewerSelected(old, new any) bool {
	part := func(selector any, field string) any { value, _ := manifest.Get(selector, field); return value }
	before, _ := part(old, "matchLabels").(map[string]any)
	after, _ := part(new, "matchLabels").(map[string]any)
	for name, value := range after {
		if before[name] != value {
			return true
		}
	}
	return fewerElements(part(new, "matchExpressions"), part(old, "matchExpressions"))
}

// everyRight says whether a role may do everything of something that it could not: a rule with * for what, or for which.
func everyRight(old, new any) bool {
	wide := func(value any) []string {
		rules, _ := value.([]any)
		var all []string
		for _, rule := range rules {
			for _, field := range []string{"verbs", "resources", "apiGroups"} {
				if list, _ := manifest.Get(rule, field); contains(texts(list), "*") {
					all = append(all, field)
				}
			}
		}
		return all
	}
	before := wide(old)
	return slices.ContainsFunc(wide(new), func(field string) bool { return !slices.Contains(before, field) })
}

// everybody says whether a role is bound to a group that everybody is in, and was not.
func everybody(old, new any) bool {
	open := func(value any) bool {
		subjects, _ := value.([]any)
		return slices.ContainsFunc(subjects, func(subject any) bool {
			name, _ := manifest.Get(subject, "name")
			return slices.Contains([]any{"system:anonymous", "system:unauthenticated", "system:authenticated", "system:serviceaccounts"}, name)
		})
	}
	return open(new) && !open(old)
}

// noneStays says whether no Pod must stay any more, where some had to.
func noneStays(old, new any) bool {
	none := func(value any) bool { return value == nil || slices.Contains([]string{"0", "0%"}, fmt.Sprint(value)) }
	return none(new) && !none(old)
}

// allMayGo says whether all Pods may be away, where not all could.
func allMayGo(old, new any) bool { return fmt.Sprint(new) == "100%" && fmt.Sprint(old) != "100%" }
