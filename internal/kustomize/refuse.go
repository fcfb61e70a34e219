package kustomize

import (
	"path"
	"regexp"
	"strings"

	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/api/types"
	"spokewright.dev/spokewright/internal/finding"
)

// What kustomize would fetch: every path that its loader takes for a URL, and for bases whatever it takes for a
// repository. Both are wider than kustomize's own tests, so that nothing that passes here is remote there.
var (
	webAddress = regexp.MustCompile(`(?i)^https?:`)
	repository = regexp.MustCompile(`(?i)^(git::|https?:|ssh://|file://|github\.com[/:]|[a-z][a-z0-9-]*@)`)
	protocol   = regexp.MustCompile(`(?i)^(git::|https?:|ssh://|file://)`)
)

// cloned says whether kustomize may take a path for a repository, where no file of this name is there: one that only
// looks like it has no more than one name behind its first, and none of the marks of a repository.
func cloned(written string) bool {
	if !repository.MatchString(written) {
		return false
	}
	rest := written[strings.IndexAny(written+"/", "/:"):]
	return protocol.MatchString(written) || strings.Count(strings.Trim(rest, "/:"), "/") > 0 || strings.Contains(rest, "//") ||
		strings.Contains(written, ".git/") || strings.HasSuffix(written, ".git") || strings.Contains(written, "_git/") || strings.Contains(written, "?")
}

// noPaths are the fields, in lower case, of a kustomization or of a builtin plugin's config whose values are never paths.
// A field that is not here may name a file, or an address that kustomize would fetch.
var noPaths = map[string]bool{
	"annotations": true, "commonannotations": true, "commonlabels": true, "generatoroptions": true, "images": true,
	"imagetag": true, "imagetags": true, "jsonop": true, "labels": true, "literals": true, "metadata": true,
	"options": true, "patch": true, "sourcevalue": true, "value": true, "vars": true,
}

// webValue finds a value that kustomize would fetch from the network.
func webValue(data any) (string, bool) {
	switch v := data.(type) {
	case string:
		_, file, _ := strings.Cut(v, "=") // files: [key=path]
		return v, webAddress.MatchString(v) || webAddress.MatchString(file)
	case []any:
		for _, item := range v {
			if found, ok := webValue(item); ok {
				return found, true
			}
		}
	case map[string]any:
		for key, item := range v {
			if noPaths[strings.ToLower(key)] {
				continue
			}
			if found, ok := webValue(item); ok {
				return found, true
			}
		}
	}
	return "", false
}

// refuse says what in a kustomization file cannot be built within the tree.
func (k *kustomization) refuse(file string) error {
	if len(k.spec.HelmCharts) > 0 {
		at := k.find("helmCharts")
		if at.Line == 0 {
			at = k.find("helmChartInflationGenerator")
		}
		at.File = file
		return finding.At(at, finding.OverlayRemote, "helm charts are not inflated here: no process is run")
	}
	if found, ok := webValue(k.data); ok {
		at := k.find(found)
		at.File = file
		return remote(at, found)
	}
	return nil
}

func remote(at finding.Position, what string) error {
	return finding.At(at, finding.OverlayRemote, "%s is remote: a build reads nothing outside its tree", what)
}

// origins refuses what kustomize writes about a build that only kustomize itself can know.
func (n *node) origins() error {
	if len(n.spec.BuildMetadata) == 0 || !n.ours() {
		return nil
	}
	for _, e := range n.entries(n.file, n.spec.BuildMetadata, "buildMetadata") {
		return finding.At(e.at, finding.OverlayInvalid, "buildMetadata %s cannot be told of objects that are made in-process", e.value)
	}
	return nil
}

// managed refuses the label that holds the version of the kustomize binary: there is none.
func (n *node) managed() error {
	for _, e := range n.entries(n.file, n.spec.BuildMetadata, "buildMetadata") {
		if e.value == types.ManagedByLabelOption {
			return finding.At(e.at, finding.OverlayInvalid, "buildMetadata %s writes the version of a kustomize binary, and none is run", e.value)
		}
	}
	return nil
}

// foreign refuses a functionConfig that is neither ours nor one of kustomize's builtin plugins that run in-process.
func (c config) foreign(at finding.Position) error {
	switch {
	case c.group == Group:
		if c.spec != nil {
			return finding.At(at, finding.OverlayInvalid, "%s %s: %v", c.kind, c.name, c.spec)
		}
	case c.group != "" || c.version != konfig.BuiltinPluginApiVersion:
		return finding.At(at, finding.OverlayRemote, "%s of %s is not one of Spokewright's own functions, and only those run in-process", c.kind, path.Join(c.group, c.version))
	case c.kind == "HelmChartInflationGenerator":
		return finding.At(at, finding.OverlayRemote, "%s: helm charts are not inflated here: no process is run", c.kind)
	default:
		if found, ok := webValue(c.object); ok {
			return remote(at, found)
		}
	}
	return nil
}
