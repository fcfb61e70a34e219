package change

import (
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
)

// anotherSource is the effect on an Application of a source that is another one, not another revision of the same: Argo CD
// deletes what the old one made and the new one does not make.
func (c *comparison) anotherSource(p *pair) []effect {
	if p.head.kind != "Application" {
		return nil
	}
	was, is := origins(p.base.Object.Object), origins(p.head.Object.Object)
	for i := range was {
		was[i].release = c.renaming(p).now(was[i].release) // which is called after it
		if c.base.Fleet != nil && c.head.Fleet != nil && was[i].repository == c.base.Fleet.Config.Repository.URL {
			was[i].repository = c.head.Fleet.Config.Repository.URL // the fleet's own, wherever that lies
		}
	}
	lost := slices.ContainsFunc(was, func(one origin) bool {
		more := one
		more.recurse = true
		return !slices.Contains(is, one) && !slices.Contains(is, more)
	})
	if !lost || c.isPlane(p.head, p.base) {
		return nil
	}
	at := "source"
	if _, several := manifest.Get(p.head.Object.Object, "spec", "sources"); several {
		at = "sources"
	}
	d := difference{path: finding.Keys("spec", at)}
	d.old, d.hasOld = manifest.Get(p.base.Object.Object, "spec", at)
	d.new, d.hasNew = manifest.Get(p.head.Object.Object, "spec", at)
	e := d.inPlace()
	switch seen, own := c.followed(p); {
	case seen:
		e.Reason = "it reads another source, or other files of it: what that makes is compared below, object by object"
	case !prunes(p.head.Object.Object):
		e.Reason = "it reads another source, or other files of it: what only the old one made stays, since Argo CD does not prune it"
	default:
		e.Class, e.Unsure = Recreate, own
		e.Reason = "it reads another source, or other files of it: Argo CD deletes what only the old one made"
	}
	return []effect{e}
}

// origin is what a source of an Application is known by: where it lies, and what its objects are called after.
type origin struct {
	repository, chart, path, release, prefix, suffix, namespace, plugin, include, exclude string

	recurse bool
}

// origins are those of all sources of an Application.
func origins(application manifest.Object) (all []origin) {
	sources := manifest.MapsAt(application, "spec", "sources")
	if source, is := manifest.MapAt(application, "spec", "source"); is {
		sources = append(sources, source)
	}
	if source, is := manifest.MapAt(application, "spec", "sourceHydrator", "drySource"); is {
		sources = append(sources, source)
	}
	for _, source := range sources {
		text := func(field ...string) string { return strings.TrimSuffix(manifest.TextAt(source, field...), "/") }
		recurse, _ := manifest.Get(source, "directory", "recurse")
		all = append(all, origin{text("repoURL"), text("chart"), text("path"), text("helm", "releaseName"),
			text("kustomize", "namePrefix"), text("kustomize", "nameSuffix"), text("kustomize", "namespace"), text("plugin", "name"),
			text("directory", "include"), text("directory", "exclude"), recurse == true})
	}
	return all
}

// isPlane says whether an Application applies a plane, whose objects are compared themselves, whichever way they are delivered.
func (c *comparison) isPlane(sides ...*placed) bool {
	return !slices.ContainsFunc(sides, func(p *placed) bool {
		folder := "/" + manifest.TextAt(p.Object.Object, "spec", "source", "path") + "/"
		return !slices.ContainsFunc(c.names, func(name string) bool {
			return strings.Contains(folder, "/golden/"+name+"/") || strings.Contains(folder, "/overlays/"+name+"/")
		})
	})
}

// followed says whether all that an Application makes is among the objects, on both sides; and whether it lies in the fleet's own
// repository, so that a comparison of revisions would follow it.
func (c *comparison) followed(p *pair) (seen, own bool) {
	inside := func(s side, p *placed) bool {
		return slices.ContainsFunc(s.Planes, func(plane Plane) bool {
			return plane.Application != nil && len(plane.Files) == 0 && ofApplication(plane) == key{environment: p.environment, application: p.name, namespace: p.namespace}
		})
	}
	mine := func(s side, p *placed) bool {
		return s.Fleet != nil && s.Fleet.Config.Repository.URL == manifest.TextAt(p.Object.Object, "spec", "source", "repoURL")
	}
	return inside(c.base, p.base) && inside(c.head, p.head), mine(c.head, p.head) && (c.base.Fleet == nil || mine(c.base, p.base))
}

// prunes says whether Argo CD deletes what leaves the sources of an Application.
func prunes(application manifest.Object) bool {
	prune, _ := manifest.Get(application, "spec", "syncPolicy", "automated", "prune")
	return prune == true
}
