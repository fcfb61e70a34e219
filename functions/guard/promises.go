package guard

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"spokewright.dev/spokewright/manifest"
	"spokewright.dev/spokewright/schema"
)

// promise is a field of which an object must still hold what it was made with.
type promise struct {
	field string // a path, its names divided by dots
	keeps keeping
}

// everywhere are the promises of every object, of whatever kind.
func everywhere() []promise {
	return []promise{
		{"metadata.labels", entries},
		{"metadata.finalizers", members},
		{"metadata.ownerReferences", same}, // an owner takes what it owns with it
	}
}

// promises are those of a kind: what fences it in, what protects it, and all of what judges or registers others.
func promises(kind string) []promise {
	switch kind {
	case "ApplicationSet":
		return append(deploying("spec.template.", "spec.template.spec."), []promise{
			{"spec.goTemplate", same}, {"spec.goTemplateOptions", same}, {"spec.syncPolicy", kept}, {"spec.templatePatch", same},
			{"spec.template.metadata.name", same}, {"spec.template.metadata.labels", entries},
		}...)
	case "Application":
		return append(deploying("", "spec."), promise{"operation", same})
	case "AppProject":
		return []promise{{"spec.destinations", same}, {"spec.sourceRepos", literals}, {"spec.sourceNamespaces", same}}
	case "Role":
		return []promise{{"rules", same}}
	case "RoleBinding":
		return []promise{{"roleRef", same}, {"subjects", same}}
	case "Usage", "ClusterUsage", "ValidatingPolicy", "NamespacedValidatingPolicy", "ExternalSecret", "SecretStore", "ImageUpdater":
		return []promise{{"spec", same}}
	}
	return nil
}

// deploying are the promises of an Application, which may stand in a set's template: object and spec are the paths of
// its two parts. A finalizer would take what it deployed with it.
func deploying(object, spec string) []promise {
	return []promise{
		{object + "metadata.finalizers", same},
		{spec + "project", same}, {spec + "destination", same}, {spec + "source", same}, {spec + "sources", same},
		{spec + "syncPolicy.syncOptions", members}, {spec + "syncPolicy.automated.prune", off},
	}
}

// compare reports what an object lost of what it was promised to hold.
func compare(claims schema.Claims, id manifest.ID, want, have manifest.Object) []Finding {
	flaws := annotations(want, have)
	all := slices.Concat(everywhere(), promises(id.Kind))
	switch {
	case is(claims.Cluster, id):
		all = append(all, claimed(claims.Cluster, clusterFields(), want)...)
	case is(claims.Database, id):
		all = append(all, claimed(claims.Database, databaseFields(), want)...)
	}
	for _, p := range all {
		path := strings.Split(p.field, ".")
		flaws = append(flaws, p.keeps(p.field, value(want, path...), value(have, path...))...)
	}
	if id.Kind == "ApplicationSet" {
		flaws = append(flaws, generators(want, have)...)
	}
	findings := make([]Finding, len(flaws))
	for i, f := range flaws {
		findings[i] = Finding{id, f.field, f.message}
	}
	return findings
}

// annotations reports sync options and waves that are gone, and what must not have come.
func annotations(want, have manifest.Object) []flaw {
	const field, wave = "metadata.annotations", "argocd.argoproj.io/sync-wave"
	var flaws []flaw
	for _, option := range options(want) {
		if !slices.Contains(options(have), option) {
			flaws = append(flaws, flaw{named(field, syncOptions), option + " is gone"})
		}
	}
	promised, found := mapping(want, "metadata", "annotations"), mapping(have, "metadata", "annotations")
	flaws = append(flaws, same(named(field, wave), promised[wave], found[wave])...)
	harm := harmful()
	for _, name := range slices.Sorted(maps.Keys(harm)) {
		if found[name] != nil {
			flaws = append(flaws, flaw{named(field, name), fmt.Sprintf("found %s, %s", short(found[name]), harm[name])})
		}
	}
	return flaws
}

// harmful are annotations that no promised object may have, with what they would do.
func harmful() map[string]string {
	return map[string]string{
		"argocd.argoproj.io/hook":     "with which Argo CD deletes the object and creates it anew at every sync",
		"helm.sh/hook":                "which Argo CD takes for its own hook: it deletes the object and creates it anew at every sync",
		"crossplane.io/external-name": "with which the claim takes hold of an object in the cloud that may be somebody else's",
	}
}
