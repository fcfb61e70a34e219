package review

import (
	"fmt"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
)

// bundle is what goes with environments that are not there any more: the same of each object.
type bundle []*group

// bundles takes the groups that go with their environments out of others, those of which the same is said together.
func bundles(groups []*group) (whole []bundle, rest []*group) {
	at := map[string]int{}
	for _, g := range groups {
		if !g.whole {
			rest = append(rest, g)
			continue
		}
		key := strings.Join(g.environments(), "\x00") + "\n" + g.label()
		if g.declared != nil {
			key += g.declared.What
		}
		for _, f := range g.fields {
			key += "\n" + f.Reason + "\n" + f.Remedy
		}
		i, known := at[key]
		if !known {
			i = len(whole)
			at[key], whole = i, append(whole, nil)
		}
		whole[i] = append(whole[i], g)
	}
	return whole, rest
}

// places counts the objects.
func (b bundle) places() (n int) {
	for _, g := range b {
		n += len(g.places)
	}
	return n
}

// title says how much goes.
func (b bundle) title() string { return "all of it, " + finding.Count(b.places(), "object") }

// objects are the names of all objects, by kinds, the most telling first: claims, then what runs.
func (b bundle) objects() string {
	var kinds []string
	names := map[string][]string{}
	for _, g := range b {
		if names[g.object.Kind] == nil {
			kinds = append(kinds, g.object.Kind)
		}
		name := strings.TrimPrefix(g.object.String(), g.object.Kind+" ")
		if !slices.Contains(names[g.object.Kind], name) {
			names[g.object.Kind] = append(names[g.object.Kind], name)
		}
	}
	claims := []string{"Workspace", "Network", "Cluster", "Database"}
	slices.SortStableFunc(kinds, func(x, y string) int { return slices.Index(claims, y) - slices.Index(claims, x) })
	var texts []string
	for _, kind := range kinds {
		texts = append(texts, fmt.Sprintf("%s %s", kind, strings.Join(names[kind], ", ")))
	}
	return visible(strings.Join(texts, "; "))
}
