// Package crd says whether an emitted object has the shape its API accepts, unknown fields forbidden, by the CRD of its
// kind, or by Kubernetes' own definitions. It knows CRDs and what XRDs declare, not specs. It does not judge CEL rules of a CRD,
// what Kubernetes demands of its own kinds beside their fields, or references between objects: those are for the API server.
package crd

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
)

// Set holds schemas by apiVersion and kind. A Set does not change and may be used by many goroutines at once.
type Set struct {
	schemas map[kind]Schema
}

type kind struct{ apiVersion, name string }

// NewSet makes a Set; of two schemas for one apiVersion and kind the later counts.
func NewSet(schemas ...Schema) *Set {
	return (&Set{}).With(schemas...)
}

// With returns a Set that knows these schemas too; they count before those of the same apiVersion and kind in s.
func (s *Set) With(schemas ...Schema) *Set {
	all := maps.Clone(s.schemas)
	if all == nil {
		all = make(map[kind]Schema, len(schemas))
	}
	for _, schema := range schemas {
		all[kind{schema.APIVersion, schema.Kind}] = schema
	}
	return &Set{schemas: all}
}

// Knows says whether the Set can judge objects of this apiVersion and kind.
func (s *Set) Knows(apiVersion, kindName string) bool {
	_, found := s.schemas[kind{apiVersion, kindName}]
	return found
}

// Check gives all that is wrong with an object, in the order of the fields' paths, and nothing when all is well.
// An object of a kind that the Set does not know has one finding, finding.UnknownKind, so that the caller can decide
// what that means. Kubernetes' own kinds have no findings here: see Native.
func (s *Set) Check(object manifest.Object) finding.Findings {
	id := manifest.Identify(object)
	found := s.check(id, object)
	for i := range found {
		found[i].Object = finding.Object{Kind: id.Kind, Namespace: id.Namespace, Name: id.Name}
	}
	return found.Sorted()
}

func (s *Set) check(id manifest.ID, object manifest.Object) finding.Findings {
	schema, known := s.schemas[kind{id.APIVersion, id.Kind}]
	if !known && Native(id) {
		return nil
	}
	if !known {
		return finding.Findings{s.unknownKind(id)}
	}
	if odd := foreign("", object); odd != nil {
		return notJSON(odd)
	}
	return schema.judge(object)
}

// unknownKind also says in which versions the kind is known, or which kinds its apiVersion has.
func (s *Set) unknownKind(id manifest.ID) finding.Finding {
	if id.Kind == "" && id.APIVersion == "" {
		return finding.Finding{Code: finding.UnknownKind, Path: "kind", Message: "apiVersion and kind are missing"}
	}
	f := finding.Finding{Code: finding.UnknownKind, Path: "kind", Message: strings.TrimSpace(id.APIVersion+" "+id.Kind) + " is not known"}
	var versions, kinds []string
	for known := range s.schemas {
		if known.name == id.Kind {
			versions = append(versions, known.apiVersion)
		}
		if known.apiVersion == id.APIVersion {
			kinds = append(kinds, known.name)
		}
	}
	slices.Sort(versions)
	f.Suggestion = finding.Suggest(id.Kind, kinds)
	if len(versions) > 0 {
		f.Aside = "the kind is known in " + finding.AllOf(versions)
	}
	return f
}

// nativeGroups are the API groups that kube-apiserver 1.36 itself serves (k8s.io/api, apiextensions, kube-aggregator);
// the core group, which has v1 alone, is not among them. Groups of CRDs may end in k8s.io too, so a suffix would not do.
var nativeGroups = []string{
	"admissionregistration.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io", "apps",
	"authentication.k8s.io", "authorization.k8s.io", "autoscaling", "batch", "certificates.k8s.io",
	"coordination.k8s.io", "discovery.k8s.io", "events.k8s.io", "flowcontrol.apiserver.k8s.io",
	"internal.apiserver.k8s.io", "networking.k8s.io", "node.k8s.io", "policy", "rbac.authorization.k8s.io",
	"resource.k8s.io", "scheduling.k8s.io", "storage.k8s.io", "storagemigration.k8s.io",
}

// Native says whether an object's kind is one of Kubernetes' own, of which the API server may know versions that a Set does not.
func Native(id manifest.ID) bool {
	return id.Kind != "" && (id.APIVersion == "v1" || slices.Contains(nativeGroups, id.Group()))
}

// strange is a value that cannot come from JSON, and where it is.
type strange struct {
	path  finding.Path
	value any
}

// foreign finds the values that cannot come from JSON: the schema library would panic on some.
func foreign(path finding.Path, value any) []strange {
	var all []strange
	switch value := value.(type) {
	case nil, bool, string, int, int64:
		return nil
	case float64:
		if !math.IsNaN(value) && !math.IsInf(value, 0) {
			return nil
		}
	case map[string]any:
		for name, field := range value {
			all = append(all, foreign(path.Keys(name), field)...)
		}
		return all
	case []any:
		for i, item := range value {
			all = append(all, foreign(path.Index(i), item)...)
		}
		return all
	}
	return []strange{{path, value}}
}

func notJSON(all []strange) finding.Findings {
	findings := make(finding.Findings, len(all))
	for i, odd := range all {
		findings[i] = finding.Finding{Code: finding.WrongValue, Path: odd.path,
			Message: fmt.Sprintf("found %v (%T), allowed is JSON data", odd.value, odd.value)}
	}
	return findings
}
