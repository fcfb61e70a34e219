package schema

import (
	"fmt"
	"maps"
	"slices"
)

// completeRegions adds the regions that the fleet names to those that everybody knows.
func completeRegions(known, own map[string][]string) map[string][]string {
	all := make(map[string][]string, len(known))
	for cloud, names := range known {
		all[cloud] = slices.Concat(names, own[cloud])
	}
	return all
}

// region reports a region that the cloud does not have.
func (c *checker) region(e *Environment) {
	cloud, region := e.Cluster.Cloud, e.Cluster.Region
	if cloud == "" || region == "" || !c.whole("cluster", "cloud") || !c.whole("cluster", "region") {
		return
	}
	names := e.Fleet.Regions[cloud]
	if slices.Contains(names, region) {
		return
	}
	message := fmt.Sprintf("found %s, which is no region of %s%s", quoted(region), cloud, DidYouMean(region, names))
	for _, other := range slices.Sorted(maps.Keys(e.Fleet.Regions)) {
		if slices.Contains(e.Fleet.Regions[other], region) {
			message = fmt.Sprintf("found %s, which is a region of %s and not of %s", quoted(region), other, cloud)
		}
	}
	c.report(fmt.Sprintf("%s (one that is new goes into fleet.cue: regions: %s: [%s])", message, cloud, quoted(region)), "cluster", "region")
}
