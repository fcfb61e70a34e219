package conformance

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/mutability"
)

// forced is how the providers' definitions say that another value needs another object.
func forced(description string) bool { return strings.Contains(description, "forces a new") }

// TestCloudsAreReadAsTheyAreWritten holds the table of clouds to the providers' definitions: a source names a field that
// is there, and says that another value makes a new one where, and only where, the definition says so too.
func TestCloudsAreReadAsTheyAreWritten(t *testing.T) {
	groups := map[string]bool{}
	for _, entry := range mutability.Entries() {
		for _, c := range entry.Cases {
			for _, source := range c.Sources {
				if _, group, _ := strings.Cut(source.CRD, "."); strings.HasSuffix(group, ".upbound.io") {
					groups[group] = true
				}
			}
		}
	}
	require.NotEmpty(t, groups)
	known := map[string]manifest.Object{}
	for _, document := range definitionsOf(t, groups) {
		known[document.ID().Name] = document.Object
	}
	checked := 0
	for _, entry := range mutability.Entries() {
		for _, c := range entry.Cases {
			for _, source := range c.Sources {
				if !strings.HasSuffix(source.CRD, ".upbound.io") {
					continue
				}
				checked++
				require.Contains(t, known, source.CRD)
				description, found := described(known[source.CRD], strings.Split(source.Field, "."))
				require.True(t, found, "%s has no field %s", source.CRD, source.Field)
				assert.Equal(t, forced(description), strings.Contains(source.Says, "makes a new"), "%s %s: %s", source.CRD, source.Field, description)
			}
		}
	}
	require.NotZero(t, checked)
}

// TestNothingIsTakenInPlaceThatForcesANewObject looks at every field that compositions write for a field of a claim: where
// the provider says that another value needs another object, no entry says that it is taken in place.
func TestNothingIsTakenInPlaceThatForcesANewObject(t *testing.T) {
	groups := groupsOf(read(t, composedFolder))
	byKind := map[string][]documents.Document{}
	for _, document := range definitionsOf(t, groups) {
		kind := manifest.TextAt(document.Object, "spec", "names", "kind")
		byKind[kind] = append(byKind[kind], document)
	}
	checked := 0
	for _, entry := range mutability.Entries() {
		for _, feed := range entry.Feeds {
			kind, path, _ := strings.Cut(feed, ".")
			for _, document := range byKind[kind] {
				group := manifest.TextAt(document.Object, "spec", "group")
				if !strings.Contains(group, entry.Clouds[0]+".") && !strings.Contains(group, "."+entry.Clouds[0]) {
					continue
				}
				description, found := described(document.Object, strings.Split(indexed(path), "."))
				if !found || !forced(description) {
					continue
				}
				checked++
				last := entry.Cases[len(entry.Cases)-1]
				assert.Contains(t, []mutability.Effect{mutability.Recreate, mutability.Refused}, last.Effect, "%s.%s writes %s of %s: %s", entry.Kind, entry.Field, path, group, description)
			}
		}
	}
	require.NotZero(t, checked)
}

// indexed is a path without the places in lists.
func indexed(path string) string {
	before, _, _ := strings.Cut(path, "[")
	return before
}

// described is what a definition says of a field below spec.forProvider, in its newest version.
func described(definition manifest.Object, path []string) (string, bool) {
	versions := manifest.MapsAt(definition, "spec", "versions")
	if len(versions) == 0 {
		return "", false
	}
	at, found := manifest.MapAt(versions[len(versions)-1], "schema", "openAPIV3Schema", "properties", "spec", "properties", "forProvider")
	for _, name := range path {
		if !found {
			return "", false
		}
		if items, isList := manifest.MapAt(at, "items"); isList {
			at = items
		}
		at, found = manifest.MapAt(at, "properties", name)
	}
	return manifest.TextAt(at, "description"), found
}
