package change

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

const (
	credential = `
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: orders-database, namespace: web}
`
	webNamespace = `
apiVersion: v1
kind: Namespace
metadata: {name: web}
`
)

// spoke is a state with objects in the spoke plane of dev, beside those of the hub plane.
func spoke(t *testing.T, s State, texts ...string) State {
	plane := Plane{Environment: "dev", Plane: schema.Spoke}
	for _, text := range texts {
		plane.Objects = append(plane.Objects, object(t, text))
	}
	s.Planes = append(s.Planes, plane)
	return s
}

// advisedWhat is what advice tells to declare.
func advisedWhat(t *testing.T, remedy string) string {
	t.Helper()
	found := regexp.MustCompile(`removed: \[\{what: ("(?:[^"\\]|\\.)*")`).FindStringSubmatch(remedy)
	require.NotNil(t, found, remedy)
	what, err := strconv.Unquote(found[1])
	require.NoError(t, err)
	return what
}

// Whoever does what is advised for one thing lets that go and nothing more: not the database with its credential, nor what is
// called alike.
func TestAdviceNamesOneThing(t *testing.T) {
	t.Parallel()
	const spec = "databases: orders: engine: \"postgres\"\napps: web: {path: \"web\", databases: [\"orders\"]}\n"
	web := object(t, application)
	web.Set = "dev-apps"
	full := spoke(t, dev(t, database, usage), credential, webNamespace, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a.b, namespace: web}}", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: web}}")
	full.Planes[0].Objects = append(full.Planes[0].Objects, web)
	const stores = `secretStores: aws: "eu-west-1"`
	full.Fleet = fleet(t, stores, spec)
	without := func(spec string, gone ...string) State {
		s := State{Fleet: fleet(t, stores, spec)}
		for _, plane := range full.Planes {
			kept := plane
			kept.Objects = nil
			for _, o := range plane.Objects {
				id := manifest.Identify(o.Object)
				if !strings.Contains(" "+strings.Join(gone, " ")+" ", " "+id.Kind+"/"+id.Name+" ") {
					kept.Objects = append(kept.Objects, o)
				}
			}
			s.Planes = append(s.Planes, kept)
		}
		return s
	}
	for _, c := range []struct{ gone, what, more string }{
		{"ExternalSecret/orders-database", "ExternalSecret/web/orders-database", "Database/orders"},
		{"Usage/database-orders", "Usage/dev/database-orders", "Database/orders"},
		{"Namespace/web", "namespaces/web", "Application/dev-web"},
		{"ConfigMap/a", "ConfigMap/web/a", "ConfigMap/a.b"},
	} {
		review := Compare(full, without(spec, c.gone))
		require.Len(t, review.Changes, 1, c.gone)
		what := advisedWhat(t, review.Changes[0].Effects[0].Remedy)
		assert.Equal(t, c.what, what)
		declared := spec + "removed: [{what: " + strconv.Quote(what) + ", reason: \"meant\"}]\n"
		assert.Equal(t, ExitChanged, Compare(full, without(declared, c.gone)).Exit(), c.gone)
		assert.Equal(t, ExitDestructive, Compare(full, without(declared, c.gone, c.more)).Exit(), "%s goes too", c.more)
	}

	// What belongs to a thing goes with it, but not while the thing stays.
	whole := `removed: [{what: "databases/orders", reason: "meant"}]`
	assert.Equal(t, ExitChanged, Compare(full, without(`apps: web: path: "web"`+"\n"+whole, "Database/orders", "Usage/database-orders", "ExternalSecret/orders-database")).Exit())
	assert.Equal(t, ExitDestructive, Compare(full, without(spec+whole, "ExternalSecret/orders-database")).Exit())
	assert.Equal(t, ExitDestructive, Compare(full, without(spec+`removed: [{what: "apps/web", reason: "meant"}]`, "Namespace/web")).Exit())
}

// A field whose name is no plain word is declared in the notation in which it is told.
func TestAFieldOfAnyName(t *testing.T) {
	t.Parallel()
	head := with(namespace, "Prune=confirm,Delete=confirm", "Delete=confirm")
	state := func(text, declared string) State {
		s := dev(t, text)
		s.Fleet = fleet(t, "", declared)
		return s
	}
	review := Compare(state(namespace, ""), state(head, ""))
	what := advisedWhat(t, review.Changes[0].Effects[0].Remedy)
	assert.Equal(t, `namespaces/web.metadata.annotations["argocd.argoproj.io/sync-options"]`, what)
	for _, what := range []string{what, `Namespace/web.metadata.annotations["argocd.argoproj.io/sync-options"]`, "namespaces/web.metadata.annotations", "Namespace/web"} {
		assert.Equal(t, ExitChanged, Compare(state(namespace, ""), state(head, "removed: [{what: "+strconv.Quote(what)+`, reason: "meant"}]`)).Exit(), what)
	}
	for _, what := range []string{`namespaces/web.metadata.annotations["argocd.argoproj.io/sync-wave"]`, `namespaces/web.metadata.labels`} {
		assert.Equal(t, ExitDestructive, Compare(state(namespace, ""), state(head, "removed: [{what: "+strconv.Quote(what)+`, reason: "meant"}]`)).Exit(), what)
	}
}

// An environment that is called otherwise: what was made of its name is no change; all else is, whatever it looks like.
func TestARenameHidesNothing(t *testing.T) {
	t.Parallel()
	const label = "labels: {app.kubernetes.io/managed-by: spokewright, spokewright.dev/environment: dev}"
	const own = "{apiVersion: v1, kind: ConfigMap, metadata: {name: dev-a, namespace: dev, " + label + "}, data: {cluster: dev, path: overlays/dev/hub, domain: spokewright.dev}}"
	const team = "{apiVersion: v1, kind: ConfigMap, metadata: {name: b, namespace: web}, data: {stage: dev, host: shop.dev.example.com}}"
	called := strings.NewReplacer("name: dev-a, namespace: dev", "name: prod-a, namespace: prod", "environment: dev", "environment: prod", "cluster: dev", "cluster: prod", "overlays/dev", "overlays/prod")
	for _, c := range []struct{ name, old, new, want string }{
		{"nothing else", "", "", ""},
		{"a domain", "domain: spokewright.dev", "domain: spokewright.prod", "data.domain"},
		{"a label's key", "domain: spokewright.dev", "domain: spokewright.dev, spokewright.dev/x: y", `data["spokewright.dev/x"]`},
		{"a name that was no word", "overlays/prod/hub", "overlays/prod/spoke", "data.path"},
		{"a team's object", "stage: dev", "stage: prod", "data.stage"},
		{"a team's host", "shop.dev.example.com", "shop.prod.example.com", "data.host"},
	} {
		state := func(environment string, texts ...string) State {
			plane := Plane{Environment: environment, Plane: schema.Hub}
			for _, text := range texts {
				plane.Objects = append(plane.Objects, object(t, text))
			}
			return State{Planes: []Plane{plane}}
		}
		after := []string{called.Replace(own), team, "{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: web}, data: {x: y}}", "{apiVersion: v1, kind: ConfigMap, metadata: {name: d, namespace: web}, data: {x: z}}"}
		before := append([]string{own, team}, after[2:]...)
		for i := range after {
			after[i] = strings.Replace(after[i], c.old, c.new, 1)
		}
		var paths []string
		for _, change := range Compare(state("dev", before...), state("prod", after...)).Changes {
			require.Equal(t, Rename, change.Class, c.name)
			for _, e := range change.Effects {
				if e.Path != "" {
					paths = append(paths, string(e.Path))
				}
			}
		}
		assert.Equal(t, c.want, strings.Join(paths, " "), c.name)
	}
}

// A value that somebody changed in a spec together with the name is a change, also where it is the name.
func TestARenameHidesNoValue(t *testing.T) {
	t.Parallel()
	app := func(environment, stage, values string) State {
		o := object(t, with(application, "dev-web", environment+"-web", "environment: dev", "environment: "+environment, "name: dev,", "name: "+environment+",", "path: web", "path: web, helm: {valuesObject: {stage: "+stage+", cluster: "+environment+"}}"))
		o.Set = environment + "-apps"
		s := State{Planes: []Plane{{Environment: environment, Plane: schema.Hub, Objects: []Object{o}}}}
		f := fleet(t, "", `apps: web: {path: "web", type: "helm", values: `+values+`}`)
		f.Environments = map[string]schema.Environment{environment: f.Environments["dev"], "hub": f.Environments["hub"]}
		s.Fleet = f
		return s
	}
	paths := func(r Review) (all []string) {
		for _, c := range r.Changes {
			for _, e := range c.Effects {
				if e.Path != "" {
					all = append(all, string(e.Path))
				}
			}
		}
		return all
	}
	assert.Empty(t, paths(Compare(app("dev", "dev", `stage: "dev"`), app("prod", "dev", `stage: "dev"`))))
	assert.Equal(t, []string{"spec.source.helm.valuesObject.stage"}, paths(Compare(app("dev", "dev", `stage: "dev"`), app("prod", "prod", `stage: "prod"`))))
}

// An environment that is called otherwise and protected less is told to be protected less.
func TestARenameKeepsClassesAndRules(t *testing.T) {
	t.Parallel()
	base, head := State{Fleet: fleet(t, "", "")}, State{Fleet: fleet(t, "", "")}
	e := head.Fleet.Environments["dev"]
	e.Name, e.Class.Protected, e.Class.Rules = "test", false, nil
	head.Fleet.Environments = map[string]schema.Environment{"test": e, "hub": head.Fleet.Environments["hub"]}
	review := Compare(base, head)
	assert.Contains(t, told(review), "test class: weaken class.protected")
	assert.Contains(t, told(review), "test rules/few: loosen")
}
