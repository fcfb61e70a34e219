package snapshot

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"strings"
	"sync"

	"spokewright.dev/spokewright/internal/applicationset"
	"spokewright.dev/spokewright/internal/change"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/kustomize"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/internal/revision"
)

// What one Application may be made of: bytes, and what each file or folder counts for at least.
const (
	mostBytes = 32 << 20
	leastSize = 4 << 10
)

// product is what an Application makes, before it is built.
type product struct {
	application change.Object
	sources     []applicationset.Source
	notes       finding.Findings // of what cannot be told
	digest      string           // of all that it is made of
	certain     bool             // that this is all
	wrong       error            // that it is made of too much, or of what cannot be read
	rendered    map[string]string
	unrendered  map[string]string // the digests of the files of sources that cannot be built
}

// product looks at the sources of an Application.
func (s *side) product(application change.Object) (*product, error) {
	m := &product{application: application, certain: true, rendered: map[string]string{}, unrendered: map[string]string{}}
	sources, notes := s.origin.Sources(application.Object)
	m.notes = notes
	destination, err := json.Marshal(application.Object["spec"].(map[string]any)["destination"])
	if err != nil {
		return nil, err
	}
	text := [][]byte{destination}
	for _, note := range notes {
		text = append(text, []byte(note.Message))
	}
	for _, source := range sources {
		if source.Folder != "" && !s.beside(source.Folder) {
			continue
		}
		m.sources = append(m.sources, source)
		digest, err := s.digest(source, m)
		if errors.Is(err, revision.ErrMissing) {
			return nil, err
		}
		if err != nil {
			m.certain, m.wrong = false, err
		}
		how, err := json.Marshal(source) //nolint:musttag // nobody reads it
		if err != nil {
			return nil, err
		}
		text = append(text, how, []byte(digest))
	}
	m.digest = string(bytes.Join(text, []byte("\x00")))
	return m, nil
}

// digest tells what a source is made of from anything else. A plain folder is made of no more than its manifests.
func (s *side) digest(source applicationset.Source, m *product) (string, error) {
	found := m.rendered
	if source.Unknown != "" {
		found = m.unrendered
	}
	w := walker{listings: s.repository, own: source.Folder, seen: map[string]bool{}, certain: true, found: found, left: mostBytes}
	for _, file := range source.Files {
		if err := w.walk(file, nil); err != nil {
			return "", err
		}
	}
	w.todo = named(source)
	if source.Kustomize || source.Unknown != "" && source.Folder != "" {
		if err := w.all(w.reach); err != nil {
			return "", err
		}
	}
	m.certain = m.certain && w.certain
	return w.text.String(), nil
}

// unknown says how many sources cannot be built.
func (m *product) unknown() (n int) {
	for _, source := range m.sources {
		if source.Unknown != "" {
			n++
		}
	}
	return n
}

// all are the digests of all files.
func (m *product) all() map[string]string {
	files := maps.Clone(m.rendered)
	maps.Copy(files, m.unrendered)
	return files
}

// build makes the objects of an Application as they are applied.
func (s *side) build(m *product) ([]change.Object, error) {
	if m.wrong != nil {
		return nil, m.wrong
	}
	collected := collection{namespace: manifest.TextAt(m.application.Object, "spec", "destination", "namespace"), at: map[manifest.ID]int{}}
	for _, source := range m.sources {
		if source.Unknown != "" {
			continue
		}
		key, err := json.Marshal(source) //nolint:musttag // nobody reads it
		if err != nil {
			return nil, err
		}
		known, _ := s.built.LoadOrStore(string(key), sync.OnceValues(func() ([]manifest.Object, error) { return s.objects(source) }))
		objects, err := known.(func() ([]manifest.Object, error))()
		if err != nil {
			return nil, err
		}
		for _, o := range objects {
			collected.add(o)
		}
	}
	all, _ := applicationset.Expanded(collected.objects, s.origin)
	return all, nil
}

// objects are those of one source, as they stand there. They are shared.
func (s *side) objects(source applicationset.Source) ([]manifest.Object, error) {
	if source.Kustomize {
		tree, err := edited(s.Repository, source.Folder, source.Options)
		if err != nil {
			return nil, err
		}
		result, err := kustomize.NewBuilder(tree, noFunction).Build(source.Folder)
		return result.Objects, err
	}
	var all []manifest.Object
	for _, file := range source.Files {
		text, err := fs.ReadFile(s.Repository, file)
		if err == nil {
			err = kustomize.Vet(file, text)
		}
		if err != nil {
			return nil, err
		}
		objects, err := manifest.Objects(text)
		if err != nil && !looksApplied(text) {
			continue // as Argo CD leaves it out
		}
		if err != nil {
			return nil, finding.At(finding.Position{File: file}, finding.Unreadable, "%v", err)
		}
		all = append(all, objects...)
	}
	return all, nil
}

// looksApplied says whether a text that cannot be read is meant for the cluster, as Argo CD tells.
func looksApplied(text []byte) bool {
	return bytes.Contains(text, []byte("apiVersion:")) && bytes.Contains(text, []byte("kind:")) && bytes.Contains(text, []byte("metadata:"))
}

func noFunction(config manifest.Object, _ string, _ []manifest.Object) ([]manifest.Object, error) {
	return nil, finding.Wrong(finding.OverlayRemote, "the function %s runs in the overlays of environments alone", manifest.Identify(config).Kind)
}

// collection are the objects of one Application, each once: of two with one name Argo CD takes the last.
type collection struct {
	namespace string
	objects   []change.Object
	at        map[manifest.ID]int
}

// add takes an object, or those of a list, to where the Application puts it.
func (c *collection) add(o manifest.Object) {
	id := manifest.Identify(o)
	if items := manifest.ListAt(o, "items"); strings.HasSuffix(id.Kind, "List") && items != nil {
		for _, item := range items {
			if object, is := item.(map[string]any); is {
				c.add(object)
			}
		}
		return
	}
	if id.Kind == "" {
		return
	}
	metadata, _ := o["metadata"].(map[string]any)
	placed := maps.Clone(metadata)
	if placed == nil {
		placed = map[string]any{}
	}
	if id.Namespace == "" && c.namespace != "" && !kustomize.ClusterWide(id) {
		placed["namespace"] = c.namespace
	}
	if prefix := manifest.TextAt(o, "metadata", "generateName"); id.Name == "" && prefix != "" {
		placed["name"] = prefix + "*"
	}
	o = maps.Clone(o)
	o["metadata"] = placed
	id = manifest.Identify(o)
	if at, twice := c.at[id]; twice {
		c.objects[at].Object = o
		return
	}
	c.at[id] = len(c.objects)
	c.objects = append(c.objects, change.Object{Object: o})
}
