package review

import (
	"fmt"
	"strings"

	"spokewright.dev/spokewright/internal/change"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// made is a change of an object with its fields, as package change makes it.
func made(environment string, plane schema.Plane, kind, namespace, name, subject string, action change.Action, effects ...change.Effect) change.Change {
	c := change.Change{Environment: environment, Plane: plane, Object: finding.Object{Kind: kind, Namespace: namespace, Name: name}, Subject: subject,
		APIVersion: "example.com/v1", Action: action, Effects: effects}
	for _, e := range effects {
		if c.Class == "" || rank(e.Class) > rank(c.Class) {
			c.Class = e.Class
		}
	}
	return c
}

func whole(class change.Class, reason, remedy string) change.Effect {
	return change.Effect{Class: class, Reason: reason, Remedy: remedy}
}

func changed(class change.Class, path finding.Path, old, fresh any) change.Effect {
	return change.Effect{Class: class, Path: path, Old: old, New: fresh, HasOld: true, HasNew: true}
}

func at(file string, line, column int) finding.Position {
	return finding.Position{File: file, Line: line, Column: column}
}

const oldRule = `has(object.spec.region) &&
object.spec.region in ["eu-west-1", "eu-central-1"] &&
has(object.spec.owner) &&
object.spec.owner != "" &&
object.metadata.name.size() < 40
`

// small is a review with every class in it, of a fleet of five environments.
func small() (change.Review, About) {
	version := changed(change.Refused, "spec.version", "1.33", "1.31")
	version.Reason = "Kubernetes does not go back to an older version (https://kubernetes.io/releases/version-skew-policy/)"
	version.Remedy, version.Position = `write "1.33"`, at("environments/prod-eu.cue", 4, 12)
	region := changed(change.Recreate, "spec.region", "eu-west-1", "eu-central-1")
	region.Reason = "a database lies in one region: it is deleted with all that is in it, and an empty one is made"
	region.Remedy, region.Position = `declare removed: [{what: "databases/orders", reason: "..."}], or keep the region`, at("environments/prod-eu.cue", 12, 24)
	size := changed(change.Delayed, "spec.size", "small", "medium")
	size.Reason = "takes effect in the next maintenance window"
	rule := changed(change.Loosen, "spec.validations[0].expression", oldRule, strings.Replace(oldRule, `object.spec.owner != "" &&`+"\n", "", 1))
	rule.Reason, rule.Remedy = "the rule asks for less", `waive it with a reason and a last day, or declare removed: [{what: "rules/known-regions"}]`
	declaration := change.Declaration{Position: at("environments/staging.cue", 30, 11), Environment: "staging", What: "databases/reports", Reason: "reports are kept in the warehouse", Used: true}
	gone := made("staging", schema.Hub, "Database", "staging", "reports", "databases/reports", change.Removed,
		whole(change.Delete, "the database goes with all that is in it; a snapshot is kept", ""))
	gone.Declared = &declaration
	moved := made("staging", schema.Hub, "ApplicationSet", "staging", "catalog", "apps/catalog", change.Moved, whole(change.Move, "", "merge the addition first, then the removal"))
	moved.From = &change.Place{Environment: "dev", Plane: schema.Hub, Object: finding.Object{Kind: "ApplicationSet", Namespace: "dev", Name: "catalog"}}
	renamed := made("dev", schema.Hub, "ApplicationSet", "dev", "shop-web", "apps/shop-web", change.Added,
		whole(change.Rename, "web goes and shop-web comes: what runs is deleted and made again", `declare moved: [{from: "apps/web", to: "apps/shop-web"}]`))
	renamed.From = &change.Place{Environment: "dev", Plane: schema.Hub, Object: finding.Object{Kind: "ApplicationSet", Namespace: "dev", Name: "web"}}
	r := change.Review{
		Declarations: []change.Declaration{
			declaration,
			{Position: at("environments/fleet.cue", 8, 9), From: "dev/apps/catalog", To: "staging/apps/catalog", Used: true},
			{Position: at("environments/dev.cue", 20, 11), Environment: "dev", What: "addons/ingress", Reason: "another one"},
		},
		Notes: finding.Findings{{Code: finding.OutOfDate, Severity: finding.Warning, Position: at("golden/dev/hub.yaml", 0, 0),
			Message: "the base's file is stale: what runs differs from what the base's spec says", Remedy: "spokewright render"}},
		Changes: []change.Change{
			renamed,
			made("dev", schema.Hub, "ApplicationSet", "dev", "search", "apps/search", change.Added, whole(change.Create, "", "")),
			made("dev", schema.Hub, "ConfigMap", "dev", "settings", "", change.Changed,
				changed(change.InPlace, finding.Keys("data", "example.com/image"),
					"registry.example.com/shop/checkout-service-with-a-long-name/linux-amd64/production-build:1.4.2@sha256:aaaa0000000000000000000000000000",
					"registry.example.com/shop/checkout-service-with-a-long-name/linux-amd64/production-build:1.4.3@sha256:aaaa0000000000000000000000000000"),
				change.Effect{Class: change.InPlace, Path: "data.mode", Old: "fast", HasOld: true},
				change.Effect{Class: change.InPlace, Path: "data.limits", New: map[string]any{"cpu": "500m", "memory": "1Gi", "pods": []any{int64(40), "as many as there are nodes", "and some more"}}, HasNew: true}),
			made("prod-eu", schema.Hub, "Cluster", "prod-eu", "main", "cluster", change.Changed, version, changed(change.InPlace, "spec.nodes.max", int64(6), int64(9))),
			made("prod-eu", schema.Hub, "Database", "prod-eu", "orders", "databases/orders", change.Changed, size, region),
			made("prod-eu", schema.Hub, "Secret", "prod-eu", "registry", "registration", change.Changed,
				changed(change.InPlace, "stringData.config", "user:hunter2", "user:correct horse"),
				changed(change.InPlace, "metadata.labels.token", "a", "b")),
			made("prod-eu", schema.Spoke, "ValidatingPolicy", "", "known-regions", "rules/known-regions", change.Changed, rule),
			gone, moved,
			made("staging", schema.Spoke, "Namespace", "", "tests", "namespaces/tests", change.Changed,
				changed(change.Weaken, finding.Keys("metadata", "labels", "pod-security.kubernetes.io/enforce"), "restricted", "baseline")),
		},
	}
	for _, name := range []string{"dev", "prod-eu", "prod-us", "staging"} {
		r.Changes = append(r.Changes, made(name, schema.Spoke, "Application", name, "ingress", "addons/ingress", change.Changed,
			changed(change.InPlace, "spec.source.targetRevision", "4.11.2", "4.12.0"),
			changed(change.InPlace, "spec.destination.name", name, name+"-2")))
	}
	return r, About{Base: "origin/main (1a2b3c4)", Head: "the working tree", Environments: []string{"dev", "hub", "prod-eu", "prod-us", "staging"}}
}

// large is a change of the whole fleet: one value everywhere, and something destroyed in every tenth environment.
func large(environments int) (change.Review, About) {
	var r change.Review
	var about About
	for i := range environments {
		name := fmt.Sprintf("store-%04d", i)
		about.Environments = append(about.Environments, name)
		r.Changes = append(r.Changes,
			made(name, schema.Hub, "Cluster", name, "main", "cluster", change.Changed, changed(change.InPlace, "spec.version", "1.33", "1.34")),
			made(name, schema.Hub, "Network", name, "main", "cluster", change.Changed, changed(change.InPlace, "spec.cidr", fmt.Sprintf("10.%d.%d.0/24", i/256, i%256), fmt.Sprintf("10.%d.%d.0/23", i/256, i%256))))
		if i%10 == 0 {
			r.Changes = append(r.Changes, made(name, schema.Hub, "Database", name, fmt.Sprintf("orders-%d", i), fmt.Sprintf("databases/orders-%d", i), change.Removed,
				whole(change.Delete, "the database goes with all that is in it", fmt.Sprintf(`declare removed: [{what: "databases/orders-%d"}]`, i))))
		}
	}
	return r, about
}

// state has one object of an environment's hub plane.
func state(environment string, objects ...manifest.Object) change.State {
	p := change.Plane{Environment: environment, Plane: schema.Hub}
	for _, o := range objects {
		p.Objects = append(p.Objects, change.Object{Object: o})
	}
	return change.State{Planes: []change.Plane{p}}
}
