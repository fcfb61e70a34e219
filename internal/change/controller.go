package change

import (
	"slices"
	"strconv"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// controllers are the charts of what runs a hub, and of what runs on spokes beside it, each with why it does not go back.
func controllers() map[string]string {
	const stored = "objects are stored as the newer version writes them, and the older one reads them wrong or not at all"
	return map[string]string{
		"argo-cd": stored, "argocd-image-updater": stored, "crossplane": stored, "kyverno": stored, "external-secrets": stored,
	}
}

// controller is the effect of another version of a controller's chart.
func controller(p *pair) []effect {
	source := func(p *placed, field string) string { return manifest.TextAt(p.Object.Object, "spec", "source", field) }
	chart, old, new := source(p.head, "chart"), source(p.base, "targetRevision"), source(p.head, "targetRevision")
	why, is := controllers()[chart]
	if p.head.kind != "Application" || !is || source(p.base, "chart") != chart {
		return nil
	}
	d := difference{path: finding.Keys("spec", "source", "targetRevision"), old: old, new: new, hasOld: old != "", hasNew: new != ""}
	return steps(chart, old, new, why, d.inPlace())
}

// steps is the effect of a version of a controller that goes down, or leaves one out that has to come between.
func steps(name, old, new, why string, e effect) []effect {
	before, known := minor(old)
	after, isToo := minor(new)
	switch {
	case !known || !isToo:
		return nil
	case schema.Older(new, old):
		e.Class, e.Reason = Recreate, name+" does not go back: "+why
	case name == "crossplane" && skips(before, after):
		e.Class, e.Reason = Refused, "Crossplane goes up one minor version at a time, from 1.20 to 2.0: each brings forward what the one before stored (its upgrade guide)"
		e.Remedy = "go through each minor version in a change of its own"
	default:
		return nil
	}
	return []effect{e}
}

// minor are the major and the minor version of a version.
func minor(version string) (numbers [2]int, known bool) {
	parts := strings.SplitN(strings.TrimPrefix(version, "v"), ".", 3)
	for i := range numbers {
		if i >= len(parts) {
			return numbers, false
		}
		n, err := strconv.Atoi(parts[i])
		if err != nil {
			return numbers, false
		}
		numbers[i] = n
	}
	return numbers, true
}

// skips says whether a minor version of Crossplane is left out: the last one of its first major version is 1.20.
func skips(old, new [2]int) bool {
	if old[0] == new[0] {
		return new[1] > old[1]+1
	}
	return new[0] > old[0]+1 || new[1] > 0 || old[1] < 20
}

// targets are the effects on hubs of other versions of the controllers that are written for.
func (c *comparison) targets() {
	if c.base.Fleet == nil || c.head.Fleet == nil {
		return
	}
	was, is := c.base.Fleet.Config.Targets, c.head.Fleet.Config.Targets
	var effects []effect
	for _, one := range []struct{ field, name, old, new string }{
		{"argocd", "argo-cd", was.ArgoCD.Version, is.ArgoCD.Version}, {"crossplane", "crossplane", was.Crossplane.Version, is.Crossplane.Version},
		{"imageUpdater", "argocd-image-updater", was.ImageUpdater.Version, is.ImageUpdater.Version}, {"kyverno", "kyverno", was.Kyverno.Version, is.Kyverno.Version},
	} {
		d := difference{path: finding.Keys("targets", one.field, "version"), old: one.old, new: one.new, hasOld: true, hasNew: true}
		e := d.inPlace()
		e.field = finding.Keys(one.field, "version")
		effects = append(effects, steps(one.name, one.old, one.new, controllers()[one.name], e)...)
	}
	if len(effects) == 0 {
		return
	}
	for _, name := range c.names {
		if e, known := c.head.environment(name); known && e.Role == "hub" && c.base.has(name) {
			own := slices.Clone(effects)
			for i := range own {
				if own[i].Remedy == "" {
					own[i].Remedy = "keep the version; " + c.removal(name, "targets", own[i].field)
				}
			}
			c.ofEnvironment(name, "targets", own)
		}
	}
}
