package bootstrap

import (
	"slices"

	"spokewright.dev/spokewright/functions/claims"
	"spokewright.dev/spokewright/schema"
)

// inputs are what the root of a cloud wants to know of a hub.
func inputs(e schema.Environment) map[string]any {
	c := e.Cluster
	account := e.Fleet.Accounts[c.Account]
	ranges := claims.Subnets(c.Network.CIDR)
	all := map[string]any{
		"id": e.ID, "environment": e.Name, "region": c.Region, "kubernetes": c.Version, "private": c.Private,
		"nodes": map[string]any{"min": c.Nodes.Min, "max": c.Nodes.Max, "machine": machines()[c.Cloud][c.Nodes.Size]},
	}
	switch c.Cloud {
	case "aws":
		all["account"], all["cidr"], all["zones"] = account.Number, c.Network.CIDR, zones(c.Region)
		all["private_subnets"] = map[string]any{"a": ranges[0], "b": ranges[1], "c": ranges[2]}
		all["public_subnets"] = map[string]any{"a": ranges[3], "b": ranges[4], "c": ranges[5]}
	case "gcp":
		all["account"] = account.Project
		all["ranges"] = map[string]any{"network": c.Network.CIDR, "nodes": ranges[0], "pods": ranges[1], "services": ranges[2], "google": ranges[3]}
	default:
		all["account"], all["tenant"], all["cidr"] = account.Subscription, account.Tenant, c.Network.CIDR
		all["ranges"] = map[string]any{"nodes": ranges[0], "postgres": ranges[3], "mysql": ranges[4]}
		all["zones"] = []any{"1", "2", "3"}
		if slices.Contains(zoneless(), c.Region) {
			all["zones"] = []any{}
		}
	}
	return all
}

// machines are what the sizes of nodes are on each cloud. Compositions have the same.
func machines() map[string]map[string]string {
	return map[string]map[string]string{
		"aws":   {"small": "m7i.large", "medium": "m7i.xlarge", "large": "m7i.2xlarge", "xlarge": "m7i.4xlarge"},
		"azure": {"small": "Standard_D2ds_v5", "medium": "Standard_D4ds_v5", "large": "Standard_D8ds_v5", "xlarge": "Standard_D16ds_v5"},
		"gcp":   {"small": "n2-standard-2", "medium": "n2-standard-4", "large": "n2-standard-8", "xlarge": "n2-standard-16"},
	}
}

// zones are what a region of AWS calls three of its zones: two regions have one letter less for new accounts.
func zones(region string) map[string]any {
	letters := map[string]any{"a": region + "a", "b": region + "b", "c": region + "c"}
	switch region {
	case "ap-northeast-1":
		letters["b"] = region + "d"
	case "ca-central-1":
		letters["c"] = region + "d"
	}
	return letters
}

// zoneless are the regions of Azure without availability zones, as compositions have them.
func zoneless() []string {
	return []string{"australiacentral", "australiacentral2", "australiasoutheast", "brazilsoutheast", "canadaeast", "francesouth", "germanynorth",
		"koreasouth", "northcentralus", "norwaywest", "southafricawest", "southindia", "switzerlandwest", "uaecentral", "ukwest",
		"westcentralus", "westindia", "westus"}
}
