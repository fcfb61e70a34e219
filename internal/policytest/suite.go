package policytest

import (
	"cmp"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/manifest"
)

// Suite is a folder for `kyverno test`: what files it holds, by name, and how many objects it tries.
type Suite struct {
	Files   map[string][]manifest.Object
	Objects int
}

// The files of a suite. Definitions of custom resources lie beside them, one a file: the CLI reads no more of it.
const (
	TestFile    = "kyverno-test.yaml" // the name that the CLI looks for
	policyFile  = "policy.yaml"
	objectsFile = "resources.yaml"
	clusterFile = "cluster.yaml"
)

// NewSuite is the suite of one policy, the subjects' own: a few objects that keep its rule, and a few that break it. The CLI
// puts every object of a test before every policy of it, so each policy has a test of its own. definitions are those of
// the claims; a plane without claims needs none.
func NewSuite(name string, subjects []Subject, definitions []manifest.Object) Suite {
	suite := Suite{Files: map[string][]manifest.Object{}}
	var results []result
	for i, subject := range subjects {
		suite.Files[policyFile] = []manifest.Object{subject.Policy}
		few := subject.few(3)
		if subject.inside.kind != "" {
			few = subject.few(1)
		}
		for _, c := range few {
			suite.Files[objectsFile] = append(suite.Files[objectsFile], c.Object)
			results = append(results, result{order: i, policy: subject.Policy, operation: c.Operation, kind: manifest.Identify(c.Object).Kind, verdict: c.Want, object: c.Object})
		}
	}
	suite.Objects = len(suite.Files[objectsFile])
	test := manifest.Object{
		"apiVersion": "cli.kyverno.io/v1alpha1", "kind": "Test", "metadata": map[string]any{"name": name},
		"policies": []any{policyFile}, "resources": []any{objectsFile}, "results": joined(results),
	}
	if len(definitions) > 0 {
		test["clusterResources"] = []any{clusterFile}
		suite.Files[clusterFile] = []manifest.Object{suite.cluster(definitions)}
	}
	suite.Files[TestFile] = []manifest.Object{test}
	return suite
}

// few are the good object, and so many each that break the rule and that keep it.
func (s Subject) few(most int) []Case {
	counted := map[Verdict]int{}
	var few []Case
	for i, c := range s.Cases(1) {
		if i == 0 || counted[c.Want] < most {
			counted[c.Want]++
			few = append(few, c)
		}
	}
	return few
}

// cluster is what the CLI takes for a cluster: the definitions, and the namespaces that objects lie in.
func (s Suite) cluster(definitions []manifest.Object) manifest.Object {
	var files, namespaces []any
	for _, definition := range definitions {
		file := manifest.Identify(definition).Name + ".yaml"
		s.Files[file] = []manifest.Object{definition}
		files = append(files, file)
	}
	seen := map[string]bool{}
	for _, object := range s.Files[objectsFile] {
		if name := manifest.Identify(object).Namespace; name != "" && !seen[name] {
			seen[name] = true
			namespaces = append(namespaces, manifest.New("v1", "Namespace", "", name))
		}
	}
	return manifest.Object{
		"apiVersion": "cli.kyverno.io/v1alpha1", "kind": "ClusterResource", "metadata": map[string]any{"name": "cluster"},
		"spec": map[string]any{"crds": files, "resources": namespaces},
	}
}

// result is what is expected of one object.
type result struct {
	order           int
	policy, object  manifest.Object
	operation, kind string
	verdict         Verdict
}

// joined are the results as the CLI reads them, those of one policy, kind and verdict in one.
func joined(results []result) []any {
	same := func(a, b result) bool {
		return a.order == b.order && a.operation == b.operation && a.kind == b.kind && a.verdict == b.verdict
	}
	slices.SortStableFunc(results, func(a, b result) int {
		return cmp.Or(cmp.Compare(a.order, b.order), strings.Compare(a.kind, b.kind), strings.Compare(string(b.verdict), string(a.verdict)))
	})
	var all []any
	for i, r := range results {
		id := manifest.Identify(r.object)
		name := id.Name
		if id.Namespace != "" {
			name = id.Namespace + "/" + id.Name
		}
		if i > 0 && same(results[i-1], r) {
			last := all[len(all)-1].(map[string]any)
			last["resources"] = append(last["resources"].([]any), name)
			continue
		}
		policy := manifest.Identify(r.policy)
		entry := map[string]any{"policy": policy.Name, "isValidatingPolicy": true, "kind": r.kind, "result": string(r.verdict), "resources": []any{name}}
		if policy.Namespace != "" {
			entry["policy"] = policy.Namespace + "/" + policy.Name
		}
		if r.operation != "CREATE" {
			entry["operation"] = r.operation
		}
		all = append(all, entry)
	}
	return all
}
