package plugin

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/argocd"
	"spokewright.dev/spokewright/internal/krm"
	"spokewright.dev/spokewright/internal/limitfs"
	"spokewright.dev/spokewright/internal/render"
	"spokewright.dev/spokewright/schema"
)

// Paths are the files and folders that an environment's planes are rendered from, found by rendering them: the
// environment's overlays, the specs that it reads, and each other folder of which a file was read. missed are those that
// its Applications do not carry: when they change, Argo CD does not notice.
func Paths(tree fs.FS, name string) (paths, missed []string, err error) {
	reader, err := schema.NewReader()
	if err != nil {
		return nil, nil, err
	}
	e, err := krm.Tree{Reader: reader, FS: tree}.File(".", schema.SpecFile(name))
	if err != nil {
		return nil, nil, err
	}
	counted := limitfs.New(tree, Limits())
	for _, target := range render.Targets([]string{name}) {
		if _, err := Generate(counted, target); err != nil {
			return nil, nil, err
		}
	}
	found := map[string]bool{}
	for _, file := range counted.Seen() {
		found[within(file, name)] = true
	}
	if e.Role == "hub" { // it lists all environments, and those to come
		found["/"+schema.Folder] = true
	}
	paths = outermost(found)
	for i, inside := range paths {
		paths[i] = path.Join("/", e.Fleet.Repository.Within(inside))
	}
	if e.Fleet.Delivery == "plugin" {
		missed = uncovered(paths, argocd.Sources(e.Fleet, name, e.Role)[argocd.SourcesAnnotation])
	}
	return paths, missed, nil
}

// within is what stands in the annotation for a file.
func within(file, name string) string {
	overlay := path.Join(render.Overlays, name)
	switch dir := path.Dir(file); {
	case dir == schema.Folder:
		return "/" + file
	case dir == overlay || strings.HasPrefix(dir, overlay+"/"):
		return "/" + overlay
	default:
		return path.Join("/", dir)
	}
}

// outermost leaves out what is in a folder of the set, and sorts the rest.
func outermost(paths map[string]bool) []string {
	var left []string
	for p := range paths {
		above := path.Dir(p)
		for above != "/" && !paths[above] {
			above = path.Dir(above)
		}
		if !paths[above] || p == "/" {
			left = append(left, p)
		}
	}
	slices.Sort(left)
	return left
}

// uncovered are the paths that an annotation neither names nor has a folder of.
func uncovered(paths []string, annotation string) []string {
	carried := strings.Split(annotation, ";")
	return slices.DeleteFunc(slices.Clone(paths), func(p string) bool {
		return slices.ContainsFunc(carried, func(c string) bool { return p == c || strings.HasPrefix(p, c+"/") })
	})
}
