package schema

import "path"

// PluginName is the name of the config management plugin that delivers overlays.
const PluginName = "spokewright-v1"

// Source is where Argo CD reads a plane of an environment: the rendered file, or the overlay through the plugin.
func (f *Fleet) Source(environment string, plane Plane) map[string]any {
	source := map[string]any{"repoURL": f.Repository.URL, "targetRevision": f.Repository.Revision}
	if f.Delivery == "plugin" {
		source["path"] = path.Join("overlays", environment, string(plane))
		source["plugin"] = map[string]any{"name": PluginName}
		return source
	}
	source["path"] = path.Join("golden", environment)
	source["directory"] = map[string]any{"include": string(plane) + ".yaml"}
	return source
}

// Sources is the annotation with the folders that an environment's planes are rendered from, so that Argo CD renders
// again only when they change.
func Sources(f *Fleet, environment string) map[string]string {
	const name = "argocd.argoproj.io/manifest-generate-paths"
	if f.Delivery == "plugin" {
		return map[string]string{name: "/environments;/bases;/overlays/" + environment}
	}
	return map[string]string{name: "/golden/" + environment}
}
