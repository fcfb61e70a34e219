package kustomize

import (
	"errors"
	"strings"

	"spokewright.dev/spokewright/internal/manifest"
)

// printed are the objects of a resource file, as kustomize prints them. plain is false if there is more to them.
type printed struct {
	items []item
	plain bool
}

// errNotPlain says that the fast path does not apply. It never leaves the package.
var errNotPlain = errors.New("not plain")

// plain is the fast path: it builds a node without kustomize, or gives errNotPlain. It knows kustomizations that put
// objects one after the other and do nothing to them; kustomize's own work on such objects has no effect, which it has
// been asked to show for every content and every odd shape of object once.
func (b *Builder) plain(n *node) ([]item, error) {
	if b.always || !n.plain() {
		return nil, errNotPlain
	}
	all := collection{seen: map[manifest.ID]bool{}}
	for _, m := range n.members {
		items, err := b.member(m)
		if err != nil {
			return nil, err
		}
		all.add(items...)
	}
	for _, c := range n.generators {
		objects, err := b.generate(c)
		if err != nil {
			return nil, err
		}
		text := make([]byte, 0, usualSize*len(objects))
		for _, g := range objects {
			start := len(text)
			text = b.printer.Append(text, g.object)
			it := item{g.object, text[start:len(text):len(text)], identify(g.object)}
			if g.hash || !b.trusted(it) {
				return nil, errNotPlain
			}
			all.add(it)
		}
	}
	if all.repeated {
		return nil, errNotPlain
	}
	items := all.items
	for _, c := range n.transformers {
		result, err := b.transform(c, items)
		if err != nil {
			return nil, err
		}
		items = result.items
	}
	return items, nil
}

const usualSize = 1024 // bytes of one object

// collection gathers items and notices two with one identity.
type collection struct {
	items    []item
	seen     map[manifest.ID]bool
	repeated bool
}

func (c *collection) add(items ...item) {
	for _, it := range items {
		c.repeated = c.repeated || c.seen[it.id]
		c.seen[it.id] = true
		c.items = append(c.items, it)
	}
}

func (b *Builder) member(m member) ([]item, error) {
	if m.base != nil {
		return b.plain(m.base)
	}
	content, err := b.tree.read(m.file)
	if err != nil {
		return nil, err
	}
	p := b.printed.get(content, func() printed { return b.print(content) })
	if !p.plain {
		return nil, errNotPlain
	}
	return p.items, nil
}

// print asks kustomize what it prints for a resource file that stands alone. It prints the same in company as long as no
// object is annotated with instructions to kustomize, and no two have one identity.
func (b *Builder) print(content []byte) printed {
	read := b.configs(content)
	if read.err != nil {
		return printed{}
	}
	for _, c := range read.configs {
		for name := range annotationsOf(c.object) {
			if instructs(name) {
				return printed{}
			}
		}
	}
	items, err := b.isolated(content)
	return printed{items, err == nil}
}

// instructs says whether an annotation may mean something to kustomize.
func instructs(annotation string) bool {
	domain, _, _ := strings.Cut(annotation, "/")
	return strings.HasSuffix(domain, "config.kubernetes.io") || strings.HasSuffix(domain, "config.k8s.io")
}

// trusted says whether kustomize prints a generated object just as package manifest does.
func (b *Builder) trusted(it item) bool {
	object := it.object
	id := manifest.Identify(object)
	metadata, _ := object["metadata"].(map[string]any)
	if id.APIVersion == "" || id.Kind == "" || id.Name == "" || strings.HasSuffix(id.Kind, "List") {
		return false
	}
	if !texts(metadata, "labels") || !texts(metadata, "annotations") || !isText(metadata["namespace"]) {
		return false
	}
	strange := refersByName[id.Kind] || maybeOdd(it.yaml) && odd(object)
	for name := range annotationsOf(object) {
		if instructs(name) {
			return false
		}
		strange = strange || !ordinary(name)
	}
	if !strange {
		return true
	}
	outline := manifest.Append(nil, outline(object, "").(map[string]any))
	return b.shapes.get(outline, func() bool { return b.printsAlike(it.yaml) })
}

// printsAlike asks kustomize to print an object, and compares.
func (b *Builder) printsAlike(document []byte) bool {
	items, err := b.isolated(document)
	return err == nil && len(items) == 1 && string(items[0].yaml) == string(document)
}

// texts says whether a field is missing, or a mapping of strings.
func texts(metadata map[string]any, field string) bool {
	value, ok := metadata[field]
	if !ok {
		return true
	}
	mapping, ok := value.(map[string]any)
	for _, item := range mapping {
		ok = ok && item != nil && isText(item)
	}
	return ok
}

// isText says whether a value is missing or a string.
func isText(value any) bool {
	_, ok := value.(string)
	return ok || value == nil
}
