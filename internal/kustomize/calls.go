package kustomize

import (
	"errors"
	"path"

	"sigs.k8s.io/kustomize/api/konfig"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
)

func (w *walker) generators(n *node, trail []string) (err error) {
	entries := n.entries(n.file, n.spec.Generators, "generators")
	n.generators, n.kept.generators, err = w.calls(n, entries, trail)
	return err
}

func (w *walker) transformers(n *node, trail []string) (err error) {
	entries := n.entries(n.file, n.spec.Transformers, "transformers")
	n.transformers, n.kept.transformers, err = w.calls(n, entries, trail)
	if err == nil && len(n.transformers) > 0 && len(n.spec.Validators) > 0 {
		return finding.At(n.transformers[0].at, finding.OverlayInvalid, "validators beside %s: they would judge objects that it has not seen", n.transformers[0].kind)
	}
	return err
}

func (w *walker) validators(n *node, trail []string) error {
	ours, _, err := w.calls(n, n.entries(n.file, n.spec.Validators, "validators"), trail)
	if err == nil && len(ours) > 0 {
		return finding.At(ours[0].at, finding.OverlayInvalid, "validators: kustomize breaks functions there that hand objects on: list %s last in transformers", ours[0].kind)
	}
	return err
}

// calls sorts the entries of a list of functions into ours, in the order in which kustomize runs them, and the rest.
// kustomize runs configs that are written inline before those in files and folders. Ours must be the last.
func (w *walker) calls(n *node, entries []entry, trail []string) (ours []*call, rest []string, err error) {
	var inline, elsewhere []entry
	for _, e := range entries {
		if w.configs([]byte(e.value)).err == nil {
			inline = append(inline, e)
		} else {
			elsewhere = append(elsewhere, e)
		}
	}
	seen := map[manifest.ID]finding.Position{}
	for _, e := range append(inline, elsewhere...) {
		found, err := w.functionConfigs(n, e, trail)
		if err != nil {
			return nil, nil, err
		}
		for _, c := range found {
			id := identify(c.object)
			if first, twice := seen[id]; twice {
				return nil, nil, finding.At(c.at, finding.OverlayInvalid, "%s: %s %s is here again, first %s", e.field, c.kind, c.name, first)
			}
			seen[id] = c.at
		}
		mine, err := split(n, e, found)
		if err != nil {
			return nil, nil, err
		}
		if len(mine) == 0 {
			rest = append(rest, e.value)
		}
		if len(mine) == 0 && len(ours) > 0 && len(found) > 0 {
			return nil, nil, finding.At(ours[0].at, finding.OverlayInvalid, "%s: %s comes before a plugin of kustomize; Spokewright's functions must be the last", e.field, ours[0].kind)
		}
		ours = append(ours, mine...)
	}
	return ours, rest, nil
}

// located is a functionConfig with its place.
type located struct {
	config
	at finding.Position
}

// split gives the calls that an entry stands for: all of its configs are ours, or none.
func split(n *node, e entry, found []located) ([]*call, error) {
	var ours []*call
	for _, c := range found {
		if err := c.foreign(c.at); err != nil {
			return nil, err
		}
		if c.group == Group {
			ours = append(ours, &call{at: c.at, dir: n.dir, kind: c.kind, name: c.name, config: c.object})
		}
	}
	if len(ours) > 0 && len(ours) < len(found) {
		return nil, finding.At(e.at, finding.OverlayInvalid, "%s: Spokewright's functions and plugins of kustomize in one entry; give each its own", e.field)
	}
	return ours, nil
}

// functionConfigs reads the configs of an entry: inline text, a file, or a folder that is a kustomization of configs.
func (w *walker) functionConfigs(n *node, e entry, trail []string) ([]located, error) {
	if inline := w.configs([]byte(e.value)); inline.err == nil {
		return put(inline.configs, "", e.at), nil
	}
	actual, folder, err := w.locate(n, e)
	if err != nil {
		return nil, err
	}
	if folder {
		return w.folderOfConfigs(n, actual, e, trail)
	}
	content, err := w.tree.read(actual)
	if err != nil {
		return nil, err
	}
	read := w.configs(content)
	if read.err != nil {
		return nil, unreadable(finding.Position{File: actual}, read.err)
	}
	return put(read.configs, actual, e.at), nil
}

// put gives each config its line in a file. Without a file all are where their entry is.
func put(configs []config, file string, entry finding.Position) []located {
	list := make([]located, len(configs))
	for i, c := range configs {
		list[i] = located{c, entry}
		if file != "" {
			list[i].at = finding.Position{File: file, Line: c.line}
		}
	}
	return list
}

// folderOfConfigs builds a folder of functionConfigs as a kustomization of its own.
func (w *walker) folderOfConfigs(n *node, dir string, e entry, trail []string) ([]located, error) {
	sub, err := w.enter(dir, e, trail)
	if err != nil {
		return nil, err
	}
	items, err := w.plain(sub)
	if errors.Is(err, errNotPlain) {
		if !w.thorough {
			w.unfinished = true
			return nil, nil
		}
		items, err = w.unlocal(sub)
	}
	if err != nil {
		return nil, err
	}
	var list []located
	for _, it := range items {
		read := w.configs(it.yaml)
		if read.err != nil {
			return nil, unreadable(finding.Position{File: sub.file}, read.err)
		}
		list = append(list, put(read.configs, "", finding.Position{File: sub.file})...)
	}
	if len(list) > 0 && list[0].group != Group {
		n.others = append(n.others, sub)
	}
	return list, nil
}

// unlocal builds a kustomization of functionConfigs. These often carry the annotation that keeps them out of a build's
// result, and kustomize does not drop them where it looks for functions; a kustomization around theirs sets it to false.
func (b *Builder) unlocal(sub *node) ([]item, error) {
	const around = ".spokewright-configs"
	files := virtual{}
	if err := b.rewrite(files, sub, false); err != nil {
		return nil, err
	}
	files.kustomization(path.Join(around, kustomizationFile), map[string]any{
		"resources":         []string{path.Join("..", sub.dir)},
		"commonAnnotations": map[string]string{konfig.IgnoredByKustomizeAnnotation: "false"},
		"sortOptions":       map[string]string{"order": "fifo"},
	})
	items, err := b.krusty(files, around)
	for i := range items {
		items[i] = items[i].without(konfig.IgnoredByKustomizeAnnotation)
	}
	return items, err
}
