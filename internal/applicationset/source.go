package applicationset

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/kustomize"
	"spokewright.dev/spokewright/internal/manifest"
)

// Source is a part of the repository that an Application renders.
type Source struct {
	Folder string // in the repository's tree; empty where files alone are meant
	// Kustomize says that kustomize builds the folder, with Options edited into its kustomization; else Files are what is
	// applied, sorted.
	Kustomize bool
	Options   map[string]any
	Files     []string
	// Unknown is why what it makes cannot be told; empty where it can. Then it is made of all in the folder, and of Files.
	Unknown string
}

// Folders are the folders of the repository that an Application names as its sources, or a Workspace as its modules, whether they are there or not; "."
// where it reads single files of it.
func (w World) Folders(application manifest.Object) []string {
	var folders []string
	for _, source := range sourcesOf(application) {
		if w.here(source) {
			folders = append(folders, path.Clean(manifest.TextAt(source.fields, "path")))
		}
	}
	return folders
}

// Whole says whether all that an Application is made of in the repository lies in its Folders, or is named by files in them: its
// sources name no file of values, patch or component themselves.
func (w World) Whole(application manifest.Object) bool {
	return !slices.ContainsFunc(sourcesOf(application), func(s source) bool {
		return s.fields["helm"] != nil || len(manifest.ListAt(s.fields, "kustomize", "components")) > 0 || len(manifest.ListAt(s.fields, "kustomize", "patches")) > 0
	})
}

// Sources are the parts of the repository that an Application renders. A source elsewhere is none of them, and nothing is
// said of it; what lies here and cannot be rendered is a warning that names it.
func (w World) Sources(application manifest.Object) ([]Source, finding.Findings) {
	id := manifest.Identify(application)
	reader := &sourceReader{world: w, budget: newBudget(), object: finding.Object{Kind: id.Kind, Namespace: id.Namespace, Name: id.Name}}
	sources := sourcesOf(application)
	for _, source := range sources {
		if source.fields["chart"] != nil || !w.here(source) {
			reader.values(source, sources)
			continue
		}
		reader.read(source)
	}
	return reader.found, reader.findings
}

// source is one source of an Application as it stands there.
type source struct {
	at     finding.Path
	fields map[string]any
}

// sourcesOf are the sources that Argo CD renders an Application from: several, a dry one, or else the one; and the modules that a
// Workspace runs.
func sourcesOf(application manifest.Object) []source {
	if IsWorkspace(manifest.Identify(application)) {
		return modulesOf(application)
	}
	spec, _ := manifest.MapAt(application, "spec")
	at := finding.Keys("spec")
	if dry, _ := manifest.MapAt(spec, "sourceHydrator", "drySource"); manifest.TextAt(dry, "repoURL") != "" {
		return []source{{at.Keys("sourceHydrator", "drySource"), dry}}
	}
	var all []source
	for i, fields := range manifest.MapsAt(spec, "sources") {
		all = append(all, source{at.Keys("sources").Index(i), fields})
	}
	if one, found := manifest.MapAt(spec, "source"); found && len(all) == 0 {
		all = append(all, source{at.Keys("source"), one})
	}
	return all
}

// here says whether a source lies in the repository of the world, as it stands there.
func (w World) here(s source) bool {
	return w.holds(manifest.TextAt(s.fields, "repoURL"), manifest.TextAt(s.fields, "targetRevision")) == nil
}

type sourceReader struct {
	world    World
	budget   *budget
	object   finding.Object
	found    []Source
	findings finding.Findings
}

func (r *sourceReader) warn(path finding.Path, format string, args ...any) string {
	message := fmt.Sprintf(format, args...)
	r.findings = append(r.findings, finding.Finding{Severity: finding.Warning, Code: finding.SourceUnknown, Object: r.object, Path: path, Message: message})
	return message
}

// unknown adds a source of which it cannot be told what it makes.
func (r *sourceReader) unknown(path finding.Path, source Source, format string, args ...any) {
	source.Unknown = r.warn(path, format, args...)
	r.found = append(r.found, source)
}

// read reads one source of this repository.
func (r *sourceReader) read(s source) {
	folder := path.Clean(manifest.TextAt(s.fields, "path"))
	switch {
	case manifest.TextAt(s.fields, "path") == "": // it is there for others to refer to
		return
	case !fs.ValidPath(folder):
		r.warn(s.at.Keys("path"), "leads out of the repository")
		return
	}
	entries, err := fs.ReadDir(r.world.Tree, folder)
	if err != nil {
		r.warn(s.at.Keys("path"), "there is no folder %s in the repository", folder)
		return
	}
	if s.fields, err = r.overridden(s.fields, folder); err != nil {
		r.unknown(s.at, Source{Folder: folder}, "%v", err)
		return
	}
	switch kind := kindOf(s.fields, entries); kind {
	case "kustomize":
		options, _ := manifest.MapAt(s.fields, kind)
		r.found = append(r.found, Source{Folder: folder, Kustomize: true, Options: options})
	case "directory":
		r.directory(s.at, folder, s.fields)
	case "helm":
		r.unknown(s.at, Source{Folder: folder, Files: r.valueFiles(s, folder, nil)}, "a Helm chart is not rendered here: %s", folder)
	case moduleKind:
		r.unknown(s.at, Source{Folder: folder}, "a module is not run here: %s", folder)
	case "plugin":
		r.unknown(s.at, Source{Folder: folder}, "what a plugin renders is not rendered here: %s", folder)
	default:
		r.unknown(s.at, Source{Folder: folder}, "has options of several kinds (%s): one is allowed", kind)
	}
}

// values is about a chart that is elsewhere, with values from files of this repository.
func (r *sourceReader) values(s source, all []source) {
	if files := r.valueFiles(s, "", all); len(files) > 0 {
		r.unknown(s.at, Source{Files: files}, "a Helm chart is not rendered here; it takes values from %s", strings.Join(files, ", "))
	}
}

// valueFiles are the files of values that a chart takes from this repository, outside of its folder too: from its root, or
// from another source by a name.
func (r *sourceReader) valueFiles(s source, folder string, all []source) []string {
	var files []string
	for _, value := range manifest.ListAt(s.fields, "helm", "valueFiles") {
		name, _ := value.(string)
		ref, rest, isRef := strings.Cut(strings.TrimPrefix(name, "$"), "/")
		switch isRef = isRef && strings.HasPrefix(name, "$"); {
		case isRef && slices.ContainsFunc(all, func(other source) bool { return other.fields["ref"] == ref && r.world.here(other) }):
			name = path.Clean(rest)
		case isRef || folder == "" || strings.Contains(name, "://"):
			continue
		case path.IsAbs(name):
			name = path.Clean(strings.TrimPrefix(name, "/"))
		default:
			name = path.Join(folder, name)
		}
		if fs.ValidPath(name) && name != "." {
			files = append(files, name)
		}
	}
	return files
}

// overridden are the fields of a source with what files of its folder say over them, for all and for this Application:
// this is where Image Updater writes.
func (r *sourceReader) overridden(fields map[string]any, folder string) (map[string]any, error) {
	merged := manifest.WholeNumbers(manifest.CopyOf(fields)).(map[string]any)
	for _, name := range []string{".argocd-source.yaml", ".argocd-source-" + r.object.Name + ".yaml"} {
		name = path.Join(folder, name)
		text, err := fs.ReadFile(r.world.Tree, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = kustomize.Vet(name, text)
		}
		var patch map[string]any
		if err == nil {
			err = yaml.Unmarshal(text, &patch)
		}
		if err != nil {
			return nil, fmt.Errorf("%s cannot be read: %w", name, err)
		}
		mergePatch(merged, manifest.WholeNumbers(patch).(map[string]any))
	}
	for _, own := range []string{"chart", "path", "repoURL", "targetRevision"} { // these no file overrides
		if merged[own] = fields[own]; fields[own] == nil {
			delete(merged, own)
		}
	}
	return merged, nil
}

// mergePatch merges a patch as JSON Merge Patch does.
func mergePatch(into, patch map[string]any) {
	for name, value := range patch {
		inner, isMap := value.(map[string]any)
		switch {
		case value == nil:
			delete(into, name)
		case isMap:
			below, are := into[name].(map[string]any)
			if !are {
				below = map[string]any{}
			}
			mergePatch(below, inner)
			into[name] = below
		default:
			into[name] = value
		}
	}
}

// kindOf is what Argo CD takes a folder for: what the source says, or else what lies in it.
func kindOf(source map[string]any, entries []fs.DirEntry) string {
	var said []string
	for _, kind := range []string{"kustomize", "helm", "directory", "plugin", moduleKind} {
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
	var files, jsonnet []string
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
		case errors.Is(err, fs.ErrNotExist): // a link to nothing
		case err != nil:
			return fmt.Errorf("%s cannot be read: %w", name, err)
		case bytes.Contains(text, []byte(skip)):
		case strings.HasSuffix(name, ".jsonnet"):
			jsonnet = append(jsonnet, name)
		default:
			files = append(files, name)
		}
		return nil
	})
	switch {
	case err != nil:
		r.unknown(at.Keys("path"), Source{Folder: folder}, "the folder %s cannot be listed: %v", folder, err)
	case len(jsonnet) > 0:
		r.unknown(at.Keys("path"), Source{Folder: folder}, "Jsonnet is not rendered here: %s", strings.Join(jsonnet, ", "))
	default:
		r.found = append(r.found, Source{Folder: folder, Files: files})
	}
}

// matches says whether a pattern of a plain folder matches the path of a file in it. A pattern that is none matches
// nothing.
func matches(pattern, file string) bool {
	expression, err := regexp.Compile(wildcard(pattern, true))
	return err == nil && expression.MatchString(file)
}
