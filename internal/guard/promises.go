package guard

import (
	"fmt"
	"maps"
	"slices"

	"spokewright.dev/spokewright/internal/claim"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
)

// promise is a field of which an object must still hold what it was made with.
type promise struct {
	field finding.Path // empty for the whole object
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

// promises are those of an object. What is not listed here is promised as a whole.
func promises(claims claim.Claims, id manifest.ID, want manifest.Object) []promise {
	switch {
	case is(claims.Cluster, id):
		return claimed(claims.Cluster, clusterFields(), want)
	case is(claims.Database, id):
		return claimed(claims.Database, databaseFields(), want)
	case is(claims.Network, id):
		return claimed(claims.Network, nil, want)
	case is(claims.Peering, id):
		return claimed(claims.Peering, nil, want)
	case is(claims.NodePool, id):
		return claimed(claims.NodePool, poolFields(), want)
	case id.Kind == "ProviderConfig", id.Kind == "ClusterProviderConfig": // a team may say more of how its accounts are reached
		return leaves(at(want, "spec"), "spec", nil)
	case id.Kind == "DeploymentRuntimeConfig": // how much a provider may use is a team's to say
		return []promise{{"spec.deploymentTemplate.spec.template.spec.volumes", members}, {"spec.serviceAccountTemplate", same}}
	case id.Group() != argoCD:
	case id.Kind == "ApplicationSet":
		return append(deploying("spec.template.", "spec.template.spec."), []promise{
			{"spec.goTemplate", same}, {"spec.goTemplateOptions", same}, {"spec.syncPolicy", kept}, {"spec.templatePatch", same}, {"spec.preservedFields.annotations", members},
			{"spec.template.metadata.name", same}, {"spec.template.metadata.labels", entries}, {"spec.generators", generators},
		}...)
	case id.Kind == "Application":
		return append(deploying("", "spec."), promise{"operation", same})
	case id.Kind == "AppProject":
		return []promise{{"spec.destinations", rights}, {"spec.clusterResourceWhitelist", rights}, {"spec.sourceRepos", literals}, {"spec.sourceNamespaces", same}}
	}
	return []promise{{"", wholly(defaults(id.Group()))}}
}

// deploying are the promises of an Application, which may stand in a set's template: object and spec are the paths of
// its two parts. A finalizer would take what it deployed with it.
func deploying(object, spec finding.Path) []promise {
	return []promise{
		{object + "metadata.finalizers", same},
		{spec + "project", same}, {spec + "destination", same}, {spec + "source", same}, {spec + "sources", same},
		{spec + "syncPolicy.syncOptions", members}, {spec + "syncPolicy.automated.prune", off},
	}
}

// compare reports what an object lost of what it was promised to hold.
func compare(claims claim.Claims, id manifest.ID, want, have manifest.Object) finding.Findings {
	flaws := annotations(want, have)
	for _, p := range slices.Concat(everywhere(), promises(claims, id, want)) {
		flaws = append(flaws, p.keeps(p.field, at(want, p.field), at(have, p.field))...)
	}
	findings := make(finding.Findings, len(flaws))
	for i, f := range flaws {
		findings[i] = finding.Finding{Code: finding.PromiseBroken, Object: objectOf(id), Path: f.field, Message: f.message}
	}
	return findings
}

// annotations finds what is gone of those that were promised, sync options one by one, and what must not have come.
func annotations(want, have manifest.Object) []flaw {
	const field finding.Path = "metadata.annotations"
	var flaws []flaw
	for _, option := range options(want) {
		if !slices.Contains(options(have), option) {
			flaws = append(flaws, flaw{field.Keys(syncOptions), option + " is gone"})
		}
	}
	promised, _ := at(want, field).(map[string]any)
	found, _ := at(have, field).(map[string]any)
	for _, name := range sorted(promised) {
		if name != syncOptions {
			flaws = append(flaws, same(field.Keys(name), promised[name], found[name])...)
		}
	}
	harm := harmful()
	for _, name := range slices.Sorted(maps.Keys(harm)) {
		if found[name] != nil && promised[name] == nil {
			flaws = append(flaws, flaw{field.Keys(name), fmt.Sprintf("found %s, %s", short(found[name]), harm[name])})
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
