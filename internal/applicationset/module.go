package applicationset

import (
	"net/url"
	"regexp"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
)

// moduleKind marks a source that is a module of OpenTofu or Terraform.
const moduleKind = "module"

// IsWorkspace says whether an object runs modules of OpenTofu or Terraform.
func IsWorkspace(id manifest.ID) bool {
	maker, rest, _ := strings.Cut(id.Group(), ".")
	return id.Kind == "Workspace" && (maker == "opentofu" || maker == "tf") && (rest == "upbound.io" || rest == "m.upbound.io")
}

// called is where a root module says which module it calls, in JSON or in HCL.
var called = regexp.MustCompile(`"?source"?\s*[:=]\s*"([^"]+)"`)

// modulesOf are the modules in Git that a Workspace runs: the one that it names, or those that its own text calls.
func modulesOf(workspace manifest.Object) (sources []source) {
	how, _ := manifest.MapAt(workspace, "spec", "forProvider")
	text := manifest.TextAt(how, "module")
	addresses := [][]string{{"", text}}
	if manifest.TextAt(how, "source") == "Inline" {
		addresses = called.FindAllStringSubmatch(text, -1)
	}
	for _, address := range addresses {
		if fields := moduleAt(strings.ReplaceAll(address[1], `\u0026`, "&")); fields != nil {
			sources = append(sources, source{finding.Keys("spec", "forProvider", "module"), fields})
		}
	}
	return sources
}

// moduleAt is where an address of a module leads, such as "git::https://git.example.com/team/fleet.git//modules/bucket?ref=main";
// nil where it is no folder of a repository.
func moduleAt(address string) map[string]any {
	address, query, _ := strings.Cut(strings.TrimPrefix(address, "git::"), "?")
	scheme, rest, has := strings.Cut(address, "://")
	if !has {
		scheme, rest = "", address
	}
	repository, folder, has := strings.Cut(rest, "//")
	if !has {
		return nil
	}
	if scheme != "" {
		repository = scheme + "://" + repository
	}
	options, err := url.ParseQuery(query)
	if err != nil {
		return nil
	}
	return map[string]any{"repoURL": repository, "targetRevision": options.Get("ref"), "path": folder, moduleKind: true}
}
