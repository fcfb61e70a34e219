package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
)

// Workspace is a module of OpenTofu or Terraform to run.
type Workspace struct {
	ID        string         `json:"id"` // what its state is kept under
	Source    string         `json:"source"`
	Version   string         `json:"version"`  // of a module of a registry
	Revision  string         `json:"revision"` // of a module in Git
	Variables map[string]any `json:"variables"`
	Outputs   []string       `json:"outputs"`
}

// WorkspaceName is the name of the object for a workspace. Where it is unique in the whole hub, it is the identifier.
func (e *Environment) WorkspaceName(name string) string {
	if e.Fleet.Targets.Crossplane.API == "claims" {
		return e.Workspaces[name].ID
	}
	return name
}

// ModuleFolder is where the module of a workspace lies in the fleet's own tree; "" where it lies elsewhere, or has a revision
// of its own.
func (e Environment) ModuleFolder(name string) string {
	source, _ := e.root.At("workspaces", name).Child("source").Data().(string)
	if !strings.HasPrefix(source, "./") || e.Workspaces[name].Revision != "" {
		return ""
	}
	return source
}

// completeWorkspaces fills in what follows from other fields: Source becomes the address as OpenTofu takes it.
func (e *Environment) completeWorkspaces() {
	for name, w := range e.Workspaces {
		w.ID = orElse(w.ID, e.ID+"-"+name)
		w.Variables, _ = e.root.At("workspaces", name).Child("variables").Data().(map[string]any)
		switch {
		case strings.HasPrefix(w.Source, "./"):
			w.Source = "git::" + getter(e.Fleet.Repository.URL) + "//" + e.Fleet.Repository.Within(w.Source) + "?ref=" + orElse(w.Revision, e.Fleet.Repository.Revision)
		case inGit(w.Source):
			w.Source = "git::" + w.Source + "?ref=" + w.Revision
		}
		e.Workspaces[name] = w
	}
}

// getter writes the short address of a repository over SSH as OpenTofu's downloader takes it.
func getter(url string) string {
	if rest, short := strings.CutPrefix(url, "git@"); short {
		return "ssh://git@" + strings.Replace(rest, ":", "/", 1)
	}
	return url
}

func inGit(source string) bool { return strings.Contains(source, "://") }

// workspaces reports modules of no certain version, and variables whose names mean something else.
func (c *checker) workspaces(e *Environment) {
	for _, name := range slices.Sorted(maps.Keys(e.Workspaces)) {
		if c.known("workspaces", name) {
			c.workspace(e.Workspaces[name], "workspaces", name)
		}
	}
}

func (c *checker) workspace(w Workspace, at ...string) {
	report := func(code finding.Code, message string, field ...string) {
		c.report(code, message, append(slices.Clip(at), field...)...)
	}
	source, _ := c.merged.Find(append(slices.Clip(at), "source")...).Data().(string)
	inRegistry := !inGit(source) && !strings.HasPrefix(source, "./")
	switch {
	case inRegistry && w.Version == "":
		report(finding.MissingField, `missing: allowed is the module's version, such as "5.8.1"`, "version")
	case inRegistry && w.Revision != "":
		report(finding.Inconsistent, fmt.Sprintf("found %s, but a module of a registry has no revision: it has a version", finding.Quote(w.Revision)), "revision")
	case !inRegistry && w.Version != "":
		report(finding.Inconsistent, fmt.Sprintf("found %s, but a module in Git has no version: it has a revision", finding.Quote(w.Version)), "version")
	case inGit(source) && w.Revision == "":
		report(finding.MissingField, "missing: allowed is a branch, tag or commit of the module's repository", "revision")
	}
	for _, name := range slices.Sorted(maps.Keys(w.Variables)) {
		if slices.Contains([]string{"source", "version", "providers", "count", "for_each", "depends_on", "lifecycle", "locals"}, name) {
			report(finding.NameTaken, fmt.Sprintf("found the name %s, which means something else to OpenTofu, allowed is any other", finding.Quote(name)), "variables", name)
		}
	}
}
