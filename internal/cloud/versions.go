package cloud

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Kubernetes is what Offers calls it; engines have the names that specs give them.
const Kubernetes = "kubernetes"

// Offer is what a cloud has of Kubernetes or of an engine, the newest version first.
type Offer struct {
	Cloud, Of string
	Versions  []Version
	Read
}

// Version is one version, with the last day of its standard support and the last day on which the cloud has it at all; a
// day that nobody told is empty.
type Version struct{ Number, Ends, Gone string }

func (v Version) says() string {
	said := v.Number
	if v.Ends != "" {
		said += ", standard support until " + v.Ends
	}
	if v.Gone != "" {
		said += ", gone after " + v.Gone
	}
	return said
}

// Offers are those of all clouds. The days are the clouds' own, as endoflife.date collects them.
func Offers() []Offer {
	const day = "2026-08-22"
	return []Offer{
		{"aws", Kubernetes, []Version{
			{"1.36", "2027-08-02", "2028-08-02"}, {"1.35", "2027-03-27", "2028-03-27"}, {"1.34", "2026-12-02", "2027-12-02"},
			{"1.33", "2026-07-29", "2027-07-29"}, {"1.32", "2026-03-23", "2027-03-23"}, {"1.31", "2025-11-26", "2026-11-26"},
		}, Read{"https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html", day}},
		{"azure", Kubernetes, []Version{
			{"1.36", "2027-06-30", "2028-06-30"}, {"1.35", "2027-03-31", "2028-03-31"}, {"1.34", "2026-11-30", "2027-11-30"},
			{"1.33", "2026-07-31", "2027-07-31"}, {"1.32", "2026-03-31", "2027-03-31"}, {"1.31", "2025-11-01", "2026-11-30"},
		}, Read{"https://learn.microsoft.com/azure/aks/supported-kubernetes-versions", day}},
		{"gcp", Kubernetes, []Version{
			{"1.36", "2027-08-09", ""}, {"1.35", "2027-04-11", ""}, {"1.34", "2026-10-01", ""}, {"1.33", "2026-08-03", ""},
			{"1.32", "2026-04-11", ""}, {"1.31", "2026-01-16", ""},
		}, Read{"https://docs.cloud.google.com/kubernetes-engine/docs/release-schedule", day}},
		{"aws", "mysql", []Version{{"8.4", "2029-07-31", "2032-07-31"}, {"8.0", "2026-07-31", "2029-07-31"}},
			Read{"https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/MySQL.Concepts.VersionMgmt.html", day}},
		{"azure", "mysql", []Version{{"8.4", "", ""}, {"8.0", "2026-12-31", "2029-05-31"}},
			Read{"https://learn.microsoft.com/azure/mysql/concepts-version-policy", day}},
		{"gcp", "mysql", []Version{{"8.4", "", ""}, {"8.0", "", ""}},
			Read{"databaseinstances.sql.gcp.m.upbound.io, databaseVersion", "2026-11-28"}},
		{"aws", "postgres", []Version{
			{"18", "2031-02-28", "2034-02-28"}, {"17", "2030-02-28", "2033-02-28"}, {"16", "2029-02-28", "2032-02-29"},
			{"15", "2028-02-29", "2031-02-28"}, {"14", "2027-02-28", "2030-02-28"}, {"13", "2026-02-28", "2029-02-28"},
			{"12", "2025-02-28", "2028-02-29"}, {"11", "2024-02-29", "2027-03-31"},
		}, Read{"https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-release-calendar.html", day}},
		{"azure", "postgres", []Version{
			{"18", "2030-11-14", ""}, {"17", "2029-11-08", ""}, {"16", "2028-11-09", ""}, {"15", "2027-11-11", ""}, {"14", "2026-11-12", ""},
			{"13", "2026-07-31", ""}, {"12", "2026-07-31", ""}, {"11", "2026-07-31", ""},
		}, Read{"https://learn.microsoft.com/azure/postgresql/configure-maintain/concepts-version-policy", day}},
		{"gcp", "postgres", []Version{
			{"18", "", ""}, {"17", "", ""}, {"16", "", ""}, {"15", "", ""}, {"14", "", ""}, {"13", "", ""}, {"12", "", ""}, {"11", "", ""}, {"10", "", ""},
		}, Read{"databaseinstances.sql.gcp.m.upbound.io, databaseVersion", "2026-11-28"}},
	}
}

// Offered is what a cloud has of Kubernetes or of an engine.
func Offered(cloud, of string) Offer {
	for _, offer := range Offers() {
		if offer.Cloud == cloud && offer.Of == of {
			return offer
		}
	}
	return Offer{}
}

// Numbers are the versions as they are written.
func (o Offer) Numbers() []string {
	var all []string
	for _, version := range o.Versions {
		all = append(all, version.Number)
	}
	return all
}

// later is how many versions may have come since the data was read: there are three of Kubernetes a year and one of
// PostgreSQL. What a composition knows by name alone does not get newer.
func (o Offer) later() int { return map[string]int{Kubernetes: 2, "postgres": 1}[o.Of] }

// Find is the version that a text names, such as "17" or Amazon's "17.4"; a zero one with the text as its number for what may
// have come since the data was read; false for what the cloud does not have.
func (o Offer) Find(number string) (Version, bool) {
	for _, version := range o.Versions {
		if number == version.Number || o.Cloud == "aws" && o.Of != Kubernetes && strings.HasPrefix(number, version.Number+".") {
			return version, true
		}
	}
	return Version{Number: number}, o.newer(number)
}

// newer says whether a version may have come since.
func (o Offer) newer(number string) bool {
	newest, counted := o.Versions[0].Number, last(o.Versions[0].Number)
	for step := 1; step <= o.later(); step++ {
		if number == strings.TrimSuffix(newest, strconv.Itoa(counted))+strconv.Itoa(counted+step) {
			return true
		}
	}
	return false
}

// last is the last number of a version.
func last(number string) int {
	n, err := strconv.Atoi(number[strings.LastIndex(number, ".")+1:])
	if err != nil {
		panic(fmt.Sprintf("%s is no version", number)) // a fault of this program
	}
	return n
}

// Usual is the version of Kubernetes for who names none: the newest but one of those that all clouds have, so that what runs
// on it has caught up.
func Usual() string {
	newest := Offered("aws", Kubernetes).Numbers()
	for _, cloud := range []string{"azure", "gcp"} {
		newest = slices.DeleteFunc(newest, func(number string) bool { return !slices.Contains(Offered(cloud, Kubernetes).Numbers(), number) })
	}
	return newest[1]
}

// autoscaler is the image of the Cluster Autoscaler for a version of Kubernetes, which it is meant for: it has the same minor version.
type autoscaler struct {
	Version, Image string
	Read
}

// autoscalers are those that versions of its chart have installed, so that each is there. A newer Kubernetes has the chart's.
func autoscalers() []autoscaler {
	read := Read{"https://kubernetes.github.io/autoscaler/index.yaml", "2026-07-26"}
	return []autoscaler{
		{"1.35", "v1.35.0", read}, {"1.34", "v1.34.2", read}, {"1.33", "v1.33.0", read}, {"1.32", "v1.32.0", read}, {"1.31", "v1.31.0", read},
	}
}

// Autoscaler is the image of the Cluster Autoscaler for a version of Kubernetes; false where none is known.
func Autoscaler(version string) (image string, known bool) {
	for _, a := range autoscalers() {
		if a.Version == version {
			return a.Image, true
		}
	}
	return "", false
}
