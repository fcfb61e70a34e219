package render

import (
	"path"
	"slices"
	"strings"

	"spokewright.dev/spokewright/internal/finding"
	"spokewright.dev/spokewright/schema"
)

// Named are the targets that a word of the command line means: ENVIRONMENT, ENVIRONMENT/PLANE, or a file or folder of an
// environment as a shell completes it, relative to the fleet's root. names are those of all environments.
func Named(names []string, word string) ([]Target, error) {
	clean := path.Clean(word)
	name, plane, one := strings.Cut(clean, "/")
	if !slices.Contains(names, name) {
		if owner, part := ofPath(clean); owner != "" {
			name, plane, one = owner, part, part != ""
		}
	}
	known := slices.Contains(names, name)
	switch {
	case clean == schema.FleetFile || clean == "fleet" && !known:
		return nil, finding.At(finding.Position{File: schema.FleetFile}, finding.CommandLine,
			"found %q, which is no environment: this file holds what all share; name environments, or nothing to mean them all", word)
	case !known && (name == "" || strings.Contains(name, ".") || slices.Contains([]string{schema.Folder, Overlays, Golden}, clean)):
		return nil, finding.Wrong(finding.CommandLine, "found %q, allowed are an environment, one of its planes, and their files: NAME, NAME/PLANE, %s/NAME.cue, %s/NAME, %s/NAME",
			word, schema.Folder, Overlays, Golden)
	case !known:
		return nil, schema.NoEnvironment(name, names)
	case one && !slices.Contains(schema.Planes(), schema.Plane(plane)):
		return nil, finding.Wrong(finding.CommandLine, "%s: found plane %q, allowed is \"hub\" or \"spoke\"", word, plane)
	case one:
		return []Target{{name, schema.Plane(plane)}}, nil
	}
	return Targets([]string{name}), nil
}

// ofPath is the environment that a path in the fleet belongs to, and the plane where it belongs to one.
func ofPath(file string) (name, plane string) {
	folder, rest, _ := strings.Cut(file, "/")
	switch folder {
	case schema.Folder:
		return schema.EnvironmentOfFile(rest), ""
	case Overlays, Golden:
		name, rest, _ = strings.Cut(rest, "/")
		plane, _, _ = strings.Cut(rest, "/")
		return name, strings.TrimSuffix(plane, ".yaml")
	}
	return "", ""
}
