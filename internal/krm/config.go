package krm

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/internal/manifest"
	"spokewright.dev/spokewright/schema"
)

// config is a functionConfig, read.
type config struct {
	id     manifest.ID
	plane  schema.Plane
	file   string // empty where the spec stands in the functionConfig
	inline Inline
}

// read takes a functionConfig apart; what it does not know is an error.
func read(object manifest.Object) (config, error) {
	r := reader{id: manifest.Identify(object)}
	r.head(object)
	spec := r.fields(object, "spec", "environment", "environments", "file", "fleet", "plane")
	c := config{id: r.id, plane: schema.Plane(r.text(spec, "plane")), file: r.text(spec, "file")}
	c.inline = Inline{r.data(spec, "environment"), r.data(spec, "fleet"), r.data(spec, "environments")}
	if !slices.Contains(schema.Planes(), c.plane) {
		r.report("spec.plane", `found %q, allowed is "hub" or "spoke"`, c.plane)
	}
	r.source(c)
	return c, r.wrong.Err()
}

// reader reads the fields of a functionConfig and keeps the first mistake: the others may follow from it.
type reader struct {
	id    manifest.ID
	wrong finding.Findings
}

func (r *reader) report(field finding.Path, format string, args ...any) {
	r.add(finding.Finding{Path: field, Message: fmt.Sprintf(format, args...)})
}

func (r *reader) add(f finding.Finding) {
	if r.wrong == nil {
		f.Code, f.Object = finding.FunctionConfig, finding.Object{Kind: r.id.Kind, Name: r.id.Name}
		r.wrong = finding.Findings{f}
	}
}

// head reads what every object has.
func (r *reader) head(object manifest.Object) {
	if r.id.APIVersion != APIVersion {
		r.report("apiVersion", "found %q, allowed is %q", r.id.APIVersion, APIVersion)
	}
	if !slices.Contains(Kinds(), r.id.Kind) {
		r.add(finding.Finding{Path: "kind", Message: fmt.Sprintf("found %q, allowed is %s", r.id.Kind, finding.OneOf(Kinds())), Suggestion: finding.Suggest(r.id.Kind, Kinds())})
	}
	if r.id.Name == "" {
		r.report("metadata.name", "missing")
	}
	r.known(object, "", "apiVersion", "kind", "metadata", "spec")
	if object["spec"] == nil {
		r.report("spec", "missing: it names the environment (file, or environment and fleet) and the plane")
	}
}

// source reports a spec that is said twice, or by half.
func (r *reader) source(c config) {
	switch inline := c.inline; {
	case (c.file == "") == (inline.Environment == nil):
		r.report("spec", "allowed is file, or environment with fleet: one of them")
	case c.file != "" && (inline.Fleet != nil || inline.Environments != nil):
		r.report("spec", "fleet and environments stand beside environment only: a file has them beside it")
	case c.file == "" && inline.Fleet == nil:
		r.report("spec.fleet", "missing: an environment that stands here needs its fleet here too")
	}
	if _, twice := c.inline.Environments[r.id.Name]; twice {
		r.report(finding.Keys("spec", "environments", r.id.Name), "this is the environment itself, which stands under environment")
	}
}

// fields is a field that holds an object with no other fields than these.
func (r *reader) fields(object map[string]any, name string, allowed ...string) map[string]any {
	data := r.data(object, name)
	r.known(data, finding.Keys(name), allowed...)
	return data
}

func (r *reader) known(object map[string]any, at finding.Path, allowed ...string) {
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if !slices.Contains(allowed, name) {
			r.add(finding.Finding{Path: at.Keys(name), Message: "no such field", Suggestion: finding.Suggest(name, allowed), Aside: "allowed are " + strings.Join(allowed, ", ")})
		}
	}
}

// data is a field that holds an object; nil where it is missing.
func (r *reader) data(object map[string]any, name string) map[string]any {
	value, ok := object[name].(map[string]any)
	if !ok && object[name] != nil {
		r.report(below(name), "found %s, allowed is a map", finding.Show(object[name]))
	}
	return value
}

// text is a field that holds a string; empty where it is missing.
func (r *reader) text(object map[string]any, name string) string {
	value, ok := object[name].(string)
	if !ok && object[name] != nil {
		r.report(below(name), "found %s, allowed is a text", finding.Show(object[name]))
	}
	return value
}

// below is the path of a field of the spec, or of the spec itself.
func below(name string) finding.Path {
	if name == "spec" {
		return "spec"
	}
	return finding.Keys("spec", name)
}

// environment finds the environment that the functionConfig names.
func (c config) environment(source Source, dir string) (schema.Environment, error) {
	if c.file == "" {
		e, err := source.Inline(c.id.Name, c.inline)
		return e, c.inside(err)
	}
	e, err := source.File(dir, c.file)
	if errors.Is(err, ErrNoSpec) {
		r := reader{id: c.id}
		r.report("spec.file", "found %q, allowed is a file of the fleet's %s folder, such as %q", c.file, schema.Folder, "../../../"+schema.SpecFile("prod-eu"))
		return e, r.wrong.Err()
	}
	return e, err
}

// inside makes what is wrong with a spec that stands in the functionConfig a finding about the functionConfig: its place
// is the path of a field, not a file.
func (c config) inside(err error) error {
	var found finding.Findings
	if !errors.As(err, &found) {
		return err
	}
	moved := slices.Clone(found)
	for i, f := range found {
		moved[i].Path, moved[i].Position = finding.Path(f.File).Join(f.Path), finding.Position{}
		moved[i].Object = finding.Object{Kind: c.id.Kind, Name: c.id.Name}
	}
	return moved.Err()
}
