package kustomize

import (
	"bytes"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/api/types"
	k8syaml "sigs.k8s.io/yaml"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
)

// node is a kustomization of the tree with all that it refers to, found and judged.
type node struct {
	*kustomization
	dir, file string // resolved folder; the kustomization file in it

	members    []member // resources, in order
	components []*node
	others     []*node // kustomizations that only hold the configs of builtin plugins

	generators   []*call // ours, the last ones that kustomize runs, in its order
	transformers []*call // likewise
	kept         kept    // entries that stay for kustomize
}

// member is an entry of resources: a file, or the kustomization in a folder.
type member struct {
	file string
	base *node
}

// kept are the entries of generators and transformers that are not ours.
type kept struct {
	generators, transformers []string
}

// call is one run of one of our functions.
type call struct {
	at         finding.Position
	dir        string
	kind, name string
	config     manifest.Object
	made       []generated // by a generator that has run
}

// fail is the error of the function itself. What it finds and has no place for is at its functionConfig.
func (c *call) fail(err error) error {
	if finding.IsInput(err) {
		return placed(err, c.at)
	}
	return fmt.Errorf("%s: %s %s: %w", c.at, c.kind, c.name, err)
}

// refuse is about what the function gave, which cannot go on.
func (c *call) refuse(reason error) error {
	if finding.IsInput(reason) {
		return placed(reason, c.at)
	}
	return finding.At(c.at, finding.OverlayInvalid, "%s %s: %v", c.kind, c.name, reason)
}

// below are the kustomizations that the node refers to.
func (n *node) below() []*node {
	below := slices.Concat(n.components, n.others)
	for _, m := range n.members {
		if m.base != nil {
			below = append(below, m.base)
		}
	}
	return below
}

// every visits the node and all nodes below it until one gives an error.
func (n *node) every(visit func(*node) error) error {
	if err := visit(n); err != nil {
		return err
	}
	for _, sub := range n.below() {
		if err := sub.every(visit); err != nil {
			return err
		}
	}
	return nil
}

// ours says whether any of our functions runs in the node or below it.
func (n *node) ours() bool {
	return len(n.generators)+len(n.transformers) > 0 || slices.ContainsFunc(n.below(), (*node).ours)
}

// fifo says whether objects are printed in the order in which they are made. It counts for the node that is built only.
func (n *node) fifo() bool {
	order := n.spec.SortOptions
	return order != nil && order.Order == types.FIFOSortOrder && order.LegacySortOptions == nil
}

// plainFields are the fields, in lower case, of a kustomization that the fast path understands.
var plainFields = map[string]bool{
	"apiversion": true, "kind": true, "metadata": true, "resources": true, "generators": true, "transformers": true,
	"sortoptions": true,
}

// plain says whether the fast path understands the node's own file.
func (n *node) plain() bool {
	for field := range n.data {
		if !plainFields[strings.ToLower(field)] {
			return false
		}
	}
	return n.spec.Kind == types.KustomizationKind && len(n.kept.generators)+len(n.kept.transformers) == 0
}

// localFields are the fields whose work is done where they stand. All others leave something that kustomize finishes only
// in the kustomization that is built: hashes, references to renamed objects, variables.
var localFields = map[string]bool{
	"bases": true, "commonannotations": true, "commonlabels": true, "components": true, "images": true, "imagetags": true,
	"labels": true, "patches": true, "patchesjson6902": true, "patchesstrategicmerge": true, "replacements": true, "replicas": true,
}

// unfinished names what in the node or below it kustomize finishes only in the kustomization that is built.
func (b *Builder) unfinished(n *node) error {
	return n.every(func(n *node) error {
		for _, field := range slices.Sorted(maps.Keys(n.data)) {
			name := strings.ToLower(field)
			if !plainFields[name] && !localFields[name] {
				at := n.find(field)
				at.File = n.file
				return fmt.Errorf("%s (%s)", field, at)
			}
		}
		if len(n.kept.generators)+len(n.kept.transformers) > 0 {
			return fmt.Errorf("a builtin plugin (%s)", n.file)
		}
		for _, c := range n.generators {
			if slices.ContainsFunc(c.made, func(g generated) bool { return g.hash }) {
				return fmt.Errorf("a name with a hash (%s)", c.at)
			}
		}
		for field, patches := range map[string][]types.Patch{"patches": n.spec.Patches, "patchesJson6902": n.spec.PatchesJson6902} {
			for i, patch := range patches {
				if !b.keepsNames(n, patch) {
					return fmt.Errorf("%s[%d] (%s)", field, i, n.file)
				}
			}
		}
		return nil
	})
}

// keepsNames says whether a patch leaves what kustomize tells objects apart by alone. Others make it keep former names.
func (b *Builder) keepsNames(n *node, patch types.Patch) bool {
	text := []byte(patch.Patch)
	if patch.Path != "" {
		actual, _, err := b.tree.stat(n.dir, path.Join(n.dir, patch.Path))
		if err != nil {
			return false
		}
		if text, err = b.tree.read(actual); err != nil {
			return false
		}
	}
	return patch.Options == nil && (b.configs(text).err == nil || operatesOnContent(text))
}

// operatesOnContent says whether a text is a JSON patch, of which no operation is about what an object is called or about
// annotations that are kustomize's own.
func operatesOnContent(text []byte) bool {
	var operations []struct{ Path, From string }
	own := bytes.Contains(text, []byte("config.kubernetes.io")) || bytes.Contains(text, []byte("config.k8s.io"))
	if err := k8syaml.Unmarshal(text, &operations); err != nil || len(operations) == 0 || own {
		return false
	}
	for _, operation := range operations {
		if !isContent(operation.Path) || operation.From != "" && !isContent(operation.From) {
			return false
		}
	}
	return true
}

// isContent says whether a JSON pointer leads to a part of an object that does not say what it is called.
func isContent(pointer string) bool {
	steps := strings.Split(pointer, "/")
	switch {
	case len(steps) < 2 || steps[1] == "" || steps[1] == "apiVersion" || steps[1] == "kind":
		return false
	case steps[1] == "metadata":
		return len(steps) > 2 && (steps[2] == "labels" || steps[2] == "annotations")
	}
	return true
}
