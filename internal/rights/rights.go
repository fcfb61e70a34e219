// Package rights says what an account of a cloud must allow before the first claim, kind by kind of managed resource, and
// makes of it what each cloud reads: policies, roles, lists of services. It is data, with where it was read beside it; it knows
// no claim and no environment, and it asks no cloud.
package rights

import "strings"

// Need is what an account must allow for one kind of managed resource.
type Need struct {
	// Group is its API group without the provider's domain, as in "ec2.aws".
	Group, Kind string
	// Service is what must be switched on first: an API on Google Cloud, a resource provider on Azure. On AWS nothing must.
	Service string
	// Allowed are the cloud's own words for it: actions on AWS, operations on Azure, permissions on Google Cloud.
	Allowed []string
	// Sources are where that was read: what the provider calls, and what a call or a type asks for.
	Sources []Source
}

// Source is where something was read, and on which day.
type Source struct{ Page, Read string }

// read is a page as it was on the day when all of it was read.
func read(page string) Source { return Source{page, "2026-12-01"} }

// calls is what others have found the provider's code to call for a kind, which they keep for every kind and test on the clouds.
func calls(file string) Source {
	return read("https://github.com/JamesWoolfenden/pike/blob/master/src/mapping/" + file + ".json")
}

// copied is a copy of what a cloud itself says, as it says it to programs.
func copied(file string) Source {
	return read("https://github.com/iann0036/iam-dataset/blob/main/" + file)
}

// Clouds are all of them.
func Clouds() []string { return []string{"aws", "azure", "gcp"} }

// Needs are those of a cloud, in the order in which a first environment needs them: network, cluster, pools, databases, peering.
func Needs(cloud string) []Need {
	return map[string]func() []Need{"aws": aws, "azure": azure, "gcp": gcp}[cloud]()
}

// Of finds the need of a kind by its API group, of either generation ("ec2.aws.m.upbound.io" or "ec2.aws.upbound.io").
func Of(group, kind string) (Need, bool) {
	short := strings.TrimSuffix(strings.TrimSuffix(group, ".upbound.io"), ".m")
	for _, cloud := range Clouds() {
		for _, need := range Needs(cloud) {
			if need.Group == short && need.Kind == kind {
				return need, true
			}
		}
	}
	return Need{}, false
}

// within puts what a service or a resource provider is called before names.
func within(service, separator string, names ...string) []string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = service + separator + name
	}
	return all
}
