package change

import (
	"fmt"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
)

// fixedField is one that a thing keeps for its life.
type fixedField struct {
	kinds  []string
	path   []string
	class  Class
	reason string
	unless func(old, new any) bool // the change is one that is taken; nil where none is
	preset any                     // what it is where nothing is said; nil where that is nothing, or not known
	source string                  // where that was read
}

// Where it was read what the API server and Argo CD do: files of these repositories, at Kubernetes 1.36 and Argo CD 3.2.
const (
	ofCore       = "k8s.io/kubernetes/pkg/apis/core/validation/validation.go"
	ofApps       = "k8s.io/kubernetes/pkg/apis/apps/validation/validation.go"
	ofJobs       = "k8s.io/kubernetes/pkg/apis/batch/validation/validation.go"
	ofStorage    = "k8s.io/kubernetes/pkg/apis/storage/validation/validation.go"
	ofPriorities = "k8s.io/kubernetes/pkg/apis/scheduling/validation/validation.go"
	ofKinds      = "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go"
	ofBindings   = "k8s.io/kubernetes/pkg/apis/rbac/validation/validation.go, and kubectl auth reconcile, which gitops-engine/pkg/utils/kube/resource_ops.go runs first"
	ofArgoCD     = "argo-cd/controller/appcontroller.go: what was made elsewhere is not among its live objects any more"
)

// fixedFields are those of objects that are not asked of a cloud: of ours, of a team's overlay and of an Application's folder.
func fixedFields() []fixedField {
	const never = "the API server takes no other value in an object that is there"
	const elsewhere = "what it runs is made anew there, without its volumes, and goes here"
	var all []fixedField
	add := func(kinds, paths, source string) {
		for path := range strings.FieldsSeq(paths) {
			all = append(all, fixedField{strings.Fields(kinds), strings.Split(path, "."), Refused, never, nil, presets()[path], source})
		}
	}
	add("Deployment DaemonSet ReplicaSet", "spec.selector", ofApps)
	add("StatefulSet", "spec.selector spec.serviceName spec.podManagementPolicy spec.volumeClaimTemplates", ofApps)
	add("Job", "spec.selector spec.template spec.completionMode spec.podFailurePolicy spec.backoffLimitPerIndex spec.managedBy spec.successPolicy", ofJobs)
	add("PersistentVolumeClaim", "spec.accessModes spec.dataSource spec.dataSourceRef spec.selector spec.storageClassName spec.volumeMode spec.volumeName", ofCore)
	add("PersistentVolume", "spec.volumeMode spec.csi spec.nfs spec.hostPath spec.local", ofCore)
	add("StorageClass", "provisioner parameters reclaimPolicy volumeBindingMode", ofStorage)
	add("PriorityClass", "value preemptionPolicy", ofPriorities)
	add("Secret", "type", ofCore)
	add("CustomResourceDefinition", "spec.group spec.scope spec.names.kind spec.names.plural", ofKinds)
	return append(all,
		fixedField{[]string{"PersistentVolumeClaim"}, []string{"spec", "resources", "requests", "storage"}, Refused, "no volume shrinks", func(old, new any) bool { return old == nil || grows(old, new) }, nil, ofCore},
		fixedField{[]string{"Service"}, []string{"spec", "clusterIP"}, Refused, "the API server takes no other address of a Service that is there", goes, theClusters, ofCore},
		fixedField{[]string{"Secret", "ConfigMap"}, []string{"immutable"}, Refused, "what is immutable stays so: the API server takes no change of it", func(old, _ any) bool { return old != true }, nil, ofCore},
		fixedField{[]string{"RoleBinding", "ClusterRoleBinding"}, []string{"roleRef"}, Recreate, "a binding keeps its role: Argo CD deletes it and makes it again with the other one", nil, nil, ofBindings},
		fixedField{[]string{"Application"}, []string{"spec", "destination"}, Recreate, elsewhere, nil, nil, ofArgoCD},
	)
}

// presets are what the API server writes into fields of which nothing is said (k8s.io/kubernetes/pkg/apis/*/v1/defaults.go).
func presets() map[string]any {
	return map[string]any{
		"spec.podManagementPolicy": "OrderedReady", "spec.completionMode": "NonIndexed", "spec.volumeMode": "Filesystem", "type": "Opaque",
		"reclaimPolicy": "Delete", "volumeBindingMode": "Immediate", "preemptionPolicy": "PreemptLowerPriority", "spec.storageClassName": theClusters,
		"spec.clusterIP": theClusters, "spec.volumeName": theClusters,
	}
}

// theClusters is a value that the cluster chooses when the object is made.
const theClusters = "the cluster's own"

// fixed are changes of what says where or what a thing is: Kubernetes takes none of them in place.
func (c *comparison) fixed(p *pair) []effect {
	var effects []effect
	for _, f := range fixedFields() {
		if !slices.Contains(f.kinds, p.head.kind) || p.head.kind == "Job" && madeAnew(p.head.Object.Object) || p.renamed && p.head.kind != "Application" {
			continue // a new object has no fields to keep
		}
		old, hasOld := manifest.Get(p.base.Object.Object, f.path...)
		new, hasNew := manifest.Get(p.head.Object.Object, f.path...)
		if !hasOld && f.class != Refused || hasOld == hasNew && manifest.Equal(old, new) || f.keeps(old, new) || f.unless != nil && f.unless(old, new) || hasOld && len(c.renaming(p).differences(old, new)) == 0 {
			continue
		}
		e := f.effect(p.head, difference{path: finding.Keys(f.path...), old: old, new: new, hasOld: hasOld, hasNew: hasNew})
		if f.preset == theClusters && !hasOld {
			e.Reason = "the cluster chose one when the object was made, and the API server takes no other"
		}
		effects = append(effects, e)
	}
	if p.renamed {
		return effects
	}
	return append(append(effects, immutable(p)...), versions(p)...)
}

// keeps says whether a value is the same where that of a field that is not there is known.
func (f fixedField) keeps(old, new any) bool {
	effective := func(value any) any {
		if value == nil {
			return f.preset
		}
		return value
	}
	return manifest.Equal(effective(old), effective(new))
}

// effect is that of a change of the field.
func (f fixedField) effect(p *placed, d difference) effect {
	e := d.inPlace()
	e.Class, e.Reason = f.class, f.reason
	switch {
	case f.class == Refused && forced(p.Object.Object):
		e.Class, e.Reason = Recreate, "no API server takes it in place: Argo CD deletes what is there and makes it again, as its option Force=true says"
	case f.class == Refused:
		e.Remedy = "give the new one another name, and take this one away when nothing needs it"
	}
	return e
}

// immutable are the changes of a Secret or a ConfigMap that says of itself that it does not change.
func immutable(p *pair) (effects []effect) {
	if (p.head.kind != "Secret" && p.head.kind != "ConfigMap") || p.base.Object.Object["immutable"] != true {
		return nil
	}
	for _, field := range []string{"data", "binaryData", "stringData"} {
		f := fixedField{path: []string{field}, class: Refused, reason: "it is immutable: the API server takes no change of what it holds"}
		for _, d := range differences(map[string]any{field: p.base.Object.Object[field]}, map[string]any{field: p.head.Object.Object[field]}) {
			effects = append(effects, f.effect(p.head, d))
		}
	}
	return effects
}

// versions are those of a kind that go, or are served no more. What is stored in one goes on needing it.
func versions(p *pair) (effects []effect) {
	if p.head.kind != "CustomResourceDefinition" {
		return nil
	}
	after := map[string]map[string]any{}
	for _, v := range manifest.MapsAt(p.head.Object.Object, "spec", "versions") {
		after[fmt.Sprint(v["name"])] = v
	}
	for _, v := range manifest.MapsAt(p.base.Object.Object, "spec", "versions") {
		name := fmt.Sprint(v["name"])
		is, stays := after[name]
		d := difference{path: finding.Keys("spec", "versions", name), old: v, new: any(is), hasOld: true, hasNew: stays}
		switch {
		case !stays && v["storage"] == true:
			e := fixedField{class: Refused, reason: "objects are stored in this version: the API server takes no definition without it"}.effect(p.head, d)
			e.Remedy = "keep the version, with storage: false, until all objects are stored in the other one and status.storedVersions says so"
			effects = append(effects, e)
		case !stays && v["served"] != false, stays && v["served"] != false && is["served"] == false:
			e := d.inPlace()
			e.Class, e.Reason = Delete, "the API has this version no more: whoever asks for it, and every manifest that is written in it, fails"
			effects = append(effects, e)
		}
	}
	return effects
}

// forced says whether Argo CD deletes an object that cannot be changed.
func forced(object manifest.Object) bool {
	return contains(strings.Split(manifest.TextAt(object, "metadata", "annotations", syncOptions), ","), "Force=true")
}
