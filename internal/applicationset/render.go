package applicationset

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	texttemplate "text/template"

	"sigs.k8s.io/yaml"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/kustomize"
)

// renderer fills parameters into texts.
type renderer struct {
	budget     *budget
	goTemplate bool
	options    []string
	functions  texttemplate.FuncMap
	parsed     map[string]*texttemplate.Template
}

func newRenderer(goTemplate bool, options []string) *renderer {
	r := &renderer{budget: newBudget(), goTemplate: goTemplate, options: options, parsed: map[string]*texttemplate.Template{}}
	if goTemplate {
		r.functions = r.list()
	}
	return r
}

// replace fills parameters into a text.
func (r *renderer) replace(text string, params map[string]any) (string, error) {
	if err := r.budget.spend(1 + len(text)); err != nil {
		return "", err
	}
	if !r.goTemplate {
		return r.old(text, params)
	}
	if !strings.Contains(text, "{{") {
		return text, nil
	}
	parsed, err := r.parse(text)
	if err != nil {
		return "", err
	}
	out := writer{budget: r.budget}
	if err := parsed.Execute(&out, params); err != nil {
		return "", fmt.Errorf("the template %s: %w", finding.Quote(text), err)
	}
	return out.text.String(), nil
}

func (r *renderer) parse(text string) (parsed *texttemplate.Template, err error) {
	if parsed, ok := r.parsed[text]; ok {
		return parsed, nil
	}
	if len(text) > maxTemplate {
		return nil, tooMuch("a template has more than %d bytes", maxTemplate)
	}
	defer func() { // an option that is none ends in a panic
		if wrong := recover(); wrong != nil {
			err = fmt.Errorf("goTemplateOptions: %v", wrong)
		}
	}()
	parsed, err = texttemplate.New("").Funcs(r.functions).Option(r.options...).Parse(text)
	if err != nil {
		return nil, fmt.Errorf("the template %s: %w", finding.Quote(text), err)
	}
	if err := r.budget.meter(parsed); err != nil {
		return nil, err
	}
	r.parsed[text] = parsed
	return parsed, nil
}

// marked finds texts that templates of the old kind have a say in.
var marked = regexp.MustCompile(`.*{{.*}}.*`)

// old fills a text as Argo CD did before it had Go templates: a name that is not known stays as it is.
func (r *renderer) old(text string, params map[string]any) (string, error) {
	if !marked.MatchString(text) {
		return text, nil
	}
	var out strings.Builder
	for rest := text; ; {
		before, behind, found := strings.Cut(rest, "{{")
		out.WriteString(before)
		if !found {
			break
		}
		tag, after, closed := strings.Cut(behind, "}}")
		if !closed {
			return "", fmt.Errorf("the template %s: {{ without }}", finding.Quote(text))
		}
		value, known := params[strings.TrimSpace(tag)].(string)
		if !known || strings.TrimSpace(tag) == "" {
			value = "{{" + tag + "}}"
		}
		if out.WriteString(value); out.Len() > maxOutput {
			return "", tooMuch("a template gives more than %d bytes", maxOutput)
		}
		rest = after
	}
	return out.String(), r.budget.spend(out.Len())
}

// application is a template's Application with all its texts filled.
func (r *renderer) application(from application, params map[string]any) (application, error) {
	filled := application{reflect.New(from.types.application), from.types}
	return filled, r.fill(filled.Elem(), from.Elem(), params)
}

// fill copies a value with all its texts filled, and the keys of its maps.
func (r *renderer) fill(to, from reflect.Value, params map[string]any) error {
	switch from.Kind() {
	case reflect.Pointer:
		if from.IsNil() {
			return nil
		}
		to.Set(reflect.New(from.Type().Elem()))
		return r.fill(to.Elem(), from.Elem(), params)
	case reflect.Interface:
		if from.IsNil() {
			return nil
		}
		inner := reflect.New(from.Elem().Type()).Elem()
		if err := r.fill(inner, from.Elem(), params); err != nil {
			return err
		}
		to.Set(inner)
	case reflect.Struct:
		if some, isRaw := from.Interface().(raw); isRaw {
			text, err := r.json(some.Raw, params)
			to.Set(reflect.ValueOf(raw{text}))
			return err
		}
		for i := range from.NumField() {
			if err := r.fill(to.Field(i), from.Field(i), params); err != nil {
				return err
			}
		}
	case reflect.Slice:
		to.Set(reflect.MakeSlice(from.Type(), from.Len(), from.Len()))
		for i := range from.Len() {
			if err := r.fill(to.Index(i), from.Index(i), params); err != nil {
				return err
			}
		}
	case reflect.Map:
		return r.fillMap(to, from, params)
	case reflect.String:
		text, err := r.replace(from.String(), params)
		to.SetString(text)
		return err
	default:
		to.Set(from)
	}
	return nil
}

// fillMap fills a map; what is null in it goes.
func (r *renderer) fillMap(to, from reflect.Value, params map[string]any) error {
	to.Set(reflect.MakeMap(from.Type()))
	keys := from.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	for _, key := range keys {
		value := from.MapIndex(key)
		if value.Kind() == reflect.Interface && value.IsNil() {
			continue
		}
		filled := reflect.New(value.Type()).Elem()
		if err := r.fill(filled, value, params); err != nil {
			return err
		}
		text, err := r.replace(key.String(), params)
		if err != nil {
			return err
		}
		to.SetMapIndex(reflect.ValueOf(text), filled)
	}
	return nil
}

// json fills the texts of JSON.
func (r *renderer) json(text []byte, params map[string]any) ([]byte, error) {
	if err := r.budget.spend(3 * len(text)); err != nil {
		return nil, err
	}
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return nil, err
	}
	filled := reflect.New(reflect.TypeFor[any]()).Elem()
	if err := r.fill(filled, reflect.ValueOf(&value).Elem(), params); err != nil {
		return nil, err
	}
	return json.Marshal(filled.Interface())
}

// yaml reads YAML as Argo CD does, within bounds.
func (r *renderer) yaml(text string, into any) error {
	if err := r.admit(text); err != nil {
		return err
	}
	return yaml.Unmarshal([]byte(text), into)
}

// admit refuses YAML that is too large, or made large by its aliases.
func (r *renderer) admit(text string) error {
	if len(text) > maxOutput {
		return tooMuch("a text of YAML has more than %d bytes", maxOutput)
	}
	if err := r.budget.spend(len(text)); err != nil {
		return err
	}
	if err := kustomize.Vet("", []byte(text)); err != nil {
		return tooMuch("%v", err)
	}
	return nil
}

// size is about what parameters weigh.
func size(params map[string]any) int {
	var m measure
	m.add(reflect.ValueOf(params), 0)
	return m.nodes*10 + m.bytes/16
}

func isFinding(err error) bool {
	found, failures := finding.Of(err)
	return len(found) > 0 && len(failures) == 0
}

// withoutFunctions are the names of sprig that Argo CD takes away.
func withoutFunctions() []string { return []string{"env", "expandenv", "getHostByName"} }

// sorted are the keys of maps, which sprig gives in any order.
func sorted(all ...map[string]any) []string {
	var keys []string
	for _, one := range all {
		keys = append(keys, slices.Sorted(maps.Keys(one))...)
	}
	return keys
}
