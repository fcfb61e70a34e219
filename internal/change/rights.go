package change

import (
	"maps"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/manifest"
)

// right is one that a rule of a role gives: a verb on a resource, or on a path of the API; name is empty for all of its names.
type right struct{ group, resource, name, verb string }

// String is how people name it.
func (r right) String() string {
	return strings.TrimSpace(strings.ReplaceAll(r.verb, "*", "everything with") + " " + strings.ReplaceAll(r.resource, "*", "everything"))
}

// rights are all that a role gives.
func rights(role manifest.Object) (all []right) {
	list := func(rule map[string]any, field string) []string {
		value := texts(rule[field])
		if len(value) == 0 {
			return []string{""}
		}
		return value
	}
	for _, rule := range manifest.MapsAt(role, "rules") {
		for _, verb := range list(rule, "verbs") {
			for _, url := range texts(rule["nonResourceURLs"]) {
				all = append(all, right{"", url, "", verb})
			}
			for _, resource := range texts(rule["resources"]) {
				for _, group := range list(rule, "apiGroups") {
					for _, name := range list(rule, "resourceNames") {
						all = append(all, right{group, resource, name, verb})
					}
				}
			}
		}
	}
	return all
}

// covers says whether one right has another in it.
func (r right) covers(other right) bool {
	_, sub, _ := strings.Cut(other.resource, "/")
	prefix, isPrefix := strings.CutSuffix(r.resource, "*")
	resource := r.resource == other.resource || r.resource == "*" || sub != "" && r.resource == "*/"+sub || isPrefix && strings.HasPrefix(r.resource, "/") && strings.HasPrefix(other.resource, prefix)
	return resource && (r.group == other.group || r.group == "*") && (r.name == "" || r.name == other.name) && (r.verb == other.verb || r.verb == "*")
}

// sensitive are the resources of which reading is enough to be somebody else, to see what is secret or to run something.
func sensitive() []string {
	return []string{"secrets", "pods/exec", "pods/attach", "pods/portforward", "pods/proxy", "pods/ephemeralcontainers", "services/proxy", "nodes/proxy", "serviceaccounts/token",
		"roles", "rolebindings", "clusterroles", "clusterrolebindings", "certificatesigningrequests", "tokenreviews",
		"mutatingwebhookconfigurations", "validatingwebhookconfigurations"}
}

// opens says whether a right lets more be done than to look at what is no secret.
func (r right) opens() bool {
	return !slices.Contains([]string{"get", "list", "watch"}, r.verb) || strings.HasPrefix(r.resource, "*") || r.group == "*" || slices.Contains(sensitive(), r.resource)
}

// everything says whether a right is to do all, or to take any other right.
func (r right) everything() bool {
	return r.verb == "*" && r.resource == "*" || slices.Contains([]string{"escalate", "bind", "impersonate"}, r.verb)
}

// moreRights are the effects of a role that gives rights which it did not.
func moreRights(old, new manifest.Object) (effects []effect) {
	before := rights(old)
	for _, r := range rights(new) {
		if r.opens() && !slices.ContainsFunc(before, func(had right) bool { return had.covers(r) }) {
			reason := "whoever has it may do more from now on: " + r.String()
			if strings.Contains(r.verb+r.resource, "*") {
				reason = "whoever has it may do everything there from now on: " + r.String()
			}
			effects = append(effects, weakened(old, new, reason, "rules"))
			break
		}
	}
	return append(effects, aggregated(old, new)...)
}

// aggregated are the effects of a role that takes in others, or that others take in.
func aggregated(old, new manifest.Object) (effects []effect) {
	if was, is := selectors(old), selectors(new); fewerElements(is, was) {
		effects = append(effects, weakened(old, new, "it takes in the rights of other roles from now on", "aggregationRule"))
	}
	labels, _ := manifest.MapAt(new, "metadata", "labels")
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		value := labels[name]
		into, is := strings.CutPrefix(name, "rbac.authorization.k8s.io/aggregate-to-")
		if before, _ := manifest.Get(old, "metadata", "labels", name); is && value == "true" && before != "true" && (old != nil || slices.ContainsFunc(rights(new), right.opens)) {
			effects = append(effects, weakened(old, new, "whoever has the role "+into+" has its rights too from now on", "metadata", "labels", name))
		}
	}
	return effects
}

func selectors(role manifest.Object) any {
	value, _ := manifest.Get(role, "aggregationRule", "clusterRoleSelectors")
	return value
}

// roleCame are the effects of a role that comes: nobody has it yet, so that only one is told with which all can be had.
func roleCame(role manifest.Object) []effect {
	if slices.ContainsFunc(rights(role), right.everything) {
		return []effect{weakened(nil, role, "whoever has it may do everything, or take any right", "rules")}
	}
	return aggregated(nil, role)
}

// boundTo are the effects of a binding by which somebody gets a role: everybody, or anybody where the role may do everything. role
// is the one that is bound, nil where it is not known.
func boundTo(old, new, role manifest.Object) (effects []effect) {
	was, _ := manifest.Get(old, "subjects")
	is, _ := manifest.Get(new, "subjects")
	name := manifest.TextAt(new, "roleRef", "name")
	powerful := slices.Contains([]string{"cluster-admin", "admin", "edit"}, name) && manifest.TextAt(new, "kind") == "ClusterRoleBinding" || name == "cluster-admin" ||
		slices.ContainsFunc(rights(role), right.everything)
	switch {
	case everybody(is) && !everybody(was) && !slices.Contains([]string{"system:public-info-viewer", "system:discovery", "system:basic-user"}, name):
		effects = append(effects, weakened(old, new, "everybody has "+name+" from now on", "subjects"))
	case powerful && fewerElements(is, was):
		effects = append(effects, weakened(old, new, "who is bound may do everything there from now on, as "+name, "subjects"))
	}
	return effects
}

// everybody says whether subjects are a group or a user that everybody is in.
func everybody(subjects any) bool {
	list, _ := subjects.([]any)
	return slices.ContainsFunc(list, func(subject any) bool {
		name, _ := manifest.Get(subject, "name")
		return slices.Contains([]any{"system:anonymous", "system:unauthenticated", "system:authenticated", "system:serviceaccounts"}, name)
	})
}
