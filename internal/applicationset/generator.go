package applicationset

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
)

// generator is one entry of a list of generators. Most of the time one of its fields is there.
type generator struct {
	List     *listGenerator     `json:"list"`
	Clusters *clustersGenerator `json:"clusters"`
	Git      *gitGenerator      `json:"git"`
	Matrix   *combination       `json:"matrix"`
	Merge    *combination       `json:"merge"`
	Selector *selector          `json:"selector"`
	// foreign are the other kinds that it names, and text is all that it says.
	foreign []string
	text    json.RawMessage
}

// combination is a matrix or a merge. Its generators are read when their turn comes.
type combination struct {
	Generators []json.RawMessage `json:"generators"`
	MergeKeys  []string          `json:"mergeKeys"`
	Template   json.RawMessage   `json:"template"`
}

// result is what a generator gives: parameters, and the template for them.
type result struct {
	params   []map[string]any
	template template
}

// deepest is how many combinations stand within each other; Argo CD knows no more.
const deepest = 2

// read reads a generator.
func (e *expansion) read(text json.RawMessage) (generator, error) {
	if err := e.texts.budget.spend(3 * len(text)); err != nil {
		return generator{}, err
	}
	g := generator{text: text}
	if err := json.Unmarshal(text, &g); err != nil {
		return generator{}, typed(err)
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil {
		return generator{}, err
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if !slices.Contains([]string{"list", "clusters", "git", "matrix", "merge", "selector"}, name) && string(all[name]) != "null" {
			g.foreign = append(g.foreign, name)
		}
	}
	return g, nil
}

// sources says of the kinds that Argo CD has beside ours where they look, each as the end of a sentence.
func sources() map[string]string {
	return map[string]string{
		"clusterDecisionResource": "looks at an object of the cluster",
		"oci":                     "looks into a registry",
		"plugin":                  "asks a plugin",
		"pullRequest":             "asks a Git host for its pull requests",
		"scmProvider":             "asks a Git host for its repositories",
	}
}

// transform gives what a generator generates: of each of its kinds the parameters that its selector lets through. outer are
// the parameters of the first generator in a matrix, which are filled into the second.
func (e *expansion) transform(path finding.Path, g generator, base json.RawMessage, outer map[string]any, depth int) ([]result, error) {
	if err := g.Selector.valid(anyValue); err != nil {
		return nil, fmt.Errorf("selector: %w", err)
	}
	if len(g.foreign) > 0 {
		does, known := sources()[g.foreign[0]]
		if !known {
			does = "is not a kind that is known here"
		}
		return nil, e.at(path.Keys(g.foreign[0]), unknown("what it generates cannot be told from here: %s %s", g.foreign[0], does))
	}
	filled := g
	if len(outer) > 0 {
		text, err := e.texts.json(g.text, outer)
		if err != nil {
			return nil, err
		}
		if filled, err = e.read(text); err != nil {
			return nil, err
		}
	}
	var results []result
	for _, kind := range g.kinds(depth) {
		own, err := e.types.read(kind.template)
		if err != nil {
			return nil, fmt.Errorf("%s.template: %w", kind.name, err)
		}
		set, err := e.types.read(base)
		if err != nil {
			return nil, fmt.Errorf("template: %w", err)
		}
		if own, err = own.over(set); err != nil {
			return nil, err
		}
		all, err := e.params(path.Keys(kind.name), kind.name, filled, depth)
		if err != nil {
			return nil, e.at(path.Keys(kind.name), err)
		}
		params, err := e.selected(g.Selector, all)
		if err != nil {
			return nil, err
		}
		results = append(results, result{params, own})
	}
	return results, nil
}

// selected are the parameters that a selector lets through; all where there is none.
func (e *expansion) selected(by *selector, all []map[string]any) ([]map[string]any, error) {
	if by == nil {
		return all, nil
	}
	var params []map[string]any
	for _, one := range all {
		if err := e.texts.budget.spend(size(one)); err != nil {
			return nil, err
		}
		if by.matches(flatTexts(one)) {
			params = append(params, one)
		}
	}
	return params, nil
}

// at gives findings about unknown things their path, where they have none.
func (e *expansion) at(path finding.Path, err error) error {
	found, failures := finding.Of(err)
	if len(failures) > 0 {
		return err
	}
	found = slices.Clone(found)
	for i := range found {
		if found[i].Path == "" {
			found[i].Path = path
		}
	}
	return found.Err()
}

// kind is a kind of generator that an entry has.
type kind struct {
	name     string
	template json.RawMessage
}

func (g generator) kinds(depth int) []kind {
	var all []kind
	if g.List != nil {
		all = append(all, kind{"list", g.List.Template})
	}
	if g.Clusters != nil {
		all = append(all, kind{"clusters", g.Clusters.Template})
	}
	if g.Git != nil {
		all = append(all, kind{"git", g.Git.Template})
	}
	if g.Matrix != nil && depth < deepest {
		all = append(all, kind{"matrix", g.Matrix.Template})
	}
	if g.Merge != nil && depth < deepest {
		all = append(all, kind{"merge", g.Merge.Template})
	}
	return all
}

func (e *expansion) params(path finding.Path, kind string, g generator, depth int) ([]map[string]any, error) {
	switch kind {
	case "list":
		return e.list(*g.List)
	case "clusters":
		return e.clusters(*g.Clusters)
	case "git":
		return e.git(*g.Git)
	case "matrix":
		return e.matrix(path, *g.Matrix, depth)
	default:
		return e.merge(path, *g.Merge, depth)
	}
}

// inner gives the parameters of a generator within a combination.
func (e *expansion) inner(path finding.Path, text json.RawMessage, outer map[string]any, depth int) ([]map[string]any, error) {
	g, err := e.read(text)
	if err != nil {
		return nil, err
	}
	results, err := e.transform(path, g, nil, outer, depth+1)
	if err != nil {
		return nil, err
	}
	switch len(results) {
	case 0:
		return nil, errors.New("a generator within another one has no kind that may stand there")
	case 1:
		return results[0].params, nil
	}
	return nil, errors.New("a generator within another one has several kinds: one is allowed")
}

type listGenerator struct {
	Elements     []json.RawMessage `json:"elements"`
	ElementsYaml string            `json:"elementsYaml"`
	Template     json.RawMessage   `json:"template"`
}

func (e *expansion) list(g listGenerator) ([]map[string]any, error) {
	var all []map[string]any
	for _, text := range g.Elements {
		if err := e.texts.budget.spend(3 * len(text)); err != nil {
			return nil, err
		}
		var element map[string]any
		if err := json.Unmarshal(text, &element); err != nil {
			return nil, fmt.Errorf("an element of the list: %w", err)
		}
		if !e.spec.GoTemplate {
			var err error
			if element, err = texts(element); err != nil {
				return nil, err
			}
		}
		all = append(all, element)
	}
	if g.ElementsYaml != "" {
		var more []map[string]any
		if err := e.texts.yaml(g.ElementsYaml, &more); err != nil {
			return nil, fmt.Errorf("elementsYaml: %w", err)
		}
		all = append(all, more...)
	}
	return all, nil
}

// texts are the parameters of an element for templates of the old kind, which know texts only.
func texts(element map[string]any) (map[string]any, error) {
	params := map[string]any{}
	for name, value := range element {
		nested, isMap := value.(map[string]any)
		switch {
		case name == "values" && !isMap:
			return nil, errors.New("values of an element must be a map")
		case name == "values":
			for name, value := range nested {
				text, ok := value.(string)
				if !ok {
					return nil, fmt.Errorf("values.%s of an element is not a text: without goTemplate there is nothing else", name)
				}
				params["values."+name] = text
			}
		default:
			text, ok := value.(string)
			if !ok {
				return nil, fmt.Errorf("%s of an element is not a text: without goTemplate there is nothing else", name)
			}
			params[name] = text
		}
	}
	return params, nil
}

// values fills the values of a generator from the parameters that it has given, and adds them to these.
func (e *expansion) values(values map[string]string, params map[string]any) error {
	filled := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		text, err := e.texts.replace(values[name], params)
		if err != nil {
			return fmt.Errorf("values.%s: %w", name, err)
		}
		filled[name] = text
	}
	switch {
	case len(filled) == 0:
	case e.spec.GoTemplate:
		params["values"] = filled
	default:
		for name, text := range filled {
			params["values."+name] = text
		}
	}
	return nil
}

// flat gives every value below its path, with dots between.
func flat(prefix string, value any, into map[string]any) {
	if prefix != "" {
		prefix += "."
	}
	switch value := value.(type) {
	case map[string]any:
		for name, inner := range value {
			flatten(prefix+name, inner, into)
		}
	case []any:
		for i, inner := range value {
			flatten(fmt.Sprintf("%s%d", prefix, i), inner, into)
		}
	}
}

func flatten(path string, value any, into map[string]any) {
	switch value.(type) {
	case map[string]any, []any:
		flat(path, value, into)
	default:
		into[path] = value
	}
}

func flatTexts(params map[string]any) map[string]string {
	values := map[string]any{}
	flat("", params, values)
	texts := make(map[string]string, len(values))
	for name, value := range values {
		texts[name] = fmt.Sprintf("%v", value)
	}
	return texts
}

// normalized is a text as a part of an object's name.
func normalized(text string) string {
	text = strings.Map(func(r rune) rune {
		if r == '-' || r == '.' || 'a' <= r && r <= 'z' || '0' <= r && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(text))
	return strings.Trim(text[:min(len(text), 253)], "-.")
}
