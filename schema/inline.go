package schema

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"cuelang.org/go/cue"

	"spokewright.dev/spokewright/constraint"
)

// Inline reads an environment whose spec and fleet are plain data, as in a functionConfig. others are the other
// environments of the fleet by name, which a hub lists. Messages name the field, since there is no line.
func (r *Reader) Inline(name string, environment, fleet, others map[string]any) (Environment, error) {
	f, err := r.inlineFleet(fleet)
	if err != nil {
		return Environment{}, err
	}
	var problems Problems
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
		var own Problems
		user := inlineNode(file, data, nil, &own)
		e, err := r.environmentOf(f, key, user, append(own, checkName(key, Position{File: file})...))
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
func (r *Reader) inlineFleet(data map[string]any) (*Fleet, error) {
	var problems Problems
	user := inlineNode("spec.fleet", data, isRequirement, &problems)
	return r.fleetOf(user, problems)
}

// inlineNode turns plain data into a node. Rules become CUE.
func inlineNode(file string, value any, opaque func([]string) bool, problems *Problems, path ...string) *node {
	n := &node{position: Position{File: file}, label: Position{File: file}}
	if opaque != nil && opaque(path) {
		known := len(*problems)
		n.fields = map[string]*node{}
		n.rule, n.marks = inlineRule(n.position, value, problems, path)
		n.partial = len(*problems) > known
		return n
	}
	switch value := value.(type) {
	case map[string]any:
		n.fields = make(map[string]*node, len(value))
		for _, name := range slices.Sorted(maps.Keys(value)) {
			inlineBraces(n.position, name, problems, append(slices.Clip(path), name))
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
		inlineBraces(n.position, value, problems, path)
	default:
		n.scalar = value
	}
	return n
}

// inlineRule evaluates a rule that is written as a text.
func inlineRule(at Position, value any, problems *Problems, path []string) (cue.Value, *constraint.Marks) {
	text, ok := value.(string)
	if !ok {
		*problems = append(*problems, Problem{at, dotted(path...), found(value) + `, allowed is a text in CUE such as "spec: replicas: >=2"`})
		return cue.Value{}, nil
	}
	e, wrong := evaluate(source{at.File, []byte(text)}, true)
	if e == nil {
		e = &evaluated{}
	}
	for _, p := range append(wrong, untold(e.flaws)...) {
		*problems = append(*problems, Problem{at, dotted(path...), fmt.Sprintf("%s (line %d, column %d of the rule)", p.Message, p.Line, p.Column)})
	}
	return e.value, e.marks
}

func inlineBraces(at Position, text string, problems *Problems, path []string) {
	if strings.Contains(text, "{{") || strings.Contains(text, "}}") {
		*problems = append(*problems, Problem{at, dotted(path...), templateMark(text)})
	}
}

func templateMark(text string) string {
	return fmt.Sprintf("found %s, allowed is a text without {{ and }}: Argo CD's templates would read them", quoted(text))
}
