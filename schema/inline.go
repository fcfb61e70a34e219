package schema

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"cuelang.org/go/cue/cuecontext"
)

// Inline reads an environment whose spec and fleet are plain data, as in a functionConfig. others are the other
// environments of the fleet by name, which a hub lists. Messages name the field, since there is no line.
func (r *Reader) Inline(name string, environment, fleet, others map[string]any) (Environment, error) {
	var problems Problems
	f, err := r.inlineFleet(fleet, &problems)
	if err != nil {
		return Environment{}, err
	}
	all := map[string]any{name: environment}
	maps.Copy(all, others)
	var read []Environment
	for _, key := range slices.Sorted(maps.Keys(all)) {
		file := "spec.environment"
		if key != name {
			file = "spec.environments." + key
		}
		data, ok := all[key].(map[string]any)
		if !ok {
			problems = append(problems, Problem{Position{File: file}, "", found(all[key]) + ", allowed is an environment"})
			continue
		}
		user := inlineNode(file, data, nil, &problems)
		e, err := r.environmentOf(f, key, user)
		if found := (Problems)(nil); errors.As(err, &found) {
			problems = append(problems, found...)
		} else if err != nil {
			return Environment{}, err
		}
		read = append(read, e)
	}
	if err := problems.orNil(); err != nil {
		return Environment{}, err
	}
	if len(read) == 1 && read[0].Role != "hub" {
		return read[0], nil
	}
	estate, err := link(f, read)
	if err != nil {
		return Environment{}, err
	}
	return estate.Environments[name], nil
}

// inlineFleet reads a fleet of plain data. Rules are written as CUE text there: require: "spec: replicas: >=2".
func (r *Reader) inlineFleet(data map[string]any, problems *Problems) (*Fleet, error) {
	user := inlineNode("spec.fleet", data, isRequirement, problems)
	if len(*problems) > 0 {
		return nil, problems.orNil()
	}
	return r.fleetOf(user)
}

// inlineNode turns plain data into a node. Rules become CUE.
func inlineNode(file string, value any, opaque func([]string) bool, problems *Problems, path ...string) *node {
	n := &node{position: Position{File: file}}
	if opaque != nil && opaque(path) {
		text, ok := value.(string)
		if n.rule = cuecontext.New().CompileString(text); !ok || n.rule.Err() != nil {
			*problems = append(*problems, Problem{n.position, strings.Join(path, "."), found(value) + `, allowed is a text in CUE such as "spec: replicas: >=2"`})
		}
		n.fields = map[string]*node{}
		return n
	}
	switch value := value.(type) {
	case map[string]any:
		n.fields = make(map[string]*node, len(value))
		for _, name := range slices.Sorted(maps.Keys(value)) {
			n.fields[name] = inlineNode(file, value[name], opaque, problems, append(slices.Clip(path), name)...)
		}
	case []any:
		n.items = make([]*node, len(value))
		for i, item := range value {
			n.items[i] = inlineNode(file, item, opaque, problems, append(slices.Clip(path), strconv.Itoa(i))...)
		}
	case int:
		n.scalar = int64(value)
	case string:
		n.scalar = value
		if strings.Contains(value, "{{") || strings.Contains(value, "}}") {
			*problems = append(*problems, Problem{n.position, strings.Join(path, "."), templateMark(value)})
		}
	default:
		n.scalar = value
	}
	return n
}

func templateMark(s string) string {
	return fmt.Sprintf("found %q: a template mark ({{ or }}) would be read again by Argo CD's templates", s)
}
