// Package bootstrap writes what makes a hub where there is none: a root of OpenTofu that Terragrunt runs, the same for every hub
// of a cloud, and beside it what one hub has of its own. It runs nothing, and makes no object that a hub manages.
package bootstrap

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

//go:embed clouds hub
var texts embed.FS

// Folder holds the roots of a fleet's hubs, a folder each.
const Folder = "bootstrap"

// Root is what makes a hub.
type Root struct {
	// Files are by their names in the folder of the hub.
	Files map[string][]byte
	// Resources are the addresses of all that is made, sorted.
	Resources []string
}

// Hub is what is known of a hub: its spec, the objects of its spoke plane, and the file that starts it once it has Argo CD.
type Hub struct {
	schema.Environment

	Plane []manifest.Object
	Start []byte
}

// Write gives the root of a hub. The error is Findings where its spec says too little.
func Write(hub Hub, state State) (Root, error) {
	if err := unfit(hub.Environment); err != nil {
		return Root{}, err
	}
	chart, err := argoCD(hub)
	if err != nil {
		return Root{}, err
	}
	files, err := static(hub.Cluster.Cloud)
	if err != nil {
		return Root{}, err
	}
	inputs := inputs(hub.Environment)
	inputs["argocd"] = chart.inputs
	files["terragrunt.hcl"] = terragrunt(hub.Name, state, inputs)
	files["argocd.yaml"] = chart.values
	local(files, "start", "what starts a hub that has Argo CD", hub.Start)
	if before := before(hub.Plane); len(before) > 0 {
		local(files, "before", "what the Pods of Argo CD wait for", manifest.Stream(before))
	}
	return Root{files, resources(files, inputs)}, nil
}

// unfit says what keeps an environment from being made as a hub.
func unfit(e schema.Environment) error {
	file := finding.Position{File: schema.SpecFile(e.Name)}
	switch {
	case e.Role != "hub":
		return finding.Findings{{Code: finding.WrongValue, Position: e.Written("role"), Path: finding.Tokens("role"), Message: fmt.Sprintf(`found %q, allowed is "hub": a spoke is made by its hub`, e.Role)}}
	case e.Cluster == nil:
		return finding.Findings{{Code: finding.MissingField, Position: file, Path: finding.Tokens("cluster"),
			Message: `missing: it says where the hub is made, such as cluster: {cloud: "aws", region: "eu-west-1", network: cidr: "10.8.0.0/16"}`}}
	}
	if _, known := e.Fleet.Accounts[e.Cluster.Account]; !known {
		return finding.Findings{{Code: finding.MissingField, Position: e.Written("cluster", "account"), Path: finding.Tokens("cluster", "account"),
			Message: fmt.Sprintf("fleet.cue has no account %s: the root names the one that the hub is made in", finding.Quote(e.Cluster.Account))}}
	}
	return nil
}

// static are the files that are the same for every hub of a cloud.
func static(cloud string) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, folder := range []string{"hub", "clouds/" + cloud} {
		entries, err := fs.ReadDir(texts, folder)
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			if files[entry.Name()], err = fs.ReadFile(texts, path.Join(folder, entry.Name())); err != nil {
				return nil, err
			}
		}
	}
	return files, nil
}

// chart is Argo CD as the hub's own Application has it.
type chart struct {
	inputs map[string]any
	values []byte
}

// argoCD finds the Application by which Argo CD looks after itself: what is installed first is the same.
func argoCD(hub Hub) (chart, error) {
	for _, object := range hub.Plane {
		id := manifest.Identify(object)
		source, _ := manifest.MapAt(object, "spec", "source")
		if id.Kind != "Application" || id.Namespace != "argocd" || id.Name != "argocd" || manifest.TextAt(source, "chart") == "" {
			continue
		}
		values := []byte(manifest.TextAt(source, "helm", "values"))
		if said, has := manifest.MapAt(source, "helm", "valuesObject"); has {
			values = manifest.Append(nil, said)
		}
		repository := manifest.TextAt(source, "repoURL")
		if !strings.Contains(repository, "://") {
			repository = "oci://" + repository
		}
		return chart{map[string]any{"release": manifest.TextAt(source, "helm", "releaseName"), "repository": repository,
			"chart": manifest.TextAt(source, "chart"), "version": manifest.TextAt(source, "targetRevision")}, values}, nil
	}
	return chart{}, finding.Findings{{Code: finding.Bases, Position: finding.Position{File: path.Join("overlays", hub.Name, string(schema.Spoke), "kustomization.yaml")},
		Message: "found no Application argocd with a chart in what this gives: bases/hub/controllers has it, and the root installs the same"}}
}

// before are the objects of Argo CD's own namespace that its Pods wait for: files for its plugins.
func before(plane []manifest.Object) []manifest.Object {
	var found []manifest.Object
	for _, object := range plane {
		if id := manifest.Identify(object); id.Namespace == "argocd" && id.Kind == "ConfigMap" {
			found = append(found, object)
		}
	}
	return found
}

// local writes a chart of objects as they are: what is in them is no template.
func local(files map[string][]byte, name, what string, objects []byte) {
	files[name+"/Chart.yaml"] = fmt.Appendf(nil, "apiVersion: v2\nname: %s\nversion: 0.0.0\ndescription: %s\n", name, what)
	files[name+"/objects.yaml"] = objects
	files[name+"/templates/objects.yaml"] = []byte("{{ .Files.Get \"objects.yaml\" }}\n")
}
