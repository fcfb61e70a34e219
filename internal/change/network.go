package change

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
)

// direction is one that a NetworkPolicy judges.
type direction struct {
	policyType, rules, peers string
	reached                  map[breadth]string // what is said of what it opens
}

func directions() []direction {
	return []direction{
		{"Ingress", "ingress", "from", map[breadth]string{everywhere: "its Pods can be reached from everywhere from now on",
			allPods: "all Pods of the cluster reach its Pods from now on", some: "more can reach its Pods from now on"}},
		{"Egress", "egress", "to", map[breadth]string{everywhere: "its Pods reach everything from now on",
			allPods: "its Pods reach all Pods of the cluster from now on", some: "its Pods reach more from now on"}},
	}
}

// breadth is how much a rule lets through.
type breadth int

const (
	nothingMore breadth = iota
	some
	allPods
	everywhere
)

// judges says whether a policy judges a direction. Where it does not say, it judges what comes, and what goes where it has
// rules for that (k8s.io/kubernetes/pkg/apis/networking/v1/defaults.go).
func (d direction) judges(policy manifest.Object) bool {
	types := texts(manifest.ListAt(policy, "spec", "policyTypes"))
	if len(types) == 0 {
		return d.policyType == "Ingress" || len(manifest.ListAt(policy, "spec", d.rules)) > 0
	}
	return slices.Contains(types, d.policyType)
}

// grant is a peer and a port that a rule lets through together; nil is all.
type grant struct{ peer, port any }

// grants are all that a policy lets through in a direction.
func (d direction) grants(policy manifest.Object) (all []grant) {
	elements := func(rule any, field string) []any {
		value, _ := manifest.Get(rule, field)
		if list, _ := value.([]any); len(list) > 0 {
			return list
		}
		return []any{nil}
	}
	for _, rule := range manifest.ListAt(policy, "spec", d.rules) {
		for _, peer := range elements(rule, d.peers) {
			for _, port := range elements(rule, "ports") {
				all = append(all, grant{peer, port})
			}
		}
	}
	return all
}

// networkOpened are the effects of a NetworkPolicy that lets through what it did not.
func networkOpened(old, new manifest.Object) (effects []effect) {
	for _, d := range directions() {
		switch {
		case !d.judges(old):
		case !d.judges(new):
			effects = append(effects, weakened(old, new, "it does not judge "+strings.ToLower(d.policyType)+" any more", "spec", "policyTypes"))
		default:
			if more := breadthOf(beyond(d.grants(new), d.grants(old))); more != nothingMore {
				effects = append(effects, weakened(old, new, d.reached[more], "spec", d.rules))
			}
		}
	}
	return effects
}

// networkCame are the effects of a NetworkPolicy that comes: policies add up, so that one opens what others shut. guards are
// those that were there. A narrow one opens Pods that another is about by name; a wide one may open any.
func networkCame(policy manifest.Object, guards []manifest.Object) (effects []effect) {
	selector, _ := manifest.Get(policy, "spec", "podSelector")
	for _, d := range directions() {
		if !d.judges(policy) {
			continue
		}
		all := d.grants(policy)
		wide := slices.ContainsFunc(all, func(g grant) bool { return g.breadth() > some && (g.port == nil || selectsAll(selector)) })
		more := nothingMore
		if wide {
			more = breadthOf(all)
		}
		for _, guard := range guards {
			about, _ := manifest.Get(guard, "spec", "podSelector")
			if d.judges(guard) && !selectsAll(about) && (!fewerSelected(about, selector) || !fewerSelected(selector, about)) {
				more = max(more, breadthOf(beyond(all, d.grants(guard))))
			}
		}
		if more != nothingMore {
			effects = append(effects, weakened(nil, policy, d.reached[more], "spec", d.rules))
		}
	}
	return effects
}

// weakened is the effect of a field with which something is opened.
func weakened(old, new manifest.Object, reason string, path ...string) effect {
	d := difference{path: finding.Keys(path...)}
	d.old, d.hasOld = manifest.Get(old, path...)
	d.new, d.hasNew = manifest.Get(new, path...)
	e := d.inPlace()
	e.Class, e.Reason = Weaken, reason
	return e
}

// beyond are the grants that no other covers.
func beyond(grants, others []grant) []grant {
	return slices.DeleteFunc(slices.Clone(grants), func(g grant) bool {
		return slices.ContainsFunc(others, func(other grant) bool { return coversPeer(other.peer, g.peer) && coversPort(other.port, g.port) })
	})
}

// breadthOf is how much some grants let through together.
func breadthOf(grants []grant) breadth {
	widest := nothingMore
	var blocks []netip.Prefix
	for _, g := range grants {
		widest = max(widest, g.breadth())
		if block, _, is := blockOf(g.peer); is {
			blocks = append(blocks, block)
		}
	}
	if coversAll(blocks) {
		return everywhere
	}
	return widest
}

func (g grant) breadth() breadth {
	namespaces, there := manifest.Get(g.peer, "namespaceSelector")
	pods, _ := manifest.Get(g.peer, "podSelector")
	block, _, isBlock := blockOf(g.peer)
	switch {
	case g.peer == nil, isBlock && block.Bits() == 0:
		return everywhere
	case there && selectsAll(namespaces) && selectsAll(pods):
		return allPods
	}
	return some
}

// blockOf are the addresses of a peer, and those of them that it leaves out.
func blockOf(peer any) (block netip.Prefix, except []netip.Prefix, is bool) {
	text, _ := manifest.Get(peer, "ipBlock", "cidr")
	block, err := netip.ParsePrefix(fmt.Sprint(text))
	list, _ := manifest.Get(peer, "ipBlock", "except")
	for _, one := range texts(list) {
		if left, err := netip.ParsePrefix(one); err == nil {
			except = append(except, left)
		}
	}
	return block, except, err == nil
}

// coversAll says whether blocks are together all addresses of IPv4, or of IPv6.
func coversAll(blocks []netip.Prefix) bool {
	for {
		var wider []netip.Prefix
		for i, a := range blocks {
			for _, b := range blocks[:i] {
				if up := netip.PrefixFrom(a.Addr(), a.Bits()-1).Masked(); a.Bits() == b.Bits() && a.Masked() != b.Masked() && up.IsValid() && up.Contains(b.Addr()) && !slices.Contains(blocks, up) {
					wider = append(wider, up)
				}
			}
		}
		if slices.ContainsFunc(append(wider, blocks...), func(b netip.Prefix) bool { return b.Bits() == 0 }) {
			return true
		}
		if len(wider) == 0 {
			return false
		}
		blocks = append(blocks, wider...)
	}
}

// coversPeer says whether one peer has all of another in it.
func coversPeer(one, other any) bool {
	if one == nil || other == nil {
		return one == nil
	}
	block, except, is := blockOf(one)
	inner, left, isToo := blockOf(other)
	if is || isToo {
		return is && isToo && block.Bits() <= inner.Bits() && block.Contains(inner.Addr()) && !slices.ContainsFunc(except, func(out netip.Prefix) bool {
			return out.Overlaps(inner) && !slices.ContainsFunc(left, func(more netip.Prefix) bool { return more.Bits() <= out.Bits() && more.Contains(out.Addr()) })
		})
	}
	part := func(peer any, field string) (any, bool) { return manifest.Get(peer, field) }
	namespaces, named := part(one, "namespaceSelector")
	others, namedToo := part(other, "namespaceSelector")
	pods, _ := part(one, "podSelector")
	otherPods, _ := part(other, "podSelector")
	switch {
	case fewerSelected(otherPods, pods):
		return false
	case named && selectsAll(namespaces):
		return true
	case named != namedToo:
		return false
	}
	return !fewerSelected(others, namespaces)
}

// coversPort says whether one port of a rule has all of another in it.
func coversPort(one, other any) bool {
	if one == nil || other == nil {
		return one == nil
	}
	protocol := func(port any) string {
		if name, _ := manifest.Get(port, "protocol"); name != nil {
			return fmt.Sprint(name)
		}
		return "TCP"
	}
	if protocol(one) != protocol(other) {
		return false
	}
	first, all := manifest.Get(one, "port")
	inner, allToo := manifest.Get(other, "port")
	if !all || !allToo {
		return !all
	}
	from, isNumber := manifest.Number(first)
	begin, areNumbers := manifest.Number(inner)
	if !isNumber || !areNumbers {
		return first == inner
	}
	end := func(port any, from float64) float64 {
		if value, there := manifest.Get(port, "endPort"); there {
			from, _ = manifest.Number(value)
		}
		return from
	}
	return from <= begin && end(other, begin) <= end(one, from)
}

// selectsAll says whether a selector asks for no label.
func selectsAll(selector any) bool { return len(asked(selector)) == 0 }

// demand is what a selector asks of a label.
type demand struct {
	key, operator string
	values        []string
}

// asked are all demands of a selector.
func asked(selector any) (demands []demand) {
	labels, _ := manifest.Get(selector, "matchLabels")
	named, _ := labels.(map[string]any)
	for key, value := range named {
		demands = append(demands, demand{key, "In", []string{fmt.Sprint(value)}})
	}
	expressions, _ := manifest.Get(selector, "matchExpressions")
	list, _ := expressions.([]any)
	for _, one := range list {
		key, _ := manifest.Get(one, "key")
		operator, _ := manifest.Get(one, "operator")
		values, _ := manifest.Get(one, "values")
		demands = append(demands, demand{fmt.Sprint(key), fmt.Sprint(operator), texts(values)})
	}
	return demands
}

// fewerSelected says whether a selector may leave out what another one selected: it asks for something that the other did not.
func fewerSelected(old, new any) bool {
	before := asked(old)
	return slices.ContainsFunc(asked(new), func(d demand) bool {
		return !slices.ContainsFunc(before, func(had demand) bool { return had.fulfils(d) })
	})
}

// fulfils says whether what has one label as a selector asks has it as another asks.
func (d demand) fulfils(other demand) bool {
	among := func(values, others []string) bool {
		return !slices.ContainsFunc(values, func(one string) bool { return !slices.Contains(others, one) })
	}
	switch {
	case d.key != other.key:
		return false
	case d.operator == "In" && other.operator == "In":
		return among(d.values, other.values)
	case d.operator == "NotIn" && other.operator == "NotIn":
		return among(other.values, d.values)
	case d.operator == "In" && other.operator == "Exists":
		return true
	}
	return d.operator == other.operator && d.operator != "In" && d.operator != "NotIn"
}
