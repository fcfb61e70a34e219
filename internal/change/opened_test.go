package change

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/schema"
)

const (
	walls = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: web}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Ingress, Egress]
  ingress: [{from: [{podSelector: {matchLabels: {app: front}}}], ports: [{port: 8080}]}]
  egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}]
`
	role = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: web}
rules: [{apiGroups: [""], resources: [pods, configmaps], verbs: [get, list]}]
`
	binding = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: web}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: ServiceAccount, name: web, namespace: web}]
`
	workload = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: web}
spec: {replicas: 2, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: "registry.example.com/web:1.0"}]}}}
`
)

// Whatever lets more be reached, had or done than before is weaker, with words that say how much; what does not is none.
func TestWhatIsOpened(t *testing.T) {
	t.Parallel()
	const from = "from: [{podSelector: {matchLabels: {app: front}}}]"
	for _, c := range []struct{ name, base, head, want, says string }{
		{"all Pods of the namespace", walls, with(walls, "{podSelector: {matchLabels: {app: front}}}", "{podSelector: {}}"), "weaken spec.ingress", "more can reach"},
		{"a second peer", walls, with(walls, from, "from: [{podSelector: {matchLabels: {app: front}}}, {podSelector: {matchLabels: {app: job}}}]"), "weaken spec.ingress", "more can reach"},
		{"addresses", walls, with(walls, from, "from: [{ipBlock: {cidr: 192.0.2.0/24}}]"), "weaken spec.ingress", "more can reach"},
		{"all Pods of the cluster", walls, with(walls, from, "from: [{namespaceSelector: {}}]"), "weaken spec.ingress", "all Pods of the cluster"},
		{"everybody", walls, with(walls, from+", ", ""), "weaken spec.ingress", "everywhere"},
		{"another port", walls, with(walls, "port: 8080", "port: 8081"), "weaken spec.ingress", "more can reach"},
		{"all ports", walls, with(walls, ", ports: [{port: 8080}]", ""), "weaken spec.ingress", "more can reach"},
		{"everything in halves", walls, with(walls, "{ipBlock: {cidr: 10.0.0.0/8}}", "{ipBlock: {cidr: 0.0.0.0/1}}, {ipBlock: {cidr: 128.0.0.0/1}}"), "weaken spec.egress", "everything"},
		{"a wider block", walls, with(walls, "10.0.0.0/8", "8.0.0.0/6"), "weaken spec.egress", "reach more"},
		{"a narrower block", walls, with(walls, "10.0.0.0/8", "10.1.0.0/16"), "in place spec.egress[0].to[0].ipBlock.cidr", ""},
		{"nobody", walls, with(walls, "[{"+from+", ports: [{port: 8080}]}]", "[]"), "in place spec.ingress", ""},
		{"fewer ports", with(walls, "port: 8080", "port: 8000, endPort: 9000"), walls, "in place spec.ingress[0].ports[0].endPort spec.ingress[0].ports[0].port", ""},
		{"fewer Pods are judged", walls, with(walls, "{matchLabels: {app: web}}\n", "{matchLabels: {app: web, tier: a}}\n"), "weaken spec.podSelector", "open"},
		{"more Pods are judged", walls, with(walls, "podSelector: {matchLabels: {app: web}}\n", "podSelector: {matchExpressions: [{key: app, operator: In, values: [web, job]}]}\n"), "in place spec.podSelector.matchExpressions spec.podSelector.matchLabels", ""},
		{"one direction", walls, with(walls, "[Ingress, Egress]", "[Egress]"), "weaken spec.policyTypes", "ingress"},
		{"a direction more", with(walls, "  policyTypes: [Ingress, Egress]\n", "", "  egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}]\n", ""), walls, "in place spec.egress spec.policyTypes", ""},

		{"a verb that writes", role, with(role, "[get, list]", "[get, list, create]"), "weaken rules", "create pods"},
		{"to impersonate", role, with(role, "[get, list]", "[get, list, impersonate]"), "weaken rules", "impersonate"},
		{"a secret kind", role, with(role, "configmaps]", "configmaps, secrets]"), "weaken rules", "get secrets"},
		{"a way in", role, with(role, "configmaps]", "configmaps, pods/exec]"), "weaken rules", "pods/exec"},
		{"everything", role, with(role, "[get, list]", `["*"]`), "weaken rules", "may do everything"},
		{"another harmless kind", role, with(role, "configmaps]", "configmaps, services]"), "in place rules[0].resources", ""},
		{"less", role, with(role, "[get, list]", "[get]"), "in place rules[0].verbs", ""},
		{"all names", with(role, "verbs: [get, list]", "verbs: [patch], resourceNames: [a]"), with(role, "verbs: [get, list]", "verbs: [patch]"), "weaken rules", "patch pods"},
		{"other roles", role, role + "aggregationRule: {clusterRoleSelectors: [{matchLabels: {a: b}}]}\n", "weaken aggregationRule", "other roles"},
		{"into another role", role, with(role, "{name: web}", `{name: web, labels: {rbac.authorization.k8s.io/aggregate-to-view: "true"}}`), `weaken metadata.labels["rbac.authorization.k8s.io/aggregate-to-view"]`, "the role view"},
		{"everybody is bound", binding, with(binding, "{kind: ServiceAccount, name: web, namespace: web}", "{kind: Group, name: 'system:authenticated'}"), "weaken subjects", "everybody"},
		{"one more has all", with(binding, "view", "cluster-admin"), with(binding, "view", "cluster-admin", "subjects: [", "subjects: [{kind: User, name: jo}, "), "weaken subjects", "everything"},

		{"privileged", workload, with(workload, "web:1.0\"", "web:1.0\", securityContext: {privileged: true}"), "weaken spec.template.spec.containers.web.securityContext", "everything on the node"},
		{"the node's network", workload, with(workload, "spec: {containers", "spec: {hostNetwork: true, containers"), "weaken spec.template.spec.hostNetwork", "node"},
		{"the node's files", workload, with(workload, "spec: {containers", "spec: {volumes: [{name: a, hostPath: {path: /}}], containers"), "weaken spec.template.spec.volumes", "files"},
		{"a capability", workload, with(workload, "web:1.0\"", "web:1.0\", securityContext: {capabilities: {add: [SYS_ADMIN]}}"), "weaken spec.template.spec.containers.web.securityContext", "SYS_ADMIN"},
		{"another image", workload, with(workload, "web:1.0", "web:1.1"), "in place spec.template.spec.containers.web.image", ""},
	} {
		for application, states := range both(t, c.base, c.head) {
			review := Compare(states[0], states[1])
			require.Len(t, review.Changes, 1, c.name)
			change := review.Changes[0]
			var paths, reasons []string
			for _, e := range change.Effects {
				if e.Class == change.Class {
					paths, reasons = append(paths, string(e.Path)), append(reasons, e.Reason)
				}
				if e.Class == Weaken {
					assert.Contains(t, e.Remedy, "removed: [{what: ", c.name)
				}
			}
			assert.Equal(t, c.want, string(change.Class)+" "+strings.Join(paths, " "), "%s, %s", c.name, application)
			assert.Contains(t, strings.Join(reasons, "; "), c.says, c.name)
		}
	}
}

// What comes and opens what others shut is weaker too, in an overlay and in an Application's folder; everyday things come as ever.
func TestWhatComesAndOpens(t *testing.T) {
	t.Parallel()
	shut := "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: shut, namespace: web}, spec: {podSelector: {}, policyTypes: [Ingress]}}"
	for _, c := range []struct {
		name, base, comes string
		want              Class
	}{
		{"everybody may do everything", "", with(binding, "view", "cluster-admin", "{kind: ServiceAccount, name: web, namespace: web}", "{kind: Group, name: 'system:unauthenticated'}"), Weaken},
		{"everybody may look", "", with(binding, "{kind: ServiceAccount, name: web, namespace: web}", "{kind: Group, name: 'system:authenticated'}"), Weaken},
		{"somebody may do everything", "", with(binding, "view", "cluster-admin"), Weaken},
		{"somebody may look", "", binding, Create},
		{"a role that looks", "", role, Create},
		{"a role that does everything", "", with(role, "[get, list]", `["*"]`, "[pods, configmaps]", `["*"]`), Weaken},
		{"all beside nothing", shut, with(walls, "{matchLabels: {app: web}}\n", "{}\n", "  ingress: [{from: [{podSelector: {matchLabels: {app: front}}}], ports: [{port: 8080}]}]", "  ingress: [{}]"), Weaken},
		{"a way in for a new app", shut, walls, Create},
		{"a way in for everybody beside a narrow one", with(walls, "name: web, ", "name: narrow, "), with(walls, "from: [{podSelector: {matchLabels: {app: front}}}], ", ""), Weaken},
		{"privileged", "", with(workload, "web:1.0\"", "web:1.0\", securityContext: {privileged: true}"), Weaken},
		{"a workload", "", workload, Create},
		{"an open namespace", "", with(namespace, "restricted", "privileged"), Weaken},
		{"a namespace", "", namespace, Create},
		{"a project for all", "", "{apiVersion: argoproj.io/v1alpha1, kind: AppProject, metadata: {name: all, namespace: argocd}, spec: {sourceRepos: ['*'], destinations: [{server: '*', namespace: '*'}]}}", Weaken},
	} {
		base := []string{"{apiVersion: v1, kind: ConfigMap, metadata: {name: x, namespace: web}}"}
		if c.base != "" {
			base = append(base, c.base)
		}
		before := strings.Join(base, "\n---\n")
		for application, states := range both(t, before, before+"\n---\n"+c.comes) {
			review := Compare(states[0], states[1])
			require.Len(t, review.Changes, 1, c.name)
			assert.Equal(t, c.want, review.Changes[0].Class, "%s, %s", c.name, application)
		}
	}
}

// both are two states with objects in the spoke's plane itself, and with the same made by an Application.
func both(t *testing.T, base, head string) map[string][2]State {
	t.Helper()
	maker := object(t, application)
	states := map[string][2]State{}
	for name, of := range map[string]*Object{"the plane": nil, "an Application": &maker} {
		var pair [2]State
		for i, text := range []string{base, head} {
			plane := Plane{Environment: "dev", Plane: schema.Spoke, Application: of}
			for one := range strings.SplitSeq(text, "\n---\n") {
				plane.Objects = append(plane.Objects, object(t, one))
			}
			pair[i] = State{Planes: []Plane{plane}}
		}
		states[name] = pair
	}
	return states
}

// The rules that a spoke enforces judge what an Application's folder makes: what breaks one and did not is refused there.
func TestASpokeRefuses(t *testing.T) {
	t.Parallel()
	rules := `classes: development: rules: {
	"two-replicas": {kinds: ["Deployment"], require: spec: replicas: >=2, message: "two"}
	"known-tags": {kinds: ["Pod"], require: spec: containers: [...{image: !~":latest$"}], message: "tags"}
}
`
	state := func(text string) State {
		maker := object(t, application)
		return State{Fleet: fleet(t, rules, ""), Planes: []Plane{{Environment: "dev", Plane: schema.Spoke, Application: &maker, Objects: []Object{object(t, text)}}}}
	}
	for _, c := range []struct {
		name, old, new string
		want           Class
	}{
		{"no replicas", workload, with(workload, "replicas: 2", "replicas: 0"), Refused},
		{"a tag that moves", workload, with(workload, "web:1.0", "web:latest"), Refused},
		{"as bad as before", with(workload, "replicas: 2", "replicas: 1"), with(workload, "replicas: 2", "replicas: 1", "web:1.0", "web:1.1"), InPlace},
		{"the platform's own", with(workload, "namespace: web", "namespace: kube-system"), with(workload, "namespace: web", "namespace: kube-system", "replicas: 2", "replicas: 0"), InPlace},
		{"another tag", workload, with(workload, "web:1.0", "web:1.1"), InPlace},
	} {
		review := Compare(state(c.old), state(c.new))
		require.Len(t, review.Changes, 1, c.name)
		assert.Equal(t, c.want, review.Changes[0].Class, c.name)
	}
}

// What the API server fills in is what a field has that nothing says: another value is refused from there, and the same one is none.
func TestFieldsOfWhichNothingIsSaid(t *testing.T) {
	t.Parallel()
	const claim = "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: a, namespace: web}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}%}}"
	for _, c := range []struct {
		name, base, head string
		want             Class
	}{
		{"a class", claim, with(claim, "%", ", storageClassName: fast"), Refused},
		{"another mode", claim, with(claim, "%", ", volumeMode: Block"), Refused},
		{"the mode that it has", claim, with(claim, "%", ", volumeMode: Filesystem"), InPlace},
		{"a source", claim, with(claim, "%", ", dataSource: {kind: VolumeSnapshot, name: a}"), Refused},
		{"a larger one", claim, with(claim, "1Gi", "2Gi"), InPlace},
		{"an address", "{apiVersion: v1, kind: Service, metadata: {name: a, namespace: web}, spec: {ports: [{port: 1}]}}", "{apiVersion: v1, kind: Service, metadata: {name: a, namespace: web}, spec: {ports: [{port: 1}], clusterIP: None}}", Refused},
	} {
		review := Compare(dev(t, with(c.base, "%", "")), dev(t, with(c.head, "%", "")))
		require.Len(t, review.Changes, 1, c.name)
		assert.Equal(t, c.want, review.Changes[0].Class, c.name)
	}
}

// A recorded name that goes, or is another, is lost to the next hub.
func TestRecordedNames(t *testing.T) {
	t.Parallel()
	named := with(database, "environment: dev", "names: {database: db-1}, environment: dev")
	for _, c := range []struct{ old, new, want string }{
		{named, database, "dev databases/orders: weaken spec.names"},
		{named, with(named, "db-1", "db-2"), "dev databases/orders: weaken spec.names.database"},
		{database, named, "dev databases/orders: in place spec.names"},
	} {
		assert.Equal(t, []string{c.want}, told(Compare(dev(t, c.old), dev(t, c.new))))
	}
}

// One declaration covers what follows from another class, and nothing that the environment says itself.
func TestAnotherClassIsOneDeclaration(t *testing.T) {
	t.Parallel()
	const classes = `classes: open: {protected: false, podSecurity: "baseline", immutableImages: false, defaults: {cluster: {version: "1.34", nodes: {min: 1, max: 2, size: "small"}, network: cidr: "10.0.0.0/16"}, database: {version: "17", size: "small", storageGB: 20, highlyAvailable: false, backups: retentionDays: 1, encrypted: true, public: false}}}
classes: development: podSecurity: "restricted"
`
	state := func(class, more string, objects ...string) State {
		s := dev(t, objects...)
		tree := fstest.MapFS{
			schema.FleetFile:       {Data: []byte(fleetText + classes)},
			schema.SpecFile("hub"): {Data: []byte("class: \"production\", role: \"hub\"\n")},
			schema.SpecFile("dev"): {Data: []byte("class: \"" + class + "\"\ncluster: {cloud: \"aws\", region: \"eu-west-1\"}\n" + more)},
		}
		reader, err := schema.NewReader()
		require.NoError(t, err)
		s.Fleet, err = reader.Fleet(tree)
		require.NoError(t, err)
		return s
	}
	const asked = "databases: orders: engine: \"postgres\"\n"
	less := with(database, "highlyAvailable: true", "highlyAvailable: false", "retentionDays: 7", "retentionDays: 1", "Orphan", "Delete")
	base := state("development", asked, database, usage, namespace)
	head := func(more string) Review {
		return Compare(base, state("open", more, less, with(namespace, "restricted", "baseline")))
	}
	undeclared := head(asked)
	assert.Equal(t, ExitDestructive, undeclared.Exit())
	assert.Equal(t, Weaken, undeclared.Changes[0].Class, told(undeclared))
	assert.Contains(t, undeclared.Changes[0].Effects[0].Remedy, `removed: [{what: "class", `)
	const declared = `removed: [{what: "class", reason: "a playground"}]`
	covered := head(asked + declared)
	assert.Equal(t, ExitChanged, covered.Exit(), told(covered))
	assert.Equal(t, ExitDestructive, head("databases: orders: {engine: \"postgres\", highlyAvailable: false}\n"+declared).Exit(), "what the environment says itself")
}

// A declaration that nothing needs, and is nearly what something would, says so.
func TestAMisspeltDeclaration(t *testing.T) {
	t.Parallel()
	base, head := dev(t, database, usage, cluster), dev(t, cluster)
	base.Fleet, head.Fleet = fleet(t, "", ""), fleet(t, "", `removed: [{what: "databases/oders", reason: "old"}]`)
	assert.Equal(t, "databases/orders", Compare(base, head).Declarations[0].Meant)
}
