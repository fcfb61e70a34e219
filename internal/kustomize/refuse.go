package kustomize

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/api/types"
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
		if at.line == 0 {
			at = k.find("helmChartInflationGenerator")
		}
		at.file = file
		return fmt.Errorf("%s: helm charts are not inflated here: no process is run", at)
	}
	if found, ok := webValue(k.data); ok {
		at := k.find(found)
		at.file = file
		return remote(at, found)
	}
	return nil
}

func remote(at place, what string) error {
	return fmt.Errorf("%s: %s is remote: a build reads nothing outside its tree", at, what)
}

// origins refuses what kustomize writes about a build that only kustomize itself can know.
func (n *node) origins() error {
	if len(n.spec.BuildMetadata) == 0 || !n.ours() {
		return nil
	}
	for _, e := range n.entries(n.file, n.spec.BuildMetadata, "buildMetadata") {
		return fmt.Errorf("%s: buildMetadata %s cannot be told of objects that are made in-process", e.at, e.value)
	}
	return nil
}

// managed refuses the label that holds the version of the kustomize binary: there is none.
func (n *node) managed() error {
	for _, e := range n.entries(n.file, n.spec.BuildMetadata, "buildMetadata") {
		if e.value == types.ManagedByLabelOption {
			return fmt.Errorf("%s: buildMetadata %s writes the version of a kustomize binary, and none is run", e.at, e.value)
		}
	}
	return nil
}

// foreign refuses a functionConfig that is neither ours nor one of kustomize's builtin plugins that run in-process.
func (c config) foreign(at place) error {
	switch {
	case c.group == Group:
		if c.spec != nil {
			return fmt.Errorf("%s: %s %s: %w", at, c.kind, c.name, c.spec)
		}
	case c.group != "" || c.version != konfig.BuiltinPluginApiVersion:
		return fmt.Errorf("%s: %s of %s is not one of Spokewright's own functions, and only those run in-process",
			at, c.kind, path.Join(c.group, c.version))
	case c.kind == "HelmChartInflationGenerator":
		return fmt.Errorf("%s: %s: helm charts are not inflated here: no process is run", at, c.kind)
	default:
		if found, ok := webValue(c.object); ok {
			return remote(at, found)
		}
	}
	return nil
}
