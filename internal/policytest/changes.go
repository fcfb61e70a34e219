package policytest

import (
	"maps"
	"reflect"
	"slices"
	"sync"

	"spokewright.dev/spokewright/functions/policies"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// changes are the subjects of a policy for what changes objects by subresources, one for each of them.
func (m maker) changes(policy manifest.Object, rule schema.Rule, kind string) ([]Subject, error) {
	var subjects []Subject
	for _, each := range policies.Subresources(kind) {
		resource, _ := m.e.Fleet.Resource(kind)
		resource.Plural += "/" + each.Name
		if !matches(policy, resource, "UPDATE") {
			continue
		}
		good, err := m.before(kind)
		if err != nil {
			return nil, err
		}
		subject := Subject{Policy: policy, Rule: rule.Name, Kind: kind, Operation: "UPDATE", Subresource: each.Name, Good: good, require: rule.Require}
		if policies.Scaled(kind) {
			subject.require = rule.OfReplicas()
		}
		subject.variants = changed(subject, each)
		subjects = append(subjects, subject)
	}
	return subjects, nil
}

// before is what a subresource changes.
func (m maker) before(kind string) (manifest.Object, error) {
	if kind == "Pod" {
		return m.running()
	}
	return m.good(kind)
}

// running is a Pod with a container that somebody added to look into it. It sets no limit for the processor: a Pod that
// gets no more than it asks for cannot be told to ask for less, since its quality of service may not change.
func (m maker) running() (manifest.Object, error) {
	seed, err := m.seed("Pod")
	if err != nil {
		return nil, err
	}
	spec := seed["spec"].(map[string]any)
	app := spec["containers"].([]any)[0].(map[string]any)
	resources := app["resources"].(map[string]any)
	app["resources"] = with(resources, "limits", without(resources["limits"].(map[string]any), "cpu"))
	debug := without(app, "resources") // such a container cannot have them
	debug["name"] = "debug"
	seed["spec"] = with(spec, "ephemeralContainers", []any{debug})
	return m.mended("Pod", seed)
}

// changed are the variants that a subresource can bring about: the API server leaves all other fields as they were.
func changed(s Subject, by policies.Subresource) func() []variant {
	return sync.OnceValue(func() []variant {
		var all []variant
		for _, v := range varied(s)() {
			object := v.Object
			v.Object = s.Good
			for _, path := range by.Fields {
				v.Object = transplanted(v.Object, object, path).(manifest.Object)
			}
			if !reflect.DeepEqual(v.Object, s.Good) {
				v.breaks = len(s.require.Judge(v.Object)) > 0
				all = append(all, v)
			}
		}
		return all
	})
}

// transplanted is a value with what another one has at a path, in every element of a list as long as its own.
func transplanted(value, from any, path []string) any {
	if len(path) == 0 {
		return from
	}
	switch x := value.(type) {
	case map[string]any:
		other, _ := from.(map[string]any)
		was, has := x[path[0]]
		is, there := other[path[0]]
		switch {
		case there && (has || len(path) == 1):
			return with(x, path[0], transplanted(was, is, path[1:]))
		case len(path) == 1:
			return without(x, path[0])
		}
	case []any:
		other, _ := from.([]any)
		if len(other) != len(x) {
			return x
		}
		fresh := slices.Clone(x)
		for i := range fresh {
			fresh[i] = transplanted(x[i], other[i], path)
		}
		return fresh
	}
	return value
}

// without is the map without a field.
func without(m map[string]any, name string) map[string]any {
	fresh := maps.Clone(m)
	delete(fresh, name)
	return fresh
}
