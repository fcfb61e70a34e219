// Package applicationset makes of an ApplicationSet the Applications that Argo CD's controller would make of it, from what
// is handed in alone: no process, no network, no file beside. It follows Argo CD 3.2. What it cannot know it tells by name;
// what a set could cost is bounded. It also says which folder of a repository an Application renders.
package applicationset

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"regexp"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
)

// World is what the controller would look up.
type World struct {
	// Repository is the address of the repository that Tree holds, and Revisions are names for that state beside HEAD,
	// such as the main branch. Of other repositories and revisions nothing is known.
	Repository string
	Revisions  []string
	// Tree is the repository's files, those that Git tracks or would; nil where there are none.
	Tree fs.FS
	// Clusters are the Secrets by which Argo CD knows clusters; without any, no set of clusters is expanded.
	Clusters []manifest.Object
}

// Expand gives the Applications of a set in the order of its generators, without what only a cluster knows (owner and
// status). An error among the findings says that the controller refuses the set, or an Application of it: it then makes
// nothing new of it and leaves what there is. A warning names what cannot be told from here; what can be, is given.
func Expand(set manifest.Object, world World) ([]manifest.Object, finding.Findings) {
	e := &expansion{world: world, types: applicationTypes()}
	id := manifest.Identify(set)
	e.object = finding.Object{Kind: id.Kind, Namespace: id.Namespace, Name: id.Name}
	applications, err := e.expand(set)
	e.tell("", err)
	return applications, e.findings.Sorted()
}

// expansion is one set on its way.
type expansion struct {
	world    World
	object   finding.Object
	types    types
	spec     setSpec
	texts    *renderer
	findings finding.Findings
}

// setSpec is what matters of a set's spec here.
type setSpec struct {
	GoTemplate        bool              `json:"goTemplate"`
	GoTemplateOptions []string          `json:"goTemplateOptions"`
	Generators        []json.RawMessage `json:"generators"`
	Template          json.RawMessage   `json:"template"`
	TemplatePatch     *string           `json:"templatePatch"`
	SyncPolicy        struct {
		PreserveResourcesOnDeletion bool `json:"preserveResourcesOnDeletion"`
	} `json:"syncPolicy"`
}

// tell turns an error into findings at a path: those that it holds, or else the refusal that it is.
func (e *expansion) tell(path finding.Path, err error) {
	found, failures := finding.Of(err)
	for _, f := range found {
		f.Object = e.object
		if f.Path == "" {
			f.Path = path
		}
		e.findings = append(e.findings, f)
	}
	for _, failure := range failures {
		e.findings = append(e.findings, finding.Finding{Code: finding.SetRefused, Object: e.object, Path: path, Message: failure.Error()})
	}
}

// typed says of a value of the wrong type in plain words what it is.
func typed(err error) error {
	var wrong *json.UnmarshalTypeError
	if !errors.As(err, &wrong) {
		return err
	}
	allowed := wrong.Type.Kind().String()
	switch wrong.Type.Kind() {
	case reflect.Struct, reflect.Map, reflect.Pointer:
		allowed = "object"
	case reflect.Slice:
		allowed = "list"
	}
	return fmt.Errorf("%s: found %s, allowed is %s", strings.TrimPrefix(wrong.Field, "."), wrong.Value, allowed)
}

// unknown is an error about what cannot be told from here.
func unknown(format string, args ...any) error {
	return finding.Findings{{Severity: finding.Warning, Code: finding.SetUnknown, Message: fmt.Sprintf(format, args...)}}
}

func (e *expansion) expand(set manifest.Object) ([]manifest.Object, error) {
	text, err := json.Marshal(set["spec"])
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &e.spec); err != nil {
		return nil, typed(err)
	}
	e.texts = newRenderer(e.spec.GoTemplate, e.spec.GoTemplateOptions)
	var made []application
	for i, text := range e.spec.Generators {
		path := finding.Keys("spec", "generators").Index(i)
		more, err := e.generate(path, text)
		if err != nil {
			e.tell(path, err)
			if e.findings.Refuse() { // what the other generators give is not used either
				return nil, nil
			}
			continue
		}
		made = append(made, more...)
	}
	return e.valid(made)
}

// generate makes the Applications of one generator.
func (e *expansion) generate(path finding.Path, text json.RawMessage) (made []application, err error) {
	defer func() { // as the controller does: what libraries merge for it can end in a panic
		if wrong := recover(); wrong != nil {
			made, err = nil, fmt.Errorf("what it says does not fit together: %v", wrong)
		}
	}()
	g, err := e.read(text)
	if err != nil {
		return nil, err
	}
	results, err := e.transform(path, g, e.spec.Template, nil, 0)
	if err != nil {
		return nil, err
	}
	for _, result := range results {
		for _, params := range result.params {
			app, err := e.application(result.template, params)
			if err != nil {
				return nil, err
			}
			made = append(made, app)
		}
	}
	return made, nil
}

// application renders a template, and the patch over it.
func (e *expansion) application(template template, params map[string]any) (application, error) {
	app, err := template.application()
	if err != nil {
		return application{}, err
	}
	if len(params) > 0 {
		if app, err = e.texts.application(app, params); err != nil {
			return application{}, err
		}
		if metadata := app.metadata(); !e.spec.SyncPolicy.PreserveResourcesOnDeletion && len(metadata.Finalizers) == 0 {
			metadata.Finalizers = []string{"resources-finalizer.argocd.argoproj.io"}
		}
	}
	if e.spec.TemplatePatch == nil {
		return app, nil
	}
	patch, err := e.texts.replace(*e.spec.TemplatePatch, params)
	if err != nil {
		return application{}, fmt.Errorf("templatePatch: %w", err)
	}
	merged, err := e.types.readPatch(e.texts, patch)
	if err != nil {
		return application{}, fmt.Errorf("templatePatch: %w", err)
	}
	if app, err = app.patched(merged); err != nil {
		return application{}, fmt.Errorf("templatePatch: %w", err)
	}
	return app, nil
}

// name is what the API server takes as an Application's name.
var name = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)

// valid are the Applications that the controller lets through, as it writes them.
func (e *expansion) valid(made []application) ([]manifest.Object, error) {
	names := map[string]int{}
	for _, app := range made {
		names[app.metadata().Name]++
	}
	var objects []manifest.Object
	var wrong []error
	for _, app := range made {
		object, err := app.object(e.object.Namespace)
		if err != nil {
			return nil, err
		}
		spec := object["spec"].(map[string]any)
		destination, _ := manifest.MapAt(spec, "destination")
		title := app.metadata().Name
		switch {
		case names[title] > 1:
			wrong = append(wrong, fmt.Errorf("makes %d Applications of the name %s, and none of them is used", names[title], finding.Quote(title)))
			names[title] = -1 // told
		case names[title] < 0:
		case len(title) > 253 || !name.MatchString(title):
			wrong = append(wrong, fmt.Errorf("makes an Application of the name %s: no name of an object", finding.Quote(title)))
		case spec["project"] == "": // the controller looks before it takes none for the default
			wrong = append(wrong, fmt.Errorf("makes the Application %s, which names no project", title))
		case destination["name"] != nil && destination["server"] != nil:
			wrong = append(wrong, fmt.Errorf("makes the Application %s, whose destination has a name and a server: one is allowed", title))
		case destination["name"] == nil && destination["server"] == nil:
			wrong = append(wrong, fmt.Errorf("makes the Application %s, whose destination has neither a name nor a server", title))
		default:
			objects = append(objects, object)
		}
	}
	return objects, errors.Join(wrong...)
}
