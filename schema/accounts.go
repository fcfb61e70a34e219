package schema

import (
	"fmt"
	"maps"
	"slices"

	"spokewright.dev/spokewright/internal/claim"
	"spokewright.dev/spokewright/internal/finding"
)

// Account is an account of a cloud that environments are made in. What it has follows from the cloud.
type Account struct {
	Cloud string `json:"cloud"`

	Number      string `json:"account"`     // of AWS
	Role        string `json:"role"`        // that makes what environments ask for
	SecretsRole string `json:"secretsRole"` // that stores credentials

	Project        string `json:"project"` // of Google Cloud
	ProjectNumber  string `json:"number"`  // of the project whose pool trusts the hub
	ServiceAccount string `json:"serviceAccount"`

	Subscription  string `json:"subscription"` // of Azure
	Tenant        string `json:"tenant"`
	Client        string `json:"client"`
	SecretsClient string `json:"secretsClient"`
}

// defaultIdentity and secretsIdentity are what the hub is in an account that does not say otherwise: who makes what
// environments ask for, and who stores the credentials of databases. argocdIdentity is who Argo CD is.
const (
	defaultIdentity = "spokewright-crossplane"
	secretsIdentity = "spokewright-secrets"
	argocdIdentity  = "spokewright-argocd"
)

// completeAccounts fills in who the hub is in each account.
func (f *FleetConfig) completeAccounts() {
	for name, account := range f.Accounts {
		switch account.Cloud {
		case "aws":
			account.Role, account.SecretsRole = orElse(account.Role, defaultIdentity), orElse(account.SecretsRole, secretsIdentity)
		case "gcp":
			account.ServiceAccount = orElse(account.ServiceAccount, defaultIdentity)
		}
		f.Accounts[name] = account
	}
}

// accountFields are the fields that an account of each cloud has: the first ones it must have.
func accountFields() map[string]struct{ needed, more []string } {
	return map[string]struct{ needed, more []string }{
		"aws":   {[]string{"account"}, []string{"role", "secretsRole"}},
		"azure": {[]string{"subscription", "tenant", "client"}, []string{"secretsClient"}},
		"gcp":   {[]string{"project"}, []string{"number", "serviceAccount"}},
	}
}

// accounts reports fields of another cloud, fields that are missing, and clouds without the account that all others go by.
func (c *fleetChecker) accounts() {
	for _, name := range slices.Sorted(maps.Keys(c.fleet.Accounts)) {
		if c.known("accounts", name, "cloud") {
			c.ofCloud(name)
		}
	}
	if !c.known("accounts") {
		return
	}
	for _, cloud := range slices.Sorted(maps.Keys(c.fleet.SecretStores)) {
		if _, known := c.fleet.Accounts[cloud]; !known && c.known("secretStores", cloud) {
			c.report(finding.MissingField, "missing: "+accountOf(cloud)+", which keeps credentials of databases: add "+ExampleAccount(cloud), "accounts", cloud)
		}
	}
}

// ofCloud judges an account by what its cloud asks for.
func (c *fleetChecker) ofCloud(name string) {
	account := c.fleet.Accounts[name]
	path := []string{"accounts", name}
	c.accountFields(name, account.Cloud)
	_, clouds := cloudNames()[name]
	_, first := c.fleet.Accounts[account.Cloud]
	switch {
	case name == "default":
		c.report(finding.WrongValue, `found "default", allowed is another name: the account that is named as its cloud is the default one`, path...)
	case clouds && name != account.Cloud:
		c.report(finding.Inconsistent, fmt.Sprintf("found %s, allowed is %s for an account of this name", finding.Quote(account.Cloud), finding.Quote(name)), "accounts", name, "cloud")
	case !first && c.known("accounts"):
		c.report(finding.MissingField, "missing: environments are made in the account that is named as their cloud: add "+ExampleAccount(account.Cloud), "accounts", account.Cloud)
	}
}

// accountFields reports fields of another cloud, and fields that are missing.
func (c *fleetChecker) accountFields(name, cloud string) {
	path := []string{"accounts", name}
	fields := accountFields()
	of := fields[cloud]
	for _, other := range slices.Sorted(maps.Keys(fields)) {
		for _, field := range slices.Concat(fields[other].needed, fields[other].more) {
			if at := append(slices.Clip(path), field); other != cloud && c.merged.Find(at...) != nil {
				c.report(finding.Inconsistent, fmt.Sprintf("must not be set: %s has %s", accountOf(cloud), finding.AllOf(slices.Concat(of.needed, of.more))), at...)
			}
		}
	}
	needed := of.needed
	switch {
	case name == "gcp" && cloud == name:
		needed = append(needed, "number")
	case name == "azure" && cloud == name && c.fleet.SecretStores[name] != "":
		needed = append(needed, "secretsClient")
	}
	for _, field := range needed {
		if at := append(slices.Clip(path), field); c.sound(at...) && c.merged.Find(at...) == nil {
			c.report(finding.MissingField, "missing: "+accountOf(cloud)+" needs it", at...)
		}
	}
}

// OtherAccount is the name of the environment's account, where that is not the one that is named as its cloud.
func (e Environment) OtherAccount() string {
	if e.Cluster == nil || e.Cluster.Account == e.Cluster.Cloud {
		return ""
	}
	return e.Cluster.Account
}

// ArgoCD is who Argo CD is, as the cloud calls it, where the environment is in another account than Argo CD itself, which is
// in the one that is named as the cloud.
func (e Environment) ArgoCD() string {
	if e.OtherAccount() == "" {
		return ""
	}
	own := e.Fleet.Accounts[e.Cluster.Cloud]
	switch e.Cluster.Cloud {
	case "aws":
		return "arn:aws:iam::" + own.Number + ":role/" + argocdIdentity
	case "gcp":
		return argocdIdentity + "@" + own.Project + ".iam.gserviceaccount.com"
	default:
		return "/subscriptions/" + own.Subscription + "/resourceGroups/spokewright/providers/Microsoft.ManagedIdentity/userAssignedIdentities/" + argocdIdentity
	}
}

// SecretStore is where the environment's account keeps secrets: the region, the vault or the project.
func (e Environment) SecretStore() string { return e.Fleet.SecretStore(e.Cluster.Account) }

// SecretStore is where an account keeps secrets, empty where its cloud keeps none. Another account has a store of its own in
// the same region on AWS and in its own project on Google Cloud; on Azure all share the vault.
func (f *FleetConfig) SecretStore(account string) string {
	of, named := f.Accounts[account]
	cloud := account
	if named {
		cloud = of.Cloud
	}
	if cloud == "gcp" && account != cloud && f.SecretStores[cloud] != "" {
		return of.Project
	}
	return f.SecretStores[cloud]
}

// account reports an account that the fleet does not have, or in which nothing can be made. A fleet that names no account
// has them in bases of its own, as all fleets had once; and kinds of its own know their accounts themselves.
func (c *checker) account(e *Environment) {
	cloud, named := e.Cluster.Cloud, e.Cluster.Account
	if !c.known("cluster", "cloud") || !c.sound("cluster", "account") || len(e.Fleet.Accounts) == 0 && named == cloud {
		return
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(e.Fleet.Accounts)) {
		if e.Fleet.Accounts[name].Cloud == cloud {
			names = append(names, name)
		}
	}
	switch {
	case len(names) == 0 && e.Fleet.Claims.Cluster.Fields == nil:
		c.report(finding.MissingField, fmt.Sprintf("found %s, of which fleet.cue has no account: add %s", finding.Quote(cloud), ExampleAccount(cloud)), "cluster", "cloud")
	case named == cloud:
	case !slices.Contains(names, named):
		c.add(unknownAccount(e.Fleet, cloud, named, names), "cluster", "account")
	case e.Fleet.Accounts[named].Tenant != e.Fleet.Accounts[cloud].Tenant:
		c.report(finding.Inconsistent, fmt.Sprintf("found %s, whose tenant is another one than that of account %s: allowed is an account of the same tenant, for Argo CD and the vault are of one",
			finding.Quote(named), finding.Quote(cloud)), "cluster", "account")
	default:
		c.placed(e)
	}
}

// placed reports a kind of the fleet's own that has no place for the account that claims of it are made in.
func (c *checker) placed(e *Environment) {
	claims := e.Fleet.Claims
	for _, needed := range []struct {
		kind  claim.Kind
		field string
		there bool
	}{
		{claims.Network, "account", claims.Network.Kind != "" && e.Cluster.Adopt == nil},
		{claims.Cluster, "account", true},
		{claims.Cluster, "argocd", true},
		{claims.Database, "account", len(e.Databases) > 0},
		{claims.NodePool, "account", len(e.Cluster.Nodes.Pools) > 0},
		{claims.Peering, "account", e.JoinsHub()},
	} {
		if _, mapped := needed.kind.Fields[needed.field]; needed.there && needed.kind.Fields != nil && !mapped {
			c.report(finding.Inconsistent, fmt.Sprintf("found %s, and the fleet's kind %s has no place for %s: map it in fleet.cue, or leave the account out",
				finding.Quote(e.Cluster.Account), needed.kind.Kind, needed.field), "cluster", "account")
			return
		}
	}
}

// unknownAccount is about the name of an account that is none of its cloud.
func unknownAccount(fleet *FleetConfig, cloud, named string, names []string) finding.Finding {
	if other, known := fleet.Accounts[named]; known {
		return finding.Finding{Code: finding.Inconsistent, Message: fmt.Sprintf("found %s, which is an account of %s and not of %s", finding.Quote(named), other.Cloud, cloud), Aside: "allowed is " + finding.OneOf(finding.Quoted(names))}
	}
	return finding.Finding{Code: finding.UnknownName, Message: fmt.Sprintf("found %s, which is no account of %s in fleet.cue", finding.Quote(named), cloud),
		Suggestion: finding.Suggest(named, names), Aside: "allowed is " + finding.OneOf(finding.Quoted(names))}
}

// accountOf is what people call an account of a cloud.
func accountOf(cloud string) string { return "an account of " + cloudNames()[cloud] }

// ExampleAccount is what somebody may write who has none of a cloud.
func ExampleAccount(cloud string) string {
	return map[string]string{
		"aws":   `accounts: aws: {cloud: "aws", account: "111122223333"}`,
		"azure": `accounts: azure: {cloud: "azure", subscription: "…", tenant: "…", client: "…"}`,
		"gcp":   `accounts: gcp: {cloud: "gcp", project: "shop-prod", number: "123456789012"}`,
	}[cloud]
}
