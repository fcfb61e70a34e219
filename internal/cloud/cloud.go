// Package cloud is what is known of the public clouds: their regions and zones, the versions that they have and until when,
// their machines with GPUs, and the smallest and largest values that they take. It is data, each entry with where and when it
// was read; it knows no claim and no environment.
package cloud

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Read is where something was read, and on which day.
type Read struct{ At, On string }

// Before says whether it was read before a day.
func (r Read) Before(day time.Time) bool { return r.On < day.Format(time.DateOnly) }

// Fact is an entry of the data, in words, with where it was read.
type Fact struct {
	About, Says string
	Read
}

// Facts are all entries, in the order of what they are about.
func Facts() []Fact {
	var all []Fact
	add := func(read Read, about, says string, values ...any) {
		all = append(all, Fact{about, fmt.Sprintf(says, values...), read})
	}
	for _, known := range regions() {
		add(known.Read, known.Cloud+" regions", "%d regions: %s", len(known.Names), strings.Join(known.Names, ", "))
	}
	for _, few := range zones() {
		add(few.Read, few.Cloud+" zones", "%s in %s", counted(few.Zones), strings.Join(few.Regions, ", "))
	}
	for _, offer := range Offers() {
		for _, version := range offer.Versions {
			add(offer.Read, offer.Cloud+" "+offer.Of, "%s", version.says())
		}
	}
	for _, disk := range disks() {
		add(disk.Read, disk.Cloud+" disk of "+disk.Engine, "%d to %d GB", disk.Least, disk.Most)
	}
	for _, room := range rooms() {
		add(room.Read, room.Cloud+" network", "%s", room.says())
	}
	for _, gpu := range GPUs() {
		add(gpu.Read, gpu.Cloud+" gpu "+gpu.Kind, "%s", gpu.says())
	}
	for _, a := range autoscalers() {
		add(a.Read, "aws autoscaler", "%s for Kubernetes %s", a.Image, a.Version)
	}
	slices.SortStableFunc(all, func(a, b Fact) int { return strings.Compare(a.About, b.About) })
	return all
}

func counted(zones int) string {
	return map[int]string{0: "no zones", 2: "two zones"}[zones]
}
