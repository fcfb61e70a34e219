package check

import (
	"encoding/json"
	"fmt"
	"strconv"

	"spokewright.dev/spokewright/internal/argocd"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// What Argo CD's own handbook says of one controller: 20 processors for the state of Applications and 10 for their syncs unless
// somebody says otherwise, and 50 and 25 for a thousand Applications (docs/operator-manual/high_availability.md of
// argoproj/argo-cd, read 2026-12-01).
const (
	statusProcessors, operationProcessors = 20, 10
	perStatus, perOperation               = 20, 40 // Applications to a processor
	perController                         = 1000
)

// pace is how many Applications at a time Argo CD looks after on a hub, by its chart's values.
type pace struct{ status, operation, controllers int }

// paceOf reads it from the Application of the chart.
func paceOf(argoCD manifest.Object) pace {
	params, _ := manifest.MapAt(argoCD, "spec", "source", "helm", "valuesObject", "configs", "params")
	controller, _ := manifest.MapAt(argoCD, "spec", "source", "helm", "valuesObject", "controller")
	return pace{number(params["controller.status.processors"], statusProcessors), number(params["controller.operation.processors"], operationProcessors), number(controller["replicas"], 1)}
}

func number(value any, otherwise int) int {
	if n, err := strconv.Atoi(fmt.Sprint(value)); err == nil && n > 0 {
		return n
	}
	return otherwise
}

// lacks says what to write for so many Applications; nothing where they are looked after.
func (p pace) lacks(applications int) string {
	each := (applications + p.controllers - 1) / p.controllers
	switch {
	case each > perController:
		return fmt.Sprintf("controller: replicas: %d, and controller.status.processors: 50 and controller.operation.processors: 25 under configs: params", (applications+perController-1)/perController)
	case each > p.status*perStatus || each > p.operation*perOperation:
		return "controller.status.processors: 50 and controller.operation.processors: 25 under configs: params"
	}
	return ""
}

// paces warns of hubs whose Argo CD has more Applications than it looks after in time, where a plane of the hub installs it.
func paces(targets []render.Target, applications map[string]int, platforms map[string]*platform) finding.Findings {
	var all finding.Findings
	for _, t := range targets {
		p := platforms[t.Environment]
		if t.Plane != schema.Spoke || p == nil || p.argoCD.Name == "" {
			continue
		}
		if write := p.pace.lacks(applications[t.Environment]); write != "" {
			m := member{t, p.argoCD}
			f := m.wrong(finding.Keys("spec", "source", "helm", "valuesObject"), "hub %q has %s, and its Argo CD looks after %d at a time in %s: write %s (Argo CD's handbook, high availability)",
				t.Environment, finding.Count(applications[t.Environment], "Application"), p.pace.status, finding.Count(p.pace.controllers, "controller"), write)
			f.Code, f.Severity = finding.HubLacks, finding.Warning
			all = append(all, f)
		}
	}
	return all
}

// What etcd takes of one object by default, 1.5 MiB (--max-request-bytes), and about what a set's status adds for each of its
// Applications, of which Argo CD writes down 5,000 at most (applicationsetcontroller.status.max.resources.count).
const (
	largestObject  = 3 << 19
	statusPerEntry = 200
	mostEntries    = 5000
)

// sizes warns of sets of a hub that come near what its etcd takes, with what Argo CD writes into them: above it they stay as they are,
// and no environment comes or goes any more.
func sizes(r render.Rendered) finding.Findings {
	var all finding.Findings
	for _, object := range r.Objects {
		id := manifest.Identify(object)
		if id.Kind != "ApplicationSet" || id.Group() != "argoproj.io" {
			continue
		}
		text, err := json.Marshal(object)
		if err != nil {
			continue // it was rendered, and is data
		}
		entries := len(argocd.Elements(object))
		size := len(text) + statusPerEntry*min(entries, mostEntries)
		if size <= largestObject*2/3 {
			continue
		}
		all = append(all, finding.Finding{Code: finding.HubLacks, Severity: finding.Warning, Object: finding.Object{Kind: id.Kind, Namespace: id.Namespace, Name: id.Name}, Path: "spec.generators",
			Message: fmt.Sprintf("the set of %s takes about %d kB of the %d that etcd takes of one object: let another hub have a part of them, an environment of role: \"hub\" that they name under hub",
				finding.Count(entries, "Application"), size>>10, largestObject>>10)})
	}
	return located(all, r)
}
