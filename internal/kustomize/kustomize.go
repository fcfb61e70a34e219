package kustomize

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/openapi"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"

	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"
	"sigs.k8s.io/yaml"
)

// item is an object with the document that is printed for it.
type item struct {
	object manifest.Object
	yaml   []byte
	id     manifest.ID // as kustomize tells objects apart
}

// identify gives an object's ID as kustomize tells objects apart.
func identify(object manifest.Object) manifest.ID { return effective(manifest.Identify(object)) }

// identity is identify for an object of kustomize, which takes a number for a name, too.
func identity(res *resource.Resource) manifest.ID {
	return effective(manifest.ID{
		APIVersion: res.GetApiVersion(), Kind: res.GetKind(), Namespace: res.GetNamespace(), Name: res.GetName(),
	})
}

// effective gives an ID its effective namespace: none is the default one, and what is known to be cluster-wide has none.
func effective(id manifest.ID) manifest.ID {
	if id.Namespace == "" {
		id.Namespace = "default"
	}
	if openapi.IsCertainlyClusterScoped(kyaml.TypeMeta{APIVersion: id.APIVersion, Kind: id.Kind}) {
		id.Namespace = ""
	}
	return id
}

// ClusterWide says whether objects of a kind are known to stand outside of namespaces.
func ClusterWide(id manifest.ID) (is bool) {
	_ = schema.shared(func() error { // which fails as the function does
		is = openapi.IsCertainlyClusterScoped(kyaml.TypeMeta{APIVersion: id.APIVersion, Kind: id.Kind})
		return nil
	})
	return is
}

// made is the item of an object that kustomize did not print.
func made(object manifest.Object) item {
	return item{object, manifest.Append(nil, object), identify(object)}
}

// without is the item with an annotation taken away.
func (it item) without(annotation string) item {
	annotations := annotationsOf(it.object)
	if _, ok := annotations[annotation]; !ok {
		return it
	}
	annotations = maps.Clone(annotations)
	delete(annotations, annotation)
	return made(annotated(it.object, annotations))
}

// annotated is the object with other annotations; an empty map leaves no field, as in kustomize.
func annotated(object manifest.Object, annotations map[string]any) manifest.Object {
	metadata, ok := object["metadata"].(map[string]any)
	if !ok {
		return object // a list, which has none, or nothing that kustomize will accept
	}
	object, metadata = maps.Clone(object), maps.Clone(metadata)
	object["metadata"] = metadata
	if metadata["annotations"] = annotations; len(annotations) == 0 {
		delete(metadata, "annotations")
	}
	return object
}

// krusty builds a kustomization with kustomize's library, which finds no plugin, no process and no network to use.
func (b *Builder) krusty(v virtual, dir string) (items []item, err error) {
	defer caught(&err)
	schema.fresh()
	options := krusty.MakeDefaultOptions()
	options.Reorder = krusty.ReorderOptionUnspecified // the command line's default: what the kustomization says, or legacy
	options.PluginConfig = types.DisabledPluginConfig()
	var refused error
	objects, err := krusty.MakeKustomizer(options).Run(files{b.tree, v, &refused}, path.Join(mount, dir))
	switch {
	case err != nil && refused != nil:
		return nil, refused
	case err != nil:
		return nil, clean(err)
	}
	items = make([]item, 0, objects.Size())
	for _, res := range objects.Resources() {
		object, text, err := data(res)
		if err != nil {
			return nil, clean(err)
		}
		text, err = yaml.JSONToYAML(text) // with data, what resource.AsYAML does
		if found := unkept(object, text); found != nil {
			return nil, found
		}
		if err != nil {
			return nil, clean(err)
		}
		items = append(items, item{object, text, identity(res)})
	}
	return items, nil
}

// caught makes an error of a panic in kustomize's library: some odd input makes it panic.
func caught(err *error) {
	if panicked := recover(); panicked != nil {
		*err = clean(fmt.Errorf("kustomize: %v", panicked))
	}
}

// clean is what kustomize's library says as a finding, in one line and with paths in the tree instead of the mount.
func clean(err error) error {
	text := strings.ReplaceAll(strings.ReplaceAll(err.Error(), mount+"/", ""), mount, ".")
	return finding.Wrong(finding.OverlayFails, "%s", strings.Join(strings.Fields(text), " "))
}

// The longest message of kustomize's that is told: for a conflict of names it prints objects as a whole.
const longestReason = 400

// placed gives findings that have no file the place that they were met at.
func placed(err error, at finding.Position) error {
	found, failures := finding.Of(err)
	if len(failures) > 0 || len(found) == 0 {
		return err
	}
	found = slices.Clone(found)
	for i := range found {
		if found[i].File == "" {
			found[i].Position = at
		}
	}
	return found
}

// unreadable is about a file that kustomize does not understand. A YAML reader's message names the line.
func unreadable(at finding.Position, err error) error {
	if finding.IsInput(err) {
		return placed(err, at)
	}
	text := strings.TrimPrefix(strings.Join(strings.Fields(err.Error()), " "), "yaml: ")
	if number, rest, ok := strings.Cut(strings.TrimPrefix(text, "line "), ": "); ok && at.Line == 0 {
		if line, err := strconv.Atoi(number); err == nil {
			at.Line, text = line, rest
		}
	}
	return finding.At(at, finding.OverlayInvalid, "%s", finding.Shorten(text, longestReason))
}

// isolated builds a kustomization of nothing but one content.
func (b *Builder) isolated(content []byte) ([]item, error) {
	return b.krusty(only(content, map[string]string{"order": "fifo"}), onlyDir)
}

// onlyDir is a folder that is not in the tree.
const onlyDir = ".spokewright-objects"

// only puts a kustomization of nothing but objects into onlyDir.
func only(objects []byte, order any) virtual {
	v := virtual{path.Join(onlyDir, objectsFile): objects}
	v.kustomization(path.Join(onlyDir, kustomizationFile), map[string]any{"resources": []string{objectsFile}, "sortOptions": order})
	return v
}

// sorted gives items in the order that the node asks for. The library sorts in the end of a build only; the order depends
// on nothing but what objects are called, so it is asked to sort their bare names.
func (b *Builder) sorted(n *node, items []item) ([]item, error) {
	var names []byte
	known := make(map[manifest.ID]item, len(items))
	for _, it := range items {
		names = append(names, separator...)
		names = manifest.Append(names, manifest.New(it.id.APIVersion, it.id.Kind, manifest.Identify(it.object).Namespace, it.id.Name))
		known[it.id] = it
	}
	order, err := b.krusty(only(names, n.spec.SortOptions), onlyDir)
	if err != nil {
		return nil, err
	}
	list := make([]item, len(order))
	for i, name := range order {
		list[i] = known[name.id]
	}
	return list, nil
}
