package change

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/constraint"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// maker is the name of the Application that makes the objects of a plane, and the thing that it stands for: where that is
// declared to go, its objects go with it. There is none for a plane of ours.
func (s side) maker(plane Plane) (name string, owners [][]string) {
	if plane.Application == nil {
		return "", nil
	}
	id := manifest.Identify(plane.Application.Object)
	application := &placed{Object: *plane.Application, id: id, key: key{environment: plane.Environment, plane: schema.Hub, group: id.Group(), kind: id.Kind, namespace: id.Namespace, name: id.Name}}
	subject := s.standing(application).subject
	if id.Kind != "Application" { // a Workspace, whose objects nobody knows
		return "", [][]string{{subject}}
	}
	return id.Name, [][]string{{subject}}
}

// The files of one Application that are told.
const mostFiles = 20

// files are the changes of Applications whose objects cannot be told: their files are.
func (c *comparison) files() {
	before := map[key]Plane{}
	for _, plane := range c.base.Planes {
		if plane.Application != nil {
			before[ofApplication(plane)] = plane
		}
	}
	for _, plane := range c.head.Planes {
		if plane.Application == nil {
			continue
		}
		if effects := changedFiles(before[ofApplication(plane)].Files, plane.Files); len(effects) > 0 {
			id := manifest.Identify(plane.Application.Object)
			name, owners := c.head.maker(plane)
			at := &placed{key: key{environment: plane.Environment, plane: plane.Plane, application: name}}
			f := &found{c: c, effects: effects, order: append(c.order(at, true), len(c.found)), Change: Change{Environment: plane.Environment, Plane: plane.Plane, Application: name,
				Object: finding.Object{Kind: id.Kind, Namespace: id.Namespace, Name: id.Name}, APIVersion: id.APIVersion, Action: Changed, Subject: owners[0][0]}}
			c.found = append(c.found, f)
		}
	}
}

func ofApplication(plane Plane) key {
	id := manifest.Identify(plane.Application.Object)
	return key{environment: plane.Environment, application: id.Name, namespace: id.Namespace}
}

// changedFiles are the effects of files that are not the same.
func changedFiles(before, after map[string]string) []effect {
	all := maps.Clone(before)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, after)
	var effects []effect
	for _, file := range slices.Sorted(maps.Keys(all)) {
		old, had := before[file]
		new, has := after[file]
		if had == has && old == new {
			continue
		}
		e := effect{Effect: Effect{Class: InPlace, Path: finding.Keys("files", file), Old: short(old), New: short(new), HasOld: had, HasNew: has}}
		effects = append(effects, e)
	}
	if len(effects) > mostFiles {
		more := finding.Count(len(effects)-mostFiles, "more file")
		effects = append(effects[:mostFiles:mostFiles], effect{Effect: Effect{Class: InPlace, Path: "files", Reason: fmt.Sprintf("and %s", more)}})
	}
	if len(effects) > 0 {
		effects[0].Reason = strings.TrimSpace("what it makes of its files cannot be told from here " + effects[0].Reason)
	}
	return effects
}

// short is the beginning of a digest, for people.
func short(digest string) string { return digest[:min(len(digest), 12)] }

// succeeded are the effects of an object that takes the place of another under a name with another digest: an everyday release.
func (c *comparison) succeeded(p *pair) []effect {
	effects := []effect{{field: "metadata.name", Effect: Effect{Class: InPlace, Path: finding.Keys("metadata", "name"), Old: p.base.name, New: p.head.name, HasOld: true, HasNew: true,
		Reason: "it is called by what it holds: the new one comes, what uses it follows, and the old one goes"}}}
	for _, d := range c.plain(p) {
		effects = append(effects, d.inPlace())
	}
	return effects
}

// isHook says whether Argo CD runs an object with a sync and does not keep it as a part of the Application.
func isHook(object manifest.Object) bool {
	annotations, _ := manifest.MapAt(object, "metadata", "annotations")
	return annotations["argocd.argoproj.io/hook"] != nil || annotations["helm.sh/hook"] != nil
}

// madeAnew says whether Argo CD deletes an object and makes it again rather than to change it.
func madeAnew(object manifest.Object) bool {
	options := strings.Split(manifest.TextAt(object, "metadata", "annotations", syncOptions), ",")
	return isHook(object) || contains(options, "Replace=true") || contains(options, "Force=true")
}

// grows says whether a quantity becomes no smaller.
func grows(old, new any) bool {
	before, err := constraint.ParseQuantity(fmt.Sprint(old))
	after, errToo := constraint.ParseQuantity(fmt.Sprint(new))
	return err == nil && errToo == nil && before.Cmp(after) <= 0
}

// lostWith is what goes with an object of a kind that holds more than it says.
func lostWith(kind string) string {
	switch kind {
	case "PersistentVolumeClaim":
		return "what is on its volume goes with it, unless the volume's class retains it"
	case "CustomResourceDefinition":
		return "all objects of its kind go with it"
	}
	return ""
}
