package schema

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"cuelang.org/go/cue"
	"spokewright.dev/spokewright/internal/constraint/cueparse"
	"spokewright.dev/spokewright/internal/cuefile"
	"spokewright.dev/spokewright/internal/finding"
)

// Inline reads an environment whose spec and fleet are plain data, as in a functionConfig. others are the other
// environments of the fleet by name, which a hub lists. Messages name the field, since there is no line.
func (r *Reader) Inline(name string, environment, fleet, others map[string]any) (Environment, error) {
	f, err := r.inlineFleet(fleet)
	if err != nil {
		return Environment{}, err
	}
	var problems finding.Findings
	all := map[string]any{name: environment}
	maps.Copy(all, others)
	var read []Environment
	for _, key := range slices.Sorted(maps.Keys(all)) {
		file := "spec.environment"
		if key != name {
			file = string(finding.Keys("spec", "environments", key))
		}
		data, ok := all[key].(map[string]any)
		if !ok {
			problems = append(problems, finding.Finding{Code: finding.WrongValue, Position: finding.Position{File: file}, Message: cuefile.Found(all[key]) + ", allowed is an environment"})
			continue
		}
		var own finding.Findings
		user := inlineNode(file, data, environmentPlaces(), &own)
		e, err := r.environmentOf(f, key, user, append(own, r.checkName(key, finding.Position{File: file})...))
		if found := (finding.Findings)(nil); errors.As(err, &found) {
			problems = append(problems, found...)
		} else if err != nil {
			return Environment{}, err
		}
		read = append(read, e)
	}
	if err := problems.Err(); err != nil {
		return Environment{}, err
	}
	if len(read) == 1 && read[0].Role != "hub" {
		return read[0], nil
	}
	linked, err := link(f, read)
	if err != nil {
		return Environment{}, err
	}
	return linked.Environments[name], nil
}

// inlineFleet reads a fleet of plain data. Rules are written as CUE text there: require: "spec: replicas: >=2".
func (r *Reader) inlineFleet(data map[string]any) (*FleetConfig, error) {
	var problems finding.Findings
	user := inlineNode("spec.fleet", data, fleetPlaces(), &problems)
	return r.fleetOf(user, problems)
}

// inlineNode turns plain data into a node. Rules become CUE.
func inlineNode(file string, value any, places cuefile.Places, problems *finding.Findings, path ...string) *cuefile.Node {
	n := &cuefile.Node{Position: finding.Position{File: file}, Label: finding.Position{File: file}}
	if places.Constraint != nil && places.Constraint(path) {
		known := len(*problems)
		n.Fields = map[string]*cuefile.Node{}
		n.Rule, n.Marks = inlineRule(n.Position, value, problems, path)
		n.Incomplete = len(*problems) > known
		return n
	}
	switch value := value.(type) {
	case map[string]any:
		n.Fields = make(map[string]*cuefile.Node, len(value))
		for _, name := range slices.Sorted(maps.Keys(value)) {
			below := append(slices.Clip(path), name)
			inlineBraces(n.Position, places, name, problems, below)
			n.Fields[name] = inlineNode(file, value[name], places, problems, below...)
			n.Fields[name].Invalid = unkept(n.Position, cuefile.UnkeptName(name), problems, below) || n.Fields[name].Invalid
		}
	case []any:
		n.Items = make([]*cuefile.Node, len(value))
		for i, item := range value {
			n.Items[i] = inlineNode(file, item, places, problems, append(slices.Clip(path), strconv.Itoa(i))...)
		}
	case int:
		n.Scalar = int64(value)
	case string:
		n.Scalar = value
		inlineBraces(n.Position, places, value, problems, path)
		n.Invalid = unkept(n.Position, cuefile.Unkept(value), problems, path)
	case float64:
		n.Scalar = value
		if !cuefile.HoldsFloat(value) {
			n.Invalid = unkept(n.Position, cuefile.Found(value)+", a number that does not fit 64 bits", problems, path)
		}
	default:
		n.Scalar = value
	}
	return n
}

// inlineRule evaluates a rule that is written as a text.
func inlineRule(at finding.Position, value any, problems *finding.Findings, path []string) (cue.Value, *cueparse.Extraction) {
	text, ok := value.(string)
	if !ok {
		*problems = append(*problems, finding.Finding{Code: finding.WrongValue, Position: at, Path: finding.Tokens(path...), Message: cuefile.Found(value) + `, allowed is a text in CUE such as "spec: replicas: >=2"`})
		return cue.Value{}, nil
	}
	require, extraction, wrong := cuefile.Rule(at.File, text)
	for _, p := range wrong {
		*problems = append(*problems, finding.Finding{Code: p.Code, Position: at, Path: finding.Tokens(path...), Message: fmt.Sprintf("%s (line %d, column %d of the rule)", p.Sentence(), p.Line, p.Column)})
	}
	return require, extraction
}

func inlineBraces(at finding.Position, places cuefile.Places, text string, problems *finding.Findings, path []string) {
	if cuefile.HasTemplateMark(text) && !places.Marked(path) {
		*problems = append(*problems, finding.Finding{Code: finding.WrongValue, Position: at, Path: finding.Tokens(path...), Message: cuefile.TemplateMark(text)})
	}
}

// unkept reports what would not arrive as it is written, and says whether there is something to report.
func unkept(at finding.Position, message string, problems *finding.Findings, path []string) bool {
	if message != "" {
		*problems = append(*problems, finding.Finding{Code: finding.WrongValue, Position: at, Path: finding.Tokens(path...), Message: message})
	}
	return message != ""
}
