package change

import (
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/argocd"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
)

// A protection is something that an object says of itself which keeps it, or what it made, from harm.
type protection struct {
	kinds []string // of the objects; all where there are none
	path  []string
	// lost says whether it goes with a change of the value; what is not there is nil.
	lost   func(old, new any) bool
	unless func(head *placed) bool // it is kept in another way; nil where it never is
	reason string
	class  string // the field of a class that it follows from, in an environment of ours
}

const (
	syncOptions = "argocd.argoproj.io/sync-options"
	podSecurity = "pod-security.kubernetes.io/enforce"
)

// protections are all that are known.
func protections() []protection {
	annotation := func(name string) []string { return []string{"metadata", "annotations", name} }
	application, set := []string{"Application"}, []string{"ApplicationSet"}
	bindings, budgets := []string{"RoleBinding", "ClusterRoleBinding"}, []string{"PodDisruptionBudget"}
	return []protection{
		{path: []string{"metadata", "finalizers"}, lost: fewerElements, reason: "what it made is not taken care of any more when it goes", class: "protected"},
		{path: annotation(syncOptions), lost: fewerOptions, reason: "Argo CD deletes or prunes it without asking", class: "protected"},
		{path: annotation("helm.sh/resource-policy"), lost: unlike("keep"), reason: "Helm deletes it with its release"},
		{path: annotation("spokewright.dev/deletion-approved"), lost: becomes("true"), reason: "its deletion is approved", class: "protected"},
		{path: annotation("argocd.argoproj.io/deletion-approved"), lost: appears, reason: "its deletion is approved", class: "protected"},
		{kinds: set, path: []string{"spec", "syncPolicy", "preserveResourcesOnDeletion"}, lost: unlike(true), reason: "with the set, all that its Applications made is deleted", class: "protected"},
		{kinds: set, path: []string{"spec", "syncPolicy", "applicationsSync"}, lost: func(old, new any) bool {
			return deletesApplications(new) && !deletesApplications(old)
		}, unless: preserves, reason: "an Application that leaves the set is deleted from now on", class: "protected"},
		{kinds: application, path: []string{"spec", "syncPolicy", "syncOptions"}, lost: fewerGuards, unless: releases, reason: "Argo CD does not ask any more before it deletes, or takes what another Application has", class: "protected"},
		{kinds: application, path: []string{"spec", "syncPolicy", "automated", "allowEmpty"}, lost: becomes(true), reason: "a source that is found empty deletes everything"},
		{kinds: application, path: []string{"spec", "syncPolicy", "automated", "selfHeal"}, lost: unlike(true), reason: "what drifts is not mended any more"},
		{kinds: application, path: []string{"spec", "syncPolicy", "automated", "prune"}, lost: becomes(true), unless: asks, reason: "what leaves Git is deleted from now on"},
		{kinds: application, path: []string{"spec", "syncPolicy", "automated"}, lost: goes, reason: "Git is not followed any more, and what drifts is not mended"},
		{kinds: []string{"Namespace"}, path: []string{"metadata", "labels", podSecurity}, lost: lower, reason: "Pods may do more there", class: "podSecurity"},
		{kinds: []string{"ExternalSecret"}, path: []string{"spec", "target", "deletionPolicy"}, lost: unlike("Retain"), reason: "the Secret goes with what it is read from"},
		{kinds: []string{"Workspace"}, path: []string{"spec", "managementPolicies"}, lost: mayDelete, reason: "with the workspace goes what its module made", class: "protected"},
		{path: []string{"spec", "deletionPolicy"}, lost: unlike("Orphan"), reason: "with the object goes what it stands for in the cloud", class: "protected"},
		{path: []string{"spec", "persistentVolumeReclaimPolicy"}, lost: unlike("Retain"), reason: "with the volume goes what is on it"},
		{kinds: []string{"AppProject"}, path: []string{"spec", "syncWindows"}, lost: fewerElements, reason: "Argo CD may sync at more times"},
		{kinds: []string{"AppProject"}, path: []string{"spec", "signatureKeys"}, lost: fewerElements, reason: "commits need not be signed any more"},
		{kinds: []string{"AppProject"}, path: []string{"spec", "clusterResourceBlacklist"}, lost: fewerElements, reason: "Applications may make more kinds"},
		{kinds: []string{"AppProject"}, path: []string{"spec", "namespaceResourceBlacklist"}, lost: fewerElements, reason: "Applications may make more kinds"},
		{kinds: []string{"AppProject"}, path: []string{"spec", "sourceRepos"}, lost: anything, reason: "Applications may come from any repository"},
		{kinds: []string{"AppProject"}, path: []string{"spec", "destinations"}, lost: anywhere, reason: "Applications may go to any cluster"},
		{kinds: []string{"AppProject"}, path: []string{"spec", "clusterResourceWhitelist"}, lost: anyKind, reason: "Applications may make everything in the cluster"},
		{kinds: []string{"Service"}, path: []string{"spec", "loadBalancerSourceRanges"}, lost: goes, reason: "it can be reached from everywhere from now on"},
		{kinds: []string{"NetworkPolicy"}, path: []string{"spec", "podSelector"}, lost: fewerSelected, reason: "Pods that it was about are open from now on"},
		{kinds: bindings, path: []string{"roleRef", "name"}, lost: becomes("cluster-admin"), reason: "whoever is bound may do everything there from now on"},
		{kinds: budgets, path: []string{"spec", "minAvailable"}, lost: noneStays, reason: "all its Pods may be evicted at once"},
		{kinds: budgets, path: []string{"spec", "maxUnavailable"}, lost: allMayGo, reason: "all its Pods may be evicted at once"},
		{kinds: budgets, path: []string{"spec", "selector"}, lost: fewerSelected, reason: "nothing keeps Pods that it was about from being evicted"},
	}
}

// unprotected are the protections that go with a change of an object.
func (c *comparison) unprotected(p *pair) []effect {
	if (p.head.kind == "Application" || p.head.kind == "ApplicationSet") && c.staysAfterAll(p.base) { // what would have taken it down in an order goes again
		return nil
	}
	var effects []effect
	for _, protection := range protections() {
		if protection.kinds != nil && !slices.Contains(protection.kinds, p.head.kind) {
			continue
		}
		old, hasOld := manifest.Get(p.base.Object.Object, protection.path...)
		new, hasNew := manifest.Get(p.head.Object.Object, protection.path...)
		if hasOld == hasNew && manifest.Equal(old, new) || !protection.lost(p.held(old), new) || protection.unless != nil && protection.unless(p.head) {
			continue
		}
		e := effect{field: finding.Keys(protection.path...), Effect: Effect{Class: Weaken, Path: finding.Keys(protection.path...), Old: old, New: new, HasOld: hasOld, HasNew: hasNew, Reason: protection.reason}}
		if protection.class != "" && c.lessProtected(p.head.environment, protection.class) {
			e.also = append(e.also, "class."+protection.class)
		}
		effects = append(effects, e)
	}
	return effects
}

// held is what is held of an old value: an Application of an environment under another name takes what the one of the old name
// has, until that is gone.
func (p *pair) held(old any) any {
	options, list := old.([]any)
	if !list || p.base.environment == p.head.environment {
		return old
	}
	return slices.DeleteFunc(slices.Clone(options), func(option any) bool { return option == argocd.FailOnShared })
}

// opened are the effects of an object that lets more be reached, be had or be done than before.
func (c *comparison) opened(p *pair) []effect {
	old, new := p.base.Object.Object, p.head.Object.Object
	switch p.head.kind {
	case "NetworkPolicy":
		return networkOpened(old, new)
	case "Role", "ClusterRole":
		return moreRights(old, new)
	case "RoleBinding", "ClusterRoleBinding":
		return boundTo(old, new, c.roleOf(p.head))
	}
	return append(escaping(old, new), c.refusedBySpoke(old, p.head)...)
}

// openedAnew are the effects of an object that comes and opens what others shut.
func (c *comparison) openedAnew(p *placed) []effect {
	object := p.Object.Object
	switch p.kind {
	case "NetworkPolicy":
		var guards []manifest.Object
		for _, other := range c.base.list {
			if other.kind == p.kind && other.environment == p.environment && other.plane == p.plane && other.namespace == p.namespace {
				guards = append(guards, other.Object.Object)
			}
		}
		return networkCame(object, guards)
	case "Role", "ClusterRole":
		return roleCame(object)
	case "RoleBinding", "ClusterRoleBinding":
		return boundTo(nil, object, c.roleOf(p))
	case "AppProject", "Namespace":
		if p.application == "" && p.labelledOurs() { // as its class and its addons need it
			return nil
		}
		return permissive(object)
	}
	return append(escaping(nil, object), c.refusedBySpoke(nil, p)...)
}

// roleOf is the role that a binding is of, where it is among the objects of its cluster.
func (c *comparison) roleOf(p *placed) manifest.Object {
	kind, name := manifest.TextAt(p.Object.Object, "roleRef", "kind"), manifest.TextAt(p.Object.Object, "roleRef", "name")
	at := slices.IndexFunc(c.head.list, func(other *placed) bool {
		return other.kind == kind && other.name == name && other.environment == p.environment && other.plane == p.plane && (kind == "ClusterRole" || other.namespace == p.namespace)
	})
	if at < 0 {
		return nil
	}
	return c.head.list[at].Object.Object
}

// permissive are the effects of a project that comes and lets everything through, and of a namespace in which Pods may do everything.
func permissive(object manifest.Object) (effects []effect) {
	for _, protection := range protections() {
		if value, there := manifest.Get(object, protection.path...); there && slices.Equal(protection.kinds, []string{"AppProject"}) && protection.lost(nil, value) {
			effects = append(effects, weakened(nil, object, protection.reason, protection.path...))
		}
	}
	if level, _ := manifest.Get(object, "metadata", "labels", podSecurity); level == "privileged" {
		effects = append(effects, weakened(nil, object, "Pods may do everything on their nodes there", "metadata", "labels", podSecurity))
	}
	return effects
}

// preserves says whether a set leaves what its Applications made, whatever becomes of them.
func preserves(set *placed) bool {
	policy, _ := manifest.MapAt(set.Object.Object, "spec", "syncPolicy")
	return manifest.IsTrue(policy, "preserveResourcesOnDeletion")
}

// asks says whether an Application asks before it prunes, or is an app's.
func asks(application *placed) bool {
	return contains(syncOptionsOf(application), "Prune=confirm") || releases(application)
}

// releases says whether an Application is an app's as its spec has it: what a release drops goes without a question, after all
// else, and nothing but that.
func releases(application *placed) bool {
	options := syncOptionsOf(application)
	return strings.HasPrefix(application.subject, "apps/") &&
		contains(options, "PruneLast=true") && contains(options, "Delete=confirm") && contains(options, "FailOnSharedResource=true")
}

func syncOptionsOf(application *placed) []string {
	options, _ := manifest.Get(application.Object.Object, "spec", "syncPolicy", "syncOptions")
	return texts(options)
}

func unlike(value any) func(old, new any) bool {
	return func(old, new any) bool { return old == value && new != value }
}

func becomes(value any) func(old, new any) bool {
	return func(old, new any) bool { return new == value && old != value }
}

func appears(old, new any) bool { return old == nil && new != nil }

func goes(old, new any) bool { return old != nil && new == nil }

func fewerElements(old, new any) bool {
	before, _ := old.([]any)
	after, _ := new.([]any)
	return slices.ContainsFunc(before, func(element any) bool {
		return !slices.ContainsFunc(after, func(other any) bool { return manifest.Equal(element, other) })
	})
}

// guards are the sync options that keep something from happening.
func guards() []string {
	return []string{"Prune=confirm", "Delete=confirm", "Prune=false", "Delete=false", "FailOnSharedResource=true", "PruneLast=true"}
}

// fewerOptions is about options in one text, with commas between them.
func fewerOptions(old, new any) bool {
	before, _ := old.(string)
	after, _ := new.(string)
	return lostGuard(strings.Split(before, ","), strings.Split(after, ","))
}

func fewerGuards(old, new any) bool { return lostGuard(texts(old), texts(new)) }

// lostGuard says whether an option of before has gone that kept something from happening, without a stricter one.
func lostGuard(before, after []string) bool {
	for _, option := range before {
		option = strings.TrimSpace(option)
		name, value, _ := strings.Cut(option, "=")
		stricter := value == "confirm" && contains(after, name+"=false")
		if slices.Contains(guards(), option) && !contains(after, option) && !stricter {
			return true
		}
	}
	return false
}

func contains(options []string, option string) bool {
	return slices.ContainsFunc(options, func(one string) bool { return strings.TrimSpace(one) == option })
}

// texts are the strings of a list.
func texts(value any) []string {
	list, _ := value.([]any)
	var all []string
	for _, element := range list {
		if text, is := element.(string); is {
			all = append(all, text)
		}
	}
	return all
}

// deletesApplications says whether a set deletes what leaves it, as it does where nothing is said.
func deletesApplications(policy any) bool {
	return policy == nil || policy == "sync" || policy == "create-delete"
}

// lower compares levels of the Pod Security Standards. A namespace without one has what the cluster's default is.
func lower(old, new any) bool {
	levels := []any{nil, "privileged", "baseline", "restricted"}
	return slices.Index(levels, new) < slices.Index(levels, old) && old != "privileged"
}

func mayDelete(old, new any) bool {
	before, after := texts(old), texts(new)
	deletes := func(policies []string) bool {
		return policies == nil || slices.Contains(policies, "Delete") || slices.Contains(policies, "*")
	}
	return !deletes(before) && deletes(after)
}

func anything(old, new any) bool { return !contains(texts(old), "*") && contains(texts(new), "*") }

func anyKind(old, new any) bool {
	wide := func(value any) bool {
		list, _ := value.([]any)
		return slices.ContainsFunc(list, func(element any) bool {
			group, _ := manifest.Get(element, "group")
			kind, _ := manifest.Get(element, "kind")
			return group == "*" && kind == "*"
		})
	}
	return !wide(old) && wide(new)
}

func anywhere(old, new any) bool {
	wide := func(value any) bool {
		list, _ := value.([]any)
		return slices.ContainsFunc(list, func(element any) bool {
			server, _ := manifest.Get(element, "server")
			name, _ := manifest.Get(element, "name")
			return server == "*" || name == "*"
		})
	}
	return !wide(old) && wide(new)
}
