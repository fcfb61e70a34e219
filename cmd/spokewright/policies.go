package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"spokewright.dev/spokewright/internal/atomicdir"
	"spokewright.dev/spokewright/internal/claim"
	"spokewright.dev/spokewright/internal/crossplane/definitions"
	"spokewright.dev/spokewright/internal/crossplane/xrd"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/policytest"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

func policiesCommand(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "policies FOLDER [ENVIRONMENT[/PLANE]...]",
		Short: "Write the policies with objects to try them on, for kyverno test",
		Long: `Writes a folder for each policy of the fleet, or of the environments named, FOLDER/ENVIRONMENT/PLANE/POLICY: the policy
as it is rendered, objects that keep its rule and objects that break it, the definitions of the claims, and
kyverno-test.yaml. What breaks a rule follows from the rule's own text. FOLDER is relative to where you are. What an
earlier run wrote there is replaced; folders of environments that are gone stay.

RULE-running policies are left out: "kyverno test" does not support subresources.`,
		Example: `  spokewright policies build/policies
  kyverno test build/policies --require-tests --warnings-as-errors`,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: o.afterFolder,
		RunE: func(c *cobra.Command, args []string) error {
			return writePolicies(o, args[0], args[1:], c.ErrOrStderr())
		},
	}
}

// afterFolder completes a folder, then environments.
func (o *options) afterFolder(c *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return nil, cobra.ShellCompDirectiveFilterDirs
	}
	return o.environments(c, args, word)
}

func writePolicies(o *options, folder string, names []string, stderr io.Writer) error {
	f, err := o.open()
	if err != nil {
		return err
	}
	targets, err := chosen(f, names)
	if err != nil {
		return err
	}
	reader, err := schema.NewReader()
	if err != nil {
		return err
	}
	fleet, rendered, err := renderTargets(f, reader, targets, stderr)
	if err != nil {
		return err
	}
	suites, err := suites(reader, fleet, rendered)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer root.Close()
	tried := 0
	for _, path := range slices.Sorted(maps.Keys(suites)) {
		if err := writeSuite(root, path, suites[path]); err != nil {
			return err
		}
		tried += suites[path].Objects
	}
	fmt.Fprintf(stderr, "wrote %s with %s to try them on into %s: kyverno test %s\n", finding.Count(len(suites), "policy"), finding.Count(tried, "object"), folder, folder)
	return nil
}

// suites are those of all policies, by their folders.
func suites(reader *schema.Reader, fleet *schema.Fleet, rendered []render.Rendered) (map[string]policytest.Suite, error) {
	all := map[string]policytest.Suite{}
	for _, r := range rendered {
		subjects, _, err := policytest.Subjects(reader, fleet.Environments[r.Environment], r.Plane, r.Objects)
		if err != nil {
			return nil, finding.Wrong(finding.RuleInvalid, "%v", err)
		}
		var crds []manifest.Object
		if r.Plane == schema.Hub {
			if crds, err = claimDefinitions(reader, fleet.Config); err != nil {
				return nil, err
			}
		}
		for _, same := range policytest.Group(subjects) {
			if same[0].Subresource != "" {
				continue // the CLI asks as if everything were an object of its own (TODO in its processor/policy_processor.go)
			}
			name := manifest.Identify(same[0].Policy).Name
			all[path.Join(r.Environment, string(r.Plane), name)] = policytest.NewSuite(r.Environment+"-"+name, same, crds)
		}
	}
	return all, nil
}

// claimDefinitions are the definitions of the kinds of claims: of our own, what Crossplane makes of their XRDs; of a
// fleet's own, ones that let everything pass, for their XRDs are not ours.
func claimDefinitions(reader *schema.Reader, fleet *schema.FleetConfig) ([]manifest.Object, error) {
	var crds []manifest.Object
	for _, kind := range definitions.Kinds() {
		claim, there := fleet.Claims.Of(kind.Name)
		if !there {
			continue
		}
		if claim.Fields != nil {
			crds = append(crds, openDefinition(claim))
			continue
		}
		spec, status := reader.ClaimSpec(kind.Name), reader.ClaimStatus(kind.Name)
		definition := kind.Namespaced(spec, status)
		if fleet.Targets.Crossplane.API == "claims" {
			definition = kind.Claimed(spec, status)
		}
		derived, err := xrd.CRDs(definition)
		if err != nil {
			return nil, err
		}
		crds = append(crds, derived[len(derived)-1]) // behind a claim, the composite comes first
	}
	return crds, nil
}

func openDefinition(kind claim.Kind) manifest.Object {
	crd := manifest.New("apiextensions.k8s.io/v1", "CustomResourceDefinition", "", kind.Plural+"."+kind.Group())
	crd["spec"] = map[string]any{
		"group": kind.Group(), "scope": "Namespaced",
		"names": map[string]any{"kind": kind.Kind, "plural": kind.Plural, "singular": strings.ToLower(kind.Kind), "listKind": kind.Kind + "List"},
		"versions": []any{map[string]any{
			"name": kind.Version(), "served": true, "storage": true,
			"schema": map[string]any{"openAPIV3Schema": map[string]any{"type": "object", "x-kubernetes-preserve-unknown-fields": true}},
		}},
	}
	return crd
}

// writeSuite writes the test last: what it names is there by then.
func writeSuite(root *os.Root, folder string, suite policytest.Suite) error {
	names := slices.Sorted(maps.Keys(suite.Files))
	names = append(slices.DeleteFunc(names, func(name string) bool { return name == policytest.TestFile }), policytest.TestFile)
	for _, name := range names {
		if _, err := atomicdir.WriteFile(root, path.Join(folder, name), manifest.Stream(suite.Files[name])); err != nil {
			return err
		}
	}
	return nil
}
