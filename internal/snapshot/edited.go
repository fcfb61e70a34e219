package snapshot

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/applicationset"
	"spokewright.dev/spokewright/internal/kustomize"
	"spokewright.dev/spokewright/internal/manifest"
)

// edited is a tree in which kustomize's file of a folder has the options of a source in it, as `kustomize edit` would write
// them.
func edited(tree fs.FS, folder string, options map[string]any) (fs.FS, error) {
	if len(options) == 0 {
		return tree, nil
	}
	for _, name := range []string{"kustomization.yaml", "kustomization.yml", "Kustomization"} {
		file := path.Join(folder, name)
		text, err := fs.ReadFile(tree, file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = kustomize.Vet(file, text)
		}
		if err == nil {
			text, err = editedText(text, options)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		return &overlaid{tree, file, text}, nil
	}
	return tree, nil // the build says what is missing
}

// overlaid is a tree with another text in one file.
type overlaid struct {
	fs.FS

	file string
	text []byte
}

func (o *overlaid) Open(name string) (fs.File, error) {
	file, err := o.FS.Open(name)
	if err != nil || name != o.file {
		return file, err
	}
	return &opened{file, bytes.NewReader(o.text)}, nil
}

func (o *overlaid) Lstat(name string) (fs.FileInfo, error) { return fs.Lstat(o.FS, name) }

func (o *overlaid) ReadLink(name string) (string, error) { return fs.ReadLink(o.FS, name) }

// opened is a file with another text.
type opened struct {
	fs.File

	text *bytes.Reader
}

func (o *opened) Read(to []byte) (int, error) { return o.text.Read(to) }

// editedText is a kustomization with the options of a source in it. Of labels, Argo CD can say where they stand.
func editedText(text []byte, options map[string]any) ([]byte, error) {
	documents, err := manifest.Objects(text)
	if err != nil || len(documents) > 1 {
		return nil, cmp.Or(err, errors.New("more than one document"))
	}
	k := map[string]any{}
	for _, document := range documents {
		k = document
	}
	for _, field := range []string{"namePrefix", "nameSuffix", "namespace"} {
		if value := manifest.TextAt(options, field); value != "" {
			k[field] = value
		}
	}
	var images []map[string]any
	for _, value := range manifest.ListAt(options, "images") {
		image, _ := value.(string)
		images = append(images, imageOf(image))
	}
	byName(k, "images", images)
	byName(k, "replicas", manifest.MapsAt(options, "replicas"))
	labels, _ := manifest.MapAt(options, "commonLabels")
	switch {
	case len(labels) == 0:
	case options["labelWithoutSelector"] == true:
		appended(k, "labels", []any{map[string]any{"pairs": labels, "includeTemplates": options["labelIncludeTemplates"] == true}})
	default:
		merged(k, "commonLabels", labels)
	}
	annotations, _ := manifest.MapAt(options, "commonAnnotations")
	merged(k, "commonAnnotations", annotations)
	appended(k, "patches", manifest.ListAt(options, "patches"))
	appended(k, "components", manifest.ListAt(options, "components"))
	return manifest.Append(nil, k), nil
}

// imageOf is an entry of images: from NAME:TAG, NAME@DIGEST, NAME=OTHER, and these together.
func imageOf(text string) map[string]any {
	name, other, renames := strings.Cut(text, "=")
	if !renames {
		other = text
	}
	entry := map[string]any{}
	other, digest, has := strings.Cut(other, "@")
	if has {
		entry["digest"] = digest
	} else if at := strings.LastIndexByte(other, ':'); at > strings.LastIndexByte(other, '/') {
		entry["newTag"], other = other[at+1:], other[:at]
	}
	if entry["name"] = other; renames {
		entry["name"], entry["newName"] = name, other
	}
	return entry
}

// byName puts elements into a list in the place of those with their names.
func byName(k map[string]any, field string, elements []map[string]any) {
	if len(elements) == 0 {
		return
	}
	list := slices.DeleteFunc(slices.Clone(manifest.ListAt(k, field)), func(old any) bool {
		return slices.ContainsFunc(elements, func(element map[string]any) bool {
			name, _ := manifest.Get(old, "name")
			return name == element["name"]
		})
	})
	for _, element := range elements {
		list = append(list, element)
	}
	k[field] = list
}

func appended(k map[string]any, field string, elements []any) {
	if len(elements) > 0 {
		k[field] = append(slices.Clone(manifest.ListAt(k, field)), elements...)
	}
}

func merged(k map[string]any, field string, values map[string]any) {
	if len(values) == 0 {
		return
	}
	before, _ := manifest.MapAt(k, field)
	all := maps.Clone(values)
	for name, value := range before {
		if _, there := all[name]; !there {
			all[name] = value
		}
	}
	k[field] = all
}

// named are the paths that the options of a source name.
func named(source applicationset.Source) []string {
	var paths []string
	add := func(value any) {
		if name, is := value.(string); is && name != "" && !path.IsAbs(name) {
			paths = append(paths, path.Join(source.Folder, name))
		}
	}
	for _, component := range manifest.ListAt(source.Options, "components") {
		add(component)
	}
	for _, patch := range manifest.MapsAt(source.Options, "patches") {
		add(patch["path"])
	}
	return paths
}
