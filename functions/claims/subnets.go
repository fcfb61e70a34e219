package claims

import (
	"encoding/binary"
	"net/netip"
)

// Subnets cuts a range of IPv4 addresses, which has up to 24 bits, into what compositions need, since they cannot: three
// parts of a quarter each, then three of a quarter of the last quarter. Some addresses are left for what comes later.
func Subnets(cidr string) []any {
	whole := netip.MustParsePrefix(cidr) // legal behind schema
	quarter := func(of netip.Prefix, n uint32) netip.Prefix {
		address := of.Addr().As4()
		first := binary.BigEndian.Uint32(address[:]) + n<<(30-of.Bits())
		binary.BigEndian.PutUint32(address[:], first)
		return netip.PrefixFrom(netip.AddrFrom4(address), of.Bits()+2)
	}
	var parts []any
	for _, of := range []netip.Prefix{whole, quarter(whole, 3)} {
		for n := range uint32(3) {
			parts = append(parts, quarter(of, n).String())
		}
	}
	return parts
}
