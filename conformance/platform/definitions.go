package platform

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"spokewright.dev/spokewright/conformance/crds"
	"spokewright.dev/spokewright/conformance/documents"
	"spokewright.dev/spokewright/conformance/hub"
	"spokewright.dev/spokewright/internal/manifest"
)

// ProviderDefinitions names the folder with the definitions of the clouds' providers, a folder for each cloud, which no
// module proxy has. Where it is not set, open definitions stand in: they let every field pass.
const ProviderDefinitions = "SPOKEWRIGHT_CRDS"

// definitions are the YAML documents that define the kinds of SERVICE.CLOUD, in the generation that the fleet's claims use.
func (p *Platform) definitions(service string, golden []documents.Document) ([]byte, error) {
	home := os.Getenv(ProviderDefinitions)
	cloud := service[strings.LastIndex(service, ".")+1:]
	if len(p.scope.Clouds) > 0 && cloud != beside && !slices.Contains(p.scope.Clouds, cloud) {
		if service != cloud {
			return nil, nil // none of its kinds is asked for
		}
		golden = slices.DeleteFunc(slices.Clone(golden), func(document documents.Document) bool { return document.ID().Kind == "Composition" })
		return open(service, golden) // what the hub's plane configures it with
	}
	if _, err := os.Stat(filepath.Join(home, cloud)); home == "" || errors.Is(err, fs.ErrNotExist) {
		return open(service, golden) // nobody has that provider's
	}
	var text []byte
	for _, k := range kindsIn(golden) {
		group, _, _ := strings.Cut(k.apiVersion, "/")
		if serviceOf(group) != service {
			continue
		}
		one, err := definition(filepath.Join(home, cloud, group+"_"+plural(k.name)+".yaml"))
		if errors.Is(err, fs.ErrNotExist) { // the folder is older than the composition
			one, err = manifest.Stream([]manifest.Object{anything(k, strings.HasSuffix(group, ".m.upbound.io") && k.name != "ClusterProviderConfig", "crossplane", "managed")}), nil
		}
		if err != nil {
			return nil, err
		}
		text = append(append(text, "\n---\n"...), one...)
	}
	return text, nil
}

// beside is what provider-kubernetes has in the place of a cloud.
const beside = "kubernetes"

// serviceOf gives SERVICE.CLOUD of a group, of either generation; "" of a group that no provider has.
func serviceOf(group string) string {
	if group == beside+".crossplane.io" {
		return beside
	}
	service, ofClouds := strings.CutSuffix(group, ".upbound.io")
	if !ofClouds {
		return ""
	}
	return strings.TrimSuffix(service, ".m")
}

// definition reads one without what is told to people, and without what converts between its versions: a webhook of the
// provider, which does not run here.
func definition(file string) ([]byte, error) {
	read, err := documents.Read(file)
	if err != nil {
		return nil, err
	}
	delete(hub.Fields(read[0].Object, "spec"), "conversion")
	slim, err := crds.Slim(read[0])
	return slim.Text, err
}

// kind is one that a fleet uses.
type kind struct{ apiVersion, name string }

// kindsIn are the kinds of providers that the fleet's compositions make and that its hub configures.
func kindsIn(golden []documents.Document) []kind {
	var all []kind
	add := func(object map[string]any) {
		id := manifest.Identify(object)
		if k := (kind{id.APIVersion, id.Kind}); serviceOf(id.Group()) != "" && !slices.Contains(all, k) {
			all = append(all, k)
		}
	}
	for _, document := range golden {
		add(document.Object)
		if document.ID().Kind != "Composition" {
			continue
		}
		for _, step := range hub.Items(hub.Fields(document.Object, "spec")["pipeline"]) {
			fields, _ := step.(map[string]any)
			for _, resource := range hub.Items(hub.Fields(fields, "input")["resources"]) {
				made, _ := resource.(map[string]any)
				add(hub.Fields(made, "base"))
			}
		}
	}
	return all
}

// open makes definitions that let every field pass.
func open(service string, golden []documents.Document) ([]byte, error) {
	var objects []manifest.Object
	for _, k := range kindsIn(golden) {
		group, _, _ := strings.Cut(k.apiVersion, "/")
		namespaced := strings.HasSuffix(group, ".m.upbound.io")
		if serviceOf(group) != service {
			continue
		}
		objects = append(objects, anything(k, namespaced && k.name != "ClusterProviderConfig", "crossplane", "managed"))
	}
	return append([]byte("\n---\n"), manifest.Stream(objects)...), nil
}

// anything is a definition that lets every field of a kind pass.
func anything(k kind, namespaced bool, categories ...any) manifest.Object {
	group, version, _ := strings.Cut(k.apiVersion, "/")
	scope := "Cluster"
	if namespaced {
		scope = "Namespaced"
	}
	object := manifest.New("apiextensions.k8s.io/v1", "CustomResourceDefinition", "", plural(k.name)+"."+group)
	open := map[string]any{"type": "object", "x-kubernetes-preserve-unknown-fields": true}
	object["spec"] = map[string]any{
		"group": group, "scope": scope,
		"names": map[string]any{"kind": k.name, "listKind": k.name + "List", "plural": plural(k.name), "singular": strings.ToLower(k.name), "categories": append([]any{}, categories...)},
		"versions": []any{map[string]any{
			"name": version, "served": true, "storage": true, "subresources": map[string]any{"status": map[string]any{}},
			"schema": map[string]any{"openAPIV3Schema": map[string]any{"type": "object", "properties": map[string]any{"spec": open, "status": open}}},
		}},
	}
	return object
}

// ofFlavour puts into what stands in for the chart of a flavour the definitions of the kinds that the fleet makes objects of: the
// project's own, in a folder of ProviderDefinitions, or open ones.
func ofFlavour(files map[string][]byte, chart string, golden []documents.Document) error {
	of := map[string]struct{ folder, group string }{
		"knative-operator": {"knative", "operator.knative.dev"},
		"kueue":            {"kueue", "kueue.x-k8s.io"},
	}[chart]
	for _, document := range golden {
		id := document.ID()
		name := plural(id.Kind) + "." + id.Group()
		if of.group == "" || id.Group() != of.group || files["crds/"+name+".yaml"] != nil {
			continue
		}
		file := filepath.Join(os.Getenv(ProviderDefinitions), of.folder, id.Group()+"_"+plural(id.Kind)+".yaml")
		text, err := definition(file)
		if errors.Is(err, fs.ErrNotExist) {
			text, err = manifest.Stream([]manifest.Object{anything(kind{id.APIVersion, id.Kind}, id.Namespace != "")}), nil
		}
		if err != nil {
			return err
		}
		files["crds/"+name+".yaml"] = text
	}
	return nil
}

// plural is how the providers' generator writes the plural of a kind.
func plural(kind string) string {
	word := strings.ToLower(kind)
	switch {
	case strings.HasSuffix(word, "s"):
		return word + "es"
	case strings.HasSuffix(word, "y") && !strings.ContainsAny(word[len(word)-2:len(word)-1], "aeiou"):
		return strings.TrimSuffix(word, "y") + "ies"
	default:
		return word + "s"
	}
}
