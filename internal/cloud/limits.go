package cloud

import (
	"fmt"
	"math/bits"
)

// disk are the sizes of a database's disk, in gigabytes, as a composition asks for them.
type disk struct {
	Cloud, Engine string
	Least, Most   int64
	Read
}

// Disk is the smallest and the largest disk, in gigabytes, that a database can have.
func Disk(cloud, engine string) (least, most int64) {
	for _, disk := range disks() {
		if disk.Cloud == cloud && disk.Engine == engine {
			return disk.Least, disk.Most
		}
	}
	return 0, 0
}

func disks() []disk {
	gp3 := Read{"https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html", "2026-11-28"}
	ssd := Read{"databaseinstances.sql.gcp.m.upbound.io, settings.diskSize, and https://cloud.google.com/sql/docs/quotas", "2026-11-28"}
	return []disk{
		{"aws", "mysql", 20, 65536, gp3},
		{"aws", "postgres", 20, 65536, gp3},
		{"azure", "mysql", 20, 16384, Read{"flexibleservers.dbformysql.azure.m.upbound.io, storage.sizeGb", "2026-11-28"}},
		// The smallest disk has 32 GB: who asks for less gets that one.
		{"azure", "postgres", 10, 32767, Read{"flexibleservers.dbforpostgresql.azure.m.upbound.io, storageMb", "2026-11-28"}},
		{"gcp", "mysql", 10, 65536, ssd},
		{"gcp", "postgres", 10, 65536, ssd},
	}
}

// room is what a network must have room for, as its composition parts it: a quarter of it are addresses of nodes, on Google
// Cloud another one those of Pods, and a sixteenth is for what a cloud runs itself.
type room struct {
	Cloud string
	// Smallest is the smallest range, in bits, whatever runs in it, and WithDatabases with private databases.
	Smallest, WithDatabases int
	// PerNode are the addresses that a node takes, and Taken those that the cloud keeps for itself.
	PerNode, Taken int64
	Why            string
	Read
}

func (r room) says() string {
	said := fmt.Sprintf("a range from /16 to /%d; %s", r.Smallest, r.Why)
	if r.WithDatabases < r.Smallest {
		said += fmt.Sprintf("; with private databases up to /%d", r.WithDatabases)
	}
	return said
}

func rooms() []room {
	return []room{
		{"aws", 24, 24, 0, 0, "a subnet has up to 28 bits", Read{"https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html", "2026-11-28"}},
		{"azure", 24, 24, 1, 5, "a node takes one address of its subnet, in which Azure keeps five", Read{"https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq", "2026-11-28"}},
		{"gcp", 24, 20, 128, 0, "a node with up to 64 Pods takes 128 addresses of those for Pods", Read{"https://cloud.google.com/kubernetes-engine/docs/how-to/flexible-pod-cidr", "2026-11-28"}},
	}
}

// Nodes is how many nodes a network of a range, in bits, has room for, and why; with no end where nothing tells.
func Nodes(cloud string, size int) (nodes int64, why string, limited bool) {
	for _, room := range rooms() {
		if room.Cloud == cloud && room.PerNode > 0 && size >= 0 && size <= 30 {
			return (1<<(30-size) - room.Taken) / room.PerNode, room.Why, true
		}
	}
	return 0, "", false
}

// WithDatabases is the smallest range, in bits, that has room for what a cloud runs private databases in: on Google Cloud a
// /24 of its own.
func WithDatabases(cloud string) int {
	for _, room := range rooms() {
		if room.Cloud == cloud {
			return room.WithDatabases
		}
	}
	return smallestNetwork
}

// smallestNetwork is the smallest range, in bits, that can be parted at all.
const smallestNetwork = 24

// Smallest is the smallest range, in bits, that has room for so many nodes.
func Smallest(cloud string, nodes int64) int {
	smallest := smallestNetwork
	for _, room := range rooms() {
		if room.Cloud == cloud {
			smallest = room.Smallest
			if needed := nodes*room.PerNode + room.Taken; needed > 0 {
				smallest = min(smallest, 30-bits.Len64(uint64(needed-1)))
			}
		}
	}
	return smallest
}
