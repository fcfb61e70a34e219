package change

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"spokewright.dev/spokewright/schema"
)

// Objects that no cloud is asked for: what the API server takes in place, what Argo CD makes anew, and what opens a door. They
// are told alike in a plane, where an overlay puts them, and in what an Application makes.
func TestPlainObjects(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, object, old, new, want string }{
		{"a volume shrinks", "v1 PersistentVolumeClaim spec: {storageClassName: fast, resources: {requests: {storage: 20Gi}}}", "20Gi", "10Gi", "refused spec.resources.requests.storage"},
		{"a volume grows", "v1 PersistentVolumeClaim spec: {storageClassName: fast, resources: {requests: {storage: 20Gi}}}", "20Gi", "30Gi", "in place spec.resources.requests.storage"},
		{"a volume of another class", "v1 PersistentVolumeClaim spec: {storageClassName: fast}", "fast", "slow", "refused spec.storageClassName"},
		{"another template of a job", "batch/v1 Job spec: {template: {spec: {containers: [{name: a, image: one}]}}}", "one", "two", "refused spec.template"},
		{"an address of a service", "v1 Service spec: {clusterIP: 10.0.0.1}", "10.0.0.1", "None", "refused spec.clusterIP"},
		{"no address of a service", "v1 Service spec: {clusterIP: 10.0.0.1, type: ClusterIP}", "clusterIP: 10.0.0.1, ", "", "in place spec.clusterIP"},
		{"volumes of a set", "apps/v1 StatefulSet spec: {volumeClaimTemplates: [{metadata: {name: a}, spec: {size: 1}}]}", "size: 1", "size: 2", "refused spec.volumeClaimTemplates"},
		{"a set's service", "apps/v1 StatefulSet spec: {serviceName: a}", "serviceName: a", "serviceName: b", "refused spec.serviceName"},
		{"how a set starts its pods", "apps/v1 StatefulSet spec: {podManagementPolicy: Parallel}", "Parallel", "OrderedReady", "refused spec.podManagementPolicy"},
		{"a set's selector", "apps/v1 StatefulSet spec: {selector: {matchLabels: {a: b}}}", "a: b", "a: c", "refused spec.selector"},
		{"a deployment's selector", "apps/v1 Deployment spec: {selector: {matchLabels: {a: b}}}", "a: b", "a: c", "refused spec.selector"},
		{"a deployment that Argo CD makes anew", `apps/v1 Deployment metadata: {annotations: {argocd.argoproj.io/sync-options: "Force=true"}}, spec: {selector: {matchLabels: {a: b}}}`, "a: b", "a: c", "recreate spec.selector"},
		{"what is immutable", "v1 ConfigMap immutable: true, data: {a: b}", "a: b", "a: c", "refused data.a"},
		{"immutable no more", "v1 Secret immutable: true, data: {a: b}", "immutable: true", "immutable: false", "refused immutable"},
		{"another role", "rbac.authorization.k8s.io/v1 RoleBinding roleRef: {kind: Role, name: viewer}", "viewer", "editor", "recreate roleRef"},
		{"the role of all", "rbac.authorization.k8s.io/v1 ClusterRoleBinding roleRef: {kind: ClusterRole, name: viewer}", "viewer", "cluster-admin", "recreate roleRef"},
		{"a scope", "apiextensions.k8s.io/v1 CustomResourceDefinition spec: {scope: Namespaced, versions: [{name: v1, served: true, storage: true}]}", "Namespaced", "Cluster", "refused spec.scope"},
		{"a stored version goes", "apiextensions.k8s.io/v1 CustomResourceDefinition spec: {versions: [{name: v1, served: true, storage: true}, {name: v2, served: true, storage: false}]}",
			"{name: v1, served: true, storage: true}, {name: v2, served: true, storage: false}", "{name: v2, served: true, storage: true}", "refused spec.versions.v1"},
		{"a served version goes", "apiextensions.k8s.io/v1 CustomResourceDefinition spec: {versions: [{name: v1, served: true, storage: true}, {name: v0, served: true, storage: false}]}",
			", {name: v0, served: true, storage: false}", "", "delete spec.versions.v0"},
		{"a version is served no more", "apiextensions.k8s.io/v1 CustomResourceDefinition spec: {versions: [{name: v1, served: true, storage: true}, {name: v0, served: true, storage: false}]}",
			"{name: v0, served: true", "{name: v0, served: false", "delete spec.versions.v0"},
		{"one more version", "apiextensions.k8s.io/v1 CustomResourceDefinition spec: {versions: [{name: v1, served: true, storage: true}]}",
			"storage: true}", "storage: true}, {name: v2, served: true, storage: false}", "in place spec.versions.v2"},
		{"all may come in", "networking.k8s.io/v1 NetworkPolicy spec: {podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}", "{from: [{podSelector: {}}]}", "{}", "weaken spec.ingress"},
		{"the world may come in", "networking.k8s.io/v1 NetworkPolicy spec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}", "10.0.0.0/8", "0.0.0.0/0", "weaken spec.ingress"},
		{"one more may come in", "networking.k8s.io/v1 NetworkPolicy spec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}", "10.0.0.0/8", "11.0.0.0/8", "weaken spec.ingress"},
		{"all may go out", "networking.k8s.io/v1 NetworkPolicy spec: {podSelector: {}, policyTypes: [Egress], egress: []}", "egress: []", "egress: [{}]", "weaken spec.egress"},
		{"a direction less", "networking.k8s.io/v1 NetworkPolicy spec: {podSelector: {}, policyTypes: [Ingress, Egress]}", ", Egress", "", "weaken spec.policyTypes"},
		{"fewer pods are behind a wall", "networking.k8s.io/v1 NetworkPolicy spec: {podSelector: {}}", "podSelector: {}", "podSelector: {matchLabels: {a: b}}", "weaken spec.podSelector"},
		{"more pods are behind a wall", "networking.k8s.io/v1 NetworkPolicy spec: {podSelector: {matchLabels: {a: b}}}", "{matchLabels: {a: b}}", "{}", "in place spec.podSelector.matchLabels"},
		{"all verbs", "rbac.authorization.k8s.io/v1 Role rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]", "[get]", "['*']", "weaken rules"},
		{"all resources", "rbac.authorization.k8s.io/v1 ClusterRole rules: [{apiGroups: [''], resources: [pods], verbs: ['*']}]", "[pods]", "['*']", "weaken rules"},
		{"one more verb", "rbac.authorization.k8s.io/v1 Role rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]", "[get]", "[get, list]", "in place rules[0].verbs"},
		{"a role for everybody", "rbac.authorization.k8s.io/v1 ClusterRoleBinding subjects: [{kind: Group, name: team}]", "name: team", "name: 'system:authenticated'", "weaken subjects"},
		{"no pod must stay", "policy/v1 PodDisruptionBudget spec: {minAvailable: 1}", "minAvailable: 1", "minAvailable: 0", "weaken spec.minAvailable"},
		{"one pod fewer must stay", "policy/v1 PodDisruptionBudget spec: {minAvailable: 3}", "3", "2", "in place spec.minAvailable"},
		{"all pods may go", "policy/v1 PodDisruptionBudget spec: {maxUnavailable: 1}", "1}", "100%}", "weaken spec.maxUnavailable"},
		{"a larger quota", "v1 ResourceQuota spec: {hard: {pods: '5'}}", "5", "6", "in place spec.hard.pods"},
	} {
		apiVersion, rest, _ := strings.Cut(c.object, " ")
		kind, fields, _ := strings.Cut(rest, " ")
		head := "{apiVersion: " + apiVersion + ", kind: " + kind + ", "
		if !strings.HasPrefix(fields, "metadata") {
			head += "metadata: {}, "
		}
		text := strings.Replace(head, "metadata: {", "metadata: {name: a, namespace: shop", 1) + fields + "}"
		text = strings.Replace(text, "metadata: {annotations", "metadata: {name: a, namespace: shop, annotations", 1)
		require.Contains(t, text, c.old, c.name)
		changed := strings.Replace(text, c.old, c.new, 1)
		class, path, _ := strings.Cut(c.want, " ")
		if class == "in" {
			class, path = "in place", strings.TrimPrefix(path, "place ")
		}
		application := object(t, application)
		made := func(text string) State {
			return State{Planes: []Plane{{Environment: "dev", Plane: schema.Spoke, Application: &application, Objects: []Object{object(t, text)}}}}
		}
		for way, review := range map[string]Review{"an overlay": Compare(dev(t, text), dev(t, changed)), "an Application": Compare(made(text), made(changed))} {
			if assert.Len(t, review.Changes, 1, "%s in %s", c.name, way) {
				change := review.Changes[0]
				assert.Equal(t, class, string(change.Class), "%s in %s", c.name, way)
				var paths []string
				for _, e := range change.Effects {
					if e.Class == change.Class {
						paths = append(paths, string(e.Path))
					}
				}
				assert.Equal(t, []string{path}, paths, "%s in %s", c.name, way)
			}
		}
	}
	for _, f := range fixedFields() {
		assert.NotEmpty(t, f.source, "%v", f.path)
	}
}

// Another source of an Application is no change in place: what only the old one made goes.
func TestAnotherSource(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, old, new, want string }{
		{"another path", "path: web", "path: shop", "recreate spec.source"},
		{"another repository", "apps.git", "others.git", "recreate spec.source"},
		{"a chart", "path: web", "chart: web", "recreate spec.source"},
		{"other names in it", "path: web", "path: web, kustomize: {namePrefix: a-}", "recreate spec.source"},
		{"another release", "path: web", "path: web, helm: {releaseName: a}", "recreate spec.source"},
		{"fewer files", "path: web", "path: web, directory: {exclude: '*.json'}", "recreate spec.source"},
		{"another revision", "path: web", "path: web, targetRevision: v2", "in place spec.source.targetRevision"},
		{"several sources, the old one among them", `source: {repoURL: "https://git.example.com/apps.git", path: web}`,
			`sources: [{repoURL: "https://git.example.com/apps.git", path: web}, {repoURL: "https://git.example.com/values.git", ref: values}]`, "in place spec.source spec.sources"},
	} {
		review := Compare(dev(t, application), dev(t, with(application, c.old, c.new)))
		assert.Equal(t, []string{"dev Application/argocd/dev-web: " + c.want}, told(review), c.name)
		if strings.HasPrefix(c.want, "recreate") {
			assert.Contains(t, review.Changes[0].Effects[len(review.Changes[0].Effects)-1].Remedy, `removed: [{what: "Application/argocd/dev-web.spec.source", reason: "…"}]`, c.name)
		}
	}
	unpruned := with(application, "prune: true", "prune: false")
	assert.Equal(t, ExitChanged, Compare(dev(t, unpruned), dev(t, with(unpruned, "path: web", "path: shop"))).Exit(), "nothing is pruned")

	made := func(text string) State { // an Application that is followed
		s := dev(t, text)
		s.Planes = append(s.Planes, Plane{Environment: "dev", Plane: schema.Spoke, Application: &s.Planes[0].Objects[0], Objects: []Object{object(t, namespace)}})
		return s
	}
	assert.Equal(t, ExitChanged, Compare(made(application), made(with(application, "path: web", "path: shop"))).Exit(), "nothing of it goes")
	less := made(with(application, "path: web", "path: shop"))
	less.Planes[1].Objects = nil
	review := Compare(made(application), less)
	assert.Equal(t, ExitDestructive, review.Exit())
	assert.Equal(t, []string{"dev Application/argocd/dev-web: in place spec.source", "dev Namespace/web: delete"}, told(review))
}

// The controllers of a hub do not go back, and Crossplane leaves no minor version out.
func TestControllers(t *testing.T) {
	t.Parallel()
	chart := func(name, version string) string {
		return "{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {name: a, namespace: argocd}, spec: {source: {repoURL: 'https://charts.example.com', chart: " + name + ", targetRevision: " + version + "}}}"
	}
	for _, c := range []struct{ name, old, new, want string }{
		{"kyverno", "3.9.1", "3.8.0", "recreate"}, {"kyverno", "3.7.0", "3.9.1", "in place"}, {"argo-cd", "10.6.4", "9.0.0", "recreate"}, {"redis", "3.9.1", "3.8.0", "in place"},
		{"crossplane", "2.2.0", "2.3.1", "in place"}, {"crossplane", "2.2.0", "2.4.0", "refused"}, {"crossplane", "1.20.0", "2.0.0", "in place"}, {"crossplane", "1.20.0", "2.1.0", "refused"},
		{"crossplane", "1.18.0", "2.0.0", "refused"}, {"crossplane", "2.2.1", "2.2.0", "recreate"}, {"crossplane", "2.2.1", "2.*", "in place"},
	} {
		review := Compare(dev(t, chart(c.name, c.old)), dev(t, chart(c.name, c.new)))
		require.Len(t, review.Changes, 1)
		assert.Equal(t, c.want, string(review.Changes[0].Class), "%s %s to %s", c.name, c.old, c.new)
	}
	state := func(targets string) State { return State{Fleet: fleet(t, "targets: "+targets, "")} }
	review := Compare(state(`crossplane: version: "2.3"`), state(`crossplane: version: "2.2"`))
	assert.Equal(t, []string{"hub targets: recreate targets.crossplane.version"}, told(review))
	assert.Equal(t, ExitRefused, Compare(state(`crossplane: version: "2.1"`), state(`crossplane: version: "2.3"`)).Exit())
	assert.Equal(t, ExitNothing, Compare(state(`kyverno: version: "1.16"`), state(`kyverno: version: "1.19"`)).Exit())
}
