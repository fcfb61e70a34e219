package guard

import (
	"fmt"
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

// keeping says why a field that holds found does not keep what was promised, or "". Both are nil where the field is not.
type keeping func(promised, found any) string

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
		{spec + "syncPolicy.syncOptions", members}, {spec + "syncPolicy.automated.prune", atMost},
	}
}

// absent are annotations that turn a promised object into something else. The first two make Argo CD delete and create
// it at every sync, kustomize leaves out what has the third, and the last gives a claim somebody else's cloud object.
func absent() []string {
	return []string{"argocd.argoproj.io/hook", "helm.sh/hook", "config.kubernetes.io/local-config", "crossplane.io/external-name"}
}

// compare reports what an object lost of what it was promised to hold.
func compare(claims schema.Claims, id manifest.ID, want, have manifest.Object) []Finding {
	findings := annotations(id, want, have)
	check := func(p promise) {
		path := strings.Split(p.field, ".")
		if why := p.keeps(value(want, path...), value(have, path...)); why != "" {
			findings = append(findings, Finding{id, p.field, why})
		}
	}
	for _, p := range slices.Concat(everywhere(), promises(id.Kind)) {
		check(p)
	}
	for _, kind := range []struct {
		schema.ClaimKind
		fields map[string]keeping
	}{{claims.Cluster, clusterFields()}, {claims.Database, databaseFields()}} {
		if is(kind.ClaimKind, id) {
			for _, p := range claimed(kind.ClaimKind, kind.fields, want) {
				check(p)
			}
		}
	}
	if id.Kind == "ApplicationSet" {
		findings = append(findings, generators(id, want, have)...)
	}
	return findings
}

// annotations reports sync options and waves that are gone, and what must not have come.
func annotations(id manifest.ID, want, have manifest.Object) []Finding {
	var findings []Finding
	report := func(name, message string) {
		findings = append(findings, Finding{id, named("metadata.annotations", name), message})
	}
	for _, option := range options(want) {
		if !slices.Contains(options(have), option) {
			report(syncOptions, option+" is gone")
		}
	}
	const wave = "argocd.argoproj.io/sync-wave"
	promised, found := mapping(want, "metadata", "annotations"), mapping(have, "metadata", "annotations")
	if why := same(promised[wave], found[wave]); why != "" {
		report(wave, why)
	}
	for _, name := range absent() {
		if found[name] != nil && found[name] != "false" {
			report(name, fmt.Sprintf("found %s, allowed is nothing: it takes the object out of Argo CD's or Spokewright's hands", short(found[name])))
		}
	}
	return findings
}

// same keeps what is exactly as promised, or as absent.
func same(promised, found any) string {
	if equal(promised, found) {
		return ""
	}
	return fmt.Sprintf("found %s, promised %s", short(found), short(promised))
}

// kept keeps what is exactly as promised, and asks nothing where nothing was.
func kept(promised, found any) string {
	if promised == nil {
		return ""
	}
	return same(promised, found)
}

// anything keeps whatever there is.
func anything(any, any) string { return "" }

// atLeast keeps a number that is no smaller, and true.
func atLeast(promised, found any) string {
	p, isNumber := number(promised)
	f, ok := number(found)
	switch {
	case equal(promised, found), isNumber && ok && f >= p, promised == false && found == true:
		return ""
	case isNumber:
		return fmt.Sprintf("found %s, promised %s or more", short(found), short(promised))
	}
	return same(promised, found)
}

// atMost keeps false, and asks nothing where true was promised.
func atMost(promised, found any) string {
	if promised == true || found == nil || found == false {
		return ""
	}
	return same(promised, found)
}

// entries keeps a mapping that still has every promised entry; more may come.
func entries(promised, found any) string {
	want, _ := promised.(map[string]any)
	have, _ := found.(map[string]any)
	for _, name := range sorted(want) {
		if !equal(want[name], have[name]) {
			return fmt.Sprintf("found %s: %s, promised %s", name, short(have[name]), short(want[name]))
		}
	}
	return ""
}

// members keeps a list that still has every promised item; more may come.
func members(promised, found any) string {
	want, _ := promised.([]any)
	have, _ := found.([]any)
	for _, item := range want {
		if !slices.ContainsFunc(have, func(other any) bool { return equal(item, other) }) {
			return fmt.Sprintf("%v is gone", item)
		}
	}
	return ""
}

// literals keeps a list to which nothing came that stands for many.
func literals(promised, found any) string {
	want, _ := promised.([]any)
	have, _ := found.([]any)
	for _, item := range have {
		text, _ := item.(string)
		if !slices.Contains(want, item) && strings.ContainsAny(text, `*?[{!\`) {
			return fmt.Sprintf("found %q, allowed is one repository by its address", text)
		}
	}
	return ""
}
