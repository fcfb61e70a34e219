package argocd

import (
	"path"
	"slices"
	"strings"

	"spokewright.dev/spokewright/schema"
)

// PluginName is the name of the config management plugin that delivers overlays.
const PluginName = "spokewright-v1"

// Source is where Argo CD reads a plane of an environment: the rendered file, or the overlay through the plugin.
func Source(f *schema.FleetConfig, environment string, plane schema.Plane) map[string]any {
	source := map[string]any{"repoURL": f.Repository.URL, "targetRevision": f.Repository.Revision}
	if f.Delivery == "plugin" {
		source["path"] = f.Repository.Within(path.Join("overlays", environment, string(plane)))
		source["plugin"] = map[string]any{"name": PluginName}
		return source
	}
	source["path"] = f.Repository.Within(path.Join("golden", environment))
	source["directory"] = map[string]any{"include": string(plane) + ".yaml"}
	return source
}

// SourcesAnnotation is where Argo CD looks for the files and folders, from the repository's root, that an Application is
// rendered from. It renders again only when one of them changes.
const SourcesAnnotation = "argocd.argoproj.io/manifest-generate-paths"

// Sources is the annotation with what an environment's planes are rendered from. Through the plugin that is its overlays,
// the bases, and the specs that it reads: a hub lists all environments, others know none but themselves.
func Sources(f *schema.FleetConfig, environment, role string) map[string]string {
	paths := []string{path.Join("golden", environment)}
	if f.Delivery == "plugin" {
		specs := []string{schema.FleetFile, schema.SpecFile(environment), schema.NamesFile(environment)}
		if role == "hub" {
			specs = []string{schema.Folder}
		}
		paths = slices.Concat(specs, []string{"bases", path.Join("overlays", environment)})
	}
	for i, inside := range paths {
		paths[i] = "/" + f.Repository.Within(inside)
	}
	return map[string]string{SourcesAnnotation: strings.Join(paths, ";")}
}
