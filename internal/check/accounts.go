package check

import (
	"iter"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// Accounts finds clouds that a hub makes environments in, by compositions of its own, without a word on how its providers
// log in there: neither from the accounts of the fleet nor, as once, from its bases.
func Accounts(fleet *schema.Fleet, rendered iter.Seq[render.Rendered]) finding.Findings {
	composed, reached := map[[2]string]bool{}, map[[2]string]bool{} // by hub and cloud
	for r := range rendered {
		if fleet.Environments[r.Environment].Role != "hub" {
			continue
		}
		for _, object := range r.Objects {
			id := manifest.Identify(object)
			switch {
			case id.Kind == "Composition":
				composed[[2]string{r.Environment, manifest.TextAt(object, "metadata", "labels", "spokewright.dev/cloud")}] = true
			case strings.HasSuffix(id.Kind, "ProviderConfig") && id.Name == "default":
				cloud, _, _ := strings.Cut(id.Group(), ".")
				reached[[2]string{r.Environment, cloud}] = true
			}
		}
	}
	var findings finding.Findings
	for _, name := range fleet.Names() {
		e := fleet.Environments[name]
		if e.Cluster == nil {
			continue
		}
		at := [2]string{e.Hub, e.Cluster.Cloud}
		if composed[at] && !reached[at] {
			reached[at] = true // told
			findings = append(findings, finding.Finding{Code: finding.MissingField, Position: finding.Position{File: schema.FleetFile}, Path: finding.Tokens("accounts", e.Cluster.Cloud),
				Message: "missing: environment " + finding.Quote(name) + " is in this cloud, and nothing says how hub " + finding.Quote(e.Hub) + " logs in there: add " + schema.ExampleAccount(e.Cluster.Cloud)})
		}
	}
	return findings
}
