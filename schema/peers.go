package schema

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"

	"spokewright.dev/spokewright/internal/cuefile"
)

// peers reports networks that are joined and overlap, and peers that are none.
func peers(fleet *Fleet) cuefile.Problems {
	var problems cuefile.Problems
	for _, name := range fleet.Names() {
		e := fleet.Environments[name]
		if e.Cluster == nil {
			continue
		}
		joined := []Environment{e}
		for i, peer := range e.Cluster.Network.Peers {
			path := []string{"cluster", "network", "peers", strconv.Itoa(i)}
			if message := fleet.peer(joined, e.Cluster.Network.Peers[:i], peer); message != "" {
				problems = append(problems, cuefile.Problem{Position: e.root.At(path...).Position, Field: cuefile.FieldPath(path...), Message: message})
			} else {
				joined = append(joined, fleet.Environments[peer])
			}
		}
	}
	return problems
}

// peer says what is wrong with one more peer of the first of the joined environments.
func (s *Fleet) peer(joined []Environment, before []string, name string) string {
	self := joined[0].Name
	other, known := s.Environments[name]
	switch {
	case !known:
		others := slices.DeleteFunc(s.Names(), func(n string) bool { return n == self })
		return fmt.Sprintf("found %s, which is no environment of this fleet%s (allowed is %s)", cuefile.Quoted(name), cuefile.DidYouMean(name, others), cuefile.OneOf(others))
	case name == self:
		return fmt.Sprintf("found %s, the environment itself: allowed is another one", cuefile.Quoted(name))
	case slices.Contains(before, name):
		return fmt.Sprintf("found %s for a second time", cuefile.Quoted(name))
	}
	for i, present := range joined {
		if overlap(present, other) {
			whose := "this environment's own"
			if i > 0 {
				whose = "that of the peer " + cuefile.Quoted(present.Name)
			}
			return fmt.Sprintf("found %s, whose network %s overlaps %s, %s: allowed are networks that share no address",
				cuefile.Quoted(name), other.Cluster.Network.CIDR, whose, present.Cluster.Network.CIDR)
		}
	}
	return ""
}

// overlap says whether two environments have networks with an address in common.
func overlap(a, b Environment) bool {
	if a.Cluster == nil || b.Cluster == nil {
		return false
	}
	first, second := netip.MustParsePrefix(a.Cluster.Network.CIDR), netip.MustParsePrefix(b.Cluster.Network.CIDR) // legal already
	return first.Overlaps(second)
}

// adoptedTwice reports what two claims would take hold of.
func adoptedTwice(fleet *Fleet) cuefile.Problems {
	var problems cuefile.Problems
	taken := map[[4]string]string{}
	for _, name := range fleet.Names() {
		e := fleet.Environments[name]
		for _, p := range e.adoptables() {
			if p.adopt == nil {
				continue
			}
			key := [4]string{e.Cluster.Cloud, e.Cluster.Region, p.path[0], p.adopt.ExternalName}
			path := append(slices.Clip(p.path), "adopt", "externalName")
			if first, twice := taken[key]; twice {
				problems = append(problems, cuefile.Problem{Position: e.root.At(path...).Position, Field: cuefile.FieldPath(path...), Message: fmt.Sprintf("found %s, which %s adopts: allowed is another one", cuefile.Quoted(p.adopt.ExternalName), first)})
				continue
			}
			taken[key] = cuefile.FieldPath(p.path...) + " of environment " + cuefile.Quoted(name)
		}
	}
	return problems
}
