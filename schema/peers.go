package schema

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"

	"spokewright.dev/spokewright/internal/finding"
)

// peers reports networks that are joined and overlap, and peers that are none.
func peers(fleet *Fleet) finding.Findings {
	var problems finding.Findings
	for _, name := range fleet.Names() {
		e := fleet.Environments[name]
		if e.Cluster == nil {
			continue
		}
		joined := []Environment{e}
		for i, peer := range e.Cluster.Network.Peers {
			path := []string{"cluster", "network", "peers", strconv.Itoa(i)}
			if wrong := fleet.peer(joined, e.Cluster.Network.Peers[:i], peer); wrong.Message != "" {
				wrong.Position, wrong.Path = e.root.At(path...).Position, finding.Tokens(path...)
				problems = append(problems, wrong)
			} else {
				joined = append(joined, fleet.Environments[peer])
			}
		}
	}
	return problems
}

// peer says what is wrong with one more peer of the first of the joined environments; without a message nothing is.
func (s *Fleet) peer(joined []Environment, before []string, name string) finding.Finding {
	inconsistent := func(format string, args ...any) finding.Finding {
		return finding.Finding{Code: finding.Inconsistent, Message: fmt.Sprintf(format, args...)}
	}
	self := joined[0].Name
	other, known := s.Environments[name]
	switch {
	case !known:
		others := slices.DeleteFunc(s.Names(), func(n string) bool { return n == self })
		return finding.Finding{Code: finding.UnknownName, Message: fmt.Sprintf("found %s, which is no environment of this fleet", finding.Quote(name)),
			Suggestion: finding.Suggest(name, others), Aside: "allowed is " + finding.OneOf(finding.Quoted(others))}
	case name == self:
		return inconsistent("found %s, the environment itself: allowed is another one", finding.Quote(name))
	case slices.Contains(before, name):
		return inconsistent("found %s for a second time", finding.Quote(name))
	}
	for i, present := range joined {
		if overlap(present, other) {
			whose := "this environment's own"
			if i > 0 {
				whose = "that of the peer " + finding.Quote(present.Name)
			}
			return inconsistent("found %s, whose network %s overlaps %s, %s: allowed are networks that share no address",
				finding.Quote(name), other.Cluster.Network.CIDR, whose, present.Cluster.Network.CIDR)
		}
	}
	return finding.Finding{}
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
func adoptedTwice(fleet *Fleet) finding.Findings {
	var problems finding.Findings
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
				problems = append(problems, finding.Finding{Code: finding.NameTaken, Position: e.root.At(path...).Position, Path: finding.Tokens(path...), Message: fmt.Sprintf("found %s, which %s adopts: allowed is another one", finding.Quote(p.adopt.ExternalName), first)})
				continue
			}
			taken[key] = string(finding.Tokens(p.path...)) + " of environment " + finding.Quote(name)
		}
	}
	return problems
}

// keeper reports an environment that is to keep the telemetry of the fleet and does not.
func keeper(fleet *Fleet) finding.Findings {
	if fleet.Config.Telemetry == nil || fleet.Config.Telemetry.Environment == "" {
		return nil
	}
	name := fleet.Config.Telemetry.Environment
	f := finding.Finding{Position: fleet.Config.root.At("telemetry", "environment").Position, Path: finding.Tokens("telemetry", "environment")}
	switch e, known := fleet.Environments[name]; {
	case !known:
		f.Code, f.Message, f.Suggestion = finding.UnknownName, fmt.Sprintf("found %s, which is no environment of this fleet", finding.Quote(name)), finding.Suggest(name, fleet.Names())
	case e.Role == "hub" || !slices.Contains(e.Flavours, telemetryFlavour):
		f.Code, f.Message = finding.Inconsistent, fmt.Sprintf("found %s, allowed is a spoke with flavours: [%q]: only that keeps what others send", finding.Quote(name), telemetryFlavour)
	default:
		return nil
	}
	return finding.Findings{f}
}
