package kustomize

import (
	"strings"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/kyaml/fn/runtime/runtimeutil"
	"spokewright.dev/spokewright/internal/manifest"

	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"
)

// config is a functionConfig: an object that a kustomization lists under generators, transformers or validators.
type config struct {
	object               manifest.Object
	group, version, kind string
	name                 string
	line                 int   // of the file it is written in, 0 if unknown
	spec                 error // why its function annotation cannot be read
}

// documents are the functionConfigs in a content. err says why it holds no objects.
type documents struct {
	configs []config
	err     error
}

// configs reads functionConfigs as kustomize does.
func (b *Builder) configs(content []byte) documents {
	return b.documents.get(content, func() (read documents) {
		if usual, is := usualConfig(content); is {
			return documents{configs: []config{usual}}
		}
		defer caught(&read.err)
		objects, err := b.factory.NewResMapFromBytes(content)
		if err != nil {
			return documents{err: err}
		}
		configs, err := configs(objects)
		for i, line := range lines(content, len(configs)) {
			configs[i].line = line
		}
		return documents{configs, err}
	})
}

// usualConfig reads a functionConfig of the words that every overlay begins with, which kustomize takes longer to read than all
// else of an environment takes. It knows no other, nor a name that is more to YAML than a text.
func usualConfig(content []byte) (c config, is bool) {
	rest, text := string(content), ""
	take := func(before, behind string) {
		if rest, is = strings.CutPrefix(rest, before); is {
			text, rest, is = strings.Cut(rest, behind)
		}
	}
	const group, version, annotation, exec = "spokewright.dev", "v1alpha1", "config.kubernetes.io/function", "exec: {path: spokewright, args: [fn]}"
	steps := []struct{ before, behind string }{
		{"apiVersion: " + group + "/" + version + "\nkind: ", "\n"},
		{"metadata: {name: ", ", annotations: {" + annotation + ": \"" + exec + "\"}}\n"},
		{"spec: {file: ../../../environments/", ".cue, plane: "},
	}
	var words []string
	for _, step := range steps {
		if take(step.before, step.behind); !is {
			return c, false
		}
		words = append(words, text)
	}
	plane, ends := strings.CutSuffix(rest, "}")
	kind, name, file := words[0], words[1], words[2]
	if !ends || kind != "Environment" && kind != "Guard" || name != file || !strings.Contains(name, "-") || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" ||
		name[0] < 'a' || name[len(name)-1] == '-' || plane != "hub" && plane != "spoke" {
		return c, false
	}
	return config{group: group, version: version, kind: kind, name: name, line: 1, object: manifest.Object{
		"apiVersion": group + "/" + version, "kind": kind,
		"metadata": map[string]any{"name": name, "annotations": map[string]any{annotation: exec}},
		"spec":     map[string]any{"file": "../../../environments/" + name + ".cue", "plane": plane},
	}}, true
}

func configs(objects resmap.ResMap) ([]config, error) {
	var list []config
	for _, res := range objects.Resources() {
		object, _, err := data(res)
		if err != nil {
			return nil, err
		}
		c := config{object: object, kind: res.GetKind(), name: res.GetName()}
		gvk := res.GetGvk()
		c.group, c.version = gvk.Group, gvk.Version
		_, c.spec = runtimeutil.GetFunctionSpec(kyaml.NewRNode(res.YNode()))
		list = append(list, c)
	}
	return list, nil
}

// data gives an object as plain data, and the JSON that kustomize makes of it.
func data(res *resource.Resource) (manifest.Object, []byte, error) {
	text, err := res.MarshalJSON()
	if err != nil {
		return nil, nil, err
	}
	object, err := decode(text)
	return object, text, err
}

// lines gives the line of each document, or nothing if there are not as many as objects.
func lines(content []byte, objects int) []int {
	var found []int
	for document, err := range manifest.Documents(content) {
		if err != nil {
			break
		}
		for _, top := range document.Content {
			if top.Kind == yaml.MappingNode {
				found = append(found, top.Line)
			}
		}
	}
	if len(found) != objects {
		return nil
	}
	return found
}
