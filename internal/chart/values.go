package chart

import (
	"maps"
	"slices"

	"spokewright.dev/spokewright/functions/addons"
	"spokewright.dev/spokewright/functions/credentials"
	"spokewright.dev/spokewright/functions/namespaces"
	"spokewright.dev/spokewright/functions/policies"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// keys are those of values beside the values of addons, in the order in which values.yaml explains them.
func keys() []string {
	return []string{"environment", "owner", "labels", "retiring", "namespaces", "addons", "waivers", "credentials", "objects", "without", "kinds"}
}

// meanings say what each is for.
func meanings() map[string]string {
	return map[string]string{
		"environment": "The name of this spoke.",
		"owner":       "Who answers for it: a team or a person.",
		"labels":      "More labels for all that is made.",
		"retiring":    "Not empty while it is taken down: nothing waits for a confirmation then.",
		"namespaces":  "The namespaces of apps, by name, each with labels of its own.",
		"addons":      "Which addons it has, where they run, and what they make of the kinds that their charts bring. Their values stand below, by name.",
		"waivers":     "Rules that do not hold for a while, by a name: rule, until (the last day), reason; name and namespace where it is about some objects only.",
		"credentials": "What is read from the cloud's store of secrets: store is where (spec.provider of a ClusterSecretStore), account who reads on Google Cloud, read a list of Secrets.",
		"objects":     "More objects, as they are.",
		"without":     `Objects that are not made, such as "ValidatingPolicy/no-latest-tag" or "ResourceQuota/checkout/trying".`,
		"kinds":       "false leaves out what is of the kinds that addons bring: for the first installation with Helm alone.",
	}
}

// values are those of the chart itself: what its environments have beside the class is there to be had.
func (s Standard) values(addons map[string]schema.Addon) map[string]any {
	all := values(s.Class)
	for name, addon := range addons {
		if _, known := s.Class.Addons[name]; !known {
			addon.Enabled = false
			manifest.Set(all, spoken(addon), "addons", name)
			all[name] = placed(addon)
		}
	}
	return all
}

// valuesOf are those of an environment. Of addons that it does not know it says what the chart says: Helm takes what it is told nothing
// of for wanted.
func (s Standard) valuesOf(spoke Spoke, standard map[string]any) map[string]any {
	all := values(spoke.Environment)
	all["objects"], all["without"] = beside(spoke, s.Base)
	for name, addon := range standard["addons"].(map[string]any) {
		if _, has := spoke.Addons[name]; !has {
			manifest.Set(all, addon, "addons", name)
			all[name] = standard[name]
		}
	}
	return all
}

// values are what an environment says of the standard of its class.
func values(e schema.Environment) map[string]any {
	all := map[string]any{
		"environment": e.Name, "owner": e.Owner, "labels": words(e.Labels), "retiring": e.Retiring, "kinds": true,
		"namespaces": map[string]any{}, "addons": map[string]any{}, "waivers": map[string]any{}, "credentials": secrets(e), "objects": []any{}, "without": []any{},
	}
	for _, app := range e.Apps {
		manifest.Set(all, map[string]any{}, "namespaces", app.Namespace)
	}
	for name, namespace := range e.Namespaces {
		own := map[string]any{}
		if len(namespace.Labels) > 0 {
			own["labels"] = words(namespace.Labels)
		}
		manifest.Set(all, own, "namespaces", name)
	}
	for name, w := range e.Waivers {
		waiver := map[string]any{"rule": w.Rule, "until": w.Until, "reason": w.Reason}
		for field, value := range map[string]string{"name": w.Object, "namespace": w.Namespace} {
			if value != "" {
				waiver[field] = value
			}
		}
		manifest.Set(all, waiver, "waivers", name)
	}
	for name, addon := range e.Addons {
		manifest.Set(all, spoken(addon), "addons", name)
		all[name] = placed(addon)
	}
	return all
}

// spoken is what the spec says of an addon beside its chart and the values for that.
func spoken(addon schema.Addon) map[string]any {
	said := map[string]any{"enabled": addon.Enabled, "namespace": addon.Namespace}
	if len(addon.Objects) > 0 {
		objects := map[string]any{}
		for name, object := range addon.Objects {
			objects[name] = object
		}
		said["objects"] = objects
	}
	return said
}

func words(of map[string]string) map[string]any {
	all := map[string]any{}
	for name, value := range of {
		all[name] = value
	}
	return all
}

// placed are the values of an addon, with its namespace where its chart has a word for it: Helm puts all else of a release into one.
func placed(addon schema.Addon) map[string]any {
	all := map[string]any{}
	for _, part := range namespaced()[addon.Chart] {
		manifest.Set(all, addon.Namespace, append(part, "namespaceOverride")...)
	}
	return laid(all, addon.Values).(map[string]any)
}

// namespaced are the charts that have a namespaceOverride, each with the parts of its values that have one: values.yaml and
// _helpers.tpl of kyverno/kyverno, grafana/alloy, external-secrets/external-secrets and prometheus-community/helm-charts, read on 2026-11-30.
func namespaced() map[string][][]string {
	return map[string][][]string{
		"alloy":                 {{}},
		"external-secrets":      {{}},
		"kube-prometheus-stack": {{}, {"alertmanager"}, {"grafana"}, {"kube-state-metrics"}, {"prometheus-node-exporter"}},
		"kyverno":               {{}},
	}
}

// laid is a value with another over it, as Helm lays values over those of a chart.
func laid(under, over any) any {
	below, has := under.(map[string]any)
	above, is := over.(map[string]any)
	if !has || !is {
		return over
	}
	all := maps.Clone(below)
	for name, value := range above {
		switch before, known := all[name]; {
		case value == nil:
			delete(all, name)
		case known:
			all[name] = laid(before, value)
		default:
			all[name] = value
		}
	}
	return all
}

// difference is what must be laid over a value to make it another one.
func difference(under, want map[string]any) map[string]any {
	all := map[string]any{}
	for name := range under {
		if _, stays := want[name]; !stays {
			all[name] = nil
		}
	}
	for name, value := range want {
		before, known := under[name]
		below, has := before.(map[string]any)
		wanted, is := value.(map[string]any)
		switch {
		case known && manifest.Equal(before, value):
		case has && is:
			all[name] = difference(below, wanted)
		default:
			all[name] = value
		}
	}
	return all
}

// secrets are what the environment reads from its cloud's store, as its objects say it.
func secrets(e schema.Environment) map[string]any {
	all := map[string]any{}
	var read []any
	for _, object := range credentials.Make(e, schema.Spoke, nil) {
		id := manifest.Identify(object)
		switch id.Kind {
		case "ServiceAccount":
			account := map[string]any{"name": id.Name, "namespace": id.Namespace}
			annotations, _ := manifest.MapAt(object, "metadata", "annotations")
			if google, bound := annotations["iam.gke.io/gcp-service-account"]; bound {
				account["annotations"] = map[string]any{"iam.gke.io/gcp-service-account": google}
			}
			all["account"] = account
		case "ClusterSecretStore":
			all["store"], _ = manifest.MapAt(object, "spec", "provider")
		default:
			var data []any
			key := ""
			for _, one := range manifest.MapsAt(object, "spec", "data") {
				key = manifest.TextAt(one, "remoteRef", "key")
				data = append(data, map[string]any{"secretKey": one["secretKey"], "property": manifest.TextAt(one, "remoteRef", "property")})
			}
			read = append(read, map[string]any{"namespace": id.Namespace, "name": id.Name, "key": key, "data": data})
		}
	}
	if read != nil {
		all["read"] = read
	}
	return all
}

// beside are the objects of a spoke plane that the templates do not make, as an overlay has them, and those of the templates that
// are not there, or otherwise.
func beside(s Spoke, base []manifest.Object) (objects, without []any) {
	objects, without = []any{}, []any{}
	made := map[string]manifest.Object{}
	for _, object := range slices.Concat(base, namespaces.Make(s.Environment, schema.Spoke, nil), policies.Make(s.Environment, schema.Spoke, nil),
		credentials.Make(s.Environment, schema.Spoke, nil), addons.Make(s.Environment, schema.Spoke, nil)) {
		made[identity(object)] = object
	}
	there := map[string]bool{}
	for _, object := range s.Plane {
		id := identity(object)
		if before, is := made[id]; is && manifest.Equal(before, object) && !empty(object) {
			there[id] = true
			continue
		}
		objects = append(objects, object)
	}
	for _, id := range slices.Sorted(maps.Keys(made)) {
		if !there[id] {
			without = append(without, id)
		}
	}
	return objects, without
}

// empty says whether there is a null in a value, which Helm takes for a word of its own.
func empty(value any) bool {
	switch value := value.(type) {
	case nil:
		return true
	case map[string]any:
		return slices.ContainsFunc(slices.Collect(maps.Values(value)), empty)
	case []any:
		return slices.ContainsFunc(value, empty)
	}
	return false
}

// explained is values.yaml, each key with what it is for.
func explained(values map[string]any) []byte {
	text := []byte("# What spokes of this class have, unless a file of values says otherwise.\n")
	for _, name := range keys() {
		text = append(text, "\n# "+meanings()[name]+"\n"...)
		text = manifest.Append(text, map[string]any{name: values[name]})
	}
	text = append(text, "\n# The values of addons.\n"...)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !slices.Contains(keys(), name) {
			text = manifest.Append(text, map[string]any{name: values[name]})
		}
	}
	return text
}
