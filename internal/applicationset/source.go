package applicationset

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
)

// Source is a part of the repository that an Application renders.
type Source struct {
	Folder string // in the repository's tree
	// Kustomize says that kustomize builds the folder; else Files of it are what is applied, sorted.
	Kustomize bool
	Files     []string
}

// Sources are the parts of the repository that an Application renders. A source elsewhere is none of them, and nothing is
// said of it; what lies here and cannot be rendered is a warning that names it.
func (w World) Sources(application manifest.Object) ([]Source, finding.Findings) {
	id := manifest.Identify(application)
	reader := &sourceReader{world: w, budget: newBudget(), object: finding.Object{Kind: id.Kind, Namespace: id.Namespace, Name: id.Name}}
	spec, _ := manifest.MapAt(application, "spec")
	path := finding.Keys("spec")
	switch several, hydrated := manifest.MapsAt(spec, "sources"), manifest.TextAt(spec, "sourceHydrator", "drySource", "repoURL"); {
	case hydrated != "":
		dry, _ := manifest.MapAt(spec, "sourceHydrator", "drySource")
		reader.read(path.Keys("sourceHydrator", "drySource"), dry)
	case len(several) > 0:
		for i, source := range several {
			reader.read(path.Keys("sources").Index(i), source)
		}
	default:
		source, _ := manifest.MapAt(spec, "source")
		reader.read(path.Keys("source"), source)
	}
	return reader.found, reader.findings
}

type sourceReader struct {
	world    World
	budget   *budget
	object   finding.Object
	found    []Source
	findings finding.Findings
}

func (r *sourceReader) warn(path finding.Path, format string, args ...any) {
	r.findings = append(r.findings, finding.Finding{
		Severity: finding.Warning, Code: finding.SourceUnknown, Object: r.object, Path: path, Message: fmt.Sprintf(format, args...),
	})
}

// read reads one source.
func (r *sourceReader) read(at finding.Path, source map[string]any) {
	text := func(name string) string { return manifest.TextAt(source, name) }
	folder := path.Clean(text("path"))
	switch {
	case source == nil || text("chart") != "" || text("path") == "" || r.world.holds(text("repoURL"), text("targetRevision")) != nil:
		return
	case !fs.ValidPath(folder):
		r.warn(at.Keys("path"), "leads out of the repository")
		return
	}
	entries, err := fs.ReadDir(r.world.Tree, folder)
	if err != nil {
		r.warn(at.Keys("path"), "there is no folder %s in the repository", folder)
		return
	}
	switch kind := kindOf(source, entries); kind {
	case "kustomize":
		options, _ := manifest.MapAt(source, kind)
		if len(options) > 0 {
			r.warn(at.Keys(kind), "what it says beside the folder (%s) is not applied", strings.Join(slices.Sorted(maps.Keys(options)), ", "))
		}
		r.found = append(r.found, Source{Folder: folder, Kustomize: true})
	case "directory":
		r.directory(at, folder, source)
	case "helm":
		r.warn(at, "a Helm chart is not rendered here: %s", folder)
	case "plugin":
		r.warn(at, "what a plugin renders is not rendered here: %s", folder)
	default:
		r.warn(at, "has options of several kinds (%s): one is allowed", kind)
	}
}

// kindOf is what Argo CD takes a folder for: what the source says, or else what lies in it.
func kindOf(source map[string]any, entries []fs.DirEntry) string {
	var said []string
	for _, kind := range []string{"kustomize", "helm", "directory", "plugin"} {
		if source[kind] != nil {
			said = append(said, kind)
		}
	}
	if len(said) > 0 {
		return strings.Join(said, ", ")
	}
	kind := "directory"
	for _, entry := range entries {
		switch name := entry.Name(); {
		case entry.IsDir():
		case slices.Contains([]string{"kustomization.yaml", "kustomization.yml", "Kustomization"}, name):
			return "kustomize"
		case strings.HasSuffix(name, "Chart.yaml"):
			kind = "helm"
		}
	}
	return kind
}

// manifests are the files of a plain folder that Argo CD reads, and skip is the mark of one that it leaves out.
var manifests = regexp.MustCompile(`\.(yaml|yml|json|jsonnet)$`)

const skip = "+argocd:skip-file-rendering"

// directory lists the manifests of a plain folder.
func (r *sourceReader) directory(at finding.Path, folder string, source map[string]any) {
	options, _ := manifest.MapAt(source, "directory")
	include, exclude := manifest.TextAt(options, "include"), manifest.TextAt(options, "exclude")
	var files []string
	err := fs.WalkDir(r.world.Tree, folder, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != folder && (options["recurse"] != true || entry.Name() == ".git"):
			return fs.SkipDir
		case entry.IsDir() || !manifests.MatchString(name):
			return nil
		}
		below := strings.TrimPrefix(strings.TrimPrefix(name, folder), "/")
		if folder == "." {
			below = name
		}
		if err := r.budget.spend((len(below) + 1) * (100 + len(include) + len(exclude))); err != nil {
			return err
		}
		if exclude != "" && matches(exclude, below) || include != "" && !matches(include, below) {
			return nil
		}
		text, err := fs.ReadFile(r.world.Tree, name)
		switch {
		case err != nil:
			r.warn(at.Keys("path"), "%s cannot be read", name)
		case bytes.Contains(text, []byte(skip)):
		case strings.HasSuffix(name, ".jsonnet"):
			r.warn(at.Keys("path"), "Jsonnet is not rendered here: %s", name)
		default:
			files = append(files, name)
		}
		return nil
	})
	if err != nil {
		r.warn(at.Keys("path"), "the folder %s cannot be listed: %v", folder, err)
		return
	}
	r.found = append(r.found, Source{Folder: folder, Files: files})
}

// matches says whether a pattern of a plain folder matches the path of a file in it. A pattern that is none matches
// nothing.
func matches(pattern, file string) bool {
	expression, err := regexp.Compile(wildcard(pattern, true))
	return err == nil && expression.MatchString(file)
}
