package policytest

import (
	"maps"
	"slices"

	"spokewright.dev/spokewright/internal/manifest"
)

// wrapping puts a Pod into what makes Pods; the zero wrapping leaves it as it is.
type wrapping struct {
	apiVersion, kind, plural string
	// bare leaves out the metadata of the template, which only Jobs and CronJobs can do without.
	bare bool
	// shell is an object of the kind that keeps the rules for that; nil where there are none.
	shell manifest.Object
}

// wrappings are the kinds that Kyverno judges by a policy for Pods (pkg/cel/autogen of Kyverno 1.19.1).
func wrappings() []wrapping {
	return []wrapping{
		{"apps/v1", "DaemonSet", "daemonsets", false, nil},
		{"apps/v1", "Deployment", "deployments", false, nil},
		{"apps/v1", "ReplicaSet", "replicasets", false, nil},
		{"apps/v1", "StatefulSet", "statefulsets", false, nil},
		{"batch/v1", "Job", "jobs", false, nil},
		{"batch/v1", "CronJob", "cronjobs", false, nil},
		{"batch/v1", "Job", "jobs", true, nil},
		{"batch/v1", "CronJob", "cronjobs", true, nil},
	}
}

// derived are the subjects that Kyverno derives from one that judges Pods, unless the policy says that it must not.
func (m maker) derived(s Subject) ([]Subject, error) {
	rules := manifest.MapsAt(s.Policy, "spec", "matchConstraints", "resourceRules")
	alone := len(rules) == 1 && len(list(rules[0]["resources"])) == 1
	if s.Kind != "Pod" || !alone {
		return nil, nil
	}
	only, chosen := controllers(s.Policy)
	var all []Subject
	for _, inside := range wrappings() {
		if chosen && !slices.Contains(only, any(inside.plural)) {
			continue
		}
		wrapped := s
		wrapped.inside, wrapped.Kind = inside, inside.kind
		if inside.bare {
			wrapped.Kind += "-bare"
			wrapped.Good = unlabelled(s.Good)
			if len(s.require.Judge(wrapped.Good)) > 0 {
				continue // the rule speaks of metadata
			}
		}
		if _, known := m.e.Fleet.Resource(inside.kind); known {
			shell, err := m.good(inside.kind)
			if err != nil {
				return nil, err
			}
			wrapped.inside.shell = shell
		}
		all = append(all, wrapped)
	}
	return all, nil
}

// controllers are the plurals in spec.autogen.podControllers, if that is there.
func controllers(policy manifest.Object) ([]any, bool) {
	found, _ := manifest.Get(policy, "spec", "autogen", "podControllers", "controllers")
	names, chosen := found.([]any)
	return names, chosen
}

func list(value any) []any {
	values, _ := value.([]any)
	return values
}

// unlabelled is a Pod with nothing in its metadata but its identity.
func unlabelled(pod manifest.Object) manifest.Object {
	id := manifest.Identify(pod)
	bare := manifest.New(id.APIVersion, id.Kind, id.Namespace, id.Name)
	bare["spec"] = pod["spec"]
	return bare
}

// wrap gives an object of the kind around a Pod.
func (w wrapping) wrap(pod manifest.Object) manifest.Object {
	if w.kind == "" {
		return pod
	}
	template := map[string]any{}
	if spec, is := pod["spec"].(map[string]any); is && w.apiVersion == "batch/v1" && spec["restartPolicy"] == nil {
		template["spec"] = with(spec, "restartPolicy", "Never") // a Job's Pods cannot have the default
	} else if spec, there := pod["spec"]; there {
		template["spec"] = spec
	}
	if metadata, _ := pod["metadata"].(map[string]any); !w.bare {
		template["metadata"] = templateMetadata(metadata)
	}
	id := manifest.Identify(pod)
	object := manifest.New(w.apiVersion, w.kind, id.Namespace, id.Name)
	spec, _ := w.shell["spec"].(map[string]any)
	switch w.kind {
	case "Job":
	case "CronJob":
		object["spec"] = with(with(spec, "schedule", "0 4 * * *"), "jobTemplate", map[string]any{"spec": map[string]any{"template": template}})
		return object
	default:
		spec = with(spec, "selector", map[string]any{"matchLabels": labels()})
	}
	object["spec"] = with(spec, "template", template)
	return object
}

// unwrap gives the Pod that an object of the kind makes.
func (w wrapping) unwrap(object manifest.Object) manifest.Object {
	if w.kind == "" {
		return object
	}
	path := []string{"spec", "template"}
	if w.kind == "CronJob" {
		path = []string{"spec", "jobTemplate", "spec", "template"}
	}
	template, _ := manifest.MapAt(object, path...)
	pod := manifest.Object{"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{}}
	for name, value := range template {
		pod[name] = value
	}
	return pod
}

// with is the map with a field in it.
func with(m map[string]any, name string, value any) map[string]any {
	fresh := map[string]any{}
	maps.Copy(fresh, m)
	fresh[name] = value
	return fresh
}

// templateMetadata is the metadata of a template: labels and annotations.
func templateMetadata(metadata map[string]any) map[string]any {
	kept := map[string]any{}
	for _, name := range []string{"labels", "annotations"} {
		if value, there := metadata[name]; there {
			kept[name] = value
		}
	}
	return kept
}
