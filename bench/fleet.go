package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"spokewright.dev/spokewright/internal/overlay"
	"spokewright.dev/spokewright/schema"
)

// fleet says which fleet to make. The same fleet always has the same bytes, and an environment of it has the same
// bytes however many others there are.
type fleet struct {
	seed         uint64
	environments int // beside their hub, of three classes in turn
	objects      int // in the two planes of each environment together, about
	patched      int // environments, from the first one, whose hub plane a team patches: kustomize's own work
}

// classes with the number of objects of an environment that has no app, no database and no namespace of its own.
func classes() []class {
	return []class{{"development", "dev", 17}, {"staging", "stage", 17}, {"production", "prod", 23}}
}

type class struct {
	name, short string
	objects     int
}

// name of an environment, counted from 0.
func (f fleet) name(i int) string {
	return fmt.Sprintf("%s-%04d", classes()[i%len(classes())].short, i)
}

// names of all environments with their hub.
func (f fleet) names() []string {
	names := []string{"hub"}
	for i := range f.environments {
		names = append(names, f.name(i))
	}
	return names
}

// write lays the fleet into an empty folder.
func (f fleet) write(dir string) error {
	files := map[string]string{
		"environments/fleet.cue":         fleetFile,
		"environments/hub.cue":           "class: \"production\"\nrole:  \"hub\"\n",
		"bases/plane/kustomization.yaml": kustomization("not-rendered.yaml"),
		"bases/plane/not-rendered.yaml":  sentinel,
		"bases/spoke/kustomization.yaml": kustomization("../plane, priority.yaml"),
		"bases/spoke/priority.yaml":      priority,
	}
	f.overlay(files, "hub", false)
	for i := range f.environments {
		name := f.name(i)
		files["environments/"+name+".cue"] = f.environment(i)
		f.overlay(files, name, i < f.patched)
	}
	for name, text := range files {
		if err := writeText(filepath.Join(dir, filepath.FromSlash(name)), []byte(text)); err != nil {
			return err
		}
	}
	return nil
}

func writeText(file string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644)
}

// overlay adds the overlays of an environment: one a plane, with nothing of their own.
func (f fleet) overlay(files map[string]string, name string, patched bool) {
	for _, plane := range schema.Planes() {
		dir := "overlays/" + name + "/" + string(plane) + "/"
		for file, text := range overlay.Plain(name, "spoke", plane) {
			files[dir+file] = text
		}
		if patched && plane == schema.Hub {
			files[dir+"kustomization.yaml"] += patch
		}
	}
}

func kustomization(resources string) string {
	return "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [" + resources + "]\n"
}

// patch is what a team may add: a note on the project.
const patch = `patches:
  - patch: |
      apiVersion: argoproj.io/v1alpha1
      kind: AppProject
      metadata: {name: any, annotations: {example.com/team: shop}}
    target: {kind: AppProject}
`

// environment is the spec of an environment, counted from 0.
func (f fleet) environment(i int) string {
	random := rand.New(rand.NewPCG(f.seed, uint64(i)))
	class := classes()[i%len(classes())]
	left := max(0, f.objects-class.objects)
	databases := left / 5
	if class.name == "production" {
		left -= databases // each has its protection
	}
	apps := (left - databases) * 2 / 3
	namespaces := left - databases - apps
	var spec strings.Builder
	fmt.Fprintf(&spec, "class: %q\n%s\n", class.name, cluster(random))
	section(&spec, "apps", apps, func(n int) string { return app(random, f.name(i), class.name, n) })
	section(&spec, "databases", databases, func(n int) string { return database(random, n) })
	section(&spec, "namespaces", namespaces, func(n int) string { return fmt.Sprintf("%q: {}", fmt.Sprintf("batch-%d", n)) })
	return spec.String()
}

func section(spec *strings.Builder, name string, count int, line func(int) string) {
	if count == 0 {
		return
	}
	fmt.Fprintf(spec, "%s: {\n", name)
	for i := range count {
		fmt.Fprintf(spec, "\t%s\n", line(i))
	}
	spec.WriteString("}\n")
}

func cluster(random *rand.Rand) string {
	place := pick(random, [][2]string{{"aws", "eu-west-1"}, {"aws", "us-east-2"}, {"gcp", "us-east4"}, {"azure", "westeurope"}})
	nodes := 12 + random.IntN(20)
	if place[0] == "gcp" {
		nodes = 8 // as many as a range of this size has addresses for there
	}
	return fmt.Sprintf("cluster: {cloud: %q, region: %q, nodes: max: %d, network: cidr: \"10.%d.%d.0/20\"}",
		place[0], place[1], nodes, random.IntN(256), 16*random.IntN(16))
}

// app is one of the ways in which a team may bring an app.
func app(random *rand.Rand, environment, class string, i int) string {
	team := pick(random, []string{"cart", "catalog", "checkout", "search", "stock"})
	name := fmt.Sprintf("%s-%d", team, i)
	switch i % 4 {
	case 0:
		return fmt.Sprintf("%q: {path: \"charts/%s\", type: \"helm\", values: {replicas: %d, region: %q}}", name, name, 2+random.IntN(5), environment)
	case 1:
		return fmt.Sprintf("%q: {chart: %q, repository: \"https://charts.example.com/stable\", version: \"%d.%d.1\"}", name, team, random.IntN(9), random.IntN(30))
	}
	follow := fmt.Sprintf("%q", fmt.Sprintf("~1.%d", random.IntN(20)))
	if class == "development" {
		follow = `"newest-build", allow: "^main-[0-9]+$"`
	}
	return fmt.Sprintf("%q: {path: \"apps/%s/overlays/%s\", images: %q: {name: \"registry.example.com/shop/%s\", follow: %s}}",
		name, name, environment, team, name, follow)
}

func database(random *rand.Rand, i int) string {
	name := fmt.Sprintf("%s-%d", pick(random, []string{"orders", "reviews", "sessions"}), i)
	if random.IntN(3) == 0 {
		return fmt.Sprintf("%q: {engine: \"mysql\", version: \"8.4\"}", name)
	}
	return fmt.Sprintf("%q: {engine: \"postgres\", storageGB: %d}", name, 20*(1+random.IntN(20)))
}

func pick[T any](random *rand.Rand, from []T) T { return from[random.IntN(len(from))] }

const fleetFile = `name:  "bench"
owner: "platform"
repository: {url: "https://git.example.com/bench/fleet.git", revision: "main"}
appRepository: {url: "https://git.example.com/bench/apps.git", revision: "main"}
registries: ["registry.example.com"]
`

const sentinel = `apiVersion: spokewright.dev/v1alpha1
kind: NotRendered
metadata:
  name: built-without-enable-exec
spec:
  message: "run kustomize build --enable-alpha-plugins --enable-exec, or spokewright render"
`

const priority = `apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata:
  name: important
value: 1000000
description: "Runs before others where there is not room for all."
`
