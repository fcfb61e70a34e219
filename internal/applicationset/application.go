package applicationset

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"

	"dario.cat/mergo"
	"spokewright.dev/spokewright/internal/manifest"
)

// fields are the types of an Application as Argo CD declares them: what JSON calls a field, and its Go type. A test of
// the module conformance writes them.
//
//go:embed application.json
var fields []byte

// types are Go types as Argo CD has them: which empty fields are left out, what a default template fills in and what a
// patch may say, all follow from them.
type types struct{ application, template reflect.Type }

// metadata is what a template says of an Application's own.
type metadata struct {
	Name        string            `json:"name,omitempty"`
	Namespace   string            `json:"namespace,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
	Finalizers  []string          `json:"finalizers,omitempty"`
}

// raw is JSON of any shape in a typed object.
type raw struct{ Raw []byte }

// MarshalJSON implements json.Marshaler.
func (r raw) MarshalJSON() ([]byte, error) {
	if r.Raw == nil {
		return []byte("null"), nil
	}
	return r.Raw, nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (r *raw) UnmarshalJSON(text []byte) error {
	r.Raw = slices.Clone(text)
	return nil
}

// intOrString is a number, or a text as which it is templated.
type intOrString struct {
	IsText bool
	Number int32
	Text   string
}

// MarshalJSON implements json.Marshaler.
func (v intOrString) MarshalJSON() ([]byte, error) {
	if v.IsText {
		return json.Marshal(v.Text)
	}
	return json.Marshal(v.Number)
}

// UnmarshalJSON implements json.Unmarshaler.
func (v *intOrString) UnmarshalJSON(text []byte) error {
	if v.IsText = text[0] == '"'; v.IsText {
		return json.Unmarshal(text, &v.Text)
	}
	return json.Unmarshal(text, &v.Number)
}

// applicationTypes reads the types, once.
var applicationTypes = sync.OnceValue(func() types {
	var all declarations
	if err := json.Unmarshal(fields, &all); err != nil {
		panic(err) // the file is in the binary
	}
	meta := field("metadata", reflect.TypeFor[metadata](), "")
	spec := field("spec", all.structure("ApplicationSpec"), "")
	operation := field("operation", reflect.PointerTo(all.structure("Operation")), ",omitempty")
	return types{
		application: reflect.StructOf([]reflect.StructField{meta, spec, operation}),
		template:    reflect.StructOf([]reflect.StructField{meta, spec}),
	}
})

type declarations map[string]map[string]string

func (all declarations) structure(name string) reflect.Type {
	declared, ok := all[name]
	if !ok {
		panic(fmt.Sprintf("application.json has no type %s", name))
	}
	var list []reflect.StructField
	for _, name := range slices.Sorted(maps.Keys(declared)) {
		is, options, _ := strings.Cut(declared[name], ",")
		if options != "" {
			options = "," + options
		}
		list = append(list, field(name, all.goType(is), options))
	}
	return reflect.StructOf(list)
}

func (all declarations) goType(name string) reflect.Type {
	if inner, ok := strings.CutPrefix(name, "*"); ok {
		return reflect.PointerTo(all.goType(inner))
	}
	if inner, ok := strings.CutPrefix(name, "[]"); ok {
		return reflect.SliceOf(all.goType(inner))
	}
	if inner, ok := strings.CutPrefix(name, "map[string]"); ok {
		return reflect.MapOf(reflect.TypeFor[string](), all.goType(inner))
	}
	switch name {
	case "string":
		return reflect.TypeFor[string]()
	case "bool":
		return reflect.TypeFor[bool]()
	case "int64":
		return reflect.TypeFor[int64]()
	case "intstr.IntOrString":
		return reflect.TypeFor[intOrString]()
	case "runtime.RawExtension":
		return reflect.TypeFor[raw]()
	}
	return all.structure(name)
}

// field is a struct's field, with a Go name that makes it visible.
func field(name string, is reflect.Type, options string) reflect.StructField {
	return reflect.StructField{Name: strings.ToUpper(name[:1]) + name[1:], Type: is, Tag: reflect.StructTag(`json:"` + name + options + `"`)}
}

// template is a template of Applications: a pointer to a value of its type.
type template struct {
	reflect.Value
	types types
}

// read reads a template that a generator or a set has; what is not there is empty.
func (t types) read(text json.RawMessage) (template, error) {
	value := template{reflect.New(t.template), t}
	if len(text) == 0 {
		return value, nil
	}
	return value, typed(json.Unmarshal(text, value.Interface()))
}

// over is a generator's own template with what it does not say taken from the set's.
func (t template) over(set template) (template, error) {
	return t, mergo.Merge(t.Interface(), set.Elem().Interface())
}

// application is an Application that says what the template says.
func (t template) application() (application, error) {
	text, err := json.Marshal(t.Interface())
	if err != nil {
		return application{}, err
	}
	return t.types.readApplication(text)
}

// application is an Application: a pointer to a value of its type.
type application struct {
	reflect.Value
	types types
}

func (t types) readApplication(text []byte) (application, error) {
	app := application{reflect.New(t.application), t}
	return app, json.Unmarshal(text, app.Interface())
}

func (a application) metadata() *metadata {
	return a.Elem().FieldByName("Metadata").Addr().Interface().(*metadata)
}

// data is the Application as JSON data.
func (a application) data() (map[string]any, error) {
	text, err := json.Marshal(a.Interface())
	if err != nil {
		return nil, err
	}
	var data map[string]any
	return data, json.Unmarshal(text, &data)
}

// object is the Application as the controller writes it into a namespace.
func (a application) object(namespace string) (manifest.Object, error) {
	data, err := a.data()
	if err != nil {
		return nil, err
	}
	normalize(data)
	object := manifest.WholeNumbers(data).(map[string]any)
	object["apiVersion"], object["kind"] = "argoproj.io/v1alpha1", "Application"
	metadata := object["metadata"].(map[string]any)
	delete(metadata, "namespace")
	if namespace != "" {
		metadata["namespace"] = namespace
	}
	return object, nil
}

// normalize takes away what says nothing, as the controller does in order not to quarrel with others.
func normalize(application map[string]any) {
	spec := application["spec"].(map[string]any)
	if policy, ok := spec["syncPolicy"].(map[string]any); ok && len(policy) == 0 {
		delete(spec, "syncPolicy")
	}
	source, ok := spec["source"].(map[string]any)
	if _, several := spec["sources"]; !ok || several {
		return // what several sources say is left as it is
	}
	for kind, speaking := range speaking() {
		options, ok := source[kind].(map[string]any)
		if ok && !slices.ContainsFunc(speaking, func(name string) bool { return says(options[name]) }) {
			delete(source, kind)
		}
	}
}

// speaking are the options by which the controller knows that a kind of source is meant. A kind without any goes, with
// whatever else it says.
func speaking() map[string][]string {
	return map[string][]string{
		"directory": {"recurse", "jsonnet", "include", "exclude"},
		"helm": {
			"apiVersions", "fileParameters", "ignoreMissingValueFiles", "kubeVersion", "namespace", "parameters", "passCredentials", "releaseName",
			"skipCrds", "skipSchemaValidation", "skipTests", "valueFiles", "values", "valuesObject", "version",
		},
		"kustomize": {
			"apiVersions", "commonAnnotations", "commonLabels", "components", "ignoreMissingComponents", "images", "kubeVersion", "namePrefix",
			"nameSuffix", "namespace", "patches", "replicas", "version",
		},
	}
}

// says is false for what is not there, and for options of Jsonnet without any.
func says(value any) bool {
	options, isMap := value.(map[string]any)
	return value != nil && (!isMap || len(options) > 0)
}
