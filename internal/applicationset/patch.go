package applicationset

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// patched is an Application with a patch merged into it, as Kubernetes merges by types. A patch does not change the
// project.
func (a application) patched(patch map[string]any) (application, error) {
	project := a.Elem().FieldByName("Spec").FieldByName("Project").String()
	data, err := a.data()
	if err != nil {
		return application{}, err
	}
	merged, err := merge(data, patch, a.types.application)
	if err != nil {
		return application{}, err
	}
	text, err := json.Marshal(merged)
	if err != nil {
		return application{}, err
	}
	result, err := a.types.readApplication(text)
	if err != nil {
		return application{}, err
	}
	result.Elem().FieldByName("Spec").FieldByName("Project").SetString(project)
	return result, nil
}

// readPatch reads a patch of an Application, and says which field has another type than Argo CD's.
func (t types) readPatch(r *renderer, text string) (map[string]any, error) {
	if !strings.HasPrefix(strings.TrimSpace(text), "{") {
		if err := r.admit(text); err != nil {
			return nil, err
		}
		converted, err := yaml.YAMLToJSON([]byte(text))
		if err != nil {
			return nil, err
		}
		text = string(converted)
	}
	if err := json.Unmarshal([]byte(text), reflect.New(t.application).Interface()); err != nil {
		return nil, typed(err)
	}
	var patch map[string]any
	return patch, json.Unmarshal([]byte(text), &patch)
}

// merge merges a patch into a map that a Go type describes.
func merge(original, patch map[string]any, of reflect.Type) (map[string]any, error) {
	switch directive := patch["$patch"]; directive {
	case nil:
	case "replace":
		delete(patch, "$patch")
		return patch, nil
	case "delete":
		return map[string]any{}, nil
	default:
		return nil, fmt.Errorf("$patch is %v: allowed are replace, delete", directive)
	}
	for name, value := range patch {
		if strings.HasPrefix(name, "$") {
			return nil, unknown("what it generates cannot be told from here: its patch has the directive %s", name)
		}
		if err := mergeField(original, name, value, of); err != nil {
			return nil, err
		}
	}
	return original, nil
}

// mergeField merges one field of a patch into a map.
func mergeField(original map[string]any, name string, value any, of reflect.Type) error {
	switch old := original[name].(type) {
	case map[string]any:
		if value, ok := value.(map[string]any); ok {
			inner, err := below(of, name)
			if err == nil {
				original[name], err = merge(old, value, inner)
			}
			return err
		}
	case []any:
		if value, ok := value.([]any); ok {
			original[name] = value
			if of == reflect.TypeFor[metadata]() && name == "finalizers" {
				original[name] = joined(old, value)
			}
			_, err := below(of, name)
			return err
		}
	}
	if kept, ok := plain(value); ok && value != nil {
		original[name] = kept
	} else {
		delete(original, name)
	}
	return nil
}

// below is the type of a field. What is free-form has none: where both sides go on there, Argo CD fails too.
func below(of reflect.Type, name string) (reflect.Type, error) {
	for of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	if of.Kind() == reflect.Struct {
		for field := range of.NumField() {
			tag, _, _ := strings.Cut(of.Field(field).Tag.Get("json"), ",")
			if tag == name {
				return of.Field(field).Type, nil
			}
		}
	}
	return nil, fmt.Errorf("%s has no type, and what the template and the patch say of it cannot be merged", name)
}

// joined are the finalizers of both, each once: in the order of the patch, with what it does not name before what it stood
// before, or else behind.
func joined(old, patch []any) []any {
	var all []any
	rest := slices.DeleteFunc(slices.Clone(old), func(one any) bool { return slices.Contains(patch, one) })
	for i, one := range patch {
		if slices.Contains(patch[:i], one) {
			continue
		}
		at := slices.Index(old, one)
		for len(rest) > 0 && slices.Index(old, rest[0]) < at {
			all, rest = append(all, rest[0]), rest[1:]
		}
		all = append(all, one)
	}
	return append(all, rest...)
}

// plain is a value of a patch without what only patches say. It is not kept where it is an instruction itself.
func plain(value any) (any, bool) {
	switch value := value.(type) {
	case map[string]any:
		if _, isInstruction := value["$patch"]; isInstruction {
			return nil, false
		}
		for name, inner := range value {
			kept, ok := plain(inner)
			if value[name] = kept; !ok || inner == nil {
				delete(value, name)
			}
		}
	case []any:
		list := []any{}
		for _, inner := range value {
			if kept, ok := plain(inner); ok {
				list = append(list, kept)
			}
		}
		return list, true
	}
	return value, true
}
