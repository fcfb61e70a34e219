package mutability

import (
	"encoding/json"
	"strings"

	"spokewright.dev/spokewright/internal/manifest"
)

// Workspace is what an environment says of a workspace, read from the object that Spokewright writes for it; nothing where
// it is another's.
func Workspace(object manifest.Object) map[string]any {
	var root struct {
		Module map[string]map[string]any `json:"module"`
		Output map[string]any            `json:"output"`
	}
	module := manifest.TextAt(object, "spec", "forProvider", "module")
	if json.Unmarshal([]byte(module), &root) != nil || root.Module["workspace"] == nil {
		return nil
	}
	variables := root.Module["workspace"]
	source, _ := variables["source"].(string)
	source, revision, _ := strings.Cut(source, "?ref=")
	said := map[string]any{
		"id":       manifest.TextAt(object, "metadata", "annotations", "crossplane.io/external-name"),
		"source":   source,
		"revision": revision,
		"version":  variables["version"],
	}
	delete(variables, "source")
	delete(variables, "version")
	said["variables"], said["outputs"] = variables, root.Output
	return said
}

// workspaces are run by OpenTofu, which is the same on every cloud: what a module makes of its variables is the module's.
func workspaces() []Entry {
	const kind, crd = "Workspace", "workspaces.opentofu.m.upbound.io"
	const plan = "OpenTofu applies what the module makes of it: that may replace things, as its plan says"
	entry := func(field string, cases ...Case) Entry {
		return Entry{Kind: kind, Field: field, Clouds: Clouds(), Cases: cases}
	}
	module := definition(crd, "module", "the root module, in which the environment's workspace calls its module")
	return []Entry{
		entry("id", Case{
			Effect: Recreate, Why: "its state is kept under the id: under another one, everything that the module made is made a second time, and nobody deletes the first",
			Instead: "keep the id", Sources: []Source{report("https://github.com/upbound/provider-opentofu/blob/main/internal/controller/namespaced/workspace/workspace.go",
				"the workspace of OpenTofu is called as the external name says")}}),
		entry("source",
			Case{When: anotherModule(), Effect: Recreate, Why: "OpenTofu deletes what the old module made and the new one does not name",
				Instead: "make another workspace beside it, move what is needed, and take the old one away", Sources: []Source{module}},
			Case{Effect: InPlace, Why: plan, Sources: []Source{module}}),
		entry("version", Case{Effect: InPlace, Why: plan, Sources: []Source{module}}),
		entry("revision", Case{Effect: InPlace, Why: plan, Sources: []Source{module}}),
		entry("variables", Case{Effect: InPlace, Why: plan, Sources: []Source{module}}),
		entry("outputs", Case{Effect: InPlace, Why: "the Secret with the outputs gets other keys", Sources: []Source{
			definition(crd, "module", "outputs are what the root module hands on")}}),
	}
}
