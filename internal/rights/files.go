package rights

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// Files are what the clouds read, by the names that they have in docs/accounts. Nothing in them is a fleet's own.
func Files() map[string][]byte {
	return map[string][]byte{
		"aws-crossplane.json":   indented(awsMaker()),
		"aws-secrets.json":      indented(awsWriter()),
		"azure-crossplane.json": indented(azureMaker()),
		"azure-condition.txt":   []byte(azureGrants()),
		"azure-providers.txt":   lines(Services("azure")),
		"gcp-apis.txt":          lines(Services("gcp")),
		"gcp-roles.txt":         lines(googleRoles()),
		"gcp-condition.txt":     []byte(gcpGrants()),
	}
}

// Services are what must be switched on in an account of a cloud: those of its kinds, and those that the hub logs in by and
// keeps secrets in.
func Services(cloud string) []string {
	services := map[string][]string{
		// https://cloud.google.com/iam/docs/workload-identity-federation-with-other-providers, 2026-12-01
		"gcp": {"iamcredentials.googleapis.com", "secretmanager.googleapis.com", "sts.googleapis.com"},
		// Nodes of AKS are scale sets: https://learn.microsoft.com/azure/azure-resource-manager/management/azure-services-resource-providers, 2026-12-01
		"azure": {"Microsoft.Compute", "Microsoft.KeyVault"},
	}[cloud]
	for _, need := range Needs(cloud) {
		services = append(services, need.Service)
	}
	return distinct(services)
}

// googleRoles are the names of the roles that are given without a condition.
func googleRoles() []string {
	var names []string
	for _, role := range GoogleRoles() {
		if role.Name != gcpGrantor {
			names = append(names, role.Name)
		}
	}
	return distinct(names)
}

// allowed is all that is needed in a cloud and passes.
func allowed(cloud string, passes func(string) bool) []string {
	var all []string
	for _, need := range Needs(cloud) {
		for _, one := range need.Allowed {
			if passes(one) {
				all = append(all, one)
			}
		}
	}
	return distinct(all)
}

func distinct(all []string) []string {
	slices.Sort(all)
	return slices.Compact(all)
}

func lines(all []string) []byte { return []byte(strings.Join(all, "\n") + "\n") }

func indented(value any) []byte {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		panic(err) // maps, lists and texts always encode
	}
	return text.Bytes()
}
