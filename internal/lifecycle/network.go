package lifecycle

import (
	"encoding/binary"
	"net/netip"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/schema"
)

// private are the blocks of addresses that belong to nobody (RFC 1918, and RFC 6598 for carriers).
func private() []netip.Prefix {
	return []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"), netip.MustParsePrefix("100.64.0.0/10")}
}

// freeRange is the next range behind that of an environment, of the same size and in the same private block, that overlaps
// no environment's.
func (s Checkout) freeRange(from schema.Environment) (netip.Prefix, error) {
	old := netip.MustParsePrefix(from.Cluster.Network.CIDR) // legal already
	var taken []netip.Prefix
	for _, name := range s.Fleet.Names() {
		if c := s.Fleet.Environments[name].Cluster; c != nil {
			taken = append(taken, netip.MustParsePrefix(c.Network.CIDR))
		}
	}
	for _, block := range private() {
		if !block.Contains(old.Addr()) || block.Bits() > old.Bits() {
			continue
		}
		if free, found := nextRange(old, block, taken); found {
			return free, nil
		}
		return old, s.noRange(from, "found no range of the size of %s in %s that overlaps no environment's, allowed is one of another block", old, block)
	}
	return old, s.noRange(from, "found %s, which is in no private block, so that no other range follows from it: allowed is one of your own", old)
}

// noRange is the finding of a range that nobody can propose.
func (s Checkout) noRange(from schema.Environment, format string, args ...any) error {
	at := from.Written("cluster", "network", "cidr")
	if at.File != schema.SpecFile(from.Name) {
		at = finding.Position{File: schema.SpecFile(from.Name), Line: 1, Column: 1}
	}
	err := finding.At(at, finding.Inconsistent, format+": --set cluster.network.cidr=...", args...)
	found, _ := finding.Of(err)
	found[0].Path = finding.Keys("cluster", "network", "cidr")
	return found
}

// nextRange is the first range of a block behind one, and then from the block's beginning, that none of the taken overlaps.
func nextRange(old, block netip.Prefix, taken []netip.Prefix) (netip.Prefix, bool) {
	first, size := number(block.Addr()), uint64(1)<<(32-old.Bits())
	past := first + uint64(1)<<(32-block.Bits())
	for _, begin := range []uint64{number(old.Addr()) + size, first} {
		for at := begin; at < past; {
			candidate := netip.PrefixFrom(address(at), old.Bits())
			next := at
			for _, other := range taken {
				if candidate.Overlaps(other) { // go on behind it
					end := number(other.Addr()) + uint64(1)<<(32-other.Bits())
					next = max(next, at+size, (end+size-1)/size*size)
				}
			}
			if next == at {
				return candidate, true
			}
			at = next
		}
	}
	return old, false
}

func number(a netip.Addr) uint64 {
	four := a.As4()
	return uint64(binary.BigEndian.Uint32(four[:]))
}

func address(n uint64) netip.Addr {
	var four [4]byte
	binary.BigEndian.PutUint32(four[:], uint32(n)) //nolint:gosec // below 2^32
	return netip.AddrFrom4(four)
}
