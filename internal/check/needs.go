package check

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/claim"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// needs finds what a plane needs of its hub and of its cluster, and what these do not have by all that was rendered for
// them. Of a hub that has nothing of the kind in its planes nothing is known: somebody else installs it. planes are all of the
// environment that were rendered.
func needs(tree fs.FS, e schema.Environment, r render.Rendered, planes []render.Rendered, hubs map[string]*platform) finding.Findings {
	if r.Plane == schema.Spoke {
		return append(withoutKyverno(e, r, planes), misplacedPlatform(r)...)
	}
	return slices.Concat(modules(tree, e, hubs[e.Hub]), powerless(e, r, hubs[e.Hub]), unjoined(e, r, hubs[e.Hub]), ways(e))
}

// platform is what a hub's own planes bring to it.
type platform struct {
	charts    map[string]string // versions of charts, by chart
	sidecar   bool              // beside Argo CD's repo-server
	providers []string          // packages of Crossplane's providers
	generated string            // the generation of the definitions of claims: "namespaced" or "claims"; "" where there are none
	idle      bool              // Crossplane activates no kind by itself
	activated bool              // something activates some
	powerless []manifest.Object // compositions of ours from before they gave an autoscaler its rights
	composes  []manifest.Object // compositions
	argoCD    manifest.ID       // the Application that installs Argo CD; nothing where none does
	pace      pace
}

// platformOf is that of a hub whose spoke plane, which has it, was rendered.
func platformOf(objects []manifest.Object) *platform {
	p := &platform{charts: map[string]string{}}
	for _, object := range objects {
		p.add(object)
	}
	return p
}

func (p *platform) add(object manifest.Object) {
	switch id := manifest.Identify(object); id.Group() + "/" + id.Kind {
	case "argoproj.io/Application":
		chart := manifest.TextAt(object, "spec", "source", "chart")
		p.charts[chart] = manifest.TextAt(object, "spec", "source", "targetRevision")
		if chart == "argo-cd" {
			p.argoCD, p.pace = id, paceOf(object)
		}
		active, said := manifest.Get(object, "spec", "source", "helm", "valuesObject", "provider", "defaultActivations")
		if list, _ := active.([]any); chart == "crossplane" && said && len(list) == 0 {
			p.idle = true
		}
		for _, container := range manifest.MapsAt(object, "spec", "source", "helm", "valuesObject", "repoServer", "extraContainers") {
			p.sidecar = p.sidecar || container["name"] == "spokewright"
		}
	case "apiextensions.crossplane.io/ManagedResourceActivationPolicy":
		p.activated = true
	case "pkg.crossplane.io/Provider":
		p.providers = append(p.providers, manifest.TextAt(object, "spec", "package"))
	case "apiextensions.crossplane.io/Composition":
		p.composes = append(p.composes, object)
		if parts := partsOf(object); parts["secrets-identity"] && !parts["autoscaler-identity"] {
			p.powerless = append(p.powerless, object)
		}
	case "apiextensions.crossplane.io/CompositeResourceDefinition":
		p.generated = "namespaced"
		if _, claimed := manifest.Get(object, "spec", "claimNames"); claimed {
			p.generated = "claims"
		}
	}
}

// fits finds what fleet.cue says otherwise than a hub has it.
func (p *platform) fits(f *schema.FleetConfig, hub string) finding.Findings {
	var all finding.Findings
	told := func(message string, field ...string) {
		all = append(all, finding.Finding{Code: finding.HubLacks, Position: f.Written(field...), Path: finding.Tokens(field...), Message: message})
	}
	overlay := render.Target{Environment: hub, Plane: schema.Spoke}.Overlay()
	if _, installs := p.charts["argo-cd"]; installs && f.Delivery == "plugin" && !p.sidecar {
		told(fmt.Sprintf(`found "plugin", and Argo CD on hub %q has no sidecar that renders: write components: [../../../bases/hub/argocd/chart] in %s/kustomization.yaml, and once it runs there, delivery: "plugin"`, hub, overlay), "delivery")
	}
	if api := f.Targets.Crossplane.API; p.generated != "" && p.generated != api {
		told(fmt.Sprintf("found %q, and hub %q defines kinds for %q: write definitions/%[1]s, compositions/%[1]s and packages/%[1]s in the place of these in bases/hub/kustomization.yaml, or api: %[3]q",
			api, hub, p.generated), "targets", "crossplane", "api")
	}
	switch version := f.Targets.Crossplane.Version; { // from 2.0 on nothing is made of a kind that nobody activates; before, there is no such policy
	case strings.HasPrefix(version, "1.") && p.activated:
		told(fmt.Sprintf("found %q, which has no ManagedResourceActivationPolicy, and hub %q has one: take packages/claims/active out of bases/hub/kustomization.yaml",
			version, hub), "targets", "crossplane", "version")
	case !strings.HasPrefix(version, "1.") && p.generated == "claims" && p.idle && !p.activated:
		told(fmt.Sprintf("found %q, and hub %q activates none of the kinds that its compositions make, which Crossplane %s waits for: write packages/claims/active beside packages/claims in bases/hub/kustomization.yaml",
			f.Targets.Crossplane.API, hub, version), "targets", "crossplane", "api")
	}
	for _, each := range []struct {
		chart, target string
		version       string
		of            func(chart string) string
	}{
		{"crossplane", "crossplane", f.Targets.Crossplane.Version, minor},
		{"kyverno", "kyverno", f.Targets.Kyverno.Version, kyvernoOf},
	} {
		installed := each.of(p.charts[each.chart])
		if installed != "" && installed != each.version {
			told(fmt.Sprintf("found %q, and hub %q installs %s (chart %s %s): write what is installed, or install %[1]s in bases/hub/controllers/%[4]s.yaml",
				each.version, hub, installed, each.chart, p.charts[each.chart]), "targets", each.target, "version")
		}
	}
	return all
}

// minor is the major and minor part of a version; "" of what is none.
func minor(version string) string {
	parts := strings.Split(version, ".")
	if len(parts) < 3 {
		return ""
	}
	return parts[0] + "." + parts[1]
}

// kyvernoOf is the Kyverno that a version of its chart installs: chart 3.9 has 1.19, and so on down (Chart.yaml in the
// releases of github.com/kyverno/kyverno, 1.16.0 to 1.19.1).
func kyvernoOf(chart string) string {
	var number int
	if _, err := fmt.Sscanf(minor(chart), "3.%d", &number); err != nil {
		return ""
	}
	return fmt.Sprintf("1.%d", number+10)
}

// withoutKyverno finds policies for a cluster that gets no Kyverno: its API would take none of them. What was adopted may have one.
func withoutKyverno(e schema.Environment, r render.Rendered, rendered []render.Rendered) finding.Findings {
	for _, other := range rendered {
		if other.Environment == r.Environment && slices.ContainsFunc(other.Objects, bringsKyverno) {
			return nil
		}
	}
	for _, addon := range e.Addons {
		if addon.Enabled && addon.Chart == "kyverno" {
			return nil
		}
	}
	for name, app := range e.Apps {
		if strings.Contains(name+app.Path+app.Chart, "kyverno") {
			return nil
		}
	}
	count := 0
	for _, object := range r.Objects {
		if manifest.Identify(object).Group() == "policies.kyverno.io" {
			count++
		}
	}
	if count == 0 || e.Cluster == nil || e.Cluster.Adopt != nil {
		return nil
	}
	return finding.Findings{noKyverno(e, fmt.Sprintf("no Kyverno comes to this cluster, and it has %s, which nothing would judge by: ", finding.Count(count, "policy")))}
}

// noKyverno is the finding about a cluster without Kyverno: an error where the fleet has it and leaves it out there, a warning
// where it has none, so that somebody else may install it.
func noKyverno(e schema.Environment, message string) finding.Finding {
	f := finding.Finding{Code: finding.HubLacks, Message: message + "write addons: policies: enabled: true"}
	field := []string{"addons", "policies", "enabled"}
	if e.Addons["policies"].Chart == "" {
		field = field[:1]
		f.Severity = finding.Warning
		f.Message = message + `where nothing else installs it, write from: "production", or another class that has it, in class ` + e.Class.Name +
			`, or addons: policies: {enabled: true, namespace: "kyverno", repository: "https://kyverno.github.io/kyverno", chart: "kyverno"} and its version`
	}
	f.Position, f.Path = e.Written(field...), finding.Tokens(field...)
	return f
}

// bringsKyverno says whether an object is Kyverno, or an Application that installs it, under whatever name.
func bringsKyverno(object manifest.Object) bool {
	id := manifest.Identify(object)
	switch id.Group() + "/" + id.Kind {
	case "argoproj.io/Application", "argoproj.io/ApplicationSet", "apps/Deployment":
		source, _ := manifest.MapAt(object, "spec", "source")
		return strings.Contains(id.Name, "kyverno") || strings.Contains(manifest.TextAt(source, "chart")+manifest.TextAt(source, "path"), "kyverno")
	}
	return false
}

// misplacedPlatform finds a plane of a spoke that brings what hubs run.
func misplacedPlatform(r render.Rendered) finding.Findings {
	for _, object := range r.Objects {
		id := manifest.Identify(object)
		switch id.Group() {
		case "apiextensions.crossplane.io", "pkg.crossplane.io":
		default:
			continue
		}
		return finding.Findings{{Code: finding.HubLacks, Position: finding.Position{File: path.Join(r.Overlay(), "kustomization.yaml")},
			Object:  finding.Object{Kind: id.Kind, Namespace: id.Namespace, Name: id.Name},
			Message: "this is the platform of a hub, and " + r.Environment + " is none: write ../../../bases/spoke under resources, in the place of ../../../bases/hub"}}
	}
	return nil
}

// partsOf are the names of what a composition makes.
func partsOf(composition manifest.Object) map[string]bool {
	parts := map[string]bool{}
	for _, step := range manifest.MapsAt(composition, "spec", "pipeline") {
		for _, part := range manifest.MapsAt(step, "input", "resources") {
			parts[manifest.TextAt(part, "name")] = true
		}
	}
	return parts
}

// powerless finds an autoscaler to which the composition of its cluster gives no rights.
func powerless(e schema.Environment, r render.Rendered, hub *platform) finding.Findings {
	if hub == nil || !e.Autoscaled() {
		return nil
	}
	for _, object := range r.Objects {
		for _, composition := range hub.powerless {
			if !claim.Chooses(object, composition) {
				continue
			}
			instead := "take the new bases/ by spokewright upgrade"
			if e.Compositions != "" && e.Compositions != claim.Bases {
				instead = "write the set anew by spokewright compositions " + e.Compositions
			}
			return finding.Findings{{Code: finding.HubLacks, Severity: finding.Warning, Position: e.Written("cluster"), Path: finding.Tokens("addons", "autoscaler"),
				Message: fmt.Sprintf("composition %q of hub %q is from before it gave an autoscaler its rights: %s, or write addons: autoscaler: enabled: false",
					manifest.Identify(composition).Name, e.Hub, instead)}}
		}
	}
	return nil
}

// unjoined finds a peering that nothing on the hub makes: its bases are from before there were any. A set tells that of itself.
func unjoined(e schema.Environment, r render.Rendered, hub *platform) finding.Findings {
	kind, joins := e.Peering()
	if !joins || kind.Fields != nil || hub == nil || len(hub.composes) == 0 || e.Compositions != "" {
		return nil
	}
	for _, object := range r.Objects {
		if id := manifest.Identify(object); id.Kind == kind.Kind && id.APIVersion == kind.APIVersion &&
			!slices.ContainsFunc(hub.composes, func(composition manifest.Object) bool { return claim.Chooses(object, composition) }) {
			at := []string{"cluster", "network", "joinHub"}
			return finding.Findings{{Code: finding.HubLacks, Position: e.Written(at...), Path: finding.Tokens(at...),
				Message: fmt.Sprintf("found true, and hub %q has no composition that makes a %s: take the new bases/ by spokewright upgrade", e.Hub, kind.Kind)}}
		}
	}
	return nil
}

// modules finds workspaces whose module lies in this tree and is not there, and those that nothing on the hub runs.
func modules(tree fs.FS, e schema.Environment, hub *platform) finding.Findings {
	var all finding.Findings
	for _, name := range slices.Sorted(maps.Keys(e.Workspaces)) {
		source := e.ModuleFolder(name)
		if info, err := fs.Stat(tree, path.Clean(source)); source != "" && (err != nil || !info.IsDir()) {
			all = append(all, finding.Finding{Code: finding.HubLacks, Position: e.Written("workspaces", name, "source"), Path: finding.Tokens("workspaces", name, "source"),
				Message: fmt.Sprintf("found %q, which is not in this repository: write the module's files there, or where they are", source)})
		}
	}
	if len(e.Workspaces) == 0 || hub == nil || len(hub.providers) == 0 || slices.ContainsFunc(hub.providers, runsModules) {
		return all
	}
	return append(all, finding.Finding{Code: finding.HubLacks, Position: e.Written("workspaces"), Path: finding.Tokens("workspaces"),
		Message: fmt.Sprintf("hub %q has no provider that runs them: write ../../../bases/hub/packages/opentofu/%s under resources of %s/kustomization.yaml",
			e.Hub, e.Fleet.Targets.Crossplane.API, render.Target{Environment: e.Hub, Plane: schema.Spoke}.Overlay())})
}

// runsModules says whether a package is that of the provider whose kind Workspace is.
func runsModules(pkg string) bool { return strings.Contains(pkg, "/provider-opentofu:") }

// sampleAccounts warns of accounts that are nobody's, in a fleet whose repository is somebody's.
func sampleAccounts(f *schema.FleetConfig) finding.Findings {
	if strings.Contains(f.Repository.URL, "example.com") {
		return nil
	}
	var all finding.Findings
	for _, name := range slices.Sorted(maps.Keys(f.Accounts)) {
		a := f.Accounts[name]
		for _, field := range []struct{ name, value string }{
			{"account", a.Number}, {"number", a.ProjectNumber}, {"subscription", a.Subscription}, {"tenant", a.Tenant}, {"client", a.Client}, {"secretsClient", a.SecretsClient},
		} {
			if !sampleNumber(field.value) {
				continue
			}
			at := []string{"accounts", name, field.name}
			all = append(all, finding.Finding{Code: finding.HubLacks, Severity: finding.Warning, Position: f.Written(at...), Path: finding.Tokens(at...),
				Message: fmt.Sprintf("found %q, which examples have and nobody owns: write your own", field.value)})
		}
	}
	return all
}

// sampleNumber says whether a number of an account is one that documentation uses.
func sampleNumber(value string) bool {
	return slices.Contains([]string{"000000000000", "111122223333", "123456789012"}, value) || strings.HasPrefix(value, "00000000-0000-0000-0000-0000000000")
}
