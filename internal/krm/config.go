package krm

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/cuefile"
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

// Invalid is a functionConfig that is wrong.
type Invalid struct {
	Config manifest.ID
	Field  string
	Reason string
}

func (i *Invalid) Error() string {
	return fmt.Sprintf("functionConfig %s %s: %s: %s", i.Config.Kind, i.Config.Name, i.Field, i.Reason)
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
	if r.invalid != nil {
		return config{}, r.invalid
	}
	return c, nil
}

// reader reads the fields of a functionConfig and keeps the first mistake.
type reader struct {
	id      manifest.ID
	invalid *Invalid
}

func (r *reader) report(field, format string, args ...any) {
	if r.invalid == nil {
		r.invalid = &Invalid{r.id, field, fmt.Sprintf(format, args...)}
	}
}

// head reads what every object has.
func (r *reader) head(object manifest.Object) {
	if r.id.APIVersion != APIVersion {
		r.report("apiVersion", "found %q, allowed is %q", r.id.APIVersion, APIVersion)
	}
	if !slices.Contains(Kinds(), r.id.Kind) {
		r.report("kind", "found %q, allowed is %s%s", r.id.Kind, strings.Join(Kinds(), ", "), cuefile.DidYouMean(r.id.Kind, Kinds()))
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
		r.report("spec.environments."+r.id.Name, "this is the environment itself, which stands under environment")
	}
}

// fields is a field that holds an object with no other fields than these.
func (r *reader) fields(object map[string]any, name string, allowed ...string) map[string]any {
	data := r.data(object, name)
	r.known(data, name+".", allowed...)
	return data
}

func (r *reader) known(object map[string]any, prefix string, allowed ...string) {
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if !slices.Contains(allowed, name) {
			r.report(prefix+name, "no such field%s (allowed are %s)", cuefile.DidYouMean(name, allowed), strings.Join(allowed, ", "))
		}
	}
}

// data is a field that holds an object; nil where it is missing.
func (r *reader) data(object map[string]any, name string) map[string]any {
	value, ok := object[name].(map[string]any)
	if !ok && object[name] != nil {
		r.report(place(name), "found %v, allowed is an object", object[name])
	}
	return value
}

// text is a field that holds a string; empty where it is missing.
func (r *reader) text(object map[string]any, name string) string {
	value, ok := object[name].(string)
	if !ok && object[name] != nil {
		r.report(place(name), "found %v, allowed is a text", object[name])
	}
	return value
}

func place(name string) string {
	if name == "spec" {
		return name
	}
	return "spec." + name
}

// environment finds the environment that the functionConfig names.
func (c config) environment(source Source, dir string) (schema.Environment, error) {
	if c.file == "" {
		return source.Inline(c.id.Name, c.inline)
	}
	e, err := source.File(dir, c.file)
	if errors.Is(err, ErrNoSpec) {
		return e, &Invalid{c.id, "spec.file", fmt.Sprintf("found %q, allowed is a file of the fleet's %s folder, such as %q",
			c.file, schema.Folder, "../../../"+schema.SpecFile("prod-eu"))}
	}
	return e, err
}
