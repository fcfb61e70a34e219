// Package guard looks at the final objects of a plane, after everybody's patches, and says what is gone or weakened
// of what the spec promised. It mends nothing.
package guard

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/claim"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/judge"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// Sentinel is the kind of an object that stands in every tree of sources and that only a render removes: no cluster
// knows it. Where kustomize skips functions (no --enable-exec), it stays, and whoever applies the result is stopped.
const Sentinel = "NotRendered"

// The API group of functionConfigs and of the sentinel.
const group = "spokewright.dev"

// Check drops the sentinel and compares what is left with what the functions make of the spec. The findings have no
// position: guard sees objects, and no files.
func Check(e schema.Environment, promised, items []manifest.Object) ([]manifest.Object, finding.Findings) {
	kept := slices.DeleteFunc(slices.Clone(items), isSentinel)
	applied := slices.DeleteFunc(slices.Clone(kept), isLocal)
	if len(applied) == 0 {
		return nil, finding.Findings{{Code: finding.PromiseBroken, Message: "nothing is left to apply: is the generator missing from the kustomization?"}}
	}
	var findings finding.Findings
	if len(kept) == len(items) {
		findings = append(findings, finding.Finding{Code: finding.TripwireMissing, Message: "the object of kind " + Sentinel + " is missing from the resources: nothing would stop what is built without --enable-exec"})
	}
	final := make(map[manifest.ID]manifest.Object, len(applied))
	for _, item := range applied {
		final[manifest.Identify(item)] = item
	}
	if mistake := mistaken(e, promised, applied, final); mistake != "" {
		return nil, append(findings, finding.Finding{Code: finding.PromiseBroken, Message: mistake})
	}
	chosen := make(map[manifest.ID][]string, len(promised))
	for _, want := range promised {
		chosen[manifest.Identify(want)] = options(want)
	}
	for _, item := range applied {
		id := manifest.Identify(item)
		findings = append(findings, forbidden(id, item, chosen[id])...)
		findings = append(findings, rules(e, id, item, promised)...)
		if found := foreign(e, id, item); len(found) > 0 && !strayed(e, id, promised, final) {
			findings = append(findings, found...)
		}
	}
	for _, want := range promised {
		id := manifest.Identify(want)
		have, there := final[id]
		switch {
		case !there:
			findings = append(findings, finding.Finding{Code: finding.PromiseBroken, Object: objectOf(id), Message: "missing" + moved(id, applied)})
		case address(have) != address(want): // the very object that was made has lost nothing
			findings = append(findings, compare(e.Fleet.Claims, id, want, have)...)
		}
	}
	return kept, findings
}

func objectOf(id manifest.ID) finding.Object {
	return finding.Object{Kind: id.Kind, Namespace: id.Namespace, Name: id.Name}
}

// address tells whether two objects are one and the same map.
func address(object manifest.Object) uintptr { return reflect.ValueOf(object).Pointer() }

func isSentinel(item manifest.Object) bool {
	id := manifest.Identify(item)
	return id.Kind == Sentinel && id.Group() == group
}

// isLocal says whether kustomize will leave an object out in the end.
func isLocal(item manifest.Object) bool {
	annotations, _ := manifest.MapAt(item, "metadata", "annotations")
	local := annotations["config.kubernetes.io/local-config"]
	return local != nil && local != "false"
}

// moved guesses why an object is missing: kustomize's namespace, namePrefix and nameSuffix rename without mending
// what refers to the name.
func moved(id manifest.ID, items []manifest.Object) string {
	var renamed string // told where there is none of the same name
	for _, item := range items {
		other := manifest.Identify(item)
		switch {
		case other.Kind != id.Kind || other.APIVersion != id.APIVersion || other == id:
		case other.Name == id.Name && other.Namespace != id.Namespace:
			return fmt.Sprintf("; there is one in namespace %q: does a kustomization set namespace?", other.Namespace)
		case other.Name != id.Name && (strings.HasSuffix(other.Name, id.Name) || strings.HasPrefix(other.Name, id.Name)):
			renamed = cmp.Or(renamed, fmt.Sprintf("; there is %q: does a kustomization set namePrefix or nameSuffix?", other.Name))
		}
	}
	return renamed
}

// rules reports a claim, promised or not, that breaks a rule of the class. Where the spec says what breaks it, the finding
// stands in the spec.
func rules(e schema.Environment, id manifest.ID, item manifest.Object, promised []manifest.Object) finding.Findings {
	known := func(kind claim.Kind) bool { return is(kind, id) }
	if id.Name == "" || !slices.ContainsFunc(e.Fleet.Claims.Kinds(), known) { // nameless, it is missing
		return nil
	}
	var findings finding.Findings
	for _, violation := range judge.Judge(e, item) {
		if !violation.Refuses() {
			continue
		}
		f := violation.Finding()
		if spec, said := Said(e, promised, item, violation.Path); said {
			f.Position = spec
		}
		findings = append(findings, f)
	}
	return findings
}

// Said is where the spec says what stands at a path of a claim, if no overlay does: promised are the objects as functions make
// them. Of what a class or Spokewright brings it is the part of the spec that could say otherwise.
func Said(e schema.Environment, promised []manifest.Object, item manifest.Object, path []string) (spec finding.Position, said bool) {
	id := manifest.Identify(item)
	if !slices.ContainsFunc(e.Fleet.Claims.Kinds(), func(kind claim.Kind) bool { return is(kind, id) }) {
		return spec, false
	}
	field := finding.Tokens(path...)
	for _, want := range promised {
		if manifest.Identify(want) == id && manifest.Equal(at(want, field), at(item, field)) {
			place := written(e.Fleet.Claims, id, path)
			for spec = e.Written(place...); spec.Line == 0 && len(place) > 0; spec = e.Written(place...) {
				place = place[:len(place)-1]
			}
			return spec, spec.Line > 0
		}
	}
	return spec, false
}

// written is the path in the spec of a field of a claim.
func written(claims claim.Claims, id manifest.ID, field []string) []string {
	if len(field) > 0 && field[0] == "metadata" { // labels are those of the environment
		return field[1:]
	}
	if len(field) > 0 {
		field = field[1:] // spec
	}
	switch {
	case is(claims.Database, id):
		if claims.Database.Fields != nil {
			field = nil
		}
		return append([]string{"databases", id.Name}, field...)
	case is(claims.Network, id):
		return []string{"cluster", "network"}
	case is(claims.Peering, id):
		return []string{"cluster", "network", "joinHub"}
	case is(claims.NodePool, id):
		if claims.NodePool.Fields != nil {
			field = nil
		}
		return append([]string{"cluster", "nodes", "pools", id.Name}, field...)
	case claims.Cluster.Fields != nil:
		field = nil
	}
	return append([]string{"cluster"}, field...)
}

func is(kind claim.Kind, id manifest.ID) bool {
	return kind.Kind == id.Kind && kind.APIVersion == id.APIVersion
}
