// Package chart writes the standard of a class of spokes as a Helm chart: what its spoke planes have as templates, addons as
// dependencies, and beside it the values that make of it what each environment of the class has. It runs nothing: what the templates
// come to is for Helm.
package chart

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"spokewright.dev/spokewright/functions/policies"
	"spokewright.dev/spokewright/internal/argocd"
	"spokewright.dev/spokewright/internal/constraint/cel"
	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

//go:embed all:helm
var texts embed.FS

// Standard is what is known of a class.
type Standard struct {
	Class  schema.Environment // with nothing of its own
	Base   []manifest.Object  // what every spoke has beside what its environment asks for
	Spokes []Spoke            // of the class, sorted
}

// Spoke is an environment with the objects of its spoke plane.
type Spoke struct {
	schema.Environment

	Plane []manifest.Object
}

// Chart is what is written.
type Chart struct {
	Files  map[string][]byte // by their names in the folder of the chart
	Differ finding.Findings  // warnings: what an environment has otherwise and no values can say
}

// Write gives the chart of a class. The error is Findings where it has something that no chart can have.
func Write(s Standard) (Chart, error) {
	addons := s.addons()
	if found := s.unfit(addons); len(found) > 0 {
		return Chart{}, found.Err()
	}
	files, err := static()
	if err != nil {
		return Chart{}, err
	}
	files["Chart.yaml"] = metadata(s.Class, addons)
	files["templates/_class.tpl"] = class(s.Class)
	for _, policy := range policies.Make(s.Class, schema.Spoke, nil) {
		name := "templates/policies/" + manifest.Identify(policy).Name + ".yaml"
		files[name] = append(files[name], templated(policy, s.Class)...)
	}
	for _, object := range s.Base {
		files["templates/base.yaml"] = append(files["templates/base.yaml"], whole(object)...)
	}
	standard := s.values(addons)
	files["values.yaml"] = explained(standard)
	if files["values.schema.json"], err = shape(standard); err != nil {
		return Chart{}, err
	}
	chart := Chart{Files: files}
	for _, spoke := range s.Spokes {
		head := "# What environment " + spoke.Name + " has that its class does not have.\n"
		files["values/"+spoke.Name+".yaml"] = manifest.Append([]byte(head), difference(standard, s.valuesOf(spoke, standard)))
		chart.Differ = append(chart.Differ, otherwise(spoke.Environment, addons)...)
	}
	return chart, nil
}

// static are the files that are the same in every chart.
func static() (map[string][]byte, error) {
	files := map[string][]byte{}
	err := fs.WalkDir(texts, "helm", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(texts, name)
		files[strings.TrimPrefix(name, "helm/")] = text
		return err
	})
	files[".helmignore"] = files["helmignore"]
	delete(files, "helmignore")
	return files, err
}

// addons are those of the class, and what its environments have beside them, such as those of a flavour.
func (s Standard) addons() map[string]schema.Addon {
	all := maps.Clone(s.Class.Addons)
	for _, spoke := range s.Spokes {
		for name, addon := range spoke.Addons {
			if _, known := all[name]; !known && addon.Enabled {
				all[name] = addon
			}
		}
	}
	return all
}

// unfit finds addons that a chart cannot depend on, or whose values would stand where others do.
func (s Standard) unfit(addons map[string]schema.Addon) finding.Findings {
	var found finding.Findings
	for _, name := range slices.Sorted(maps.Keys(addons)) {
		if slices.Contains(append(keys(), "global"), name) {
			found = append(found, finding.Finding{Code: finding.NameTaken, Position: s.written(name), Path: finding.Tokens("addons", name),
				Message: fmt.Sprintf("found an addon %s, whose values would stand in the chart where it has %s already: choose another name", finding.Quote(name), finding.AllOf(finding.Quoted(append(keys(), "global"))))})
		}
		if address := addons[name].Repository; !strings.HasPrefix(address, "https://") && !strings.HasPrefix(address, "oci://") {
			found = append(found, finding.Finding{Code: finding.Unsupported, Position: s.written(name, "repository"), Path: finding.Tokens("addons", name, "repository"),
				Message: fmt.Sprintf("found %s, allowed in a chart is an address that begins with https:// or oci://: Helm fetches its dependencies from there", finding.Quote(address))})
		}
	}
	return found
}

// written is where an addon is: with the class, or else with the first environment that has it.
func (s Standard) written(name string, field ...string) finding.Position {
	if _, known := s.Class.Addons[name]; known {
		return s.Class.Written(append([]string{"addons", name}, field...)...)
	}
	at := slices.IndexFunc(s.Spokes, func(spoke Spoke) bool { return spoke.Addons[name].Enabled })
	return s.Spokes[at].Written(append([]string{"addons", name}, field...)...)
}

// otherwise finds addons of an environment that come from another chart, or in another version, than the chart depends on.
func otherwise(e schema.Environment, addons map[string]schema.Addon) finding.Findings {
	var found finding.Findings
	for _, name := range slices.Sorted(maps.Keys(e.Addons)) {
		own, chart := e.Addons[name], addons[name]
		if !own.Enabled {
			continue
		}
		for _, field := range [][3]string{{"repository", own.Repository, chart.Repository}, {"chart", own.Chart, chart.Chart}, {"version", own.Version, chart.Version}} {
			if field[1] != field[2] {
				found = append(found, finding.Finding{Severity: finding.Warning, Code: finding.Unsupported, Position: e.Written("addons", name, field[0]), Path: finding.Tokens("addons", name, field[0]),
					Message: fmt.Sprintf("found %s, and the chart depends on %s, which no values change: environment %s would get that", finding.Quote(field[1]), finding.Quote(field[2]), finding.Quote(e.Name))})
			}
		}
	}
	return found
}

// metadata is Chart.yaml. A version is for who packages it.
func metadata(class schema.Environment, addons map[string]schema.Addon) []byte {
	var dependencies []any
	for _, name := range slices.Sorted(maps.Keys(addons)) {
		addon := addons[name]
		dependencies = append(dependencies, map[string]any{"name": addon.Chart, "version": addon.Version, "repository": addon.Repository, "alias": name, "condition": "addons." + name + ".enabled"})
	}
	chart := map[string]any{
		"apiVersion": "v2", "type": "application", "name": class.Fleet.Name + "-" + class.Class.Name, "version": "0.0.0",
		"description": "what every spoke of class " + class.Class.Name + " has: " + class.Class.Description,
	}
	if dependencies != nil {
		chart["dependencies"] = dependencies
	}
	return manifest.Append(nil, chart)
}

// class are the helpers that say of the class what templates ask.
func class(e schema.Environment) []byte {
	said := map[string]string{
		"class": e.Class.Name, "level": e.Class.PodSecurity, "protected": "", "clock": "",
		"waves.addons": strconv.Itoa(argocd.WaveNamespace), "waves.apps": strconv.Itoa(argocd.WaveAppNamespace), "waves.objects": strconv.Itoa(argocd.WaveAddonObjects),
		"waves.store": strconv.Itoa(argocd.WaveSecretStore), "waves.secrets": strconv.Itoa(argocd.WaveSecrets),
	}
	if e.Class.Protected {
		said["protected"] = "true"
	}
	if !e.Fleet.Targets.Kyverno.Before("1.17") { // with which policies know the time
		said["clock"] = "true"
	}
	var text []byte
	for _, name := range slices.Sorted(maps.Keys(said)) {
		text = fmt.Appendf(text, "{{- define \"spoke.%s\" -}}%s{{- end -}}\n", name, said[name])
	}
	return text
}

// templated is a policy of the class, with what the environment says of it: its labels, its waivers and the platform's namespaces.
func templated(policy manifest.Object, e schema.Environment) []byte {
	id, rule := manifest.Identify(policy), manifest.TextAt(policy, "metadata", "annotations", "policies.kyverno.io/title")
	wave, annotations := placing(policy)
	spec := maps.Clone(policy["spec"].(map[string]any))
	delete(spec, "matchConditions")

	text := head(id.Kind+"/"+id.Name, true)
	text = append(text, manifest.Append(nil, map[string]any{"apiVersion": id.APIVersion, "kind": id.Kind})...)
	text = fmt.Appendf(text, "metadata:\n  name: %s\n  labels: {{- include \"spoke.labels\" . | nindent 4 }}\n  annotations:\n    {{- include \"spoke.sync\" (list . %q true) | nindent 4 }}\n", id.Name, wave)
	waived := ""
	if _, is := e.Class.Rules[rule]; is {
		text = fmt.Appendf(text, "    {{- include \"spoke.waived\" (list . %q) | nindent 4 }}\n", rule)
		waived = fmt.Sprintf("  {{- include \"spoke.waivers\" (list . %q) | nindent 2 }}\n", rule)
	}
	text = append(text, indented(literal(manifest.Append(nil, annotations)), 4)...)
	text = append(text, literal(manifest.Append(nil, map[string]any{"spec": spec}))...)
	text = append(text, conditions(policy, e)...)
	return append(append(text, waived...), "{{- end }}\n"...)
}

// placing takes from a policy when Argo CD applies it; all policies are of kinds that an addon brings.
func placing(policy manifest.Object) (wave string, others map[string]any) {
	said, _ := manifest.MapAt(policy, "metadata", "annotations")
	others = maps.Clone(said)
	for _, name := range []string{"argocd.argoproj.io/sync-wave", "argocd.argoproj.io/sync-options"} {
		delete(others, name)
	}
	return manifest.TextAt(said, "argocd.argoproj.io/sync-wave"), others
}

// conditions are those of a policy, with the platform's namespaces as the environment has them.
func conditions(policy manifest.Object, e schema.Environment) []byte {
	const elsewhere = "elsewhere"
	all := slices.Clone(manifest.ListAt(policy, "spec", "matchConditions"))
	said := ""
	for i, condition := range manifest.MapsAt(policy, "spec", "matchConditions") {
		if condition["name"] == "not-the-platform" {
			said = manifest.TextAt(condition, "expression")
			all[i] = map[string]any{"name": condition["name"], "expression": elsewhere}
		}
	}
	var names []any
	for _, name := range policies.Platform(e) {
		names = append(names, name)
	}
	before, after, _ := strings.Cut(said, cel.Texts(names))
	listed := string(indented(literal(manifest.Append(nil, map[string]any{"matchConditions": all})), 2))
	of := fmt.Sprintf("expression: {{ print %q (include \"spoke.platform\" .) %q | toJson }}\n", before, after)
	return []byte(strings.Replace(listed, "expression: "+elsewhere+"\n", of, 1))
}

// whole is an object as it is.
func whole(object manifest.Object) []byte {
	text := head(identity(object), false)
	return append(append(text, literal(manifest.Append(nil, object))...), "{{- end }}\n"...)
}

// head begins a document that is made unless the environment says otherwise; of an addon's kind, once there is one.
func head(id string, foreign bool) []byte {
	makes := fmt.Sprintf("include \"spoke.makes\" (list . %q)", id)
	if foreign {
		makes = "and .Values.kinds (" + makes + ")"
	}
	return []byte("{{- if " + makes + " }}\n---\n")
}

// identity is how values call an object.
func identity(object manifest.Object) string {
	id := manifest.Identify(object)
	return path.Join(id.Kind, id.Namespace, id.Name)
}

// literal is a text that Helm gives out as it is.
func literal(text []byte) []byte {
	return bytes.ReplaceAll(text, []byte("{{"), []byte(`{{ "{{" }}`))
}

func indented(text []byte, by int) []byte {
	var all []byte
	for line := range bytes.Lines(text) {
		if len(line) > 1 {
			all = append(all, strings.Repeat(" ", by)...)
		}
		all = append(all, line...)
	}
	return all
}

// shape is a JSON Schema of values: what is misspelt is told, and not passed over.
func shape(standard map[string]any) ([]byte, error) {
	properties := map[string]any{}
	for name, value := range standard {
		properties[name] = map[string]any{"type": kind(value)}
	}
	properties["global"] = map[string]any{"type": "object"}
	closed := func(required []string, fields map[string]any) map[string]any {
		return map[string]any{"type": "object", "additionalProperties": false, "required": required, "properties": fields}
	}
	text, object, list := map[string]any{"type": "string"}, map[string]any{"type": "object"}, map[string]any{"type": "array"}
	each := func(of map[string]any) map[string]any {
		return map[string]any{"type": "object", "additionalProperties": of}
	}
	properties["namespaces"] = each(closed([]string{}, map[string]any{"labels": object}))
	properties["waivers"] = each(closed([]string{"rule", "until", "reason"}, map[string]any{"rule": text, "until": text, "reason": text, "name": text, "namespace": text}))
	properties["addons"] = each(closed([]string{"enabled", "namespace"}, map[string]any{"enabled": map[string]any{"type": "boolean"}, "namespace": text, "objects": object}))
	properties["credentials"] = closed([]string{}, map[string]any{"store": object, "account": object, "read": list})
	schema := closed([]string{}, properties)
	schema["$schema"] = "http://json-schema.org/draft-07/schema#"
	written, err := json.MarshalIndent(schema, "", "  ")
	return append(written, '\n'), err
}

func kind(value any) string {
	switch value.(type) {
	case bool:
		return "boolean"
	case string:
		return "string"
	case []any:
		return "array"
	}
	return "object"
}
