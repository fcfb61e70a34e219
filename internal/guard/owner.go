package guard

import (
	"fmt"
	"slices"

	"spokewright.dev/spokewright/internal/claim"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// environmentLabel says whose an object is.
const environmentLabel = "spokewright.dev/environment"

// foreign reports an object that is another environment's: a claim, or what carries its name. Here it would be judged by
// the wrong rules, and two planes would write it in turn.
func foreign(e schema.Environment, id manifest.ID, item manifest.Object) finding.Findings {
	field, owner := owned(e, id, item)
	if owner == "" || owner == e.Name {
		return nil
	}
	return finding.Findings{{Code: finding.ObjectForbidden, Object: objectOf(id), Path: field, Message: fmt.Sprintf("found %q, allowed is %q: it belongs to a plane of %q, and this plane is of %q, with rules of its own",
		owner, e.Name, owner, e.Name)}}
}

// owned is whose environment an object says that it belongs to, and in which field; empty where it does not say.
func owned(e schema.Environment, id manifest.ID, item manifest.Object) (field finding.Path, owner string) {
	for _, kind := range e.Fleet.Claims.Kinds() {
		if !is(kind, id) {
			continue
		}
		if id.Namespace != "" && id.Namespace != e.Name {
			return "metadata.namespace", id.Namespace
		}
		if owner := kind.Text(item, "environment"); owner != "" && owner != e.Name {
			return environmentField(kind), owner
		}
	}
	if id.Kind == "Namespace" && id.Group() == "" && slices.ContainsFunc(e.Spokes, func(m schema.Member) bool { return m.Name == id.Name }) {
		return "metadata.name", id.Name
	}
	label, _ := manifest.Get(item, "metadata", "labels", environmentLabel)
	owner, _ = label.(string)
	return finding.Keys("metadata", "labels", environmentLabel), owner
}

func environmentField(kind claim.Kind) finding.Path {
	if kind.Fields == nil {
		return "spec.environment"
	}
	return finding.Path(kind.Fields["environment"])
}

// strayed says whether an object is a promised one that a kustomization moved: it is told as missing where it was.
func strayed(e schema.Environment, id manifest.ID, promised []manifest.Object, final map[manifest.ID]manifest.Object) bool {
	id.Namespace = e.Name
	_, there := final[id]
	return !there && slices.ContainsFunc(promised, func(want manifest.Object) bool { return manifest.Identify(want) == id })
}

// mistaken is what to say of a plane of which nothing is here: the generator made another than the guard asks for. Empty
// where something is, or was only moved.
func mistaken(e schema.Environment, promised, applied []manifest.Object, final map[manifest.ID]manifest.Object) string {
	for _, want := range promised {
		id := manifest.Identify(want)
		if _, there := final[id]; there || moved(id, applied) != "" {
			return ""
		}
	}
	for _, item := range applied {
		if _, owner := owned(e, manifest.Identify(item), item); owner != "" && owner != e.Name {
			return fmt.Sprintf("the generator makes environment %q, and the guard asks for %q: their functionConfigs must name the same one", owner, e.Name)
		}
	}
	if len(promised) == 0 {
		return ""
	}
	return fmt.Sprintf("nothing is here of what this plane of environment %q promises: the functionConfigs of the generator and the guard must name the same plane", e.Name)
}
