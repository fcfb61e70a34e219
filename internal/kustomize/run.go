package kustomize

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/kio/kioutil"
	"spokewright.dev/spokewright/internal/manifest"
)

// Annotations by which a generator tells kustomize what to do with an object.
const (
	hashAnnotation     = "kustomize.config.k8s.io/needs-hash"
	behaviorAnnotation = "kustomize.config.k8s.io/behavior"
)

// generated is an object that a generator made. hash: its name gets a hash of its content.
type generated struct {
	object manifest.Object
	hash   bool
}

// generate runs one of our generators, once.
func (b *Builder) generate(c *call) ([]generated, error) {
	if c.made != nil {
		return c.made, nil
	}
	objects, err := b.run(c.config, c.dir, nil)
	if err != nil {
		return nil, c.fail(err)
	}
	list := make([]generated, len(objects))
	seen := make(map[manifest.ID]bool, len(objects))
	for i, object := range objects {
		if list[i], err = accept(object); err != nil {
			return nil, c.refuse(err)
		}
		id := identify(list[i].object)
		if seen[id] {
			return nil, c.refuse(fmt.Errorf("made %s twice", manifest.Identify(object)))
		}
		seen[id] = true
	}
	c.made = list
	return list, nil
}

// accept does what kustomize does with an object that comes out of a function: it reads and drops its own annotations.
func accept(object manifest.Object) (generated, error) {
	if id := manifest.Identify(object); id.Kind == "" || id.Name == "" && !strings.HasSuffix(id.Kind, "List") {
		return generated{}, fmt.Errorf("made an object without kind or name: %v", object)
	}
	annotations := annotationsOf(object)
	g := generated{object: bare(object, hashAnnotation, behaviorAnnotation)}
	if asked, ok := annotations[hashAnnotation].(string); ok {
		hash, err := strconv.ParseBool(asked)
		if err != nil {
			return g, fmt.Errorf("%s: annotation %s: %q is neither true nor false", manifest.Identify(object), hashAnnotation, asked)
		}
		if kind := object["kind"]; hash && kind != "ConfigMap" && kind != "Secret" {
			return g, fmt.Errorf("%s: annotation %s: in-process only ConfigMaps and Secrets can have a hash in their name",
				manifest.Identify(object), hashAnnotation)
		}
		g.hash = hash
	}
	behavior, _ := annotations[behaviorAnnotation].(string)
	switch types.NewGenerationBehavior(behavior) {
	case types.BehaviorMerge, types.BehaviorReplace:
		return g, fmt.Errorf("%s: annotation %s: only a process of kustomize can %s objects",
			manifest.Identify(object), behaviorAnnotation, behavior)
	}
	return g, nil
}

func annotationsOf(object manifest.Object) map[string]any {
	metadata, _ := object["metadata"].(map[string]any)
	annotations, _ := metadata["annotations"].(map[string]any)
	return annotations
}

// pipeline are the annotations with which kustomize tells objects apart while a function has them. It removes them all.
var pipeline = []string{
	kioutil.PathAnnotation, kioutil.IndexAnnotation, kioutil.SeqIndentAnnotation, kioutil.IdAnnotation,
	kioutil.InternalAnnotationsMigrationResourceIDAnnotation,
	kioutil.LegacyPathAnnotation, kioutil.LegacyIndexAnnotation, kioutil.LegacyIdAnnotation,
}

// bare is the object without the annotations of the pipeline, and without more.
func bare(object manifest.Object, more ...string) manifest.Object {
	annotations := annotationsOf(object)
	if annotations == nil {
		return object
	}
	left := make(map[string]any, len(annotations))
	for name, value := range annotations {
		if !slices.Contains(pipeline, name) && !slices.Contains(more, name) {
			left[name] = value
		}
	}
	if len(left) == len(annotations) && len(left) > 0 {
		return object
	}
	return annotated(object, left)
}

// outcome is what a transformer made of the objects it was given.
type outcome struct {
	items   []item // those that were given in their old order, then new ones
	dropped []item
	touched []manifest.Object // changed or new
}

// transform runs one of our transformers.
func (b *Builder) transform(c *call, items []item) (outcome, error) {
	out, err := b.run(c.config, c.dir, objectsOf(items))
	if err != nil {
		return outcome{}, c.fail(err)
	}
	ids, came, err := tell(out, items)
	if err != nil {
		return outcome{}, c.refuse(err)
	}
	var result outcome
	for _, it := range items {
		object, ok := came[it.id]
		delete(came, it.id)
		switch {
		case !ok:
			result.dropped = append(result.dropped, it)
		case address(object) == address(it.object):
			result.items = append(result.items, it)
		default:
			err = errors.Join(err, b.add(&result, object))
		}
	}
	for _, id := range ids {
		if object, isNew := came[id]; isNew {
			err = errors.Join(err, b.add(&result, object))
		}
	}
	if err != nil {
		return outcome{}, c.refuse(err)
	}
	return result, nil
}

// add adds an object that a transformer changed or made, as kustomize prints it.
func (b *Builder) add(o *outcome, object manifest.Object) error {
	o.touched = append(o.touched, object)
	if it := made(bare(object)); !b.always && b.trusted(it) {
		o.items = append(o.items, it)
		return nil
	}
	printed, err := b.isolated(manifest.Append(nil, object))
	o.items = append(o.items, printed...)
	return err
}

// tell gives the identities of objects, in order, and the objects by identity.
func tell(objects []manifest.Object, items []item) ([]manifest.ID, map[manifest.ID]manifest.Object, error) {
	given := make(map[uintptr]manifest.ID, len(items))
	for _, it := range items {
		given[address(it.object)] = it.id
	}
	ids := make([]manifest.ID, len(objects))
	byID := make(map[manifest.ID]manifest.Object, len(objects))
	for i, object := range objects {
		id, ok := given[address(object)]
		if !ok {
			id = identify(object)
		}
		if id.Kind == "" || id.Name == "" {
			return nil, nil, fmt.Errorf("gave an object without kind or name: %v", object)
		}
		if _, twice := byID[id]; twice {
			return nil, nil, fmt.Errorf("gave %s twice", manifest.Identify(object))
		}
		ids[i], byID[id] = id, object
	}
	return ids, byID, nil
}

// address tells whether two objects are one and the same map, and so have one content.
func address(object manifest.Object) uintptr { return reflect.ValueOf(object).Pointer() }

func objectsOf(items []item) []manifest.Object {
	objects := make([]manifest.Object, len(items))
	for i, it := range items {
		objects[i] = it.object
	}
	return objects
}

// transformAll runs the node's transformers on what kustomize made of the rest of it. kustomize would run them before it
// finishes names and references, and this must make no difference.
func (b *Builder) transformAll(n *node, items []item) ([]item, error) {
	unfinished := b.unfinished(n)
	for _, c := range n.transformers {
		result, err := b.transform(c, items)
		if err != nil {
			return nil, err
		}
		items = result.items
		if unfinished == nil {
			continue
		}
		if err := n.late(result); err != nil {
			return nil, c.refuse(fmt.Errorf("%w, beside %w, which kustomize only finishes after it", err, unfinished))
		}
	}
	return items, nil
}

// late says what a transformer did that comes too late now that kustomize has finished names and references: it dropped
// what others may refer to, or touched what may refer to others or be called by a hash of its content.
func (n *node) late(o outcome) error {
	anything := n.every(func(n *node) error {
		if len(n.spec.Vars)+len(n.spec.Configurations)+len(n.spec.Crds) > 0 {
			return errors.New("references may be anywhere")
		}
		return nil
	}) != nil
	for _, object := range o.touched {
		id := manifest.Identify(object)
		if anything || refersByName[id.Kind] || id.Kind == "ConfigMap" || id.Kind == "Secret" {
			return fmt.Errorf("changes %s", id)
		}
	}
	for _, it := range o.dropped {
		if id := manifest.Identify(it.object); mentioned(id.Name, o.items, anything) || n.variable(id.Kind) {
			return fmt.Errorf("drops %s, which others may refer to", id)
		}
	}
	return nil
}

// variable says whether a variable takes its value from an object of a kind.
func (n *node) variable(kind string) bool {
	return n.every(func(n *node) error {
		if slices.ContainsFunc(n.spec.Vars, func(v types.Var) bool { return v.ObjRef.Kind == kind }) {
			return errors.New("there is one")
		}
		return nil
	}) != nil
}

// mentioned says whether a name stands in an object, other than where the object says what itself is called. Labels and
// the like are looked at only where names may stand anywhere.
func mentioned(name string, items []item, anywhere bool) bool {
	for _, it := range items {
		for field, value := range it.object {
			if field != "metadata" && holds(value, name) {
				return true
			}
		}
		metadata, _ := it.object["metadata"].(map[string]any)
		for field, value := range metadata {
			if (field == "annotations" || anywhere && field != "name") && holds(value, name) {
				return true
			}
		}
	}
	return false
}

func holds(value any, text string) bool {
	switch v := value.(type) {
	case string:
		return v == text
	case []any:
		return slices.ContainsFunc(v, func(item any) bool { return holds(item, text) })
	case map[string]any:
		for _, item := range v {
			if holds(item, text) {
				return true
			}
		}
	}
	return false
}
