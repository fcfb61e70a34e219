// Package guard looks at the final objects of a plane, after everybody's patches, and says what is gone or weakened
// of what the spec promised. It mends nothing.
package guard

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"spokewright.dev/spokewright/manifest"
	"spokewright.dev/spokewright/schema"
)

// Sentinel is the kind of an object that stands in every tree of sources and that only a render removes: no cluster
// knows it. Where kustomize skips functions (no --enable-exec), it stays, and whoever applies the result is stopped.
const Sentinel = "NotRendered"

// Finding is one thing that is wrong with the final objects.
type Finding struct {
	Object  manifest.ID
	Field   string // empty where the object as a whole is meant
	Message string
}

func (f Finding) String() string {
	text := f.Message
	if f.Field != "" {
		text = f.Field + ": " + text
	}
	if f.Object != (manifest.ID{}) {
		text = f.Object.String() + ": " + text
	}
	return text
}

// Check drops the sentinel and compares what is left with what the functions make of the spec.
func Check(e schema.Environment, plane schema.Plane, promised, items []manifest.Object) ([]manifest.Object, []Finding) {
	kept := slices.DeleteFunc(slices.Clone(items), isSentinel)
	if len(kept) == 0 {
		return nil, []Finding{{Message: "nothing is left to apply: is the generator missing from the kustomization?"}}
	}
	var findings []Finding
	final := make(map[manifest.ID]manifest.Object, len(kept))
	for _, item := range kept {
		final[manifest.Identify(item)] = item
		findings = append(findings, forbidden(item)...)
	}
	for _, want := range promised {
		id := manifest.Identify(want)
		have, there := final[id]
		if !there {
			findings = append(findings, Finding{id, "", "missing" + moved(id, kept)})
			continue
		}
		findings = append(findings, compare(id, want, have)...)
		findings = append(findings, judge(e, id, have)...)
	}
	return kept, findings
}

func isSentinel(item manifest.Object) bool {
	id := manifest.Identify(item)
	return id.Kind == Sentinel && id.Group() == "spokewright.dev"
}

// moved guesses why an object is missing: kustomize's namespace, namePrefix and nameSuffix rename without mending
// what refers to the name.
func moved(id manifest.ID, items []manifest.Object) string {
	for _, item := range items {
		other := manifest.Identify(item)
		switch {
		case other.Kind != id.Kind || other.APIVersion != id.APIVersion || other == id:
		case other.Name == id.Name && other.Namespace != id.Namespace:
			return fmt.Sprintf("; there is one in namespace %q: does a kustomization set namespace?", other.Namespace)
		case other.Name != id.Name && (strings.HasSuffix(other.Name, id.Name) || strings.HasPrefix(other.Name, id.Name)):
			return fmt.Sprintf("; there is %q: does a kustomization set namePrefix or nameSuffix?", other.Name)
		}
	}
	return ""
}

// forbidden reports what no object of a plane may hold, whoever wrote it.
func forbidden(item manifest.Object) []Finding {
	id := manifest.Identify(item)
	var findings []Finding
	if id.Group() == "spokewright.dev" {
		findings = append(findings, Finding{id, "", "a function that did not run: list it under generators or transformers"})
	}
	if id.Kind == "PolicyException" {
		findings = append(findings, Finding{id, "", "exceptions from policies do not come from an overlay"})
	}
	for _, option := range []string{"Replace=true", "Force=true"} {
		if slices.Contains(options(item), option) {
			findings = append(findings, Finding{id, syncOptions, option + " deletes and creates anew what it should update"})
		}
		if slices.Contains(words(item, "spec", "syncPolicy", "syncOptions"), option) ||
			slices.Contains(words(item, "spec", "template", "spec", "syncPolicy", "syncOptions"), option) {
			findings = append(findings, Finding{id, "syncOptions", option + " deletes and creates anew what it should update"})
		}
	}
	return findings
}

const syncOptions = "metadata.annotations[argocd.argoproj.io/sync-options]"

// options are Argo CD's sync options in the annotation of an object.
func options(item manifest.Object) []string {
	text, _ := value(item, "metadata", "annotations", "argocd.argoproj.io/sync-options").(string)
	var found []string
	for option := range strings.SplitSeq(text, ",") {
		if option = strings.TrimSpace(option); option != "" {
			found = append(found, option)
		}
	}
	return found
}

// compare reports what an object lost of what it was promised to hold.
func compare(id manifest.ID, want, have manifest.Object) []Finding {
	var findings []Finding
	for _, option := range options(want) {
		if !slices.Contains(options(have), option) {
			findings = append(findings, Finding{id, syncOptions, option + " is gone"})
		}
	}
	for _, finalizer := range words(want, "metadata", "finalizers") {
		if !slices.Contains(words(have, "metadata", "finalizers"), finalizer) {
			findings = append(findings, Finding{id, "metadata.finalizers", finalizer + " is gone"})
		}
	}
	for _, path := range fixed(id.Kind) {
		promised, found := value(want, path...), value(have, path...)
		if promised != nil && text(promised) != text(found) {
			findings = append(findings, Finding{id, strings.Join(path, "."), fmt.Sprintf("found %s, promised %s", short(found), short(promised))})
		}
	}
	if id.Kind == "ApplicationSet" {
		findings = append(findings, generators(id, want, have)...)
	}
	return findings
}

// fixed are the fields of a kind that a patch must not touch: they fence in or protect.
func fixed(kind string) [][]string {
	switch kind {
	case "ApplicationSet":
		return [][]string{
			{"spec", "goTemplate"}, {"spec", "goTemplateOptions"}, {"spec", "syncPolicy"},
			{"spec", "template", "spec", "project"}, {"spec", "template", "spec", "destination"},
		}
	case "Application":
		return [][]string{{"spec", "project"}, {"spec", "destination"}}
	case "AppProject":
		return [][]string{{"spec", "destinations"}}
	case "Usage", "ClusterUsage":
		return [][]string{{"spec", "of"}}
	case "ValidatingPolicy", "NamespacedValidatingPolicy":
		return [][]string{
			{"spec", "validationActions"}, {"spec", "failurePolicy"}, {"spec", "matchConstraints"},
			{"spec", "matchConditions"}, {"spec", "validations"},
		}
	case "ExternalSecret":
		return [][]string{{"spec", "target"}}
	}
	return [][]string{{"spec", "environment"}, {"spec", "deletion"}}
}

// generators reports a set that would look things up, or that lost an element: its Application would go.
func generators(id manifest.ID, want, have manifest.Object) []Finding {
	var findings []Finding
	names := map[string]bool{}
	list, _ := value(have, "spec", "generators").([]any)
	for i, generator := range list {
		g, _ := generator.(map[string]any)
		if _, isList := g["list"]; !isList || len(g) != 1 {
			findings = append(findings, Finding{id, fmt.Sprintf("spec.generators[%d]", i), "allowed is a list of literal elements: a lookup that fails removes what it found before"})
			continue
		}
		for _, name := range elementNames(generator) {
			names[name] = true
		}
	}
	promised, _ := value(want, "spec", "generators").([]any)
	for _, generator := range promised {
		for _, name := range elementNames(generator) {
			if !names[name] {
				findings = append(findings, Finding{id, "spec.generators", "the element of Application " + name + " is gone"})
			}
		}
	}
	return findings
}

func elementNames(generator any) []string {
	g, _ := generator.(map[string]any)
	elements, _ := value(g, "list", "elements").([]any)
	var names []string
	for _, element := range elements {
		if e, ok := element.(map[string]any); ok {
			if name, ok := e["name"].(string); ok {
				names = append(names, name)
			}
		}
	}
	return names
}

// judge reports a claim that breaks a rule of the class, whatever patch made it so.
func judge(e schema.Environment, id manifest.ID, item manifest.Object) []Finding {
	var findings []Finding
	for _, violation := range e.Judge(item) {
		if violation.Rule.Action == "deny" {
			findings = append(findings, Finding{id, violation.Field, violation.Message()})
		}
	}
	return findings
}

func value(object map[string]any, path ...string) any {
	v := object[path[0]]
	if len(path) == 1 {
		return v
	}
	inner, ok := v.(map[string]any)
	if !ok {
		return nil
	}
	return value(inner, path[1:]...)
}

func words(object map[string]any, path ...string) []string {
	list, _ := value(object, path...).([]any)
	var found []string
	for _, item := range list {
		if word, ok := item.(string); ok {
			found = append(found, word)
		}
	}
	return found
}

// text is a value as JSON, so that numbers of different Go types compare equal.
func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

func short(v any) string {
	s := text(v)
	if len(s) > 120 {
		return strings.ToValidUTF8(s[:117], "") + "..."
	}
	return s
}
