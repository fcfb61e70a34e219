package change

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/schema"
)

// with is an object with a text in the place of another.
func with(text string, replacements ...string) string {
	return strings.NewReplacer(replacements...).Replace(text)
}

const (
	database = `
apiVersion: platform.spokewright.dev/v1alpha1
kind: Database
metadata: {name: orders, namespace: dev, labels: {team: a}}
spec: {id: f-dev-orders, cloud: aws, region: eu-west-1, engine: postgres, version: "17", size: small, storageGB: 200, highlyAvailable: true,
  backups: {retentionDays: 7}, encrypted: true, public: false, deletion: Orphan, management: Full, environment: dev, crossplane: {}}
`
	cluster = `
apiVersion: platform.spokewright.dev/v1alpha1
kind: Cluster
metadata: {name: dev, namespace: dev}
spec: {id: f-dev, cloud: azure, region: westeurope, version: "1.34", nodes: {min: 1, max: 3, size: small}, network: {cidr: 10.0.0.0/16}, private: true,
  deletion: Delete, management: Full, environment: dev, crossplane: {}}
`
	usage = `
apiVersion: protection.crossplane.io/v1beta1
kind: Usage
metadata: {name: database-orders, namespace: dev}
spec: {of: {apiVersion: platform.spokewright.dev/v1alpha1, kind: Database, resourceRef: {name: orders}}, reason: it is asked for}
`
	application = `
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: dev-web, namespace: argocd, labels: {spokewright.dev/environment: dev}, finalizers: [resources-finalizer.argocd.argoproj.io]}
spec:
  source: {repoURL: "https://git.example.com/apps.git", path: web}
  destination: {name: dev, namespace: web}
  syncPolicy: {automated: {prune: true, selfHeal: true, allowEmpty: false}, syncOptions: [FailOnSharedResource=true, Prune=confirm, Delete=confirm]}
`
	policy = `
apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: {name: known, annotations: {policies.kyverno.io/title: known}}
spec:
  failurePolicy: Fail
  validationActions: [Deny]
  matchConstraints: {resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [pods, services]}]}
  validations: [{expression: object.x == 1, message: one}]
`
	namespace = `
apiVersion: v1
kind: Namespace
metadata: {name: web, labels: {pod-security.kubernetes.io/enforce: restricted}, annotations: {argocd.argoproj.io/sync-options: "Prune=confirm,Delete=confirm"}}
`
	set = `
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: dev-apps, namespace: argocd}
spec: {syncPolicy: {applicationsSync: create-update, preserveResourcesOnDeletion: true}, generators: [{list: {elements: [{name: dev-web}]}}]}
`
)

// Each class, of objects alone: no specs are known.
func TestClasses(t *testing.T) {
	for _, c := range []struct {
		name       string
		base, head []string
		want       []string
		exit       int
	}{
		{"nothing", []string{database, cluster, usage}, []string{usage, cluster, database}, nil, 0},
		{"create", nil, []string{database}, []string{"dev databases/orders: create"}, 3},
		{"a label", []string{database}, []string{with(database, "team: a", "team: b")}, []string{"dev databases/orders: in place metadata.labels.team"}, 3},
		{"a version of the API is no other object", []string{policy}, []string{with(policy, "kyverno.io/v1", "kyverno.io/v1beta1")}, []string{"dev rules/known: in place apiVersion"}, 3},
		{"a larger machine", []string{database}, []string{with(database, "size: small", "size: large")}, []string{"dev databases/orders: delayed spec.size"}, 3},
		{"delete", []string{database, usage}, nil, []string{"dev databases/orders: delete", "dev Usage/dev/database-orders: weaken"}, 4},
		{"another region", []string{database}, []string{with(database, "eu-west-1", "eu-west-3")}, []string{"dev databases/orders: recreate spec.region"}, 4},
		{"a smaller disk", []string{database}, []string{with(database, "storageGB: 200", "storageGB: 100")}, []string{"dev databases/orders: refused spec.storageGB"}, 2},
		{"kubernetes back", []string{cluster}, []string{with(cluster, "1.34", "1.33")}, []string{"dev cluster: refused spec.version"}, 2},
		{"no second machine", []string{database}, []string{with(database, "highlyAvailable: true", "highlyAvailable: false")}, []string{"dev databases/orders: weaken spec.highlyAvailable"}, 4},
		{"fewer backups", []string{database}, []string{with(database, "retentionDays: 7", "retentionDays: 6")}, []string{"dev databases/orders: weaken spec.backups.retentionDays"}, 4},
		{"more backups", []string{database}, []string{with(database, "retentionDays: 7", "retentionDays: 8")}, []string{"dev databases/orders: in place spec.backups.retentionDays"}, 3},
		{"deleted with its claim", []string{database}, []string{with(database, "Orphan", "Delete")}, []string{"dev databases/orders: weaken spec.deletion"}, 4},
		{"kept with its claim gone", []string{with(database, "Orphan", "Delete")}, []string{database}, []string{"dev databases/orders: in place spec.deletion"}, 3},
		{"only looked at", []string{database}, []string{with(database, "Full", "Observe")}, []string{"dev databases/orders: weaken spec.management"}, 4},
		{"a usage alone", []string{database, usage}, []string{database}, []string{"dev Usage/dev/database-orders: weaken"}, 4},
		{"a claim of another generation", []string{database}, []string{with(database, "crossplane: {}", "compositeDeletePolicy: Foreground")}, []string{"dev databases/orders: regenerate"}, 4},
		{"another group", []string{database}, []string{with(database, "platform.spokewright.dev", "platform.example.com")},
			[]string{"dev databases/orders: delete", "dev Database/dev/orders: create"}, 4},
		{"a database by another name", []string{database}, []string{with(database, "name: orders", "name: events", "dev-orders", "dev-events")},
			[]string{"dev databases/events: recreate spec.id"}, 4},
		{"a database by another name and its id", []string{database}, []string{with(database, "name: orders", "name: events")}, []string{"dev databases/events: rename"}, 4},
		{"an app by another name", []string{application}, []string{with(application, "dev-web", "dev-shop")}, []string{"dev Application/argocd/dev-shop: rename"}, 4},
		{"an app elsewhere", []string{application}, []string{with(application, "namespace: web", "namespace: shop")}, []string{"dev Application/argocd/dev-web: recreate spec.destination"}, 4},
		{"nobody is asked", []string{application}, []string{with(application, "Prune=confirm", "Validate=true")},
			[]string{"dev Application/argocd/dev-web: weaken spec.syncPolicy.syncOptions"}, 4},
		{"an empty source deletes all", []string{application}, []string{with(application, "allowEmpty: false", "allowEmpty: true")},
			[]string{"dev Application/argocd/dev-web: weaken spec.syncPolicy.automated.allowEmpty"}, 4},
		{"a finalizer goes", []string{application}, []string{with(application, "resources-finalizer.argocd.argoproj.io", "")},
			[]string{"dev Application/argocd/dev-web: weaken metadata.finalizers"}, 4},
		{"a set deletes", []string{set}, []string{with(set, "create-update, preserveResourcesOnDeletion: true", "sync")}, []string{"dev sets/dev-apps: weaken spec.syncPolicy.applicationsSync spec.syncPolicy.preserveResourcesOnDeletion"}, 4},
		{"a set deletes Applications and leaves what they made", []string{set}, []string{with(set, "create-update", "sync")}, []string{"dev sets/dev-apps: in place spec.syncPolicy.applicationsSync"}, 3},
		{"a set keeps nothing", []string{set}, []string{with(set, "preserveResourcesOnDeletion: true", "preserveResourcesOnDeletion: false")},
			[]string{"dev sets/dev-apps: weaken spec.syncPolicy.preserveResourcesOnDeletion"}, 4},
		{"pods may do more", []string{namespace}, []string{with(namespace, "restricted", "baseline")}, []string{`dev namespaces/web: weaken metadata.labels["pod-security.kubernetes.io/enforce"]`}, 4},
		{"pods may do less", []string{with(namespace, "restricted", "baseline")}, []string{namespace}, []string{`dev namespaces/web: in place metadata.labels["pod-security.kubernetes.io/enforce"]`}, 3},
		{"deleted without a question", []string{namespace}, []string{with(namespace, "Prune=confirm,Delete=confirm", "Delete=confirm")},
			[]string{`dev namespaces/web: weaken metadata.annotations["argocd.argoproj.io/sync-options"]`}, 4},
		{"never deleted is more than a question", []string{namespace}, []string{with(namespace, "Prune=confirm", "Prune=false")},
			[]string{`dev namespaces/web: in place metadata.annotations["argocd.argoproj.io/sync-options"]`}, 3},
		{"a rule goes", []string{policy}, nil, []string{"dev rules/known: loosen"}, 4},
		{"a rule only tells", []string{policy}, []string{with(policy, "Deny", "Warn")}, []string{"dev rules/known: loosen spec.validationActions"}, 4},
		{"a rule that fails open", []string{policy}, []string{with(policy, "Fail", "Ignore")}, []string{"dev rules/known: loosen spec.failurePolicy"}, 4},
		{"fewer operations", []string{policy}, []string{with(policy, "CREATE, UPDATE", "CREATE")}, []string{"dev rules/known: loosen spec.matchConstraints.resourceRules[0].operations"}, 4},
		{"fewer kinds", []string{policy}, []string{with(policy, "pods, services", "services")}, []string{"dev rules/known: loosen spec.matchConstraints.resourceRules[0].resources"}, 4},
		{"more kinds", []string{policy}, []string{with(policy, "pods, services", "pods, services, configmaps")},
			[]string{"dev rules/known: in place spec.matchConstraints.resourceRules[0].resources"}, 3},
		{"another expression", []string{policy}, []string{with(policy, "x == 1", "x > 0")}, []string{"dev rules/known: loosen spec.validations[0].expression"}, 4},
		{"an exception", []string{policy}, []string{with(policy, "  validations:", "  matchConditions: [{name: but, expression: 'false'}]\n  validations:")},
			[]string{"dev rules/known: loosen spec.matchConditions"}, 4},
		{"another message", []string{policy}, []string{with(policy, "message: one", "message: two")}, []string{"dev rules/known: in place spec.validations[0].message"}, 3},
		{"refused before destroyed", []string{database, cluster}, []string{with(database, "storageGB: 200", "storageGB: 100")},
			[]string{"dev databases/orders: refused spec.storageGB", "dev cluster: delete"}, 2},
	} {
		review := Compare(dev(t, c.base...), dev(t, c.head...))
		assert.Equal(t, c.want, told(review), c.name)
		assert.Equal(t, c.exit, review.Exit(), c.name)
		for _, one := range review.Changes {
			if one.Exit() != ExitChanged {
				assert.NotEmpty(t, one.Effects[0].Reason+one.Effects[0].Remedy, "%s: what happens, or what to do", c.name)
			}
		}
	}
}

// Elements of a list are known by their names, so that the one that goes is the one that is told.
func TestElementsAreKnownByName(t *testing.T) {
	list := func(names ...string) map[string]any {
		var all []any
		for _, name := range names {
			all = append(all, map[string]any{"name": name, "image": "i"})
		}
		return map[string]any{"containers": all}
	}
	var paths []string
	for _, d := range differences(list("a", "b", "c"), list("c", "a")) {
		paths = append(paths, string(d.path))
		assert.False(t, d.hasNew)
	}
	assert.Equal(t, []string{"containers.b"}, paths)
	assert.Empty(t, differences(list("a", "b"), list("b", "a")))
	paths = nil
	for _, d := range differences(list("a", "a"), list("a", "b", "c")) {
		paths = append(paths, string(d.path))
	}
	assert.Equal(t, []string{"containers[1].name", "containers[2]"}, paths, "two of one name are known by their places")
}

const fleetText = `name: "f", owner: "platform"
repository: {url: "https://git.example.com/f.git", revision: "main"}
classes: development: {protected: true, rules: few: {kinds: ["Cluster"], require: spec: nodes: max: <=5, message: "few"}}
`

// fleet is the specs of a fleet, with one environment dev.
func fleet(t *testing.T, fleetMore, dev string) *schema.Fleet {
	t.Helper()
	tree := fstest.MapFS{
		schema.FleetFile:       {Data: []byte(fleetText + fleetMore)},
		schema.SpecFile("hub"): {Data: []byte("class: \"production\", role: \"hub\"\n")},
		schema.SpecFile("dev"): {Data: []byte("class: \"development\"\ncluster: {cloud: \"aws\", region: \"eu-west-1\"}\n" + dev)},
	}
	reader, err := schema.NewReader()
	require.NoError(t, err)
	read, err := reader.Fleet(tree)
	require.NoError(t, err)
	return read
}

// Only what is named is let through, and a declaration that was needed is known.
func TestDeclarations(t *testing.T) {
	for _, c := range []struct {
		name, fleet, dev string
		head             []string
		want             []string
		exit             int
		used             []bool
	}{
		{"by its name", "", `removed: [{what: "databases/orders", reason: "old"}]`, []string{application, cluster}, []string{"dev databases/orders: delete", "dev Usage/dev/database-orders: weaken"}, 3, []bool{true}},
		{"from the fleet", `removed: [{what: "dev/databases/orders", reason: "old"}]`, "", []string{application, cluster}, []string{"dev databases/orders: delete", "dev Usage/dev/database-orders: weaken"}, 3, []bool{true}},
		{"another name", "", `removed: [{what: "databases/order", reason: "old"}]`, []string{application, cluster}, []string{"dev databases/orders: delete", "dev Usage/dev/database-orders: weaken"}, 4, []bool{false}},
		{"of another environment", `removed: [{what: "test/databases/orders", reason: "old"}]`, "", []string{application, cluster}, []string{"dev databases/orders: delete", "dev Usage/dev/database-orders: weaken"}, 4, []bool{false}},
		{"one field of two", "", `removed: [{what: "databases/orders.highlyAvailable", reason: "old"}]`, []string{application, cluster, usage,
			with(database, "highlyAvailable: true", "highlyAvailable: false", "encrypted: true", "encrypted: true", "Full", "Observe")},
			[]string{"dev databases/orders: weaken spec.highlyAvailable spec.management"}, 4, []bool{true}},
		{"its field", "", `removed: [{what: "databases/orders.highlyAvailable", reason: "old"}]`, []string{application, cluster, usage, with(database, "highlyAvailable: true", "highlyAvailable: false")},
			[]string{"dev databases/orders: weaken spec.highlyAvailable"}, 3, []bool{true}},
		{"all of it", "", `removed: [{what: "databases/orders", reason: "old"}]`, []string{application, cluster, usage, with(database, "highlyAvailable: true", "highlyAvailable: false")},
			[]string{"dev databases/orders: weaken spec.highlyAvailable"}, 3, []bool{true}},
		{"what is refused is not let through", "", `removed: [{what: "databases/orders", reason: "old"}]`, []string{application, cluster, usage, with(database, "storageGB: 200", "storageGB: 100")},
			[]string{"dev databases/orders: refused spec.storageGB"}, 2, []bool{false}},
		{"done by hand", "", `removed: [{what: "databases/orders.storageGB", reason: "restored"}]`, []string{application, cluster, usage, with(database, "storageGB: 200", "storageGB: 100")},
			[]string{"dev databases/orders: refused spec.storageGB"}, 3, []bool{true}},
		{"moved", "", `moved: [{from: "Application/argocd/dev-web", to: "Application/argocd/dev-shop"}]`, []string{database, cluster, usage, with(application, "dev-web", "dev-shop")},
			[]string{"dev Application/argocd/dev-shop: move"}, 3, []bool{true}},
		{"moved the other way", "", `moved: [{from: "Application/argocd/dev-shop", to: "Application/argocd/dev-web"}]`, []string{database, cluster, usage, with(application, "dev-web", "dev-shop")},
			[]string{"dev Application/argocd/dev-shop: rename"}, 4, []bool{false}},
		{"taken down", "", `retiring: "delete"`, []string{application, cluster, with(database, "Orphan", "Delete")},
			[]string{"dev Usage/dev/database-orders: weaken", "dev databases/orders: weaken spec.deletion"}, 3, []bool{true}},
	} {
		base := dev(t, database, cluster, usage, application)
		base.Fleet = fleet(t, "", "")
		head := dev(t, c.head...)
		head.Fleet = fleet(t, c.fleet, c.dev)
		review := Compare(base, head)
		assert.Equal(t, c.want, told(review), c.name)
		assert.Equal(t, c.exit, review.Exit(), c.name)
		var used []bool
		for _, d := range review.Declarations {
			used = append(used, d.Used)
			assert.NotZero(t, d.Position.Line, c.name)
		}
		assert.Equal(t, c.used, used, c.name)
	}
}

// Rules and classes are compared by the specs, where these are known.
func TestRulesBySpec(t *testing.T) {
	text := fleetText
	for _, c := range []struct {
		name, old, new, dev string
		want                []string
		exit                int
	}{
		{"as much", "few", "few", "", nil, 0},
		{"more", "<=5", "<=4", "", nil, 0},
		{"less", "<=5", "<=6", "", []string{"dev rules/few: loosen require.spec.nodes.max"}, 4},
		{"only told", `message: "few"`, `message: "few", action: "warn"`, "", []string{"dev rules/few: loosen action"}, 4},
		{"gone", "few:", "fewer:", "", []string{"dev rules/few: loosen"}, 4},
		{"declared", "few:", "fewer:", `removed: [{what: "rules/few", reason: "old"}]`, []string{"dev rules/few: loosen"}, 3},
		{"waived", "<=5", "<=6", `waivers: w: {rule: "few", until: "2027-01-31", reason: "soon"}`, []string{"dev rules/few: waive require.spec.nodes.max"}, 3},
		{"unprotected", "protected: true", "protected: false", "", []string{"dev class: weaken class.protected"}, 4},
		{"unprotected, and said so", "protected: true", "protected: false", `removed: [{what: "class.protected", reason: "a playground"}]`, []string{"dev class: weaken class.protected"}, 3},
	} {
		read := func(text, dev string) State {
			tree := fstest.MapFS{
				schema.FleetFile:       {Data: []byte(text)},
				schema.SpecFile("hub"): {Data: []byte("class: \"production\", role: \"hub\"\n")},
				schema.SpecFile("dev"): {Data: []byte("class: \"development\"\ncluster: {cloud: \"aws\", region: \"eu-west-1\"}\n" + dev)},
			}
			reader, err := schema.NewReader()
			require.NoError(t, err)
			fleet, err := reader.Fleet(tree)
			require.NoError(t, err, c.name)
			return State{Fleet: fleet}
		}
		review := Compare(read(text, ""), read(strings.Replace(text, c.old, c.new, 1), c.dev))
		assert.Equal(t, c.want, told(review), c.name)
		assert.Equal(t, c.exit, review.Exit(), c.name)
	}
}

// An app that goes to another environment is one that moves, and its namespace goes along.
func TestAnAppMovesBetweenEnvironments(t *testing.T) {
	app := func(environment string) Object {
		o := object(t, with(application, "dev", environment))
		o.Set = environment + "-apps"
		return o
	}
	base := State{Planes: []Plane{{Environment: "dev", Plane: schema.Hub, Objects: []Object{app("dev")}}}}
	head := State{Planes: []Plane{{Environment: "test", Plane: schema.Hub, Objects: []Object{app("test")}}, {Environment: "dev", Plane: schema.Hub, Objects: []Object{object(t, usage)}}}}
	base.Planes[0].Objects = append(base.Planes[0].Objects, object(t, usage))
	head.Planes[0].Objects = append(head.Planes[0].Objects, object(t, namespace))
	base.Planes = append(base.Planes, Plane{Environment: "test", Plane: schema.Hub, Objects: []Object{object(t, namespace)}})
	review := Compare(base, head)
	require.Len(t, review.Changes, 1)
	moved := review.Changes[0]
	assert.Equal(t, Rename, moved.Class)
	assert.Equal(t, Moved, moved.Action)
	assert.Equal(t, "test", moved.Environment)
	assert.Equal(t, &Place{Environment: "dev", Plane: schema.Hub, Object: finding.Object{Kind: "Application", Namespace: "argocd", Name: "dev-web"}}, moved.From)
	assert.Contains(t, moved.Effects[0].Remedy, `moved: [{from: "dev/apps/web", to: "test/apps/web"}]`)
}
