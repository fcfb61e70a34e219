package kustomize

import (
	"errors"
	"maps"
	"path"
	"slices"

	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/kio/kioutil"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"

	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"
)

// generatedDir is the folder, beside a kustomization file, in which kustomize finds what our generators made.
const generatedDir = ".spokewright-generated"

// kustomized builds a node with kustomize's library, which is shown a tree in which our functions have done their work.
// sort: in the order that the node asks for, else in the order in which objects are made.
func (b *Builder) kustomized(n *node, sort bool) ([]item, error) {
	files := virtual{}
	if err := b.rewrite(files, n, true); err != nil {
		return nil, err
	}
	items, err := b.krusty(files, n.dir)
	if err != nil {
		return nil, b.explain(n, err)
	}
	if len(n.transformers) == 0 {
		return items, nil
	}
	if items, err = b.transformAll(n, items); err != nil || !sort {
		return items, err
	}
	return b.sorted(n, items)
}

// rewrite puts a node's own kustomization file, and those below it, into files as kustomize is to see them.
func (b *Builder) rewrite(files virtual, n *node, top bool) error {
	if !top && len(n.transformers) > 0 {
		return b.replace(files, n)
	}
	for _, sub := range n.below() {
		if err := b.rewrite(files, sub, false); err != nil {
			return err
		}
	}
	fields := map[string]any{}
	if len(n.transformers) > 0 {
		fields["transformers"] = listed(n.kept.transformers)
		fields["sortOptions"] = map[string]string{"order": "fifo"} // the transformer comes first, then the order
	}
	if len(n.generators) > 0 {
		made, err := b.generateAll(n)
		if err != nil {
			return err
		}
		files.component(path.Join(n.dir, generatedDir), made)
		fields["generators"] = listed(n.kept.generators)
		// kustomize runs generators, and then components: the first one stands where ours, the last generators, stood.
		fields["components"] = append([]string{generatedDir}, n.spec.Components...)
	}
	n.spellOut(fields)
	if len(fields) == 0 {
		return nil
	}
	text, err := n.rewritten(fields)
	files[n.file] = text
	return err
}

// spellOut writes paths that look like a repository as paths that do not: kustomize would start git where anything is wrong
// with what they lead to.
func (n *node) spellOut(fields map[string]any) {
	for field, values := range map[string][]string{
		"resources": n.spec.Resources, "components": n.spec.Components, "generators": n.kept.generators,
		"transformers": n.kept.transformers, "validators": n.spec.Validators,
	} {
		if !slices.ContainsFunc(values, repository.MatchString) {
			continue
		}
		spelled := make([]string, len(values))
		for i, value := range values {
			if spelled[i] = value; repository.MatchString(value) {
				spelled[i] = "./" + value
			}
		}
		if field == "components" && fields["components"] != nil {
			spelled = append([]string{generatedDir}, spelled...)
		}
		fields[field] = spelled
		if field == "resources" {
			fields["bases"] = nil
		}
	}
}

// listed is a list for a kustomization file, or nothing.
func listed(values []string) any {
	if len(values) == 0 {
		return nil
	}
	return values
}

// generateAll gives what the node's generators make, as a file for kustomize.
func (b *Builder) generateAll(n *node) ([]byte, error) {
	var text []byte
	for _, c := range n.generators {
		objects, err := b.generate(c)
		if err != nil {
			return nil, err
		}
		for _, g := range objects {
			text = append(text, separator...)
			text = manifest.Append(text, g.marked())
		}
	}
	return text, nil
}

// Annotations that kustomize gives to what a function made, and takes away in the end.
const (
	hashMark     = konfig.ConfigAnnoDomain + "/needsHashSuffix"
	behaviorMark = konfig.ConfigAnnoDomain + "/generatorBehavior"
)

// marked is the object with kustomize's marks. A patch may rely on there being annotations.
func (g generated) marked() manifest.Object {
	id := manifest.Identify(g.object)
	meta := kyaml.ResourceMeta{TypeMeta: kyaml.TypeMeta{Kind: id.Kind}}
	meta.Name, meta.Namespace = id.Name, id.Namespace
	file := kioutil.CreatePathAnnotationValue("", meta)
	annotations := map[string]any{
		kioutil.PathAnnotation: file, kioutil.LegacyPathAnnotation: file, behaviorMark: types.BehaviorUnspecified.String(),
	}
	if g.hash {
		annotations[hashMark] = "enabled"
	}
	maps.Copy(annotations, annotationsOf(g.object))
	return annotated(g.object, annotations)
}

// annotate gives objects an annotation, one of kustomize's own that it takes away in the end: a function leaves such ones
// behind, and a patch may rely on there being annotations.
const annotate = `apiVersion: builtin
kind: AnnotationsTransformer
metadata: {name: annotate}
annotations: {config.kubernetes.io/path: objects.yaml}
fieldSpecs: [{path: metadata/annotations, create: true}]
`

// replace builds a base that ends in one of our transformers by itself, and shows kustomize its objects only. This is
// the same if the base leaves nothing for kustomize to finish in the kustomization that is built.
func (b *Builder) replace(files virtual, n *node) error {
	items, err := b.plain(n)
	if errors.Is(err, errNotPlain) {
		if unfinished := b.unfinished(n); unfinished != nil {
			return finding.At(n.transformers[0].at, finding.OverlayInvalid, "%s cannot be the end of a base with %v, which kustomize only finishes in the kustomization "+
				"that is built: list it last in the transformers there", n.transformers[0].kind, unfinished)
		}
		items, err = b.kustomized(n, false)
	}
	if err != nil {
		return err
	}
	var text []byte
	for _, it := range items {
		text = append(append(text, separator...), it.yaml...)
	}
	files[path.Join(n.dir, generatedDir, objectsFile)] = text
	files.kustomization(n.file, map[string]any{
		"resources":    []string{path.Join(generatedDir, objectsFile)},
		"transformers": []string{annotate},
	})
	return nil
}
