// Package xrd gives the CRDs that Crossplane makes of a CompositeResourceDefinition, since Crossplane's own code for it
// cannot be imported. It judges no object.
package xrd

import (
	"errors"
	"fmt"
	"strings"

	"spokewright.dev/spokewright/internal/manifest"
)

// The scopes of composite resources. LegacyCluster is what Crossplane 1.x has: it is the scope with claims.
const (
	scopeNamespaced    = "Namespaced"
	scopeCluster       = "Cluster"
	scopeLegacyCluster = "LegacyCluster"
)

// CRDs gives the CRDs that Crossplane makes of a CompositeResourceDefinition: that of the composite resource and,
// if the XRD offers claims, that of the claim. They can be applied; only the ownerReference to the XRD is left out,
// for want of its UID. Source: internal/xcrd of Crossplane 2.2.0. Crossplane 1.20.0 makes the same of a v1 XRD, but
// with publishConnectionDetailsTo, and without resourceRefs[].namespace, conditions[].observedGeneration and the
// CEL rules of the whole object.
func CRDs(xrd map[string]any) ([]map[string]any, error) {
	definition, err := readXRD(xrd)
	if err != nil {
		return nil, fmt.Errorf("xrd %s: %w", manifest.TextAt(xrd, "metadata", "name"), err)
	}
	composite, err := definition.composite()
	if err != nil {
		return nil, fmt.Errorf("xrd %s: %w", manifest.TextAt(xrd, "metadata", "name"), err)
	}
	crds := []map[string]any{composite}
	if definition.claims != nil {
		claim, err := definition.claim()
		if err != nil {
			return nil, fmt.Errorf("xrd %s: claim: %w", manifest.TextAt(xrd, "metadata", "name"), err)
		}
		crds = append(crds, claim)
	}
	return crds, nil
}

// definition is an XRD that Crossplane would accept, with its defaults.
type definition struct {
	xrd           map[string]any
	group, scope  string
	names, claims map[string]any // claims is nil without claims
}

func readXRD(xrd map[string]any) (definition, error) {
	group, version, _ := strings.Cut(manifest.TextAt(xrd, "apiVersion"), "/")
	if group != "apiextensions.crossplane.io" || manifest.TextAt(xrd, "kind") != "CompositeResourceDefinition" {
		return definition{}, errors.New("not a CompositeResourceDefinition of apiextensions.crossplane.io")
	}
	defaults := map[string]string{"v1": scopeLegacyCluster, "v2": scopeNamespaced}
	if defaults[version] == "" {
		return definition{}, fmt.Errorf("apiVersion %s is not known", manifest.TextAt(xrd, "apiVersion"))
	}
	read := definition{xrd: xrd, group: manifest.TextAt(xrd, "spec", "group"), scope: manifest.TextAt(xrd, "spec", "scope")}
	read.names, _ = manifest.MapAt(xrd, "spec", "names")
	read.claims, _ = manifest.MapAt(xrd, "spec", "claimNames")
	if read.scope == "" {
		read.scope = defaults[version]
	}
	return read, read.faults(version)
}

// faults are the reasons why Crossplane or the API server would refuse the definition as a whole.
func (d definition) faults(version string) error {
	var faults []error
	if d.group == "" || manifest.TextAt(d.names, "kind") == "" || manifest.TextAt(d.names, "plural") == "" {
		faults = append(faults, errors.New("spec.group, spec.names.kind and spec.names.plural are needed"))
	} else if name := manifest.TextAt(d.names, "plural") + "." + d.group; name != manifest.TextAt(d.xrd, "metadata", "name") {
		faults = append(faults, fmt.Errorf("metadata.name must be %s", name))
	}
	switch {
	case d.scope == scopeNamespaced, d.scope == scopeCluster, d.scope == scopeLegacyCluster && version == "v1":
	default:
		faults = append(faults, fmt.Errorf("scope %s is not known in %s", d.scope, version))
	}
	if d.claims != nil {
		faults = append(faults, d.claimFaults()...)
	}
	stored := 0
	for _, version := range manifest.MapsAt(d.xrd, "spec", "versions") {
		if manifest.IsTrue(version, "referenceable") {
			stored++
		}
	}
	if stored != 1 {
		faults = append(faults, fmt.Errorf("exactly one version must be referenceable, found %d", stored))
	}
	return errors.Join(faults...)
}

func (d definition) claimFaults() []error {
	var faults []error
	if d.scope != scopeLegacyCluster {
		faults = append(faults, fmt.Errorf("claims need scope %s (apiextensions.crossplane.io/v1), found %s", scopeLegacyCluster, d.scope))
	}
	for _, name := range []string{"kind", "plural"} {
		if manifest.TextAt(d.claims, name) == "" {
			faults = append(faults, fmt.Errorf("spec.claimNames.%s is needed", name))
		}
	}
	for _, name := range []string{"kind", "plural", "singular", "listKind"} {
		if claim := manifest.TextAt(d.claims, name); claim != "" && claim == manifest.TextAt(d.names, name) {
			faults = append(faults, fmt.Errorf("spec.claimNames.%s: %s is the composite resource's too", name, claim))
		}
	}
	return faults
}

func (d definition) composite() (map[string]any, error) {
	scope := scopeNamespaced
	if d.scope != scopeNamespaced {
		scope = scopeCluster
	}
	machinery := compositeSpec(d.scope, d.defaulted("defaultCompositionUpdatePolicy", "Automatic"))
	return d.crd(d.names, scope, "composite", made{machinery, machineryStatus(d.scope), compositeColumns(d.scope)})
}

func (d definition) claim() (map[string]any, error) {
	machinery := claimSpec(d.defaulted("defaultCompositeDeletePolicy", "Background"))
	return d.crd(d.claims, scopeNamespaced, "claim", made{machinery, machineryStatus(scopeLegacyCluster), claimColumns()})
}

// defaulted reads a field of the spec to which the API server gives a default when the XRD is applied.
func (d definition) defaulted(name, otherwise string) string {
	if value := manifest.TextAt(d.xrd, "spec", name); value != "" {
		return value
	}
	return otherwise
}

// made is what Crossplane adds to each version: fields in spec and in status, and printer columns.
type made struct {
	spec, status map[string]any
	columns      []any
}

func (d definition) crd(names map[string]any, scope, category string, added made) (map[string]any, error) {
	versions, err := d.versions(added)
	if err != nil {
		return nil, err
	}
	names, _ = manifest.CopyOf(names).(map[string]any)
	names["categories"] = append(manifest.ListAt(names, "categories"), category)
	spec := map[string]any{"group": d.group, "names": names, "scope": scope, "versions": versions}
	if conversion, found := manifest.MapAt(d.xrd, "spec", "conversion"); found {
		spec["conversion"] = manifest.CopyOf(conversion)
	}
	return map[string]any{
		"apiVersion": "apiextensions.k8s.io/v1",
		"kind":       "CustomResourceDefinition",
		"metadata":   d.metadata(manifest.TextAt(names, "plural") + "." + d.group),
		"spec":       spec,
	}, nil
}

// metadata takes the XRD's labels, and the labels and annotations meant for CRDs.
func (d definition) metadata(name string) map[string]any {
	metadata := map[string]any{"name": name}
	labels := map[string]any{}
	for _, path := range [][]string{{"metadata", "labels"}, {"spec", "metadata", "labels"}} {
		more, _ := manifest.MapAt(d.xrd, path...)
		for key, value := range more {
			labels[key] = value
		}
	}
	if len(labels) > 0 {
		metadata["labels"] = labels
	}
	if annotations, found := manifest.MapAt(d.xrd, "spec", "metadata", "annotations"); found {
		metadata["annotations"] = manifest.CopyOf(annotations)
	}
	return metadata
}
