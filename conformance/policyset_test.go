package conformance

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"spokewright.dev/spokewright/functions/policies"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/policytest"
	"spokewright.dev/spokewright/schema"
)

// policySet is a plane's worth of policies with what they are tried with.
type policySet struct {
	name        string
	environment schema.Environment
	objects     []manifest.Object
	subjects    []policytest.Subject
}

// policySets are those of the sample as it is rendered, of the sample for Kyverno 1.17, and of a fleet with kinds of its own.
func policySets(t *testing.T) []policySet {
	t.Helper()
	reader, err := schema.NewReader()
	require.NoError(t, err)
	var all []policySet
	sample := fleetOf(t, reader, "..")
	for _, name := range slices.Backward(sample.Names()) { // production first
		for _, plane := range schema.Planes() {
			rendered := objectsIn(t, filepath.Join("../golden", name, string(plane)+".yaml"))
			all = append(all, policySetOf(t, reader, sample.Environments[name], plane, rendered))
		}
	}
	older := sample.Environments["prod-us"]
	fleet := *older.Fleet
	fleet.Targets.Kyverno.Version, older.Fleet = "1.17", &fleet
	rendered := objectsIn(t, "../cmd/spokewright/testdata/targets/kyverno-1.17.yaml")
	var planes []policySet
	for _, plane := range schema.Planes() {
		planes = append(planes, policySetOf(t, reader, older, plane, ofPlane(rendered, older.Name, plane)))
	}
	all = append(all, planes...)
	for _, folder := range fleets(t) {
		other := fleetOf(t, reader, folder)
		for _, name := range other.Names() {
			for _, plane := range schema.Planes() {
				e := other.Environments[name]
				all = append(all, policySetOf(t, reader, e, plane, policies.Make(e, plane, nil)))
			}
		}
	}
	return slices.DeleteFunc(all, func(d policySet) bool { return len(d.subjects) == 0 })
}

// fleets are those in testdata: each shows what the sample does not.
func fleets(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob("testdata/fleets/*")
	require.NoError(t, err)
	require.NotEmpty(t, found)
	return found
}

func fleetOf(t *testing.T, reader *schema.Reader, folder string) *schema.Fleet {
	t.Helper()
	whole, err := reader.Fleet(os.DirFS(folder))
	require.NoError(t, err)
	return whole
}

// objectsIn are the objects of a file, in their order.
func objectsIn(t *testing.T, file string) []manifest.Object {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	return objectsOf(t, text)
}

// ofPlane picks the policies of an environment's plane where a file holds several: those on the hub are namespaced.
func ofPlane(objects []manifest.Object, environment string, plane schema.Plane) []manifest.Object {
	var picked []manifest.Object
	for _, object := range objects {
		labels, _ := object["metadata"].(map[string]any)["labels"].(map[string]any)
		if labels["spokewright.dev/environment"] == environment && (manifest.Identify(object).Namespace != "") == (plane == schema.Hub) {
			picked = append(picked, object)
		}
	}
	return picked
}

// policySetOf wants every policy to be tried: one that no rule is known for could do anything.
func policySetOf(t *testing.T, reader *schema.Reader, e schema.Environment, plane schema.Plane, rendered []manifest.Object) policySet {
	t.Helper()
	subjects, untried, err := policytest.Subjects(reader, e, plane, rendered)
	require.NoError(t, err)
	for _, policy := range untried {
		assert.Fail(t, "a policy that nothing tries", "%s/%s: %s", e.Name, plane, manifest.Identify(policy))
	}
	name := e.Name + "/" + string(plane)
	if version := e.Fleet.PolicyVersion(); !strings.HasSuffix(version, "/v1") {
		name += "/" + filepath.Base(version)
	}
	if e.Fleet.Name != "lighthouse" {
		name = e.Fleet.Name + "/" + name
	}
	return policySet{name, e, rendered, subjects}
}

// byPolicy groups the subjects.
func (d policySet) byPolicy() [][]policytest.Subject { return policytest.Group(d.subjects) }
