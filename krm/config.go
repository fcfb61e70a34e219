package krm

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"spokewright.dev/spokewright/manifest"
	"spokewright.dev/spokewright/schema"
)

// config is a functionConfig, read.
type config struct {
	kind, name string
	plane      schema.Plane
	file       string
	inline     Inline
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
	id := manifest.Identify(object)
	c := config{kind: id.Kind, name: id.Name}
	invalid := func(field, format string, args ...any) (config, error) {
		return config{}, &Invalid{id, field, fmt.Sprintf(format, args...)}
	}
	if id.APIVersion != APIVersion {
		return invalid("apiVersion", "found %q, allowed is %q", id.APIVersion, APIVersion)
	}
	if !slices.Contains(Kinds(), id.Kind) {
		return invalid("kind", "found %q, allowed is %s%s", id.Kind, strings.Join(Kinds(), ", "), schema.DidYouMean(id.Kind, Kinds()))
	}
	spec, ok := object["spec"].(map[string]any)
	if !ok {
		return invalid("spec", "missing: it names the environment (file, or environment and fleet) and the plane")
	}
	fields := []string{"environment", "environments", "file", "fleet", "plane"}
	for _, name := range slices.Sorted(maps.Keys(spec)) {
		if !slices.Contains(fields, name) {
			return invalid("spec."+name, "no such field%s (allowed are %s)", schema.DidYouMean(name, fields), strings.Join(fields, ", "))
		}
	}
	plane, _ := spec["plane"].(string)
	if c.plane = schema.Plane(plane); !slices.Contains(schema.Planes(), c.plane) {
		return invalid("spec.plane", `found %q, allowed is "hub" or "spoke"`, plane)
	}
	c.file, _ = spec["file"].(string)
	c.inline.Environment, _ = spec["environment"].(map[string]any)
	c.inline.Fleet, _ = spec["fleet"].(map[string]any)
	c.inline.Environments, _ = spec["environments"].(map[string]any)
	if (c.file == "") == (c.inline.Environment == nil) {
		return invalid("spec", "allowed is file, or environment with fleet: one of them")
	}
	if c.inline.Environment != nil && c.inline.Fleet == nil {
		return invalid("spec.fleet", "missing: an environment that stands here needs its fleet here too")
	}
	return c, nil
}

func (c config) environment(source Source, dir string) (schema.Environment, error) {
	if c.file != "" {
		return source.File(dir, c.file)
	}
	return source.Inline(c.name, c.inline)
}
