package review

import (
	"fmt"
	"html"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
)

// bundle is what goes with environments that are not there any more, or are called otherwise: the same of each object.
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

// title says how much goes, or follows.
func (b bundle) title() string {
	if b[0].from != nil {
		return "under another name, " + finding.Count(b.places(), "object")
	}
	return "all of it, " + finding.Count(b.places(), "object")
}

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
	claims := []string{"Workspace", "Network", "Peering", "NodePool", "Cluster", "Database"}
	slices.SortStableFunc(kinds, func(x, y string) int { return slices.Index(claims, y) - slices.Index(claims, x) })
	var texts []string
	for _, kind := range kinds {
		texts = append(texts, fmt.Sprintf("%s %s", kind, strings.Join(names[kind], ", ")))
	}
	return visible(strings.Join(texts, "; "))
}

// bundled are the changes that are told together, by the first of each and none by the others.
func (m *markdown) bundled() map[*group]bundle {
	all := map[*group]bundle{}
	var groups []*group
	for i := range m.report.groups {
		groups = append(groups, &m.report.groups[i])
	}
	whole, _ := bundles(groups)
	for _, b := range whole {
		for i, g := range b {
			if all[g] = nil; i == 0 {
				all[g] = b
			}
		}
	}
	return all
}

// bundle is what goes with environments, folded; nothing where the first of it tells of it.
func (m *markdown) bundle(b bundle) string {
	if len(b) == 0 {
		return ""
	}
	first, text := b[0], ""
	for i := range first.fields {
		text += m.advice(&first.fields[i])
	}
	if first.declared != nil {
		text += fmt.Sprintf("Declared: %s (%s).\n\n", prose(fit(cells(sentence(first.declared, "")), 300)), code(fit(cells(placesOf(first.allowed, textPlaces)), 240)))
	}
	return fmt.Sprintf("<details><summary><b>%s</b> <code>%s</code> in <code>%s</code></summary>\n\n%s%s\n\n</details>\n\n", html.EscapeString(first.label()),
		html.EscapeString(sign(first.action)+" "+b.title()), html.EscapeString(fit(cells(m.names.brief(first.environments(), 3)), 120)), text, code(b.objects()))
}
