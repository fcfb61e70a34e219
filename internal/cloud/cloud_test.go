package cloud

import (
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every entry says where and on which day it was read.
func TestEveryFactHasASourceAndADay(t *testing.T) {
	require.NotEmpty(t, Facts())
	for _, fact := range Facts() {
		assert.Regexp(t, regexp.MustCompile(`^(https://|the partition aws in https://|[a-z]+\.[a-z.]+\.upbound\.io, )`), fact.At, fact.About)
		_, err := time.Parse(time.DateOnly, fact.On)
		assert.NoError(t, err, fact.About)
		assert.NotEmpty(t, fact.Says, fact.About)
	}
}

// Versions stand from the newest on, and their days follow each other.
func TestVersionsStandInTheirOrder(t *testing.T) {
	for _, offer := range Offers() {
		for i, version := range offer.Versions {
			for _, day := range []string{version.Ends, version.Gone} {
				if day != "" {
					_, err := time.Parse(time.DateOnly, day)
					assert.NoError(t, err, "%s %s %s", offer.Cloud, offer.Of, version.Number)
				}
			}
			assert.True(t, version.Gone == "" || version.Ends <= version.Gone, "%s %s %s", offer.Cloud, offer.Of, version.Number)
			if i > 0 && offer.Versions[i-1].Ends != "" {
				assert.GreaterOrEqual(t, offer.Versions[i-1].Ends, version.Ends, "%s %s %s", offer.Cloud, offer.Of, version.Number)
			}
		}
	}
}

// What a cloud has is found; what may have come since the data was read is taken; the rest is not.
func TestVersionsOfACloud(t *testing.T) {
	for _, c := range []struct {
		cloud, of, number string
		known             bool
	}{
		{"aws", Kubernetes, "1.34", true},
		{"aws", Kubernetes, "1.38", true},
		{"aws", Kubernetes, "1.39", false},
		{"aws", Kubernetes, "1.77", false},
		{"aws", Kubernetes, "1.20", false},
		{"aws", "postgres", "17.4", true},
		{"gcp", "postgres", "17.4", false},
		{"gcp", "postgres", "19", true},
		{"azure", "postgres", "20", false},
		{"gcp", "mysql", "9.3", false},
		{"aws", "mysql", "8.5", false},
		{"azure", "mysql", "8.4", true},
	} {
		_, known := Offered(c.cloud, c.of).Find(c.number)
		assert.Equal(t, c.known, known, "%s %s %s", c.cloud, c.of, c.number)
	}
}

// The usual version has its standard support on all clouds for more than 90 days after the data was read.
func TestTheUsualVersionLasts(t *testing.T) {
	for cloud := range Regions() {
		offer := Offered(cloud, Kubernetes)
		version, known := offer.Find(Usual())
		require.True(t, known, cloud)
		read, err := time.Parse(time.DateOnly, offer.On)
		require.NoError(t, err)
		assert.Greater(t, version.Ends, read.AddDate(0, 0, 90).Format(time.DateOnly), cloud)
	}
}

// The smallest range has room for so many nodes, and half of it has not.
func TestTheSmallestRangeHasRoom(t *testing.T) {
	for cloud := range Regions() {
		for nodes := int64(1); nodes <= 1000; nodes++ {
			size := Smallest(cloud, nodes)
			room, _, limited := Nodes(cloud, size)
			assert.True(t, !limited || room >= nodes, "%s: %d nodes in /%d", cloud, nodes, size)
			if less, _, _ := Nodes(cloud, size+1); limited && size < Smallest(cloud, 1) {
				assert.Less(t, less, nodes, "%s: %d nodes in /%d", cloud, nodes, size+1)
			}
		}
	}
	assert.Equal(t, 19, Smallest("gcp", 12))
	assert.Equal(t, 21, Smallest("gcp", 3))
	assert.Equal(t, 22, Smallest("gcp", 2))
	assert.Equal(t, 20, WithDatabases("gcp"))
	assert.Equal(t, 24, WithDatabases("aws"))
}

// Regions with few zones are regions.
func TestZonesAreOfRegions(t *testing.T) {
	for _, few := range zones() {
		for _, region := range few.Regions {
			assert.True(t, slices.Contains(Regions()[few.Cloud], region), region)
			assert.Equal(t, few.Zones, Zones(few.Cloud, region))
		}
	}
	assert.Equal(t, 3, Zones("aws", "eu-west-1"))
}
